//! Transfer functions: what is refused, what a text keeps, what presets are.

use fovea::geometry::{DMat3, DVec3, VolumeGeometry};
use fovea::render::{
    ColorPoint, Histogram, OpacityPoint, Preset, Shading, TransferError, TransferFileError, TransferFunction,
};
use fovea::volume::{Rescale, ValueUnit, Volume, Voxels};

fn volume(unit: ValueUnit) -> Volume {
    let geometry = VolumeGeometry::new([10; 3], DVec3::ZERO, DVec3::ONE, DMat3::IDENTITY).unwrap();
    Volume::new(geometry, Voxels::I16((0..1000).collect()), Rescale::IDENTITY, unit).unwrap()
}

fn curve(points: &[(f64, f64)]) -> Vec<OpacityPoint> {
    points.iter().map(|&(value, opacity)| OpacityPoint { value, opacity }).collect()
}

#[test]
fn presets_keep_the_rules_and_their_keys() {
    for preset in Preset::ALL {
        assert_eq!(Preset::from_key(&preset.key()), Some(preset));
        for unit in [ValueUnit::Hu, ValueUnit::SuvBw, ValueUnit::Arbitrary] {
            let made = preset.transfer(&volume(unit));
            let again = made.shifted(0.0);
            assert_eq!(again.as_ref(), Ok(&made), "{}", preset.name());
            assert_eq!(TransferFunction::from_toml(&made.to_toml().unwrap()).unwrap(), made, "{}", preset.name());
        }
    }
    // MR has no unit: the curves follow the values.
    let made = Preset::MrDefault.transfer(&volume(ValueUnit::Arbitrary));
    assert_eq!(made.opacity_at(f64::from(volume(ValueUnit::Arbitrary).percentiles([0.01])[0])), 0.0);
    assert!(made.opacity_at(995.0) > 0.3);
}

#[test]
fn curves_are_linear_between_points_and_constant_beyond() {
    let color = vec![ColorPoint { value: 0.0, rgb: [0, 100, 255] }, ColorPoint { value: 10.0, rgb: [200, 100, 55] }];
    let made = TransferFunction::new("x", curve(&[(0.0, 0.2), (10.0, 0.6)]), color, Shading::NONE, 1.0).unwrap();
    assert_eq!([-5.0, 0.0, 5.0, 10.0, 99.0].map(|v| made.opacity_at(v)), [0.2, 0.2, 0.4, 0.6, 0.6]);
    assert_eq!(made.color_at(5.0).map(|c| (c * 255.0).round()), [100.0, 100.0, 155.0]);
    assert_eq!(made.mapped(2.0, 1.0).unwrap().range(), [1.0, 21.0]);
}

#[test]
fn wrong_curves_are_refused_in_one_sentence() {
    let color = || vec![ColorPoint { value: 0.0, rgb: [0; 3] }];
    let make = |points: &[(f64, f64)]| TransferFunction::new("x", curve(points), color(), Shading::NONE, 1.0);
    assert_eq!(make(&[]).unwrap_err(), TransferError::Count { curve: "opacity", found: 0 });
    for points in [&[(1.0, 0.0), (1.0, 1.0)], &[(2.0, 0.0), (1.0, 1.0)], &[(0.0, 0.0), (f64::INFINITY, 1.0)]] {
        assert!(matches!(make(points), Err(TransferError::Order { point: 2, .. })), "{points:?}");
    }
    assert!(make(&[(f64::NAN, 0.0)]).is_err());
    assert_eq!(make(&[(0.0, 1.5)]).unwrap_err().to_string(), "opacity must be within 0–1, found 1.5");
    let unit = TransferFunction::new("x", curve(&[(0.0, 0.0)]), color(), Shading::NONE, 0.0);
    assert_eq!(unit.unwrap_err(), TransferError::Unit(0.0));
}

#[test]
fn wrong_texts_are_refused_in_one_sentence() {
    let good = Preset::CtBone.transfer(&volume(ValueUnit::Hu)).to_toml().unwrap();
    let color = TransferFunction::from_toml(&good.replacen('#', "+", 1)).unwrap_err();
    assert!(matches!(color, TransferFileError::Color(_)), "{color}");
    let unknown = TransferFunction::from_toml(&format!("sharp = 1\n{good}")).unwrap_err().to_string();
    assert!(unknown.contains("sharp") && !unknown.contains('\n'), "{unknown}");
    let long = TransferFunction::from_toml(&"#".repeat(70_000)).unwrap_err();
    assert_eq!(long, TransferFileError::TooLong(70_000));
}

#[test]
fn a_histogram_counts_every_number_once() {
    let histogram = Histogram::new(&volume(ValueUnit::Hu), 10);
    assert_eq!(histogram.range, [0.0, 999.0]);
    assert_eq!(histogram.counts, [100; 10]);
    let geometry = VolumeGeometry::new([3, 1, 1], DVec3::ZERO, DVec3::ONE, DMat3::IDENTITY).unwrap();
    let voxels = Voxels::F32(vec![2.0, f32::NAN, 2.0]);
    let flat = Volume::new(geometry, voxels, Rescale::IDENTITY, ValueUnit::Arbitrary).unwrap();
    assert_eq!(Histogram::new(&flat, 4).counts, [2, 0, 0, 0]);
}
