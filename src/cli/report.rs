//! `fovea report check FILE` and `fovea report export FILE -o OUT`: a written report held against its evidence, and laid
//! out again. FILE is a `report.json`; `findings.json` and `key_images/` are looked for beside it.

use crate::findings::Finding;
use crate::report::{self, KeyImage, ReportContext, SavedReport};
use anyhow::{Context as _, Result, bail};
use std::io::Write as _;
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
    /// Lay the report out again: .html, .pdf, .txt, .csv, .fhir.json or .json, by the ending of OUT
    Export {
        /// report.json
        file: PathBuf,
        /// Where to write
        #[arg(short, long)]
        output: PathBuf,
    },
}

/// Does it; the number is the exit code (0 done, 1 problems that block signing).
pub fn run(command: &ReportCommand) -> Result<u8> {
    match command {
        ReportCommand::Check { file, json } => check(file, *json),
        ReportCommand::Export { file, output } => export(file, output).map(|()| 0),
    }
}

fn check(file: &Path, json: bool) -> Result<u8> {
    let (saved, findings) = read(file)?;
    let problems = report::check(&saved.report, &findings, &saved.study);
    let blocks = problems.iter().any(|p| p.kind.blocks_signing());
    let mut out = std::io::stdout().lock();
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
    Ok(u8::from(blocks))
}

fn export(file: &Path, output: &Path) -> Result<()> {
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
        report::pdf(&saved.report, &ctx)?
    } else if ending(".txt") {
        report::plain_text(&saved.report, &ctx).into_bytes()
    } else if ending(".csv") {
        report::measurements_csv(&ctx).into_bytes()
    } else if ending(".fhir.json") {
        format!("{:#}\n", report::fhir(&saved.report, &ctx)).into_bytes()
    } else if ending(".json") {
        format!("{:#}\n", report::report_json(&saved.report, &ctx)).into_bytes()
    } else {
        bail!("{}: the ending names no layout; use .html, .pdf, .txt, .csv, .fhir.json or .json", output.display());
    };
    write_whole(output, &bytes)
}

/// The report and the findings beside it.
fn read(file: &Path) -> Result<(SavedReport, Vec<Finding>)> {
    let saved = report::from_json(&text_of(file)?).with_context(|| file.display().to_string())?;
    let beside = file.with_file_name("findings.json");
    let findings = report::findings_from_json(&text_of(&beside)?).with_context(|| beside.display().to_string())?;
    Ok((saved, findings))
}

fn text_of(file: &Path) -> Result<String> {
    String::from_utf8(bytes_of(file)?).with_context(|| format!("{}: the file is no text", file.display()))
}

fn bytes_of(file: &Path) -> Result<Vec<u8>> {
    let size = std::fs::metadata(file).with_context(|| format!("{}: cannot be read", file.display()))?.len();
    if size > LARGEST_FILE_BYTES {
        bail!("{}: {size} bytes are more than a report holds", file.display());
    }
    std::fs::read(file).with_context(|| format!("{}: cannot be read", file.display()))
}

/// The pictures beside the report, in the order of their names. A name that begins with a finding's identity and "-", "_"
/// or "." belongs to that finding.
fn key_images(file: &Path, saved: &SavedReport) -> Result<Vec<KeyImage>> {
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
fn write_whole(output: &Path, bytes: &[u8]) -> Result<()> {
    let folder = output.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let cannot = || format!("{}: cannot be written; choose a folder that can be written to", output.display());
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(cannot)?;
    file.write_all(bytes).with_context(cannot)?;
    file.as_file().sync_all().with_context(cannot)?;
    file.persist(output).with_context(cannot)?;
    Ok(())
}
