//! Which point of the patient a pixel of volume rendering shows. LPS mm.

use crate::geometry::{DVec2, DVec3};
use crate::render::{Crop, Projection, RaycastDraw};
use crate::volume::{Labelmap, Volume, sample_linear};

/// Pixels that are fainter show nothing worth pointing at.
const LEAST_OPACITY: f64 = 0.05;

/// The point on a (fractional) pixel's ray before which half of what the pixel shows lies; `None` where it shows next to
/// nothing. The same cuts, crop and masks as in the picture, with masks to the nearest voxel.
pub fn raycast_pick(volume: &Volume, labels: Option<&Labelmap>, draw: &RaycastDraw, px: DVec2) -> Option<DVec3> {
    let on_plane = draw.plane.lps_from_px(px);
    let normal = draw.plane.normal_lps();
    let along = match draw.projection {
        Projection::Orthographic => normal,
        Projection::Perspective { eye_mm } => (on_plane - (draw.plane.center_lps - normal * eye_mm)).normalize(),
    };
    let depths = volume.geometry().corners_lps().map(|corner| (corner - on_plane).dot(along));
    let near = depths.iter().copied().fold(f64::INFINITY, f64::min);
    let far = depths.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let step_mm = draw.step_mm / 2.0;
    let mut through = 1.0;
    // What is left of the light behind each sample that can be seen.
    let mut seen: Vec<(DVec3, f64)> = Vec::new();
    for n in 0..((far - near) / step_mm).ceil() as usize {
        let at = on_plane + along * (near + (n as f64 + 0.5) * step_mm);
        if !is_kept(volume, labels, draw, at) {
            continue;
        }
        let Some(value) = sample_linear(volume, at) else { continue };
        let opacity = draw.transfer.opacity_at(f64::from(value));
        if opacity > 0.0 {
            through *= (1.0 - opacity.min(0.9999)).powf(step_mm / draw.transfer.unit_mm());
            seen.push((at, through));
        }
        if through < 0.01 {
            break;
        }
    }
    let total = 1.0 - through;
    let half = seen.iter().find(|(_, left)| 1.0 - left >= total / 2.0);
    half.filter(|_| total >= LEAST_OPACITY).map(|(at, _)| *at)
}

fn is_kept(volume: &Volume, labels: Option<&Labelmap>, draw: &RaycastDraw, at: DVec3) -> bool {
    let is_cut = draw.clips.iter().any(|clip| clip.normal_lps.dot(at) < clip.offset_mm);
    let in_crop = match draw.crop {
        None => true,
        Some(Crop::Lps(bounds)) => bounds.contains(at),
        Some(Crop::Ijk { low, high }) => {
            let ijk = volume.geometry().ijk_from_lps().transform_point3(at);
            (0..3).all(|n| ijk[n] >= low[n] as f64 - 0.5 && ijk[n] <= high[n] as f64 + 0.5)
        }
    };
    let label = |labels: &Labelmap| labels.geometry().voxel_at_lps(at).map_or(0, |voxel| labels.label(voxel));
    let is_visible =
        draw.mask.as_ref().zip(labels).is_none_or(|(mask, labels)| mask.visible[usize::from(label(labels))]);
    in_crop && !is_cut && is_visible
}
