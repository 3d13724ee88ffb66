//! `fovea render PATH --view drr`: the radiograph that a source and a detector would take of a CT, and what one of its rays
//! crosses.

use super::{Args, Backend, View, output};
use crate::cli::{Failure, numbers, say};
use crate::geometry::{DVec2, DVec3};
use crate::loaded::LoadedSeries;
use crate::render::annotate::{self, Annotations, CornerTexts, Line, ScaleBar, Shown};
use crate::render::drr::{self, CHEST, Crossed, DrrDraw, DrrError, DrrGeometry, Positioner};
use crate::render::gpu::{DrrRenderer, GpuContext, GpuError, GpuVolume, PICTURE_FORMAT};
use crate::render::{PictureDraw, RgbaPicture, cpu};
use crate::volume::{AlgorithmKind, Segmentation, Voi, Volume};
use serde_json::json;
use std::io::Write;
use std::path::Path;

/// Default size of a radiograph.
const SIZE_PX: [u32; 2] = [512, 512];
/// How strongly the shadow of a mask covers what lies behind it.
const SHADOW_OPACITY: f32 = 0.25;

/// Where source and detector stand: only --view drr reads these.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Options {
    /// Positioner primary and secondary angle in degrees (PS3.3 C.8.7.5): where the detector stands. 0,0 before the chest
    /// (PA), 180,0 behind the back (AP), 90,0 at the left.
    #[arg(long, value_name = "PRIMARY,SECONDARY", allow_hyphen_values = true, value_parser = numbers::<2>)]
    pub angles: Option<[f64; 2]>,
    /// Distance from the source to the detector; 1800, or what the volume needs, when left out.
    #[arg(long, value_name = "MM")]
    pub sdd: Option<f64>,
    /// Distance from the source to the isocenter, which is --center or the middle of the volume; 1500 when left out.
    #[arg(long, value_name = "MM")]
    pub sod: Option<f64>,
    /// Rays side by side: nothing is magnified.
    #[arg(long)]
    pub parallel: bool,
    /// Energy of the photons in keV, 10 to 200; 60 when left out.
    #[arg(long, value_name = "KEV")]
    pub kev: Option<f64>,
    /// Print what the ray of this pixel crosses, as JSON.
    #[arg(long, value_name = "X,Y", value_parser = numbers::<2>)]
    pub pick: Option<[f64; 2]>,
}

impl Options {
    /// Refuses options that another view would silently ignore.
    pub(super) fn check(&self, view: Option<View>) -> Result<(), Failure> {
        let given = self.angles.is_some()
            || self.sdd.or(self.sod).or(self.kev).is_some()
            || self.pick.is_some()
            || self.parallel;
        if given && view != Some(View::Drr) {
            return Err(Failure::Usage(
                "--angles, --sdd, --sod, --parallel, --kev and --pick belong to --view drr".into(),
            ));
        }
        Ok(())
    }
}

/// Writes the radiograph; prints what the picked ray crosses.
pub(super) fn write(
    args: &Args,
    format: output::Format,
    series: &LoadedSeries,
    mask: Option<&Segmentation>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let Some(volume) = series.volume() else { return Err(crate::cli::probe::refused(series, "makes no radiograph")) };
    let mut draw = draw(args, volume).map_err(|error| failure(&error))?;
    let values = cpu::drr_values(volume, &draw);
    let asked = args.window.or(args.wl.map(|[width, level]| [level, width]));
    draw.voi = asked.map_or_else(|| draw.window_of(&values), |[center, width]| Voi::linear(center, width));
    draw.inverted = args.invert;
    match format {
        output::Format::Npy => output::write_npy(&args.output, &values, draw.size_px())?,
        output::Format::Png => write_png(&args.output, args, series, volume, &draw, mask)?,
        output::Format::Dicom => {
            return Err(Failure::Usage("a computed radiograph is written as .png or .npy, not as .dcm".into()));
        }
    }
    match args.drr.pick {
        Some(px) => pick(px, volume, &draw.geometry, mask, out),
        None => Ok(()),
    }
}

/// Source, detector and energy from the arguments.
fn draw(args: &Args, volume: &Volume) -> Result<DrrDraw, DrrError> {
    let size_px = args.size.unwrap_or(SIZE_PX);
    let options = &args.drr;
    let usual = Positioner::chest(volume.geometry(), options.angles.unwrap_or([0.0, 0.0]));
    let positioner = Positioner {
        isocenter_lps: args.center.or(args.at).map_or(usual.isocenter_lps, DVec3::from_array),
        source_detector_mm: options.sdd.unwrap_or(usual.source_detector_mm),
        source_isocenter_mm: options.sod.unwrap_or(usual.source_isocenter_mm),
        parallel: options.parallel,
        ..usual
    };
    let geometry = match args.pixel_mm {
        Some(pixel_mm) => positioner.geometry(pixel_mm, size_px)?,
        None => positioner.fit(volume.geometry(), size_px)?,
    };
    DrrDraw::new(volume, geometry, options.kev.unwrap_or(CHEST.2))
}

