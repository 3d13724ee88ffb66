//! The command line: the same library without a window.
//!
//! Results go to stdout, progress and messages to stderr. Exit codes: 0 done; 1 the work failed (one line says what, where
//! and what to do); 2 wrong usage; 3 refused as unsafe, for example because the geometry would be a guess.

use clap::{CommandFactory, Parser, Subcommand};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

pub mod anonymize;
pub mod convert;
mod demo;
pub mod info;
pub mod measure;
mod models;
mod phantom;
pub mod probe;
mod progress;
mod read;
pub mod register;
pub mod render;
pub mod report;
mod segment;
mod series;
pub mod tags;

pub use progress::shown_on_stderr;
pub use series::{choose_series, open_catalog, open_series};

/// Why a command gave no result: each kind has its exit code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Exit code 1: the work failed; what, where, and what to do.
    #[error("{0}")]
    Failed(String),
    /// Exit code 2: the command does not make sense as given.
    #[error("{0}")]
    Usage(String),
    /// Exit code 3: doing it would mean guessing a place, a side, a size or an identity.
    #[error("{0}")]
    Refused(String),
}

impl Failure {
    /// The work failed.
    pub fn failed(problem: impl std::fmt::Display) -> Self {
        Self::Failed(problem.to_string())
    }

    fn exit_code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Refused(_) => 3,
        }
    }
}

impl From<std::io::Error> for Failure {
    /// Only writing results to stdout fails this way.
    fn from(problem: std::io::Error) -> Self {
        Self::Failed(format!("the result could not be written: {problem}"))
    }
}

#[derive(Parser)]
#[command(
    name = "fovea",
    version,
    about = "A desktop reading room for radiology. Not for clinical use.",
    args_conflicts_with_subcommands = true,
    after_help = "Without a command, the window opens with PATH: a study, a folder or a file.\n\
                  Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused as unsafe."
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// What to open in the window.
    paths: Vec<PathBuf>,
}

#[derive(Subcommand)]
#[allow(clippy::large_enum_variant, reason = "there is one, for the length of the program")]
enum Command {
    /// The demonstration study, in the window or headless.
    Demo(demo::Args),
    /// Studies, series, geometry, transfer syntaxes, warnings, bad files.
    Info(info::Args),
    /// One picture, or the values of a plane.
    Render(render::Args),
    /// Values at patient points.
    Probe(probe::Args),
    /// Series to NIfTI, NRRD, MetaImage, PNG or DICOM; masks from one form to another.
    Convert(convert::Args),
    /// One model on one series: masks as DICOM SEG or label NIfTI.
    Segment(segment::Args),
    /// Volumes, diameters and values of masks.
    Measure(measure::Args),
    /// The whole job: load, segment, detect, measure, draft, export.
    Read(read::Args),
    /// List, import, verify and remove models.
    Models(models::Args),
    /// Hold a written report against its evidence, or lay it out again.
    Report(report::Args),
    /// Write the procedural study, with its label maps.
    Phantom(phantom::Args),
    /// The rigid map from one volume to another: a prior or another modality onto the current one.
    Register(register::Args),
    /// The data elements of a file, searched, or compared with another's.
    Tags(tags::Args),
    /// De-identified copies of DICOM files.
    Anonymize(anonymize::Args),
}

/// What `main` is to do.
pub enum Outcome {
    /// Open the window.
    Window {
        /// With these open.
        paths: Vec<PathBuf>,
        /// With the demonstration study open.
        demo: bool,
    },
    /// The command has run.
    Done(ExitCode),
}

/// Reads the arguments and runs the command they name, if any.
pub fn main() -> Outcome {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(problem) => {
            // Help and version are no errors: clap knows, and prints each where it belongs.
            let _ = problem.print();
            return Outcome::Done(ExitCode::from(u8::from(problem.use_stderr()) * 2));
        }
    };
    let outcome = match cli.command {
        None => return Outcome::Window { paths: cli.paths, demo: false },
        Some(Command::Demo(args)) if args.headless.is_none() => {
            return Outcome::Window { paths: Vec::new(), demo: true };
        }
        Some(command) => caught(command),
    };
    Outcome::Done(match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&failure);
            ExitCode::from(failure.exit_code())
        }
    })
}

/// A text of a file without line ends and control characters, which on a terminal could hide what stands before them.
fn on_one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Says one thing on stderr.
fn complain(message: &dyn std::fmt::Display) {
    let mut stderr = std::io::stderr().lock();
    let mark = if stderr.is_terminal() { "\u{1b}[1mfovea:\u{1b}[0m" } else { "fovea:" };
    // Nobody is left to tell when stderr is closed.
    let _ = writeln!(stderr, "{mark} {message}");
}

/// A defect of ours ends the command with a sentence, not with a backtrace.
fn caught(command: Command) -> Result<(), Failure> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(command))).unwrap_or_else(|panic| {
        let what = crate::jobs::panic_text(&*panic);
        Err(Failure::Failed(format!("stopped because of a defect in the program ({what}); please report it")))
    })
}

fn run(command: Command) -> Result<(), Failure> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    match command {
        Command::Demo(args) => demo::run(&args, &mut out),
        Command::Info(args) => info::run(&args, &mut out),
        Command::Convert(args) => convert::run(&args, &mut out),
        Command::Measure(args) => measure::run(&args, &mut out),
        Command::Read(args) => read::run(&args, &mut out),
        Command::Segment(args) => segment::run(&args, &mut out),
        Command::Models(args) => models::run(&args, &mut out),
        Command::Report(args) => report::run(&args, &mut out),
        Command::Phantom(args) => phantom::run(&args, &mut out),
        Command::Register(args) => register::run(&args, &mut out),
        Command::Tags(args) => tags::run(&args, &mut out),
        Command::Anonymize(args) => anonymize::run(&args, &mut out),
        Command::Render(args) => render::run(&args, &mut out),
        Command::Probe(args) => probe::run(&args, &mut out),
    }?;
    out.flush()?;
    Ok(())
}

/// A message for people, on stderr.
pub fn say(message: &str) {
    // Nobody is left to hear that stderr is closed.
    let _ = writeln!(std::io::stderr(), "{message}");
}

/// `N` finite numbers separated by commas, as clap value parser.
pub fn numbers<const N: usize>(text: &str) -> Result<[f64; N], String> {
    let parsed: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse::<f64>()).collect();
    let parsed = parsed.map_err(|_| format!("\"{text}\" is not {N} numbers separated by commas"))?;
    let found = parsed.len();
    let numbers: [f64; N] = parsed.try_into().map_err(|_| format!("expected {N} numbers, found {found}"))?;
    if numbers.iter().all(|n| n.is_finite()) { Ok(numbers) } else { Err("the numbers must be finite".into()) }
}

/// The command as clap sees it: for a test that its definition is sound.
pub fn definition() -> clap::Command {
    Cli::command()
}
