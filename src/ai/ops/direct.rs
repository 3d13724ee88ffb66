//! Direct 3D convolution on the processor: no im2col matrix, no transformed copy of the whole input.
//!
//! Work is split over output slices (D) among the rayon threads. For an output row, the kernel's input rows of all channels
//! are packed once into a small scratch buffer (padded with zeros at both ends, split into `stride` phases so that strided
//! columns lie side by side), and [`kernels::tile`] runs over it. Rows are visited in steps of the dilation, so that each
//! step packs one new input row per kernel slice and finds the others in the scratch; packing also keeps rows of
//! power-of-two volumes from evicting each other from the cache.
//!
//! Scratch per thread: `kD · kH · channels` padded rows (200 KB for 30 channels at 164 columns), never more.

use super::kernels::{self, Isa, KernelRow, MAX_OUTPUTS, TileInput};
use super::{Activation, Conv3dError, Conv3dShape};
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// `activation(conv(x, w) + bias)` as `[N, O, D, H, W]`. `watch` is called after every output slice; `false` stops.
///
/// # Panics
/// When a slice's length is not what `shape` says: a defect of the caller.
pub fn conv3d(
    shape: &Conv3dShape,
    x: &[f32],
    w: &[f32],
    bias: &[f32],
    activation: Activation,
    isa: Isa,
    watch: &(dyn Fn(f32) -> bool + Send + Sync),
) -> Result<Vec<f32>, Conv3dError> {
    let per_group = shape.inputs / shape.spec.groups;
    assert_eq!(x.len(), shape.batch * shape.inputs * shape.input.iter().product::<usize>(), "input length");
    assert_eq!(w.len(), shape.outputs * per_group * shape.kernel.iter().product::<usize>(), "weights length");
    assert_eq!(bias.len(), shape.outputs, "bias length");
    let plan = Plan::new(shape, w, isa);
    let mut out = vec![0f32; shape.output_len()];
    let mut slices = slices_by_depth(&mut out, shape);
    let done = AtomicUsize::new(0);
    let total = slices.len() as f32;
    slices.par_iter_mut().enumerate().try_for_each_init(
        || RowCache::new(&plan),
        |cache, (n, planes)| {
            let (batch, depth) = (n / shape.output[0], n % shape.output[0]);
            let x = &x[batch * x.len() / shape.batch..];
            plan.slice(x, bias, activation, depth, cache, planes);
            let fraction = (done.fetch_add(1, Ordering::Relaxed) + 1) as f32 / total;
            if watch(fraction) { Ok(()) } else { Err(Conv3dError::Stopped) }
        },
    )?;
    Ok(out)
}

/// The output regrouped: for each batch entry and depth, one plane per channel.
fn slices_by_depth<'a>(out: &'a mut [f32], shape: &Conv3dShape) -> Vec<Vec<&'a mut [f32]>> {
    let [depth, rows, columns] = shape.output;
    let mut slices: Vec<Vec<&mut [f32]>> =
        (0..shape.batch * depth).map(|_| Vec::with_capacity(shape.outputs)).collect();
    for (n, plane) in out.chunks_exact_mut(rows * columns).enumerate() {
        let batch = n / (shape.outputs * depth);
        slices[batch * depth + n % depth].push(plane);
    }
    slices
}

/// Some output channels of a group, with their weights in the order in which a tile reads them.
struct Block {
    first: usize,
    outputs: usize,
    weights: Vec<f32>,
}

/// Everything that all rows share.
struct Plan<'a> {
    shape: &'a Conv3dShape,
    isa: Isa,
    /// Blocks of each group.
    blocks: Vec<Vec<Block>>,
    /// Offset of each kernel column in a packed row.
    taps: Vec<usize>,
    /// Floats of one phase of a packed row.
    phase_pitch: usize,
    /// Floats of a packed row.
    pitch: usize,
}

impl<'a> Plan<'a> {
    fn new(shape: &'a Conv3dShape, w: &[f32], isa: Isa) -> Self {
        let (stride, dilation) = (shape.spec.stride[2], shape.spec.dilation[2]);
        let reach = (shape.kernel[2] - 1) * dilation / stride;
        let phase_pitch = shape.output[2].next_multiple_of(isa.lanes()) + reach;
        // Phases beyond the kernel's reach are never read.
        let phases = stride.min((shape.kernel[2] - 1) * dilation + 1);
        let taps = (0..shape.kernel[2]).map(|k| k * dilation % stride * phase_pitch + k * dilation / stride).collect();
        let blocks = (0..shape.spec.groups).map(|group| blocks(shape, w, group)).collect();
        Self { shape, isa, blocks, taps, phase_pitch, pitch: phases * phase_pitch }
    }

    /// Channels of one group.
    fn channels(&self) -> usize {
        self.shape.inputs / self.shape.spec.groups
    }

    /// One output slice, all channels.
    fn slice(
        &self,
        x: &[f32],
        bias: &[f32],
        activation: Activation,
        depth: usize,
        cache: &mut RowCache,
        planes: &mut [&mut [f32]],
    ) {
        let [_, rows, columns] = self.shape.output;
        let step = self.shape.spec.dilation[1];
        for group in 0..self.shape.spec.groups {
            cache.forget();
            for row in (0..step.min(rows)).flat_map(|first| (first..rows).step_by(step)) {
                self.pack_rows(x, group, depth, row, cache);
                for block in &self.blocks[group] {
                    self.block_row(block, bias, cache, row, planes);
                    for plane in &mut planes[block.first..block.first + block.outputs] {
                        kernels::activate(self.isa, activation, &mut plane[row * columns..(row + 1) * columns]);
                    }
                }
            }
        }
    }

