//! Do masks belong to an image? Patient, frame of reference and referenced series, held against each other.
//!
//! Masks of another patient, or with positions in another frame of reference, would be laid over the wrong place without
//! anybody noticing: both are refused. What a file does not say is said.

use crate::io::dicom::DataSet;
use crate::loaded::LoadedSeries;
use crate::study::Warnings;
use dicom_core::Tag;
use dicom_dictionary_std::tags;

/// What an object says about the patient and the images that it belongs to; empty where it is silent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Belonging {
    /// Patient ID (0010,0020).
    pub patient_id: String,
    /// Study Instance UID (0020,000D) of the object.
    pub study_uid: String,
    /// Frames of reference (0020,0052) of its positions.
    pub frame_of_reference_uids: Vec<String>,
    /// Series that it refers to.
    pub series_uids: Vec<String>,
}

impl Belonging {
    /// From the header of a SEG or RTSTRUCT.
    pub fn of(data: &DataSet) -> Self {
        let rt_series = data
            .items(tags::REFERENCED_FRAME_OF_REFERENCE_SEQUENCE)
            .iter()
            .flat_map(|frame| frame.items(tags::RT_REFERENCED_STUDY_SEQUENCE))
            .flat_map(|study| study.items(tags::RT_REFERENCED_SERIES_SEQUENCE));
        let series = data.items(tags::REFERENCED_SERIES_SEQUENCE).iter().chain(rt_series);
        let frames = std::iter::once(data).chain(data.items(tags::REFERENCED_FRAME_OF_REFERENCE_SEQUENCE));
        Self {
            patient_id: data.text(tags::PATIENT_ID),
            study_uid: data.text(tags::STUDY_INSTANCE_UID),
            frame_of_reference_uids: uids(frames, tags::FRAME_OF_REFERENCE_UID),
            series_uids: uids(series, tags::SERIES_INSTANCE_UID),
        }
    }

    /// Refuses another patient's image and another frame of reference, with the reason; warns where nothing can be compared.
    pub(crate) fn check(&self, image: &LoadedSeries, warnings: &mut Warnings) -> Result<(), String> {
        let differ = |a: &str, b: &str| !a.is_empty() && !b.is_empty() && a != b;
        if differ(&self.patient_id, &image.study.patient.id) {
            return Err("the masks are of another patient (Patient ID differs) than the image".into());
        }
        let names_series = self.series_uids.contains(&image.series.uid);
        let frame = &image.series.frame_of_reference_uid;
        let same_frame = !frame.is_empty() && self.frame_of_reference_uids.contains(frame);
        if !same_frame && !frame.is_empty() && !self.frame_of_reference_uids.is_empty() {
            return Err("the masks are placed in another frame of reference than the image (0020,0052)".into());
        }
        if !same_frame && !names_series {
            if differ(&self.study_uid, &image.study.uid) && !image.series.frame_of_reference_uid.is_empty() {
                return Err("the masks are of another study and share no frame of reference with the image".into());
            }
            warnings.add("masks and image share no frame of reference and no series UID; that they belong together was not checked");
        } else if !names_series && !self.series_uids.is_empty() {
            warnings.add("the masks were drawn on another series of the same frame of reference");
        }
        Ok(())
    }
}

/// What items say of one attribute, without those that say nothing.
fn uids<'a>(items: impl Iterator<Item = &'a DataSet>, tag: Tag) -> Vec<String> {
    items.map(|item| item.text(tag)).filter(|uid| !uid.is_empty()).collect()
}
