//! What tells frames of one series apart when they lie at the same place: the dimensions of multi-echo, diffusion, dynamic
//! and gated series, for classic objects (PS3.3 C.8.3) and enhanced ones (C.8.13), and what vendors wrote before the standard
//! had words for diffusion (private elements of GE, Siemens and Philips, as their conformance statements give them).

use crate::io::dicom::DataSet;
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use std::sync::Arc;

/// GE: `Slop_int_6…9` (0043,1039); the first number is the b-value, with flags added above it.
const GE_B_VALUE: Tag = Tag(0x0043, 0x1039);
/// GE adds a multiple of this to the b-value.
const GE_B_FLAG: f64 = 1e9;
/// Siemens MR header: b-value (0019,100C) and direction (0019,100E).
const SIEMENS_B_VALUE: Tag = Tag(0x0019, 0x100C);
const SIEMENS_DIRECTION: Tag = Tag(0x0019, 0x100E);
/// Philips imaging: b-value (2001,1003).
const PHILIPS_B_VALUE: Tag = Tag(0x2001, 0x1003);
/// GE acquisition: the three components of the diffusion direction (0019,10BB) to (0019,10BD).
const GE_DIRECTION: [Tag; 3] = [Tag(0x0019, 0x10BB), Tag(0x0019, 0x10BC), Tag(0x0019, 0x10BD)];

/// A dimension along which a series may repeat its places. The order is that in which they are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Axis {
    /// Image Type (0008,0008) or Frame Type (0008,9007), whole.
    ImageType,
    /// Complex Image Component (0008,9208): magnitude, phase, real, imaginary.
    Component,
    /// Stack ID (0020,9056).
    Stack,
    /// Convolution Kernel (0018,1210).
    Kernel,
    /// KVP (0018,0060).
    TubeVoltage,
    /// Echo Numbers (0018,0086), else Echo Time (0018,0081) in ms.
    Echo,
    /// Inversion Time (0018,0082), ms.
    InversionTime,
    /// Diffusion b-value, s/mm².
    BValue,
    /// Diffusion gradient direction.
    Direction,
    /// Temporal Position Identifier (0020,0100) or Index (0020,9128).
    TemporalPosition,
    /// Time Slot: gated emission images, by Trigger Time or Frame Reference Time.
    FrameReference,
    /// Trigger Time (0018,1060) or Nominal Cardiac Trigger Delay Time (0020,9153), ms.
    Trigger,
    /// Acquisition Number (0020,0012).
    Acquisition,
    /// Acquisition date and time.
    Time,
}

impl Axis {
    /// All, in the order in which they are tried.
    pub const ALL: [Self; 14] = [
        Self::ImageType,
        Self::Component,
        Self::Stack,
        Self::Kernel,
        Self::TubeVoltage,
        Self::Echo,
        Self::InversionTime,
        Self::BValue,
        Self::Direction,
        Self::TemporalPosition,
        Self::FrameReference,
        Self::Trigger,
        Self::Acquisition,
        Self::Time,
    ];

    /// True for quantities that a reader steps through (4D); the others are different kinds of picture.
    pub fn is_step(self) -> bool {
        self >= Self::TubeVoltage
    }

    /// The dimension's name on screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::ImageType => "image type",
            Self::Component => "component",
            Self::Stack => "stack",
            Self::Kernel => "kernel",
            Self::TubeVoltage => "tube voltage",
            Self::Echo => "echo",
            Self::InversionTime => "inversion time",
            Self::BValue => "b-value",
            Self::Direction => "diffusion direction",
            Self::TemporalPosition | Self::Time => "time",
            Self::FrameReference => "frame time",
            Self::Trigger => "cardiac phase",
            Self::Acquisition => "acquisition",
        }
    }

    /// One value in words; `index` counts from 0 among the values.
    pub fn describe(self, value: &AxisValue, index: usize) -> String {
        let n = index + 1;
        match (self, value) {
            (Self::ImageType | Self::Component, AxisValue::Text(text)) => text.replace('\\', " ").to_lowercase(),
            (Self::Kernel | Self::Stack, AxisValue::Text(text)) => format!("{} {text}", self.name()),
            (Self::BValue, AxisValue::Thousandths(v)) => format!("b-value {} s/mm²", v / 1000),
            (Self::TubeVoltage, AxisValue::Thousandths(v)) => format!("{} kV", v / 1000),
            (Self::Echo, AxisValue::Thousandths(v)) => format!("echo {n} ({} ms)", trimmed(*v)),
            (Self::InversionTime, AxisValue::Thousandths(v)) => format!("inversion time {} ms", trimmed(*v)),
            (Self::Trigger, AxisValue::Thousandths(v)) => format!("cardiac phase {n} ({} ms)", trimmed(*v)),
            _ => format!("{} {n}", self.name()),
        }
    }
}

