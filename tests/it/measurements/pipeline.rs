//! A pixel through every stage, against the numbers worked out by hand.

use super::made::{geometry, picture_series, series_of};
use fovea::geometry::{DMat3, DVec2, DVec3};
use fovea::reading::{PixelAt, PixelValue, ShownAs, pixel_stages};
use fovea::volume::{Calibration, Rescale, SuvFactors, ValueUnit, Voi, Volume, Voxels};

#[test]
fn every_stage_of_a_voxel_is_shown() {
    let grid = geometry([4, 3, 2], [1.0; 3], DMat3::IDENTITY);
    let rescale = Rescale { slope: 2.0, intercept: -1024.0 };
    let volume = Volume::new(grid.clone(), Voxels::U16((0..24).map(|n| 500 + n).collect()), rescale, ValueUnit::Hu);
    let factors = SuvFactors { bw: 0.5, lbm: Some(0.25), bsa: None };
    let series = series_of(volume.unwrap().with_suv(factors));
    let shown = ShownAs { voi: Voi::linear(40.0, 401.0), inverted: true };
    let at = grid.point_lps(DVec3::new(2.2, 1.0, 1.0));
    let stages = pixel_stages(&series, PixelAt::Lps(at), shown).unwrap();
    assert_eq!((stages.ijk, stages.cited.as_str()), ([2, 1, 1], "series 4, image 2"));
    let PixelValue::Gray(gray) = &stages.value else { panic!("gray") };
    // 500 + (1·3 + 1)·4 + 2 = 518; 518 · 2 − 1024 = 12; (12 − 39.5) / 400 + 0.5 = 0.43125.
    assert_eq!((gray.stored, gray.value), (518.0, 12.0));
    assert!((gray.linear.unwrap() - 12.4).abs() < 1e-4);
    assert!((gray.voi_gray - 0.43125).abs() < 1e-6 && (gray.gray - 0.56875).abs() < 1e-6);
    assert_eq!(gray.level, 145);
    assert_eq!(gray.suv.iter().map(|(_, v)| *v).collect::<Vec<_>>(), [6.0, 3.0]);
    let words: Vec<String> = stages.lines().into_iter().map(|(name, words)| format!("{name}: {words}")).collect();
    assert_eq!(words[2], "Modality LUT: 518 × 2 + -1024 = 12 HU");
    assert_eq!(words.last().unwrap(), "Presentation: inverted: 0.5688; gray level 145 of 255");
    assert!(pixel_stages(&series, PixelAt::Lps(at + 50.0), shown).is_none());
    assert!(pixel_stages(&series, PixelAt::Picture { k: 0, px: DVec2::ZERO }, shown).is_none());
}

#[test]
fn a_pixel_of_a_picture_is_the_nearest_one() {
    let series = picture_series(Calibration::None, |column, row| (column + 100 * row) as u16);
    let shown = ShownAs { voi: Voi::linear(100.0, 200.0), inverted: false };
    let stages = pixel_stages(&series, PixelAt::Picture { k: 0, px: DVec2::new(3.4, 1.6) }, shown).unwrap();
    assert_eq!(stages.ijk, [3, 2, 0]);
    let PixelValue::Gray(gray) = stages.value else { panic!("gray") };
    assert_eq!((gray.stored, gray.level, gray.covered), (203.0, 255, None));
    for outside in [DVec2::new(-0.6, 0.0), DVec2::new(39.6, 0.0), DVec2::new(0.0, f64::NAN)] {
        assert!(pixel_stages(&series, PixelAt::Picture { k: 0, px: outside }, shown).is_none());
    }
}
