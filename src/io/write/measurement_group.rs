//! Findings as measurement groups of TID 1500 (PS3.16): volumetric (TID 1411) for masks, boxes and points in the patient,
//! planar (TID 1410) for boxes on one picture, without region (TID 1501) for the rest. A person's measurement takes the template
//! of its shape; lines stand under their number (TID 300, 320).

use super::WrittenObject;
use super::content::{ImagePart, Item, Relation};
use super::drawn::{self, Drawn};
use crate::codes::{self, Code};
use crate::findings::measurement::{Measured, Measurement, Shape, Unit};
use crate::findings::{Certainty, Evidence, Finding, FindingKind, FindingState, ModelProvenance, Provenance, Quantity};
use crate::geometry::{BoxLps, DVec2, DVec3};
use crate::io::uid;

/// Scheme of the concepts that no public vocabulary has.
pub(super) const OWN_SCHEME: &str = "99FOVEA";

/// Text that every measurement has and no other finding.
pub(super) const CALIBRATION: Code = Code {
    value: std::borrow::Cow::Borrowed("CALIBRATION"),
    scheme: std::borrow::Cow::Borrowed(OWN_SCHEME),
    meaning: std::borrow::Cow::Borrowed("Where lengths come from"),
};
const GROUP: Code = Code::dcm("125007", "Measurement Group");
const TRACKING_IDENTIFIER: Code = Code::dcm("112039", "Tracking Identifier");
pub(super) const TRACKING_UID: Code = Code::dcm("112040", "Tracking Unique Identifier");
const FINDING_CATEGORY: Code = Code::sct("276214006", "Finding category");
pub(super) const FINDING: Code = Code::dcm("121071", "Finding");
const FINDING_SITE: Code = Code::sct("363698007", "Finding Site");
const LATERALITY: Code = Code::sct("272741003", "Laterality");
const ALGORITHM_NAME: Code = Code::dcm("111001", "Algorithm Name");
const ALGORITHM_VERSION: Code = Code::dcm("111003", "Algorithm Version");
const ALGORITHM_PARAMETERS: Code = Code::dcm("111002", "Algorithm Parameters");
const REFERENCED_SEGMENT: Code = Code::dcm("121191", "Referenced Segment");
const SOURCE_SERIES: Code = Code::dcm("121232", "Source series for segmentation");
const IMAGE_REGION: Code = Code::dcm("111030", "Image Region");
const GEOMETRIC_PURPOSE: Code = Code::dcm("130400", "Geometric purpose of region");
const BOUNDED_BY: Code = Code::sct("75958009", "Bounded by");
const VOLUME: Code = Code::sct("118565006", "Volume");
const LONG_AXIS: Code = Code::sct("103339001", "Long axis");
const SHORT_AXIS: Code = Code::sct("103340004", "Short axis");
const DERIVATION: Code = Code::dcm("121401", "Derivation");
const SOURCE_OF_MEASUREMENT: Code = Code::dcm("121112", "Source of Measurement");
const MEAN: Code = Code::sct("373098007", "Mean");
const STANDARD_DEVIATION: Code = Code::sct("386136009", "Standard Deviation");
const CUBIC_CENTIMETER: Code = Code::ucum("cm3", "cubic centimeter");
const MILLIMETER: Code = Code::ucum("mm", "millimeter");

/// What findings refer to.
pub(super) struct Referred<'a> {
    /// The written masks, where there are any.
    pub(super) masks: Option<&'a WrittenObject>,
    /// Series that the masks were made on.
    pub(super) series_uid: &'a str,
    /// Space of points in the patient.
    pub(super) frame_of_reference_uid: &'a str,
    /// (SOP Instance UID, SOP Class UID) of every image.
    pub(super) images: &'a [(String, String)],
    /// Modality, for the name of uncalibrated values.
    pub(super) modality: &'a str,
}

/// A number that is written, and read back to be compared.
#[derive(Debug, Clone)]
pub(super) struct Number {
    pub(super) name: Code,
    pub(super) value: f64,
    unit: Code,
    pub(super) derivation: Option<Code>,
    /// What it was measured along.
    pub(super) lines: Vec<Drawn>,
}

