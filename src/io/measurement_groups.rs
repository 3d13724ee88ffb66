//! Measurement groups of TID 1500 (PS3.16: TID 1410 planar, 1411 volumetric, 1501 without region) as findings.
//!
//! The mapping: Tracking Identifier and Unique Identifier name the finding; Finding (121071) is its code and label, Finding
//! Site with Laterality its place; each NUM is a measurement with its unit as written. Regions become evidence only where
//! their place is known: points on an image of the series (a box on that picture, or in the slice's plane when the series is
//! a volume), points in the patient only in the series' own frame of reference. Anything else is said and left without place.

use super::content_tree::{ContentItem, ContentValue, Document, ObjectReference, PointsLps, PointsPx, Quantity};
use crate::codes::{Code, MORPHOLOGICALLY_ABNORMAL};
use crate::findings::{
    Certainty, Evidence, Finding, FindingId, FindingKind, FindingState, ModelProvenance, Provenance,
};
use crate::geometry::{BoxLps, DVec2, VolumeGeometry};
use crate::loaded::LoadedSeries;
use crate::study::Warnings;

const GROUP: Code = Code::dcm("125007", "Measurement Group");
const TRACKING_IDENTIFIER: Code = Code::dcm("112039", "Tracking Identifier");
const TRACKING_UID: Code = Code::dcm("112040", "Tracking Unique Identifier");
const FINDING: Code = Code::dcm("121071", "Finding");
/// Finding Site and Laterality, each in SNOMED CT and in the older identifiers of the same terms.
const FINDING_SITE: [Code; 2] = [Code::sct("363698007", "Finding Site"), srt("G-C0E3")];
const LATERALITY: [Code; 2] = [Code::sct("272741003", "Laterality"), srt("G-C171")];
const FINDING_CATEGORY: [Code; 2] = [Code::sct("276214006", "Finding category"), srt("G-D329")];
const DERIVATION: Code = Code::dcm("121401", "Derivation");
const MEASUREMENT_METHOD: [Code; 2] = [Code::sct("370129005", "Measurement Method"), srt("G-C306")];
const ALGORITHM_NAME: Code = Code::dcm("111001", "Algorithm Name");
const ALGORITHM_VERSION: Code = Code::dcm("111003", "Algorithm Version");
const OBSERVER_NAME: Code = Code::dcm("121008", "Person Observer Name");
/// Anatomical Structure as category, in both vocabularies: the finding is an organ, not a lesion.
const ANATOMICAL: [&str; 2] = ["123037004", "T-D000A"];

const fn srt(value: &'static str) -> Code {
    Code {
        value: std::borrow::Cow::Borrowed(value),
        scheme: std::borrow::Cow::Borrowed("SRT"),
        meaning: std::borrow::Cow::Borrowed(""),
    }
}

/// One measurement group, as it is written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MeasurementGroup {
    /// Tracking Identifier.
    pub tracking_id: String,
    /// Tracking Unique Identifier.
    pub tracking_uid: String,
    /// Finding Category.
    pub category: Option<Code>,
    /// Finding.
    pub finding: Option<Code>,
    /// Finding Site.
    pub site: Option<Code>,
    /// Laterality of the site.
    pub laterality: Option<Code>,
    /// What was measured.
    pub measurements: Vec<ReportedMeasurement>,
    /// What was judged: concept and code.
    pub evaluations: Vec<(Code, Code)>,
    /// Where.
    pub regions: Vec<ReportedRegion>,
    /// Algorithm Name and Version, where a program measured.
    pub algorithm: Option<[String; 2]>,
}

/// A number of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportedMeasurement {
    /// What it is: "Volume".
    pub name: Code,
    /// Value and unit.
    pub quantity: Quantity,
    /// "Mean", "Maximum", ….
    pub derivation: Option<Code>,
    /// How it was measured.
    pub method: Option<Code>,
}

/// A region of a group.
#[derive(Debug, Clone, PartialEq)]
pub enum ReportedRegion {
    /// Points on an image; `None` where it does not say on which.
    Picture(Option<ObjectReference>, PointsPx),
    /// Points in the patient.
    Patient(PointsLps),
    /// A segment of a DICOM SEG.
    Segment(ObjectReference),
}

/// A finding that another system reported, with the numbers that it wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportedFinding {
    /// The finding; without measures, because nothing was measured here.
    pub finding: Finding,
    /// As written.
    pub group: MeasurementGroup,
}

/// All measurement groups of a document, wherever they hang.
pub fn groups(document: &Document) -> Vec<MeasurementGroup> {
    let mut found = Vec::new();
    collect(&document.root, &mut found);
    found
}

fn collect(item: &ContentItem, found: &mut Vec<MeasurementGroup>) {
    if item.is_about(&GROUP) && item.value == ContentValue::Container {
        found.push(group(item));
    } else {
        item.children.iter().for_each(|child| collect(child, found));
    }
}

