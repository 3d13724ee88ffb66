//! Commands that change how things are shown, and nothing else.

use super::App;
use crate::context::{BrushTip, Command, Framing, PRESETS, Pane, PlaneAxes, UiCommand};
use crate::findings::{Evidence, Finding, FindingId};
use crate::geometry::{DVec2, DVec3, SlicePlane};
use crate::report::SentenceId;
use crate::volume::Voi;

/// Least and greatest magnification against fitting.
const ZOOM: std::ops::RangeInclusive<f64> = 0.1..=64.0;

impl App {
    pub(super) fn apply_to_view(&mut self, command: Command) {
        let view = &mut self.view;
        match command {
            Command::Activate(pane) => view.active = pane,
            Command::ToggleMaximized(pane) => {
                view.maximized = if view.maximized.is_some() { None } else { Some(pane) };
                view.active = pane;
            }
            Command::Scroll { pane, by } => self.scroll(pane, by),
            Command::ScrollTo { pane, slice } => self.scroll_to(pane, slice),
            Command::Crosshair(lps) => self.move_crosshair(lps),
            Command::Point(lps) => {
                self.move_crosshair(lps);
                self.light_sentences_at(lps);
            }
            Command::Zoom { pane, factor, around } => self.zoom(pane, factor, around),
            Command::Pan { pane, by } => view.framing.entry(pane).or_default().pan += by,
            Command::SetZoom { pane, zoom } => view.framing.entry(pane).or_default().zoom = zoom,
            Command::SetVoi(voi) => view.voi = voi,
            Command::SetMipVoi(voi) => view.mip_voi = voi,
            Command::TurnMip([yaw, pitch]) => {
                let [old_yaw, old_pitch] = view.mip_turn_deg;
                view.mip_turn_deg = [(old_yaw + yaw).rem_euclid(360.0), (old_pitch + pitch).clamp(-89.0, 89.0)];
            }
            Command::PaneShown(pane, plane) => self.pane_shown(pane, plane),
            Command::PictureShown(index) => {
                view.seen.insert(index);
                self.show_ai_when_all_seen();
            }
            Command::SetTool(tool) => view.tool = tool,
            Command::SetBrush(brush) => view.brush = brush,
            Command::ActivateSegment(number) => view.active_segment = Some(number),
            Command::SetLook(number, look) => {
                view.looks.insert(number, look);
            }
            Command::SetOpacity(fill, outline) => {
                view.fill_opacity = fill.clamp(0.0, 1.0);
                view.outline_opacity = outline.clamp(0.0, 1.0);
            }
            Command::SelectFinding(id) => self.select_finding(&id),
            Command::SelectSentence(id) => self.select_sentence(id),
            Command::ShowTab(tab) => view.tab = tab,
            _ => {}
        }
    }

    pub(super) fn apply_ui_to_view(&mut self, command: UiCommand) {
        use UiCommand as C;
        let pane = self.view.active;
        match command {
            C::ShowAi => self.view.ai_shown = !self.view.ai_shown,
            C::NextSlice => self.scroll(pane, 1),
            C::PreviousSlice => self.scroll(pane, -1),
            C::FirstSlice => self.scroll_to(pane, 0),
            C::LastSlice => self.scroll_to(pane, usize::MAX),
            C::Maximize => self.apply_to_view(Command::ToggleMaximized(pane)),
            C::FitView => {
                self.view.framing.insert(pane, Framing::default());
            }
            C::OneToOne => self.one_to_one(pane),
            C::ResetView => self.reset_pane(pane),
            C::Invert => self.view.inverted = !self.view.inverted,
            C::ToggleSmooth => self.view.smooth = !self.view.smooth,
            C::ToggleCrosshair => self.view.crosshair_shown = !self.view.crosshair_shown,
            C::ToggleTexts => self.view.texts_shown = !self.view.texts_shown,
            C::ToggleOverlays => self.view.overlays_shown = !self.view.overlays_shown,
            C::ToggleMasks => self.view.masks_hidden = !self.view.masks_hidden,
            C::TogglePanels => self.view.panels_shown = !self.view.panels_shown,
            C::BrushShape => self.view.brush.sphere = !self.view.brush.sphere,
            C::BrushSmaller => self.scale_brush(1.0 / 1.25),
            C::BrushLarger => self.scale_brush(1.25),
            other => {
                if let Some(key) = other.preset() {
                    self.preset(key);
                }
            }
        }
    }

