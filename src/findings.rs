//! What was seen, where, by whom and how surely: the one record that people, measurements and models write.

mod diameters;
mod key_image;
mod measures;
mod moments;
mod rounding;

pub mod measurement;

pub use key_image::KeyImageMark;
pub use measurement::Measurement;
pub use measures::{Diameter, SegmentMeasures, measure_segment, measure_segments};
pub use rounding::{Quantity, round_half_up};

use crate::codes::Code;
use crate::geometry::{BoxLps, DVec2, DVec3};

/// Identifies a finding within a case ("f1", "f2", …); never reused.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FindingId(pub String);

/// How sure the statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// It is there.
    Present,
    /// It was searched and is not there.
    Absent,
    /// It may be there.
    Uncertain,
}

/// What a person made of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingState {
    /// Nobody has looked yet.
    Proposed,
    /// A person agreed.
    Accepted,
    /// A person agreed after changing it.
    Edited,
    /// A person disagreed.
    Rejected,
}

impl FindingState {
    /// True for findings that a person stands behind: only these may reach the impression.
    pub fn is_confirmed(self) -> bool {
        matches!(self, Self::Accepted | Self::Edited)
    }

    /// "proposed", "accepted", "edited", "rejected".
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Accepted => "accepted",
            Self::Edited => "edited",
            Self::Rejected => "rejected",
        }
    }
}

impl Certainty {
    /// "present", "absent", "uncertain".
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Absent => "absent",
            Self::Uncertain => "uncertain",
        }
    }
}

/// What kind of thing was seen: it decides what is reported of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingKind {
    /// A normal structure: volume and mean, no diameters.
    Organ,
    /// An abnormality: size, place, attenuation.
    Lesion,
    /// What a person measured or pointed at ([`Evidence::Measurement`]): its numbers, and no claim beyond them.
    Measurement,
}

/// What a finding rests on.
#[derive(Debug, Clone, PartialEq)]
pub enum Evidence {
    /// A segment of the case's segmentation, by number.
    Segment(u8),
    /// A box in the patient.
    Box(BoxLps),
    /// A box on one picture, in pixels (column, row), pixel centers at integers.
    PictureBox {
        /// Which picture.
        sop_instance_uid: String,
        /// Upper left.
        min_px: DVec2,
        /// Lower right.
        max_px: DVec2,
    },
    /// A point in the patient.
    Point(DVec3),
    /// A slice (volume) or picture worth keeping, by index in the loaded series.
    KeyImage(usize),
    /// A measurement, arrow, text or probe with what it gave.
    Measurement(Box<Measurement>),
}

/// Who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provenance {
    /// A person, by the name entered at signing or in the settings.
    Person(String),
    /// A network or a set of rules.
    Model(ModelProvenance),
}

/// A model's identity, complete enough to run it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelProvenance {
    /// Pack name.
    pub name: String,
    /// Pack version.
    pub version: String,
    /// SHA-256 of the weights in hexadecimal; empty for rules without weights.
    pub weights_sha256: String,
    /// Settings that change the result, as text.
    pub settings: String,
    /// True for rules: the interface and reports say "rules, no network".
    pub rules: bool,
}

/// One record for everything that was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Identity within the case.
    pub id: FindingId,
    /// Organ or lesion.
    pub kind: FindingKind,
    /// "Right lung", "Lung lesion candidate".
    pub label: String,
    /// SNOMED CT code, where one exists.
    pub code: Option<Code>,
    /// Where: "right lung", or empty.
    pub site: String,
    /// Code of the site.
    pub site_code: Option<Code>,
    /// Side.
    pub laterality: Option<Code>,
    /// How sure.
    pub certainty: Certainty,
    /// What a person made of it.
    pub state: FindingState,
    /// Who confirmed or rejected it; empty while proposed.
    pub reviewer: String,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// Measured from the mask, when there is one; follows every change of the mask.
    pub measures: Option<SegmentMeasures>,
    /// The model's own score (0–1), not a probability.
    pub score: Option<f32>,
    /// Who proposed it.
    pub provenance: Provenance,
    /// Tracking UID.
    pub tracking_uid: String,
}

impl Finding {
    /// The segment it rests on, if any.
    pub fn segment(&self) -> Option<u8> {
        self.evidence.iter().find_map(|e| if let Evidence::Segment(n) = e { Some(*n) } else { None })
    }

    /// The box it rests on: its own, else that of its mask.
    pub fn box_lps(&self) -> Option<BoxLps> {
        let own = self.evidence.iter().find_map(|e| if let Evidence::Box(b) = e { Some(*b) } else { None });
        own.or_else(|| self.measures.as_ref().map(|m| m.box_lps))
    }

    /// The measurement that it is, if it is one.
    pub fn measurement(&self) -> Option<&Measurement> {
        self.evidence.iter().find_map(|e| if let Evidence::Measurement(m) = e { Some(m.as_ref()) } else { None })
    }

    /// A quantity as a report shows it, from the measurement or the mask.
    pub fn report_text(&self, quantity: Quantity) -> Option<String> {
        match self.measurement() {
            Some(measurement) => measurement.results.report_text(quantity),
            None => quantity.report_text(self.measures.as_ref()?),
        }
    }

    /// A quantity at full precision, in the unit that [`Self::report_text`] shows.
    pub fn value(&self, quantity: Quantity) -> Option<f64> {
        match self.measurement() {
            Some(measurement) => measurement.results.get(quantity).map(|m| m.value),
            None => quantity.of(self.measures.as_ref()?),
        }
    }

    /// Where to look: middle of the long axis, of the box, or the point.
    pub fn focus_lps(&self) -> Option<DVec3> {
        let axis =
            self.measures.as_ref().and_then(|m| m.long_axis.as_ref()).map(|d| (d.ends_lps[0] + d.ends_lps[1]) / 2.0);
        let point = self.evidence.iter().find_map(|e| if let Evidence::Point(p) = e { Some(*p) } else { None });
        let measured = || self.measurement().and_then(Measurement::focus_lps);
        axis.or(point).or_else(measured).or_else(|| self.box_lps().map(|b| b.center()))
    }

    /// A person's measurement as a finding; the case gives its identity. Without a label it is called what it is.
    pub fn of_measurement(measurement: Measurement, label: &str, person: &str, tracking_uid: String) -> Self {
        let label = if label.trim().is_empty() { measurement.default_label() } else { label.trim().to_owned() };
        Self {
            id: FindingId(String::new()),
            kind: FindingKind::Measurement,
            label,
            code: None,
            site: String::new(),
            site_code: None,
            laterality: None,
            certainty: Certainty::Present,
            state: FindingState::Accepted,
            reviewer: person.to_owned(),
            evidence: vec![Evidence::Measurement(Box::new(measurement))],
            measures: None,
            score: None,
            provenance: Provenance::Person(person.to_owned()),
            tracking_uid,
        }
    }

    /// True when a machine proposed it and no person has confirmed or rejected it.
    pub fn is_unreviewed_ai(&self) -> bool {
        matches!(self.provenance, Provenance::Model(_)) && self.state == FindingState::Proposed
    }
}
