//! A NIfTI-1 file slice by slice: written beside its place, every byte read back and compared, and only then renamed.
//!
//! Slices are made when they are due, so that no second copy of an image is needed, and in parallel. Plain files are
//! compared slice by slice right after they were written, while both copies are in the processor's cache: that takes 7 % of
//! the time of converting a thousand CT slices. Gzipped files are inflated again, and checksums compared.

use super::write::{HEADER_BYTES, WriteError, header};
use crate::geometry::VolumeGeometry;
use crate::io::voxel_file::{Format, VoxelFile};
use flate2::write::GzEncoder;
use flate2::{Compression, Crc};
use rayon::prelude::*;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Slices that are made at once for a gzipped file.
const BATCH: usize = 8;

/// Time between two flushes while a file grows.
const FLUSH_EVERY: Duration = Duration::from_millis(20);

/// What a voxel is in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum VoxelType {
    /// Unsigned bytes.
    U8,
    /// Signed 16-bit integers.
    I16,
    /// 32-bit floating point.
    F32,
}

impl VoxelType {
    /// Bytes of a voxel.
    fn width(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::I16 => 2,
            Self::F32 => 4,
        }
    }

    /// nifti1.h `DT_*`.
    fn code(self) -> i16 {
        match self {
            Self::U8 => 2,
            Self::I16 => 4,
            Self::F32 => 16,
        }
    }
}

/// Why nothing was saved.
#[derive(Debug)]
pub(in super::super) enum SaveError<E> {
    /// The file.
    Write(WriteError),
    /// A slice could not be made.
    Slice(E),
}

impl<E> From<WriteError> for SaveError<E> {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

impl<E> From<std::io::Error> for SaveError<E> {
    fn from(error: std::io::Error) -> Self {
        Self::Write(error.into())
    }
}

/// Writes a file, gzipped when its name ends in `.gz`. `slice` puts the little-endian bytes of slice k into an empty buffer;
/// it is called once for each slice, in any order, from several threads.
pub(in super::super) fn save<E: Send>(
    path: &Path,
    geometry: &VolumeGeometry,
    voxel: VoxelType,
    slice: impl Fn(usize, &mut Vec<u8>) -> Result<(), E> + Sync,
) -> Result<(), SaveError<E>> {
    let [columns, rows, slices] = geometry.dims();
    let head = header(geometry, voxel.code(), voxel.width())?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temporary = tempfile::Builder::new().prefix(".fovea-").suffix(".part").tempfile_in(folder)?;
    let body = Body { head, slices, slice_bytes: columns * rows * voxel.width(), slice };
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("gz")) {
        let sum = body.zip(temporary.as_file_mut())?;
        temporary.as_file().sync_data()?;
        if sum_of_zipped(temporary.path())? != sum {
            return Err(WriteError::Differs.into());
        }
    } else {
        body.write_and_compare(temporary.as_file())?;
        temporary.as_file().sync_data()?;
    }
    let read = VoxelFile::open(temporary.path(), Format::Nifti).map_err(WriteError::from)?;
    if !read.header.geometry.is_ok_and(|g| g.same_grid(geometry)) {
        return Err(WriteError::Differs.into());
    }
    // A temporary file is private; what a person saves is as readable as their other files.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        temporary.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    temporary.persist(path).map_err(|e| e.error)?;
    Ok(())
}

/// Header and slices, not yet made.
struct Body<F> {
    head: [u8; HEADER_BYTES],
    slices: usize,
    slice_bytes: usize,
    slice: F,
}

impl<F> Body<F> {
    fn make<E>(&self, k: usize, into: &mut Vec<u8>) -> Result<(), SaveError<E>>
    where
        F: Fn(usize, &mut Vec<u8>) -> Result<(), E>,
    {
        into.clear();
        (self.slice)(k, into).map_err(SaveError::Slice)?;
        if into.len() == self.slice_bytes { Ok(()) } else { Err(WriteError::Differs.into()) }
    }

