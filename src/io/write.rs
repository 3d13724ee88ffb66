//! Objects that other systems read: DICOM SEG, RT Structure Set, Structured Report, Presentation State, Key Object Selection,
//! Spatial Registration, derived series, label NIfTI.
//!
//! Every file is written under a temporary name, flushed, read back with our own reader, compared with what was meant, and
//! only then renamed (`product.md`: "What we write, we read back and compare before we say saved"). Explicit VR Little
//! Endian (structure sets: implicit), UTF-8. "Not for clinical use" is in every object.

mod cielab;
mod content;
mod dataset;
mod drawn;
mod evidence;
mod key_objects;
mod measurement_group;
mod modules;
mod picture;
mod plane;
mod presentation;
mod registration;
mod report;
mod report_check;
mod segmentation;
mod series;
mod structures;

pub(crate) use cielab::srgb_from_cielab;
pub use key_objects::write_key_objects;
pub use picture::write_picture_dicom;
pub use plane::{DerivedPlane, PlaneKind, write_plane_dicom};
pub use presentation::{Graphics, presentation_graphics, write_presentation_state};
pub use registration::{RegistrationToWrite, write_registration};
pub use report::write_structured_report;
pub use segmentation::write_segmentation_dicom;
pub use series::{Origin, SeriesDescription, stores_exactly, write_volume_dicom};
pub use structures::write_structure_set;

use crate::io::atomic::PendingFile;
use crate::io::uid;
use crate::loaded::LoadedSeries;
use crate::volume::Segmentation;
use dataset::Dataset;
use dicom_dictionary_std::uids;
use dicom_object::FileMetaTableBuilder;
use std::path::{Path, PathBuf};

/// Implementation Class UID (0002,0012): identifies this program's writer, fixed once (a random UUID under 2.25).
pub(super) const IMPLEMENTATION_CLASS_UID: &str = "2.25.311864390882393739558670455852937507398";
/// Implementation Version Name (0002,0013).
pub(super) const IMPLEMENTATION_VERSION_NAME: &str = concat!("FOVEA_", env!("CARGO_PKG_VERSION"));
/// On every object (`product.md`).
const NOT_FOR_CLINICAL_USE: &str = "Not for clinical use";

/// What a writer must know beyond the content.
#[derive(Debug, Clone)]
pub struct WriteContext<'a> {
    /// The folder that the source's `Instance::file` are relative to (`Catalog::root`). Patient and study are copied from
    /// the headers there, with everything that the catalog does not keep. `None`: from the catalog's texts.
    pub source_root: Option<&'a Path>,
    /// Who made the content (Content Creator's Name); empty when only a program did.
    pub person: String,
    /// Verifying Organization of a signed report; empty becomes "not stated".
    pub organization: String,
    /// Series Number of the new series; `None` takes 9001 for masks, 9002 for reports.
    pub series_number: Option<i64>,
    /// When it is written.
    pub time: jiff::Zoned,
}

impl Default for WriteContext<'_> {
    fn default() -> Self {
        Self {
            source_root: None,
            person: String::new(),
            organization: String::new(),
            series_number: None,
            time: jiff::Zoned::now(),
        }
    }
}

/// An object that was written, read back and compared: what other objects need to refer to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenObject {
    /// SOP Class UID.
    pub sop_class_uid: String,
    /// SOP Instance UID.
    pub sop_instance_uid: String,
    /// Series Instance UID.
    pub series_uid: String,
    /// For masks: (label in the label map, Segment Number in the file). The standard counts segments from 1 without gaps.
    pub segment_numbers: Vec<(u8, u16)>,
}

impl WrittenObject {
    /// An object of a class with fresh UIDs, in a series of its own, without segments.
    fn new(sop_class_uid: &str) -> Self {
        Self {
            sop_class_uid: sop_class_uid.into(),
            sop_instance_uid: uid::fresh(),
            series_uid: uid::fresh(),
            segment_numbers: Vec::new(),
        }
    }
}

impl WrittenObject {
    /// Segment Number in the file of a label.
    pub fn segment_number(&self, label: u8) -> Option<u16> {
        self.segment_numbers.iter().find(|(l, _)| *l == label).map(|(_, n)| *n)
    }
}