/// Thousandths as a decimal number without trailing zeros.
fn trimmed(thousandths: i64) -> String {
    format!("{}", thousandths as f64 / 1000.0)
}

/// A value on an axis; equal values are the same step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AxisValue {
    /// A number, in thousandths of its unit, so that rounding in headers makes no steps.
    Thousandths(i64),
    /// A text.
    Text(Arc<str>),
}

impl AxisValue {
    fn number(value: f64) -> Self {
        Self::Thousandths((value * 1000.0).round() as i64)
    }

    fn text(value: &str) -> Option<Self> {
        (!value.is_empty()).then(|| Self::Text(value.into()))
    }
}

/// Values of a frame, ascending by axis.
pub type AxisValues = Vec<(Axis, AxisValue)>;

/// The groups in which a frame's values may stand: its own, the shared, the object.
pub struct FrameGroups<'a> {
    /// Item of Per-Frame Functional Groups Sequence.
    pub own: Option<&'a DataSet>,
    /// Item of Shared Functional Groups Sequence.
    pub shared: Option<&'a DataSet>,
    /// The data set itself.
    pub object: &'a DataSet,
}

impl<'a> FrameGroups<'a> {
    /// The functional group of a macro: the frame's own, then the shared one, then the object itself.
    pub fn group(&self, sequence: Tag) -> &'a DataSet {
        let own = self.own.and_then(|f| f.item(sequence));
        own.or_else(|| self.shared.and_then(|s| s.item(sequence))).unwrap_or(self.object)
    }

    fn number(&self, sequence: Tag, attribute: Tag) -> Option<f64> {
        self.group(sequence).number(attribute)
    }
}

/// What a frame says about itself on every axis.
pub fn of(frame: &FrameGroups<'_>) -> AxisValues {
    let kind = frame_type(frame);
    let echo = [tags::ECHO_NUMBERS, tags::ECHO_TIME].map(|tag| frame.object.number(tag));
    let echo_time = frame.number(tags::MR_ECHO_SEQUENCE, tags::EFFECTIVE_ECHO_TIME);
    let content = frame.group(tags::FRAME_CONTENT_SEQUENCE);
    let values = [
        (
            Axis::ImageType,
            AxisValue::text(&kind.texts(tags::FRAME_TYPE).join("\\")).or_else(|| image_type(frame.object)),
        ),
        (Axis::Component, AxisValue::text(&kind.text(tags::COMPLEX_IMAGE_COMPONENT))),
        (Axis::Stack, AxisValue::text(&content.text(tags::STACK_ID))),
        (Axis::Kernel, AxisValue::text(&frame.group(tags::CT_RECONSTRUCTION_SEQUENCE).text(tags::CONVOLUTION_KERNEL))),
        (Axis::TubeVoltage, frame.number(tags::CTX_RAY_DETAILS_SEQUENCE, tags::KVP).map(AxisValue::number)),
        // The time rather than the number where both are there: numbers are often left at 1.
        (Axis::Echo, echo_time.or(echo[1]).or(echo[0]).map(AxisValue::number)),
        (Axis::InversionTime, inversion_time(frame).map(AxisValue::number)),
        (Axis::BValue, b_value(frame).map(AxisValue::number)),
        (Axis::Direction, direction(frame)),
        (Axis::TemporalPosition, temporal_position(frame, content).map(AxisValue::number)),
        (Axis::FrameReference, frame.object.number(tags::FRAME_REFERENCE_TIME).map(AxisValue::number)),
        (Axis::Trigger, trigger(frame).map(AxisValue::number)),
        (Axis::Acquisition, frame.object.number(tags::ACQUISITION_NUMBER).map(AxisValue::number)),
        (Axis::Time, time(frame.object, content)),
    ];
    values.into_iter().filter_map(|(axis, value)| Some((axis, value?))).collect()
}

