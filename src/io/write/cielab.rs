//! Recommended Display CIELab Value (0062,000D) from sRGB and back (PS3.3 C.10.7.1.1).
//!
//! sRGB (IEC 61966-2-1, white D65) is linearized, taken to XYZ, adapted to the profile connection space's D50 by Bradford's
//! matrix (both matrices joined in one), and to L*a*b*. Scaling: L* 0–100 and a*, b* −128–127 to 0–65535.

/// XYZ under D50 from linear sRGB.
const XYZ_D50_FROM_RGB: [[f64; 3]; 3] = [
    [0.436_074_7, 0.385_064_9, 0.143_080_4],
    [0.222_504_5, 0.716_878_6, 0.060_616_9],
    [0.013_932_2, 0.097_104_5, 0.714_173_3],
];
/// Its inverse.
const RGB_FROM_XYZ_D50: [[f64; 3]; 3] = [
    [3.133_856_1, -1.616_866_7, -0.490_614_6],
    [-0.978_768_4, 1.916_141_5, 0.033_454_0],
    [0.071_945_3, -0.228_991_4, 1.405_242_7],
];
/// D50.
const WHITE: [f64; 3] = [0.964_22, 1.0, 0.825_21];
/// (6/29)³ and (29/3)³ of CIE 15.
const EPSILON: f64 = 216.0 / 24_389.0;
const KAPPA: f64 = 24_389.0 / 27.0;

/// The three numbers that DICOM stores.
pub(crate) fn cielab_from_srgb(rgb: [u8; 3]) -> [u16; 3] {
    let xyz = times(&XYZ_D50_FROM_RGB, rgb.map(|c| linear(f64::from(c) / 255.0)));
    let f = std::array::from_fn::<f64, 3, _>(|n| {
        let t = xyz[n] / WHITE[n];
        if t > EPSILON { t.cbrt() } else { (KAPPA * t + 16.0) / 116.0 }
    });
    let (l, a, b) = (116.0 * f[1] - 16.0, 500.0 * (f[0] - f[1]), 200.0 * (f[1] - f[2]));
    [l / 100.0, (a + 128.0) / 255.0, (b + 128.0) / 255.0].map(|n| (n * 65_535.0).round().clamp(0.0, 65_535.0) as u16)
}

/// The color of three stored numbers, clipped to what sRGB holds.
pub(crate) fn srgb_from_cielab(stored: [u16; 3]) -> [u8; 3] {
    let [l, a, b] = stored.map(|n| f64::from(n) / 65_535.0);
    let (l, a, b) = (l * 100.0, a * 255.0 - 128.0, b * 255.0 - 128.0);
    let fy = (l + 16.0) / 116.0;
    let f = [fy + a / 500.0, fy, fy - b / 200.0];
    let xyz = std::array::from_fn(|n| {
        let cube = f[n].powi(3);
        WHITE[n] * if cube > EPSILON { cube } else { (116.0 * f[n] - 16.0) / KAPPA }
    });
    times(&RGB_FROM_XYZ_D50, xyz).map(|c| (encoded(c.clamp(0.0, 1.0)) * 255.0).round() as u8)
}

fn times(m: &[[f64; 3]; 3], v: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|row| m[row].iter().zip(v).map(|(a, b)| a * b).sum())
}

fn linear(c: f64) -> f64 {
    if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
}

fn encoded(c: f64) -> f64 {
    if c <= 0.003_130_8 { c * 12.92 } else { 1.055 * c.powf(1.0 / 2.4) - 0.055 }
}
