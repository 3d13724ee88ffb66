//! From arguments to what is shown: the plane, image or projection, its window and its size.

use super::{Args, Backend, View, fuse};
use crate::cli::{Failure, probe::refused, say};
use crate::geometry::{DVec3, Orientation, SlicePlane, VolumeGeometry};
use crate::loaded::LoadedSeries;
use crate::render::{MipDraw, PictureDraw, Slab, SlabMode, SliceDraw, cpu, first_window};
use crate::volume::{Picture, Voi};
use std::sync::Arc;

/// Default size of planes and projections.
const PLANE_PX: [u32; 2] = [512, 512];
/// Largest side of an image that is shown at its own size by default.
const IMAGE_PX: u32 = 4096;

/// What will be painted.
#[derive(Debug, Clone)]
pub(super) enum Scene {
    Plane(SliceDraw),
    Slab(MipDraw, Slab),
    Projection(MipDraw),
    Image { picture: Arc<Picture>, draw: PictureDraw, k: usize, count: usize },
}

/// What can be refused before anything is read.
pub(super) fn check(args: &Args) -> Result<(), Failure> {
    let usage = |sentence: &str| Err(Failure::Usage(sentence.into()));
    if args.view == Some(View::Oblique) && args.axes.is_none() {
        return usage("--view oblique needs --axes UX,UY,UZ,VX,VY,VZ");
    }
    if args.pixel_mm.is_some_and(|mm| !(mm.is_finite() && mm > 0.0)) {
        return usage("--pixel-mm must be above 0");
    }
    if args.slab.is_some_and(|mm| !(mm.is_finite() && mm > 0.0)) {
        return usage("--slab must be above 0 mm");
    }
    let width = args.window.map(|[_, width]| width).or(args.wl.map(|[width, _]| width));
    if width.is_some_and(|width| width < 1.0) {
        return usage("the window width must be at least 1 (PS3.3 C.11.2.1.2.1)");
    }
    if let Some(axes) = args.axes {
        check_axes(axes)?;
    }
    if args.backend == Some(Backend::Gpu) && args.output.extension().is_some_and(|e| e.eq_ignore_ascii_case("npy")) {
        return usage("values are always computed on the CPU; leave out --backend gpu for .npy");
    }
    Ok(())
}

fn check_axes(axes: [f64; 6]) -> Result<(), Failure> {
    let [u, v] = vectors(axes);
    let is_unit = |x: DVec3| (x.length() - 1.0).abs() < 1e-3;
    if is_unit(u) && is_unit(v) && u.dot(v).abs() < 1e-3 {
        return Ok(());
    }
    Err(Failure::Usage("--axes must be two unit vectors at right angles".into()))
}

fn vectors([ux, uy, uz, vx, vy, vz]: [f64; 6]) -> [DVec3; 2] {
    [DVec3::new(ux, uy, uz), DVec3::new(vx, vy, vz)]
}

/// What the arguments ask for in a series.
pub(super) fn scene(args: &Args, series: &LoadedSeries) -> Result<Scene, Failure> {
    let view = args.view.unwrap_or(if series.volume().is_some() { View::Axial } else { View::Image });
    if view == View::Image {
        return image(args, series);
    }
    let Some(geometry) = series.geometry() else { return Err(refused(series, "has no planes")) };
    let plane = plane(args, view, geometry)?;
    let (voi, inverted) = window(args, series, 0);
    let interpolation = args.interpolation.unwrap_or_default();
    let color_map = args.color_map.unwrap_or_default();
    if view == View::Mip {
        let whole = MipDraw::whole(geometry, plane, voi);
        return Ok(Scene::Projection(MipDraw { inverted, interpolation, color_map, ..whole }));
    }
    if let Some(thickness_mm) = args.slab {
        let slab = Slab { thickness_mm, mode: args.slab_mode.unwrap_or_default() };
        let mut draw = MipDraw { inverted, interpolation, color_map, ..MipDraw::slab(geometry, plane, voi, slab) };
        if slab.mode == SlabMode::Sum && args.window.is_none() && args.wl.is_none() {
            // The window of one value, for as many as are added.
            let count = f64::from(draw.steps());
            (draw.voi.center, draw.voi.width) = (voi.center * count, voi.width * count);
        }
        return Ok(Scene::Slab(draw, slab));
    }
    Ok(Scene::Plane(SliceDraw { inverted, interpolation, color_map, ..SliceDraw::new(plane, voi) }))
}

/// The scene with the second series over it.
pub(super) fn with_second(
    args: &Args,
    series: &LoadedSeries,
    scene: Scene,
    second: Option<&LoadedSeries>,
) -> Result<Scene, Failure> {
    let Some(second) = second else { return Ok(scene) };
    if !series.geometry().zip(second.geometry()).is_some_and(|(a, b)| fuse::meets(a, b)) {
        say("the two series do not overlap in the patient: the second one is nowhere in the picture");
    }
    let fused = Some(fuse::fused(args, second));
    Ok(match scene {
        Scene::Plane(draw) => Scene::Plane(SliceDraw { fused, ..draw }),
        Scene::Slab(draw, slab) => Scene::Slab(MipDraw { fused, ..draw }, slab),
        Scene::Projection(draw) => Scene::Projection(MipDraw { fused, ..draw }),
        Scene::Image { .. } => {
            return Err(Failure::Usage("--fuse is for planes, slabs and projections: use --view axial, …".into()));
        }
    })
}

