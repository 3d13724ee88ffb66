//! `fovea render PATH -o OUT`: one picture (PNG), the values of one plane (`.npy`) or a derived image of it (`.dcm`) of a
//! series; a page of an encapsulated PDF.

pub mod drr;
mod fuse;
mod object;
pub(super) mod output;
mod page;
mod paint;
mod presentation;
mod view;
pub mod volume;

use super::{Failure, numbers, open_series};
use crate::render::annotate::draw_marks;
use crate::render::{ColorMap, Interpolation, SlabMode};
use std::io::Write;
use std::path::PathBuf;

/// One picture of a series.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// A file or folder.
    pub path: PathBuf,
    /// Where to write: `.npy` for values (float32, before the window), `.dcm` for a derived DICOM image of a plane, anything else
    /// or nothing for PNG.
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
    /// Which series, where PATH holds several.
    #[arg(long, value_name = "UID")]
    pub series: Option<String>,
    /// What to show; axial for volumes and image for pictures when left out.
    #[arg(long, value_enum)]
    pub view: Option<View>,
    /// Image or slice by position, from 0; the middle one when left out.
    #[arg(long, value_name = "K", conflicts_with = "at")]
    pub index: Option<usize>,
    /// Point that the plane passes through, LPS mm.
    #[arg(long, value_name = "X,Y,Z", allow_hyphen_values = true, value_parser = numbers::<3>)]
    pub at: Option<[f64; 3]>,
    /// Middle of an oblique plane, LPS mm.
    #[arg(long, value_name = "X,Y,Z", allow_hyphen_values = true, value_parser = numbers::<3>)]
    pub center: Option<[f64; 3]>,
    /// Unit vectors toward screen-right and screen-down of an oblique plane, LPS.
    #[arg(long, value_name = "UX,UY,UZ,VX,VY,VZ", allow_hyphen_values = true, value_parser = numbers::<6>)]
    pub axes: Option<[f64; 6]>,
    /// Edge of a pixel in mm; the plane fits the volume when left out.
    #[arg(long, value_name = "S")]
    pub pixel_mm: Option<f64>,
    /// Window center and width (PS3.3 C.11.2.1.2, LINEAR).
    #[arg(long, value_name = "C,W", allow_hyphen_values = true, value_parser = numbers::<2>, conflicts_with = "wl")]
    pub window: Option<[f64; 2]>,
    /// Window width and level, as people say it.
    #[arg(long, value_name = "W,L", allow_hyphen_values = true, value_parser = numbers::<2>)]
    pub wl: Option<[f64; 2]>,
    /// Low values bright.
    #[arg(long)]
    pub invert: bool,
    /// Picture size in pixels.
    #[arg(long, value_name = "WxH", value_parser = size)]
    pub size: Option<[u32; 2]>,
    /// Thickness of a slab around the plane.
    #[arg(long, value_name = "MM")]
    pub slab: Option<f64>,
    /// What is shown of the slab; the highest value when left out.
    #[arg(long, value_name = "MODE", value_parser = slab_mode, requires = "slab")]
    pub slab_mode: Option<SlabMode>,
    /// Between voxels: nearest, linear or cubic; linear when left out.
    #[arg(long, value_name = "HOW", value_parser = interpolation)]
    pub interpolation: Option<Interpolation>,
    /// Colors of the gray levels: gray, inverted-gray, hot-iron, pet, hot-metal-blue, pet-20-step, turbo, viridis, cividis.
    #[arg(long, value_name = "NAME", value_parser = color_map)]
    pub color_map: Option<ColorMap>,
    /// A second series on the same plane, in the same frame of reference: a file, a folder, or the UID of a series of PATH.
    #[arg(long, value_name = "PATH|UID")]
    pub fuse: Option<String>,
    /// Opacity of the second series, 0–1; 0.5 when left out.
    #[arg(long, value_name = "SHARE", value_parser = share, requires = "fuse")]
    pub fuse_opacity: Option<f32>,
    /// Colors of the second series; hot-iron for PET and gray for others when left out.
    #[arg(long, value_name = "NAME", value_parser = color_map, requires = "fuse")]
    pub fuse_map: Option<ColorMap>,
    /// Window center and width of the second series; SUV 0–10 for PET when left out.
    #[arg(long, value_name = "C,W", allow_hyphen_values = true, value_parser = numbers::<2>, requires = "fuse")]
    pub fuse_window: Option<[f64; 2]>,
    /// How both share the picture.
    #[arg(long, value_enum, default_value_t = FuseMode::Blend, requires = "fuse")]
    pub fuse_mode: FuseMode,
    /// Mask to lay over the picture: DICOM SEG or label image.
    #[arg(long, value_name = "SEG")]
    pub overlay: Option<PathBuf>,
    /// A presentation state (GSPS): its window, turn, displayed area, shutter and annotations are applied to --view image.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["window", "wl", "invert", "overlay"])]
    pub presentation: Option<PathBuf>,
    /// What computes the pixels; a graphics card where there is one, when left out.
    #[arg(long, value_enum)]
    pub backend: Option<Backend>,
    /// Leave out all words and marks.
    #[arg(long)]
    pub no_annotations: bool,
    /// Source and detector of --view drr.
    #[command(flatten)]
    pub drr: drr::Options,
    /// Look, cuts and masks of --view volume.
    #[command(flatten)]
    pub volume: volume::VolumeArgs,
}

