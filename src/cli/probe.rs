//! `fovea probe PATH --at X,Y,Z …`: values at patient points (LPS mm), nearest and linear, with their unit.

use super::{Failure, numbers, open_series};
use crate::geometry::DVec3;
use crate::loaded::{ImageData, LoadedSeries};
use crate::study::SeriesGeometry;
use crate::volume::{sample_linear, sample_nearest};
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

/// Values of a series at patient points.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// A file or folder.
    pub path: PathBuf,
    /// Point in the patient, LPS mm; may be given several times.
    #[arg(long, value_name = "X,Y,Z", required = true, allow_hyphen_values = true, value_parser = numbers::<3>)]
    pub at: Vec<[f64; 3]>,
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
    let ImageData::Volume(volume) = &series.image else { return Err(refused(&series, "has no points in the patient")) };
    let unit = volume.unit().as_str();
    let samples: Vec<_> = args
        .at
        .iter()
        .map(|&at| (at, sample_nearest(volume, at.into()), sample_linear(volume, DVec3::from_array(at))))
        .collect();
    let text = if args.json {
        let samples: Vec<_> = samples
            .iter()
            .map(|(at, nearest, linear)| json!({"lps_mm": at, "nearest": nearest, "linear": linear, "unit": unit}))
            .collect();
        format!("{:#}\n", json!({ "samples": samples }))
    } else {
        samples.iter().map(|(at, nearest, linear)| sentence(*at, *nearest, *linear, unit)).collect()
    };
    out.write_all(text.as_bytes()).map_err(|error| Failure::Failed(format!("cannot write the result: {error}")))
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
