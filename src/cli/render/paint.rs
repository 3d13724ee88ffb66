//! A scene to pixels, on the GPU or the CPU, with a mask and words over it.

use super::view::Scene;
use super::{Args, Backend};
use crate::cli::measure::masks_failure;
use crate::cli::{Failure, say};
use crate::geometry::{DVec2, SlicePlane};
use crate::io::{self, PictureMask};
use crate::loaded::LoadedSeries;
use crate::render::annotate::{self, Annotations, CornerTexts, ScaleBar, Shown};
use crate::render::gpu::{
    GpuContext, GpuError, GpuLabels, GpuPicture, GpuVolume, MipRenderer, PictureRenderer, SliceRenderer,
};
use crate::render::{ColorMap, Interpolation, MipDraw, OverlayStyle, RgbaPicture, SliceDraw, cpu};
use crate::volume::{AlgorithmKind, Segmentation, Volume};

/// Labels of picture masks, which name no color (`look.md`: segments are warm).
const FLAT_RGBA: [u8; 4] = [230, 90, 90, 255];

/// The mask that was asked for.
pub(super) enum Overlay {
    None,
    /// Masks in the patient, on a volume.
    Masks(Segmentation),
    /// Labels of the pixels of a picture.
    Flat(PictureMask),
}

impl Overlay {
    pub(super) fn segmentation(&self) -> Option<&Segmentation> {
        match self {
            Self::Masks(masks) => Some(masks),
            _ => None,
        }
    }

    /// The label at a pixel of image `k`.
    fn label(&self, [column, row]: [usize; 2], k: usize) -> u8 {
        match self {
            Self::None => 0,
            Self::Masks(masks) => masks.labelmap.label([column, row, k]),
            Self::Flat(mask) => mask.labels[row * mask.width + column],
        }
    }
}

/// Reads the mask; one that lies on other voxels or pixels than the image is refused.
pub(super) fn overlay(args: &Args, series: &LoadedSeries) -> Result<Overlay, Failure> {
    let Some(path) = &args.overlay else { return Ok(Overlay::None) };
    if !io::is_picture_mask(path) {
        return io::read_segmentation(path, Some(series))
            .map(Overlay::Masks)
            .map_err(|error| masks_failure(path, &error));
    }
    let [picture] = series.pictures() else {
        return Err(Failure::Refused("the mask of a picture has no place in a volume or a stack".into()));
    };
    io::read_picture_mask(path, picture).map(Overlay::Flat).map_err(Failure::failed)
}

/// Fills the labels of an image into its picture; planes have theirs already.
pub(super) fn lay_over_image(
    picture: &mut RgbaPicture,
    series: &LoadedSeries,
    scene: &Scene,
    overlay: &Overlay,
) -> Result<(), Failure> {
    let Scene::Image { picture: image, draw, k, .. } = scene else { return Ok(()) };
    let style = match overlay {
        Overlay::None => return Ok(()),
        Overlay::Masks(masks) if !series.geometry().is_some_and(|g| g.same_grid(masks.labelmap.geometry())) => {
            let text = "the masks do not lie on the pixels of the image; use --view axial, coronal or sagittal";
            return Err(Failure::Refused(text.into()));
        }
        Overlay::Masks(masks) => OverlayStyle::of(masks),
        Overlay::Flat(_) => OverlayStyle::with_palette(std::sync::Arc::new([FLAT_RGBA; 256])),
    };
    let width = picture.width as usize;
    for (n, pixel) in picture.rgba.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let at = draw.picture_px(DVec2::new((n % width) as f64, (n / width) as f64)).round();
        let inside = at.min_element() >= 0.0 && at.x < image.width as f64 && at.y < image.height as f64;
        let label = if inside { overlay.label([at.x as usize, at.y as usize], *k) } else { 0 };
        let [r, g, b, alpha] = style.palette[usize::from(label)];
        if label == 0 || alpha == 0 {
            continue;
        }
        for (to, color) in pixel.iter_mut().zip([r, g, b]) {
            let mixed = f32::from(*to) * (1.0 - style.fill_opacity) + f32::from(color) * style.fill_opacity;
            *to = mixed.round() as u8;
        }
    }
    Ok(())
}

