//! Encapsulated documents (PS3.3 A.45, A.85, A.104): a file of another kind inside a DICOM object.
//!
//! PDF pages become pictures. A PDF is hostile until proven otherwise: it is read on a thread of its own with a time limit,
//! sizes are bounded, and a defect of the reader ends in a sentence.

use super::dicom::DataSet;
use crate::jobs::panic_text;
use dicom_dictionary_std::tags;
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

/// Longest time that one page, or the count of pages, may take.
const TIME_LIMIT: Duration = Duration::from_secs(8);
/// Deep nesting in a PDF must end in an error, not at the end of the stack.
const STACK_BYTES: usize = 64 << 20;
/// Longest side of a page picture.
const LONGEST_PX: u32 = 8192;
/// Screen pixels for a point where the caller names no size: 144 dpi.
const PX_PER_POINT: f32 = 2.0;

/// A document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncapsulatedDocument {
    /// Document Title (0042,0010).
    pub title: String,
    /// MIME Type (0042,0012).
    pub mime_type: String,
    /// What it is.
    pub kind: DocumentKind,
    /// The file itself, without padding where its length is known.
    pub bytes: Arc<[u8]>,
}

/// Kinds of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    /// Portable Document Format: its pages can be shown.
    Pdf,
    /// HL7 Clinical Document Architecture (XML).
    Cda,
    /// A surface (STL).
    Stl,
    /// A surface (OBJ).
    Obj,
    /// Surface materials (MTL).
    Mtl,
    /// Anything else.
    Other,
}

impl DocumentKind {
    /// "PDF document", "surface (STL)", ….
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "PDF document",
            Self::Cda => "clinical document (CDA)",
            Self::Stl => "surface (STL)",
            Self::Obj => "surface (OBJ)",
            Self::Mtl => "surface materials (MTL)",
            Self::Other => "document",
        }
    }
}

/// A page as a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PagePicture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Red, green, blue, opacity, row by row.
    pub rgba: Vec<u8>,
}

/// Why a document gave no page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Another kind.
    #[error("this is a {0}; only the pages of PDF documents can be shown")]
    NoPages(&'static str),
    /// Damaged or encrypted.
    #[error("the PDF cannot be read; export it from where it was made and open it with a PDF reader")]
    Damaged,
    /// Beyond the last page.
    #[error("the PDF has no page {asked}; it has {pages}")]
    Page {
        /// From 1.
        asked: usize,
        /// How many there are.
        pages: usize,
    },
    /// Too slow.
    #[error("the PDF takes longer than {} seconds to show; open it with a PDF reader", TIME_LIMIT.as_secs())]
    Slow,
    /// A defect of the PDF reader.
    #[error("showing the PDF hit a defect of the program: {0}")]
    Defect(String),
}

/// The document of a data set; `None` where there is none.
pub fn read(data: &DataSet) -> Option<EncapsulatedDocument> {
    let bytes = data.bytes(tags::ENCAPSULATED_DOCUMENT)?;
    // The value is padded to an even length; newer writers say how long the document is.
    let told = data.integer(tags::ENCAPSULATED_DOCUMENT_LENGTH).and_then(|n| usize::try_from(n).ok());
    let length = told.filter(|n| *n <= bytes.len() && *n + 1 >= bytes.len()).unwrap_or(bytes.len());
    let mime_type = data.text(tags::MIME_TYPE_OF_ENCAPSULATED_DOCUMENT);
    let kind = kind(&mime_type, bytes);
    Some(EncapsulatedDocument {
        title: data.text(tags::DOCUMENT_TITLE),
        mime_type,
        kind,
        bytes: Arc::from(&bytes[..length]),
    })
}

/// What the document says it is; where it says nothing, what it begins with.
fn kind(mime_type: &str, bytes: &[u8]) -> DocumentKind {
    match mime_type.to_ascii_lowercase().as_str() {
        "application/pdf" => DocumentKind::Pdf,
        "text/xml" | "application/xml" | "application/hl7-cda+xml" => DocumentKind::Cda,
        "model/stl" | "application/sla" => DocumentKind::Stl,
        "model/obj" => DocumentKind::Obj,
        "model/mtl" => DocumentKind::Mtl,
        _ if bytes.starts_with(b"%PDF-") => DocumentKind::Pdf,
        _ => DocumentKind::Other,
    }
}

impl EncapsulatedDocument {
    /// Number of pages.
    pub fn page_count(&self) -> Result<usize, DocumentError> {
        self.on_own_thread(|pdf| Ok(pdf.pages().len()))
    }

    /// Page `index` (from 0), as large as it fits into `within_px`, or at 144 dpi.
    pub fn page(&self, index: usize, within_px: Option<[u32; 2]>) -> Result<PagePicture, DocumentError> {
        self.on_own_thread(move |pdf| {
            let pages = pdf.pages();
            let asked = DocumentError::Page { asked: index + 1, pages: pages.len() };
            let page = pages.get(index).ok_or(asked)?;
            let (width, height) = page.render_dimensions();
            if !(width.max(height).is_finite() && width.min(height) >= 1.0) {
                return Err(DocumentError::Damaged);
            }
            let fits =
                |[w, h]: [u32; 2]| (w.clamp(1, LONGEST_PX) as f32 / width).min(h.clamp(1, LONGEST_PX) as f32 / height);
            let scale = within_px.map_or(PX_PER_POINT.min(fits([LONGEST_PX; 2])), fits);
            let settings = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
            let cache = RenderCache::new();
            let picture =
                hayro::render(page, &cache, &InterpreterSettings::default(), &RenderSettings::default(), &settings);
            let (width, height) = (u32::from(picture.width()), u32::from(picture.height()));
            // On white, every pixel is opaque.
            Ok(PagePicture { width, height, rgba: picture.data_as_u8_slice().to_vec() })
        })
    }

    /// Reads the PDF on a thread that may be left behind when it does not end.
    fn on_own_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Pdf) -> Result<T, DocumentError> + Send + 'static,
    ) -> Result<T, DocumentError> {
        if self.kind != DocumentKind::Pdf {
            return Err(DocumentError::NoPages(self.kind.as_str()));
        }
        let bytes = self.bytes.to_vec();
        let (send, receive) = sync_channel(1);
        let job = move || {
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let pdf = Pdf::new(bytes).map_err(|_| DocumentError::Damaged)?;
                work(&pdf)
            }));
            // Nobody waits any longer when the time was up.
            let _ = send.send(result.unwrap_or_else(|panic| Err(DocumentError::Defect(panic_text(&*panic)))));
        };
        let thread = std::thread::Builder::new().name("pdf".into()).stack_size(STACK_BYTES);
        thread.spawn(job).map_err(|e| DocumentError::Defect(e.to_string()))?;
        receive.recv_timeout(TIME_LIMIT).map_err(|problem| match problem {
            RecvTimeoutError::Timeout => DocumentError::Slow,
            RecvTimeoutError::Disconnected => DocumentError::Defect("the page was given up".into()),
        })?
    }
}
