//! What an object without (or beside) pixels is, for listings: its SOP class by name, and what it holds.
//!
//! Everything that is DICOM gets a name; nothing here fails.

mod kind;

pub use kind::ObjectKind;

use super::content_tree::{self, Document};
use super::dicom::{DataSet, DicomFile};
use super::document::{self, EncapsulatedDocument};
use super::dose::DoseFacts;
use super::key_objects::{self, KeyObjects};
use super::presentation::{self, PresentationState};
use super::real_world::{self, RealWorldMap, ReferencedMaps};
use super::registration::{self, SpatialRegistration};
use super::structures::{self, StructureSet};
use crate::study::Warnings;
use dicom_core::dictionary::UidDictionary;
use dicom_dictionary_std::{StandardSopClassDictionary, tags, uids};
use std::path::Path;

/// What an object holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Object {
    /// Contours.
    Structures(StructureSet),
    /// A dose grid.
    Dose(DoseFacts),
    /// How images are to be shown.
    Presentation(PresentationState),
    /// Selected images.
    KeyObjects(KeyObjects),
    /// A structured report of any template.
    Report(Document),
    /// A document in a format of its own.
    Document(EncapsulatedDocument),
    /// Real-world values of other objects' images.
    RealWorldMaps(Vec<ReferencedMaps>),
    /// How frames of reference lie to each other.
    Registration(SpatialRegistration),
    /// A waveform: channels, samples, samples a second of each group.
    Waveform(Vec<WaveformGroup>),
    /// A treatment plan: its label and numbers of beams and fraction groups.
    Plan(PlanFacts),
    /// Nothing that is looked into.
    Other,
}

/// A multiplex group of a waveform (PS3.3 C.10.9).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WaveformGroup {
    /// Number of Waveform Channels.
    pub channels: i64,
    /// Number of Waveform Samples of each channel.
    pub samples: i64,
    /// Sampling Frequency in Hz.
    pub frequency_hz: f64,
}

/// What a plan says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlanFacts {
    /// RT Plan Label (300A,0002).
    pub label: String,
    /// Beams.
    pub beams: usize,
    /// Fraction groups.
    pub fraction_groups: usize,
}

/// "CT Image Storage" as "CT Image"; a class that no dictionary knows is named by its UID.
pub fn class_name(sop_class_uid: &str) -> String {
    match StandardSopClassDictionary.by_uid(sop_class_uid) {
        Some(entry) => entry.name.trim_end_matches(" Storage").to_owned(),
        None if sop_class_uid.is_empty() => String::new(),
        None => format!("unknown object ({sop_class_uid})"),
    }
}

/// True for classes that [`read`] can say more of than the catalog does.
pub fn is_beside_images(sop_class_uid: &str, has_pixels: bool) -> bool {
    !sop_class_uid.is_empty() && (!has_pixels || sop_class_uid == uids::RT_DOSE_STORAGE)
}

/// Reads a file for what it holds. A file that cannot be read is `Other` with a warning.
pub fn read(path: &Path, warnings: &mut Warnings) -> Object {
    match DicomFile::header(path) {
        Ok(file) => of(&file.data, warnings),
        Err(problem) => {
            warnings.add(problem.to_string());
            Object::Other
        }
    }
}

