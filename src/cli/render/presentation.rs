//! `fovea render PATH --presentation FILE`: an image as a presentation state wants it.

use super::view::Scene;
use super::{Args, View};
use crate::cli::{Failure, say};
use crate::io::dicom::DicomFile;
use crate::io::presentation::{self, PresentationState};
use crate::loaded::LoadedSeries;
use crate::reading::{presented, presented_images};
use crate::render::annotate::Mark;
use crate::render::{cpu, first_window};
use crate::study::Warnings;
use std::path::Path;

/// The image that the state is for: `--index`, else the first that it names.
pub(super) fn scene(args: &Args, file: &Path, series: &LoadedSeries) -> Result<(Scene, Vec<Mark>), Failure> {
    if args.view.is_some_and(|view| view != View::Image) {
        return Err(Failure::Usage("a presentation state is for images: use --view image or leave it out".into()));
    }
    let state = read(file)?;
    let images = presented_images(&state, series);
    let k = args.index.or(images.first().copied()).ok_or_else(|| {
        Failure::Refused(format!("{}: the presentation state is for no image of this series", file.display()))
    })?;
    let picture = cpu::image_picture(series, k)
        .ok_or_else(|| Failure::Usage(format!("--index {k} is beyond the images of the series")))?;
    let (voi, _) = first_window(series, k);
    let shown = presented(&state, series, k, &picture, args.size, voi)
        .map_err(|problem| Failure::Refused(format!("{}: {problem}", file.display())))?;
    let scene = Scene::Image { picture: shown.picture, draw: shown.draw, k, count: series.slices.len() };
    Ok((scene, shown.marks))
}

fn read(file: &Path) -> Result<PresentationState, Failure> {
    let about = |problem: &dyn std::fmt::Display| Failure::Failed(format!("{}: {problem}", file.display()));
    let object = DicomFile::header(file).map_err(|e| about(&e))?;
    let mut warnings = Warnings::default();
    let state = presentation::read(&object.data, &mut warnings);
    if state.images.is_empty() {
        return Err(about(&"it names no images; name a DICOM presentation state"));
    }
    warnings.iter().for_each(say);
    Ok(state)
}
