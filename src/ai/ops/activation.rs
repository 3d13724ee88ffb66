//! Activation functions over rows of 32-bit floats.
//!
//! Each is a branch-free formula of additions and multiplications, so that the compiler turns the loop into vector code
//! for whatever instruction set the caller was compiled for. Errors against double precision stay below 3e-7 absolute.

/// What follows a convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    None,
    /// `max(x, 0)`.
    Relu,
    /// `x` above zero, `exp(x) − 1` below (alpha = 1).
    Elu,
    /// `x · Φ(x)` with the exact Gaussian distribution (error function, not the tanh approximation).
    GeluErf,
}

impl Activation {
    /// Applies it in place. Inlined, so that the loops take on the instruction set of the calling function.
    #[allow(clippy::inline_always, reason = "it must vectorize inside the kernels' loops")]
    #[inline(always)]
    pub fn apply(self, row: &mut [f32]) {
        match self {
            Self::None => {}
            Self::Relu => row.iter_mut().for_each(|x| *x = x.max(0.0)),
            Self::Elu => row.iter_mut().for_each(|x| *x = x.max(0.0) + (exp_nonpositive(x.min(0.0)) - 1.0)),
            Self::GeluErf => row.iter_mut().for_each(|x| *x = gelu_erf(*x)),
        }
    }
}

/// `exp(x)` for `x ≤ 0`: Cody–Waite range reduction by multiples of ln 2, a Taylor polynomial on ±0.35, scaling through the
/// exponent bits. Below −87 the result is 1.6e-38, which no network can tell from zero. NaN gives exp(−87).
#[allow(clippy::inline_always, reason = "it must vectorize inside the kernels' loops")]
#[inline(always)]
fn exp_nonpositive(x: f32) -> f32 {
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    // Adding and subtracting 1.5 · 2²³ rounds to the nearest integer without a call.
    const ROUND: f32 = 12_582_912.0;
    let x = x.max(-87.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * LN2_HIGH) - n * LN2_LOW;
    let tail = 1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0));
    let polynomial = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * tail)));
    // The low mantissa bits of `shifted` are n in two's complement; moved into the exponent they scale by 2ⁿ.
    let scale = f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3f80_0000));
    polynomial * scale
}

/// `x/2 · (1 + erf(x/√2))`, with erf after Abramowitz & Stegun 7.1.26 (absolute error below 1.5e-7).
#[allow(clippy::inline_always, reason = "it must vectorize inside the kernels' loops")]
#[inline(always)]
fn gelu_erf(x: f32) -> f32 {
    let z = (x * std::f32::consts::FRAC_1_SQRT_2).abs();
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let series = -1.453_152_1 + t * 1.061_405_4;
    let series = t * (0.254_829_6 + t * (-0.284_496_72 + t * (1.421_413_8 + t * series)));
    let tail = series * exp_nonpositive(-z * z);
    // 1 + erf(z) is 2 − tail to the right and tail to the left: no cancellation on either side.
    let one_plus_erf = if x >= 0.0 { 2.0 - tail } else { tail };
    0.5 * x * one_plus_erf
}