/// True for scout pictures, which are no part of the volume that they were made to plan.
pub fn is_localizer(object: &DataSet) -> bool {
    object.texts(tags::IMAGE_TYPE).iter().any(|t| t.eq_ignore_ascii_case("LOCALIZER"))
}

/// The item with Frame Type and Complex Image Component, of whichever modality.
fn frame_type<'a>(frame: &FrameGroups<'a>) -> &'a DataSet {
    let sequences =
        [tags::MR_IMAGE_FRAME_TYPE_SEQUENCE, tags::CT_IMAGE_FRAME_TYPE_SEQUENCE, tags::PET_FRAME_TYPE_SEQUENCE];
    let found = sequences.into_iter().map(|tag| frame.group(tag)).find(|group| group.get(tags::FRAME_TYPE).is_some());
    found.unwrap_or(frame.object)
}

fn image_type(object: &DataSet) -> Option<AxisValue> {
    AxisValue::text(&object.texts(tags::IMAGE_TYPE).join("\\"))
}

fn inversion_time(frame: &FrameGroups<'_>) -> Option<f64> {
    let enhanced = frame.number(tags::MR_MODIFIER_SEQUENCE, tags::INVERSION_TIMES);
    enhanced.or_else(|| frame.object.number(tags::INVERSION_TIME))
}

fn b_value(frame: &FrameGroups<'_>) -> Option<f64> {
    let standard = frame.number(tags::MR_DIFFUSION_SEQUENCE, tags::DIFFUSION_B_VALUE);
    let ge = || frame.object.numbers(GE_B_VALUE).and_then(|v| v.first().copied()).map(|v| v % GE_B_FLAG);
    let private = || [SIEMENS_B_VALUE, PHILIPS_B_VALUE].into_iter().find_map(|tag| frame.object.number(tag));
    standard.or_else(private).or_else(ge)
}

fn direction(frame: &FrameGroups<'_>) -> Option<AxisValue> {
    let diffusion = frame.group(tags::MR_DIFFUSION_SEQUENCE);
    let gradient = diffusion.item(tags::DIFFUSION_GRADIENT_DIRECTION_SEQUENCE).unwrap_or(diffusion);
    let standard: Option<[f64; 3]> = gradient.vector(tags::DIFFUSION_GRADIENT_ORIENTATION);
    let ge = || {
        let [x, y, z] = GE_DIRECTION.map(|tag| frame.object.number(tag));
        Some([x?, y?, z?])
    };
    let found = standard.or_else(|| frame.object.vector(SIEMENS_DIRECTION)).or_else(ge)?;
    AxisValue::text(&found.map(|v| format!("{v:.3}")).join(" "))
}

fn temporal_position(frame: &FrameGroups<'_>, content: &DataSet) -> Option<f64> {
    content.number(tags::TEMPORAL_POSITION_INDEX).or_else(|| frame.object.number(tags::TEMPORAL_POSITION_IDENTIFIER))
}

fn trigger(frame: &FrameGroups<'_>) -> Option<f64> {
    let nominal = frame.number(tags::CARDIAC_SYNCHRONIZATION_SEQUENCE, tags::NOMINAL_CARDIAC_TRIGGER_DELAY_TIME);
    nominal.or_else(|| frame.object.number(tags::TRIGGER_TIME))
}

fn time(object: &DataSet, content: &DataSet) -> Option<AxisValue> {
    let frame = content.text(tags::FRAME_ACQUISITION_DATE_TIME);
    let whole = object.text(tags::ACQUISITION_DATE_TIME);
    let parts = || object.text(tags::ACQUISITION_DATE) + &object.text(tags::ACQUISITION_TIME);
    let said = [frame, whole].into_iter().find(|text| !text.is_empty()).unwrap_or_else(parts);
    AxisValue::text(&said)
}