fn group(item: &ContentItem) -> MeasurementGroup {
    let mut group = MeasurementGroup::default();
    let mut algorithm = [String::new(), String::new()];
    for child in &item.children {
        match &child.value {
            ContentValue::Text(text) if child.is_about(&TRACKING_IDENTIFIER) => group.tracking_id.clone_from(text),
            ContentValue::Uid(uid) if child.is_about(&TRACKING_UID) => group.tracking_uid.clone_from(uid),
            ContentValue::Text(text) if child.is_about(&ALGORITHM_NAME) => algorithm[0].clone_from(text),
            ContentValue::Text(text) if child.is_about(&ALGORITHM_VERSION) => algorithm[1].clone_from(text),
            ContentValue::Code(Some(code)) => add_code(&mut group, child, code),
            ContentValue::Number(quantity) => {
                group.measurements.extend(measurement(child, quantity));
                // Lines stand under the number that was measured along them (TID 320).
                group.regions.extend(child.children.iter().filter_map(region));
            }
            _ => group.regions.extend(region(child)),
        }
    }
    group.algorithm = (!algorithm[0].is_empty()).then_some(algorithm);
    group
}

fn add_code(group: &mut MeasurementGroup, item: &ContentItem, code: &Code) {
    if item.is_about(&FINDING) {
        group.finding = Some(code.clone());
    } else if is_about_any(item, &FINDING_CATEGORY) {
        group.category = Some(code.clone());
    } else if is_about_any(item, &FINDING_SITE) {
        group.site = Some(code.clone());
        group.laterality = modifier(item, &LATERALITY);
    } else if let Some(concept) = &item.concept {
        group.evaluations.push((concept.clone(), code.clone()));
    }
}

fn is_about_any(item: &ContentItem, concepts: &[Code]) -> bool {
    concepts.iter().any(|concept| item.is_about(concept))
}

fn modifier(item: &ContentItem, concepts: &[Code]) -> Option<Code> {
    item.children.iter().filter(|child| is_about_any(child, concepts)).find_map(|child| match &child.value {
        ContentValue::Code(code) => code.clone(),
        _ => None,
    })
}

fn measurement(item: &ContentItem, quantity: &Quantity) -> Option<ReportedMeasurement> {
    Some(ReportedMeasurement {
        name: item.concept.clone()?,
        quantity: quantity.clone(),
        derivation: modifier(item, std::slice::from_ref(&DERIVATION)),
        method: modifier(item, &MEASUREMENT_METHOD),
    })
}

fn region(item: &ContentItem) -> Option<ReportedRegion> {
    match &item.value {
        ContentValue::Points(points) => {
            let image = item.children.iter().find_map(|child| match &child.value {
                ContentValue::Image(image) => Some(image.clone()),
                _ => None,
            });
            Some(ReportedRegion::Picture(image, points.clone()))
        }
        ContentValue::PointsInPatient(points) => Some(ReportedRegion::Patient(points.clone())),
        ContentValue::Image(image) if !image.segments.is_empty() => Some(ReportedRegion::Segment(image.clone())),
        _ => None,
    }
}

/// The groups of a document as findings on a series. What has no known place there is said in `warnings`.
pub fn findings_on(document: &Document, series: &LoadedSeries, warnings: &mut Warnings) -> Vec<ReportedFinding> {
    let by = observer(document);
    let numbered = (1..).zip(groups(document));
    numbered.map(|(n, group)| finding(n, group, document, &by, series, warnings)).collect()
}

fn finding(
    number: usize,
    group: MeasurementGroup,
    document: &Document,
    by: &str,
    series: &LoadedSeries,
    warnings: &mut Warnings,
) -> ReportedFinding {
    let meaning = |code: &Option<Code>| code.as_ref().map(|c| c.meaning.to_string()).unwrap_or_default();
    let label = [group.tracking_id.clone(), meaning(&group.finding), "Finding".into()].into_iter();
    let label = label.clone().find(|l| !l.is_empty()).unwrap_or_default();
    let is_organ = group.category.as_ref().is_some_and(|c| ANATOMICAL.contains(&c.value.as_ref()));
    let verified = document.verification == "VERIFIED" && !document.verified_by.is_empty();
    let provenance = match &group.algorithm {
        Some([name, version]) => Provenance::Model(ModelProvenance {
            name: name.clone(),
            version: version.clone(),
            weights_sha256: String::new(),
            settings: String::new(),
            rules: false,
        }),
        None => Provenance::Person(by.to_owned()),
    };
    let evidence = evidence(&group, &label, series, warnings);
    let finding = Finding {
        id: FindingId(format!("sr{number}")),
        kind: if is_organ { FindingKind::Organ } else { FindingKind::Lesion },
        label,
        code: group.finding.clone().filter(|code| *code != MORPHOLOGICALLY_ABNORMAL),
        site: meaning(&group.site),
        site_code: group.site.clone(),
        laterality: group.laterality.clone(),
        certainty: Certainty::Present,
        // Only a verified document has a person behind each of its statements.
        state: if verified { FindingState::Accepted } else { FindingState::Proposed },
        reviewer: if verified { document.verified_by.join(", ") } else { String::new() },
        evidence,
        measures: None,
        score: None,
        provenance,
        tracking_uid: group.tracking_uid.clone(),
    };
    ReportedFinding { finding, group }
}

