//! The direct convolution against the textbook loop, on every instruction set that this processor has.

use fovea::ai::ops::{Activation, Conv3dError, Conv3dShape, Conv3dSpec, direct, kernels::Isa, naive};
use proptest::prelude::*;

/// Reproducible values in −1..1.
fn noise(len: usize, mut seed: u64) -> Vec<f32> {
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    (0..len).map(|_| next()).collect()
}

fn compare(shape: &Conv3dShape, activation: Activation, seed: u64) {
    let per_group = shape.inputs / shape.spec.groups;
    let x = noise(shape.batch * shape.inputs * shape.input.iter().product::<usize>(), seed);
    let w = noise(shape.outputs * per_group * shape.kernel.iter().product::<usize>(), seed + 1);
    let bias = noise(shape.outputs, seed + 2);
    let expected = naive::conv3d(shape, &x, &w, &bias, activation);
    for &isa in Isa::available() {
        let found = direct::conv3d(shape, &x, &w, &bias, activation, isa, &|_| true).unwrap();
        assert_eq!(found.len(), expected.len());
        let worst = found.iter().zip(&expected).fold(0f32, |worst, (a, b)| worst.max((a - b).abs()));
        assert!(worst < 2e-5, "{isa:?} differs by {worst} for {shape:?} {activation:?}");
    }
}

fn spec() -> impl Strategy<Value = Conv3dSpec> {
    (
        proptest::array::uniform3(1usize..4),
        proptest::array::uniform3(0usize..5),
        proptest::array::uniform3(1usize..4),
        1usize..4,
    )
        .prop_map(|(stride, padding, dilation, groups)| Conv3dSpec { stride, padding, dilation, groups })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn direct_equals_naive(
        spec in spec(),
        batch in 1usize..3,
        channels in 1usize..4,
        outputs in 1usize..9,
        kernel in proptest::array::uniform3(1usize..4),
        size in (1usize..9, 1usize..9, 1usize..90),
        activation in prop::sample::select(vec![Activation::None, Activation::Relu, Activation::Elu, Activation::GeluErf]),
        seed in any::<u32>(),
    ) {
        let x = [batch, channels * spec.groups, size.0, size.1, size.2];
        let w = [outputs * spec.groups, channels, kernel[0], kernel[1], kernel[2]];
        if let Ok(shape) = Conv3dShape::new(&x, &w, spec) {
            compare(&shape, activation, u64::from(seed));
        }
    }
}

#[test]
fn meshnet_like_layers_equal_naive() {
    for (dilation, size) in [(1, [5, 6, 7]), (2, [7, 5, 33]), (4, [9, 10, 64]), (16, [5, 35, 65])] {
        let x = [1, 5, size[0], size[1], size[2]];
        let shape = Conv3dShape::new(&x, &[30, 5, 3, 3, 3], Conv3dSpec::same(3, dilation)).unwrap();
        assert_eq!(shape.output, size, "same padding keeps the size");
        compare(&shape, Activation::Elu, 7);
    }
}

#[test]
fn activations_follow_their_formulas_in_double_precision() {
    let xs: Vec<f32> = (-4000..=4000).map(|n| n as f32 / 40.0).collect();
    let erf = |z: f64| {
        // The Maclaurin series converges for the range where erf is not yet 1 in 32-bit floats.
        let (mut term, mut sum) = (z, z);
        for n in 1..120 {
            term *= -z * z / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        if z.abs() > 4.5 { z.signum() } else { sum * 2.0 / std::f64::consts::PI.sqrt() }
    };
    let elu = |x: f64| if x > 0.0 { x } else { x.exp_m1() };
    let gelu = |x: f64| x / 2.0 * (1.0 + erf(x / 2f64.sqrt()));
    for (activation, formula) in [(Activation::Elu, &elu as &dyn Fn(f64) -> f64), (Activation::GeluErf, &gelu)] {
        let mut found = xs.clone();
        activation.apply(&mut found);
        for (&x, &y) in xs.iter().zip(&found) {
            let exact = formula(f64::from(x));
            assert!(
                (f64::from(y) - exact).abs() < 1e-6 * exact.abs().max(1.0),
                "{activation:?}({x}) = {y}, not {exact}"
            );
        }
    }
}

#[test]
fn impossible_shapes_are_refused_with_a_reason() {
    let why = |x: &[usize], w: &[usize], spec| Conv3dShape::new(x, w, spec).unwrap_err().to_string();
    let same = Conv3dSpec::same(3, 1);
    assert!(why(&[1, 2, 3, 4], &[1, 2, 3, 3, 3], same).contains("five dimensions"));
    assert!(why(&[1, 2, 3, 4, 5], &[1, 3, 3, 3, 3], same).contains("channels do not fit"));
    assert!(why(&[1, 2, 0, 4, 5], &[1, 2, 3, 3, 3], same).contains("at least 1"));
    let none = Conv3dSpec { padding: [0; 3], ..same };
    assert!(why(&[1, 2, 2, 4, 5], &[1, 2, 3, 3, 3], none).contains("larger than the padded input"));
    let vast = Conv3dSpec { padding: [usize::MAX; 3], ..same };
    assert!(why(&[1, 2, 2, 4, 5], &[1, 2, 3, 3, 3], vast).contains("too large"));
}

#[test]
fn a_running_convolution_stops_when_asked() {
    let shape = Conv3dShape::new(&[1, 2, 40, 8, 8], &[2, 2, 3, 3, 3], Conv3dSpec::same(3, 1)).unwrap();
    let (x, w) = (vec![0.0; 2 * 40 * 64], vec![0.0; 2 * 2 * 27]);
    let stopped = direct::conv3d(&shape, &x, &w, &[0.0; 2], Activation::None, Isa::best(), &|done| done < 0.1);
    assert_eq!(stopped, Err(Conv3dError::Stopped));
}
