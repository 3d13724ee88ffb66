//! Commands that change how things are shown, and nothing else.

use super::App;
use super::series::turned;
use crate::context::{
    BrushTip, Command, Framing, PRESETS, PlaneAxes, ShownSeries, Sight, UiCommand, ViewKind, Viewport, ViewportId,
};
use crate::findings::{Evidence, Finding, FindingId};
use crate::geometry::{DQuat, DVec2, DVec3, SlicePlane};
use crate::render::Interpolation;
use crate::report::SentenceId;
use crate::volume::Voi;

/// Least and greatest magnification against fitting.
pub(super) const ZOOM: std::ops::RangeInclusive<f64> = 0.1..=64.0;

impl App {
    pub(super) fn apply_to_view(&mut self, command: Command) {
        match command {
            Command::Activate(id) => self.view.active = id,
            Command::ToggleMaximized(id) => {
                self.view.maximized = if self.view.maximized.is_some() { None } else { Some(id) };
                self.view.active = id;
            }
            Command::SetVoi(id, voi) => self.set_voi(id, voi),
            Command::Scroll { viewport, by } => self.scroll(viewport, by),
            Command::ScrollTo { viewport, slice } => self.scroll_to(viewport, slice),
            Command::Crosshair { viewport, lps } => self.move_crosshair_in(viewport, lps),
            Command::Point { viewport, lps } => self.point(viewport, lps),
            Command::TurnPlanes { viewport, by_rad } => self.turn_planes(viewport, by_rad),
            Command::PlaneShown(..) | Command::PictureShown(..) => self.shown_now(command),
            Command::SelectFinding(id) => self.select_finding(&id),
            Command::SelectSentence(id) => self.select_sentence(id),
            Command::Zoom { .. } | Command::Pan { .. } | Command::SetZoom { .. } | Command::Turn(..) => {
                self.frame_viewport(command);
            }
            other => self.apply_to_looks(other),
        }
    }

    /// Tool, tab, and how masks look.
    fn apply_to_looks(&mut self, command: Command) {
        let view = &mut self.view;
        match command {
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
            Command::ShowTab(tab) => view.tab = tab,
            _ => {}
        }
    }

    /// Magnifies, moves or turns what one viewport shows.
    fn frame_viewport(&mut self, command: Command) {
        match command {
            Command::Zoom { viewport, factor, around } => {
                self.change_framing(viewport, |framing| zoomed(framing, factor, around));
            }
            Command::Pan { viewport, by } => {
                self.change_framing(viewport, |framing| Framing { pan: framing.pan + by, ..framing });
            }
            Command::SetZoom { viewport, zoom } => {
                self.change_framing(viewport, |framing| Framing { zoom, ..framing });
            }
            Command::Turn(id, [yaw, pitch]) => {
                if let Some(viewport) = self.view.layout.viewport_mut(id) {
                    let [old_yaw, old_pitch] = viewport.turn_deg;
                    viewport.turn_deg = [(old_yaw + yaw).rem_euclid(360.0), (old_pitch + pitch).clamp(-89.0, 89.0)];
                }
            }
            _ => {}
        }
    }

