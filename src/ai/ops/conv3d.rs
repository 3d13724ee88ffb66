//! 3D convolution: the operator's interface, its shapes, and the candle custom operator.
//!
//! Tensors are `[N, C, D, H, W]` (W fastest), weights `[O, C / groups, kD, kH, kW]`, 32-bit floats. Like every network
//! library's, the "convolution" is a correlation: the kernel is not flipped. Another device implements [`Conv3d`]; a
//! backward pass goes into `bwd` of the custom operator, which candle calls with the gradient of the result.

use super::{Activation, direct, kernels::Isa};
use candle_core::{CpuStorage, CustomOp3, DType, Layout, Shape, Tensor};
use std::sync::Arc;

/// How the kernel moves over the input; three numbers are (D, H, W).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conv3dSpec {
    /// Step of the output, ≥ 1.
    pub stride: [usize; 3],
    /// Zeros added on both sides.
    pub padding: [usize; 3],
    /// Distance of kernel elements, ≥ 1.
    pub dilation: [usize; 3],
    /// Input and output channels are split into this many independent groups, ≥ 1.
    pub groups: usize,
}

impl Conv3dSpec {
    /// Stride 1 with zero padding such that an odd kernel keeps the size.
    pub fn same(kernel: usize, dilation: usize) -> Self {
        let padding = dilation * (kernel.max(1) - 1) / 2;
        Self { stride: [1; 3], padding: [padding; 3], dilation: [dilation; 3], groups: 1 }
    }
}

/// Why tensors cannot be convolved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Conv3dError {
    /// Shapes that do not belong together; the sentence names them.
    #[error("3D convolution of {x:?} with weights {w:?} in {groups} group(s): {why}")]
    Shape {
        /// Input shape.
        x: Vec<usize>,
        /// Weight shape.
        w: Vec<usize>,
        /// Groups.
        groups: usize,
        /// What does not fit.
        why: &'static str,
    },
    /// Stopped through [`Watch`].
    #[error("the 3D convolution was stopped")]
    Stopped,
}

/// Checked sizes of a convolution.
///
/// Invariant: every size ≥ 1, channels divisible by groups, and all element counts fit into memory indices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conv3dShape {
    /// Batch.
    pub batch: usize,
    /// Input channels of all groups.
    pub inputs: usize,
    /// Output channels of all groups.
    pub outputs: usize,
    /// D, H, W of the input.
    pub input: [usize; 3],
    /// D, H, W of the kernel.
    pub kernel: [usize; 3],
    /// D, H, W of the output.
    pub output: [usize; 3],
    /// The rest.
    pub spec: Conv3dSpec,
}

impl Conv3dShape {
    /// Checks shapes against each other and computes the output's.
    pub fn new(x: &[usize], w: &[usize], spec: Conv3dSpec) -> Result<Self, Conv3dError> {
        let wrong = |why| Conv3dError::Shape { x: x.to_vec(), w: w.to_vec(), groups: spec.groups, why };
        let (&[batch, inputs, xd, xh, xw], &[outputs, per_group, kd, kh, kw]) = (x, w) else {
            return Err(wrong("both need five dimensions"));
        };
        let (input, kernel) = ([xd, xh, xw], [kd, kh, kw]);
        if x.contains(&0) || w.contains(&0) {
            return Err(wrong("every size must be at least 1"));
        }
        if spec.groups == 0 || spec.stride.contains(&0) || spec.dilation.contains(&0) {
            return Err(wrong("groups, stride and dilation must be at least 1"));
        }
        if inputs % spec.groups != 0 || outputs % spec.groups != 0 || inputs / spec.groups != per_group {
            return Err(wrong("the channels do not fit the weights and groups"));
        }
        let mut output = [0; 3];
        for axis in 0..3 {
            let span = spec.dilation[axis].checked_mul(kernel[axis] - 1).and_then(|n| n.checked_add(1));
            let padded = spec.padding[axis].checked_mul(2).and_then(|n| n.checked_add(input[axis]));
            let (Some(span), Some(padded)) = (span, padded) else { return Err(wrong("padding or dilation too large")) };
            let room = padded.checked_sub(span).ok_or_else(|| wrong("the kernel is larger than the padded input"))?;
            output[axis] = room / spec.stride[axis] + 1;
        }
        let count = |sizes: &[usize]| sizes.iter().try_fold(4usize, |n, &size| n.checked_mul(size));
        if count(x).is_none()
            || count(w).is_none()
            || count(&[batch, outputs, output[0], output[1], output[2]]).is_none()
        {
            return Err(wrong("more elements than memory can hold"));
        }
        Ok(Self { batch, inputs, outputs, input, kernel, output, spec })
    }

