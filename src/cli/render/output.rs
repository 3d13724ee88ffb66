//! PNG and NPY files, written beside their place and moved there when complete.

use crate::cli::Failure;
use crate::render::RgbaPicture;
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use std::io::Write;
use std::path::Path;

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Png,
    Npy,
    /// A derived image in the patient.
    Dicom,
}

impl Format {
    /// By the ending; PNG when there is none.
    pub fn of(path: &Path) -> Result<Self, Failure> {
        match path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase()).as_deref() {
            None | Some("png") => Ok(Self::Png),
            Some("npy") => Ok(Self::Npy),
            Some("dcm") => Ok(Self::Dicom),
            Some(other) => Err(Failure::Usage(format!("pictures are written as .png, .npy or .dcm, not as .{other}"))),
        }
    }
}

/// Writes red, green and blue: pictures are opaque.
pub(in crate::cli) fn write_png(path: &Path, picture: &RgbaPicture) -> Result<(), Failure> {
    let rgb: Vec<u8> = picture.rgba.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(&rgb, picture.width, picture.height, ExtendedColorType::Rgb8)
        .map_err(|error| Failure::Failed(format!("the picture cannot be encoded: {error}")))?;
    write(path, &bytes)
}

/// Writes float32, rows × columns, in C order (NPY format 1.0).
pub(super) fn write_npy(path: &Path, values: &[f32], [width, height]: [u32; 2]) -> Result<(), Failure> {
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({height}, {width}), }}");
    // Magic, version and length take 10 bytes; the data begin at a multiple of 64, after a line feed.
    let padded = (10 + header.len() + 1).next_multiple_of(64) - 10;
    header.extend(std::iter::repeat_n(' ', padded - header.len() - 1));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    let length = u16::try_from(header.len()).map_err(|_| Failure::Failed("the NPY header is too long".into()))?;
    bytes.extend(length.to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    write(path, &bytes)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        make_readable(&file)?;
        file.persist(path).map_err(|error| error.error)
    });
    written.map(|_| ()).map_err(|error| {
        // Without the name of the temporary file, which means nothing to anybody.
        let error = error.raw_os_error().map_or(error, std::io::Error::from_raw_os_error);
        Failure::Failed(format!(
            "cannot write {}: {error}; choose a folder that exists and is writable",
            path.display()
        ))
    })
}

/// Temporary files are private; a picture that was asked for gets the usual permissions.
#[cfg(unix)]
fn make_readable(file: &tempfile::NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_file: &tempfile::NamedTempFile) -> std::io::Result<()> {
    Ok(())
}
