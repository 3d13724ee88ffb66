//! What the ray of a clicked pixel of a synthetic radiograph crosses, in words. LPS mm, HU.

use crate::geometry::{DVec2, DVec3};
use crate::render::drr::{self, Crossed, DrrGeometry};
use crate::volume::{Labelmap, Volume};

/// A ray through the volume, and what it met.
#[derive(Debug, Clone, PartialEq)]
pub struct Cast {
    /// The detector it was cast on; it is shown as long as this one is.
    pub geometry: DrrGeometry,
    /// The pixel.
    pub px: DVec2,
    /// From the source on, without the air before and behind the body.
    pub things: Vec<CrossedThing>,
}

/// A stretch of a ray inside one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossedThing {
    /// "bone", or the segment's label.
    pub name: String,
    /// Of a segment.
    pub color_rgb: Option<[u8; 3]>,
    /// Length of the stretch.
    pub length_mm: f64,
    /// Mean along the stretch.
    pub mean_hu: f64,
    /// From where the ray enters the body.
    pub depth_mm: f64,
    /// Where it begins.
    pub entry_lps: DVec3,
    /// Bone, or a segment: worth pointing at.
    pub is_dense: bool,
}

impl Cast {
    /// Casts a ray. Segments of which `name` knows nothing are named after their values.
    pub fn new(
        volume: &Volume,
        labels: Option<&Labelmap>,
        geometry: DrrGeometry,
        px: DVec2,
        name: impl Fn(u8) -> Option<(String, [u8; 3])>,
    ) -> Self {
        let ray = geometry.ray(px, volume.geometry());
        let crossed = drr::crossed(volume, labels, &ray);
        let is_air = |crossing: &drr::Crossing| crossing.what == Crossed::Air;
        let first = crossed.iter().position(|crossing| !is_air(crossing)).unwrap_or(crossed.len());
        let last = crossed.iter().rposition(|crossing| !is_air(crossing)).map_or(0, |n| n + 1);
        let body = crossed.get(first..last).unwrap_or_default();
        let mut things: Vec<CrossedThing> = Vec::new();
        for crossing in body {
            let segment = match crossing.what {
                Crossed::Label(number) => name(number),
                _ => None,
            };
            let is_dense = segment.is_some() || crossing.mean_hu >= f64::from(drr::BONE_HU);
            let (name, color_rgb) =
                segment.map_or_else(|| (tissue(crossing.mean_hu).to_owned(), None), |(n, c)| (n, Some(c)));
            let depth_mm = crossing.entry_lps.distance(body[0].entry_lps);
            let thing = CrossedThing {
                name,
                color_rgb,
                length_mm: crossing.length_mm,
                mean_hu: crossing.mean_hu,
                depth_mm,
                entry_lps: crossing.entry_lps,
                is_dense,
            };
            match things.last_mut() {
                Some(before) if before.name == thing.name && before.color_rgb == thing.color_rgb => before.join(&thing),
                _ => things.push(thing),
            }
        }
        Self { geometry, px, things }
    }

    /// Where a click leads: to the first dense thing, else to where the ray enters the body.
    pub fn target_lps(&self) -> Option<DVec3> {
        let dense = self.things.iter().find(|thing| thing.is_dense);
        dense.or(self.things.first()).map(|thing| thing.entry_lps)
    }
}

impl CrossedThing {
    fn join(&mut self, next: &Self) {
        let length_mm = self.length_mm + next.length_mm;
        self.mean_hu = (self.mean_hu * self.length_mm + next.mean_hu * next.length_mm) / length_mm.max(f64::EPSILON);
        self.length_mm = length_mm;
    }
}

fn tissue(mean_hu: f64) -> &'static str {
    match mean_hu {
        hu if hu >= f64::from(drr::BONE_HU) => "bone or contrast",
        hu if hu >= f64::from(drr::SOFT_HU) => "soft tissue",
        _ => "air or lung",
    }
}
