//! What rays read: the gradient and the value of each voxel, as whole numbers of 16 bits, in bricks that are made when the
//! first ray comes to them and kept as long as the volume's blocks. A sample that is lit then takes eight neighboring loads
//! instead of forty scattered ones.

use super::{BLOCK, lowest_stored};
use crate::volume::{Rescale, Volume};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Voxels along an edge of a brick: those of a block and the first ones beyond.
pub(in crate::render) const EDGE: usize = BLOCK + 1;
/// Gradient along i, j, k, and value; both kept as [`Kept`] says.
pub(in crate::render) type Texel = [i16; 4];
/// i fastest.
pub(in crate::render) type Brick = [Texel; EDGE * EDGE * EDGE];

/// Most bricks of one volume: 512 MB. Rays that come to others read voxels, slower; the picture is the same.
const MOST_BRICKS: usize = 1 << 19;

/// The bricks of a volume.
#[derive(Debug, Default)]
pub(in crate::render) struct Bricks {
    /// One place per block; made with the first brick.
    places: OnceLock<Vec<OnceLock<Box<Brick>>>>,
    made: AtomicUsize,
}

impl Bricks {
    /// The places of all blocks.
    pub fn places(&self, blocks: usize) -> &[OnceLock<Box<Brick>>] {
        self.places.get_or_init(|| vec![OnceLock::new(); blocks])
    }

    /// A brick, made if need be; `None` when there are too many.
    #[inline]
    pub fn get<'a>(&self, place: &'a OnceLock<Box<Brick>>, make: impl FnOnce() -> Box<Brick>) -> Option<&'a Brick> {
        match place.get() {
            Some(brick) => Some(brick),
            None => self.make(place, make),
        }
    }

    #[cold]
    fn make<'a>(&self, place: &'a OnceLock<Box<Brick>>, make: impl FnOnce() -> Box<Brick>) -> Option<&'a Brick> {
        if self.made.load(Ordering::Relaxed) >= MOST_BRICKS {
            return None;
        }
        let brick = place.get_or_init(|| {
            self.made.fetch_add(1, Ordering::Relaxed);
            make()
        });
        Some(brick)
    }
}

/// From kept numbers to values, where numbers within ± `reach` stand for the whole range of a volume.
pub(in crate::render) fn kept_within(volume: &Volume, reach: f64) -> Rescale {
    let (low, high) = volume.range();
    let [low, high] = [low, high].map(|end| f64::from(end).clamp(-1e30, 1e30));
    let half = ((high - low) / 2.0).max(1e-30);
    Rescale { slope: half / reach, intercept: f64::midpoint(low, high) }
}

/// How values are kept in bricks.
#[derive(Debug, Clone, Copy)]
pub(in crate::render) struct Kept {
    rescale: Rescale,
    /// Kept numbers of stored values: `stored · scale + offset`.
    scale: f32,
    offset: f32,
    /// The stored value that stands for those that are no numbers.
    lowest: f32,
}

impl Kept {
    /// The greatest whole number of a texel.
    pub const REACH: f64 = 32767.0;

    pub fn new(volume: &Volume) -> Self {
        let (rescale, stored) = (kept_within(volume, Self::REACH), volume.rescale());
        let scale = (stored.slope / rescale.slope) as f32;
        let offset = ((stored.intercept - rescale.intercept) / rescale.slope) as f32;
        Self { rescale, scale, offset, lowest: lowest_stored(volume) }
    }

    /// From kept numbers to values.
    pub fn rescale(&self) -> Rescale {
        self.rescale
    }

    /// The kept number of a stored value.
    #[inline]
    pub fn number(&self, stored: f32) -> f32 {
        (if stored.is_nan() { self.lowest } else { stored }) * self.scale + self.offset
    }
}
