//! `fovea anonymize PATH -o DIR`: de-identified copies by PS3.15 annex E.
//!
//! The keys of the JSON stay stable; keys are only ever added.

use super::{Failure, say, shown_on_stderr};
use crate::io::anonymize::{
    AnonymizeError, Counts, Dates, LeftOut, ProfileOptions, Request, Summary, Written, anonymize,
};
use crate::jobs::Cancel;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;

/// What the command takes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Basic Application Level Confidentiality Profile of DICOM PS3.15 2024e (table E.1-1), in items of sequences too; beyond it,
unknown attributes, overlays and curves are removed, and so is every text that holds the patient's name, ID, birth date or
accession number. UIDs, IDs and date shifts are made from a random key, consistently for all files of a run; --key TEXT
makes them the same in another run (keep it secret). Pixels are copied unchanged: names burned into them are NOT removed;
files where that is likely are warned of. Curves, overlays and graphic annotations are removed, not cleaned.

Left out: encapsulated documents (PDF), DICOMDIR, and structured reports unless --clean-structured-content is given.
Copies land in DIR/PATIENT/study-…/series-…/….dcm, named by the new identifiers; nothing is overwritten. Every copy is
read back, compared and searched for the old identity before it gets its name. Exit codes: 1 when a file could not be
copied, 3 when all were refused.

JSON: {files: [{file, output, patient_id, sop_instance_uid, removed, private_removed, emptied, replaced, uids, dates_moved,
traces_removed, warnings}], left_out: [{file, kind: unreadable|refused|failed, reason}], patients, codes}.")]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of the standard, on or off")]
pub struct Args {
    /// File or folder.
    pub path: PathBuf,
    /// Folder for the copies; made when it is not there.
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// New Patient ID, when all files are of one patient; otherwise each gets a pseudonym.
    #[arg(long, value_name = "ID")]
    pub patient_id: Option<String>,
    /// New Patient's Name; otherwise the new ID.
    #[arg(long, value_name = "NAME")]
    pub patient_name: Option<String>,
    /// Keep dates and times (full), or move dates by one number of days for each patient (modified, shift).
    #[arg(long, value_name = "HOW", value_parser = dates)]
    pub retain_dates: Option<Dates>,
    /// Keep UIDs.
    #[arg(long)]
    pub retain_uids: bool,
    /// Keep what identifies the device.
    #[arg(long)]
    pub retain_device: bool,
    /// Keep name and address of the institution.
    #[arg(long)]
    pub retain_institution: bool,
    /// Keep age, sex, size, weight and the like.
    #[arg(long)]
    pub retain_patient_characteristics: bool,
    /// Keep private numbers that pixels are read with (SUV factors, b-values, scales); texts of vendors go all the same.
    #[arg(long)]
    pub retain_safe_private: bool,
    /// Keep the words of descriptions that are on a fixed list of anatomy and technique.
    #[arg(long)]
    pub clean_descriptors: bool,
    /// Keep numbers, codes and references of structured reports; their free text goes.
    #[arg(long)]
    pub clean_structured_content: bool,
    /// The same TEXT gives the same identifiers in another run.
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub key: Option<String>,
    /// Print JSON for machines.
    #[arg(long)]
    pub json: bool,
}

fn dates(text: &str) -> Result<Dates, String> {
    match text {
        "full" => Ok(Dates::Full),
        "modified" | "shift" => Ok(Dates::Shifted),
        _ => Err("choose full or modified".into()),
    }
}

/// Writes the copies and says what was done.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let request = request(args);
    let done = shown_on_stderr(|progress| anonymize(&args.path, &args.output, &request, progress, &Cancel::default()));
    let summary = done.map_err(|problem| match problem {
        AnonymizeError::Source { .. } | AnonymizeError::Cancelled => Failure::failed(problem),
        AnonymizeError::SeveralPatients(_) => Failure::Refused(problem.to_string()),
        AnonymizeError::Text(_) | AnonymizeError::OutputInside => Failure::Usage(problem.to_string()),
    })?;
    if args.json {
        writeln!(out, "{:#}", as_json(&summary, &request.options))?;
    } else {
        human(&summary, out)?;
    }
    verdict(args, &summary)
}

