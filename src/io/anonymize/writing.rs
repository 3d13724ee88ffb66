//! One de-identified file to the disk: written under a temporary name, read back, compared, searched, then named.

use super::LeftOut;
use super::encode::{self, UNDEFINED};
use super::traces::Traces;
use crate::io::atomic::PendingFile;
use crate::io::dicom::{DEFLATED, DataSet, DicomError, DicomFile, EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, PixelElement};
use dicom_core::VR;
use dicom_dictionary_std::tags;
use sha2::{Digest, Sha256};
use std::io::{Error, Result as IoResult, Write};
use std::path::Path;

/// Bytes of pixels that are copied at a time; a multiple of every sample's width.
const PORTION: u64 = 8 << 20;

/// Writes `data` with the pixels of `source`.
pub(super) fn write(source: &DicomFile, data: &DataSet, place: &Path, traces: &Traces) -> Result<(), LeftOut> {
    let failed = |problem: Error| LeftOut::Failed(format!("the copy cannot be written: {problem}"));
    if place.exists() {
        return Err(LeftOut::Failed("a copy with its new identifiers exists already; it was not overwritten".into()));
    }
    if let Some(folder) = place.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let syntax = written_syntax(source);
    let explicit = syntax != IMPLICIT_LE;
    let mut head = encode::file_meta(&data.text(tags::SOP_CLASS_UID), &data.text(tags::SOP_INSTANCE_UID), syntax);
    encode::data_set(&mut head, data, explicit);
    let mut copied = Sha256::new();
    let pending = PendingFile::write(place, |to| {
        to.write_all(&head)?;
        let Some(pixels) = source.pixels else { return Ok(()) };
        copy_pixels(source, pixels, explicit, &mut |bytes| {
            copied.update(bytes);
            to.write_all(bytes)
        })
    })
    .map_err(failed)?;
    check(pending.path(), data, copied.finalize().as_slice(), traces)?;
    pending.commit_new().map_err(failed)
}

/// Coded pixels keep their syntax, implicit data sets stay implicit; big endian and deflated ones become explicit.
fn written_syntax(source: &DicomFile) -> &str {
    match source.transfer_syntax.as_str() {
        EXPLICIT_BE | DEFLATED => EXPLICIT_LE,
        other => other,
    }
}

/// The pixel element, header first; `put` gets the value's bytes for the hash as well.
fn copy_pixels(
    source: &DicomFile,
    pixels: PixelElement,
    explicit: bool,
    put: &mut dyn FnMut(&[u8]) -> IoResult<()>,
) -> IoResult<()> {
    let mut head = Vec::new();
    let io = |problem: DicomError| Error::other(problem.to_string());
    if pixels.declared.is_none() {
        encode::head(&mut head, pixels.tag, VR::OB, UNDEFINED, explicit);
        put(&head)?;
        let fragments = source.fragments().map_err(io)?;
        copy_range(source, pixels.offset, fragments.whole_end() - pixels.offset, put)?;
        return if fragments.cut { put(&encode::sequence_end()) } else { Ok(()) };
    }
    let length = source.native_length();
    let padded =
        u32::try_from(length + length % 2).map_err(|_| Error::other("the pixels are too large for one element"))?;
    encode::head(&mut head, pixels.tag, pixels.vr, padded, explicit);
    put(&head)?;
    let width = swapped_width(source, pixels.vr);
    source
        .each_pixel_portion(PORTION, |bytes| {
            if width == 1 {
                return put(bytes);
            }
            let mut turned = bytes.to_vec();
            turned.chunks_exact_mut(width).for_each(<[u8]>::reverse);
            put(&turned)
        })
        .map_err(io)?;
    if length % 2 == 1 { put(&[0]) } else { Ok(()) }
}

/// Bytes of one number that has to be turned from big endian; 1 for nothing to turn.
fn swapped_width(source: &DicomFile, vr: VR) -> usize {
    match vr {
        _ if !source.big_endian => 1,
        VR::OW => 2,
        VR::OF => 4,
        VR::OD => 8,
        _ => 1,
    }
}

fn copy_range(source: &DicomFile, from: u64, length: u64, put: &mut dyn FnMut(&[u8]) -> IoResult<()>) -> IoResult<()> {
    let mut done = 0;
    while done < length {
        let bytes = source
            .source_bytes(from + done, PORTION.min(length - done))
            .map_err(|problem| Error::other(problem.to_string()))?;
        if bytes.is_empty() {
            return Err(Error::other("the pixels of the source are cut off"));
        }
        put(&bytes)?;
        done += bytes.len() as u64;
    }
    Ok(())
}

/// Reads the copy back: the elements that were meant, the pixels that were copied, and nothing that identifies anybody.
fn check(path: &Path, meant: &DataSet, copied: &[u8], traces: &Traces) -> Result<(), LeftOut> {
    let differs = |what: &str| LeftOut::Failed(format!("the copy read back differently ({what}), so it was removed"));
    let read = DicomFile::header(path).map_err(|problem| differs(&problem.to_string()))?;
    if read.data != *meant {
        let tag = meant.iter().find(|(tag, element)| read.data.get(*tag) != Some(element)).map(|(tag, _)| tag);
        return Err(differs(&tag.map_or_else(|| "an element too many".to_owned(), |tag| tag.to_string())));
    }
    if let Some(tag) = traces.left_in(&read.data).or_else(|| traces.left_in(&read.meta)) {
        return Err(LeftOut::Failed(format!(
            "{tag} would still hold a value that identifies the patient; nothing was written"
        )));
    }
    let mut hash = Sha256::new();
    let mut found = false;
    if let Some(pixels) = read.pixels {
        let explicit = !read.is_implicit();
        let is_coded = pixels.declared.is_none();
        copy_pixels(&read, pixels, explicit, &mut |bytes| {
            hash.update(bytes);
            found |= is_coded && traces.are_in_bytes(bytes);
            Ok(())
        })
        .map_err(|problem| differs(&problem.to_string()))?;
    }
    if hash.finalize().as_slice() != copied {
        return Err(differs("the pixels"));
    }
    if found {
        return Err(LeftOut::Refused(
            "a comment in the coded pixels holds a value that identifies the patient; nothing was written".into(),
        ));
    }
    Ok(())
}
