//! From the entries of a listing to studies, series and display sets.
//!
//! Identity first: files of one study that name different patients are never put together, whatever their UIDs say; each
//! patient gets the study for himself, and every series of it carries an alarm. Then each series is taken apart into display
//! sets ([`crate::io::display_sets`]); multi-frame pictures without places (cine loops) are sets of their own.

use super::entry::Entry;
use super::volumes;
use crate::io::display_sets::{self, DisplaySet};
use crate::io::facts::SliceFacts;
use crate::io::suv;
use crate::study::{Instance, Part, Patient, Series, SeriesGeometry, SliceSource, Study, Uptake, Warnings};
use std::collections::BTreeMap;

/// Entries to studies, most recent first.
pub(super) fn studies(entries: Vec<Entry>) -> Vec<Study> {
    let mut by_study: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for entry in entries {
        by_study.entry(entry.study.uid.clone()).or_default().push(entry);
    }
    let mut studies: Vec<Study> = by_study.into_values().flat_map(studies_of_one_uid).collect();
    number_parts(&mut studies);
    for study in &mut studies {
        study.series.sort_by(|a, b| order(a).cmp(&order(b)));
    }
    studies.sort_by(|a, b| (&b.date, &b.time, &a.uid).cmp(&(&a.date, &a.time, &b.uid)));
    studies
}

fn order(series: &Series) -> (i64, &str, u32) {
    (series.number.unwrap_or(i64::MAX), &series.uid, series.part.as_ref().map_or(0, |part| part.number))
}

/// One study for each patient that the files of a Study Instance UID name.
fn studies_of_one_uid(entries: Vec<Entry>) -> Vec<Study> {
    let mut patients: Vec<(Patient, Vec<Entry>)> = Vec::new();
    for entry in entries {
        let found = patients.iter_mut().rev().find(|(patient, _)| can_be_same(patient, &entry.study.patient));
        if let Some((patient, own)) = found {
            complete(patient, &entry.study.patient);
            own.push(entry);
        } else {
            patients.push((entry.study.patient.clone(), vec![entry]));
        }
    }
    let count = patients.len();
    let mut studies: Vec<Study> = patients.into_iter().map(|(patient, entries)| study(patient, entries)).collect();
    if count > 1 {
        for series in studies.iter_mut().flat_map(|study| &mut study.series) {
            series.warnings.add(format!(
                "ALARM: files with this study's UID name {count} different patients; each is listed apart, check the identity \
                 before reading"
            ));
        }
    }
    studies
}

/// True unless both say something, and something else. Names are compared without regard to case.
fn can_be_same(a: &Patient, b: &Patient) -> bool {
    let agree = |x: &str, y: &str| x.is_empty() || y.is_empty() || x.to_lowercase() == y.to_lowercase();
    agree(&a.id, &b.id) && agree(&a.issuer, &b.issuer) && agree(&a.name, &b.name) && agree(&a.birth_date, &b.birth_date)
}

/// Fills in what one file leaves out and another says.
fn complete(known: &mut Patient, more: &Patient) {
    let pairs = [
        (&mut known.id, &more.id),
        (&mut known.issuer, &more.issuer),
        (&mut known.name, &more.name),
        (&mut known.ideographic, &more.ideographic),
        (&mut known.phonetic, &more.phonetic),
        (&mut known.birth_date, &more.birth_date),
        (&mut known.sex, &more.sex),
    ];
    pairs.into_iter().filter(|(known, _)| known.is_empty()).for_each(|(known, more)| known.clone_from(more));
}

fn study(patient: Patient, entries: Vec<Entry>) -> Study {
    let mut study = entries.first().map(|e| e.study.clone()).unwrap_or_default();
    study.patient = patient;
    let mut by_series: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for entry in entries {
        by_series.entry(entry.series.uid.clone()).or_default().push(entry);
    }
    study.series = by_series.into_values().flat_map(display_sets_of).collect();
    study
}

