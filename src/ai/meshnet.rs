//! The MeshNet family: a stack of dilated 3D convolutions at full resolution, no pooling, no skip connections.
//!
//! Published weights are `[out, in, I, J, K]` for inputs `[1, 1, I, J, K]`, I being the first voxel index. Volumes here have
//! i fastest in memory, so tensors are `[1, C, K, J, I]` and the kernels are turned once, when they are loaded; nothing else
//! is ever transposed. At most two activations live at a time, and the classes never exist at full resolution all at once.

mod load;

pub use load::{WeightsError, sha256_hex};

use super::ops::{self, Conv3d, Conv3dSpec, CpuConv3d, Watch};
use super::pack::{Crop, Intensity, ModelPack};
use super::resample::{Conformed, conform, labels_onto};
use super::{AiError, Segmenter, SeriesFacts};
use crate::codes;
use crate::findings::ModelProvenance;
use crate::geometry::VolumeGeometry;
use crate::jobs::{Cancel, Progress};
use crate::volume::{AlgorithmKind, Connectivity, Labelmap, Segment, Segmentation, ValueUnit, Volume, components};
use candle_core::{Device, Tensor};
use std::sync::Arc;

/// Most memory that the activations of a run may take.
const MEMORY_LIMIT_MB: u64 = 16 * 1024;

/// Most voxels per piece of the last layer, whose classes are reduced to labels at once.
const LABEL_PIECE: usize = 1 << 20;

/// A network ready to run.
pub struct MeshNet {
    pack: ModelPack,
    hidden: Vec<Layer>,
    output: Layer,
}

/// One convolution; weights `[O, C, K, J, I]`.
struct Layer {
    weight: Tensor,
    bias: Option<Tensor>,
    spec: Conv3dSpec,
}

impl std::fmt::Debug for MeshNet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MeshNet").field("pack", &self.pack.name).finish_non_exhaustive()
    }
}

impl MeshNet {
    /// Checks the weights (safetensors bytes) against the pack: hash, every tensor's presence and shape, no tensor left over.
    pub fn new(pack: ModelPack, weights: &[u8]) -> Result<Self, WeightsError> {
        let (hidden, output) = load::layers(&pack, weights)?;
        Ok(Self { pack, hidden, output })
    }

    /// What the model says about itself.
    pub fn pack(&self) -> &ModelPack {
        &self.pack
    }

    /// Runs the hidden layers on `[1, 1, K, J, I]`; `seen` gets the number and the output of each.
    pub fn hidden(
        &self,
        x: &Tensor,
        watch: &dyn Fn(usize) -> Watch,
        seen: &mut dyn FnMut(usize, &Tensor),
    ) -> candle_core::Result<Tensor> {
        let network = &self.pack.network;
        let mut x = x.clone();
        for (n, layer) in self.hidden.iter().enumerate() {
            let (bias, watch) = (layer.bias.as_ref(), watch(n));
            // Assigning drops the layer's input: the next layer starts with one activation in memory.
            x = match network.instance_norm_eps {
                None => CpuConv3d.forward(&x, &layer.weight, bias, &layer.spec, network.activation, &watch)?,
                Some(eps) => {
                    let none = ops::Activation::None;
                    x = CpuConv3d.forward(&x, &layer.weight, bias, &layer.spec, none, &watch)?;
                    ops::norm::instance_norm(&x, eps, network.activation)?
                }
            };
            seen(n, &x);
        }
        Ok(x)
    }

    /// Logits `[1, classes, K, J, I]` of the last hidden activation.
    pub fn logits(&self, hidden: &Tensor) -> candle_core::Result<Tensor> {
        let output = &self.output;
        let watch: Watch = Arc::new(|_| true);
        CpuConv3d.forward(hidden, &output.weight, output.bias.as_ref(), &output.spec, ops::Activation::None, &watch)
    }