    /// One output row of one block of channels, tile by tile.
    fn block_row(&self, block: &Block, bias: &[f32], cache: &RowCache, row: usize, planes: &mut [&mut [f32]]) {
        let columns = self.shape.output[2];
        let lanes = self.isa.lanes();
        let mut sums = [0f32; MAX_OUTPUTS * 64];
        let rows: Vec<KernelRow> = cache
            .rows
            .iter()
            .map(|&(kernel_row, x)| KernelRow {
                x,
                w: kernel_row * self.channels() * self.shape.kernel[2] * block.outputs,
            })
            .collect();
        let input = TileInput {
            x: &cache.packed,
            rows: &rows,
            channels: self.channels(),
            pitch: self.pitch,
            taps: &self.taps,
            w: &block.weights,
        };
        let mut at = 0;
        while at < columns {
            let vectors = (columns - at).div_ceil(lanes).min(self.isa.max_vectors());
            let width = vectors * lanes;
            kernels::tile(self.isa, [block.outputs, vectors], &input, at, &bias[block.first..], &mut sums);
            let kept = width.min(columns - at);
            for (o, sums) in sums.chunks_exact(width).take(block.outputs).enumerate() {
                let start = row * columns + at;
                planes[block.first + o][start..start + kept].copy_from_slice(&sums[..kept]);
            }
            at += width;
        }
    }

    /// Makes sure that the cache holds every input row under the kernel at this output row, and lists them.
    fn pack_rows(&self, x: &[f32], group: usize, depth: usize, row: usize, cache: &mut RowCache) {
        let spec = &self.shape.spec;
        let [kernel_depth, kernel_rows, _] = self.shape.kernel;
        let [input_depth, input_rows, _] = self.shape.input;
        cache.rows.clear();
        for a in 0..kernel_depth {
            let z = (depth * spec.stride[0] + a * spec.dilation[0]).checked_sub(spec.padding[0]);
            let Some(z) = z.filter(|&z| z < input_depth) else { continue };
            for b in 0..kernel_rows {
                let padded = row * spec.stride[1] + b * spec.dilation[1];
                let Some(y) = padded.checked_sub(spec.padding[1]).filter(|&y| y < input_rows) else { continue };
                // Rows that are a dilation apart get neighboring slots: those under one kernel never share a slot.
                let slot = a * kernel_rows + padded / spec.dilation[1] % kernel_rows;
                let start = slot * self.channels() * self.pitch;
                if cache.held[slot] != Some(y) {
                    cache.held[slot] = Some(y);
                    let end = start + self.channels() * self.pitch;
                    self.pack(x, group, [z, y], &mut cache.packed[start..end]);
                }
                cache.rows.push((a * kernel_rows + b, start));
            }
        }
    }

    /// Copies row `(z, y)` of every channel of a group. Padding is never written, so it stays zero from the start.
    fn pack(&self, x: &[f32], group: usize, [z, y]: [usize; 2], packed: &mut [f32]) {
        let [depth, rows, columns] = self.shape.input;
        let (stride, padding) = (self.shape.spec.stride[2], self.shape.spec.padding[2]);
        for (c, packed) in packed.chunks_exact_mut(self.pitch).enumerate() {
            let start = (((group * self.channels() + c) * depth + z) * rows + y) * columns;
            let source = &x[start..start + columns];
            for (phase, packed) in packed.chunks_exact_mut(self.phase_pitch).enumerate() {
                // Packed column q shows padded column q · stride + phase.
                let first = padding.saturating_sub(phase).div_ceil(stride);
                let Some(packed) = packed.get_mut(first..) else { continue };
                let Some(source) = source.get(first * stride + phase - padding..) else { continue };
                if stride == 1 {
                    let n = source.len().min(packed.len());
                    packed[..n].copy_from_slice(&source[..n]);
                } else {
                    packed.iter_mut().zip(source.iter().step_by(stride)).for_each(|(to, &from)| *to = from);
                }
            }
        }
    }
}

/// Weights `[O, C, kD, kH, kW]` of one group as blocks of at most [`MAX_OUTPUTS`] channels, as even as can be.
fn blocks(shape: &Conv3dShape, w: &[f32], group: usize) -> Vec<Block> {
    let outputs = shape.outputs / shape.spec.groups;
    let channels = shape.inputs / shape.spec.groups;
    let [kd, kh, kw] = shape.kernel;
    let count = outputs.div_ceil(MAX_OUTPUTS);
    (0..count)
        .map(|n| {
            let first = group * outputs + n * outputs / count;
            let end = group * outputs + (n + 1) * outputs / count;
            let mut weights = Vec::with_capacity((end - first) * channels * kd * kh * kw);
            for kernel_row in 0..kd * kh {
                for c in 0..channels {
                    for k in 0..kw {
                        weights.extend((first..end).map(|o| w[((o * channels + c) * kd * kh + kernel_row) * kw + k]));
                    }
                }
            }
            Block { first, outputs: end - first, weights }
        })
        .collect()
}

/// Packed input rows of one thread, and which they are.
struct RowCache {
    packed: Vec<f32>,
    /// Input row in each slot; slots of one kernel slice (kd) lie together. Valid within one output slice and group.
    held: Vec<Option<usize>>,
    /// The kernel rows inside the input at the present output row: (kd · kH + kh, offset in `packed`).
    rows: Vec<(usize, usize)>,
}

impl RowCache {
    fn new(plan: &Plan) -> Self {
        let slots = plan.shape.kernel[0] * plan.shape.kernel[1];
        Self {
            packed: vec![0.0; slots * plan.channels() * plan.pitch],
            held: vec![None; slots],
            rows: Vec::with_capacity(slots),
        }
    }

    fn forget(&mut self) {
        self.held.fill(None);
    }
}
