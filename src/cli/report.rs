//! `fovea report check FILE` and `fovea report export FILE -o OUT`: a written report held against its evidence, and laid
//! out again. FILE is a `report.json`; `findings.json` and `key_images/` are looked for beside it. `fovea report show FILE`
//! prints a DICOM structured report.

mod show;

use super::Failure;
use crate::findings::Finding;
use crate::report::{self, KeyImage, ReportContext, SavedReport};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Largest JSON file that is read, and largest picture.
const LARGEST_FILE_BYTES: u64 = 256 << 20;
/// Most key images that are taken into a layout.
const MOST_KEY_IMAGES: usize = 500;

/// What to do with a written report.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum ReportCommand {
    /// Hold the sentences against the findings: sides, numbers, evidence, forbidden words, gaps
    Check {
        /// report.json
        file: PathBuf,
        /// Print the problems as JSON
        #[arg(long)]
        json: bool,
    },
    /// A DICOM structured report of any template as a tree, with its measurement groups
    Show(show::Args),
    /// Lay the report out again: .html, .pdf, .txt, .csv, .fhir.json or .json, by the ending of OUT
    Export {
        /// report.json
        file: PathBuf,
        /// Where to write
        #[arg(short, long)]
        output: PathBuf,
    },
}

/// A written report.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// What to do with it.
    #[command(subcommand)]
    pub command: ReportCommand,
}

/// Runs the command; problems go to `out`. Problems that block signing are a failure (exit code 1).
pub fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    match &args.command {
        ReportCommand::Check { file, json } => check(file, *json, out),
        ReportCommand::Export { file, output } => export(file, output),
        ReportCommand::Show(args) => show::run(args, out),
    }
}

fn check(file: &Path, json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let (saved, findings) = read(file)?;
    let problems = report::check(&saved.report, &findings, &saved.study);
    let blocking = problems.iter().filter(|p| p.kind.blocks_signing()).count();
    if json {
        let list: Vec<_> = problems
            .iter()
            .map(|p| {
                serde_json::json!({
                    "kind": p.kind.key(),
                    "blocks_signing": p.kind.blocks_signing(),
                    "sentence": p.sentence.map(|id| id.0),
                    "text": p.text,
                })
            })
            .collect();
        writeln!(out, "{:#}", serde_json::json!({ "problems": list }))?;
    } else {
        for problem in &problems {
            let weight = if problem.kind.blocks_signing() { "blocks signing" } else { "look at" };
            writeln!(out, "{weight}: {}", problem.text)?;
        }
        if problems.is_empty() {
            writeln!(out, "The report holds against its evidence.")?;
        }
    }
    out.flush()?;
    if blocking == 0 {
        return Ok(());
    }
    let noun = if blocking == 1 { "problem blocks" } else { "problems block" };
    Err(Failure::failed(format!("{}: {blocking} {noun} signing; resolve what is listed", file.display())))
}

fn export(file: &Path, output: &Path) -> Result<(), Failure> {
    let (saved, findings) = read(file)?;
    let key_images = key_images(file, &saved)?;
    let generated = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let ctx = ReportContext {
        study: &saved.study,
        series: &saved.series,
        findings: &findings,
        model_notices: &saved.model_notices,
        generated: &generated,
        program_version: env!("CARGO_PKG_VERSION"),
        omitted: &saved.omitted,
        key_images: &key_images,
        phantom: saved.phantom,
    };
    let name = output.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    let ending = |end: &str| name.ends_with(end);
    let bytes = if ending(".html") || ending(".htm") {
        report::html(&saved.report, &ctx).into_bytes()
    } else if ending(".pdf") {
        report::pdf(&saved.report, &ctx).map_err(Failure::failed)?
    } else if ending(".txt") {
        report::plain_text(&saved.report, &ctx).into_bytes()
    } else if ending(".csv") {
        report::measurements_csv(&ctx).into_bytes()
    } else if ending(".fhir.json") {
        format!("{:#}\n", report::fhir(&saved.report, &ctx)).into_bytes()
    } else if ending(".json") {
        format!("{:#}\n", report::report_json(&saved.report, &ctx)).into_bytes()
    } else {
        let problem = "the ending names no layout; use .html, .pdf, .txt, .csv, .fhir.json or .json";
        return Err(Failure::Usage(format!("{}: {problem}", output.display())));
    };
    write_whole(output, &bytes)
}

/// The report and the findings beside it.
fn read(file: &Path) -> Result<(SavedReport, Vec<Finding>), Failure> {
    let saved = report::from_json(&text_of(file)?).map_err(|problem| about(file, problem))?;
    let beside = file.with_file_name("findings.json");
    let findings = report::findings_from_json(&text_of(&beside)?).map_err(|problem| about(&beside, problem))?;
    Ok((saved, findings))
}

fn about(file: &Path, problem: impl std::fmt::Display) -> Failure {
    Failure::failed(format!("{}: {problem}", file.display()))
}

fn text_of(file: &Path) -> Result<String, Failure> {
    String::from_utf8(bytes_of(file)?).map_err(|_| about(file, "the file is no text; name a report.json"))
}

fn bytes_of(file: &Path) -> Result<Vec<u8>, Failure> {
    let size = std::fs::metadata(file).map_err(|problem| about(file, problem))?.len();
    if size > LARGEST_FILE_BYTES {
        return Err(about(file, format!("{size} bytes are more than a report holds; name a report.json")));
    }
    std::fs::read(file).map_err(|problem| about(file, problem))
}

/// The pictures beside the report, in the order of their names. A name that begins with a finding's identity and "-", "_"
/// or "." belongs to that finding.
fn key_images(file: &Path, saved: &SavedReport) -> Result<Vec<KeyImage>, Failure> {
    let folder = file.with_file_name("key_images");
    let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(Vec::new()) };
    let mut paths: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e.eq_ignore_ascii_case("png")));
    paths.sort();
    paths.truncate(MOST_KEY_IMAGES);
    let ids: Vec<_> = saved.report.sentences().flat_map(|s| s.evidence.iter().cloned()).collect();
    paths
        .iter()
        .map(|path| {
            let caption = path.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let finding = ids
                .iter()
                .find(|id| {
                    caption.strip_prefix(&id.0).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_', '.']))
                })
                .cloned();
            Ok(KeyImage { finding, caption, png: bytes_of(path)? })
        })
        .collect()
}

/// The whole file or nothing: written beside its place, then moved there.
fn write_whole(output: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = output.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = || -> std::io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(output)?;
        Ok(())
    };
    written().map_err(|problem| about(output, format!("cannot be written ({problem}); choose another folder")))
}
