//! Coded concepts from data sets (Code Sequence Macro, PS3.3 8.8).

use super::dicom::DataSet;
use crate::codes::Code;
use dicom_core::Tag;
use dicom_dictionary_std::tags;

/// The first code of a sequence; `None` where it is absent or has no value.
pub(crate) fn code(data: &DataSet, sequence: Tag) -> Option<Code> {
    data.item(sequence).and_then(code_of)
}

/// The code that an item is; long codes and URNs count as values.
pub(crate) fn code_of(item: &DataSet) -> Option<Code> {
    let value = [tags::CODE_VALUE, tags::LONG_CODE_VALUE, tags::URN_CODE_VALUE]
        .into_iter()
        .map(|tag| item.text(tag))
        .find(|value| !value.is_empty())?;
    Some(Code::new(value, item.text(tags::CODING_SCHEME_DESIGNATOR), item.text(tags::CODE_MEANING)))
}
