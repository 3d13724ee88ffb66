//! What a document refers to, by study and series (PS3.3 C.17.2): every object once.

use super::WrittenObject;
use super::dataset::{Dataset, reference_item};
use super::drawn::referable;
use super::modules::reference_of;
use crate::findings::Finding;
use crate::findings::measurement::{ImageRef, SeriesRef};
use crate::loaded::LoadedSeries;
use dicom_dictionary_std::tags;

/// SOP Class UID and SOP Instance UID.
type Object = [String; 2];
/// Series Instance UID and its objects.
type SeriesObjects = (String, Vec<Object>);
/// Study Instance UID and its series.
type StudyObjects = (String, Vec<SeriesObjects>);

/// Studies, series and objects in the order in which they were first named.
#[derive(Default)]
pub(super) struct Evidence(Vec<StudyObjects>);

impl Evidence {
    pub(super) fn add(&mut self, study_uid: &str, series_uid: &str, sop_class_uid: &str, sop_instance_uid: &str) {
        let series = entry(entry(&mut self.0, study_uid), series_uid);
        if !series.iter().any(|[_, instance]| instance == sop_instance_uid) {
            series.push([sop_class_uid.to_owned(), sop_instance_uid.to_owned()]);
        }
    }

    pub(super) fn add_image(&mut self, series: &SeriesRef, image: &ImageRef) {
        self.add(&series.study_uid, &series.uid, &image.sop_class_uid, &image.sop_instance_uid);
    }

    /// One item for each study.
    pub(super) fn items(&self) -> Vec<Dataset> {
        let series_item = |(uid, objects): &SeriesObjects| {
            let references = objects.iter().map(|[class, instance]| reference_item(class, instance)).collect();
            let mut item = Dataset::new();
            item.uid(tags::SERIES_INSTANCE_UID, uid).sequence(tags::REFERENCED_SOP_SEQUENCE, references);
            item
        };
        let study_item = |(uid, series): &StudyObjects| {
            let mut item = Dataset::new();
            item.uid(tags::STUDY_INSTANCE_UID, uid)
                .sequence(tags::REFERENCED_SERIES_SEQUENCE, series.iter().map(series_item).collect());
            item
        };
        self.0.iter().map(study_item).collect()
    }
}

/// The entry of a name, made when it is new.
fn entry<'a, T: Default>(all: &'a mut Vec<(String, T)>, name: &str) -> &'a mut T {
    let at = all.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
        all.push((name.to_owned(), T::default()));
        all.len() - 1
    });
    &mut all[at].1
}

/// All images of the source, the masks, and the images of measurements on other series; the source's study comes first.
pub(super) fn all(source: &LoadedSeries, masks: Option<&WrittenObject>, findings: &[&Finding]) -> Vec<Dataset> {
    let mut evidence = Evidence::default();
    let study = &source.study.uid;
    for (class, instance) in (0..source.slices.len()).filter_map(|k| reference_of(source, k)) {
        evidence.add(study, &source.series.uid, class, instance);
    }
    if let Some(masks) = masks {
        evidence.add(study, &masks.series_uid, &masks.sop_class_uid, &masks.sop_instance_uid);
    }
    for measurement in findings.iter().filter_map(|f| f.measurement()) {
        if let Some(image) = referable(measurement) {
            evidence.add_image(measurement.place.series(), image);
        }
    }
    evidence.items()
}
