//! What jobs read of an object that is no image: everything that its view shows, so that the window only paints.

use crate::codes::Code;
use crate::context::{ImagePlace, ObjectContent, ReportRow};
use crate::io::content_tree::{ContentItem, ContentValue, Document, ObjectReference};
use crate::io::dicom::DicomFile;
use crate::io::measurement_groups;
use crate::io::objects::{self, Object, ObjectKind};
use crate::io::segmentation::{Belonging, described_segments};
use crate::study::{Catalog, Series, SliceSource, Warnings};
use crate::volume::Segment;
use std::collections::HashMap;
use std::path::Path;

/// "SEG binary, series 100"; what it is where it has no description.
pub(super) fn source(series: &Series, kind: ObjectKind) -> String {
    let name = if series.description.is_empty() { kind.title() } else { &series.description };
    match series.number {
        Some(number) => format!("{name}, series {number}"),
        None => name.to_owned(),
    }
}

/// "CT thorax, series 4", for people to find it in the list.
fn named(series: &Series) -> String {
    let name = if series.description.is_empty() { &series.modality } else { &series.description };
    match series.number {
        Some(number) => format!("{name}, series {number}"),
        None => name.clone(),
    }
}

/// Reads an object; what cannot be read is said in its warnings.
pub(super) fn content(path: &Path, kind: ObjectKind, catalog: &Catalog) -> ObjectContent {
    let mut warnings = Warnings::default();
    let mut content = ObjectContent {
        object: Object::Other,
        rows: Vec::new(),
        images: Vec::new(),
        segments: Vec::new(),
        belonging: Belonging::default(),
        groups: 0,
        pages: Ok(0),
        warnings: Vec::new(),
    };
    match DicomFile::header(path) {
        Ok(file) => {
            content.belonging = Belonging::of(&file.data);
            content.object = objects::of(&file.data, &mut warnings);
            content.segments = segments(&file, kind, &content.object, &mut warnings);
        }
        Err(problem) => warnings.add(problem.to_string()),
    }
    let places = Places::of(catalog);
    match &content.object {
        Object::Report(document) => {
            content.rows = rows(document, &places);
            content.groups = measurement_groups::groups(document).len();
        }
        Object::KeyObjects(keys) => {
            content.images = keys.references.iter().map(|key| places.find(&key.object)).collect();
        }
        Object::Presentation(state) => content.images = state.images.iter().map(|image| places.find(image)).collect(),
        Object::Document(document) => content.pages = document.page_count().map_err(|problem| problem.to_string()),
        _ => {}
    }
    content.warnings = warnings.iter().map(str::to_owned).collect();
    content
}

/// Names and colors of masks.
fn segments(file: &DicomFile, kind: ObjectKind, object: &Object, warnings: &mut Warnings) -> Vec<Segment> {
    match (kind, object) {
        (_, Object::Structures(set)) => {
            let plain = |n: usize| crate::io::segmentation::undescribed_segment(u8::try_from(n + 1).unwrap_or(u8::MAX));
            let segment = |(n, roi): (usize, &crate::io::structures::Roi)| {
                let plain = plain(n);
                let color_rgb = roi.color_rgb.unwrap_or(plain.color_rgb);
                Segment { label: roi.name.clone(), color_rgb, ..plain }
            };
            set.rois.iter().enumerate().map(segment).collect()
        }
        (ObjectKind::Masks, _) => described_segments(&file.data, warnings).unwrap_or_else(|problem| {
            warnings.add(problem.to_string());
            Vec::new()
        }),
        _ => Vec::new(),
    }
}

/// Where images are among those that are open: series and index of the instance in it. The frames of one instance can lie in
/// several display sets.
struct Places<'a>(HashMap<&'a str, Vec<(&'a Series, usize)>>);

impl<'a> Places<'a> {
    fn of(catalog: &'a Catalog) -> Self {
        let mut places: HashMap<&str, Vec<(&Series, usize)>> = HashMap::new();
        for (_, series) in catalog.series().filter(|(_, series)| ObjectKind::of(series).is_none()) {
            for (n, instance) in series.instances.iter().enumerate() {
                places.entry(instance.sop_instance_uid.as_str()).or_default().push((series, n));
            }
        }
        Self(places)
    }

    /// The image, or the words for one that is not open.
    fn find(&self, object: &ObjectReference) -> Result<ImagePlace, String> {
        let shows = |series: &Series, n: usize| {
            let wanted = |slice: &SliceSource| {
                slice.instance == n
                    && (object.frames.is_empty() || object.frames.contains(&slice.frame.saturating_add(1)))
            };
            series.slices.is_empty() || series.slices.iter().any(wanted)
        };
        let known = self.0.get(object.sop_instance_uid.as_str()).map_or(&[][..], Vec::as_slice);
        let Some((series, instance)) =
            known.iter().find(|(series, n)| shows(series, *n)).map(|(series, n)| (*series, &series.instances[*n]))
        else {
            let class = objects::class_name(&object.sop_class_uid);
            let what = if class.is_empty() { "Object" } else { &class };
            return Err(format!("{what}, not among the opened images"));
        };
        let mut title = named(series);
        if let Some(number) = instance.number {
            title += &format!(", image {number}");
        }
        if let [first, ..] = object.frames.as_slice() {
            title += &format!(", frame {first}");
        }
        Ok(ImagePlace { series_key: series.key(), object: object.clone(), title })
    }
}

fn rows(document: &Document, places: &Places<'_>) -> Vec<ReportRow> {
    let mut rows = Vec::new();
    add_rows(&document.root, 0, places, &mut rows);
    rows
}

fn add_rows(item: &ContentItem, depth: usize, places: &Places<'_>, rows: &mut Vec<ReportRow>) {
    let reference = match &item.value {
        ContentValue::Image(object) | ContentValue::Object(object) => Some(places.find(object)),
        _ => None,
    };
    let value = match &reference {
        Some(Ok(place)) => place.title.clone(),
        Some(Err(words)) => words.clone(),
        None => item.said(),
    };
    rows.push(ReportRow {
        depth,
        concept: item.concept.as_ref().map(worded).unwrap_or_default(),
        value,
        codes: codes(item),
        image: reference.and_then(Result::ok),
    });
    item.children.iter().for_each(|child| add_rows(child, depth + 1, places, rows));
}

fn worded(code: &Code) -> String {
    if code.meaning.is_empty() { code.value.to_string() } else { code.meaning.to_string() }
}

/// Codes behind the words of an item, and the UIDs of what it refers to.
fn codes(item: &ContentItem) -> String {
    let line = |what: &str, code: &Code| format!("{what}: {} ({}, {})", code.meaning, code.value, code.scheme);
    let mut lines: Vec<String> = item.concept.iter().map(|code| line("Concept", code)).collect();
    match &item.value {
        ContentValue::Code(Some(code)) => lines.push(line("Value", code)),
        ContentValue::Number(quantity) => lines.extend(quantity.unit.iter().map(|unit| line("Unit", unit))),
        ContentValue::Image(object) | ContentValue::Object(object) => {
            lines.push(format!("SOP Instance UID: {}", object.sop_instance_uid));
        }
        _ => {}
    }
    if !item.relationship.is_empty() {
        lines.push(format!("Relationship: {}", item.relationship));
    }
    lines.join("\n")
}