/// Why nothing was written. Whatever stood at the place before is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The folder or disk refused.
    #[error("cannot write {file}: {reason}; choose another folder, or make room and check its permissions")]
    Io {
        /// The file that was to be written.
        file: PathBuf,
        /// The system's words.
        reason: std::io::Error,
    },
    /// A segmentation without a single marked voxel has no frames.
    #[error(
        "the segmentation marks no voxel, and a DICOM segmentation cannot be empty; paint or segment something first"
    )]
    NothingMarked,
    /// Masks need a grid in the patient.
    #[error(
        "the source images make no regular volume, so masks on them have no place in the patient; export another series"
    )]
    NoVolume,
    /// The label map belongs to another image.
    #[error("the masks lie on another voxel grid than the images; load the series that they were made on")]
    GridMismatch,
    /// A label that no segment explains.
    #[error("label {0} is marked but described by no segment; add a segment for it or erase it")]
    UndescribedLabel(u8),
    /// A number that its field cannot hold.
    #[error("{what} needs {found}, and DICOM allows at most {limit}; export fewer segments or slices")]
    TooLarge {
        /// What does not fit.
        what: &'static str,
        /// How much it would need.
        found: u64,
        /// How much it may need.
        limit: u64,
    },
    /// An identifier that other objects could not refer to.
    #[error("the source has no valid {0}; open it again so that one is made, or convert it to DICOM first")]
    Identifier(&'static str),
    /// The DICOM encoder refused.
    #[error("the object cannot be encoded: {0}; this is a defect of the program, please report it")]
    Encode(String),
    /// What was read back is not what was meant.
    #[error("{file} read back differently from what was meant ({difference}), so it was removed; nothing was saved")]
    ReadBack {
        /// The file that was to be written.
        file: PathBuf,
        /// First difference.
        difference: String,
    },
}

/// Encodes a data set into a file under a temporary name.
fn encode(place: &Path, dataset: Dataset) -> Result<PendingFile, WriteError> {
    encode_as(uids::EXPLICIT_VR_LITTLE_ENDIAN, place, dataset)
}

/// Encodes a data set in a transfer syntax without compression.
fn encode_as(transfer_syntax: &str, place: &Path, dataset: Dataset) -> Result<PendingFile, WriteError> {
    let meta = FileMetaTableBuilder::new()
        .transfer_syntax(transfer_syntax)
        .implementation_class_uid(IMPLEMENTATION_CLASS_UID)
        .implementation_version_name(IMPLEMENTATION_VERSION_NAME);
    let object = dataset.0.with_meta(meta).map_err(|e| WriteError::Encode(e.to_string()))?;
    let mut encoding = None;
    let pending = PendingFile::write(place, |to| {
        object.write_all(to).map_err(|e| {
            let text = format!("{e}: {}", root_cause(&e));
            // A full disk surfaces here too, wrapped by the encoder; its words are in the chain.
            encoding = (!has_io_cause(&e)).then(|| text.clone());
            std::io::Error::other(text)
        })
    });
    match (pending, encoding) {
        (_, Some(text)) => Err(WriteError::Encode(text)),
        (result, None) => result.map_err(|reason| WriteError::Io { file: place.to_owned(), reason }),
    }
}

/// Commits a file that was read back and found equal.
fn commit(place: &Path, pending: PendingFile) -> Result<(), WriteError> {
    pending.commit().map_err(|reason| WriteError::Io { file: place.to_owned(), reason })
}

/// Reads masks back from what was written, compares them, and only then lets the file appear.
fn commit_masks(
    place: &Path,
    pending: PendingFile,
    source: &LoadedSeries,
    compare: impl FnOnce(&Segmentation) -> Result<(), String>,
) -> Result<(), WriteError> {
    let read = super::read_segmentation(pending.path(), Some(source)).map_err(|e| differs(place, e.to_string()))?;
    compare(&read).map_err(|difference| differs(place, difference))?;
    commit(place, pending)
}

/// The error of a comparison that failed.
fn differs(place: &Path, difference: impl Into<String>) -> WriteError {
    WriteError::ReadBack { file: place.to_owned(), difference: difference.into() }
}

fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

fn has_io_cause(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(e) = cause {
        if e.is::<std::io::Error>() {
            return true;
        }
        cause = e.source();
    }
    false
}

/// Frame of Reference UID of the source, or one derived from its series where the source has none.
fn frame_of_reference_uid(source: &LoadedSeries) -> String {
    let own = &source.series.frame_of_reference_uid;
    if crate::io::uid::is_valid(own) {
        own.clone()
    } else {
        crate::io::uid::from_content([b"frame of reference".as_slice(), source.series.uid.as_bytes()])
    }
}
