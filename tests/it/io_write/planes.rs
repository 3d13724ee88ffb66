//! Planes as derived images: they come back at their place with their values, and other programs read them.

use super::sources::{ct, oblique_geometry};
use crate::common::assert_peers_agree;
use fovea::geometry::{DVec2, DVec3, SlicePlane};
use fovea::io;
use fovea::io::write::{DerivedPlane, PlaneKind, WriteContext, write_plane_dicom};
use fovea::jobs::{Cancel, Progress};
use fovea::loaded::LoadedSeries;
use fovea::render::{MipDraw, Slab, SlabMode, cpu};
use fovea::volume::{Voi, sample_linear};
use std::path::Path;

fn plane(series: &LoadedSeries) -> SlicePlane {
    let u_lps = DVec3::new(0.6, 0.5, -0.2).normalize();
    let v_lps = u_lps.cross(DVec3::new(0.1, -0.8, 0.5)).normalize();
    let center_lps = series.geometry().unwrap().center_lps();
    SlicePlane { center_lps, u_lps, v_lps, pixel_mm: 0.75, size_px: [33, 21] }
}

fn read(file: &Path) -> LoadedSeries {
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let catalog = io::open(&[file.to_owned()], &progress, &cancel).unwrap();
    io::load_series(&catalog, &catalog.studies[0].series[0].uid, &progress, &cancel).unwrap()
}

#[test]
fn a_plane_comes_back_with_place_values_and_references() {
    let folder = tempfile::tempdir().unwrap();
    let source = ct(oblique_geometry());
    let (volume, plane, voi) = (source.volume().unwrap(), plane(&source), Voi::linear(40.0, 400.0));
    let slab = Slab { thickness_mm: 6.0, mode: SlabMode::Mean };
    let mean = cpu::mip_values(volume, &MipDraw::slab(volume.geometry(), plane, voi, slab));
    let reformat = cpu::plane_values(volume, &plane);
    for (name, kind, thickness_mm, values) in
        [("mpr.dcm", PlaneKind::Reformat, None, &reformat), ("mean.dcm", PlaneKind::Mean, Some(6.0), &mean)]
    {
        let place = folder.path().join(name);
        let description = "reformatted plane, linear".to_owned();
        let what = DerivedPlane { source: &source, plane, kind, thickness_mm, values, voi, description };
        let written = write_plane_dicom(&place, &what, &WriteContext::default()).unwrap();
        assert_ne!(written.series_uid, source.series.uid);
        let back = read(&place);
        assert_eq!(back.study.uid, source.study.uid);
        assert_eq!((back.series.modality.as_str(), &back.series.uid), ("CT", &written.series_uid));
        assert_eq!(back.series.frame_of_reference_uid, source.series.frame_of_reference_uid);
        let shown = cpu::image_picture(&back, 0).unwrap();
        assert_eq!([shown.width, shown.height], [33, 21]);
        // The source's steps are whole Hounsfield units.
        let worst = shown.values().iter().zip(values).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst <= 0.5 + 1e-3, "{name}: {worst}");
        if kind == PlaneKind::Reformat {
            let at = plane.lps_from_px(DVec2::new(16.0, 10.0));
            assert!((shown.values()[10 * 33 + 16] - sample_linear(volume, at).unwrap()).abs() <= 0.5 + 1e-3);
        }
        if let Some(geometry) = back.geometry() {
            assert!(geometry.origin_lps().distance(plane.lps_from_px(DVec2::ZERO)) < 1e-4);
            assert!(geometry.direction().x_axis.distance(plane.u_lps) < 1e-6);
        }
    }
    assert_peers_agree(folder.path());
}

#[test]
fn values_that_are_no_picture_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let source = ct(oblique_geometry());
    let what = DerivedPlane {
        source: &source,
        plane: plane(&source),
        kind: PlaneKind::Reformat,
        thickness_mm: None,
        values: &[0.0; 5],
        voi: Voi::linear(40.0, 400.0),
        description: String::new(),
    };
    let place = folder.path().join("plane.dcm");
    assert!(write_plane_dicom(&place, &what, &WriteContext::default()).is_err());
    assert!(!place.exists());
}
