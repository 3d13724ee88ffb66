//! Patient, study, series, instance: who and what, without pixels. In the words of the DICOM information model (PS3.3 A.1.2).
//!
//! Texts are already decoded (Specific Character Set) and trimmed; empty means absent. Dates and times are kept as DICOM
//! writes them (`YYYYMMDD`, `HHMMSS.FFFFFF`).

mod patients;
mod projection;
mod unpacked;
mod uptake;

pub use patients::{Identity, PatientStudies, Prior, day, identity, is_before, is_found, patients, priors, shown_day};
pub use projection::{Projection, ProjectionView};
pub use unpacked::Unpacked;
pub use uptake::{Uptake, UptakeBasis};

use std::path::{Path, PathBuf};

/// Whose study it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Patient {
    /// Patient's Name (0010,0010) as it is shown: components joined by readable separators, other groups in parentheses.
    pub name: String,
    /// Ideographic group of the name (PS3.5 6.2.1.2), where it has one.
    pub ideographic: String,
    /// Phonetic group of the name, where it has one.
    pub phonetic: String,
    /// Patient ID (0010,0020).
    pub id: String,
    /// Issuer of Patient ID (0010,0021).
    pub issuer: String,
    /// Patient's Birth Date (0010,0030).
    pub birth_date: String,
    /// Patient's Sex (0010,0040).
    pub sex: String,
}

/// One examination.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Study {
    /// Study Instance UID (0020,000D), or a 2.25 UID derived from the content where the source has none.
    pub uid: String,
    /// Whose it is.
    pub patient: Patient,
    /// Study Date (0008,0020).
    pub date: String,
    /// Study Time (0008,0030).
    pub time: String,
    /// Study Description (0008,1030).
    pub description: String,
    /// Accession Number (0008,0050).
    pub accession: String,
    /// Study ID (0020,0010).
    pub study_id: String,
    /// Referring Physician's Name (0008,0090).
    pub referring_physician: String,
    /// Ascending by number, then UID.
    pub series: Vec<Series>,
}

/// Images of one acquisition or reconstruction.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// Series Instance UID (0020,000E), or derived.
    pub uid: String,
    /// Modality (0008,0060): "CT", "MR", "CR", "DX", "PT", "SEG", …; "OT" for pictures that do not say.
    pub modality: String,
    /// Series Description (0008,103E).
    pub description: String,
    /// Series Number (0020,0011).
    pub number: Option<i64>,
    /// Frame of Reference UID (0020,0052).
    pub frame_of_reference_uid: String,
    /// Body Part Examined (0018,0015).
    pub body_part: String,
    /// Contrast/Bolus Agent (0018,0010); empty says nothing about contrast (`clinical.md` rule 11).
    pub contrast_agent: String,
    /// Slice Thickness (0018,0050) in mm: for display only, never for geometry.
    pub slice_thickness_mm: Option<f64>,
    /// Convolution Kernel (0018,1210).
    pub kernel: String,
    /// Protocol Name (0018,1030).
    pub protocol: String,
    /// Image Type (0008,0008) of the first image: "ORIGINAL", "PRIMARY", "AXIAL", …
    pub image_type: Vec<String>,
    /// What the slices make: filled in when the files are listed.
    pub geometry: SeriesGeometry,
    /// What their positions say, regular or not.
    pub passport: Passport,
    /// What SUV rest on, for PET.
    pub uptake: Uptake,
    /// Everything a reader must know that is not as it should be.
    pub warnings: Warnings,
    /// Volumes: ascending position along row × column normal. Others: Instance Number.
    pub instances: Vec<Instance>,
    /// Which share of the series this is, where its images make several display sets; `None` for a series that is one.
    pub part: Option<Part>,
    /// The frames of this display set in order, where they are not simply all frames of all instances.
    pub slices: Vec<SliceSource>,
}

/// One display set of a series whose images make no single volume: an echo, a b-value, an orientation, the localizers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Part {
    /// From 1, in the order in which the parts are listed.
    pub number: u32,
    /// What tells it from the others: "b-value 1000 s/mm²", "echo 2", "orientation 2 (coronal)".
    pub what: String,
    /// Its place in a group of volumes on one grid that differ in one dimension (4D).
    pub step: Option<Step>,
}

/// One volume of a 4D group.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Step {
    /// Number of the group within the series, from 1.
    pub group: u32,
    /// What changes from step to step: "time", "b-value", "echo", "phase", …
    pub axis: String,
    /// From 0, in ascending order of that value.
    pub index: u32,
    /// Steps of the group.
    pub count: u32,
}

/// Origin of a slice or picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SliceSource {
    /// Index into `Series::instances`.
    pub instance: usize,
    /// Frame in that instance, from 0.
    pub frame: u32,
}

/// What the slices of a series make together.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum SeriesGeometry {
    /// Nothing with pixels, or not examined.
    #[default]
    None,
    /// A regular volume (straight, or evenly sheared by a tilted gantry).
    Volume(crate::geometry::VolumeGeometry),
    /// Pictures without a common grid; the sentence says why.
    Pictures(String),
}

/// The geometry passport of a display set: what the positions of its slices say, and what the header says against them. Files
/// are named without their folders.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Passport {
    /// Slices that were looked at, copies included.
    pub slices: usize,
    /// Different places along the normal; 0 where slices have no common place.
    pub places: usize,
    /// Least, mean and greatest distance of neighbors along the normal, mm.
    pub step_mm: Option<[f64; 3]>,
    /// Where neighbors lie farther apart than others.
    pub gaps: Vec<Gap>,
    /// Files that hold an object once more, each with the file of the first.
    pub copies: Vec<[String; 2]>,
    /// Files at the place of another that they are no copy of.
    pub repeated: Vec<[String; 2]>,
    /// Mean displacement from slice to slice along row and column, mm: a tilted gantry.
    pub shear_mm: [f64; 2],
    /// The same as an angle.
    pub tilt_degrees: f64,
    /// Attributes that the positions contradict, in sentences.
    pub contradictions: Vec<String>,
}

