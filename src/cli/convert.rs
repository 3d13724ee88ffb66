//! `fovea convert PATH -o OUT`: series to NIfTI, NRRD, MetaImage, PNG or derived DICOM; masks between DICOM SEG,
//! RTSTRUCT, NIfTI, NRRD and MetaImage, and to surfaces as STL, OBJ and PLY.
//!
//! Values are those after rescale, placed by the true geometry. Only a sheared stack is resampled, and the command says so;
//! anything that is no volume is refused where the format holds volumes. Files appear whole or not at all.

mod dicom;
mod masks;
mod pictures;
mod surfaces;
mod volumes;

use super::{Failure, complain, open_catalog, shown_on_stderr};
use crate::io::mesh::MeshFormat;
use crate::io::{self, LoadError};
use crate::jobs::{Cancel, Progress};
use crate::loaded::LoadedSeries;
use crate::study::{Catalog, Series, SeriesGeometry, Study};
use std::io::Write;
use std::path::PathBuf;

/// What the command takes.
#[derive(Debug, clap::Args)]
#[command(after_help = "The ending of OUT decides:\n  \
    .nii, .nii.gz  NIfTI; a series of several volumes on one grid (time, b-values) becomes 4D when its UID is named\n  \
    .nrrd, .mha    NRRD, MetaImage\n  \
    .png           one slice, with the first window of the header (--index where there are several)\n  \
    .dcm           masks only: DICOM segmentation, or RT structure set with --as rtstruct\n  \
    .stl .obj .ply masks only: their smoothed surfaces in LPS mm; STL makes one file per segment\n  \
    none           a folder: derived DICOM, one file per slice, or PNG with --as png\n\
    Masks (SEG, RTSTRUCT, label images) take --on IMAGE, and are written on its voxels.")]
pub struct Args {
    /// File, folder, DICOMDIR, or archive.
    pub path: PathBuf,
    /// File or folder to write.
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
    /// The series, where PATH (with --on: IMAGE) holds several; UID#2 for its second volume.
    #[arg(long, value_name = "UID")]
    pub series: Option<String>,
    /// PATH holds masks, which lie on this image.
    #[arg(long, value_name = "IMAGE")]
    pub on: Option<PathBuf>,
    /// What to write, where the ending of OUT does not say it.
    #[arg(long = "as", value_name = "KIND", value_enum)]
    pub kind: Option<Kind>,
    /// The slice for .png, from 0 in ascending position.
    #[arg(long, value_name = "K")]
    pub index: Option<usize>,
}

/// What the ending of the output cannot say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// A folder of derived DICOM files.
    Dicom,
    /// A folder of PNG files, one per slice.
    Png,
    /// A DICOM segmentation.
    Seg,
    /// An RT structure set.
    Rtstruct,
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Nifti,
    Nrrd,
    MetaImage,
    Png,
    PngFolder,
    DicomFolder,
    Segmentation,
    StructureSet,
    Surfaces(MeshFormat),
}

impl Target {
    fn of(args: &Args) -> Result<Self, Failure> {
        let name = args.output.to_string_lossy().to_lowercase();
        let shown = args.output.display();
        let ending = args.output.extension().map(|e| e.to_string_lossy().to_lowercase());
        let target = match (args.kind, ending.as_deref()) {
            (None | Some(Kind::Seg), Some("dcm")) | (Some(Kind::Seg), None) => Self::Segmentation,
            (Some(Kind::Rtstruct), Some("dcm") | None) => Self::StructureSet,
            (None, Some("nii")) => Self::Nifti,
            (None, Some("gz")) if name.ends_with(".nii.gz") => Self::Nifti,
            (None, Some("nrrd")) => Self::Nrrd,
            (None, Some("mha")) => Self::MetaImage,
            (None, Some("stl")) => Self::Surfaces(MeshFormat::Stl),
            (None, Some("obj")) => Self::Surfaces(MeshFormat::Obj),
            (None, Some("ply")) => Self::Surfaces(MeshFormat::Ply),
            (None | Some(Kind::Png), Some("png")) => Self::Png,
            (Some(Kind::Png), _) => Self::PngFolder,
            (None, None) | (Some(Kind::Dicom), _) => Self::DicomFolder,
            _ => {
                let endings =
                    ".nii, .nii.gz, .nrrd, .mha and .png can be written, and .dcm, .stl, .obj and .ply for masks";
                return Err(Failure::Usage(format!("{shown}: only {endings}; choose one of these endings")));
            }
        };
        Ok(target)
    }
}