/// Views of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum View {
    /// From the feet.
    Axial,
    /// From the front.
    Coronal,
    /// From the left.
    Sagittal,
    /// Any plane: --center, --axes, --pixel-mm.
    Oblique,
    /// Maximum intensity projection, from the front or along --axes.
    Mip,
    /// An image as it was stored.
    Image,
    /// Volume rendering: --preset, --turn, --clip, --crop, --mask.
    Volume,
    /// The radiograph that --angles, --sdd, --sod and --kev would take of a CT.
    Drr,
}

/// How two series share a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum FuseMode {
    /// The second over the first.
    Blend,
    /// In squares of 32 pixels.
    Checkerboard,
    /// The first on the left, the second on the right half.
    Swipe,
}

/// What computes pixels; both agree to one gray level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Backend {
    /// Through the window's own shaders.
    Gpu,
    /// Without a graphics driver.
    Cpu,
}

/// Runs the command. On failure nothing is left at the output path that was not there before.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let format = output::Format::of(&args.output)?;
    view::check(args)?;
    args.drr.check(args.view)?;
    args.volume.check(args.view)?;
    if let Some(document) = page::document(args) {
        return page::write(args, &document);
    }
    let series = open_series(&args.path, args.series.as_deref())?;
    if args.view == Some(View::Drr) {
        let overlay = paint::overlay(args, &series)?;
        return drr::write(args, format, &series, overlay.segmentation(), out);
    }
    if args.view == Some(View::Volume) {
        return volume::write(args, &series);
    }
    let (scene, marks) = match &args.presentation {
        Some(file) => presentation::scene(args, file, &series)?,
        None => (view::scene(args, &series)?, Vec::new()),
    };
    let second = fuse::second(args, &series)?;
    let scene = view::with_second(args, &series, scene, second.as_ref())?;
    if args.overlay.is_some() && matches!(scene, view::Scene::Projection(_)) {
        return Err(Failure::Usage(
            "--overlay is drawn on planes, slabs and images: use --view axial, … or image".into(),
        ));
    }
    match format {
        output::Format::Npy => {
            let (values, [width, height]) = paint::values(&series, &scene)?;
            output::write_npy(&args.output, &values, [width, height])
        }
        output::Format::Dicom => object::write(args, &series, &scene),
        output::Format::Png => {
            let overlay = paint::overlay(args, &series)?;
            let layers = paint::Layers { series: &series, second: second.as_ref(), mask: overlay.segmentation() };
            let mut picture = paint::picture(args.backend, &layers, &scene)?;
            if !args.no_annotations || args.presentation.is_some() {
                paint::cover(&mut picture, &scene);
            }
            paint::lay_over_image(&mut picture, &series, &scene, &overlay)?;
            draw_marks(&mut picture, &marks);
            if !args.no_annotations {
                paint::annotate(&mut picture, &layers, &scene);
            }
            output::write_png(&args.output, &picture)
        }
    }
}

fn slab_mode(text: &str) -> Result<SlabMode, String> {
    Ok(match text {
        "max" => SlabMode::Maximum,
        "min" => SlabMode::Minimum,
        "mean" => SlabMode::Mean,
        "sum" => SlabMode::Sum,
        _ => return Err("use max, min, mean or sum".into()),
    })
}

fn interpolation(text: &str) -> Result<Interpolation, String> {
    Ok(match text {
        "nearest" => Interpolation::Nearest,
        "linear" => Interpolation::Linear,
        "cubic" => Interpolation::Cubic,
        _ => return Err("use nearest, linear or cubic".into()),
    })
}

fn color_map(text: &str) -> Result<ColorMap, String> {
    let names = ColorMap::ALL.map(ColorMap::name).join(", ");
    ColorMap::named(text).ok_or_else(|| format!("there is no color map of that name; use one of {names}"))
}

fn share(text: &str) -> Result<f32, String> {
    let share = text.parse::<f32>().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "use a number from 0 to 1".into())
}

/// "512x512", each side from 1 to 16384, at most 64 million pixels.
fn size(text: &str) -> Result<[u32; 2], String> {
    let parse = |side: &str| side.trim().parse::<u32>().ok().filter(|n| (1..=16_384).contains(n));
    let sides = text.split_once(['x', 'X', '×']).and_then(|(w, h)| Some([parse(w)?, parse(h)?]));
    sides.filter(|[w, h]| u64::from(*w) * u64::from(*h) <= 64_000_000).ok_or_else(|| {
        format!("\"{text}\" is not WIDTHxHEIGHT with sides from 1 to 16384 and at most 64 million pixels")
    })
}