/// Numbers the display sets of each Series Instance UID, wherever there are several; a UID in two studies is an alarm.
fn number_parts(studies: &mut [Study]) {
    let mut by_uid: BTreeMap<String, (u32, usize)> = BTreeMap::new();
    for study in studies.iter() {
        let mut own: Vec<&str> = study.series.iter().map(|s| s.uid.as_str()).collect();
        own.dedup();
        for uid in own {
            by_uid.entry(uid.to_owned()).or_default().1 += 1;
        }
        study.series.iter().for_each(|s| by_uid.entry(s.uid.clone()).or_default().0 += 1);
    }
    let mut next: BTreeMap<String, u32> = BTreeMap::new();
    for series in studies.iter_mut().flat_map(|study| &mut study.series) {
        let (sets, studies) = by_uid.get(&series.uid).copied().unwrap_or_default();
        if studies > 1 {
            series.warnings.add("ALARM: the same Series Instance UID stands in several studies; check the identity");
        }
        if sets > 1 {
            let number = next.entry(series.uid.clone()).or_default();
            *number += 1;
            series.part.get_or_insert_default().number = *number;
        } else if series.part.as_ref().is_some_and(|part| part.step.is_none()) {
            series.part = None;
        }
    }
}

/// The display sets of one series.
fn display_sets_of(mut entries: Vec<Entry>) -> Vec<Series> {
    entries.sort_by(|a, b| {
        let number = |e: &Entry| e.instance.number.unwrap_or(i64::MAX);
        number(a).cmp(&number(b)).then_with(|| a.instance.file.cmp(&b.instance.file))
    });
    if let [only] = entries.as_slice()
        && let Some(volumes) = only.volumes
    {
        return volumes::split(&whole(entries, &[], None), volumes);
    }
    let facts: Vec<SliceFacts> = entries
        .iter()
        .enumerate()
        .flat_map(|(n, e)| e.facts.iter().map(move |f| SliceFacts { instance: n, ..f.clone() }))
        .collect();
    let mut sets = if facts.is_empty() {
        Vec::new()
    } else {
        display_sets::split(&facts, |f| file_name(&entries[f.instance].instance))
    };
    let others = other_sets(&entries);
    if sets.len() + others.len() == 1 {
        let only = sets.pop();
        return vec![whole(entries, &facts, only)];
    }
    let volumes = sets.iter().map(|set| part(&entries, &facts, set));
    volumes.chain(others.iter().map(|set| pictures(&entries, set))).collect()
}

/// A series that is one display set: all its files, in the order of its slices.
fn whole(mut entries: Vec<Entry>, facts: &[SliceFacts], set: Option<DisplaySet>) -> Series {
    let mut series = described(&entries, 0..entries.len());
    series.geometry = match (&entries[..], set) {
        ([only], _) if only.geometry.is_some() => only.geometry.clone().unwrap_or_default(),
        (_, Some(set)) => {
            set.stack.warnings.iter().for_each(|w| series.warnings.add(w));
            reorder(&mut entries, facts, &set.slices);
            series.passport = set.stack.passport;
            set.stack.geometry
        }
        (entries, None) if entries.iter().any(|e| e.instance.rows > 0) => no_place(),
        _ => SeriesGeometry::None,
    };
    series.instances = entries.into_iter().map(|e| e.instance).collect();
    series
}

fn no_place() -> SeriesGeometry {
    SeriesGeometry::Pictures("these images have no place in the patient".into())
}

/// One of several display sets with places: the instances that it takes slices from.
fn part(entries: &[Entry], facts: &[SliceFacts], set: &DisplaySet) -> Series {
    let mut used: Vec<usize> = Vec::new();
    let mut place_of: BTreeMap<usize, usize> = BTreeMap::new();
    let mut slices = Vec::with_capacity(set.slices.len());
    for &n in &set.slices {
        let facts = &facts[n];
        let instance = *place_of.entry(facts.instance).or_insert_with(|| {
            used.push(facts.instance);
            used.len() - 1
        });
        slices.push(SliceSource { instance, frame: facts.frame });
    }
    let mut series = described(entries, used.iter().copied());
    set.stack.warnings.iter().for_each(|w| series.warnings.add(w));
    Series {
        geometry: set.stack.geometry.clone(),
        passport: set.stack.passport.clone(),
        instances: used.iter().map(|&n| entries[n].instance.clone()).collect(),
        part: Some(Part { number: 0, what: set.what.clone(), step: set.step.clone() }),
        slices,
        ..series
    }
}

