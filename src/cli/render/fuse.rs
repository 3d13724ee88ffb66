//! `fovea render … --fuse`: a second volume over the first, in one frame of reference.

use super::{Args, FuseMode};
use crate::cli::{Failure, open_series};
use crate::geometry::VolumeGeometry;
use crate::loaded::LoadedSeries;
use crate::render::{ColorMap, Fused, FusionMode, first_window};
use crate::volume::{Voi, VoiFunction, Volume};
use std::path::Path;

/// What hot iron reaches its end at (`clinical.md`, defaults).
const FUSED_SUV: f64 = 10.0;

/// The second series, where one was asked for. Series of other frames of reference are refused: where one would lie on the
/// other would be a guess.
pub(super) fn second(args: &Args, first: &LoadedSeries) -> Result<Option<LoadedSeries>, Failure> {
    let Some(name) = &args.fuse else { return Ok(None) };
    let path = Path::new(name);
    let second = if path.exists() { open_series(path, None)? } else { open_series(&args.path, Some(name))? };
    if first.volume().is_none() || second.volume().is_none() {
        return Err(Failure::Refused("only volumes can be fused: one of the two series makes none".into()));
    }
    let frames = [first, &second].map(|series| series.series.frame_of_reference_uid.as_str());
    if frames[0].is_empty() || frames[0] != frames[1] {
        return Err(Failure::Refused(
            "the two series lie in different or unknown frames of reference, so their places would be a guess; register \
             one to the other first (fovea register)"
                .into(),
        ));
    }
    Ok(Some(second))
}

/// How the second series is laid over the first.
pub(super) fn fused(args: &Args, second: &LoadedSeries) -> Fused {
    let voi = window(args, second);
    let opacity = args.fuse_opacity.unwrap_or(0.5);
    let color_map =
        args.fuse_map.unwrap_or(if second.series.modality == "PT" { ColorMap::HotIron } else { ColorMap::Gray });
    let mode = match args.fuse_mode {
        FuseMode::Blend => FusionMode::Blend,
        FuseMode::Checkerboard => FusionMode::Checkerboard { edge_px: 32 },
        FuseMode::Swipe => FusionMode::Swipe { share: 0.5 },
    };
    Fused { color_map, opacity, mode, ..Fused::over(voi) }
}

/// The asked window; else SUV 0–10 for PET whose values can be told in SUV, else the series' own.
fn window(args: &Args, second: &LoadedSeries) -> Voi {
    if let Some([center, width]) = args.fuse_window {
        return Voi::linear(center, width);
    }
    let pet = second.volume().filter(|_| second.series.modality == "PT").and_then(|volume| per_suv(volume));
    pet.map_or_else(|| first_window(second, 0).0, |per_suv| Voi::spanning(0.0, FUSED_SUV * per_suv))
}

/// How much of the volume's own values one SUVbw is.
fn per_suv(volume: &Volume) -> Option<f64> {
    let is_suv = *volume.unit() == crate::volume::ValueUnit::SuvBw;
    if is_suv { Some(1.0) } else { volume.suv().map(|factors| 1.0 / factors.bw) }
}

fn name(series: &LoadedSeries) -> &str {
    match series.series.modality.as_str() {
        "PT" => "PET",
        "" => "image",
        other => other,
    }
}

/// "PET over CT 50 %", "CT and PET in squares", "CT left, PET right".
pub(super) fn words(first: &LoadedSeries, second: &LoadedSeries, fused: &Fused) -> String {
    let (below, above) = (name(first), name(second));
    match fused.mode {
        FusionMode::Blend => format!("{above} over {below} {:.0} %", fused.opacity * 100.0),
        FusionMode::Checkerboard { .. } => format!("{below} and {above} in squares"),
        FusionMode::Swipe { .. } => format!("{below} left, {above} right"),
    }
}

/// "PET 0.0–10.0 SUVbw": what the colors of the second series span, in SUV where that is known.
pub(super) fn scale(second: &LoadedSeries, fused: &Fused) -> String {
    let voi = fused.voi;
    // C.11.2.1.2.1: a LINEAR window is half a value off its center and spans one less than its width.
    let (center, width) = match voi.function {
        VoiFunction::Linear => (voi.center - 0.5, voi.width - 1.0),
        _ => (voi.center, voi.width),
    };
    let volume: Option<&Volume> = second.volume().map(AsRef::as_ref);
    let suv = volume.filter(|_| second.series.modality == "PT").and_then(per_suv);
    let unit = match suv {
        Some(_) => "SUVbw",
        None => volume.map_or("", |volume| volume.unit().as_str()),
    };
    let [low, high] = [-0.5, 0.5].map(|share| (center + share * width) / suv.unwrap_or(1.0));
    format!("{} {low:.1}–{high:.1} {unit}", name(second))
}

/// True when both volumes overlap in the patient; a fused series elsewhere would silently show nothing.
pub(super) fn meets(first: &VolumeGeometry, second: &VolumeGeometry) -> bool {
    let (a, b) = (first.bounds_lps(), second.bounds_lps());
    a.min.cmple(b.max).all() && b.min.cmple(a.max).all()
}