fn window(args: &Args, series: &LoadedSeries, k: usize) -> (Voi, bool) {
    let (first, inverted) = first_window(series, k);
    let asked = args.window.or(args.wl.map(|[width, level]| [level, width]));
    // Who names a window gets the standard's gray levels: only Photometric Interpretation still inverts, not a habit.
    let inverted = inverted && (asked.is_none() || series.volume().is_none());
    (asked.map_or(first, |[center, width]| Voi::linear(center, width)), inverted != args.invert)
}

fn plane(args: &Args, view: View, geometry: &VolumeGeometry) -> Result<SlicePlane, Failure> {
    let size_px = args.size.unwrap_or(PLANE_PX);
    let orientation = match view {
        View::Axial => Orientation::Axial,
        View::Sagittal => Orientation::Sagittal,
        _ => Orientation::Coronal,
    };
    let at = match (args.at.or(args.center), args.index) {
        (Some(at), _) => DVec3::from_array(at),
        (None, Some(k)) => on_slice(geometry, orientation, k)?,
        (None, None) => geometry.center_lps(),
    };
    let mut plane = SlicePlane::fit(geometry, orientation, at, size_px);
    if let Some(axes) = args.axes.filter(|_| matches!(view, View::Oblique | View::Mip)) {
        let [u, v] = vectors(axes);
        plane = SlicePlane { center_lps: at, u_lps: u.normalize(), v_lps: v.normalize(), ..plane };
        plane.pixel_mm = geometry.bounds_lps().size_mm().length() / f64::from(size_px[0].min(size_px[1]));
    }
    if args.center.is_some() {
        plane.center_lps = at;
    }
    plane.pixel_mm = args.pixel_mm.unwrap_or(plane.pixel_mm);
    Ok(plane)
}

/// The center of slice `k` along the axis of the volume that runs most nearly along the plane's normal.
fn on_slice(geometry: &VolumeGeometry, orientation: Orientation, k: usize) -> Result<DVec3, Failure> {
    let normal = orientation.scroll_lps();
    let along = [0, 1, 2].map(|axis| geometry.direction().col(axis).dot(normal).abs());
    let axis = (0..3).fold(0, |best, axis| if along[axis] > along[best] { axis } else { best });
    let count = geometry.dims()[axis];
    check_index(k, count)?;
    let mut ijk = DVec3::from_array(geometry.dims().map(|n| (n as f64 - 1.0) / 2.0));
    ijk[axis] = k as f64;
    Ok(geometry.point_lps(ijk))
}

fn check_index(k: usize, count: usize) -> Result<(), Failure> {
    if k < count {
        return Ok(());
    }
    Err(Failure::Usage(format!("--index {k} is outside 0–{}", count.saturating_sub(1))))
}

fn image(args: &Args, series: &LoadedSeries) -> Result<Scene, Failure> {
    let count = series.geometry().map_or(series.pictures().len(), |geometry| geometry.dims()[2]);
    if count == 0 {
        return Err(Failure::Failed("the series has no image that can be shown".into()));
    }
    let k = match (args.index, args.at, series.geometry()) {
        (Some(k), _, _) => k,
        (None, Some(at), Some(geometry)) => geometry
            .voxel_at_lps(DVec3::from_array(at))
            .map(|[_, _, k]| k)
            .ok_or_else(|| Failure::Usage("--at lies outside the volume".into()))?,
        (None, Some(_), None) => return Err(refused(series, "has no points in the patient")),
        (None, None, _) => count / 2,
    };
    check_index(k, count)?;
    let picture = cpu::image_picture(series, k)
        .ok_or_else(|| Failure::Failed("the series has no image that can be shown".into()))?;
    let (voi, inverted) = window(args, series, k);
    let own = [picture.width, picture.height].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
    let size_px = args.size.unwrap_or(if own[0].max(own[1]) <= IMAGE_PX { own } else { [IMAGE_PX, IMAGE_PX] });
    // At its own size each image pixel is one picture pixel, whatever its shape in mm.
    let aspect = picture.spacing_mm().map_or(1.0, |[rows, columns]| rows / columns);
    let aspect = if size_px == own || !aspect.is_finite() || aspect <= 0.0 { 1.0 } else { aspect };
    let fit = PictureDraw::fit([picture.width, picture.height], aspect, size_px, voi, inverted);
    let (interpolation, color_map) = (args.interpolation.unwrap_or_default(), args.color_map.unwrap_or_default());
    let draw = PictureDraw { interpolation, color_map, ..fit };
    Ok(Scene::Image { picture, draw, k, count })
}
