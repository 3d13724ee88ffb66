//! Differences and structural similarity of pictures.

use fovea::volume::ops::{Difference, structural_similarity};

const SIZE: [usize; 2] = [40, 31];

fn picture(value: impl Fn(f32, f32) -> f32) -> Vec<f32> {
    (0..SIZE[0] * SIZE[1]).map(|n| value((n % SIZE[0]) as f32, (n / SIZE[0]) as f32)).collect()
}

#[test]
fn differences_are_counted_without_what_is_no_number() {
    let found = Difference::of(&[0.0, 1.0, f32::NAN, 5.0], &[1.0, -1.0, 3.0, 5.0]).unwrap();
    assert_eq!((found.count, found.max_size, found.at), (3, 2.0, 1));
    assert_eq!((found.mean * 3.0, found.mean_size * 3.0), (-1.0, 3.0));
    assert!((found.rms - (5.0f64 / 3.0).sqrt()).abs() < 1e-12);
    assert_eq!(Difference::of(&[1.0], &[]), None);
    assert_eq!(Difference::of(&[f32::NAN], &[1.0]), None);
}

/// Expected values: scikit-image 0.26, `structural_similarity(a, b, data_range=255, gaussian_weights=True, sigma=1.5,
/// use_sample_covariance=False)`.
#[test]
fn structural_similarity_is_that_of_the_paper() {
    let a = picture(|x, y| 128.0 + 60.0 * (x * 0.7).sin() + 40.0 * (y * 0.45).cos());
    let noisy = picture(|x, y| 128.0 + 60.0 * (x * 0.7).sin() + 40.0 * (y * 0.45).cos() + (x * 7.0 + y * 13.0) % 17.0);
    let other = picture(|x, y| 128.0 + 60.0 * (y * 0.7).sin() + 40.0 * (x * 0.45).cos());
    let of = |b: &[f32]| structural_similarity(SIZE, &a, b, 255.0).unwrap();
    assert!((of(&a) - 1.0).abs() < 1e-12);
    assert!((of(&noisy) - NOISY).abs() < 1e-5, "{}", of(&noisy));
    assert!((of(&other) - OTHER).abs() < 1e-5, "{}", of(&other));
    assert!((structural_similarity(SIZE, &noisy, &a, 255.0).unwrap() - of(&noisy)).abs() < 1e-12);
    assert_eq!(structural_similarity([10, 124], &a, &a, 255.0), None, "smaller than a window");
    assert_eq!(structural_similarity([40, 30], &a, &a, 255.0), None);
    assert_eq!(structural_similarity(SIZE, &a, &a, 0.0), None);
}

const NOISY: f64 = 0.989_163_463_8;
const OTHER: f64 = 0.030_918_199_8;
