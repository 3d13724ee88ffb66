//! An image that a reader marked as worth keeping, and why.

use super::measurement::{ImageRef, SeriesRef};

/// A marked image of any open series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyImageMark {
    /// The series it is of.
    pub series: SeriesRef,
    /// Which image, with its frame.
    pub image: ImageRef,
    /// Why; may be empty.
    pub note: String,
    /// Who marked it.
    pub by: String,
}

impl KeyImageMark {
    /// True when both mark the same frame of the same image.
    pub fn is_of(&self, image: &ImageRef) -> bool {
        self.image.sop_instance_uid == image.sop_instance_uid && self.image.frame == image.frame
    }
}
