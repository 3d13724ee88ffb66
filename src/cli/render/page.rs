//! Pages of an encapsulated PDF: `fovea render report.dcm -o page.png --index N`.

use super::{Args, output};
use crate::cli::Failure;
use crate::io::dicom::DicomFile;
use crate::io::document::{self, EncapsulatedDocument};
use crate::render::RgbaPicture;

/// The document that the path is, if it is one.
pub(super) fn document(args: &Args) -> Option<EncapsulatedDocument> {
    if !args.path.is_file() {
        return None;
    }
    document::read(&DicomFile::header(&args.path).ok()?.data)
}

/// Writes the page with the number `--index`, the first one without it.
pub(super) fn write(args: &Args, document: &EncapsulatedDocument) -> Result<(), Failure> {
    if output::Format::of(&args.output)? != output::Format::Png {
        return Err(Failure::Usage("pages of documents are written as .png".into()));
    }
    let page = document
        .page(args.index.unwrap_or(0), args.size)
        .map_err(|problem| Failure::Failed(format!("{}: {problem}", args.path.display())))?;
    output::write_png(&args.output, &RgbaPicture { width: page.width, height: page.height, rgba: page.rgba })
}