    /// Number of output elements.
    pub fn output_len(&self) -> usize {
        self.batch * self.outputs * self.output.iter().product::<usize>()
    }

    /// Multiplications of a full convolution, zero padding counted: for timings.
    pub fn multiplications(&self) -> u64 {
        let per_output = self.inputs / self.spec.groups * self.kernel.iter().product::<usize>();
        self.output_len() as u64 * per_output as u64
    }
}

/// Looks at a running operator: called from its threads with the fraction done (0–1), often; answers whether to go on.
pub type Watch = Arc<dyn Fn(f32) -> bool + Send + Sync>;

/// A device's 3D convolution with bias and activation fused in.
pub trait Conv3d {
    /// `activation(conv(x, w) + bias)`; `x` `[N, C, D, H, W]`, `w` `[O, C / groups, kD, kH, kW]`, `bias` `[O]`.
    fn forward(
        &self,
        x: &Tensor,
        w: &Tensor,
        bias: Option<&Tensor>,
        spec: &Conv3dSpec,
        activation: Activation,
        watch: &Watch,
    ) -> candle_core::Result<Tensor>;
}

/// On the processor, by [`direct`].
#[derive(Debug, Clone, Copy, Default)]
pub struct CpuConv3d;

impl Conv3d for CpuConv3d {
    fn forward(
        &self,
        x: &Tensor,
        w: &Tensor,
        bias: Option<&Tensor>,
        spec: &Conv3dSpec,
        activation: Activation,
        watch: &Watch,
    ) -> candle_core::Result<Tensor> {
        let bias = match bias {
            Some(bias) => bias.clone(),
            None => Tensor::zeros(w.dim(0)?, DType::F32, x.device())?,
        };
        let op = CpuConv3dOp { spec: *spec, activation, watch: watch.clone() };
        x.contiguous()?.apply_op3(&w.contiguous()?, &bias.contiguous()?, op)
    }
}

struct CpuConv3dOp {
    spec: Conv3dSpec,
    activation: Activation,
    watch: Watch,
}

impl CustomOp3 for CpuConv3dOp {
    fn name(&self) -> &'static str {
        "conv3d"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        w: &CpuStorage,
        w_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let shape = Conv3dShape::new(x_layout.dims(), w_layout.dims(), self.spec).map_err(candle_core::Error::wrap)?;
        let (x, w, bias) = (floats(x, x_layout)?, floats(w, w_layout)?, floats(bias, bias_layout)?);
        if bias.len() != shape.outputs {
            candle_core::bail!("3D convolution: {} bias values for {} output channels", bias.len(), shape.outputs);
        }
        let out = direct::conv3d(&shape, x, w, bias, self.activation, Isa::best(), &*self.watch)
            .map_err(candle_core::Error::wrap)?;
        let [d, h, w] = shape.output;
        Ok((CpuStorage::F32(out), Shape::from((shape.batch, shape.outputs, d, h, w))))
    }
}

/// The elements of a contiguous 32-bit float tensor.
pub(super) fn floats<'a>(storage: &'a CpuStorage, layout: &Layout) -> candle_core::Result<&'a [f32]> {
    let CpuStorage::F32(values) = storage else { candle_core::bail!("3D operators work on 32-bit floats only") };
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&values[start..end]),
        None => candle_core::bail!("3D operators need contiguous tensors"),
    }
}
