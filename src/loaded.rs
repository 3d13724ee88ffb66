//! A series with its pixels: what `study` knows joined to what `volume` holds. Everything that looks at images gets one.

use crate::geometry::VolumeGeometry;
pub use crate::study::SliceSource;
use crate::study::{Instance, Series, Study};
use crate::volume::{Picture, Voi, VoiChoice, Volume};
use std::sync::Arc;

/// One series, loaded. Cheap to clone.
#[derive(Debug, Clone)]
pub struct LoadedSeries {
    /// The study, with only this series in it or with all.
    pub study: Arc<Study>,
    /// The series, as catalogued (its `instances` in the order of `slices`' indices).
    pub series: Arc<Series>,
    /// The pixels.
    pub image: ImageData,
    /// Where each slice (volume, by k) or picture comes from.
    pub slices: Arc<[SliceSource]>,
    /// First window of the header, if there is one.
    pub header_voi: Option<Voi>,
    /// All windows and VOI LUTs that the header of the first image offers, in its order.
    pub voi_choices: Vec<VoiChoice>,
}

/// Pixels, as a volume where the slices make one, else picture by picture.
#[derive(Debug, Clone)]
pub enum ImageData {
    /// A regular grid in the patient.
    Volume(Arc<Volume>),
    /// 2D pictures: radiographs, photographs, stacks that make no volume.
    Pictures(Vec<Arc<Picture>>),
}

impl LoadedSeries {
    /// The volume, if there is one.
    pub fn volume(&self) -> Option<&Arc<Volume>> {
        match &self.image {
            ImageData::Volume(volume) => Some(volume),
            ImageData::Pictures(_) => None,
        }
    }

    /// The pictures; empty for a volume.
    pub fn pictures(&self) -> &[Arc<Picture>] {
        match &self.image {
            ImageData::Volume(_) => &[],
            ImageData::Pictures(pictures) => pictures,
        }
    }

    /// The grid, if there is one.
    pub fn geometry(&self) -> Option<&VolumeGeometry> {
        self.volume().map(|v| v.geometry())
    }

    /// The instance that slice (or picture) `k` came from.
    pub fn instance(&self, k: usize) -> Option<&Instance> {
        self.slices.get(k).and_then(|s| self.series.instances.get(s.instance))
    }

    /// Frames a second at which picture `k` was recorded, where its object says so.
    pub fn frames_per_second(&self, k: usize) -> Option<f64> {
        let times = &self.instance(k)?.frame_times_ms;
        let ms = times.get(self.slices[k].frame as usize).or_else(|| times.first())?;
        (*ms > 0.0).then(|| 1000.0 / ms)
    }

    /// "series 4, image 124" (`clinical.md` rule 5), as far as the numbers are known.
    pub fn cite(&self, k: usize) -> String {
        let series = self.series.number.map(|n| format!("series {n}"));
        let frame = self.slices.get(k).map_or(0, |s| s.frame);
        let image = self.instance(k).and_then(|i| {
            let number = i.number?;
            Some(if i.frames > 1 { format!("image {number}, frame {}", frame + 1) } else { format!("image {number}") })
        });
        let parts: Vec<String> = series.into_iter().chain(image).collect();
        if parts.is_empty() { format!("slice {}", k + 1) } else { parts.join(", ") }
    }
}