/// A finding as a measurement group.
pub(super) fn group(finding: &Finding, referred: &Referred<'_>) -> Item {
    let (template, regions) = regions(finding, referred);
    let mut group = Item::container(&GROUP, Some(template));
    group.add(Relation::HasObsContext, Item::text(&TRACKING_IDENTIFIER, &tracking_identifier(finding)));
    group.add(Relation::HasObsContext, Item::uid(&TRACKING_UID, &tracking_uid(finding)));
    let category = match finding.kind {
        FindingKind::Organ => Some(codes::ANATOMICAL_STRUCTURE),
        FindingKind::Lesion => Some(codes::MORPHOLOGICALLY_ABNORMAL),
        // A measurement claims nothing beyond its numbers.
        FindingKind::Measurement => None,
    };
    if let Some(category) = &category {
        group.add(Relation::Contains, Item::code(&FINDING_CATEGORY, category));
    }
    if let Some(code) = finding.code.as_ref().or(category.as_ref()) {
        group.add(Relation::Contains, Item::code(&FINDING, code));
    }
    if let Some(site) = site(finding) {
        group.add(Relation::HasConceptMod, site);
    }
    if let Provenance::Model(model) = &finding.provenance {
        algorithm(&mut group, model);
    }
    for region in regions {
        group.add(Relation::Contains, region);
    }
    for number in numbers(finding, referred.modality, referred.frame_of_reference_uid) {
        let mut item = Item::number(&number.name, number.value, &number.unit);
        if let Some(derivation) = &number.derivation {
            item.add(Relation::HasConceptMod, Item::code(&DERIVATION, derivation));
        }
        for line in number.lines {
            item.add(Relation::InferredFrom, line.item(&SOURCE_OF_MEASUREMENT));
        }
        group.add(Relation::Contains, item);
    }
    evaluations(&mut group, finding);
    group
}

/// Tracking Identifier: what people call it.
fn tracking_identifier(finding: &Finding) -> String {
    if finding.label.trim().is_empty() { finding.id.0.clone() } else { finding.label.clone() }
}

/// The finding's own UID, or one from its identity where it has none.
pub(super) fn tracking_uid(finding: &Finding) -> String {
    if uid::is_valid(&finding.tracking_uid) {
        finding.tracking_uid.clone()
    } else {
        uid::from_content([b"finding".as_slice(), finding.id.0.as_bytes(), finding.label.as_bytes()])
    }
}

/// Finding site with its side. An organ with a side is its own site, so that "right" is coded too; a side alone is no site.
fn site(finding: &Finding) -> Option<Item> {
    let sided_organ = finding.kind == FindingKind::Organ && finding.laterality.is_some();
    let own_site = finding.code.as_ref().filter(|_| sided_organ);
    let mut item = Item::code(&FINDING_SITE, finding.site_code.as_ref().or(own_site)?);
    if let Some(side) = &finding.laterality {
        item.add(Relation::HasConceptMod, Item::code(&LATERALITY, side));
    }
    Some(item)
}

/// Algorithm Identification (TID 4019).
fn algorithm(group: &mut Item, model: &ModelProvenance) {
    let named = |text: &str| if text.trim().is_empty() { "not stated".to_owned() } else { text.to_owned() };
    group.add(Relation::HasConceptMod, Item::text(&ALGORITHM_NAME, &named(&model.name)));
    group.add(Relation::HasConceptMod, Item::text(&ALGORITHM_VERSION, &named(&model.version)));
    let kind = if model.rules { "rules, no network" } else { "network" };
    group.add(Relation::HasConceptMod, Item::text(&ALGORITHM_PARAMETERS, &format!("kind={kind}")));
    if !model.weights_sha256.is_empty() {
        let weights = format!("weights_sha256={}", model.weights_sha256);
        group.add(Relation::HasConceptMod, Item::text(&ALGORITHM_PARAMETERS, &weights));
    }
    if !model.settings.trim().is_empty() {
        group.add(Relation::HasConceptMod, Item::text(&ALGORITHM_PARAMETERS, &model.settings));
    }
}