/// Converts one series or the masks of one file.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let target = Target::of(args)?;
    if args.on.is_some() {
        return masks::convert(args, target, out);
    }
    let catalog = shown_on_stderr(|progress| open_catalog(&args.path, progress))?;
    let chosen = match choose(&catalog, args)? {
        Chosen::Masks => return masks::convert(args, target, out),
        Chosen::Series(keys) => keys,
    };
    match (target, &chosen[..]) {
        (Target::Nifti, keys) => volumes::to_nifti(args, &catalog, keys, out),
        (_, [only]) => {
            let loaded = load(args, &catalog, only)?;
            match target {
                Target::Png | Target::PngFolder => pictures::convert(args, &loaded, out),
                Target::DicomFolder => dicom::convert(args, &catalog, &loaded, out),
                Target::Segmentation | Target::StructureSet => Err(Failure::Usage(format!(
                    "{}: a series becomes a folder of DICOM files; name OUT without ending (masks take --on IMAGE)",
                    args.output.display()
                ))),
                Target::Surfaces(_) => Err(Failure::Usage(format!(
                    "{}: surfaces are made of masks; name a file with masks, and the image of a label image with --on",
                    args.output.display()
                ))),
                _ => volumes::convert(args, &loaded, target, out),
            }
        }
        (_, keys) => Err(Failure::Usage(format!(
            "{} holds {} volumes; name one with --series, for example {}, or write .nii for all",
            args.path.display(),
            keys.len(),
            keys[0]
        ))),
    }
}

fn load(args: &Args, catalog: &Catalog, key: &str) -> Result<LoadedSeries, Failure> {
    let loaded = shown_on_stderr(|progress: &Progress| io::load_series(catalog, key, progress, &Cancel::default()))
        .map_err(|e| match e {
            LoadError::Unknown(_) => Failure::Usage(e.to_string()),
            _ => Failure::Failed(format!("{}: {e}", args.path.display())),
        })?;
    loaded.series.warnings.iter().for_each(|warning| log::warn!("{warning}"));
    Ok(loaded)
}

/// What the command is about.
enum Chosen {
    /// Nothing but masks is there.
    Masks,
    /// One display set, or all volumes of a 4D group in order.
    Series(Vec<String>),
}

/// The named display set or series, or the only one that can be meant.
fn choose(catalog: &Catalog, args: &Args) -> Result<Chosen, Failure> {
    let is_mask = |s: &Series| matches!(s.modality.as_str(), "SEG" | "RTSTRUCT");
    let images: Vec<(&Study, &Series)> = catalog.series().filter(|(_, s)| s.has_pixels() && !is_mask(s)).collect();
    if let Some(named) = &args.series {
        return match catalog.find_series(named).filter(|(_, s)| s.has_pixels()) {
            Some((_, set)) if set.key() == *named => Ok(Chosen::Series(vec![set.key()])),
            Some((_, main)) => Ok(Chosen::Series(with_its_group(main, &images))),
            None => Err(super::series::unknown(&args.path, named, &images)),
        };
    }
    let is_volume = |(_, s): &(&Study, &Series)| matches!(s.geometry, SeriesGeometry::Volume(_));
    let volumes: Vec<(&Study, &Series)> = images.iter().copied().filter(is_volume).collect();
    let candidates = if volumes.is_empty() { &images } else { &volumes };
    match &candidates[..] {
        [(_, only)] => Ok(Chosen::Series(vec![only.key()])),
        [] if catalog.series().any(|(_, s)| is_mask(s)) => Ok(Chosen::Masks),
        [] => Err(Failure::Failed(super::series::nothing_in(catalog, &args.path))),
        [(_, first), rest @ ..] if rest.iter().all(|(_, other)| other.uid == first.uid) => {
            let (_, main) = catalog.find_series(&first.uid).unwrap_or(candidates[0]);
            Ok(Chosen::Series(with_its_group(main, &images)))
        }
        several => Err(super::series::several(&args.path, several)),
    }
}

/// The main display set of a series, or all volumes of the 4D group that it belongs to; says what is left aside.
fn with_its_group(main: &Series, images: &[(&Study, &Series)]) -> Vec<String> {
    let belongs = |s: &Series| s.key() == main.key() || s.shares_group(main);
    let sets: Vec<&Series> = images.iter().map(|(_, s)| *s).filter(|s| s.uid == main.uid).collect();
    let mut chosen: Vec<&Series> = sets.iter().copied().filter(|s| belongs(s)).collect();
    chosen.sort_by_key(|s| s.step().map_or(0, |step| step.index));
    if chosen.len() < sets.len() {
        let used = if chosen.len() > 1 {
            format!("the {} volumes of one group are", chosen.len())
        } else {
            format!("{} is", main.key())
        };
        complain(&format!(
            "the series is {} display sets; {used} used, name another with --series; {}",
            sets.len(),
            super::series::listing(images)
        ));
    }
    chosen.into_iter().map(Series::key).collect()
}

/// Why a series that is no volume is not written.
fn refused(args: &Args, loaded: &LoadedSeries) -> Failure {
    let reason = match &loaded.series.geometry {
        SeriesGeometry::Pictures(reason) => reason.as_str(),
        _ => "its slices make no volume",
    };
    Failure::Refused(format!("{}: no volume was written: {reason}", args.path.display()))
}

/// A folder that may be written into: new, or empty.
fn empty_folder(args: &Args) -> Result<(), Failure> {
    let taken = std::fs::read_dir(&args.output).is_ok_and(|mut entries| entries.next().is_some());
    if taken || args.output.is_file() {
        let shown = args.output.display();
        return Err(Failure::Failed(format!(
            "{shown} is not an empty folder; choose another, so that nothing is mixed up"
        )));
    }
    std::fs::create_dir_all(&args.output)
        .map_err(|e| Failure::Failed(format!("cannot make the folder {}: {e}", args.output.display())))
}
