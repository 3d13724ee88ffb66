//! A scene to pixels, on the GPU or the CPU, with a mask and words over it.

use super::view::Scene;
use super::{Args, Backend};
use crate::cli::measure::masks_failure;
use crate::cli::{Failure, say};
use crate::geometry::SlicePlane;
use crate::io;
use crate::loaded::LoadedSeries;
use crate::render::annotate::{self, Annotations, CornerTexts, ScaleBar, Shown};
use crate::render::gpu::{
    GpuContext, GpuError, GpuLabels, GpuPicture, GpuVolume, MipRenderer, PictureRenderer, SliceRenderer,
};
use crate::render::{OverlayStyle, RgbaPicture, SliceDraw, cpu};
use crate::volume::{AlgorithmKind, Segmentation, Volume};

/// The mask that was asked for.
pub(super) fn overlay(args: &Args, series: &LoadedSeries) -> Result<Option<Segmentation>, Failure> {
    let Some(path) = &args.overlay else { return Ok(None) };
    io::read_segmentation(path, Some(series)).map(Some).map_err(|error| masks_failure(path, &error))
}

/// Values before the window, and the size.
pub(super) fn values(series: &LoadedSeries, scene: &Scene) -> Result<(Vec<f32>, [u32; 2]), Failure> {
    Ok(match scene {
        Scene::Plane(draw) => (cpu::plane_values(volume(series)?, &draw.plane), draw.plane.size_px),
        Scene::Slab(draw, _) | Scene::Projection(draw) => (cpu::mip_values(volume(series)?, draw), draw.plane.size_px),
        Scene::Image { picture, .. } => {
            let side = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            (picture.values(), [side(picture.width), side(picture.height)])
        }
    })
}

fn volume(series: &LoadedSeries) -> Result<&Volume, Failure> {
    series.volume().map(AsRef::as_ref).ok_or_else(|| Failure::Refused("the series makes no volume".into()))
}

/// The picture, without words.
pub(super) fn picture(
    backend: Option<Backend>,
    series: &LoadedSeries,
    scene: &Scene,
    overlay: Option<&Segmentation>,
) -> Result<RgbaPicture, Failure> {
    let scene = &with_style(scene, overlay);
    let on_gpu = |gpu: &GpuContext| gpu_picture(gpu, series, scene, overlay);
    match backend {
        Some(Backend::Cpu) => cpu_picture(series, scene, overlay),
        Some(Backend::Gpu) => {
            GpuContext::headless().and_then(|gpu| on_gpu(&gpu)).map_err(|error| Failure::Failed(error.to_string()))
        }
        // The twins agree to one gray level, so that falling back costs time only.
        None => match GpuContext::headless() {
            Ok(gpu) if !gpu.is_software => on_gpu(&gpu).or_else(|error| {
                say(&format!("rendered on the CPU: {error}"));
                cpu_picture(series, scene, overlay)
            }),
            Ok(gpu) => {
                say(&format!("rendered on the CPU: the only graphics driver is software ({})", gpu.name));
                cpu_picture(series, scene, overlay)
            }
            Err(error) => {
                say(&format!("rendered on the CPU: {error}"));
                cpu_picture(series, scene, overlay)
            }
        },
    }
}

fn with_style(scene: &Scene, overlay: Option<&Segmentation>) -> Scene {
    match (scene, overlay) {
        (Scene::Plane(draw), Some(mask)) => {
            Scene::Plane(SliceDraw { overlay: Some(OverlayStyle::of(mask)), ..draw.clone() })
        }
        _ => scene.clone(),
    }
}

fn cpu_picture(series: &LoadedSeries, scene: &Scene, mask: Option<&Segmentation>) -> Result<RgbaPicture, Failure> {
    Ok(match scene {
        Scene::Plane(draw) => cpu::plane_picture(volume(series)?, draw, mask.map(|m| &m.labelmap)),
        Scene::Slab(draw, _) | Scene::Projection(draw) => cpu::mip_picture(volume(series)?, draw),
        Scene::Image { picture, draw, .. } => cpu::picture_rgba(picture, draw),
    })
}

fn gpu_picture(
    gpu: &GpuContext,
    series: &LoadedSeries,
    scene: &Scene,
    mask: Option<&Segmentation>,
) -> Result<RgbaPicture, GpuError> {
    let target = crate::render::gpu::PICTURE_FORMAT;
    // A scene other than an image was made from a volume.
    let volume = |draw: &dyn Fn(GpuVolume) -> Result<RgbaPicture, GpuError>| match series.volume() {
        Some(volume) => GpuVolume::upload(gpu, volume).and_then(draw),
        None => Err(GpuError::Device("there is no volume".into())),
    };
    match scene {
        Scene::Plane(draw) => volume(&|volume| {
            let labels = mask.map(|mask| GpuLabels::upload(gpu, &mask.labelmap)).transpose()?;
            SliceRenderer::new(gpu, target)?.picture(&volume, labels.as_ref(), draw)
        }),
        Scene::Slab(draw, _) | Scene::Projection(draw) => {
            volume(&|volume| MipRenderer::new(gpu, target)?.picture(&volume, draw))
        }
        Scene::Image { picture, draw, .. } => {
            PictureRenderer::new(gpu, target)?.picture(&GpuPicture::upload(gpu, picture, draw.voi.function)?, draw)
        }
    }
}

/// What covers an image: shutter, padding, overlays.
pub(super) fn cover(rendered: &mut RgbaPicture, scene: &Scene) {
    if let Scene::Image { picture, draw, .. } = scene {
        cpu::cover_picture(picture, draw, rendered);
    }
}

/// Words and marks over the picture.
pub(super) fn annotate(rendered: &mut RgbaPicture, series: &LoadedSeries, scene: &Scene, mask: Option<&Segmentation>) {
    let in_patient = |plane: &SlicePlane| ScaleBar::in_patient(plane.pixel_mm, plane.size_px[0]);
    let (shown, voi, interpolated, letters, scale) = match scene {
        Scene::Plane(draw) => {
            let plane = &draw.plane;
            (Shown::Plane { plane, slab_mm: None }, draw.voi, true, plane.edge_letters(), in_patient(plane))
        }
        Scene::Slab(draw, mm) => {
            let plane = &draw.plane;
            (Shown::Plane { plane, slab_mm: Some(*mm) }, draw.voi, true, plane.edge_letters(), in_patient(plane))
        }
        Scene::Projection(draw) => {
            let plane = &draw.plane;
            (Shown::Projection { plane }, draw.voi, true, plane.edge_letters(), in_patient(plane))
        }
        Scene::Image { picture, draw, k, count } => {
            let resized = draw.size_px.map(|n| n as usize) != [picture.width, picture.height];
            let scale = ScaleBar::on_screen(picture.calibration, draw);
            let letters = annotate::turned_letters(picture, draw);
            (Shown::Image { k: *k, count: *count }, draw.voi, resized, letters, scale)
        }
    };
    let mut corners = CornerTexts::new(series, shown, voi, interpolated);
    if mask.is_some_and(|mask| mask.segments.iter().any(|s| s.algorithm == AlgorithmKind::Automatic)) {
        corners = corners.with_ai_mark("mask not reviewed");
    }
    annotate::annotate(rendered, &Annotations { corners, letters, scale, boxes: Vec::new() });
}
