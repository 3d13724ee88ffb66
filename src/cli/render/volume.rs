//! `fovea render PATH --view volume`: volume rendering by ray casting.

use super::{Args, Backend, View, output};
use crate::cli::measure::masks_failure;
use crate::cli::{Failure, numbers, probe::refused, say};
use crate::geometry::{BoxLps, DVec3, VolumeGeometry};
use crate::io;
use crate::loaded::LoadedSeries;
use crate::render::annotate::{self, Annotations, CornerTexts, Line, ScaleBar, Shown};
use crate::render::gpu::{GpuContext, GpuError, GpuLabels, PICTURE_FORMAT, RaycastRenderer, RaycastVolume};
use crate::render::{
    ClipPlane, Crop, MAX_CLIPS, MaskStyle, OverlayStyle, Preset, RaycastDraw, RgbaPicture, TransferFunction, cpu,
    turned_plane,
};
use crate::volume::{AlgorithmKind, Segmentation, Voi, Volume};
use std::path::PathBuf;
use std::sync::Arc;

/// Default size.
const SIZE_PX: [u32; 2] = [512, 512];
/// Frames with other starts of the rays that a picture is the mean of.
const FRAMES: u32 = 4;

/// What only volume rendering takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct VolumeArgs {
    /// Transfer function of --view volume; ct-bone, pet or mr-default by modality when left out.
    #[arg(long, value_name = "NAME", value_parser = preset, conflicts_with = "transfer")]
    pub preset: Option<Preset>,
    /// Transfer function from a file (TOML).
    #[arg(long, value_name = "FILE")]
    pub transfer: Option<PathBuf>,
    /// Turn about the patient's long axis, and lift of the eye, in degrees; 0,0 is from the front.
    #[arg(long, value_name = "YAW,PITCH", allow_hyphen_values = true, value_parser = numbers::<2>)]
    pub turn: Option<[f64; 2]>,
    /// Keep the half space N·p ≥ D (LPS mm); up to eight times.
    #[arg(long, value_name = "NX,NY,NZ,D", allow_hyphen_values = true, value_parser = numbers::<4>)]
    pub clip: Vec<[f64; 4]>,
    /// Keep the box between two corners, LPS mm.
    #[arg(long, value_name = "X0,Y0,Z0,X1,Y1,Z1", allow_hyphen_values = true, value_parser = numbers::<6>)]
    pub crop: Option<[f64; 6]>,
    /// Mask for --mask-mode: DICOM SEG or label image.
    #[arg(long, value_name = "SEG")]
    pub mask: Option<PathBuf>,
    /// What the mask's segments do.
    #[arg(long, value_enum, requires = "mask")]
    pub mask_mode: Option<MaskMode>,
}

/// What segments do to a volume rendering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum MaskMode {
    /// Only what lies in segments is seen, in their colors.
    Show,
    /// What lies in segments is not seen.
    Hide,
    /// Segments have their colors.
    #[default]
    Color,
}

fn preset(key: &str) -> Result<Preset, String> {
    let all = || Preset::ALL.map(Preset::key).join(", ");
    Preset::from_key(key).ok_or_else(|| format!("\"{key}\" is none of {}", all()))
}

impl VolumeArgs {
    /// What can be refused before anything is read.
    pub(super) fn check(&self, view: Option<View>) -> Result<(), Failure> {
        let usage = |sentence: String| Err(Failure::Usage(sentence));
        let is_named = self.preset.is_some() || self.transfer.is_some() || self.turn.is_some() || self.crop.is_some();
        if view != Some(View::Volume) && (is_named || !self.clip.is_empty() || self.mask.is_some()) {
            return usage("--preset, --transfer, --turn, --clip, --crop and --mask need --view volume".into());
        }
        if self.clip.len() > MAX_CLIPS {
            return usage(format!("--clip may be given {MAX_CLIPS} times at most"));
        }
        if self.clip.iter().any(|[x, y, z, _]| DVec3::new(*x, *y, *z).length() < 1e-9) {
            return usage("--clip needs a direction: NX, NY and NZ must not all be 0".into());
        }
        if self.crop.is_some_and(|[x0, y0, z0, x1, y1, z1]| x0 >= x1 || y0 >= y1 || z0 >= z1) {
            return usage("--crop needs ascending corners: X0 < X1, Y0 < Y1, Z0 < Z1".into());
        }
        Ok(())
    }
}

/// Renders and writes the picture.
pub(super) fn write(args: &Args, series: &LoadedSeries) -> Result<(), Failure> {
    if output::Format::of(&args.output)? != output::Format::Png {
        return Err(Failure::Usage("volume renderings are written as .png".into()));
    }
    if args.overlay.is_some() || args.presentation.is_some() || args.slab.is_some() {
        let text = "--overlay, --presentation and --slab are for planes and images; --view volume takes --mask, --clip";
        return Err(Failure::Usage(text.into()));
    }
    let Some(volume) = series.volume() else { return Err(refused(series, "has no volume")) };
    let mask = mask(&args.volume, series)?;
    let draw = draw(args, series, volume, mask.as_ref())?;
    let (mut picture, note) = picture(args.backend, volume, mask.as_ref(), &draw)?;
    if !args.no_annotations {
        annotate(&mut picture, series, &draw, mask.as_ref(), note);
    }
    output::write_png(&args.output, &picture)
}

