//! De-identification by PS3.15 annex E: the Basic Application Level Confidentiality Profile and its options.
//!
//! Data sets are rewritten element by element with the source's own bytes where they may stay; pixels are copied as they
//! are, coded ones in their transfer syntax. Every file is written under a temporary name, read back, compared (elements,
//! and a hash of the pixels), searched for what identified the patient, and only then named, by new identifiers alone.
//! Nothing is overwritten. What cannot be judged is left out and named: see [`risks`].

mod encode;
mod profile;
mod pseudonym;
mod risks;
mod rules;
mod traces;
mod writing;

pub use profile::{Dates, ProfileOptions};
pub use rules::Counts;

use super::dicom::{DataSet, DicomError, DicomFile, Element, Value};
use crate::jobs::{Cancel, Progress};
use dicom_core::VR;
use dicom_dictionary_std::tags;
use profile::Kind;
use pseudonym::{Pseudonyms, identity};
use rayon::prelude::*;
use rules::{NewIdentity, Rules, text_element};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use traces::Traces;

/// Edition of the table, for De-identification Method (0012,0063).
const METHOD: &str = concat!("Fovea ", env!("CARGO_PKG_VERSION"), ", DICOM PS3.15 2024e annex E");

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Options of the profile.
    pub options: ProfileOptions,
    /// New Patient ID; `None` makes a pseudonym for each patient.
    pub patient_id: Option<String>,
    /// New Patient's Name; `None` takes the new ID.
    pub patient_name: Option<String>,
    /// The same key gives the same pseudonyms, UIDs and date shifts in another run; `None` takes a random one.
    pub key: Option<String>,
}

/// One file that was written.
#[derive(Debug, Clone)]
pub struct Written {
    /// The source, relative to the folder that was named.
    pub file: PathBuf,
    /// The copy, relative to the output folder.
    pub output: PathBuf,
    /// New Patient ID.
    pub patient_id: String,
    /// New SOP Instance UID.
    pub sop_instance_uid: String,
    /// What was done.
    pub counts: Counts,
    /// What a person must look at.
    pub warnings: Vec<String>,
}

/// Why a file was left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeftOut {
    /// No DICOM, or damaged beyond use.
    #[error("{0}")]
    Unreadable(String),
    /// Cannot be de-identified safely.
    #[error("{0}")]
    Refused(String),
    /// Should have been written and could not be.
    #[error("{0}")]
    Failed(String),
}

/// What a run did.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Files that were written, in the order of the source.
    pub written: Vec<Written>,
    /// Files that were not, each with the reason.
    pub left_out: Vec<(PathBuf, LeftOut)>,
}

/// Why nothing was begun.
#[derive(Debug, thiserror::Error)]
pub enum AnonymizeError {
    /// The source does not exist.
    #[error("{path} cannot be opened: {reason}; check the path and its permissions")]
    Source {
        /// As it was named.
        path: String,
        /// What the system says.
        reason: std::io::Error,
    },
    /// One new name for several patients would make them one.
    #[error(
        "the files are of {0} patients, who would become one; leave out --patient-id and --patient-name, or run once for each"
    )]
    SeveralPatients(usize),
    /// A new name that not every character set can hold, or that is too long.
    #[error("{0} must be 1 to 64 plain characters (letters, digits and punctuation of ASCII, no backslash)")]
    Text(&'static str),
    /// Copies among the sources would be read by the next run.
    #[error("the output folder lies inside the source folder; choose one outside")]
    OutputInside,
    /// Asked to stop.
    #[error("de-identification was cancelled; files that were written stay")]
    Cancelled,
}

