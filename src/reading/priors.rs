//! Earlier studies of a patient, and which of their series shows what a series shows.
//!
//! Facts of the catalog only, no pixels. A prior is the patient's by Patient ID, issuer and birth date together (`clinical.md`
//! rule 6); where one of them is absent it is only offered, for a person to confirm. Matches are proposals with their
//! reasons: another modality never matches, another sequence or plane is said.

mod words;

use crate::geometry::Orientation;
use crate::study::{Catalog, Patient, Series, SeriesGeometry, Study};
use std::cmp::Ordering;
use words::{Region, is_sharp, region, sequences, shared_words};

/// Whether two entries are one patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SamePatient {
    /// ID, issuer and birth date say so.
    Yes,
    /// Nothing speaks against it, but something is absent: the sentence says what.
    Unsure(String),
    /// They differ.
    No,
}

/// Holds two patients against each other (`clinical.md` rule 6).
pub fn same_patient(a: &Patient, b: &Patient) -> SamePatient {
    if a.id.is_empty() || a.id != b.id {
        return SamePatient::No;
    }
    let differ = |a: &str, b: &str| !a.is_empty() && !b.is_empty() && a != b;
    if differ(&a.issuer, &b.issuer) || differ(&a.birth_date, &b.birth_date) || differ(&a.sex, &b.sex) {
        return SamePatient::No;
    }
    if a.birth_date.is_empty() || b.birth_date.is_empty() {
        return SamePatient::Unsure("The patient ID is the same, but a birth date is missing.".into());
    }
    if a.issuer != b.issuer {
        return SamePatient::Unsure("The patient ID is the same, but only one study names who issued it.".into());
    }
    SamePatient::Yes
}

/// Earlier studies.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Priors<'a> {
    /// Surely of this patient and earlier; most recent first.
    pub sure: Vec<&'a Study>,
    /// Perhaps: each with one sentence on what is missing. Never hung without a person's word.
    pub unsure: Vec<(&'a Study, String)>,
}

/// The earlier studies of a study's patient in a catalog.
pub fn priors<'a>(catalog: &'a Catalog, current: &Study) -> Priors<'a> {
    let mut found = Priors::default();
    for study in catalog.studies.iter().filter(|study| study.uid != current.uid) {
        let earlier = is_earlier(study, current);
        match (same_patient(&current.patient, &study.patient), earlier) {
            (SamePatient::Yes, Some(true)) => found.sure.push(study),
            (SamePatient::Yes, None) => {
                found.unsure.push((study, "Its date does not say whether it is earlier.".into()));
            }
            (SamePatient::Unsure(reason), Some(true) | None) => found.unsure.push((study, reason)),
            (SamePatient::No, _) | (_, Some(false)) => {}
        }
    }
    found.sure.sort_by(|a, b| most_recent_first(a, b));
    found.unsure.sort_by(|(a, _), (b, _)| most_recent_first(a, b));
    found
}

fn most_recent_first(a: &Study, b: &Study) -> Ordering {
    (&b.date, &b.time, &b.uid).cmp(&(&a.date, &a.time, &a.uid))
}

/// `None` where date or time leave it open.
fn is_earlier(study: &Study, current: &Study) -> Option<bool> {
    if study.date.is_empty() || current.date.is_empty() {
        return None;
    }
    match study.date.cmp(&current.date) {
        Ordering::Equal if study.time.is_empty() || current.time.is_empty() => None,
        Ordering::Equal => Some(study.time < current.time),
        order => Some(order == Ordering::Less),
    }
}

/// A series of a prior that may be hung beside a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Match<'a> {
    /// The prior's series.
    pub series: &'a Series,
    /// Sum of what speaks for it and against it; comparable for one series only.
    pub score: i32,
    /// What did, strongest first: "same plane (axial)", "other sequence (T1, not T2)".
    pub reasons: Vec<String>,
}

/// Least score of a match that may be hung by itself.
pub const GOOD_MATCH: i32 = 25;

/// Series of an earlier study that could be compared with `current`, best first. Other modalities and series without images are
/// left out; the first is worth hanging when its score reaches [`GOOD_MATCH`].
pub fn matches<'a>(current: &Series, prior: &'a Study) -> Vec<Match<'a>> {
    let comparable = |s: &&Series| s.has_pixels() && modality(s) == modality(current);
    let mut found: Vec<Match<'a>> = prior.series.iter().filter(comparable).map(|s| scored(current, s)).collect();
    let images = |s: &Series| s.instances.iter().map(|i| u64::from(i.frames)).sum::<u64>();
    found.sort_by_key(|m| (-m.score, std::cmp::Reverse(images(m.series)), m.series.number, m.series.key()));
    found
}