/// Entries that are in no stack: each multi-frame picture by itself, all other pictures together, then what has no pixels.
fn other_sets(entries: &[Entry]) -> Vec<Vec<usize>> {
    let rest = || entries.iter().enumerate().filter(|(_, e)| e.facts.is_empty());
    let loops = rest().filter(|(_, e)| e.instance.rows > 0 && e.instance.frames > 1).map(|(n, _)| vec![n]);
    let kinds = [true, false].map(|with_pixels| {
        let single = |e: &Entry| e.instance.frames <= 1 && (e.instance.rows > 0) == with_pixels;
        rest().filter(|(_, e)| single(e) || (!with_pixels && e.instance.rows == 0)).map(|(n, _)| n).collect::<Vec<_>>()
    });
    let mut sets: Vec<Vec<usize>> = loops.collect();
    let [stills, objects] = kinds;
    sets.extend([stills, objects].into_iter().filter(|set| !set.is_empty()));
    sets
}

fn pictures(entries: &[Entry], set: &[usize]) -> Series {
    let series = described(entries, set.iter().copied());
    let first = &entries[set[0]];
    let what = match &first.instance {
        instance if instance.frames > 1 => {
            let number = instance.number.map_or_else(String::new, |n| format!("image {n}, "));
            format!("{number}{} frames", instance.frames)
        }
        instance if instance.rows > 0 => "single pictures".into(),
        _ => "objects without pictures".into(),
    };
    let geometry = match &first.geometry {
        Some(known) => known.clone(),
        None if first.instance.rows > 0 => no_place(),
        None => SeriesGeometry::None,
    };
    Series {
        geometry,
        instances: set.iter().map(|&n| entries[n].instance.clone()).collect(),
        part: Some(Part { what, ..Part::default() }),
        ..series
    }
}

/// What the header of a series says, with the warnings of these files.
fn described(entries: &[Entry], of: impl Iterator<Item = usize> + Clone) -> Series {
    let mut series = of.clone().next().map(|n| entries[n].series.clone()).unwrap_or_default();
    series.uptake = suv::earliest(of.clone().map(|n| &entries[n].series.uptake));
    if let Uptake::Refused(reason) = &series.uptake {
        series.warnings.add(reason.clone());
    }
    add_file_warnings(of.map(|n| &entries[n]), &mut series.warnings);
    series
}

/// Brings files into the order of their slices; files that are in no slice go last.
fn reorder(entries: &mut Vec<Entry>, facts: &[SliceFacts], order: &[usize]) {
    let mut rank = vec![usize::MAX; entries.len()];
    for (place, &n) in order.iter().enumerate() {
        let instance = facts[n].instance;
        rank[instance] = rank[instance].min(place);
    }
    let mut ranked: Vec<(usize, Entry)> = rank.into_iter().zip(entries.drain(..)).collect();
    ranked.sort_by_key(|(place, _)| *place);
    entries.extend(ranked.into_iter().map(|(_, entry)| entry));
}

/// The same warning of many files is said once, with the first file's name and the number of others.
fn add_file_warnings<'a>(entries: impl Iterator<Item = &'a Entry>, warnings: &mut Warnings) {
    let mut by_text: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for entry in entries {
        for warning in entry.warnings.iter() {
            by_text.entry(warning).or_default().push(file_name(&entry.instance));
        }
    }
    for (text, files) in by_text {
        let more = if files.len() > 1 { format!(" and {} more", files.len() - 1) } else { String::new() };
        warnings.add(format!("{}{more}: {text}", files[0]));
    }
}

fn file_name(instance: &Instance) -> String {
    instance.file.file_name().map_or_else(|| "the file".into(), |n| n.to_string_lossy().into_owned())
}