/// Values that are no Hounsfield units are refused; everything else was asked for in a way that does not work.
fn failure(error: &DrrError) -> Failure {
    match error {
        DrrError::NotHounsfield(_) => Failure::Refused(error.to_string()),
        _ => Failure::Usage(error.to_string()),
    }
}

fn write_png(
    path: &Path,
    args: &Args,
    series: &LoadedSeries,
    volume: &Volume,
    draw: &DrrDraw,
    mask: Option<&Segmentation>,
) -> Result<(), Failure> {
    let mut picture = render(args.backend, volume, draw)?;
    if let Some(mask) = mask {
        let shadows = drr::shadows(&draw.geometry, &mask.labelmap, |number| mask.segment(number).is_some());
        let color = |number| mask.segment(number).map(|segment| segment.color_rgb);
        cpu::lay_shadows(&mut picture, &shadows, SHADOW_OPACITY, color);
    }
    if !args.no_annotations {
        annotate(&mut picture, args, series, draw, mask);
    }
    output::write_png(path, &picture)
}

fn render(backend: Option<Backend>, volume: &Volume, draw: &DrrDraw) -> Result<RgbaPicture, Failure> {
    let on_gpu = |gpu: &GpuContext| -> Result<RgbaPicture, GpuError> {
        DrrRenderer::new(gpu, PICTURE_FORMAT)?.picture(&GpuVolume::upload(gpu, volume)?, draw)
    };
    match backend {
        Some(Backend::Gpu) => GpuContext::headless().and_then(|gpu| on_gpu(&gpu)).map_err(Failure::failed),
        // The values are computed on the CPU anyway, for the window.
        Some(Backend::Cpu) | None => Ok(cpu::drr_picture(volume, draw)),
    }
}

fn annotate(
    picture: &mut RgbaPicture,
    args: &Args,
    series: &LoadedSeries,
    draw: &DrrDraw,
    mask: Option<&Segmentation>,
) {
    let plane = &draw.geometry.detector;
    let mut corners = CornerTexts::new(series, Shown::Projection { plane }, draw.voi, true);
    // The first line says what the projection is.
    corners.left_lower.splice(..1, words(args, draw).into_iter().map(Line::plain));
    if mask.is_some_and(|mask| mask.segments.iter().any(|s| s.algorithm == AlgorithmKind::Automatic)) {
        corners = corners.with_ai_mark("mask not reviewed");
    }
    let size = plane.size_px.map(|n| n as usize);
    let on_screen = PictureDraw::fit(size, 1.0, plane.size_px, draw.voi, draw.inverted);
    let scale = ScaleBar::on_screen(draw.geometry.calibration(), &on_screen).map(|bar| ScaleBar {
        source: format!("at the isocenter, magnification {:.2} removed", draw.geometry.magnification),
        ..bar
    });
    let letters = plane.edge_letters();
    annotate::annotate(picture, &Annotations { corners, letters, scale, boxes: Vec::new() });
}

/// "computed from CT, not a radiograph", the view, the angles, the distances and the energy.
fn words(args: &Args, draw: &DrrDraw) -> Vec<String> {
    let [primary, secondary] = args.drr.angles.unwrap_or([0.0, 0.0]);
    let view = match draw.geometry.view_position() {
        "" => String::new(),
        name => format!("{name}, "),
    };
    let distances = match draw.geometry.distances_mm() {
        Some([sdd, sod]) => format!("source to detector {sdd:.0} mm, to isocenter {sod:.0} mm"),
        None => "parallel rays".to_owned(),
    };
    vec![
        "computed from CT, no radiograph".into(),
        format!("{view}angles {primary}° {secondary}°, {} keV", draw.energy_kev()),
        distances,
    ]
}

/// `{pixel, crossings: [{what, label, entry_lps_mm, exit_lps_mm, length_mm, mean_hu}]}`.
fn pick(
    [x, y]: [f64; 2],
    volume: &Volume,
    geometry: &DrrGeometry,
    mask: Option<&Segmentation>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let [width, height] = geometry.detector.size_px.map(f64::from);
    if !((-0.5..width - 0.5).contains(&x) && (-0.5..height - 0.5).contains(&y)) {
        return Err(Failure::Usage(format!("--pick {x},{y} lies outside of the picture of {width} × {height} pixels")));
    }
    let ray = geometry.ray(DVec2::new(x, y), volume.geometry());
    let crossings: Vec<_> = drr::crossed(volume, mask.map(|mask| &mask.labelmap), &ray)
        .iter()
        .map(|crossing| {
            let (what, label) = match crossing.what {
                Crossed::Air => ("air", None),
                Crossed::Soft => ("soft tissue", None),
                Crossed::Bone => ("bone", None),
                Crossed::Label(number) => ("segment", mask.and_then(|mask| mask.segment(number)).map(|s| &s.label)),
            };
            json!({
                "what": what,
                "label": label,
                "entry_lps_mm": crossing.entry_lps.to_array(),
                "exit_lps_mm": crossing.exit_lps.to_array(),
                "length_mm": crossing.length_mm,
                "mean_hu": crossing.mean_hu,
            })
        })
        .collect();
    if crossings.is_empty() {
        say("the ray of that pixel misses the volume");
    }
    Ok(writeln!(out, "{:#}", json!({ "pixel": [x, y], "crossings": crossings }))?)
}