    fn scale_brush(&mut self, factor: f64) {
        let brush = self.view.brush;
        self.view.brush = BrushTip { radius_mm: (brush.radius_mm * factor).clamp(0.5, 60.0), ..brush };
    }

    fn preset(&mut self, key: u8) {
        let Some(preset) = PRESETS.iter().find(|p| p.key == key) else { return };
        let voi = match preset.width_level {
            Some([width, level]) => Voi::linear(level, width),
            None => self.next_header_voi(),
        };
        if self.view.active == Pane::Mip {
            self.view.mip_voi = voi;
        } else {
            self.view.voi = voi;
        }
    }

    /// The window after the one shown, among those that the header offers; the first when another one is shown.
    fn next_header_voi(&self) -> Voi {
        let choices = self.series.as_ref().map_or(&[][..], |series| &series.loaded.voi_choices);
        let shown = choices.iter().position(|choice| choice.voi == self.view.voi);
        shown.map_or(self.view.first_voi, |n| choices[(n + 1) % choices.len()].voi)
    }

    fn scroll(&mut self, pane: Pane, by: i64) {
        let Some(series) = &self.series else { return };
        match (pane, series.geometry()) {
            (Pane::Plane(orientation), Some(geometry)) => {
                let axes = PlaneAxes::of(geometry, orientation);
                let (slice, count) = axes.slice_of(geometry, self.view.crosshair_lps);
                let wanted = (slice as i64 + by).clamp(0, count as i64 - 1) as usize;
                self.view.crosshair_lps = axes.moved_to(geometry, self.view.crosshair_lps, wanted);
            }
            (Pane::Picture, None) => {
                let last = series.loaded.pictures().len().saturating_sub(1) as i64;
                self.view.picture = (self.view.picture as i64 + by).clamp(0, last) as usize;
            }
            _ => {}
        }
    }

    fn scroll_to(&mut self, pane: Pane, slice: usize) {
        let Some(series) = &self.series else { return };
        match (pane, series.geometry()) {
            (Pane::Plane(orientation), Some(geometry)) => {
                let axes = PlaneAxes::of(geometry, orientation);
                self.view.crosshair_lps = axes.moved_to(geometry, self.view.crosshair_lps, slice);
            }
            (Pane::Picture, None) => {
                self.view.picture = slice.min(series.loaded.pictures().len().saturating_sub(1));
            }
            _ => {}
        }
    }

    /// Moves the crosshair, kept inside the volume.
    pub(super) fn move_crosshair(&mut self, lps: DVec3) {
        let Some(geometry) = self.series.as_ref().and_then(|s| s.geometry()) else { return };
        let ijk = geometry.ijk_from_lps().transform_point3(lps);
        let last = DVec3::from_array(geometry.dims().map(|n| n as f64 - 1.0));
        self.view.crosshair_lps = geometry.point_lps(ijk.clamp(DVec3::ZERO, last));
    }

    fn zoom(&mut self, pane: Pane, factor: f64, around: DVec2) {
        let framing = self.view.framing.entry(pane).or_default();
        let zoom = (framing.zoom * factor).clamp(*ZOOM.start(), *ZOOM.end());
        let factor = zoom / framing.zoom;
        // What lies under the pointer stays there.
        framing.pan -= around * (1.0 - 1.0 / factor);
        framing.zoom = zoom;
    }

    fn one_to_one(&mut self, pane: Pane) {
        let Some(series) = &self.series else { return };
        match (pane, self.view.shown.get(&pane), series.geometry()) {
            (Pane::Plane(_), Some(plane), Some(geometry)) => {
                let native = plane.pixel_mm / geometry.spacing_mm().min_element();
                let zoom = self.view.framing(pane).zoom * native;
                self.view.framing.entry(pane).or_default().zoom = zoom;
            }
            _ => {
                self.view.framing.insert(pane, Framing::default());
            }
        }
    }

    fn reset_pane(&mut self, pane: Pane) {
        self.view.framing.insert(pane, Framing::default());
        self.view.voi = self.view.first_voi;
        self.view.inverted = false;
        if pane == Pane::Mip {
            self.view.mip_turn_deg = [0.0, 0.0];
        }
    }

