//! Layouts and tiles on paper: what the viewports left as notes becomes a PDF in a job.

use super::App;
use super::pictures::write_new;
use super::results::Done;
use super::work;
use crate::context::{Cell, NoticeLevel, PrintWish, PrintedWhat, Shot, ViewportId};
use crate::geometry::DVec3;
use crate::reading::print::{Printed, Sheets, Slices, View, printed};
use egui::Rect;
use std::path::PathBuf;

/// Most slices that are printed at once.
const MOST_SLICES: usize = 2000;

impl App {
    /// Prints what the viewports have left as notes.
    pub(super) fn print(&mut self, wish: PrintWish, folder: Option<PathBuf>, shots: Vec<Shot>) {
        let what = match wish.what {
            PrintedWhat::Layout => self.hung_views(shots),
            PrintedWhat::Tiles { like, rows, columns, every } => self.tiles_like(like, [rows, columns], every, shots),
        };
        let what = match what {
            Ok(what) => what,
            Err(why) => return self.notify(NoticeLevel::Warning, why),
        };
        let name = if matches!(what, Printed::Tiles { .. }) { "fovea tiles" } else { "fovea layout" };
        let sheets = Sheets { printed: what, paper: wish.paper, identity: wish.identity, generated: work::now() };
        let dialog = folder.is_none().then(|| work::dialog(true, self.last_folder.as_deref()));
        self.pool.spawn("Printing", move |progress, cancel| {
            let folder = match dialog {
                Some(dialog) => work::picked(dialog).map(|paths| paths.into_iter().next()),
                None => Ok(folder),
            };
            let folder = match folder {
                Ok(Some(folder)) => folder,
                Ok(None) => return Done::Picked(Ok(Vec::new())),
                Err(problem) => return Done::Exported(Err(problem)),
            };
            let bytes = printed(&sheets, progress, cancel).map_err(|problem| format!("{problem}."));
            let file = bytes.and_then(|bytes| write_new(&folder, name, "pdf", &bytes));
            Done::Exported(file.map(|file| format!("Printed to {}, read back and compared.", file.display())))
        });
    }

    /// The viewports of the main window where they hang.
    fn hung_views(&self, mut shots: Vec<Shot>) -> Result<Printed, String> {
        let shown = |cell: &&Cell| self.view.maximized.is_none_or(|only| only == cell.viewport.id);
        let cells = self.view.layout.cells.iter().filter(shown).filter(|cell| cell.viewport.series.is_some());
        let places: Vec<(ViewportId, Rect)> =
            cells.filter_map(|cell| Some((cell.viewport.id, self.ui_state.place_of(cell.viewport.id)?))).collect();
        let whole = places.iter().fold(Rect::NOTHING, |whole, (_, rect)| whole.union(*rect));
        if places.is_empty() || !whole.is_positive() {
            return Err("There is nothing to print: open a series first.".into());
        }
        let share = |rect: Rect| {
            let corner = (rect.min - whole.min) / whole.size();
            let size = rect.size() / whole.size();
            [corner.x, corner.y, size.x, size.y]
        };
        let views = places.into_iter().map(|(id, rect)| {
            let at = shots.iter().position(|shot| shot.viewport == id);
            let view = at.map(|at| Box::new(shots.swap_remove(at).view));
            (share(rect), view.ok_or_else(|| "this view is printed only as a picture of the screen".to_owned()))
        });
        Ok(Printed::Layout { aspect: whole.aspect_ratio(), views: views.collect() })
    }

    fn tiles_like(&self, id: ViewportId, grid: [u8; 2], every: usize, shots: Vec<Shot>) -> Result<Printed, String> {
        let like = shots.into_iter().find(|shot| shot.viewport == id).map(|shot| shot.view);
        let like = like.ok_or("The active viewport shows no slices: choose a plane or an image.")?;
        let slices = self.slices_of(id, &like, every.max(1)).ok_or("The active viewport shows no slices.")?;
        Ok(Printed::Tiles { like: Box::new(like), slices, grid })
    }

    /// Every so many slices of what a viewport shows, in reading order.
    fn slices_of(&self, id: ViewportId, like: &View, every: usize) -> Option<Slices> {
        let (viewport, series, sight) = self.looked_at(id)?;
        let loaded = &like.series;
        let Some(geometry) = loaded.geometry() else {
            let all = (0..loaded.pictures().len()).step_by(every).take(MOST_SLICES);
            return Some(Slices::Pictures(all.map(|k| (k, loaded.cite(k))).collect()));
        };
        let axes = viewport.axes(geometry, sight)?;
        let (_, count) = axes.slice_of(geometry, sight.crosshair_lps);
        let words = |n: usize, lps: DVec3| {
            if axes.is_acquired() {
                loaded.cite(axes.index_of(geometry, lps))
            } else {
                format!("{} {} of {count}", series.loaded.series.modality, n + 1)
            }
        };
        let points = (0..count).step_by(every).take(MOST_SLICES).map(|n| {
            let lps = axes.moved_to(geometry, sight.crosshair_lps, n);
            (lps, words(n, lps))
        });
        Some(Slices::Planes(points.collect()))
    }
}