fn mask(args: &VolumeArgs, series: &LoadedSeries) -> Result<Option<Segmentation>, Failure> {
    let Some(path) = &args.mask else { return Ok(None) };
    io::read_segmentation(path, Some(series)).map(Some).map_err(|error| masks_failure(path, &error))
}

fn draw(
    args: &Args,
    series: &LoadedSeries,
    volume: &Volume,
    mask: Option<&Segmentation>,
) -> Result<RaycastDraw, Failure> {
    let geometry = volume.geometry();
    let transfer = transfer(&args.volume, series, volume)?;
    let mut draw = RaycastDraw::whole(geometry, camera(args, geometry), Arc::new(transfer));
    draw.frames = FRAMES;
    draw.clips = args
        .volume
        .clip
        .iter()
        .map(|&[x, y, z, offset_mm]| ClipPlane { normal_lps: DVec3::new(x, y, z), offset_mm })
        .collect();
    draw.crop = args
        .volume
        .crop
        .map(|[x0, y0, z0, x1, y1, z1]| Crop::Lps(BoxLps { min: DVec3::new(x0, y0, z0), max: DVec3::new(x1, y1, z1) }));
    draw.mask = mask.map(|masks| {
        let labels: Vec<u8> = masks.segments.iter().map(|segment| segment.number).collect();
        let palette = OverlayStyle::of(masks).palette;
        match args.volume.mask_mode.unwrap_or_default() {
            MaskMode::Show => MaskStyle::showing(&labels).colored(palette),
            MaskMode::Hide => MaskStyle::hiding(&labels),
            MaskMode::Color => MaskStyle::hiding(&[]).colored(palette),
        }
    });
    Ok(draw)
}

fn camera(args: &Args, geometry: &VolumeGeometry) -> crate::geometry::SlicePlane {
    let [yaw, pitch] = args.volume.turn.unwrap_or_default();
    let mut plane = turned_plane(geometry, yaw, pitch, args.size.unwrap_or(SIZE_PX));
    if let Some([ux, uy, uz, vx, vy, vz]) = args.axes {
        plane.u_lps = DVec3::new(ux, uy, uz).normalize();
        plane.v_lps = DVec3::new(vx, vy, vz).normalize();
    }
    if let Some(center) = args.at.or(args.center) {
        plane.center_lps = DVec3::from_array(center);
    }
    plane.pixel_mm = args.pixel_mm.unwrap_or(plane.pixel_mm);
    plane
}

fn transfer(args: &VolumeArgs, series: &LoadedSeries, volume: &Volume) -> Result<TransferFunction, Failure> {
    let Some(path) = &args.transfer else {
        let preset = args.preset.unwrap_or_else(|| Preset::first_for(&series.series.modality));
        return Ok(preset.transfer(volume));
    };
    let about = |problem: &dyn std::fmt::Display| Failure::Failed(format!("{}: {problem}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| about(&error))?;
    TransferFunction::from_toml(&text).map_err(|error| about(&error))
}

/// The picture, and what is to be said about it.
fn picture(
    backend: Option<Backend>,
    volume: &Volume,
    mask: Option<&Segmentation>,
    draw: &RaycastDraw,
) -> Result<(RgbaPicture, Option<&'static str>), Failure> {
    let on_cpu = || (cpu::raycast_picture(volume, mask.map(|m| &m.labelmap), draw), None);
    if backend == Some(Backend::Cpu) {
        return Ok(on_cpu());
    }
    let made = match GpuContext::headless() {
        // A software driver computes the same on the same processor, slower.
        Ok(gpu) if backend.is_none() && gpu.is_software => return Ok(on_cpu()),
        Ok(gpu) => on_gpu(&gpu, volume, mask, draw),
        Err(error) => Err(error),
    };
    match made {
        Ok(made) => Ok(made),
        Err(error) if backend.is_some() => Err(Failure::Failed(error.to_string())),
        Err(error) => {
            say(&format!("rendered on the CPU: {error}"));
            Ok(on_cpu())
        }
    }
}

fn on_gpu(
    gpu: &GpuContext,
    volume: &Volume,
    mask: Option<&Segmentation>,
    draw: &RaycastDraw,
) -> Result<(RgbaPicture, Option<&'static str>), GpuError> {
    let labels = mask.map(|mask| GpuLabels::upload(gpu, &mask.labelmap)).transpose()?;
    let volume = RaycastVolume::upload(gpu, volume)?;
    let (picture, quality) = RaycastRenderer::new(gpu, PICTURE_FORMAT)?.picture(&volume, labels.as_ref(), draw)?;
    Ok((picture, quality.reason.map(crate::render::CoarseReason::as_str)))
}

fn annotate(
    picture: &mut RgbaPicture,
    series: &LoadedSeries,
    draw: &RaycastDraw,
    mask: Option<&Segmentation>,
    note: Option<&str>,
) {
    let plane = &draw.plane;
    let mut corners = CornerTexts::new(series, Shown::Projection { plane }, Voi::spanning(0.0, 1.0), true);
    corners.left_lower = vec![Line::plain("volume rendering"), Line::plain(draw.transfer.name())];
    corners.left_lower.extend(note.map(Line::plain));
    if mask.is_some_and(|mask| mask.segments.iter().any(|s| s.algorithm == AlgorithmKind::Automatic)) {
        corners = corners.with_ai_mark("mask not reviewed");
    }
    let scale = ScaleBar::in_patient(plane.pixel_mm, plane.size_px[0]);
    annotate::annotate(picture, &Annotations { corners, letters: plane.edge_letters(), scale, boxes: Vec::new() });
}
