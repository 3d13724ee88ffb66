//! Range, mean and hash of a file's stored values: what `fovea info --pixels` prints and checks compare.

use super::dicom::DicomFile;
use super::pixels::{Frames, for_each_sample};
use super::{image_file, voxel_file};
use crate::jobs::panic_text;
use crate::study::Warnings;
use sha2::{Digest, Sha256};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Of the stored values in the common form of [`super::pixels`].
#[derive(Debug, Clone, PartialEq)]
pub struct PixelSummary {
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
    /// Arithmetic mean.
    pub mean: f64,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// What was noticed while decoding.
    pub warnings: Warnings,
}

#[derive(Default)]
struct Tally {
    hash: Sha256,
    range: Option<(f64, f64)>,
    sum: f64,
    count: u64,
}

impl Tally {
    fn add(&mut self, value: f64) {
        self.count += 1;
        self.sum += value;
        self.range = Some(self.range.map_or((value, value), |(low, high)| (value.min(low), value.max(high))));
    }

    fn finish(self, warnings: Warnings) -> Result<PixelSummary, String> {
        let (min, max) = self.range.ok_or("there are no pixels")?;
        let sha256 = crate::io::uid::hexadecimal(&self.hash.finalize());
        Ok(PixelSummary { min, max, mean: self.sum / self.count as f64, sha256, warnings })
    }
}

/// Decodes all frames of a file, one after another; a failure is one sentence.
pub fn summarize_pixels(path: &Path) -> Result<PixelSummary, String> {
    catch_unwind(AssertUnwindSafe(|| summarize(path)))
        .unwrap_or_else(|panic| Err(format!("decoding hit a defect of the program: {}", panic_text(&*panic))))
}

fn summarize(path: &Path) -> Result<PixelSummary, String> {
    let mut tally = Tally::default();
    let mut warnings = Warnings::default();
    let head = super::sniff(path).map_err(|e| e.to_string())?;
    if image_file::is_picture(path, &head) {
        for page in 0..image_file::facts(path)?.pages {
            let image = image_file::decode(path, page)?;
            let kind = image.datatype;
            tally.hash.update(&image.bytes);
            image.bytes.chunks_exact(kind.width()).for_each(|sample| tally.add(kind.value(sample, false)));
        }
        return tally.finish(warnings);
    }
    if let Some(file) = voxel_file::open(path) {
        let scanned = file.and_then(|file| {
            file.scan(|bytes, numbers| {
                tally.hash.update(bytes);
                numbers.for_each(|n| tally.add(n));
            })
        });
        scanned.map_err(|e| e.to_string())?;
        return tally.finish(warnings);
    }
    let file = DicomFile::open(path).map_err(|e| e.to_string())?;
    let frames = Frames::new(&file, &mut warnings).map_err(|e| e.to_string())?;
    for n in 0..frames.format.frames {
        let bytes = frames.frame(n).map_err(|e| if n > 0 { format!("frame {}: {e}", n + 1) } else { e.to_string() })?;
        tally.hash.update(&bytes);
        for_each_sample(&bytes, frames.format.sample_type, |value| tally.add(value));
    }
    tally.finish(warnings)
}
