//! The tag browser as the interface sees it: the data elements of the image on screen, or what differs between two images.

use crate::io::elements::Compared;
use std::sync::Arc;

/// The other image of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Partner {
    /// No comparison.
    #[default]
    None,
    /// The image before the one on screen, in the order of the series.
    Previous,
    /// The image after it.
    Next,
    /// This one: index into `Series::instances`.
    Image(usize),
}

/// The open browser.
#[derive(Debug, Clone, Default)]
pub struct TagBrowser {
    /// What to compare with.
    pub partner: Partner,
    /// What is listed; stays until the next image is read, and says itself what it belongs to.
    pub listed: Option<Arc<TagRows>>,
    /// Why there is nothing to list.
    pub problem: Option<String>,
}

/// What one reading gave.
#[derive(Debug, Default)]
pub struct TagRows {
    /// "image 12 of 64, IM0012.dcm".
    pub title: String,
    /// The same of the other image; empty without comparison.
    pub other: String,
    /// Elements and items in order.
    pub rows: Vec<Compared>,
    /// What the reading forgave.
    pub warnings: Vec<String>,
}