/// De-identifies a file or all files of a folder into `output`.
pub fn anonymize(
    source: &Path,
    output: &Path,
    request: &Request,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Summary, AnonymizeError> {
    check_text("the new Patient ID", request.patient_id.as_deref())?;
    check_text("the new Patient's Name", request.patient_name.as_deref())?;
    let refused = |reason| AnonymizeError::Source { path: source.display().to_string(), reason };
    let source = std::fs::canonicalize(source).map_err(refused)?;
    let is_folder = source.is_dir();
    if is_folder && std::path::absolute(output).is_ok_and(|output| output.starts_with(&source)) {
        return Err(AnonymizeError::OutputInside);
    }
    let root = if is_folder { source.clone() } else { source.parent().unwrap_or(Path::new("/")).to_owned() };
    let (files, mut left_out) = files_of(&source, &root);
    if request.patient_id.is_some() || request.patient_name.is_some() {
        let patients: BTreeSet<String> = files.par_iter().filter_map(|file| patient_of(&root.join(file))).collect();
        if patients.len() > 1 {
            return Err(AnonymizeError::SeveralPatients(patients.len()));
        }
    }
    let run = Run { request, pseudonyms: Pseudonyms::new(request.key.as_deref()), output };
    let done = AtomicUsize::new(0);
    let results: Vec<(PathBuf, Result<Written, LeftOut>)> = files
        .par_iter()
        .filter(|_| !cancel.is_cancelled())
        .map(|file| {
            let result = caught(|| run.one(&root, file));
            let n = done.fetch_add(1, Ordering::Relaxed) + 1;
            progress.set(format!("De-identified {n} of {} files", files.len()), Some(n as f32 / files.len() as f32));
            (file.clone(), result)
        })
        .collect();
    if cancel.is_cancelled() {
        return Err(AnonymizeError::Cancelled);
    }
    let mut written = Vec::new();
    for (file, result) in results {
        match result {
            Ok(one) => written.push(one),
            Err(reason) => left_out.push((file, reason)),
        }
    }
    Ok(Summary { written, left_out })
}

/// A defect of ours costs one file, not the run.
fn caught(work: impl FnOnce() -> Result<Written, LeftOut>) -> Result<Written, LeftOut> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let what = crate::jobs::panic_text(&*panic);
        Err(LeftOut::Failed(format!("a defect of the program ({what}); nothing was written, please report it")))
    })
}

fn check_text(what: &'static str, text: Option<&str>) -> Result<(), AnonymizeError> {
    let fits = |text: &str| {
        (1..=64).contains(&text.len())
            && text.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'\\')
            && text.trim() == text
    };
    if text.is_none_or(fits) { Ok(()) } else { Err(AnonymizeError::Text(what)) }
}

/// All files below `source`, relative to `root`; links and what cannot be entered is left out.
fn files_of(source: &Path, root: &Path) -> (Vec<PathBuf>, Vec<(PathBuf, LeftOut)>) {
    let relative = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_path_buf();
    let (mut files, mut left_out) = (Vec::new(), Vec::new());
    for item in walkdir::WalkDir::new(source).max_depth(32).sort_by_file_name() {
        match item {
            Ok(item) if item.file_type().is_file() => files.push(relative(item.path())),
            Ok(item) if item.file_type().is_symlink() => {
                let reason = "this is a link; links are not followed".to_owned();
                left_out.push((relative(item.path()), LeftOut::Unreadable(reason)));
            }
            Ok(_) => {}
            Err(problem) => {
                let path = problem.path().map(relative).unwrap_or_default();
                left_out.push((path, LeftOut::Unreadable("the folder cannot be read; check its permissions".into())));
            }
        }
    }
    (files, left_out)
}

fn patient_of(path: &Path) -> Option<String> {
    let file = DicomFile::header(path).ok()?;
    (!file.data.is_empty()).then(|| identity(&file.data))
}

struct Run<'a> {
    request: &'a Request,
    pseudonyms: Pseudonyms,
    output: &'a Path,
}