    /// The class of every voxel, from scaled values in flat order over `dims` (columns, rows, slices).
    pub fn classes(
        &self,
        values: Vec<f32>,
        dims: [usize; 3],
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<Vec<u8>, AiError> {
        self.check_memory(dims)?;
        let [ni, nj, nk] = dims;
        let x = Tensor::from_vec(values, (1, 1, nk, nj, ni), &Device::Cpu)?;
        let layers = self.hidden.len();
        let watch = |n: usize| -> Watch {
            let (cancel, progress) = (cancel.clone(), progress.clone());
            let stage = format!("Network layer {} of {}", n + 1, layers + 1);
            Arc::new(move |done| {
                progress.set(stage.clone(), Some(done));
                !cancel.is_cancelled()
            })
        };
        let stopped = |e: candle_core::Error| if cancel.is_cancelled() { AiError::Cancelled } else { e.into() };
        let hidden = self.hidden(&x, &watch, &mut |_, _| {}).map_err(stopped)?;
        drop(x);
        let stage = format!("Network layer {} of {}", layers + 1, layers + 1);
        let step = (LABEL_PIECE / (ni * nj)).max(1);
        let mut classes = Vec::with_capacity(ni * nj * nk);
        for k in (0..nk).step_by(step) {
            AiError::check(cancel)?;
            progress.set(stage.clone(), Some(k as f32 / nk as f32));
            let piece = hidden.narrow(2, k, step.min(nk - k))?;
            let logits = self.logits(&piece)?.flatten_all()?.to_vec1::<f32>()?;
            ops::argmax::append_classes(&logits, self.pack.network.classes, &mut classes);
        }
        Ok(classes)
    }

    fn check_memory(&self, dims: [usize; 3]) -> Result<(), AiError> {
        let voxels = dims.iter().map(|&n| n as u64).product::<u64>();
        let needed_mb = voxels.saturating_mul(2 * 4 * self.pack.network.hidden_channels as u64) >> 20;
        if needed_mb > MEMORY_LIMIT_MB {
            let what = format!("running {} on {} × {} × {} voxels", self.pack.name, dims[0], dims[1], dims[2]);
            return Err(AiError::TooLarge { what, needed_mb, limit_mb: MEMORY_LIMIT_MB });
        }
        Ok(())
    }

    /// Labels on the conformed grid.
    fn conformed_labels(
        &self,
        mut on: Conformed,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<(Vec<u8>, VolumeGeometry), AiError> {
        scale(&mut on.values, self.pack.preprocessing.intensity);
        let dims = on.geometry.dims();
        let Some(window) = Window::of(&on.values, dims, self.pack.preprocessing.crop) else {
            return Ok((vec![0; on.geometry.len()], on.geometry));
        };
        let inside = window.cut(&on.values, dims);
        drop(on.values);
        let classes = self.classes(inside, window.size(), progress, cancel)?;
        let mut labels = window.paste(&classes, dims);
        if self.pack.largest_component {
            progress.set("Keeping the largest piece", None);
            keep_largest(&on.geometry, &mut labels);
        }
        AiError::check(cancel)?;
        Ok((labels, on.geometry))
    }

    fn segments(&self, labelmap: &Labelmap) -> Vec<Segment> {
        let counts = labelmap.histogram();
        let found = self.pack.labels.iter().enumerate().skip(1).filter(|(n, _)| counts[*n] > 0);
        found
            .map(|(n, label)| Segment {
                number: n as u8,
                label: label.name.clone(),
                category: codes::ANATOMICAL_STRUCTURE,
                property: label.code.clone(),
                laterality: None,
                color_rgb: label.color_rgb,
                algorithm: AlgorithmKind::Automatic,
                algorithm_name: format!("{} {}", self.pack.name, self.pack.version),
                tracking_uid: format!("2.25.{}", uuid::Uuid::new_v4().as_u128()),
            })
            .collect()
    }
}

impl Segmenter for MeshNet {
    fn provenance(&self) -> ModelProvenance {
        let rules = &self.pack.preprocessing;
        ModelProvenance {
            name: self.pack.name.clone(),
            version: self.pack.version.clone(),
            weights_sha256: self.pack.weights.sha256.clone(),
            settings: format!(
                "conformed to {:?} voxels of {:?} mm ({}), {:?}, crop {:?}, largest component {}",
                rules.shape,
                rules.spacing_mm,
                rules.orientation,
                rules.intensity,
                rules.crop,
                self.pack.largest_component
            ),
            rules: false,
        }
    }

    fn serves(&self, facts: &SeriesFacts) -> Result<(), String> {
        let rules = &self.pack.input;
        let refuse = |found: String| Err(format!("{} is meant for: {}; {found}", self.pack.name, rules.description));
        let unknown = facts.modality.is_empty() || facts.modality == "OT";
        if !unknown && !rules.modalities.iter().any(|m| m == facts.modality) {
            return refuse(format!("this series has modality {}", facts.modality));
        }
        if *facts.unit == ValueUnit::Hu && !rules.modalities.iter().any(|m| m == "CT") {
            return refuse("this series has Hounsfield units".into());
        }
        let body_part = facts.body_part.to_uppercase();
        if !body_part.is_empty()
            && !rules.body_parts.is_empty()
            && !rules.body_parts.iter().any(|w| body_part.contains(w))
        {
            return refuse(format!("this series shows {}", facts.body_part));
        }
        let description = facts.description.to_uppercase();
        if let Some(word) = rules.unlike.iter().find(|word| description.contains(*word)) {
            return refuse(format!("this series is described as {word}"));
        }
        let Some(geometry) = facts.geometry else { return refuse("this series makes no volume".into()) };
        self.check_extent(geometry).or_else(refuse)
    }

    fn segment(&self, volume: &Volume, progress: &Progress, cancel: &Cancel) -> Result<Segmentation, AiError> {
        self.check_values(volume)?;
        progress.set("Conforming the volume", None);
        let conformed = conform(volume, &self.pack.preprocessing, cancel)?;
        let (labels, geometry) = self.conformed_labels(conformed, progress, cancel)?;
        progress.set("Bringing labels back to the image", None);
        let onto = volume.geometry();
        let labels = labels_onto(onto, &geometry, &labels, cancel)?;
        let labelmap = Labelmap::from_labels(onto.clone(), &labels)
            .ok_or_else(|| AiError::Compute("labels do not fill the grid of the image".into()))?;
        let segments = self.segments(&labelmap);
        Ok(Segmentation { labelmap, segments })
    }

    fn is_experimental(&self) -> bool {
        !self.pack.proven
    }
}

impl MeshNet {
    /// Images that do not name their modality are served on trust; values far below zero are not MR.
    fn check_values(&self, volume: &Volume) -> Result<(), AiError> {
        const LEAST_MR_VALUE: f32 = -200.0;
        let (low, _) = volume.range();
        if low < LEAST_MR_VALUE && self.pack.input.modalities.iter().all(|m| m == "MR") {
            let description = &self.pack.input.description;
            return Err(AiError::Unsuitable(format!(
                "the values reach down to {low}, as in CT, and {} is meant for: {description}",
                self.pack.name
            )));
        }
        Ok(())
    }

    /// A stack of a few slices, or one with gaps that hide whole structures, is not what the network has seen.
    fn check_extent(&self, geometry: &VolumeGeometry) -> Result<(), String> {
        const LEAST_EXTENT_MM: f64 = 80.0;
        const MOST_SPACING: f64 = 6.0;
        let spacing = geometry.spacing_mm().max_element();
        if spacing > MOST_SPACING * self.pack.preprocessing.spacing_mm.iter().copied().fold(f64::INFINITY, f64::min) {
            return Err(format!("this series has voxels of {spacing:.1} mm"));
        }
        let extent = (0..3).map(|a| geometry.dims()[a] as f64 * geometry.spacing_mm()[a]).fold(f64::INFINITY, f64::min);
        if extent < LEAST_EXTENT_MM {
            return Err(format!("this series covers {extent:.0} mm along one axis"));
        }
        Ok(())
    }
}

/// Scales values in place.
fn scale(values: &mut [f32], rule: Intensity) {
    let (low, high) = match rule {
        Intensity::MinMax => values.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), &v| (a.min(v), b.max(v))),
        Intensity::Quantile { low, high } => {
            // Conformed values are whole numbers 0–255: the histogram holds every quantile exactly.
            let mut bins = [0usize; 256];
            values.iter().for_each(|&v| bins[usize::from(v as u8)] += 1);
            let at = |quantile: f64| {
                let rank = ((values.len().saturating_sub(1)) as f64 * quantile).round() as usize;
                let mut passed = 0;
                bins.iter().position(|n| {
                    passed += n;
                    passed > rank
                })
            };
            (at(low).unwrap_or(0) as f32, at(high).unwrap_or(255) as f32)
        }
    };
    let span = if high > low { high - low } else { 1.0 };
    values.iter_mut().for_each(|v| *v = (*v - low) / span);
}