/// Computed and direct radiography show the same.
fn modality(series: &Series) -> &str {
    if series.modality == "CR" { "DX" } else { &series.modality }
}

type Point = (i32, String);

fn scored<'a>(current: &Series, prior: &'a Series) -> Match<'a> {
    let mut points: Vec<Point> = [
        body_part(current, prior),
        plane(current, prior),
        sequence(current, prior),
        wording(current, prior),
        kernel(current, prior),
        thickness(current, prior),
        contrast(current, prior),
        part(current, prior),
    ]
    .into_iter()
    .flatten()
    .collect();
    points.sort_by_key(|(score, _)| -score.abs());
    Match {
        series: prior,
        score: points.iter().map(|(score, _)| score).sum(),
        reasons: points.into_iter().map(|(_, reason)| reason).collect(),
    }
}

fn body_part(current: &Series, prior: &Series) -> Option<Point> {
    let of = |s: &Series| region(&s.body_part).or_else(|| region(&s.description)).or_else(|| region(&s.protocol));
    let (a, b) = (of(current)?, of(prior)?);
    Some(if a == b {
        (20, format!("same body part ({})", a.name()))
    } else if a.overlaps(b) {
        (10, format!("body parts in common ({}, {})", b.name(), a.name()))
    } else {
        (-40, format!("other body part ({}, not {})", b.name(), a.name()))
    })
}

fn plane(current: &Series, prior: &Series) -> Option<Point> {
    let of = |s: &Series| match &s.geometry {
        SeriesGeometry::Volume(grid) => Some(Orientation::nearest(grid.direction().z_axis)),
        _ => None,
    };
    let (a, b) = (of(current)?, of(prior)?);
    Some(if a == b {
        (15, format!("same plane ({})", a.name()))
    } else {
        (-15, format!("other plane ({}, not {})", b.name(), a.name()))
    })
}

/// MR sequences by the words of their descriptions.
fn sequence(current: &Series, prior: &Series) -> Option<Point> {
    if current.modality != "MR" {
        return None;
    }
    let of = |s: &Series| sequences(&format!("{} {}", s.description, s.protocol));
    let (a, b) = (of(current), of(prior));
    if a.is_empty() || b.is_empty() {
        return None;
    }
    Some(if a == b {
        (25, format!("same sequence ({})", a.join(" ")))
    } else {
        (-25, format!("other sequence ({}, not {})", b.join(" "), a.join(" ")))
    })
}

fn wording(current: &Series, prior: &Series) -> Option<Point> {
    let share = shared_words(&current.description, &prior.description)?;
    let score = (20.0 * share).round() as i32;
    let what = if share > 0.999 { "same description" } else { "similar description" };
    (score > 0).then(|| (score, format!("{what} (\"{}\")", prior.description)))
}

fn kernel(current: &Series, prior: &Series) -> Option<Point> {
    if current.kernel.is_empty() || prior.kernel.is_empty() {
        return None;
    }
    if current.kernel.eq_ignore_ascii_case(&prior.kernel) {
        return Some((15, format!("same kernel ({})", prior.kernel)));
    }
    let (a, b) = (is_sharp(&current.kernel)?, is_sharp(&prior.kernel)?);
    Some(if a == b {
        (8, format!("similar kernel ({}, {})", prior.kernel, current.kernel))
    } else {
        (-15, format!("other kernel ({}, not {})", prior.kernel, current.kernel))
    })
}

fn thickness(current: &Series, prior: &Series) -> Option<Point> {
    let (a, b) = (current.slice_thickness_mm?, prior.slice_thickness_mm?);
    if !(a > 0.0 && b > 0.0) {
        return None;
    }
    Some(match a.max(b) / a.min(b) {
        ratio if ratio < 1.2 => (10, format!("same slice thickness ({b} mm)")),
        ratio if ratio < 2.1 => (3, format!("similar slice thickness ({b} and {a} mm)")),
        _ => (-8, format!("other slice thickness ({b}, not {a} mm)")),
    })
}

/// Two named agents only: an absent one says nothing (`clinical.md` rule 11).
fn contrast(current: &Series, prior: &Series) -> Option<Point> {
    let both = !current.contrast_agent.is_empty() && !prior.contrast_agent.is_empty();
    both.then(|| (5, "contrast agent named in both".into()))
}

fn part(current: &Series, prior: &Series) -> Option<Point> {
    let of = |s: &Series| s.part.as_ref().map(|part| part.what.clone()).unwrap_or_default();
    let (a, b) = (of(current), of(prior));
    (a != b).then(|| (-10, format!("other part of its series ({})", if b.is_empty() { "whole" } else { &b })))
}

impl Region {
    fn overlaps(self, other: Self) -> bool {
        self == other || (self.is_trunk() && other == Self::WholeBody) || (other.is_trunk() && self == Self::WholeBody)
    }
}