/// Person Observer Name, wherever the document says it first.
fn observer(document: &Document) -> String {
    fn search(item: &ContentItem) -> Option<String> {
        match &item.value {
            ContentValue::PersonName(_) if item.is_about(&OBSERVER_NAME) => Some(item.said()),
            _ => item.children.iter().find_map(search),
        }
    }
    search(&document.root).unwrap_or_default()
}

fn evidence(group: &MeasurementGroup, label: &str, series: &LoadedSeries, warnings: &mut Warnings) -> Vec<Evidence> {
    let mut found = Vec::new();
    let mut corners = Vec::new();
    for region in &group.regions {
        match region {
            ReportedRegion::Picture(image, points) => match on_picture(image.as_ref(), points, series) {
                Ok(evidence) => found.push(evidence),
                Err(reason) => warnings.add(format!("{label} was left without this place: {reason}")),
            },
            ReportedRegion::Patient(points) => {
                let own = &series.series.frame_of_reference_uid;
                if own.is_empty() || *own != points.frame_of_reference_uid {
                    warnings.add(format!(
                        "{label} was left without this place: its points are in another frame of reference than the image"
                    ));
                } else if let ("POINT", [point]) = (points.shape.as_str(), points.points_lps.as_slice()) {
                    found.push(Evidence::Point(*point));
                } else {
                    corners.extend_from_slice(&points.points_lps);
                }
            }
            // Masks are shown as masks, when their file is opened.
            ReportedRegion::Segment(_) => {}
        }
    }
    // Several outlines in the patient bound one region.
    found.extend(BoxLps::around(corners).map(Evidence::Box));
    found
}

/// The box around points on an image of the series: in the plane of its slice, or on its picture.
fn on_picture(image: Option<&ObjectReference>, points: &PointsPx, series: &LoadedSeries) -> Result<Evidence, String> {
    let image = image.ok_or("its points do not say on which image they lie")?;
    let k = position(image, series).ok_or("its image is not in this series")?;
    let (min_px, max_px) = extent(points).ok_or("it has no points")?;
    Ok(match series.geometry() {
        Some(geometry) => Evidence::Box(in_slice(geometry, k, min_px, max_px)),
        None => Evidence::PictureBox { sop_instance_uid: image.sop_instance_uid.clone(), min_px, max_px },
    })
}

/// Position in the series of the only frame that a reference names.
fn position(image: &ObjectReference, series: &LoadedSeries) -> Option<usize> {
    let frame = match image.frames.as_slice() {
        [] => None,
        [only] => Some(*only),
        _ => return None,
    };
    let mut places = (0..series.slices.len()).filter(|&k| {
        let is_instance = series.instance(k).is_some_and(|i| i.sop_instance_uid == image.sop_instance_uid);
        is_instance && frame.is_none_or(|frame| series.slices[k].frame + 1 == frame)
    });
    let first = places.next()?;
    // All frames of a stack are no place.
    places.next().is_none().then_some(first)
}

/// Extent of points with pixel centers at integers. A circle is its center and a point of its rim.
fn extent(points: &PointsPx) -> Option<(DVec2, DVec2)> {
    let centered: Vec<DVec2> = points.points_px.iter().map(|p| *p - 0.5).collect();
    match (points.shape.as_str(), centered.as_slice()) {
        ("CIRCLE", [center, rim, ..]) => {
            let radius = DVec2::splat(center.distance(*rim));
            Some((*center - radius, *center + radius))
        }
        ("ELLIPSE", [a, b, c, d, ..]) => {
            let (center, major, minor) = ((*a + *b) / 2.0, (*b - *a) / 2.0, (*d - *c) / 2.0);
            let reach = DVec2::new(major.x.hypot(minor.x), major.y.hypot(minor.y));
            Some((center - reach, center + reach))
        }
        (_, [first, rest @ ..]) => {
            Some(rest.iter().fold((*first, *first), |(low, high), p| (low.min(*p), high.max(*p))))
        }
        _ => None,
    }
}

/// A box on a slice as a box in the patient, as thick as the slice.
fn in_slice(geometry: &VolumeGeometry, k: usize, min_px: DVec2, max_px: DVec2) -> BoxLps {
    let corners = [(min_px.x, min_px.y), (max_px.x, min_px.y), (min_px.x, max_px.y), (max_px.x, max_px.y)];
    let sides = [k as f64 - 0.5, k as f64 + 0.5];
    let points = corners.into_iter().flat_map(|(i, j)| sides.map(|k| geometry.point_lps(DVec2::new(i, j).extend(k))));
    BoxLps::around(points).unwrap_or(BoxLps { min: geometry.origin_lps(), max: geometry.origin_lps() })
}
