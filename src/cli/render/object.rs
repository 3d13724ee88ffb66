//! `fovea render … -o x.dcm`: a plane, slab or projection as a derived DICOM image.

use super::view::Scene;
use super::{Args, paint};
use crate::cli::{Failure, say};
use crate::io::write::{DerivedPlane, PlaneKind, WriteContext, write_plane_dicom};
use crate::loaded::LoadedSeries;
use crate::render::{Interpolation, SlabMode};

/// Writes the values of a scene. What only a picture holds (masks, a second series, colors) is refused rather than left out.
pub(super) fn write(args: &Args, series: &LoadedSeries, scene: &Scene) -> Result<(), Failure> {
    if args.overlay.is_some() || args.fuse.is_some() || args.color_map.is_some() || args.presentation.is_some() {
        let text = "a .dcm holds the values of one series; leave out --overlay, --fuse, --color-map and --presentation, or \
                    write a .png";
        return Err(Failure::Usage(text.into()));
    }
    let (plane, voi, interpolation, kind, thickness_mm) = match scene {
        Scene::Plane(draw) => (draw.plane, draw.voi, draw.interpolation, PlaneKind::Reformat, None),
        Scene::Slab(draw, slab) => {
            (draw.plane, draw.voi, draw.interpolation, kind_of(draw.mode), Some(slab.thickness_mm))
        }
        Scene::Projection(draw) => (draw.plane, draw.voi, draw.interpolation, kind_of(draw.mode), None),
        Scene::Image { .. } => {
            return Err(Failure::Usage("an image is DICOM already: use --view axial, …, oblique or mip".into()));
        }
    };
    let description = description(scene, interpolation);
    let (values, _) = paint::values(series, scene)?;
    let what = DerivedPlane { source: series, plane, kind, thickness_mm, values: &values, voi, description };
    write_plane_dicom(&args.output, &what, &WriteContext::default()).map_err(|e| Failure::Failed(e.to_string()))?;
    say("saved as a derived image, read back and compared");
    Ok(())
}

fn kind_of(mode: SlabMode) -> PlaneKind {
    match mode {
        SlabMode::Maximum => PlaneKind::Maximum,
        SlabMode::Minimum => PlaneKind::Minimum,
        SlabMode::Mean => PlaneKind::Mean,
        SlabMode::Sum => PlaneKind::Sum,
    }
}

/// "Mean slab 10 mm, cubic".
fn description(scene: &Scene, interpolation: Interpolation) -> String {
    let what = match scene {
        Scene::Slab(draw, slab) => format!("{} slab {:.1} mm", draw.mode.name(), slab.thickness_mm),
        Scene::Projection(_) => "maximum intensity projection".to_owned(),
        Scene::Plane(_) | Scene::Image { .. } => "reformatted plane".to_owned(),
    };
    let how = match interpolation {
        Interpolation::Nearest => "nearest",
        Interpolation::Linear => "linear",
        Interpolation::Cubic => "cubic",
    };
    format!("{what}, {how}")
}
