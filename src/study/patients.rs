//! Who is who among opened studies: patients, their studies newest first, and which studies are priors of which.
//!
//! Two studies belong to one patient only when Patient ID, its issuer and the birth date agree (`clinical.md`, rule 6). An ID
//! without a birth date is no proof ("1", "ANON"): such a study is listed under the same heading when nothing contradicts, but
//! it is no prior until a person confirms it.

use super::{Patient, Study};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Whether two studies show the same person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// ID, issuer and birth date agree. The sentence names what differs all the same (a changed name).
    Same(Option<String>),
    /// Nothing contradicts, and too little is said to be sure: a person may confirm it.
    Unconfirmed(String),
    /// Something contradicts; the sentence says what.
    Different(String),
}

/// Compares two patients.
pub fn identity(a: &Patient, b: &Patient) -> Identity {
    let ids = [&a.id, &b.id].map(|id| id.trim());
    if ids.contains(&"") {
        return Identity::Different("a study without Patient ID is nobody's prior".into());
    }
    let [birth_a, birth_b] = [&a.birth_date, &b.birth_date].map(|date| digits(date));
    let born = [birth_a.as_str(), birth_b.as_str()];
    let checks = [
        ("Patient ID differs", ids[0] != ids[1]),
        ("Issuer of Patient ID differs", a.issuer.trim() != b.issuer.trim()),
        ("Patient's Birth Date differs", contradict(born)),
    ];
    if let Some((why, _)) = checks.into_iter().find(|(_, differs)| *differs) {
        return Identity::Different(why.into());
    }
    let names = [&a.name, &b.name].map(|name| name.to_lowercase());
    let oddity = if contradict(names.each_ref().map(String::as_str)) {
        Some("Patient's Name")
    } else if contradict([&a.sex, &b.sex].map(|sex| sex.trim())) {
        Some("Patient's Sex")
    } else {
        None
    };
    match (born.contains(&""), oddity) {
        (false, oddity) => Identity::Same(oddity.map(|what| format!("{what} differs; check the identity"))),
        (true, Some(what)) => {
            Identity::Different(format!("{what} differs, and no birth date says that it is one person"))
        }
        (true, None) => Identity::Unconfirmed(
            "Patient's Birth Date is missing; confirm that both studies show the same person".into(),
        ),
    }
}

/// Both say something, and something else.
fn contradict([a, b]: [&str; 2]) -> bool {
    !a.is_empty() && !b.is_empty() && a != b
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// The day of a DICOM date ("20240131", also "2024.01.31" of old files); `None` for no date.
pub fn day(dicom: &str) -> Option<Date> {
    let digits = digits(dicom);
    if digits.len() != 8 {
        return None;
    }
    let part = |range: std::ops::Range<usize>| digits[range].parse::<i16>().ok();
    let [year, month, day] = [part(0..4)?, part(4..6)?, part(6..8)?];
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// "2024-01-31"; text that is no date stays as it is, nothing becomes "no date".
pub fn shown_day(dicom: &str) -> String {
    match day(dicom) {
        Some(day) => day.to_string(),
        None if dicom.trim().is_empty() => "no date".into(),
        None => dicom.trim().to_owned(),
    }
}

/// Time of a study for comparing: seconds and fraction as digits; `None` where it says no hour.
fn time_key(time: &str) -> Option<String> {
    let (whole, fraction) = time.split_once('.').unwrap_or((time, ""));
    let whole = digits(whole);
    (whole.len() >= 2).then(|| format!("{whole:0<6}.{:0<6}", digits(fraction)))
}

/// True when `earlier` was certainly made before `current`; a missing date, or one day without times, proves nothing.
pub fn is_before(earlier: &Study, current: &Study) -> bool {
    match (day(&earlier.date), day(&current.date)) {
        (Some(a), Some(b)) if a == b => match (time_key(&earlier.time), time_key(&current.time)) {
            (Some(a), Some(b)) => a < b,
            _ => false,
        },
        (Some(a), Some(b)) => a < b,
        _ => false,
    }
}

/// An earlier study of what is the same ID, and what is to be known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Prior<'a> {
    /// The study.
    pub study: &'a Study,
    /// Hangs only when this is [`Identity::Same`], or a person confirmed it.
    pub identity: Identity,
}

/// Earlier studies of the same person, newest first, among them those that a person would have to confirm.
pub fn priors<'a>(current: &Study, studies: &'a [Study]) -> Vec<Prior<'a>> {
    let mut found: Vec<Prior<'a>> = studies
        .iter()
        .filter(|other| other.uid != current.uid && is_before(other, current))
        .map(|study| Prior { study, identity: identity(&current.patient, &study.patient) })
        .filter(|prior| !matches!(prior.identity, Identity::Different(_)))
        .collect();
    found.sort_by(|a, b| newest_first(a.study, b.study));
    found
}

fn newest_first(a: &Study, b: &Study) -> std::cmp::Ordering {
    let key = |study: &Study| (day(&study.date), time_key(&study.time));
    key(b).cmp(&key(a)).then_with(|| a.uid.cmp(&b.uid))
}

/// One heading of the study browser.
#[derive(Debug, Clone, PartialEq)]
pub struct PatientStudies<'a> {
    /// As the newest study names the patient.
    pub patient: &'a Patient,
    /// Newest first.
    pub studies: Vec<&'a Study>,
    /// Another heading carries the same Patient ID: the two must not be taken for one.
    pub shares_id: bool,
}

/// Opened studies under their patients: the patient with the newest study first. Studies without an ID stand alone.
pub fn patients(studies: &[Study]) -> Vec<PatientStudies<'_>> {
    let mut ordered: Vec<&Study> = studies.iter().collect();
    ordered.sort_by(|a, b| newest_first(a, b));
    let mut groups: Vec<PatientStudies<'_>> = Vec::new();
    for study in ordered {
        let belongs = |group: &&mut PatientStudies<'_>| {
            group.studies.iter().all(|own| {
                let said = [&own.patient, &study.patient].map(|p| digits(&p.birth_date).is_empty());
                said[0] == said[1] && !matches!(identity(&own.patient, &study.patient), Identity::Different(_))
            })
        };
        match groups.iter_mut().find(belongs) {
            Some(group) => group.studies.push(study),
            None => groups.push(PatientStudies { patient: &study.patient, studies: vec![study], shares_id: false }),
        }
    }
    let ids: Vec<String> = groups.iter().map(|group| group.patient.id.trim().to_owned()).collect();
    for (n, group) in groups.iter_mut().enumerate() {
        group.shares_id = !ids[n].is_empty() && ids.iter().filter(|id| **id == ids[n]).count() > 1;
    }
    groups
}

/// True when every word of `search` occurs, at whatever case, in the study's patient, ID, description, date, accession number,
/// modalities or series descriptions. An empty search finds everything.
pub fn is_found(study: &Study, search: &str) -> bool {
    let patient = &study.patient;
    let mut text = [
        patient.name.as_str(),
        &patient.ideographic,
        &patient.phonetic,
        &patient.id,
        &study.description,
        &study.date,
        &shown_day(&study.date),
        &study.accession,
        &study.study_id,
    ]
    .join("\n");
    let words: BTreeSet<&str> =
        study.series.iter().flat_map(|s| [&s.modality, &s.description, &s.body_part]).map(String::as_str).collect();
    for word in words {
        text.push('\n');
        text.push_str(word);
    }
    let text = text.to_lowercase();
    search.to_lowercase().split_whitespace().all(|word| text.contains(word))
}
