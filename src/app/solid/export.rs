//! What views of volumes write: rotations and loops as numbered pictures, surfaces of segments as meshes. All of it runs in
//! jobs, with the CPU twins, so that the files are the same on every machine.

use super::super::App;
use super::super::results::Done;
use crate::context::{
    ExportKind, MaskUse, NoticeLevel, SolidSource, ViewKind, ViewState, Viewport, ViewportId, radiograph_words,
};
use crate::io::mesh::{self, MeshFormat, SegmentSurface};
use crate::jobs::{Cancel, Progress};
use crate::loaded::LoadedSeries;
use crate::reading::write_frames;
use crate::render::annotate::{self, Annotations, CornerTexts, Line, ScaleBar, Shown};
use crate::render::{MipDraw, PictureDraw, RgbaPicture, cpu, drr};
use crate::volume::surface::surface;
use crate::volume::{AlgorithmKind, Mesh, Segment, Segmentation};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Edge of exported pictures, unless they are to be as large as the viewport.
const EDGE_PX: u32 = 512;
/// How strongly the shadow of a mask covers what lies behind it.
const SHADOW_OPACITY: f32 = 0.25;

/// A view that turns, with all that it shows; later changes of the window do not reach it.
struct Turntable {
    viewport: Viewport,
    loaded: LoadedSeries,
    source: Option<Arc<SolidSource>>,
    /// Masks in the space of the series, and how they are shown.
    masks: Option<(Segmentation, ViewState)>,
    size_px: [u32; 2],
    frames: usize,
}

impl App {
    /// Writes what one viewport shows in motion, or surfaces.
    pub(in crate::app) fn export_view(&mut self, kind: ExportKind, folder: PathBuf) {
        let result = match kind {
            ExportKind::Rotation => self.export_rotation(folder),
            ExportKind::Loop => self.export_loop(folder),
            ExportKind::Surfaces(format) => self.export_surfaces(format, folder),
            _ => Ok(()),
        };
        if let Err(text) = result {
            self.notify(NoticeLevel::Warning, text);
        }
    }

    fn export_rotation(&mut self, folder: PathBuf) -> Result<(), String> {
        let table = self.turntable()?;
        let stem = format!("{}_rotation", table.viewport.solid_stem());
        self.pool.spawn("Exporting a rotation", move |progress, cancel| {
            Done::Exported(write(&folder, &stem, table.frames, |n| table.picture(n), progress, cancel))
        });
        Ok(())
    }

    /// The active view of a whole volume, else the first one on screen.
    fn turntable(&self) -> Result<Turntable, String> {
        let turns = |viewport: &&Viewport| viewport.kind.is_solid() && viewport.kind != ViewKind::Surface;
        let id = self.view.active_viewport().filter(turns).or_else(|| self.view.on_screen().find(turns));
        let (viewport, series, _) = id
            .and_then(|viewport| self.looked_at(viewport.id))
            .ok_or("There is no 3D view on screen: choose one in a viewport's menu, under View.")?;
        let plan = self.solids.shown.rotation;
        let shown = viewport.solid.size_px;
        let size_px = if plan.at_view_size && shown[0] > 0 { shown } else { [EDGE_PX; 2] };
        Ok(Turntable {
            viewport: viewport.clone(),
            loaded: series.loaded.clone(),
            source: self.solids.shown.sources.get(&series.generation).cloned(),
            masks: self.masks_of(series).map(|masks| (masks.clone(), self.view.clone())),
            size_px,
            frames: usize::from(plan.frames.max(1)),
        })
    }

    fn export_loop(&mut self, folder: PathBuf) -> Result<(), String> {
        let several = |id: ViewportId| {
            let (viewport, series, _) = self.looked_at(id)?;
            (series.loaded.pictures().len() > 1).then(|| (viewport.clone(), series.loaded.clone()))
        };
        let (viewport, loaded) = several(self.view.active)
            .or_else(|| self.view.on_screen().find_map(|viewport| several(viewport.id)))
            .ok_or("There is no loop on screen: show a series of several frames first.")?;
        let count = loaded.pictures().len();
        self.pool.spawn("Exporting the loop", move |progress, cancel| {
            let picture = |k: usize| loop_picture(&viewport, &loaded, k);
            Done::Exported(write(&folder, "loop", count, picture, progress, cancel))
        });
        Ok(())
    }

