//! NIfTI-1 and NIfTI-2, plain or gzipped, single files and pairs, both byte orders, and Analyze 7.5: our own strict reader and
//! writer.
//!
//! The only place in the program where RAS exists: positions are turned into LPS on the way in and back on the way out.
//! Orientation comes from the sform where its code is positive and its matrix regular, else from the qform, else there is
//! none: such an image is given as pictures, because its sides would be a guess. Where both forms are given and disagree, a
//! warning says by how much. Header extensions are skipped.

mod affine;
mod header;
mod save;
mod straighten;
mod write;
mod write_steps;

pub use header::looks_like_nifti;
pub(super) use save::{SaveError, VoxelType, save};
pub use straighten::straightened;
pub use write::{WriteError, write_labels, write_volume};
pub(crate) use write::{on_straight_grid, refuse_sheared};
pub use write_steps::write_volumes;

use super::voxel_file::{Body, Encoding, Format, VoxelFile, VoxelFileError, VoxelHeader, VoxelImage};
use flate2::read::MultiGzDecoder;
use header::Kind;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

/// Reads the first volume of a file.
pub fn read(path: &Path) -> Result<VoxelImage, VoxelFileError> {
    VoxelFile::open(path, Format::Nifti)?.volume(0)
}

/// True for a gzipped file that begins with a NIfTI header, or is named like one.
pub(super) fn is_zipped(path: &Path) -> bool {
    let mut head = [0; 4];
    let inside = File::open(path).is_ok_and(|file| MultiGzDecoder::new(file).read_exact(&mut head).is_ok());
    inside && looks_like_nifti(&head) || path.to_string_lossy().to_lowercase().ends_with(".nii.gz")
}

/// Reads the header, and finds the file with the voxels.
pub(super) fn open(path: &Path) -> Result<(VoxelHeader, Body), VoxelFileError> {
    let zipped = starts_zipped(path)?;
    let file = BufReader::new(File::open(path)?);
    let mut reader: Box<dyn Read> = if zipped { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let parsed = header::read(&mut reader)?;
    let (data, zipped) = match parsed.kind {
        Kind::Single => (path.to_owned(), zipped),
        Kind::Pair | Kind::Analyze => {
            let data = image_of(path, parsed.kind)?;
            let zipped = starts_zipped(&data)?;
            (data, zipped)
        }
    };
    let header = parsed.header;
    let numbers = header.voxels().saturating_mul(header.steps).saturating_mul(header.channels as u64);
    let body = Body {
        files: vec![data],
        at: 0,
        skip: parsed.data_offset,
        encoding: if zipped { Encoding::Gzip } else { Encoding::Raw },
        big_endian: parsed.big_endian,
        interleaved: false,
        each: numbers.saturating_mul(header.datatype.width() as u64),
    };
    Ok((header, body))
}

fn starts_zipped(path: &Path) -> std::io::Result<bool> {
    Ok(super::sniff(path)?.starts_with(&[0x1F, 0x8B]))
}

/// The `.img` file that belongs to a `.hdr` file.
fn image_of(header: &Path, kind: Kind) -> Result<PathBuf, VoxelFileError> {
    let name = header.to_string_lossy();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let Some((stem, ending)) = name.rsplit_once('.').filter(|(_, ending)| ending.eq_ignore_ascii_case("hdr")) else {
        return Err(VoxelFileError::Header(
            Format::Nifti,
            if kind == Kind::Analyze { "the magic n+1 is missing" } else { "it says that it is one of two files" }
                .into(),
        ));
    };
    let image = if ending == "HDR" { "IMG" } else { "img" };
    [format!("{stem}.{image}"), format!("{stem}.{image}.gz")]
        .into_iter()
        .map(PathBuf::from)
        .find(|path| path.is_file())
        .ok_or_else(|| {
            VoxelFileError::Kind(format!("the voxels are in a file .{image} of the same name, which is missing"))
        })
}
