//! Playing: the pictures of a cine loop, or the volumes of a 4D group. Steps of a group are read ahead, as far as memory is
//! set aside for them; going from step to step keeps place, framing and window.

use super::results::Done;
use super::{App, work};
use crate::context::Player;
use crate::geometry::VolumeGeometry;
use crate::loaded::{ImageData, LoadedSeries};
use crate::study::Series;
use std::time::{Duration, Instant};

/// Bytes of voxels that steps may take together while they wait.
const READ_AHEAD_BYTES: usize = 1 << 30;

impl App {
    /// Plays, or stops.
    pub(super) fn toggle_playing(&mut self) {
        let player = self.view.player;
        self.set_player(Player { playing: !player.playing, ..player });
    }

    pub(super) fn set_player(&mut self, player: Player) {
        let stopped = self.view.player.playing && !player.playing;
        self.view.player = player;
        self.last_played = Instant::now();
        if stopped && self.case.is_none() {
            self.begin_case();
        }
    }

    /// The next or previous picture or volume; `wrap` goes on at the other end.
    pub(super) fn step(&mut self, by: i64, wrap: bool) {
        let Some((now, count)) = self.place() else { return };
        let to = now as i64 + by;
        let to = if wrap { to.rem_euclid(count as i64) } else { to.clamp(0, count as i64 - 1) };
        self.step_to(to as usize);
    }

    pub(super) fn step_to(&mut self, index: usize) {
        let Some(series) = self.series.as_ref().map(|s| &s.loaded) else { return };
        if series.series.step().is_none() {
            let (key, last) = (series.series.key(), series.pictures().len().saturating_sub(1));
            return self.show_picture(&key, index.min(last));
        }
        let Some(key) = self.group().get(index).cloned().filter(|key| *key != series.series.key()) else { return };
        match self.steps.get(&key).cloned() {
            Some(ready) => self.show_step(ready),
            None => self.load(key),
        }
    }

    /// Where playing stands: index and count.
    fn place(&self) -> Option<(usize, usize)> {
        let loaded = &self.series.as_ref()?.loaded;
        if let Some(step) = loaded.series.step() {
            return Some((step.index as usize, step.count as usize));
        }
        let index = self.view.reading_sight().map_or(0, |sight| sight.picture);
        Some((index, loaded.pictures().len())).filter(|(_, count)| *count > 1)
    }

    /// Keys of the group on screen, in the order of its steps.
    fn group(&self) -> Vec<String> {
        let (Some(catalog), Some(shown)) = (&self.catalog, &self.series) else { return Vec::new() };
        let own = &shown.loaded.series;
        let mut members: Vec<&Series> = catalog.series().map(|(_, s)| s).filter(|s| s.shares_group(own)).collect();
        members.sort_by_key(|s| s.step().map(|step| step.index));
        members.into_iter().map(Series::key).collect()
    }

    /// Another step of the group on screen: everything about the view stays.
    pub(super) fn show_step(&mut self, ready: work::Ready) {
        self.park_case();
        if let Some(before) = self.view.reading.clone() {
            self.rename_shown(&before, &ready.loaded.series.key());
        }
        self.put_on_screen(ready, None, true);
        // Every step is read by itself; while playing, nobody reads.
        if !self.view.player.playing {
            self.begin_case();
        }
    }

    /// True for a step of the group on screen, on the same grid.
    pub(super) fn is_step_of_shown(&self, series: &Series, grid: Option<&VolumeGeometry>) -> bool {
        let Some(shown) = &self.series else { return false };
        shown.loaded.series.shares_group(series)
            && shown.geometry().map(VolumeGeometry::dims) == grid.map(VolumeGeometry::dims)
    }

    /// Keeps a step that was read, and reads the next one ahead.
    pub(super) fn keep_step(&mut self, ready: work::Ready) {
        let key = ready.loaded.series.key();
        if !self.is_open(&key) || ready.loaded.series.step().is_none() {
            return;
        }
        self.steps.retain(|_, kept| kept.loaded.series.shares_group(&ready.loaded.series));
        let each = bytes(&ready.loaded);
        let full = |kept: usize| (kept + 1) * each > READ_AHEAD_BYTES;
        if full(self.steps.len()) {
            return;
        }
        self.steps.insert(key, ready);
        if full(self.steps.len()) {
            return;
        }
        let Some(next) = self.group().into_iter().find(|key| !self.steps.contains_key(key)) else { return };
        let Some(catalog) = self.catalog.clone() else { return };
        self.pool.spawn("Reading the next step", move |progress, cancel| {
            Done::Step(work::load(&catalog, &next, progress, cancel).ok())
        });
    }

    /// Moves on when it is time; tells when to look again.
    pub(super) fn play(&mut self) -> Option<Duration> {
        let (now, count) = self.place().filter(|_| self.view.player.playing)?;
        let wait = Duration::from_secs_f64(1.0 / self.frames_per_second(now));
        let since = self.last_played.elapsed();
        if since < wait {
            return Some(wait.saturating_sub(since));
        }
        self.last_played = Instant::now();
        let player = &mut self.view.player;
        if player.bounce {
            player.backwards = match (now, player.backwards) {
                (0, true) => false,
                (n, false) if n + 1 >= count => true,
                (_, as_before) => as_before,
            };
            let by = if player.backwards { -1 } else { 1 };
            self.step(by, false);
        } else {
            self.step(1, true);
        }
        Some(wait)
    }

    /// The reader's speed, else that of the object at this frame.
    fn frames_per_second(&self, frame: usize) -> f64 {
        let recorded = self.series.as_ref().and_then(|series| series.loaded.frames_per_second(frame));
        self.view.player.speed(recorded).clamp(0.2, 120.0)
    }
}

fn bytes(loaded: &LoadedSeries) -> usize {
    match &loaded.image {
        ImageData::Volume(volume) => volume.voxels().bytes(),
        ImageData::Pictures(_) => 0,
    }
}
