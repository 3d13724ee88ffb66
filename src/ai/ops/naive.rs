//! 3D convolution as the textbook writes it: nested loops, one output after the other. Slow; tests and benchmarks hold
//! [`super::direct`] against it.

use super::{Activation, Conv3dShape};

/// `activation(conv(x, w) + bias)`. Slices must have the lengths that `shape` says.
pub fn conv3d(shape: &Conv3dShape, x: &[f32], w: &[f32], bias: &[f32], activation: Activation) -> Vec<f32> {
    let [depth, rows, columns] = shape.output;
    let mut out = Vec::with_capacity(shape.output_len());
    for n in 0..shape.batch {
        for o in 0..shape.outputs {
            for d in 0..depth {
                for h in 0..rows {
                    for c in 0..columns {
                        out.push(bias[o] + one_output(shape, x, w, [n, o], [d, h, c]));
                    }
                }
            }
        }
    }
    activation.apply(&mut out);
    out
}

/// The sum over input channels and kernel elements for one output voxel.
fn one_output(shape: &Conv3dShape, x: &[f32], w: &[f32], [n, o]: [usize; 2], at: [usize; 3]) -> f32 {
    let [depth, rows, columns] = shape.input;
    let [kd, kh, kw] = shape.kernel;
    let channels = shape.inputs / shape.spec.groups;
    let first = o / (shape.outputs / shape.spec.groups) * channels;
    // Position under kernel element k; in the padding it wraps around to a number beyond every size.
    let under = |axis: usize, k: usize| {
        (at[axis] * shape.spec.stride[axis] + k * shape.spec.dilation[axis]).wrapping_sub(shape.spec.padding[axis])
    };
    let mut sum = 0.0;
    for c in 0..channels {
        let x = &x[(n * shape.inputs + first + c) * depth * rows * columns..][..depth * rows * columns];
        let w = &w[(o * channels + c) * kd * kh * kw..][..kd * kh * kw];
        for a in 0..kd {
            let z = under(0, a);
            if z >= depth {
                continue;
            }
            for b in 0..kh {
                let y = under(1, b);
                if y >= rows {
                    continue;
                }
                for e in 0..kw {
                    let column = under(2, e);
                    if column < columns {
                        sum += w[(a * kh + b) * kw + e] * x[(z * rows + y) * columns + column];
                    }
                }
            }
        }
    }
    sum
}
