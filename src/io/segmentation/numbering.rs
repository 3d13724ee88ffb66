//! Segment Numbers (up to 65535) as labels (up to 255).

use super::SegmentationReadError as Error;
use crate::io::dicom::DataSet;
use crate::study::Warnings;
use dicom_dictionary_std::tags;

/// Labels of Segment Numbers: the numbers themselves where all of them fit, else 1, 2, 3, … in ascending order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Numbering {
    /// A label is its Segment Number.
    Same,
    /// The number at place n (from 0) has label n + 1.
    Ranked(Vec<u32>),
}

impl Numbering {
    /// From the segments that a file describes (0 is background).
    pub(super) fn of(data: &DataSet, warnings: &mut Warnings) -> Result<Self, Error> {
        let described = data.items(tags::SEGMENT_SEQUENCE).iter();
        let numbers = described.filter_map(|s| s.integer(tags::SEGMENT_NUMBER).and_then(|n| u32::try_from(n).ok()));
        let mut numbers: Vec<u32> = numbers.filter(|n| *n > 0).collect();
        numbers.sort_unstable();
        numbers.dedup();
        match numbers.last() {
            Some(&largest) if largest > u32::from(u8::MAX) => {
                if numbers.len() > usize::from(u8::MAX) {
                    return Err(Error::TooManySegments(numbers.len()));
                }
                warnings.add(format!("segment numbers go up to {largest}; segments were numbered anew from 1"));
                Ok(Self::Ranked(numbers))
            }
            _ => Ok(Self::Same),
        }
    }

    /// The label of a number; `None` for a number that has none.
    pub(super) fn label(&self, number: u32) -> Option<u8> {
        match self {
            Self::Same => u8::try_from(number).ok(),
            Self::Ranked(_) if number == 0 => Some(0),
            Self::Ranked(numbers) => numbers.binary_search(&number).ok().map(|rank| (rank + 1) as u8),
        }
    }
}