/// Values before the window, and the size.
pub(super) fn values(series: &LoadedSeries, scene: &Scene) -> Result<(Vec<f32>, [u32; 2]), Failure> {
    Ok(match scene {
        Scene::Plane(draw) => (cpu::slice_values(volume(series)?, draw), draw.plane.size_px),
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

/// All that lies over each other in a picture.
#[derive(Clone, Copy)]
pub(super) struct Layers<'a> {
    pub series: &'a LoadedSeries,
    pub second: Option<&'a LoadedSeries>,
    pub mask: Option<&'a Segmentation>,
}

impl<'a> Layers<'a> {
    fn second_volume(&self) -> Option<&'a Volume> {
        self.second.and_then(|second| second.volume()).map(AsRef::as_ref)
    }
}

/// The picture, without words.
pub(super) fn picture(backend: Option<Backend>, layers: &Layers<'_>, scene: &Scene) -> Result<RgbaPicture, Failure> {
    let scene = &with_style(scene, layers.mask);
    let on_cpu = || cpu_picture(layers, scene);
    let on_gpu = |gpu: &GpuContext| gpu_picture(gpu, layers, scene);
    match backend {
        Some(Backend::Cpu) => on_cpu(),
        Some(Backend::Gpu) => {
            GpuContext::headless().and_then(|gpu| on_gpu(&gpu)).map_err(|error| Failure::Failed(error.to_string()))
        }
        // The twins agree to one gray level, so that falling back costs time only.
        None => match GpuContext::headless() {
            Ok(gpu) if !gpu.is_software => on_gpu(&gpu).or_else(|error| {
                say(&format!("rendered on the CPU: {error}"));
                on_cpu()
            }),
            Ok(gpu) => {
                say(&format!("rendered on the CPU: the only graphics driver is software ({})", gpu.name));
                on_cpu()
            }
            Err(error) => {
                say(&format!("rendered on the CPU: {error}"));
                on_cpu()
            }
        },
    }
}

fn with_style(scene: &Scene, mask: Option<&Segmentation>) -> Scene {
    let overlay = mask.map(OverlayStyle::of);
    match scene {
        Scene::Plane(draw) => Scene::Plane(SliceDraw { overlay, ..draw.clone() }),
        Scene::Slab(draw, slab) => Scene::Slab(MipDraw { overlay, ..draw.clone() }, *slab),
        other => other.clone(),
    }
}

fn cpu_picture(layers: &Layers<'_>, scene: &Scene) -> Result<RgbaPicture, Failure> {
    let (second, labels) = (layers.second_volume(), layers.mask.map(|mask| &mask.labelmap));
    Ok(match scene {
        Scene::Plane(draw) => cpu::fused_picture(volume(layers.series)?, second, draw, labels),
        Scene::Slab(draw, _) | Scene::Projection(draw) => {
            cpu::fused_mip_picture(volume(layers.series)?, second, draw, labels)
        }
        Scene::Image { picture, draw, .. } => cpu::picture_rgba(picture, draw),
    })
}

fn gpu_picture(gpu: &GpuContext, layers: &Layers<'_>, scene: &Scene) -> Result<RgbaPicture, GpuError> {
    let target = crate::render::gpu::PICTURE_FORMAT;
    if let Scene::Image { picture, draw, .. } = scene {
        let on_device = GpuPicture::upload(gpu, picture, draw.voi.function)?;
        return PictureRenderer::new(gpu, target)?.picture(&on_device, draw);
    }
    // A scene other than an image was made from a volume.
    let volume = layers.series.volume().ok_or_else(|| GpuError::Device("there is no volume".into()))?;
    let volume = GpuVolume::upload(gpu, volume)?;
    let second = layers.second_volume().map(|second| GpuVolume::upload(gpu, second)).transpose()?;
    let labels = layers.mask.map(|mask| GpuLabels::upload(gpu, &mask.labelmap)).transpose()?;
    let (second, labels) = (second.as_ref(), labels.as_ref());
    match scene {
        Scene::Plane(draw) => SliceRenderer::new(gpu, target)?.fused_picture(&volume, second, labels, draw),
        Scene::Slab(draw, _) | Scene::Projection(draw) => {
            MipRenderer::new(gpu, target)?.fused_picture(&volume, second, labels, draw)
        }
        Scene::Image { .. } => Err(GpuError::Device("there is no volume".into())),
    }
}

/// What covers an image: shutter, padding, overlays.
pub(super) fn cover(rendered: &mut RgbaPicture, scene: &Scene) {
    if let Scene::Image { picture, draw, .. } = scene {
        cpu::cover_picture(picture, draw, rendered);
    }
}

/// Words and marks over the picture.
pub(super) fn annotate(rendered: &mut RgbaPicture, layers: &Layers<'_>, scene: &Scene) {
    let series = layers.series;
    let in_patient = |plane: &SlicePlane| ScaleBar::in_patient(plane.pixel_mm, plane.size_px[0]);
    let of_plane = |plane: &SlicePlane| (plane.edge_letters(), in_patient(plane));
    let (shown, voi, interpolation, (letters, scale)) = match scene {
        Scene::Plane(draw) => {
            (Shown::Plane { plane: &draw.plane, slab: None }, draw.voi, draw.interpolation, of_plane(&draw.plane))
        }
        Scene::Slab(draw, slab) => {
            let shown = Shown::Plane { plane: &draw.plane, slab: Some(*slab) };
            (shown, draw.voi, draw.interpolation, of_plane(&draw.plane))
        }
        Scene::Projection(draw) => {
            (Shown::Projection { plane: &draw.plane }, draw.voi, draw.interpolation, of_plane(&draw.plane))
        }
        Scene::Image { picture, draw, k, count } => {
            let resized = draw.size_px.map(|n| n as usize) != [picture.width, picture.height];
            let interpolation = if resized { draw.interpolation } else { Interpolation::Nearest };
            let place = (annotate::turned_letters(picture, draw), ScaleBar::on_screen(picture.calibration, draw));
            (Shown::Image { k: *k, count: *count }, draw.voi, interpolation, place)
        }
    };
    let mut corners = CornerTexts::new(series, shown, voi, interpolation == Interpolation::Linear);
    for note in notes(layers, scene, interpolation) {
        corners = corners.with_note(&note);
    }
    if layers.mask.is_some_and(|mask| mask.segments.iter().any(|s| s.algorithm == AlgorithmKind::Automatic)) {
        corners = corners.with_ai_mark("mask not reviewed");
    }
    annotate::annotate(rendered, &Annotations { corners, letters, scale, boxes: Vec::new() });
}

/// What was done to the picture beyond the usual.
fn notes(layers: &Layers<'_>, scene: &Scene, interpolation: Interpolation) -> Vec<String> {
    let (color_map, fused) = match scene {
        Scene::Plane(draw) => (draw.color_map, draw.fused.as_ref()),
        Scene::Slab(draw, _) | Scene::Projection(draw) => (draw.color_map, draw.fused.as_ref()),
        Scene::Image { draw, .. } => (draw.color_map, None),
    };
    let cubic = (interpolation == Interpolation::Cubic).then(|| "interpolated, cubic".to_owned());
    let colors = (color_map != ColorMap::Gray).then(|| format!("colors: {}", color_map.name().replace('-', " ")));
    let both = layers.second.zip(fused).map(|(second, fused)| super::fuse::words(layers.series, second, fused));
    let scale = layers.second.zip(fused).map(|(second, fused)| super::fuse::scale(second, fused));
    [cubic, colors, both, scale].into_iter().flatten().collect()
}
