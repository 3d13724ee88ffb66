//! What values mean (`clinical.md` rule 7) and which window the header proposes.

use super::lut::Table;
use crate::io::dicom::DataSet;
use crate::io::{real_world, suv};
use crate::volume::{Rescale, ValueUnit, Voi, VoiChoice, VoiFunction, VoiTable};
use dicom_dictionary_std::{tags, uids};

/// Values of Image Type (0008,0008) whose numbers are not Hounsfield units, whatever the rescale type says.
const NOT_HU: [&str; 8] =
    ["LOCALIZER", "MATERIAL", "IODINE", "WATER", "CALCIUM", "URIC_ACID", "EFF_ATOMIC_NUM", "ELECTRON_DENSITY"];

/// Windows and tables that are offered; nobody looks at more.
const MAX_CHOICES: usize = 32;

/// Meaning of the values after the Modality LUT.
pub fn unit(data: &DataSet, modality: &str) -> ValueUnit {
    if data.text(tags::SOP_CLASS_UID) == uids::PARAMETRIC_MAP_STORAGE {
        return real_world::parametric_unit(data).map_or(ValueUnit::Arbitrary, ValueUnit::Other);
    }
    match modality {
        "CT" => ct(data),
        "PT" => suv::unit(data),
        "RTDOSE" => match data.text(tags::DOSE_UNITS).as_str() {
            "GY" if data.number(tags::DOSE_GRID_SCALING).is_some() => ValueUnit::Other("Gy".into()),
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

/// VOI LUTs of the header (PS3.3 C.11.2.1.1), in its order. What they map are values after the Modality LUT; whether those
/// can be negative tells how the first one is to be read.
pub fn tables(data: &DataSet, frame: usize, signed: bool, rescale: Rescale) -> Vec<VoiTable> {
    let signed = signed || rescale.intercept < 0.0;
    let items = voi_source(data, frame).items(tags::VOILUT_SEQUENCE).iter().take(MAX_CHOICES);
    let tables = items.filter_map(|item| Some((item.text(tags::LUT_EXPLANATION), Table::of_item(item, signed)?)));
    tables
        .map(|(name, table)| VoiTable {
            name,
            first: table.first as f32,
            bits: table.bits.max(needed_bits(&table)),
            entries: table.entries.into(),
        })
        .collect()
}

/// Some writers say 8 bits and use more.
fn needed_bits(table: &Table) -> u32 {
    16 - table.entries.iter().max().map_or(0, |top| top.leading_zeros())
}

/// All ways to show values that the header offers for a frame: tables, then windows (PS3.3 C.11.2).
pub fn choices(data: &DataSet, frame: usize, tables: &[VoiTable]) -> Vec<VoiChoice> {
    let tables = tables.iter().enumerate().map(|(n, table)| VoiChoice { name: table.name.clone(), voi: table.voi(n) });
    tables.chain(windows(data, frame)).collect()
}

/// Windows whose width is usable.
fn windows(data: &DataSet, frame: usize) -> Vec<VoiChoice> {
    let source = voi_source(data, frame);
    let numbers = |tag| source.numbers(tag).unwrap_or_default();
    let (centers, widths) = (numbers(tags::WINDOW_CENTER), numbers(tags::WINDOW_WIDTH));
    let names = source.texts(tags::WINDOW_CENTER_WIDTH_EXPLANATION);
    let function = match source.text(tags::VOILUT_FUNCTION).as_str() {
        "LINEAR_EXACT" => VoiFunction::LinearExact,
        "SIGMOID" => VoiFunction::Sigmoid,
        _ => VoiFunction::Linear,
    };
    let least = if function == VoiFunction::Linear { 1.0 } else { f64::MIN_POSITIVE };
    let all = centers.into_iter().zip(widths).take(MAX_CHOICES).enumerate();
    all.filter(|(_, (center, width))| center.is_finite() && width.is_finite() && *width >= least)
        .map(|(n, (center, width))| VoiChoice {
            name: names.get(n).cloned().unwrap_or_default(),
            voi: Voi { center, width, function },
        })
        .collect()
}

/// Where the VOI LUT of a frame stands: Frame VOI LUT Sequence, shared or per frame, else the image itself.
fn voi_source(data: &DataSet, frame: usize) -> &DataSet {
    let groups = data.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
    let own = groups.get(frame).or_else(|| groups.first());
    let shared = data.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
    let mut groups = [shared, own].into_iter().flatten();
    groups.find_map(|g| g.item(tags::FRAME_VOILUT_SEQUENCE)).unwrap_or(data)
}