/// Neighbors that lie farther apart than others.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// File of the slice before the gap.
    pub after: String,
    /// File of the slice behind it.
    pub before: String,
    /// Number of the place before the gap, from 0 in ascending order along the normal.
    pub place: usize,
    /// Distance of the two, mm.
    pub distance_mm: f64,
    /// Slices that are missing, where the distance is a whole number of steps.
    pub missing: Option<u32>,
}

/// One file or object.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Instance {
    /// The file, relative to the opened folder (its name when a file was opened).
    pub file: PathBuf,
    /// SOP Instance UID (0008,0018), or derived.
    pub sop_instance_uid: String,
    /// SOP Class UID (0008,0016); empty for pictures that are not DICOM.
    pub sop_class_uid: String,
    /// Transfer Syntax UID (0002,0010); empty for pictures that are not DICOM.
    pub transfer_syntax: String,
    /// Instance Number (0020,0013): the number cited to people.
    pub number: Option<i64>,
    /// Rows (0028,0010); 0 without pixels.
    pub rows: u32,
    /// Columns (0028,0011); 0 without pixels.
    pub columns: u32,
    /// Number of Frames (0028,0008), 1 when absent.
    pub frames: u32,
    /// Photometric Interpretation (0028,0004).
    pub photometric: String,
    /// Lossy Image Compression (0028,2110) "01", or a lossy transfer syntax.
    pub lossy: bool,
    /// How long each frame is shown, ms: one number for all, or one for each; empty where the object does not say.
    pub frame_times_ms: Vec<f64>,
    /// View and side of a projection image that says something of them.
    pub projection: Option<Box<Projection>>,
}

/// What was found at the opened paths.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Catalog {
    /// The folder that `Instance::file` is relative to.
    pub root: PathBuf,
    /// Studies, most recent first.
    pub studies: Vec<Study>,
    /// Files that could not be read, each with one sentence.
    pub unreadable: Vec<Unreadable>,
    /// Archives that were opened: files below them lie in a temporary folder.
    pub unpacked: Unpacked,
}

/// A file that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Relative to the opened folder.
    pub file: PathBuf,
    /// One sentence: what was found and what was expected.
    pub reason: String,
}

impl Catalog {
    /// Every series with the study it belongs to.
    pub fn series(&self) -> impl DoubleEndedIterator<Item = (&Study, &Series)> {
        self.studies.iter().flat_map(|study| study.series.iter().map(move |series| (study, series)))
    }

    /// The display set with this key ([`Series::key`]). A bare Series Instance UID names the main part of its series: of its
    /// volumes, else of all, the first with most slices.
    pub fn find_series(&self, key: &str) -> Option<(&Study, &Series)> {
        self.series().find(|(_, series)| series.key() == key).or_else(|| {
            let size = |series: &Series| {
                (matches!(series.geometry, SeriesGeometry::Volume(_)), series.has_pixels(), series.slices.len())
            };
            self.series().filter(|(_, series)| series.uid == key).rev().max_by_key(|(_, series)| size(series))
        })
    }

    /// Where the file of an instance lies.
    pub fn path(&self, instance: &Instance) -> PathBuf {
        self.place(&instance.file)
    }

    /// Where a file of the catalog lies, by its path relative to the root.
    pub fn place(&self, file: &Path) -> PathBuf {
        self.unpacked.root_of(file).unwrap_or(&self.root).join(file)
    }

    /// The folder that the files of a series are relative to: the root, or the temporary folder of archives.
    pub fn root_of(&self, series: &Series) -> &Path {
        let first = series.instances.first();
        first.and_then(|instance| self.unpacked.root_of(&instance.file)).unwrap_or(&self.root)
    }
}

impl Series {
    /// Its place in a 4D group.
    pub fn step(&self) -> Option<&Step> {
        self.part.as_ref()?.step.as_ref()
    }

    /// True when both are volumes of one 4D group (or the same one).
    pub fn shares_group(&self, other: &Self) -> bool {
        let group = |series: &Self| series.step().map(|step| step.group);
        self.uid == other.uid && group(self).is_some() && group(self) == group(other)
    }

    /// What names this display set among all that are open: its Series Instance UID, with "#2" for its second part.
    pub fn key(&self) -> String {
        match &self.part {
            Some(part) => format!("{}#{}", self.uid, part.number),
            None => self.uid.clone(),
        }
    }

    /// True when it holds pixels that a viewport can show.
    pub fn has_pixels(&self) -> bool {
        self.instances.iter().any(|i| i.rows > 0 && i.columns > 0)
    }
}

/// Sentences about one thing that are kept: each is held against all others, and a hostile file has a million oddities.
const MOST_WARNINGS: usize = 10_000;

/// Sentences about input that is not as it should be: broken input yields a value plus warnings, nothing yields silence.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Warnings(Vec<String>);

impl Warnings {
    /// Adds a sentence once.
    pub fn add(&mut self, sentence: impl Into<String>) {
        let sentence = sentence.into();
        if self.0.len() <= MOST_WARNINGS && !self.0.contains(&sentence) {
            let is_last = self.0.len() == MOST_WARNINGS;
            self.0.push(if is_last {
                "there is more that is odd; only the beginning is listed".into()
            } else {
                sentence
            });
        }
    }

    /// All sentences, in the order in which they were noticed.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// True without any.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
