//! Measuring on a loaded series: which place a shown plane or picture is, and what a shape gives there.

use crate::findings::measurement::{
    ImageRef, KnownLength, MeasureError, Measurement, OnImage, PatientPlane, PicturePlace, Place, SeriesRef, Shape,
};
use crate::geometry::{DAffine2, DMat3, DVec2, Orientation, SlicePlane, VolumeGeometry};
use crate::loaded::{ImageData, LoadedSeries};

/// What names the series in measurements and key images.
pub fn series_ref(series: &LoadedSeries) -> SeriesRef {
    SeriesRef {
        study_uid: series.study.uid.clone(),
        uid: series.series.uid.clone(),
        key: series.series.key(),
        modality: series.series.modality.clone(),
    }
}

/// What names slice or picture `k`; `None` where several slices share one frame (a mosaic), so that no image is that slice.
pub fn image_ref(series: &LoadedSeries, k: usize) -> Option<ImageRef> {
    let (source, instance) = (series.slices.get(k)?, series.instance(k)?);
    let is_alone = series.slices.iter().filter(|s| *s == source).count() == 1;
    is_alone.then(|| ImageRef {
        sop_class_uid: instance.sop_class_uid.clone(),
        sop_instance_uid: instance.sop_instance_uid.clone(),
        frame: (instance.frames > 1).then_some(source.frame + 1),
        size_px: [instance.columns, instance.rows],
        cited: series.cite(k),
    })
}

/// The place of a plane that is shown of a volume; `None` for pictures. It does not depend on how far the plane is moved or
/// enlarged on the screen.
pub fn plane_place(series: &LoadedSeries, shown: &SlicePlane) -> Option<Place> {
    let geometry = series.geometry()?;
    let normal = shown.normal_lps();
    let first = geometry.origin_lps();
    let mut plane = PatientPlane {
        series: series_ref(series),
        frame_of_reference_uid: series.series.frame_of_reference_uid.clone(),
        origin_lps: first + normal * normal.dot(shown.center_lps - first),
        u_lps: shown.u_lps,
        v_lps: shown.v_lps,
        slice: None,
        cited: String::new(),
    };
    plane.cited = cited_plane(series, &plane);
    if let Some((2, k)) = plane.grid_index(geometry) {
        plane.slice =
            image_ref(series, k).map(|image| OnImage { image, px_from_plane: px_from_plane(geometry, &plane) });
    }
    Some(Place::Patient(plane))
}

/// The place of slice `k` of a volume as it was acquired: along its rows and columns.
pub fn slice_place(series: &LoadedSeries, k: usize) -> Option<Place> {
    let geometry = series.geometry()?;
    let direction: DMat3 = geometry.direction();
    let [columns, rows, _] = geometry.dims();
    let middle = DVec2::new(columns as f64 - 1.0, rows as f64 - 1.0) / 2.0;
    let shown = SlicePlane {
        center_lps: geometry.point_lps(middle.extend(k as f64)),
        u_lps: direction.x_axis,
        v_lps: direction.y_axis,
        pixel_mm: 1.0,
        size_px: [1, 1],
    };
    plane_place(series, &shown)
}

/// The place of picture `k`, with a person's calibration where there is one; `None` for volumes.
pub fn picture_place(series: &LoadedSeries, k: usize, known_length: Option<&KnownLength>) -> Option<Place> {
    let picture = series.pictures().get(k)?;
    let size_px = [picture.width as u32, picture.height as u32];
    Some(Place::Picture(PicturePlace {
        series: series_ref(series),
        image: ImageRef { size_px, ..image_ref(series, k)? },
        calibration: picture.calibration,
        known_length: known_length.cloned(),
    }))
}

/// Measures a shape at a place of a series.
pub fn measure(series: &LoadedSeries, shape: Shape, place: Place) -> Result<Measurement, MeasureError> {
    if place.series().key != series.series.key() {
        return Err(MeasureError::OtherImage);
    }
    match (&series.image, &place) {
        (ImageData::Volume(volume), Place::Patient(_)) => Measurement::on_volume(shape, place, volume),
        (ImageData::Pictures(pictures), Place::Picture(on)) => {
            let is_it = |k: &usize| image_ref(series, *k).is_some_and(|image| is_same(&image, &on.image));
            let k = (0..pictures.len()).find(is_it).ok_or(MeasureError::OtherImage)?;
            Measurement::on_picture(shape, place, &pictures[k])
        }
        _ => Err(MeasureError::OtherImage),
    }
}

fn is_same(a: &ImageRef, b: &ImageRef) -> bool {
    a.sop_instance_uid == b.sop_instance_uid && a.frame == b.frame
}

/// "series 4, coronal plane"; "oblique" where it leans by more than a degree.
fn cited_plane(series: &LoadedSeries, plane: &PatientPlane) -> String {
    let normal = plane.normal_lps();
    let nearest = Orientation::nearest(normal);
    let (u, v) = nearest.axes_lps();
    let is_straight = normal.dot(u.cross(v)).abs() > 1f64.to_radians().cos();
    let name = if is_straight { nearest.name() } else { "oblique" };
    let number = series.series.number.map(|n| format!("series {n}, ")).unwrap_or_default();
    format!("{number}{name} plane")
}

/// Columns and rows of the slice that the plane is.
fn px_from_plane(geometry: &VolumeGeometry, plane: &PatientPlane) -> DAffine2 {
    let to_ijk = geometry.ijk_from_lps();
    let direction = |lps| to_ijk.transform_vector3(lps).truncate();
    let origin = to_ijk.transform_point3(plane.origin_lps).truncate();
    let (u, v) = (direction(plane.u_lps), direction(plane.v_lps));
    DAffine2::from_cols(u, v, origin)
}