    /// Notes what is on screen: evidence is judged by it, and slices that were shown count as seen.
    fn pane_shown(&mut self, pane: Pane, plane: SlicePlane) {
        self.view.shown.insert(pane, plane);
        let Some(geometry) = self.series.as_ref().filter(|s| s.complete).and_then(|s| s.geometry()) else { return };
        let Pane::Plane(orientation) = pane else { return };
        let axes = PlaneAxes::of(geometry, orientation);
        if axes.axis == 2 {
            let (slice, _) = axes.slice_of(geometry, self.view.crosshair_lps);
            self.view.seen.insert(slice);
            self.show_ai_when_all_seen();
        }
    }

    fn show_ai_when_all_seen(&mut self) {
        let Some(series) = self.series.as_ref().filter(|s| s.complete) else { return };
        let images = series.loaded.geometry().map_or(series.loaded.pictures().len(), |g| g.dims()[2]);
        if self.hide_ai_at_first && self.view.seen.len() == images && !self.view.all_seen {
            self.view.all_seen = true;
            self.view.ai_shown = true;
        }
    }

    /// Takes a finding in hand and brings its evidence on screen.
    pub(super) fn select_finding(&mut self, id: &FindingId) {
        let Some(finding) = self.case.as_ref().and_then(|c| c.finding(id)).cloned() else { return };
        self.view.selected = Some(id.clone());
        self.view.lit = self.case_view().map(|c| c.sentences_on(id)).unwrap_or_default();
        self.go_to(&finding);
    }

    fn go_to(&mut self, finding: &Finding) {
        if let Some(lps) = finding.focus_lps() {
            self.move_crosshair(lps);
            self.center_panes_on(lps);
            return;
        }
        let picture = finding.evidence.iter().find_map(|e| match e {
            Evidence::PictureBox { sop_instance_uid, .. } => {
                let series = &self.series.as_ref()?.loaded;
                let shows = |k: &usize| series.instance(*k).is_some_and(|i| i.sop_instance_uid == *sop_instance_uid);
                (0..series.slices.len()).find(shows)
            }
            Evidence::KeyImage(k) => Some(*k),
            _ => None,
        });
        if let Some(k) = picture {
            self.view.picture = k;
        }
    }

    /// Moves zoomed panes so that the point is on screen.
    fn center_panes_on(&mut self, lps: DVec3) {
        let shown: Vec<(Pane, SlicePlane)> = self.view.shown.iter().map(|(p, s)| (*p, *s)).collect();
        for (pane, plane) in shown {
            let (px, _) = plane.px_from_lps(lps);
            let [width, height] = plane.size_px.map(f64::from);
            let margin = 0.08 * width.min(height);
            let inside = px.x > margin && px.y > margin && px.x < width - margin && px.y < height - margin;
            if !inside {
                let off = (DVec2::new(width, height) / 2.0 - px) * plane.pixel_mm;
                self.view.framing.entry(pane).or_default().pan += off;
            }
        }
    }

    fn select_sentence(&mut self, id: SentenceId) {
        self.view.lit = vec![id];
        let finding = self.case.as_ref().and_then(|case| {
            let sentence = case.sentence(id)?;
            sentence.evidence.iter().find_map(|f| case.finding(f))
        });
        if let Some(finding) = finding.cloned() {
            self.view.selected = Some(finding.id.clone());
            self.go_to(&finding);
        }
    }

    /// Lights the sentences that rest on what lies at a point; the smallest thing there is taken in hand.
    fn light_sentences_at(&mut self, lps: DVec3) {
        let Some(case) = &self.case else { return };
        let label = case
            .segmentation()
            .and_then(|s| s.labelmap.geometry().voxel_at_lps(lps).map(|v| s.labelmap.label(v)))
            .filter(|l| *l != 0);
        let covers = |f: &&Finding| match f.segment() {
            Some(number) => Some(number) == label,
            None => f.box_lps().is_some_and(|b| b.contains(lps)),
        };
        let hidden = |f: &&Finding| f.is_unreviewed_ai() && !self.view.ai_shown;
        let size = |f: &&Finding| f.box_lps().map_or(f64::MAX, |b| b.size_mm().element_product());
        let found = case.findings().iter().filter(covers).filter(|f| !hidden(f));
        let found = found.min_by(|a, b| size(a).total_cmp(&size(b))).map(|f| f.id.clone());
        self.view.lit = match (&found, self.case_view()) {
            (Some(id), Some(view)) => view.sentences_on(id),
            _ => Vec::new(),
        };
        if found.is_some() {
            self.view.selected = found;
        }
    }
}