    /// Every slice into its place, and back again.
    fn write_and_compare<E: Send>(&self, file: &File) -> Result<(), SaveError<E>>
    where
        F: Fn(usize, &mut Vec<u8>) -> Result<(), E> + Sync,
    {
        let place = |k: usize| (HEADER_BYTES + k * self.slice_bytes) as u64;
        // The final length first: a slice that is not written leaves zeros, never a shorter file of another shape.
        file.set_len(place(self.slices))?;
        write_and_compare(file, &self.head, 0, &mut Vec::new())?;
        flushing(file, || {
            (0..self.slices).into_par_iter().try_for_each_init(
                || (Vec::new(), Vec::new()),
                |(made, back), k| {
                    self.make(k, made)?;
                    Ok(write_and_compare(file, made, place(k), back)?)
                },
            )
        })
    }

    /// The gzip stream; gives the checksum of what went in.
    fn zip<E: Send>(&self, file: &mut File) -> Result<(u32, u32), SaveError<E>>
    where
        F: Fn(usize, &mut Vec<u8>) -> Result<(), E> + Sync,
    {
        let mut out = GzEncoder::new(BufWriter::with_capacity(1 << 18, file), Compression::fast());
        let mut crc = Crc::new();
        let mut put = |bytes: &[u8]| {
            crc.update(bytes);
            out.write_all(bytes)
        };
        put(&self.head)?;
        let mut made = vec![Vec::new(); BATCH.min(self.slices)];
        for first in (0..self.slices).step_by(BATCH) {
            let batch = &mut made[..BATCH.min(self.slices - first)];
            batch.par_iter_mut().enumerate().try_for_each(|(n, into)| self.make(first + n, into))?;
            batch.iter().try_for_each(|bytes| put(bytes))?;
        }
        out.finish()?.flush()?;
        Ok((crc.sum(), crc.amount()))
    }
}

/// The checksum of what comes out again.
fn sum_of_zipped(path: &Path) -> std::io::Result<(u32, u32)> {
    let mut stream = flate2::read::MultiGzDecoder::new(BufReader::with_capacity(1 << 16, File::open(path)?));
    let (mut crc, mut buffer) = (Crc::new(), vec![0; 1 << 18]);
    loop {
        match stream.read(&mut buffer)? {
            0 => return Ok((crc.sum(), crc.amount())),
            n => crc.update(&buffer[..n]),
        }
    }
}

/// Does `work`, which writes into `file`, while what it has written goes to the disk: waiting for the disk only in the end
/// took a fifth of the time.
fn flushing<E: From<std::io::Error>>(file: &File, work: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let flusher = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                std::thread::park_timeout(FLUSH_EVERY);
                // The system tells an error of the disk once, to whoever flushes first.
                file.sync_data()?;
            }
            Ok::<(), std::io::Error>(())
        });
        let finished = Finished(&done);
        let result = work();
        drop(finished);
        flusher.thread().unpark();
        let flushed = flusher.join().unwrap_or_else(|_| Err(std::io::Error::other("flushing failed")));
        result.and(flushed.map_err(E::from))
    })
}

/// Set when the work ends, be it in a panic: nobody waits for it then.
struct Finished<'a>(&'a AtomicBool);

impl Drop for Finished<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Writes bytes at a place of a file, and compares what the file then holds there.
fn write_and_compare(file: &File, bytes: &[u8], at: u64, back: &mut Vec<u8>) -> Result<(), WriteError> {
    write_all_at(file, bytes, at)?;
    back.resize(bytes.len(), 0);
    read_exact_at(file, back, at)?;
    if back == bytes { Ok(()) } else { Err(WriteError::Differs) }
}

#[cfg(unix)]
fn write_all_at(file: &File, bytes: &[u8], at: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(unix)]
fn read_exact_at(file: &File, into: &mut [u8], at: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, into, at)
}

#[cfg(windows)]
fn write_all_at(file: &File, mut bytes: &[u8], mut at: u64) -> std::io::Result<()> {
    while !bytes.is_empty() {
        let n = std::os::windows::fs::FileExt::seek_write(file, bytes, at)?;
        if n == 0 {
            return Err(std::io::ErrorKind::WriteZero.into());
        }
        (bytes, at) = (&bytes[n..], at + n as u64);
    }
    Ok(())
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut into: &mut [u8], mut at: u64) -> std::io::Result<()> {
    while !into.is_empty() {
        let n = std::os::windows::fs::FileExt::seek_read(file, into, at)?;
        if n == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        (into, at) = (&mut into[n..], at + n as u64);
    }
    Ok(())
}