impl Run<'_> {
    fn one(&self, root: &Path, file: &Path) -> Result<Written, LeftOut> {
        let source = DicomFile::for_frames(&root.join(file)).map_err(|problem| match problem {
            DicomError::Io(problem) => LeftOut::Failed(format!("the file cannot be read: {problem}")),
            other => LeftOut::Unreadable(other.to_string()),
        })?;
        if let Some(reason) = risks::refused(&source, &self.request.options) {
            return Err(LeftOut::Refused(reason.into()));
        }
        if source.data.text(tags::SOP_CLASS_UID).is_empty() && source.pixels.is_none() {
            return Err(LeftOut::Unreadable("the data set says neither what it is nor does it hold an image".into()));
        }
        let replaced =
            |tag, uid: &str| self.request.options.replaces_uids_of(tag) && self.pseudonyms.uid(uid).is_some();
        let traces = Traces::of(&source.data, &source.meta, replaced);
        let identity = self.identity(&source.data);
        let (data, counts) = self.rewritten(&source, file, &identity, &traces);
        let output = place(&identity.id, &data, &self.pseudonyms.file_mark(file));
        let mut warnings = risks::warnings(&source);
        // The reader's own warnings name attributes and never values.
        warnings.extend(source.warnings.iter().map(str::to_owned));
        writing::write(&source, &data, &self.output.join(&output), &traces)?;
        let sop_instance_uid = data.text(tags::SOP_INSTANCE_UID);
        Ok(Written { file: file.to_owned(), output, patient_id: identity.id, sop_instance_uid, counts, warnings })
    }

    fn identity(&self, data: &DataSet) -> NewIdentity {
        let patient = identity(data);
        let id = self.request.patient_id.clone().unwrap_or_else(|| self.pseudonyms.patient_id(&patient));
        let name = self.request.patient_name.clone().unwrap_or_else(|| id.clone());
        NewIdentity { id, name, shift_days: self.pseudonyms.shift_days(&patient) }
    }

    /// The new data set, with the attributes that say what was done (PS3.15 E.1.1, PS3.3 C.7.1.1 and C.12.1).
    fn rewritten(&self, source: &DicomFile, file: &Path, identity: &NewIdentity, traces: &Traces) -> (DataSet, Counts) {
        let options = &self.request.options;
        let kind = Kind::of(&source.data);
        let mut rules =
            Rules { options, pseudonyms: &self.pseudonyms, identity, kind, traces, counts: Counts::default() };
        let mut data = rules.apply(&source.data, false);
        data.put(tags::PATIENT_NAME, text_element(VR::PN, &identity.name));
        data.put(tags::PATIENT_ID, text_element(VR::LO, &identity.id));
        for (tag, uid) in self.pseudonyms.missing_uids(&source.data, file) {
            if data.text(tag).is_empty() {
                data.put(tag, text_element(VR::UI, &uid));
            }
        }
        if data.text(tags::SOP_CLASS_UID).is_empty() {
            let class = source.meta.text(tags::MEDIA_STORAGE_SOP_CLASS_UID);
            data.put(tags::SOP_CLASS_UID, text_element(VR::UI, &class));
        }
        data.put(tags::PATIENT_IDENTITY_REMOVED, text_element(VR::CS, "YES"));
        data.put(tags::DEIDENTIFICATION_METHOD, text_element(VR::LO, METHOD));
        let mut codes = data.items(tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE).to_vec();
        for (value, meaning) in options.codes() {
            if !codes.iter().any(|known| known.text(tags::CODE_VALUE) == value) {
                codes.push(code_item(value, meaning));
            }
        }
        let codes = Element { vr: VR::SQ, value: Value::Items(codes) };
        data.put(tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE, codes);
        let time = match options.dates {
            Dates::Remove => "REMOVED",
            Dates::Full => "UNMODIFIED",
            Dates::Shifted => "MODIFIED",
        };
        data.put(tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED, text_element(VR::CS, time));
        data.settle_texts();
        (data, rules.counts)
    }
}

fn code_item(value: &str, meaning: &str) -> DataSet {
    let mut item = DataSet::default();
    item.put(tags::CODE_VALUE, text_element(VR::SH, value));
    item.put(tags::CODING_SCHEME_DESIGNATOR, text_element(VR::SH, "DCM"));
    item.put(tags::CODE_MEANING, text_element(VR::LO, meaning));
    item
}

/// `PATIENT/study-…/series-…/….dcm`: short hashes of the new identifiers. The mark of the source file tells two files with
/// one SOP Instance UID apart.
fn place(patient_id: &str, data: &DataSet, mark: &str) -> PathBuf {
    let short = |tag, digits: usize| {
        let uid = data.text(tag);
        let hash: String = super::uid::from_content([uid.as_bytes()]).chars().skip("2.25.".len()).collect();
        hash.chars().take(digits).collect::<String>()
    };
    let folder: String =
        patient_id.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' }).collect();
    PathBuf::from(folder)
        .join(format!("study-{}", short(tags::STUDY_INSTANCE_UID, 12)))
        .join(format!("series-{}", short(tags::SERIES_INSTANCE_UID, 12)))
        .join(format!("{}-{mark}.dcm", short(tags::SOP_INSTANCE_UID, 20)))
}