    pub(super) fn apply_ui_to_view(&mut self, command: UiCommand) {
        use UiCommand as C;
        let active = self.view.active;
        match command {
            C::ShowAi => self.view.ai_shown = !self.view.ai_shown,
            C::NextSlice => self.scroll(active, 1),
            C::PreviousSlice => self.scroll(active, -1),
            C::FirstSlice => self.scroll_to(active, 0),
            C::LastSlice => self.scroll_to(active, usize::MAX),
            C::Maximize => self.apply_to_view(Command::ToggleMaximized(active)),
            C::FitView => self.change_framing(active, |_| Framing::default()),
            C::OneToOne => self.one_to_one(active),
            C::ResetView => self.reset_viewport(active),
            C::StraightPlanes => self.straighten_planes(active),
            C::TileViewports => self.tile(active),
            C::Invert => self.invert(active),
            C::ToggleSmooth => self.next_interpolation(),
            C::SlabThicker => self.step_slab(active, true),
            C::SlabThinner => self.step_slab(active, false),
            C::SlabMode => self.next_slab_mode(active),
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

    fn next_interpolation(&mut self) {
        self.view.interpolation = match self.view.interpolation {
            Interpolation::Linear => Interpolation::Cubic,
            Interpolation::Cubic => Interpolation::Nearest,
            Interpolation::Nearest => Interpolation::Linear,
        };
    }

    fn scale_brush(&mut self, factor: f64) {
        let brush = self.view.brush;
        self.view.brush = BrushTip { radius_mm: (brush.radius_mm * factor).clamp(0.5, 60.0), ..brush };
    }

    /// A series on screen.
    pub(super) fn shown_series(&self, key: &str) -> Option<&ShownSeries> {
        self.series.as_ref().filter(|series| series.key() == key).or_else(|| self.beside.get(key))
    }

    /// A viewport with its series and the reader's place in it.
    pub(super) fn looked_at(&self, id: ViewportId) -> Option<(&Viewport, &ShownSeries, &Sight)> {
        let viewport = self.view.layout.viewport(id)?;
        let key = viewport.series.as_deref()?;
        Some((viewport, self.shown_series(key)?, self.view.sights.get(key)?))
    }

    /// Those that share the window of a viewport, itself among them.
    fn window_mates(&mut self, id: ViewportId) -> impl Iterator<Item = &mut Viewport> {
        let of = self.view.layout.viewport(id).map(|viewport| (viewport.series.clone(), viewport.window_group));
        let mates = move |viewport: &&mut Viewport| {
            of.as_ref().is_some_and(|(series, group)| viewport.series == *series && viewport.window_group == *group)
        };
        self.view.layout.viewports_mut().filter(mates)
    }

    pub(super) fn set_voi(&mut self, id: ViewportId, voi: Voi) {
        self.window_mates(id).for_each(|viewport| viewport.voi = voi);
    }

    fn invert(&mut self, id: ViewportId) {
        let Some(inverted) = self.view.layout.viewport(id).map(|viewport| !viewport.inverted) else { return };
        self.window_mates(id).for_each(|viewport| viewport.inverted = inverted);
    }

    fn preset(&mut self, key: u8) {
        let active = self.view.active;
        if self.solid_preset(active, key) {
            return;
        }
        if let Some(voi) = self.own_preset(active, key) {
            return self.set_voi(active, voi);
        }
        let Some(preset) = PRESETS.iter().find(|p| p.key == key) else { return };
        let voi = match preset.width_level {
            Some([width, level]) => Some(Voi::linear(level, width)),
            None => self.next_header_voi(active),
        };
        if let Some(voi) = voi {
            self.set_voi(active, voi);
        }
    }

    /// The user's own window on a number key, for the modality of what is shown.
    fn own_preset(&self, id: ViewportId, key: u8) -> Option<Voi> {
        let (_, series, _) = self.looked_at(id)?;
        let mut own = self.remembered.settings.presets_for(&series.loaded.series.modality);
        let preset = own.find(|preset| preset.key == Some(key))?;
        Some(Voi::linear(preset.level, preset.width.max(1.0)))
    }

    /// The window after the one shown, among those that the header offers; the first when another one is shown.
    fn next_header_voi(&self, id: ViewportId) -> Option<Voi> {
        let (viewport, series, _) = self.looked_at(id)?;
        let choices = &series.loaded.voi_choices;
        let shown = choices.iter().position(|choice| choice.voi == viewport.voi);
        Some(shown.map_or(viewport.first_voi, |n| choices[(n + 1) % choices.len()].voi))
    }

    fn scroll(&mut self, id: ViewportId, by: i64) {
        let Some((viewport, series, sight)) = self.looked_at(id) else { return };
        let now = match (series.geometry(), viewport.kind) {
            (Some(geometry), _) => {
                let Some(axes) = viewport.axes(geometry, sight) else { return };
                axes.slice_of(geometry, sight.crosshair_lps).0
            }
            (None, ViewKind::Picture) => viewport.picture_of(sight),
            (None, _) => return,
        };
        self.scroll_to(id, (now as i64 + by).max(0) as usize);
    }

    fn scroll_to(&mut self, id: ViewportId, slice: usize) {
        let Some((viewport, series, sight)) = self.looked_at(id) else { return };
        let key = series.key();
        match (viewport.kind, series.geometry()) {
            (ViewKind::Plane(_), Some(geometry)) => {
                let Some(axes) = viewport.axes(geometry, sight) else { return };
                let lps = axes.moved_to(geometry, sight.crosshair_lps, slice);
                self.move_crosshair(&key, lps);
            }
            (ViewKind::Picture, None) => {
                let last = series.loaded.pictures().len().saturating_sub(1);
                let own = viewport.picture.is_some();
                match self.view.layout.viewport_mut(id).filter(|_| own) {
                    Some(viewport) => viewport.picture = Some(slice.min(last)),
                    None => self.show_picture(&key, slice.min(last)),
                }
            }
            _ => {}
        }
    }

    /// Brings picture `index` of a series without volume on screen.
    pub(super) fn show_picture(&mut self, key: &str, index: usize) {
        self.view.sights.entry(key.to_owned()).or_default().picture = index;
    }

    pub(super) fn move_crosshair_in(&mut self, id: ViewportId, lps: DVec3) {
        let key = self.view.layout.viewport(id).and_then(|viewport| viewport.series.clone());
        if let Some(key) = key {
            self.move_crosshair(&key, lps);
        }
    }

    /// Moves the crosshair of a series, kept inside its volume; series in the same space follow, wherever that leads them.
    pub(super) fn move_crosshair(&mut self, key: &str, lps: DVec3) {
        let Some(geometry) = self.shown_series(key).and_then(|series| series.geometry()) else { return };
        let ijk = geometry.ijk_from_lps().transform_point3(lps);
        let last = DVec3::from_array(geometry.dims().map(|n| n as f64 - 1.0));
        let lps = geometry.point_lps(ijk.clamp(DVec3::ZERO, last));
        for (other, place) in self.followers(key, lps) {
            self.view.sights.entry(other).or_default().crosshair_lps = place;
        }
    }

    /// Moves the crosshair of the series that is read.
    pub(super) fn move_reading_crosshair(&mut self, lps: DVec3) {
        if let Some(key) = self.view.reading.clone() {
            self.move_crosshair(&key, lps);
        }
    }

    /// Every series on screen in whose space a point of `key` has a place, and that place.
    fn followers(&self, key: &str, lps: DVec3) -> Vec<(String, DVec3)> {
        let Some(own) = self.shown_series(key) else { return Vec::new() };
        let alone = &self.view.linking.alone;
        let place = |other: &String| {
            if other != key && (alone.contains(key) || alone.contains(other)) {
                return None;
            }
            let link = own.link_to(self.shown_series(other)?, &self.view.links)?;
            Some((other.clone(), link.point(lps)))
        };
        self.view.sights.keys().filter_map(place).collect()
    }

    /// Turns the planes of a series, and of those in its space, about the normal of one of them.
    fn turn_planes(&mut self, id: ViewportId, by_rad: f64) {
        let Some((viewport, series, sight)) = self.looked_at(id) else { return };
        let Some(axes) = series.geometry().and_then(|geometry| viewport.axes(geometry, sight)) else { return };
        let normal = axes.u_lps.cross(axes.v_lps);
        let turn = (DQuat::from_axis_angle(normal, by_rad) * sight.turn).normalize();
        self.set_turn(&series.key(), turn);
    }

    /// Planes along the grid again.
    fn straighten_planes(&mut self, id: ViewportId) {
        if let Some(key) = self.looked_at(id).map(|(_, series, _)| series.key()) {
            self.set_turn(&key, DQuat::IDENTITY);
        }
    }

    pub(super) fn set_turn(&mut self, key: &str, turn: DQuat) {
        let Some(own) = self.shown_series(key) else { return };
        let turn_of = |other: &String| {
            let link = own.link_to(self.shown_series(other)?, &self.view.links)?;
            Some((other.clone(), turned(&link, turn)))
        };
        let turns: Vec<_> = self.view.sights.keys().filter_map(turn_of).collect();
        for (other, turn) in turns {
            self.view.sights.entry(other).or_default().turn = turn;
        }
    }

    fn change_framing(&mut self, id: ViewportId, change: impl FnOnce(Framing) -> Framing) {
        if let Some(viewport) = self.view.layout.viewport_mut(id) {
            viewport.framing = change(viewport.framing);
        }
        self.follow_zoom(id);
    }

    fn one_to_one(&mut self, id: ViewportId) {
        let Some((viewport, series, _)) = self.looked_at(id) else { return };
        let native = match (viewport.shown, series.geometry()) {
            (Some(plane), Some(geometry)) => Some(plane.pixel_mm / geometry.spacing_mm().min_element()),
            _ => None,
        };
        self.change_framing(id, |framing| match native {
            Some(native) => Framing { zoom: framing.zoom * native, ..framing },
            None => Framing::default(),
        });
    }

    fn reset_viewport(&mut self, id: ViewportId) {
        let Some(viewport) = self.view.layout.viewport_mut(id) else { return };
        viewport.framing = Framing::default();
        viewport.turn_deg = [0.0, 0.0];
        viewport.solid.reset();
        let (voi, inverted) = (viewport.first_voi, viewport.first_inverted);
        self.window_mates(id).for_each(|viewport| (viewport.voi, viewport.inverted) = (voi, inverted));
        self.straighten_planes(id);
    }

    /// Notes what is on screen: evidence is judged by it, and slices that were shown count as seen.
    fn shown_now(&mut self, command: Command) {
        match command {
            Command::PlaneShown(id, plane) => self.plane_shown(id, plane),
            Command::PictureShown(id, index) => {
                let key = self.view.layout.viewport(id).and_then(|viewport| viewport.series.clone());
                if let Some(sight) = key.and_then(|key| self.view.sights.get_mut(&key)) {
                    sight.seen.insert(index);
                }
                self.show_ai_when_all_seen();
            }
            _ => {}
        }
    }

    fn plane_shown(&mut self, id: ViewportId, plane: SlicePlane) {
        if let Some(viewport) = self.view.layout.viewport_mut(id) {
            viewport.shown = Some(plane);
        }
        let Some((viewport, series, sight)) = self.looked_at(id) else { return };
        let Some(geometry) = series.geometry().filter(|_| series.complete) else { return };
        let Some(axes) = viewport.axes(geometry, sight).filter(PlaneAxes::is_acquired) else { return };
        let (slice, _) = axes.slice_of(geometry, plane.center_lps);
        let key = series.key();
        self.view.sights.entry(key).or_default().seen.insert(slice);
        self.show_ai_when_all_seen();
    }

    fn show_ai_when_all_seen(&mut self) {
        let Some(series) = self.series.as_ref().filter(|s| s.complete) else { return };
        let images = series.loaded.geometry().map_or(series.loaded.pictures().len(), |g| g.dims()[2]);
        let Some(sight) = self.view.sights.get_mut(&series.key()) else { return };
        if self.hide_ai_at_first && sight.seen.len() == images && !sight.all_seen {
            sight.all_seen = true;
            self.view.ai_shown = true;
        }
    }

    /// A click in the patient: crosshair there, and what the case has there is lit.
    fn point(&mut self, id: ViewportId, lps: DVec3) {
        self.move_crosshair_in(id, lps);
        let of_case = self.view.reading_sight().map(|sight| sight.crosshair_lps);
        let reads = self.looked_at(id).map(|(_, series, _)| self.followers(&series.key(), lps));
        let in_case = reads.into_iter().flatten().any(|(key, _)| self.view.reading.as_ref() == Some(&key));
        if let Some(lps) = of_case.filter(|_| in_case) {
            self.light_sentences_at(lps);
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
            self.move_reading_crosshair(lps);
            if let Some(key) = self.view.reading.clone() {
                self.center_viewports_on(&key, lps);
            }
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
        if let (Some(k), Some(key)) = (picture, self.view.reading.clone()) {
            self.show_picture(&key, k);
        }
    }

    /// Moves zoomed viewports so that the point is on screen.
    pub(super) fn center_viewports_on(&mut self, key: &str, lps: DVec3) {
        for viewport in self.view.layout.viewports_mut().filter(|viewport| viewport.shows(key)) {
            let Some(plane) = viewport.shown else { continue };
            let (px, _) = plane.px_from_lps(lps);
            let [width, height] = plane.size_px.map(f64::from);
            let margin = 0.08 * width.min(height);
            let inside = px.x > margin && px.y > margin && px.x < width - margin && px.y < height - margin;
            if !inside {
                viewport.framing.pan += (DVec2::new(width, height) / 2.0 - px) * plane.pixel_mm;
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

/// What lies under the pointer (`around`) stays there.
fn zoomed(framing: Framing, factor: f64, around: DVec2) -> Framing {
    let zoom = (framing.zoom * factor).clamp(*ZOOM.start(), *ZOOM.end());
    let factor = zoom / framing.zoom;
    Framing { zoom, pan: framing.pan - around * (1.0 - 1.0 / factor) }
}