/// The template and what the finding rests on: its measurement, its mask, else its boxes, else its points, else nothing.
fn regions(finding: &Finding, referred: &Referred<'_>) -> (&'static str, Vec<Item>) {
    if let Some(measurement) = finding.measurement() {
        return measured_regions(measurement, referred.frame_of_reference_uid);
    }
    let segment = finding.segment().and_then(|label| Some((referred.masks?, referred.masks?.segment_number(label)?)));
    if let Some((masks, number)) = segment {
        let part = ImagePart::Segment(number);
        let mask = Item::image(Some(&REFERENCED_SEGMENT), &masks.sop_class_uid, &masks.sop_instance_uid, part);
        return ("1411", vec![mask, Item::uid(&SOURCE_SERIES, referred.series_uid)]);
    }
    let planar = finding.evidence.iter().find_map(|e| match e {
        Evidence::PictureBox { sop_instance_uid, min_px, max_px } => {
            picture_box(sop_instance_uid, *min_px, *max_px, referred)
        }
        _ => None,
    });
    if let Some(region) = planar {
        return ("1410", vec![region]);
    }
    let in_patient: Vec<Item> = finding
        .evidence
        .iter()
        .flat_map(|e| match e {
            Evidence::Box(b) => box_faces(b, referred.frame_of_reference_uid),
            Evidence::Point(p) => {
                vec![Item::points_lps(&IMAGE_REGION, "POINT", &[*p], referred.frame_of_reference_uid)]
            }
            _ => Vec::new(),
        })
        .collect();
    if in_patient.is_empty() { ("1501", in_patient) } else { ("1411", in_patient) }
}

/// Flat regions and points are planar, volumes of interest volumetric; lines hang under their numbers.
fn measured_regions(measurement: &Measurement, frame_uid: &str) -> (&'static str, Vec<Item>) {
    let drawn = drawn::regions(measurement, frame_uid);
    let bounds = drawn.len() > 1;
    let item = |region: &Drawn| {
        let item = region.item(&IMAGE_REGION);
        if bounds { item.with(Relation::HasConceptMod, Item::code(&GEOMETRIC_PURPOSE, &BOUNDED_BY)) } else { item }
    };
    let template = match (drawn.is_empty(), measurement.shape.is_solid()) {
        (true, _) => "1501",
        (false, true) => "1411",
        (false, false) => "1410",
    };
    (template, drawn.iter().map(item).collect())
}

/// A box in the patient by its lowest and highest face (closed rectangles at constant z), which together hold all six numbers.
fn box_faces(b: &BoxLps, frame_of_reference_uid: &str) -> Vec<Item> {
    let face = |z: f64| {
        let corner = |x: f64, y: f64| DVec3::new(x, y, z);
        let (low, high) = (b.min, b.max);
        let points = [
            corner(low.x, low.y),
            corner(high.x, low.y),
            corner(high.x, high.y),
            corner(low.x, high.y),
            corner(low.x, low.y),
        ];
        Item::points_lps(&IMAGE_REGION, "POLYGON", &points, frame_of_reference_uid)
            .with(Relation::HasConceptMod, Item::code(&GEOMETRIC_PURPOSE, &BOUNDED_BY))
    };
    vec![face(b.min.z), face(b.max.z)]
}

/// A box on one picture as a closed polyline. Pixel centers at integers become half a pixel from the picture's corner.
fn picture_box(instance: &str, min_px: DVec2, max_px: DVec2, referred: &Referred<'_>) -> Option<Item> {
    let (instance, class) = referred.images.iter().find(|(i, _)| i == instance)?;
    let (low, high) = (min_px + 0.5, max_px + 0.5);
    let points = [low, DVec2::new(high.x, low.y), high, DVec2::new(low.x, high.y), low];
    let image = Item::image(None, class, instance, ImagePart::Whole);
    let region = Item::points_px(&IMAGE_REGION, "POLYLINE", &points);
    // No geometric purpose here: validators refuse a concept modifier on coordinates of a picture.
    Some(region.with(Relation::SelectedFrom, image))
}