    fn export_surfaces(&mut self, format: MeshFormat, folder: PathBuf) -> Result<(), String> {
        let masks = self.case.as_ref().and_then(|case| case.segmentation()).cloned();
        let masks = masks.ok_or("There are no masks, and so no surfaces: segment something first.")?;
        let shown: Vec<u8> = self.view.shown_segments(&masks).map(|segment| segment.number).collect();
        if shown.is_empty() {
            return Err("No segment is visible: show those whose surfaces are wanted.".into());
        }
        self.pool.spawn("Exporting surfaces", move |progress, cancel| {
            Done::Exported(write_surfaces(&folder, format, &masks, &shown, progress, cancel))
        });
        Ok(())
    }
}

fn write(
    folder: &Path,
    stem: &str,
    count: usize,
    picture: impl Fn(usize) -> Result<RgbaPicture, String>,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<String, String> {
    let written =
        write_frames(folder, stem, count, picture, progress, cancel).map_err(|problem| problem.to_string())?;
    Ok(format!("Saved {written} pictures to {}: {stem}_0001.png and so on.", folder.display()))
}

impl Turntable {
    fn picture(&self, n: usize) -> Result<RgbaPicture, String> {
        let mut viewport = self.viewport.clone();
        let degrees = 360.0 * n as f64 / self.frames as f64;
        viewport.turn_deg[0] = (viewport.turn_deg[0] + degrees).rem_euclid(360.0);
        viewport.solid.stand = viewport.solid.stand.turned([degrees, 0.0]);
        let volume = self.loaded.volume().ok_or("the series makes no volume")?;
        let plane = viewport.camera(volume.geometry(), self.size_px);
        let missing = "the view is not ready yet; try again in a moment";
        match viewport.kind {
            ViewKind::Volume => {
                let source = self.source.as_ref().ok_or(missing)?;
                let how = viewport.solid.masks;
                let style = self.masks.as_ref().and_then(|(masks, view)| view.mask_style(masks, how));
                let labels = self.masks.as_ref().filter(|_| style.is_some()).map(|(masks, _)| &masks.labelmap);
                let draw = viewport.raycast(volume.geometry(), source, style, self.size_px);
                let mut picture = cpu::raycast_picture_with(volume, &source.blocks, labels, &draw);
                let mut words = viewport.volume_words(source);
                words.push(viewport.turn_words());
                self.annotate(&mut picture, &plane, words, how != MaskUse::Ignore, 1.0);
                Ok(picture)
            }
            ViewKind::Drr => self.radiograph(&viewport),
            _ => {
                let draw = MipDraw::whole(volume.geometry(), plane, viewport.voi);
                let draw = MipDraw { inverted: viewport.inverted, color_map: viewport.color_map, ..draw };
                let mut picture = cpu::fused_mip_picture(volume, None, &draw, None);
                let words = vec!["maximum intensity projection".into(), viewport.turn_words()];
                self.annotate(&mut picture, &plane, words, false, 1.0);
                Ok(picture)
            }
        }
    }

    fn radiograph(&self, viewport: &Viewport) -> Result<RgbaPicture, String> {
        let volume = self.loaded.volume().ok_or("the series makes no volume")?;
        let draw =
            viewport.radiograph(volume, self.source.as_deref(), self.size_px).map_err(|problem| problem.to_string())?;
        let mut picture = cpu::drr_picture(volume, &draw);
        let shown: Vec<&Segment> = self.shown_segments();
        if let Some((masks, _)) = self.masks.as_ref().filter(|_| !shown.is_empty()) {
            let color = |number: u8| shown.iter().find(|s| s.number == number).map(|s| s.color_rgb);
            let shadows = drr::shadows(&draw.geometry, &masks.labelmap, |number| color(number).is_some());
            cpu::lay_shadows(&mut picture, &shadows, SHADOW_OPACITY, color);
        }
        let mut words = vec![crate::context::NOT_ACQUIRED.to_owned()];
        words.extend(radiograph_words(&draw, &viewport.solid.stand));
        self.annotate(&mut picture, &draw.geometry.detector, words, true, draw.geometry.magnification);
        Ok(picture)
    }

    fn shown_segments(&self) -> Vec<&Segment> {
        self.masks.iter().flat_map(|(masks, view)| view.shown_segments(masks)).collect()
    }

    /// Identity, sides, scale, "Not for clinical use", and what the view is.
    fn annotate(
        &self,
        picture: &mut RgbaPicture,
        plane: &crate::geometry::SlicePlane,
        words: Vec<String>,
        with_masks: bool,
        magnification: f64,
    ) {
        let mut corners = CornerTexts::new(&self.loaded, Shown::Projection { plane }, self.viewport.voi, true);
        corners.left_lower = words.into_iter().map(Line::plain).collect();
        let of_machine = self.shown_segments().iter().any(|s| s.algorithm != AlgorithmKind::Manual);
        if with_masks && of_machine {
            corners = corners.with_ai_mark("mask not reviewed");
        }
        let letters = plane.edge_letters();
        let scale = ScaleBar::in_patient(plane.pixel_mm / magnification, plane.size_px[0]);
        annotate::annotate(picture, &Annotations { corners, letters, scale, boxes: Vec::new() });
    }
}

/// A frame of a loop as the viewport shows it, whole.
fn loop_picture(viewport: &Viewport, loaded: &LoadedSeries, k: usize) -> Result<RgbaPicture, String> {
    let picture = loaded.pictures().get(k).ok_or("the series has fewer frames")?;
    let aspect = picture.spacing_mm().map_or(1.0, |[row_mm, column_mm]| row_mm / column_mm);
    let inverted = viewport.inverted != picture.inverted;
    let mut draw = PictureDraw::fit([picture.width, picture.height], aspect, [EDGE_PX; 2], viewport.voi, inverted);
    draw.color_map = viewport.color_map;
    let mut rendered = cpu::picture_rgba(picture, &draw);
    let annotations = Annotations {
        corners: CornerTexts::new(loaded, Shown::Image { k, count: loaded.pictures().len() }, viewport.voi, true),
        letters: annotate::picture_letters(picture),
        scale: ScaleBar::of_picture(picture.calibration, draw.u_px.x, EDGE_PX),
        boxes: Vec::new(),
    };
    annotate::annotate(&mut rendered, &annotations);
    Ok(rendered)
}

fn write_surfaces(
    folder: &Path,
    format: MeshFormat,
    masks: &Segmentation,
    shown: &[u8],
    progress: &Progress,
    cancel: &Cancel,
) -> Result<String, String> {
    let counts = masks.labelmap.histogram();
    let wanted: Vec<&Segment> =
        masks.segments.iter().filter(|s| shown.contains(&s.number) && counts[usize::from(s.number)] > 0).collect();
    let mut made: Vec<(&Segment, Mesh)> = Vec::new();
    for (n, segment) in wanted.iter().enumerate() {
        progress.set(format!("Surface of {}", segment.label), Some(n as f32 / wanted.len() as f32));
        if cancel.is_cancelled() {
            return Err("The export of surfaces was cancelled; nothing was written.".into());
        }
        made.push((segment, surface(&masks.labelmap, segment.number).map_err(|problem| problem.to_string())?));
    }
    std::fs::create_dir_all(folder).map_err(|problem| {
        format!("Cannot write into {} ({problem}): choose another folder or correct its rights.", folder.display())
    })?;
    let surfaces: Vec<SegmentSurface<'_>> = made
        .iter()
        .map(|(segment, mesh)| SegmentSurface { name: &segment.label, color_rgb: segment.color_rgb, mesh })
        .collect();
    let ending = match format {
        MeshFormat::Stl => "stl",
        MeshFormat::Obj => "obj",
        MeshFormat::Ply => "ply",
    };
    let path = folder.join(format!("surfaces.{ending}"));
    let files = mesh::write(&path, format, &surfaces).map_err(|problem| problem.to_string())?;
    let word = if files.len() == 1 { "file" } else { "files" };
    Ok(format!("Saved {} {word} to {}, each read back and compared.", files.len(), folder.display()))
}
