//! `fovea measure SEG [--on IMAGE] [--json]`: volumes, diameters and values of masks.
//!
//! SEG is a DICOM segmentation, a structure set (RTSTRUCT, with --on) or a label image. Values come from the image only where
//! it has the masks' voxels: nothing is resampled; an image that is no volume is refused. Diameters run from boundary to
//! boundary in a slice of the masks (`clinical.md` rule 8). The keys of the JSON stay stable; keys are only ever added.

mod flat;

use super::{Failure, open_series, say};
use crate::findings::{SegmentMeasures, measure_segments, round_half_up};
use crate::io;
use crate::loaded::LoadedSeries;
use crate::study::{SeriesGeometry, Warnings};
use crate::volume::{Segment, Segmentation, SuvKind};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Volumes, diameters and values of masks.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// A DICOM segmentation, an RT structure set (needs --on) or a label image (NIfTI, NRRD, MetaImage; PNG or TIFF for a
    /// radiograph).
    pub masks: PathBuf,
    /// The image that the masks lie on: a file or folder.
    #[arg(long, value_name = "IMAGE")]
    pub on: Option<PathBuf>,
    /// Which series, where IMAGE holds several.
    #[arg(long, value_name = "UID", requires = "on")]
    pub series: Option<String>,
    /// By what the uptake of a PET image is normalized, where its header says enough.
    #[arg(long, value_enum, default_value = "bw")]
    pub suv: Suv,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Kinds of SUV on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Suv {
    /// Body weight.
    Bw,
    /// Lean body mass (Janmahasatian).
    Lbm,
    /// Body surface area (Du Bois).
    Bsa,
}

/// A segment and what was measured of it; `None` for a segment without voxels.
type Measured = (Segment, Option<SegmentMeasures>);

/// Runs the command; results go to `out`, warnings to stderr.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let image = args.on.as_ref().map(|path| open_series(path, args.series.as_deref())).transpose()?;
    if io::is_picture_mask(&args.masks) {
        let segments = flat::measure(&args.masks, image.as_ref())?;
        return Ok(writeln!(out, "{:#}", json!({"segments": segments, "warnings": []}))?);
    }
    let mut warnings = Warnings::default();
    let measured = measure(args, image.as_ref(), &mut warnings)?;
    if args.json {
        let segments: Vec<Value> = measured.iter().map(as_json).collect();
        let warnings: Vec<&str> = warnings.iter().collect();
        writeln!(out, "{:#}", json!({"segments": segments, "warnings": warnings}))?;
    } else {
        measured.iter().try_for_each(|segment| writeln!(out, "{}", sentence(segment)))?;
        warnings.iter().for_each(say);
    }
    Ok(())
}

fn measure(args: &Args, image: Option<&LoadedSeries>, warnings: &mut Warnings) -> Result<Vec<Measured>, Failure> {
    // PET in Bq/mL is measured in SUVbw where its header allows that (`clinical.md` rule 7).
    let stored = image.and_then(LoadedSeries::volume);
    let kind = match args.suv {
        Suv::Bw => SuvKind::BodyWeight,
        Suv::Lbm => SuvKind::LeanBodyMass,
        Suv::Bsa => SuvKind::BodySurface,
    };
    let in_suv = stored.and_then(|v| v.in_suv(kind));
    if kind != SuvKind::BodyWeight && in_suv.is_none() {
        let unit = kind.unit();
        let named = args.on.as_deref().unwrap_or(Path::new("the image"));
        return Err(Failure::Refused(format!(
            "{}: {} needs a PET series with height, sex and all that SUVbw needs; see `fovea info`",
            named.display(),
            unit.as_str()
        )));
    }
    if let Some(SeriesGeometry::Pictures(reason)) = image.map(|image| &image.series.geometry) {
        let named = args.on.as_deref().unwrap_or(Path::new("the image"));
        return Err(Failure::Refused(format!("{}: masks have no place on it: {reason}", named.display())));
    }
    let volume = in_suv.as_ref().or(stored.map(|v| &**v));
    let mut measured: Vec<Measured> = Vec::new();
    let take = |part: Segmentation| {
        let mut found = measure_segments(&part.labelmap, volume);
        measured.extend(part.segments.into_iter().map(|segment| {
            let at = found.iter().position(|(number, _)| *number == segment.number);
            let measures = at.map(|n| found.swap_remove(n).1);
            (segment, measures)
        }));
    };
    io::for_each_part(&args.masks, image, warnings, take).map_err(|problem| masks_failure(&args.masks, &problem))?;
    Ok(measured)
}

/// Masks that could be laid over the image only by guessing are refused; everything else failed.
pub(crate) fn masks_failure(path: &Path, problem: &io::SegmentationReadError) -> Failure {
    let text = format!("{}: {problem}", path.display());
    if problem.is_refusal() { Failure::Refused(text) } else { Failure::Failed(text) }
}

fn as_json((segment, measures): &Measured) -> Value {
    let code = segment.property.as_ref().map(|c| json!({"value": c.value, "scheme": c.scheme, "meaning": c.meaning}));
    let m = measures.as_ref();
    let value = |pick: fn(&SegmentMeasures) -> Option<f64>| m.and_then(pick);
    json!({
        "number": segment.number,
        "label": segment.label,
        "code": code,
        "laterality": segment.laterality.as_ref().map(|c| &c.meaning),
        "voxels": m.map_or(0, |m| m.voxels),
        "volume_ml": m.map_or(0.0, |m| m.volume_mm3 / 1000.0),
        "mean": value(|m| m.mean),
        "sd": value(|m| m.sd),
        "min": value(|m| m.min),
        "max": value(|m| m.max),
        "unit": m.filter(|m| m.mean.is_some()).map(|m| &m.unit),
        "long_axis_mm": value(|m| m.long_axis.as_ref().map(|d| d.length_mm)),
        "short_axis_mm": value(|m| m.short_axis.as_ref().map(|d| d.length_mm)),
        "center_lps": m.map(|m| m.center_lps.to_array()),
        "box_lps": m.map(|m| [m.box_lps.min.to_array(), m.box_lps.max.to_array()]),
        "touches_border": m.map(|m| m.touches_border),
    })
}

fn sentence((segment, measures): &Measured) -> String {
    let Some(m) = measures else { return format!("{}: no voxels", segment.label) };
    let mut text = format!("{}: {} voxels, {:.3} mL", segment.label, m.voxels, m.volume_mm3 / 1000.0);
    if let (Some(mean), Some(sd)) = (m.mean, m.sd) {
        text += &format!(", mean {} ± {} {}", round_half_up(mean, 2), round_half_up(sd, 2), m.unit);
    }
    if let (Some(long), Some(short)) = (&m.long_axis, &m.short_axis) {
        text += &format!(", {:.1} × {:.1} mm", long.length_mm, short.length_mm);
    }
    text
}