/// The part of a grid that the network sees: first voxel, and one past the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Window {
    low: [usize; 3],
    high: [usize; 3],
}

impl Window {
    /// `None` when nothing lies above the threshold.
    fn of(values: &[f32], dims: [usize; 3], rule: Crop) -> Option<Self> {
        let Crop::Above { threshold, margin } = rule else { return Some(Self { low: [0; 3], high: dims }) };
        let (mut low, mut high) = ([usize::MAX; 3], [0; 3]);
        for (row, values) in values.chunks_exact(dims[0]).enumerate() {
            let Some(first) = values.iter().position(|&v| v > threshold) else { continue };
            let last = values.iter().rposition(|&v| v > threshold).unwrap_or(first);
            for (axis, [from, to]) in [[first, last], [row % dims[1]; 2], [row / dims[1]; 2]].into_iter().enumerate() {
                low[axis] = low[axis].min(from);
                high[axis] = high[axis].max(to + 1);
            }
        }
        (high[0] > 0).then(|| Self {
            low: low.map(|n| n.saturating_sub(margin)),
            high: std::array::from_fn(|axis| (high[axis] + margin).min(dims[axis])),
        })
    }

    fn size(&self) -> [usize; 3] {
        std::array::from_fn(|axis| self.high[axis] - self.low[axis])
    }