/// What was measured of a finding: volume, axes (never of organs, `clinical.md` rule 8), mean and SD.
pub(super) fn numbers(finding: &Finding, modality: &str, frame_uid: &str) -> Vec<Number> {
    if let Some(measurement) = finding.measurement() {
        return measured_numbers(measurement, frame_uid);
    }
    let Some(measures) = &finding.measures else { return Vec::new() };
    let plain = |name: &Code, value: f64, unit: &Code| Number {
        name: name.clone(),
        value,
        unit: unit.clone(),
        derivation: None,
        lines: Vec::new(),
    };
    let mut numbers = vec![plain(&VOLUME, measures.volume_mm3 / 1000.0, &CUBIC_CENTIMETER)];
    if finding.kind == FindingKind::Lesion {
        let axes = [(&LONG_AXIS, &measures.long_axis), (&SHORT_AXIS, &measures.short_axis)];
        let measured = axes.into_iter().filter_map(|(name, axis)| Some((name, axis.as_ref()?.length_mm)));
        numbers.extend(measured.map(|(name, mm)| plain(name, mm, &MILLIMETER)));
    }
    let (name, unit) = value_concept(&measures.unit, modality);
    for (value, derivation) in [(measures.mean, &MEAN), (measures.sd, &STANDARD_DEVIATION)] {
        if let Some(value) = value {
            numbers.push(Number { derivation: Some(derivation.clone()), ..plain(&name, value, &unit) });
        }
    }
    numbers.retain(|n| n.value.is_finite());
    numbers
}

/// All numbers of a measurement, each with the line that it was measured along.
fn measured_numbers(measurement: &Measurement, frame_uid: &str) -> Vec<Number> {
    let is_peak = matches!(measurement.shape, Shape::SuvPeak { .. });
    let number = |measured: &Measured| {
        // The region of a peak is its sphere; the greatest value was looked for farther around.
        if is_peak && measured.quantity == Quantity::Max {
            return None;
        }
        let (name, unit, derivation) = measured_concept(measured, measurement);
        let lines = drawn::lines(measurement, measured.quantity, frame_uid);
        Some(Number { name, value: measured.value, unit, derivation, lines })
    };
    measurement.results.values.iter().filter(|m| m.value.is_finite()).filter_map(number).collect()
}

/// Name, unit and derivation of a number (CID 7470, 7471, 7464).
fn measured_concept(measured: &Measured, measurement: &Measurement) -> (Code, Code, Option<Code>) {
    let unit = match &measured.unit {
        Unit::Mm => MILLIMETER,
        Unit::Px => Code::ucum("{pixels}", "pixels"),
        Unit::Mm2 => Code::ucum("mm2", "square millimeter"),
        Unit::Px2 => Code::ucum("{pixels2}", "square pixels"),
        Unit::Ml => CUBIC_CENTIMETER,
        Unit::Degree => Code::ucum("deg", "degree"),
        Unit::Count => Code::ucum("1", "no units"),
        Unit::Value(unit) => return valued_concept(measured.quantity, unit, &measurement.place.series().modality),
    };
    let name = match (measured.quantity, &measurement.shape) {
        (Quantity::Length, Shape::Polyline(_)) => Code::dcm("121211", "Path length"),
        (Quantity::Length, _) => Code::sct("410668003", "Length"),
        (Quantity::Angle, Shape::Cobb(_)) => Code::sct("285285000", "Cobb angle"),
        (Quantity::Angle, _) => Code::sct("1483009", "Angle"),
        (Quantity::LongAxis, _) => LONG_AXIS,
        (Quantity::ShortAxis, _) => SHORT_AXIS,
        (Quantity::Area, _) => Code::sct("42798000", "Area"),
        (Quantity::Perimeter, _) => Code::sct("131191004", "Perimeter"),
        (Quantity::Volume, _) => VOLUME,
        (other, _) => Code::new(other.key().to_uppercase(), OWN_SCHEME, "Number of samples"),
    };
    (name, unit, None)
}

