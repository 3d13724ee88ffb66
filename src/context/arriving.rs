//! A volume that is still being read: its grid is known from the headers, and the slices that were looked at are there.

use crate::geometry::VolumeGeometry;
use crate::volume::Volume;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Memory for slices that wait for their volume.
const ROOM_BYTES: usize = 48 << 20;
/// Slices on either side of the one on screen that are fetched with it.
const AROUND: usize = 4;

/// What can be shown of a volume while it is read. Nothing is measured, painted or searched on it.
#[derive(Debug, Clone)]
pub struct Arriving {
    /// Where the whole volume lies.
    pub geometry: VolumeGeometry,
    /// By k; `None` where a slice cannot be read.
    slices: BTreeMap<usize, Option<Arc<Volume>>>,
}

impl Arriving {
    /// Without slices yet.
    pub fn new(geometry: VolumeGeometry) -> Self {
        Self { geometry, slices: BTreeMap::new() }
    }

    /// Slice `k` as a volume of one slice, if it is there.
    pub fn slice(&self, k: usize) -> Option<&Arc<Volume>> {
        self.slices.get(&k)?.as_ref()
    }

    /// One of the slices that are there.
    pub fn any(&self) -> Option<&Arc<Volume>> {
        self.slices.values().flatten().next()
    }

    /// Takes a slice, or that there is none; those farthest from `shown` make room.
    pub fn insert(&mut self, k: usize, slice: Option<Arc<Volume>>, shown: usize) {
        self.slices.insert(k, slice);
        let [columns, rows, _] = self.geometry.dims();
        // Voxels take up to four bytes.
        let most = (ROOM_BYTES / (4 * columns * rows)).max(2 * AROUND + 2);
        while self.slices.len() > most {
            let ends = [self.slices.first_key_value(), self.slices.last_key_value()].map(|end| end.map(|(k, _)| *k));
            let farthest = ends.into_iter().flatten().max_by_key(|k| k.abs_diff(shown));
            farthest.and_then(|k| self.slices.remove(&k));
        }
    }

    /// The slices to fetch while `shown` is on screen, nearest first; empty when all around are there.
    pub fn missing_around(&self, shown: usize) -> Vec<usize> {
        let last = self.geometry.dims()[2] - 1;
        let mut near: Vec<usize> = (shown.saturating_sub(AROUND)..=(shown + AROUND).min(last)).collect();
        near.retain(|k| !self.slices.contains_key(k));
        near.sort_by_key(|k| k.abs_diff(shown));
        near
    }
}
