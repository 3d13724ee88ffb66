//! `fovea probe PATH --at X,Y,Z …`: values at patient points (LPS mm), nearest and linear, with their unit; with
//! `--pipeline`, every stage from the stored value to the gray level, also of pixels of pictures (`--pixel`).

use super::{Failure, numbers, open_series};
use crate::geometry::{DVec2, DVec3};
use crate::loaded::{ImageData, LoadedSeries};
use crate::reading::{PixelAt, PixelStages, PixelValue, ShownAs, pixel_stages};
use crate::study::SeriesGeometry;
use crate::volume::{ValueUnit, Voi, Volume, sample_linear, sample_nearest};
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;

/// Values of a series at patient points.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// A file or folder.
    pub path: PathBuf,
    /// Point in the patient, LPS mm; may be given several times.
    #[arg(long, value_name = "X,Y,Z", required_unless_present = "pixel", allow_hyphen_values = true, value_parser = numbers::<3>)]
    pub at: Vec<[f64; 3]>,
    /// Pixel of a picture, from 0, with --pipeline; may be given several times.
    #[arg(long, value_name = "COLUMN,ROW", requires = "pipeline", conflicts_with = "at", value_parser = numbers::<2>)]
    pub pixel: Vec<[f64; 2]>,
    /// Which picture of the series, from 0.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "pixel")]
    pub index: usize,
    /// Show every stage of the pixel pipeline: stored value, Modality LUT, SUV, VOI LUT, gray level.
    #[arg(long)]
    pub pipeline: bool,
    /// Window for the VOI stage: center and width; else the header's, else one from the values.
    #[arg(long, value_name = "C,W", allow_hyphen_values = true, requires = "pipeline", value_parser = numbers::<2>)]
    pub window: Option<[f64; 2]>,
    /// Which series, where PATH holds several.
    #[arg(long, value_name = "UID")]
    pub series: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Runs the command; results go to `out`.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let series = open_series(&args.path, args.series.as_deref())?;
    let text = if args.pixel.is_empty() { points(args, &series)? } else { pixels(args, &series)? };
    out.write_all(text.as_bytes()).map_err(|error| Failure::Failed(format!("cannot write the result: {error}")))
}

/// Values at points in the patient.
fn points(args: &Args, series: &LoadedSeries) -> Result<String, Failure> {
    let ImageData::Volume(volume) = &series.image else { return Err(refused(series, "has no points in the patient")) };
    let unit = volume.unit().as_str();
    let shown = ShownAs { voi: window(args, series, volume), inverted: false };
    let mut text = String::new();
    let mut samples = Vec::new();
    for &at in &args.at {
        let (nearest, linear) = (sample_nearest(volume, at.into()), sample_linear(volume, DVec3::from_array(at)));
        let stages = pixel_stages(series, PixelAt::Lps(at.into()), shown).filter(|_| args.pipeline);
        text += &sentence(at, nearest, linear, unit);
        text += &stages.as_ref().map(stage_lines).unwrap_or_default();
        let mut sample = json!({"lps_mm": at, "nearest": nearest, "linear": linear, "unit": unit});
        if args.pipeline {
            sample["stages"] = stages.as_ref().map_or(Value::Null, stages_json);
        }
        samples.push(sample);
    }
    Ok(if args.json { format!("{:#}\n", json!({ "samples": samples })) } else { text })
}

/// Stages of pixels of a picture.
fn pixels(args: &Args, series: &LoadedSeries) -> Result<String, Failure> {
    let Some(picture) = series.pictures().get(args.index) else {
        let what = format!("the series has no picture {}; name points in a volume with --at", args.index);
        return Err(Failure::Usage(what));
    };
    let voi = args.window.map_or_else(|| picture.first_voi(), |[center, width]| Voi::linear(center, width));
    let shown = ShownAs { voi, inverted: picture.inverted };
    let (mut text, mut samples) = (String::new(), Vec::new());
    for &at in &args.pixel {
        let stages = pixel_stages(series, PixelAt::Picture { k: args.index, px: DVec2::from_array(at) }, shown);
        text += &match &stages {
            Some(stages) => stage_lines(stages),
            None => format!("pixel {} {}: outside the picture\n", at[0], at[1]),
        };
        samples.push(json!({"pixel": at, "stages": stages.as_ref().map(stages_json)}));
    }
    Ok(if args.json { format!("{:#}\n", json!({ "samples": samples })) } else { text })
}

/// The window asked for, the header's, the abdomen's for CT, or the 1st–99th percentile.
fn window(args: &Args, series: &LoadedSeries, volume: &Volume) -> Voi {
    let asked = args.window.map(|[center, width]| Voi::linear(center, width));
    asked.or(series.header_voi).unwrap_or_else(|| {
        if *volume.unit() == ValueUnit::Hu {
            return Voi::linear(40.0, 400.0);
        }
        let [low, high] = volume.percentiles([0.01, 0.99]).map(f64::from);
        Voi::spanning(low, high)
    })
}

fn stage_lines(stages: &PixelStages) -> String {
    stages.lines().iter().fold(String::new(), |text, (name, words)| text + "  " + name + ": " + words + "\n")
}

fn stages_json(stages: &PixelStages) -> Value {
    let mut value = match &stages.value {
        PixelValue::Color(rgb) => json!({ "rgb": rgb }),
        PixelValue::Gray(gray) => json!({
            "stored": gray.stored,
            "slope": gray.rescale.slope,
            "intercept": gray.rescale.intercept,
            "value": gray.value,
            "unit": gray.unit.as_str(),
            "suv": gray.suv.iter().map(|(kind, suv)| json!({"value": suv, "unit": kind.unit().as_str()})).collect::<Vec<_>>(),
            "voi": {
                "function": gray.shown.voi.function.as_str(),
                "center": gray.shown.voi.center,
                "width": gray.shown.voi.width,
                "entry": gray.entry,
                "gray": gray.voi_gray,
            },
            "inverted": gray.shown.inverted,
            "gray": gray.gray,
            "level": gray.level,
            "covered_rgb": gray.covered,
        }),
    };
    value["voxel"] = json!(stages.ijk);
    value["image"] = json!(stages.cited);
    value
}

fn sentence([x, y, z]: [f64; 3], nearest: Option<f32>, linear: Option<f32>, unit: &str) -> String {
    match (nearest, linear) {
        (Some(nearest), Some(linear)) => {
            format!("LPS {x} {y} {z} mm: nearest {nearest} {unit}, linear {linear:.2} {unit}\n")
        }
        _ => format!("LPS {x} {y} {z} mm: outside the volume\n"),
    }
}

/// The refusal for a series that makes no volume, with the reason that was found when its files were listed.
pub(super) fn refused(series: &LoadedSeries, what: &str) -> Failure {
    let reason = match &series.series.geometry {
        SeriesGeometry::Pictures(reason) => reason.as_str(),
        _ => "its images do not make a volume",
    };
    Failure::Refused(format!("the series {what}: {}", reason.trim_end_matches('.')))
}