fn valued_concept(quantity: Quantity, unit: &str, modality: &str) -> (Code, Code, Option<Code>) {
    let derivation = match quantity {
        Quantity::Mean => Some(MEAN),
        Quantity::Sd => Some(STANDARD_DEVIATION),
        Quantity::Min => Some(Code::sct("255605001", "Minimum")),
        Quantity::Max => Some(Code::sct("56851009", "Maximum")),
        Quantity::Peak => Some(Code::dcm("126031", "Peak Value Within ROI")),
        _ => None,
    };
    let (name, unit) = value_concept(unit, modality);
    (name, unit, derivation)
}

/// Name and unit of the values (CID 7180, 7181): attenuation in HU, SUV, MR signal; else a concept of our own.
fn value_concept(unit: &str, modality: &str) -> (Code, Code) {
    let no_units = Code::ucum("1", "no units");
    match (unit, modality) {
        ("HU", _) => (Code::dcm("112031", "Attenuation Coefficient"), Code::ucum("[hnsf'U]", "Hounsfield unit")),
        ("SUVbw", _) => {
            (Code::dcm("126401", "SUVbw"), Code::ucum("g/ml{SUVbw}", "Standardized Uptake Value body weight"))
        }
        (_, "MR") => (Code::dcm("110852", "MR signal intensity"), no_units),
        (unit, _) => (Code::new("VALUE", OWN_SCHEME, format!("Image value ({unit})")), no_units),
    }
}

/// How sure, reviewed by whom, and the model's own score.
fn evaluations(group: &mut Item, finding: &Finding) {
    let own = |value: &'static str, meaning: &'static str| Code::new(value, OWN_SCHEME, meaning);
    // CID 240.
    let certainty = match finding.certainty {
        Certainty::Present => Code::sct("52101004", "Present"),
        Certainty::Absent => Code::sct("272519000", "Absent"),
        Certainty::Uncertain => Code::sct("373068000", "Undetermined"),
    };
    if let Some(measurement) = finding.measurement() {
        let sampled = measurement.results.basis.sentence();
        if !sampled.is_empty() {
            group.add(Relation::Contains, Item::text(&own("BASIS", "What the values were taken over"), &sampled));
        }
        let source = measurement.place.calibration_source();
        group.add(Relation::Contains, Item::text(&CALIBRATION, &source));
    } else {
        group.add(Relation::Contains, Item::code(&own("PRESENCE", "Presence of the finding"), &certainty));
    }
    let state = match finding.state {
        FindingState::Proposed => own("PROPOSED", "Proposed, not reviewed by a person"),
        FindingState::Accepted => own("ACCEPTED", "Accepted by a person"),
        FindingState::Edited => own("EDITED", "Edited and accepted by a person"),
        FindingState::Rejected => own("REJECTED", "Rejected by a person"),
    };
    group.add(Relation::Contains, Item::code(&own("REVIEW", "Review state"), &state));
    group.add(Relation::Contains, Item::text(&own("ORIGIN", "Origin"), &origin(finding)));
    if let Some(score) = finding.score {
        let name = own("SCORE", "Score of the model (not a probability)");
        group.add(Relation::Contains, Item::text(&name, &format!("{score:.3}")));
    }
}

/// "AI, accepted by NAME" (`clinical.md` rule 2); rules are called rules.
fn origin(finding: &Finding) -> String {
    let by = match &finding.provenance {
        Provenance::Person(name) => return format!("drawn or measured by {name}"),
        Provenance::Model(model) if model.rules => "rules, no network",
        Provenance::Model(_) => "AI",
    };
    match finding.state {
        FindingState::Proposed => format!("{by}, not reviewed"),
        state if finding.reviewer.is_empty() => format!("{by}, {}", state.as_str()),
        state => format!("{by}, {} by {}", state.as_str(), finding.reviewer),
    }
}
