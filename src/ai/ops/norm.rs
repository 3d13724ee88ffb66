//! Instance normalization over `[N, C, D, H, W]`: each channel of each batch entry to mean 0 and variance 1 (biased variance
//! over D, H, W, no learned scale), with the activation fused in.

use super::kernels::{Isa, activate};
use super::{Activation, conv3d::floats};
use candle_core::{CpuStorage, CustomOp1, Layout, Shape, Tensor};
use rayon::prelude::*;

/// Elements handed to a thread at a time; sums are taken in 64-bit floats per piece.
const PIECE: usize = 1 << 16;

/// `activation((x − mean) / sqrt(variance + eps))`.
pub fn instance_norm(x: &Tensor, eps: f64, activation: Activation) -> candle_core::Result<Tensor> {
    x.contiguous()?.apply_op1(InstanceNorm { eps, activation })
}

struct InstanceNorm {
    eps: f64,
    activation: Activation,
}

impl CustomOp1 for InstanceNorm {
    fn name(&self) -> &'static str {
        "instance_norm"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> candle_core::Result<(CpuStorage, Shape)> {
        let (batch, channels, d, h, w) = layout.shape().dims5()?;
        let x = floats(x, layout)?;
        let channel = d * h * w;
        let mut out = vec![0f32; batch * channels * channel];
        let isa = Isa::best();
        for (x, out) in x.chunks_exact(channel.max(1)).zip(out.chunks_exact_mut(channel.max(1))) {
            let (mean, scale) = self.mean_and_scale(x);
            x.par_chunks(PIECE).zip(out.par_chunks_mut(PIECE)).for_each(|(x, out)| {
                x.iter().zip(&mut *out).for_each(|(&x, out)| *out = (x - mean) * scale);
                activate(isa, self.activation, out);
            });
        }
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }
}

impl InstanceNorm {
    /// Two passes: the variance is taken about the mean, so that a large offset loses nothing.
    fn mean_and_scale(&self, x: &[f32]) -> (f32, f32) {
        let count = x.len() as f64;
        let mean = x.par_chunks(PIECE).map(|p| p.iter().map(|&v| f64::from(v)).sum::<f64>()).sum::<f64>() / count;
        let square = |v: f32| (f64::from(v) - mean).powi(2);
        let variance = x.par_chunks(PIECE).map(|p| p.iter().map(|&v| square(v)).sum::<f64>()).sum::<f64>() / count;
        (mean as f32, (1.0 / (variance + self.eps).sqrt()) as f32)
    }
}
