//! What a ray goes through: a click on a radiograph, answered from the CT behind it.

use super::Ray;
use super::traversal::Traversal;
use crate::geometry::DVec3;
use crate::volume::{Labelmap, Volume};

/// Below: air and lung. From here on: soft tissue, fat included. Ours; say so where it is shown.
pub const SOFT_HU: f32 = -300.0;
/// From here on: bone, calcification, dense contrast or metal. Ours.
pub const BONE_HU: f32 = 200.0;
/// Stretches of tissue shorter than this join the one before: noise is no anatomy. Labels are kept however short they are.
const SHORTEST_MM: f64 = 2.0;

/// What a stretch of a ray lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Crossed {
    /// A segment, by its label.
    Label(u8),
    /// No segment; below [`SOFT_HU`].
    Air,
    /// No segment; between both.
    Soft,
    /// No segment; from [`BONE_HU`] on.
    Bone,
}

/// A stretch of a ray inside one thing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossing {
    /// What it lies in.
    pub what: Crossed,
    /// Where the ray enters.
    pub entry_lps: DVec3,
    /// Where it leaves.
    pub exit_lps: DVec3,
    /// Length of the stretch.
    pub length_mm: f64,
    /// Mean value along the stretch, of the nearest voxels; HU for a CT.
    pub mean_hu: f64,
}

/// A stretch before it gets its places in the patient.
#[derive(Clone, Copy)]
struct Stretch {
    what: Crossed,
    parts: [f64; 2],
    /// Value times part, summed up.
    sum: f64,
}

impl Stretch {
    fn part(&self) -> f64 {
        self.parts[1] - self.parts[0]
    }

    fn join(&mut self, other: &Self) {
        self.parts[1] = other.parts[1];
        self.sum += other.sum;
    }
}

/// Everything that a ray crosses inside the volume, from the source on. Where labels lie on a grid of their own, that grid
/// decides where they begin and end.
pub fn crossed(volume: &Volume, labels: Option<&Labelmap>, ray: &Ray) -> Vec<Crossing> {
    let length_mm = ray.start_lps.distance(ray.end_lps);
    let mut stretches: Vec<Stretch> = Vec::new();
    for piece in pieces(volume, labels, ray) {
        match stretches.last_mut() {
            Some(last) if last.what == piece.what => last.join(&piece),
            _ => stretches.push(piece),
        }
    }
    without_noise(stretches, SHORTEST_MM / length_mm).iter().map(|stretch| placed(stretch, ray, length_mm)).collect()
}

/// Stretches that lie in one voxel of the volume and one of the labels each.
fn pieces(volume: &Volume, labels: Option<&Labelmap>, ray: &Ray) -> Vec<Stretch> {
    let mut pieces = Vec::new();
    let mut label_steps = labels.map(|labels| Traversal::new(labels.geometry(), ray).peekable());
    for step in Traversal::new(volume.geometry(), ray) {
        let value = volume.value_ijk(step.ijk);
        let mut from = step.parts[0];
        while from < step.parts[1] {
            let (label, until) = match (labels, &mut label_steps) {
                (Some(labels), Some(steps)) => label_at(labels, steps, from),
                _ => (0, f64::INFINITY),
            };
            let until = until.min(step.parts[1]);
            pieces.push(Stretch {
                what: what(label, value),
                parts: [from, until],
                sum: f64::from(value) * (until - from),
            });
            from = until;
        }
    }
    pieces
}

/// The label at a part of the ray, and up to which part it holds.
fn label_at(
    labels: &Labelmap,
    steps: &mut std::iter::Peekable<impl Iterator<Item = super::traversal::Step>>,
    at: f64,
) -> (u8, f64) {
    while steps.next_if(|step| step.parts[1] <= at).is_some() {}
    match steps.peek() {
        None => (0, f64::INFINITY),
        Some(step) if at < step.parts[0] => (0, step.parts[0]),
        Some(step) => (labels.label(step.ijk), step.parts[1]),
    }
}

fn what(label: u8, value: f32) -> Crossed {
    match label {
        // Written so that NaN, which is no tissue, counts as air.
        0 if value >= BONE_HU => Crossed::Bone,
        0 if value >= SOFT_HU => Crossed::Soft,
        0 => Crossed::Air,
        label => Crossed::Label(label),
    }
}

/// Short stretches of tissue joined to the one before, or to the one behind where there is none or it is a label.
fn without_noise(stretches: Vec<Stretch>, shortest: f64) -> Vec<Stretch> {
    let is_tissue = |stretch: &Stretch| !matches!(stretch.what, Crossed::Label(_));
    let mut kept: Vec<Stretch> = Vec::new();
    for stretch in stretches {
        match kept.last_mut() {
            Some(last) if last.what == stretch.what => last.join(&stretch),
            Some(last) if is_tissue(last) && is_tissue(&stretch) && stretch.part() < shortest => last.join(&stretch),
            Some(last) if is_tissue(last) && is_tissue(&stretch) && last.part() < shortest => {
                last.what = stretch.what;
                last.join(&stretch);
            }
            _ => kept.push(stretch),
        }
    }
    kept
}

fn placed(stretch: &Stretch, ray: &Ray, ray_mm: f64) -> Crossing {
    let at = |part: f64| ray.start_lps + (ray.end_lps - ray.start_lps) * part;
    Crossing {
        what: stretch.what,
        entry_lps: at(stretch.parts[0]),
        exit_lps: at(stretch.parts[1]),
        length_mm: stretch.part() * ray_mm,
        mean_hu: stretch.sum / stretch.part(),
    }
}