    /// Start in a full grid of each row of the window, in order.
    fn rows(&self, dims: [usize; 3]) -> impl Iterator<Item = usize> {
        let Self { low, high } = *self;
        (low[2]..high[2]).flat_map(move |k| (low[1]..high[1]).map(move |j| (k * dims[1] + j) * dims[0] + low[0]))
    }

    fn cut(&self, values: &[f32], dims: [usize; 3]) -> Vec<f32> {
        let width = self.size()[0];
        self.rows(dims).flat_map(|start| values[start..start + width].iter().copied()).collect()
    }

    fn paste(&self, classes: &[u8], dims: [usize; 3]) -> Vec<u8> {
        let width = self.size()[0];
        let mut labels = vec![0; dims.iter().product()];
        for (start, classes) in self.rows(dims).zip(classes.chunks_exact(width)) {
            labels[start..start + width].copy_from_slice(classes);
        }
        labels
    }
}

/// Clears every label outside the largest 26-connected piece of non-background.
fn keep_largest(geometry: &VolumeGeometry, labels: &mut [u8]) {
    let found = components(geometry, labels.iter().map(|&l| l != 0).collect(), Connectivity::TwentySix);
    for component in found.iter().skip(1) {
        component.voxels.iter().for_each(|&n| labels[n] = 0);
    }
}
