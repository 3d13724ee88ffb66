//! What values mean (`clinical.md` rule 7) and which window the header proposes.

use crate::io::dicom::DataSet;
use crate::io::suv;
use crate::volume::{ValueUnit, Voi, VoiFunction};
use dicom_dictionary_std::tags;

/// Values of Image Type (0008,0008) whose numbers are not Hounsfield units, whatever the rescale type says.
const NOT_HU: [&str; 8] =
    ["LOCALIZER", "MATERIAL", "IODINE", "WATER", "CALCIUM", "URIC_ACID", "EFF_ATOMIC_NUM", "ELECTRON_DENSITY"];

/// Meaning of the values after the Modality LUT.
pub fn unit(data: &DataSet, modality: &str) -> ValueUnit {
    match modality {
        "CT" => ct(data),
        "PT" => suv::unit(data),
        "RTDOSE" => match data.text(tags::DOSE_UNITS).as_str() {
            "GY" => ValueUnit::Other("Gy".into()),
            _ => ValueUnit::Arbitrary,
        },
        _ => ValueUnit::Arbitrary,
    }
}

fn ct(data: &DataSet) -> ValueUnit {
    let shared = data.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
    let transform = shared.and_then(|s| s.item(tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE)).unwrap_or(data);
    let kind = transform.text(tags::RESCALE_TYPE);
    let image_type = data.texts(tags::IMAGE_TYPE);
    let other = image_type.iter().any(|t| NOT_HU.iter().any(|n| t.to_uppercase().contains(n)));
    // Without a Rescale Slope nothing was calibrated. Cone-beam scanners often say HU and mean gray.
    let calibrated = transform.get(tags::RESCALE_SLOPE).is_some();
    let cone_beam = data.text(tags::SERIES_DESCRIPTION).to_uppercase().contains("CBCT")
        || data.text(tags::MANUFACTURER_MODEL_NAME).to_uppercase().contains("CBCT");
    match kind.as_str() {
        _ if other || cone_beam => ValueUnit::Arbitrary,
        "HU" | "" if calibrated => ValueUnit::Hu,
        "HU" | "" | "US" => ValueUnit::Arbitrary,
        unit => ValueUnit::Other(unit.to_owned()),
    }
}

/// First window of the header (PS3.3 C.11.2), if its width is usable.
pub fn window(data: &DataSet) -> Option<Voi> {
    let in_groups =
        data.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE).and_then(|s| s.item(tags::FRAME_VOILUT_SEQUENCE)).or_else(
            || data.item(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE).and_then(|f| f.item(tags::FRAME_VOILUT_SEQUENCE)),
        );
    let source = in_groups.unwrap_or(data);
    let (center, width) = (source.number(tags::WINDOW_CENTER)?, source.number(tags::WINDOW_WIDTH)?);
    let function = match source.text(tags::VOILUT_FUNCTION).as_str() {
        "LINEAR_EXACT" => VoiFunction::LinearExact,
        "SIGMOID" => VoiFunction::Sigmoid,
        _ => VoiFunction::Linear,
    };
    let least = if function == VoiFunction::Linear { 1.0 } else { f64::MIN_POSITIVE };
    (width >= least).then_some(Voi { center, width, function })
}
