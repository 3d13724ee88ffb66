//! An object that is no image, as the interface sees it: what it holds, where its images are, and what can be done with it.

use crate::findings::Finding;
use crate::io::content_tree::ObjectReference;
use crate::io::document::PagePicture;
use crate::io::objects::{Object, ObjectKind};
use crate::io::segmentation::Belonging;
use crate::volume::Segment;
use std::sync::Arc;

/// What can be asked of objects.
#[derive(Debug, Clone, PartialEq)]
pub enum ObjectCommand {
    /// Show the objects of a series ([`crate::study::Series::key`]).
    Open(String),
    /// Show another object of that series.
    Turn(usize),
    /// Close the view.
    Close,
    /// Draw a page of the document.
    Page(PageRequest),
    /// Bring an image on screen.
    ShowImage(ImagePlace),
    /// Lay the masks over the series with this key; it is loaded first where it is not on screen.
    ShowMasks(String),
    /// Put the presentation state on the series with this key, or take it off.
    Present {
        /// Its series.
        series_key: String,
        /// False takes it off.
        on: bool,
    },
    /// Take the measurements that have a place on the series on screen as findings.
    TakeFindings,
}

/// A page of a document, as wide as this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// From 0.
    pub page: usize,
    /// Physical pixels.
    pub width_px: u32,
}

/// An image among those that are open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImagePlace {
    /// Its series ([`crate::study::Series::key`]).
    pub series_key: String,
    /// Its instance and frames.
    pub object: ObjectReference,
    /// "CT thorax, image 12".
    pub title: String,
}

/// The open view.
#[derive(Debug, Clone)]
pub struct ObjectView {
    /// Grows with every object that is shown.
    pub id: u64,
    /// The series it is of.
    pub key: String,
    /// Which object of the series, from 0, and how many there are.
    pub index: usize,
    /// Objects of the series.
    pub count: usize,
    /// What it is.
    pub kind: ObjectKind,
    /// What notices, undo and segments call it: "SEG binary, series 100".
    pub source: String,
    /// What it holds, once it is read.
    pub content: Option<Arc<ObjectContent>>,
    /// The page on screen.
    pub page: Option<Arc<ShownPage>>,
    /// The page that was asked for last.
    pub asked: Option<PageRequest>,
    /// Measurements as findings on the series on screen.
    pub findings: Option<FindingsOn>,
    /// Series that the masks were laid over.
    pub laid_over: Vec<String>,
}

/// What one reading gave.
#[derive(Debug)]
pub struct ObjectContent {
    /// What it holds.
    pub object: Object,
    /// A report as rows; empty for others.
    pub rows: Vec<ReportRow>,
    /// Selected images, in the order of the file: those that are open have a place.
    pub images: Vec<Result<ImagePlace, String>>,
    /// What the masks are called and how they are colored.
    pub segments: Vec<Segment>,
    /// Whose it is, and which images it is for.
    pub belonging: Belonging,
    /// Measurement groups of a report.
    pub groups: usize,
    /// Pages of a document, or why there are none.
    pub pages: Result<usize, String>,
    /// What must be known of it.
    pub warnings: Vec<String>,
}

/// One line of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportRow {
    /// 0 = the document.
    pub depth: usize,
    /// What it is about; may be empty.
    pub concept: String,
    /// What it says; empty for headings.
    pub value: String,
    /// Codes behind the words, a line each; empty without.
    pub codes: String,
    /// The image that it refers to, where that is open.
    pub image: Option<ImagePlace>,
}

/// A page as a picture, or why there is none.
#[derive(Debug)]
pub struct ShownPage {
    /// Which.
    pub request: PageRequest,
    /// Its pixels.
    pub picture: Result<PagePicture, String>,
}

/// The measurements of a report, held against a series.
#[derive(Debug, Clone)]
pub struct FindingsOn {
    /// Generation of the series on screen.
    pub generation: u64,
    /// Those with a place on it, as proposals.
    pub placed: Arc<Vec<Finding>>,
    /// Why others have none.
    pub reasons: Vec<String>,
}

impl FindingsOn {
    /// Those that were not taken over before: told by their tracking UID, else by label and place.
    pub fn not_among<'a>(&'a self, known: &'a [Finding]) -> impl Iterator<Item = &'a Finding> {
        let is_same = |a: &Finding, b: &Finding| {
            a.tracking_uid == b.tracking_uid
                && (!a.tracking_uid.is_empty() || (a.label == b.label && a.evidence == b.evidence))
        };
        self.placed.iter().filter(move |own| !known.iter().any(|other| is_same(own, other)))
    }
}

impl ObjectView {
    /// Number of pages that can be shown.
    pub fn pages(&self) -> usize {
        self.content.as_ref().and_then(|content| content.pages.as_ref().ok().copied()).unwrap_or(0)
    }
}