fn request(args: &Args) -> Request {
    Request {
        options: ProfileOptions {
            dates: args.retain_dates.unwrap_or_default(),
            retain_uids: args.retain_uids,
            retain_device: args.retain_device,
            retain_institution: args.retain_institution,
            retain_patient_characteristics: args.retain_patient_characteristics,
            retain_safe_private: args.retain_safe_private,
            clean_descriptors: args.clean_descriptors,
            clean_structured_content: args.clean_structured_content,
        },
        patient_id: args.patient_id.clone(),
        patient_name: args.patient_name.clone(),
        key: args.key.clone(),
    }
}

/// Success only when nothing that should have been copied was lost.
fn verdict(args: &Args, summary: &Summary) -> Result<(), Failure> {
    let count = |wanted: fn(&LeftOut) -> bool| summary.left_out.iter().filter(|(_, reason)| wanted(reason)).count();
    let failed = count(|reason| matches!(reason, LeftOut::Failed(_)));
    let refused = count(|reason| matches!(reason, LeftOut::Refused(_)));
    let place = args.path.display();
    if failed > 0 {
        return Err(Failure::Failed(format!("{place}: {failed} files could not be copied; see the list above")));
    }
    match (summary.written.len(), refused) {
        (0, 0) => Err(Failure::Failed(format!("{place}: no DICOM object was found"))),
        (0, _) => Err(Failure::Refused(format!("{place}: nothing could be de-identified safely; see the list above"))),
        _ => Ok(()),
    }
}

fn human(summary: &Summary, out: &mut dyn Write) -> Result<(), Failure> {
    let patients: BTreeSet<&str> = summary.written.iter().map(|one| one.patient_id.as_str()).collect();
    let counted = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let (files, patients) = (counted(summary.written.len(), "file"), counted(patients.len(), "patient"));
    writeln!(out, "{files} of {patients} de-identified")?;
    // The same warning of many files is said once.
    let mut warned: BTreeMap<&str, Vec<&Written>> = BTreeMap::new();
    for one in &summary.written {
        one.warnings.iter().for_each(|warning| warned.entry(warning).or_default().push(one));
    }
    for (warning, files) in warned {
        let more = if files.len() > 1 { format!(" and {} more", files.len() - 1) } else { String::new() };
        say(&format!("check {}{more}: {warning}", files[0].output.display()));
    }
    for (file, reason) in &summary.left_out {
        say(&format!("left out: {}: {reason}", file.display()));
    }
    Ok(())
}

fn as_json(summary: &Summary, options: &ProfileOptions) -> Value {
    let left_out = summary.left_out.iter().map(|(file, reason)| {
        let kind = match reason {
            LeftOut::Unreadable(_) => "unreadable",
            LeftOut::Refused(_) => "refused",
            LeftOut::Failed(_) => "failed",
        };
        json!({"file": file.to_string_lossy(), "kind": kind, "reason": reason.to_string()})
    });
    let patients: BTreeSet<&str> = summary.written.iter().map(|one| one.patient_id.as_str()).collect();
    let codes = options.codes().into_iter().map(|(value, meaning)| json!({"value": value, "meaning": meaning}));
    json!({
        "files": summary.written.iter().map(file_json).collect::<Vec<_>>(),
        "left_out": left_out.collect::<Vec<_>>(),
        "patients": patients,
        "codes": codes.collect::<Vec<_>>(),
    })
}

fn file_json(one: &Written) -> Value {
    let Counts { removed, private_removed, emptied, replaced, uids, dates_moved, traces_removed } = one.counts;
    json!({
        "file": one.file.to_string_lossy(),
        "output": one.output.to_string_lossy(),
        "patient_id": one.patient_id,
        "sop_instance_uid": one.sop_instance_uid,
        "removed": removed,
        "private_removed": private_removed,
        "emptied": emptied,
        "replaced": replaced,
        "uids": uids,
        "dates_moved": dates_moved,
        "traces_removed": traces_removed,
        "warnings": one.warnings,
    })
}
