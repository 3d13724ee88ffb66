//! 3D convolution as the textbook writes it: seven nested loops. Slow; tests and benchmarks hold [`super::direct`] against it.

use super::{Activation, Conv3dShape};

/// `activation(conv(x, w) + bias)`. Slices must have the lengths that `shape` says.
pub fn conv3d(shape: &Conv3dShape, x: &[f32], w: &[f32], bias: &[f32], activation: Activation) -> Vec<f32> {
    let [xd, xh, xw] = shape.input;
    let [kd, kh, kw] = shape.kernel;
    let [od, oh, ow] = shape.output;
    let (stride, padding, dilation) = (shape.spec.stride, shape.spec.padding, shape.spec.dilation);
    let (in_group, out_group) = (shape.inputs / shape.spec.groups, shape.outputs / shape.spec.groups);
    // Position in the input of a kernel element, `None` in the padding.
    let at = |axis: usize, out: usize, k: usize, size: usize| {
        (out * stride[axis] + k * dilation[axis]).checked_sub(padding[axis]).filter(|&n| n < size)
    };
    let mut out = Vec::with_capacity(shape.output_len());
    for n in 0..shape.batch {
        for o in 0..shape.outputs {
            let first_input = o / out_group * in_group;
            for (d, h, col) in (0..od).flat_map(|d| (0..oh).flat_map(move |h| (0..ow).map(move |c| (d, h, c)))) {
                let mut sum = bias[o];
                for c in 0..in_group {
                    for (a, b, e) in (0..kd).flat_map(|a| (0..kh).flat_map(move |b| (0..kw).map(move |e| (a, b, e)))) {
                        if let (Some(z), Some(y), Some(col)) = (at(0, d, a, xd), at(1, h, b, xh), at(2, col, e, xw)) {
                            let weight = w[(((o * in_group + c) * kd + a) * kh + b) * kw + e];
                            let value = x[(((n * shape.inputs + first_input + c) * xd + z) * xh + y) * xw + col];
                            sum += weight * value;
                        }
                    }
                }
                out.push(sum);
            }
        }
    }
    activation.apply(&mut out);
    out
}
