//! Reads a structured report back and compares sentences, numbers and references with what was meant.

use super::WrittenObject;
use super::drawn;
use super::measurement_group::{CALIBRATION, TRACKING_UID, numbers, tracking_uid};
use super::modules::reference_of;
use super::report::{section_code, sentence_text};
use crate::findings::Finding;
use crate::io::dicom::{DataSet, DicomFile};
use crate::loaded::LoadedSeries;
use crate::report::{Report, SectionKind};
use dicom_dictionary_std::tags;
use std::path::Path;

/// Nesting of our own reports: sentence items and region items lie at most this deep.
const MAX_DEPTH: usize = 16;

/// What a report says, in reading order, independent of its encoding.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Summary {
    /// COMPLETE or PARTIAL, VERIFIED or UNVERIFIED.
    flags: [String; 2],
    /// (code of the section, text).
    sentences: Vec<(String, String)>,
    /// (Tracking UID of the group, code of the quantity, code of the derivation, value).
    numbers: Vec<(String, String, String, f64)>,
    /// SOP Instance UIDs of the image library.
    images: Vec<String>,
    /// (SOP Instance UID, Segment Number).
    segments: Vec<(String, u16)>,
    /// Coordinates of everything that was drawn as a measurement, as they are written, with its graphic type.
    graphics: Vec<(String, Vec<f32>)>,
}

impl Summary {
    /// From the content.
    pub(super) fn meant(
        source: &LoadedSeries,
        report: &Report,
        findings: &[&Finding],
        masks: Option<&WrittenObject>,
    ) -> Self {
        let flags = if report.is_signed() { ["COMPLETE", "VERIFIED"] } else { ["PARTIAL", "UNVERIFIED"] };
        let sentences = report.sections.iter().flat_map(|section| {
            let code = section_code(section.kind).value.into_owned();
            section.sentences.iter().map(move |s| (code.clone(), sentence_text(s)))
        });
        let frame = super::frame_of_reference_uid(source);
        let drawn = findings.iter().filter_map(|f| f.measurement()).flat_map(|m| {
            let regions = drawn::regions(m, &frame);
            regions.into_iter().chain(m.results.values.iter().flat_map(|v| drawn::lines(m, v.quantity, &frame)))
        });
        let measured = findings.iter().flat_map(|f| {
            let uid = tracking_uid(f);
            numbers(f, &source.series.modality, &frame).into_iter().map(move |n| {
                let derivation = n.derivation.map(|d| d.value.into_owned()).unwrap_or_default();
                (uid.clone(), n.name.value.into_owned(), derivation, n.value)
            })
        });
        let mut images: Vec<String> =
            (0..source.slices.len()).filter_map(|k| reference_of(source, k)).map(|(_, i)| i.to_owned()).collect();
        let mut seen = std::collections::HashSet::new();
        images.retain(|i| seen.insert(i.clone()));
        let segment = |f: &&Finding| {
            let masks = masks?;
            Some((masks.sop_instance_uid.clone(), masks.segment_number(f.segment()?)?))
        };
        Self {
            flags: flags.map(str::to_owned),
            sentences: sentences.filter(|(_, text)| !text.is_empty()).collect(),
            numbers: measured.collect(),
            images,
            segments: findings.iter().filter_map(segment).collect(),
            graphics: drawn.map(|d| (d.kind.to_owned(), d.at.written())).collect(),
        }
    }

    /// From a file.
    fn of(root: &DataSet) -> Self {
        let flags = [root.text(tags::COMPLETION_FLAG), root.text(tags::VERIFICATION_FLAG)];
        let mut summary = Self { flags, ..Self::default() };
        for item in children(root) {
            let name = concept(item);
            if SectionKind::ALL.iter().any(|kind| section_code(*kind).value == name.as_str()) {
                let texts = children(item).filter(|c| c.text(tags::VALUE_TYPE) == "TEXT");
                summary.sentences.extend(texts.map(|t| (name.clone(), t.text(tags::TEXT_VALUE))));
            } else {
                summary.walk(item, "", false, 0);
            }
        }
        summary
    }

    /// Collects images, segments and numbers under an item.
    fn walk(&mut self, item: &DataSet, group: &str, is_measured: bool, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let own_uid = children(item).find(|c| concept(c) == TRACKING_UID.value).map(|c| c.text(tags::UID));
        let group = own_uid.as_deref().unwrap_or(group);
        let is_measured = is_measured || children(item).any(|c| concept(c) == CALIBRATION.value);
        match item.text(tags::VALUE_TYPE).as_str() {
            "NUM" => {
                let value = item
                    .item(tags::MEASURED_VALUE_SEQUENCE)
                    .and_then(|m| m.number(tags::FLOATING_POINT_VALUE))
                    .unwrap_or(f64::NAN);
                let derivation = children(item).next().and_then(|c| c.item(tags::CONCEPT_CODE_SEQUENCE));
                let derivation = derivation.map(|d| d.text(tags::CODE_VALUE)).unwrap_or_default();
                self.numbers.push((group.to_owned(), concept(item), derivation, value));
            }
            "IMAGE" => self.image(item),
            // Boxes and points of other findings are no measurements; their groups have a presence.
            "SCOORD" | "SCOORD3D" if is_measured => {
                let data = item.numbers(tags::GRAPHIC_DATA).unwrap_or_default();
                self.graphics.push((item.text(tags::GRAPHIC_TYPE), data.iter().map(|n| *n as f32).collect()));
            }
            _ => {}
        }
        for child in children(item) {
            self.walk(child, group, is_measured, depth + 1);
        }
    }

    fn image(&mut self, item: &DataSet) {
        let Some(reference) = item.item(tags::REFERENCED_SOP_SEQUENCE) else { return };
        let instance = reference.text(tags::REFERENCED_SOP_INSTANCE_UID);
        let segment = reference.integer(tags::REFERENCED_SEGMENT_NUMBER).and_then(|n| u16::try_from(n).ok());
        match segment {
            Some(number) => self.segments.push((instance, number)),
            // Boxes on pictures name their picture again.
            None if item.text(tags::RELATIONSHIP_TYPE) == "CONTAINS" => self.images.push(instance),
            None => {}
        }
    }
}

/// Opens the file and compares; the error is the first difference, in words.
pub(super) fn compare(path: &Path, meant: &Summary) -> Result<(), String> {
    let file = DicomFile::header(path).map_err(|e| e.to_string())?;
    let read = Summary::of(&file.data);
    if let Some(n) =
        (0..read.sentences.len().max(meant.sentences.len())).find(|&n| read.sentences.get(n) != meant.sentences.get(n))
    {
        return Err(format!("sentence {} of {} differs", n + 1, meant.sentences.len()));
    }
    let differences = [
        (read.flags != meant.flags, "the status differs"),
        (read.numbers != meant.numbers, "the measured numbers differ"),
        (read.images != meant.images, "the referenced images differ"),
        (read.segments != meant.segments, "the referenced segments differ"),
        (read.graphics != meant.graphics, "what was drawn differs"),
    ];
    differences.into_iter().find(|(differs, _)| *differs).map_or(Ok(()), |(_, what)| Err(what.to_owned()))
}

fn children(item: &DataSet) -> impl Iterator<Item = &DataSet> {
    item.items(tags::CONTENT_SEQUENCE).iter()
}

fn concept(item: &DataSet) -> String {
    item.item(tags::CONCEPT_NAME_CODE_SEQUENCE).map(|c| c.text(tags::CODE_VALUE)).unwrap_or_default()
}