/// What a data set holds.
pub fn of(data: &DataSet, warnings: &mut Warnings) -> Object {
    let class = data.text(tags::SOP_CLASS_UID);
    match class.as_str() {
        uids::RT_STRUCTURE_SET_STORAGE => Object::Structures(structures::read(data, warnings)),
        uids::RT_DOSE_STORAGE => Object::Dose(DoseFacts::of(data)),
        uids::REAL_WORLD_VALUE_MAPPING_STORAGE => Object::RealWorldMaps(real_world::of_object(data)),
        uids::SPATIAL_REGISTRATION_STORAGE => Object::Registration(registration::read(data, warnings)),
        uids::KEY_OBJECT_SELECTION_DOCUMENT_STORAGE => {
            key_objects::read(data, warnings).map_or(Object::Other, Object::KeyObjects)
        }
        _ if data.get(tags::ENCAPSULATED_DOCUMENT).is_some() => {
            document::read(data).map_or(Object::Other, Object::Document)
        }
        _ if !data.items(tags::WAVEFORM_SEQUENCE).is_empty() => Object::Waveform(waveform(data)),
        _ if data.get(tags::RT_PLAN_LABEL).is_some() => Object::Plan(plan(data)),
        _ if data.text(tags::MODALITY) == "PR" => Object::Presentation(presentation::read(data, warnings)),
        _ => content_tree::read(data, warnings).map_or(Object::Other, Object::Report),
    }
}

fn waveform(data: &DataSet) -> Vec<WaveformGroup> {
    let group = |item: &DataSet| WaveformGroup {
        channels: item.integer(tags::NUMBER_OF_WAVEFORM_CHANNELS).unwrap_or(0),
        samples: item.integer(tags::NUMBER_OF_WAVEFORM_SAMPLES).unwrap_or(0),
        frequency_hz: item.number(tags::SAMPLING_FREQUENCY).unwrap_or(0.0),
    };
    data.items(tags::WAVEFORM_SEQUENCE).iter().map(group).collect()
}

fn plan(data: &DataSet) -> PlanFacts {
    PlanFacts {
        label: data.text(tags::RT_PLAN_LABEL),
        beams: data.items(tags::BEAM_SEQUENCE).len() + data.items(tags::ION_BEAM_SEQUENCE).len(),
        fraction_groups: data.items(tags::FRACTION_GROUP_SEQUENCE).len(),
    }
}

impl Object {
    /// What it holds, in one line: "10 regions, 446 contours".
    pub fn summary(&self) -> String {
        match self {
            Self::Structures(set) => {
                let contours: usize = set.rois.iter().map(|roi| roi.contours.len()).sum();
                format!("{} regions, {contours} contours", set.rois.len())
            }
            Self::Dose(dose) => {
                let said =
                    [&dose.kind, &dose.summation, &dose.units].map(|s| if s.is_empty() { "?" } else { s.as_str() });
                format!("dose {}, sum of {}, in {}", said[0], said[1], said[2])
            }
            Self::Presentation(state) => {
                format!("{} of {} images, {} annotations", state.label, state.images.len(), state.drawings.len())
            }
            Self::KeyObjects(keys) => {
                let title = keys.title.as_ref().map_or("key objects", |title| title.meaning.as_ref());
                format!("{title}: {} objects. {}", keys.references.len(), keys.description)
            }
            Self::Report(document) => {
                let title = document.root.concept.as_ref().map_or("report", |title| title.meaning.as_ref());
                format!("{title}, {} {}", document.completion.to_lowercase(), document.verification.to_lowercase())
            }
            Self::Document(document) => {
                format!("{} {}, {} bytes", document.kind.as_str(), document.title, document.bytes.len())
            }
            Self::RealWorldMaps(maps) => format!("real-world values of {} groups of images", maps.len()),
            Self::Registration(map) => {
                format!("{} frames of reference registered. {}", map.items.len(), map.description).trim().to_owned()
            }
            Self::Waveform(groups) => {
                let group = |g: &WaveformGroup| format!("{} channels of {} samples", g.channels, g.samples);
                groups.iter().map(group).collect::<Vec<_>>().join("; ")
            }
            Self::Plan(plan) => {
                format!("plan {}, {} beams, {} fraction groups", plan.label, plan.beams, plan.fraction_groups)
            }
            Self::Other => String::new(),
        }
    }
}

/// Real-world maps that an image carries itself.
pub fn maps_of_image(path: &Path) -> Vec<RealWorldMap> {
    DicomFile::header(path).map(|file| real_world::of_image(&file.data)).unwrap_or_default()
}
