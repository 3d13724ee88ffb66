//! Real World Value Mapping (PS3.3 C.7.6.16.2.11, A.46): what stored values mean in units of the world.

use super::coded::{code, code_of};
use super::content_tree::{ObjectReference, reference_of};
use super::dicom::DataSet;
use crate::codes::Code;
use crate::volume::Rescale;
use dicom_dictionary_std::tags;

/// Quantity that a value measures (TID 15xx, "Quantity").
const QUANTITY: Code = Code::sct("246205007", "Quantity");
/// The same concept before SNOMED CT identifiers were used.
const QUANTITY_SRT: &str = "G-C1C6";
/// Most entries of a table.
const MAX_ENTRIES: usize = 1 << 17;

/// One mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct RealWorldMap {
    /// LUT Label (0040,9210).
    pub label: String,
    /// LUT Explanation (0028,3003).
    pub explanation: String,
    /// Measurement Units: "mm2/s", "g/ml{SUVbw}".
    pub unit: Option<Code>,
    /// What is measured: "Apparent Diffusion Coefficient".
    pub quantity: Option<Code>,
    /// First and last stored value that it maps, both inclusive; `None` maps all.
    pub stored: Option<[f64; 2]>,
    /// How it maps.
    pub function: MapFunction,
}

/// From stored value to real value.
#[derive(Debug, Clone, PartialEq)]
pub enum MapFunction {
    /// stored · slope + intercept.
    Linear(Rescale),
    /// One value for each stored value from the first on.
    Table(Vec<f64>),
}

/// Mappings and the images that they are for.
#[derive(Debug, Clone, PartialEq)]
pub struct ReferencedMaps {
    /// Images; empty means the object that holds the maps.
    pub images: Vec<ObjectReference>,
    /// In the order of the file.
    pub maps: Vec<RealWorldMap>,
}

impl RealWorldMap {
    /// The real value of a stored one; `None` outside what is mapped.
    pub fn value(&self, stored: f64) -> Option<f64> {
        if self.stored.is_some_and(|[first, last]| stored < first || stored > last) {
            return None;
        }
        match &self.function {
            MapFunction::Linear(rescale) => Some(stored * rescale.slope + rescale.intercept),
            MapFunction::Table(entries) => {
                let first = self.stored.map_or(0.0, |[first, _]| first);
                entries.get((stored - first) as usize).copied()
            }
        }
    }

    /// The unit as text; "1" (no unit) is empty.
    pub fn unit_text(&self) -> &str {
        match &self.unit {
            Some(unit) if unit.value == "1" => "",
            Some(unit) => &unit.value,
            None => "",
        }
    }
}

/// The maps of an image (of its first frame, or of all), or of a data set or functional group that holds the sequence itself.
pub fn of_image(data: &DataSet) -> Vec<RealWorldMap> {
    let shared = data.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
    let first_frame = data.item(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
    [Some(data), first_frame, shared].into_iter().flatten().map(maps).find(|maps| !maps.is_empty()).unwrap_or_default()
}

/// The maps of a Real World Value Mapping object, each with its images.
pub fn of_object(data: &DataSet) -> Vec<ReferencedMaps> {
    let items = data.items(tags::REFERENCED_IMAGE_REAL_WORLD_VALUE_MAPPING_SEQUENCE).iter();
    items
        .map(|item| ReferencedMaps {
            images: item.items(tags::REFERENCED_IMAGE_SEQUENCE).iter().map(reference_of).collect(),
            maps: maps(item),
        })
        .filter(|referenced| !referenced.maps.is_empty())
        .collect()
}

/// The map of a parametric map's frame (its groups, then those that all frames share): linear, and the only one.
pub(crate) fn of_frame(own: Option<&DataSet>, shared: Option<&DataSet>) -> Option<Rescale> {
    let maps = [own, shared].into_iter().flatten().map(maps).find(|maps| !maps.is_empty())?;
    match maps.as_slice() {
        [RealWorldMap { function: MapFunction::Linear(rescale), .. }] => Some(*rescale),
        _ => None,
    }
}

/// Unit of a parametric map's values: that of its only mapping; "1" stands for none.
pub(crate) fn parametric_unit(data: &DataSet) -> Option<String> {
    match of_image(data).as_slice() {
        [only] => Some(only.unit.as_ref()?.value.to_string()).filter(|unit| !unit.is_empty()),
        _ => None,
    }
}

fn maps(data: &DataSet) -> Vec<RealWorldMap> {
    data.items(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE).iter().filter_map(map).collect()
}

fn map(item: &DataSet) -> Option<RealWorldMap> {
    let pair = |first, last| Some([item.number(first)?, item.number(last)?]);
    let stored = pair(
        tags::DOUBLE_FLOAT_REAL_WORLD_VALUE_FIRST_VALUE_MAPPED,
        tags::DOUBLE_FLOAT_REAL_WORLD_VALUE_LAST_VALUE_MAPPED,
    )
    .or_else(|| pair(tags::REAL_WORLD_VALUE_FIRST_VALUE_MAPPED, tags::REAL_WORLD_VALUE_LAST_VALUE_MAPPED));
    let slope = item.number(tags::REAL_WORLD_VALUE_SLOPE).filter(|slope| *slope != 0.0);
    let function = if let Some(slope) = slope {
        let intercept = item.number(tags::REAL_WORLD_VALUE_INTERCEPT).unwrap_or(0.0);
        MapFunction::Linear(Rescale { slope, intercept })
    } else {
        let entries = item.numbers(tags::REAL_WORLD_VALUE_LUT_DATA).filter(|entries| entries.len() <= MAX_ENTRIES)?;
        MapFunction::Table(entries)
    };
    Some(RealWorldMap {
        label: item.text(tags::LUT_LABEL),
        explanation: item.text(tags::LUT_EXPLANATION),
        unit: code(item, tags::MEASUREMENT_UNITS_CODE_SEQUENCE),
        quantity: quantity(item),
        stored,
        function,
    })
}

/// Quantity Definition Sequence: the item about the quantity.
fn quantity(item: &DataSet) -> Option<Code> {
    let definitions = item.items(tags::QUANTITY_DEFINITION_SEQUENCE).iter();
    let about_quantity = |definition: &&DataSet| {
        definition
            .item(tags::CONCEPT_NAME_CODE_SEQUENCE)
            .and_then(code_of)
            .is_some_and(|name| name.value == QUANTITY.value || name.value == QUANTITY_SRT)
    };
    definitions.filter(about_quantity).find_map(|definition| code(definition, tags::CONCEPT_CODE_SEQUENCE))
}
