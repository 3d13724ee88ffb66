//! What the interface may read, and the commands it may send. Panels get an [`AppContext`] and push [`Command`]s; only
//! `app` applies them. Nothing here paints. Positions are LPS mm; planes are [`SlicePlane`]s in physical pixels.

mod arriving;
mod commands;
mod fusion;
mod hung;
mod keys;
mod layout;
mod linking;
mod measures;
mod object;
mod pictures;
mod planes;
mod presentation;
mod presets;
mod reading_view;
mod solid;
mod tags;
mod verifying;
mod view;

pub use arriving::Arriving;
pub use commands::{Change, Command, ExportKind, FindingChange, SentenceChange, UiCommand};
pub use fusion::{CHECKER_EDGES_PX, Over, is_dose, said_value};
pub use hung::{Hanging, HangingCommand, Offer, UnconfirmedPrior};
pub use keys::default_keymap;
pub use layout::{Cell, Framing, Layout, Opening, Values, ViewKind, Viewport, ViewportId};
pub use linking::{LinkCommand, Linking, MapSource, RegisteredPair, Standing, Use, one_patient, said_series, space_of};
pub use measures::{MeasureCommand, MeasureTool, MeasuresView, PendingMeasure, is_slow, live_measurement};
pub use object::{FindingsOn, ImagePlace, ObjectCommand, ObjectContent, ObjectView, PageRequest, ReportRow, ShownPage};
pub use pictures::{Camera, PictureCommand, PictureWish, PrintWish, PrintedWhat, Shot};
pub use planes::{PlaneAxes, plane_shows_box};
pub use presentation::PresentationOn;
pub use presets::{PRESETS, WindowPreset, first_voi};
pub use reading_view::{CaseView, RecoverableCase, SavedState};
pub use solid::{
    Cast, Clip, CrossedThing, MaskUse, NOT_ACQUIRED, RotationPlan, SOLID_FIT, ShadowKey, Shadows, SolidCommand,
    SolidSource, SolidView, Solids, Stand, Surfaces, radiograph_words,
};
pub use tags::{Partner, TagBrowser, TagRows};
pub use verifying::Verified;
pub use view::{BrushTip, Player, SegmentLook, Sight, Tab, Tool, ViewState};

use crate::geometry::{DVec3, VolumeGeometry};
use crate::jobs::RunningJob;
use crate::loaded::LoadedSeries;
use crate::registration::{Link, Links};
use crate::settings::Settings;
use crate::settings::keymap::Keymap;
use crate::study::Catalog;
use crate::volume::Volume;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Everything a panel may look at in one frame.
pub struct AppContext<'a> {
    /// What was opened.
    pub catalog: Option<&'a Catalog>,
    /// The series that is read, once its pixels (or a first picture of it) are there.
    pub series: Option<&'a ShownSeries>,
    /// Other series on screen, by key.
    pub beside: &'a HashMap<String, ShownSeries>,
    /// Series that are on their way into a viewport, by key.
    pub coming: &'a HashSet<String>,
    /// The case being read: findings, masks, report.
    pub case: Option<CaseView<'a>>,
    /// Which keys give which command.
    pub keymap: &'a Keymap,
    /// What the user set.
    pub settings: &'a Settings,
    /// What hangs, and what could.
    pub hanging: &'a Hanging,
    /// How things are shown.
    pub view: &'a ViewState,
    /// Small gray pictures by series UID.
    pub thumbnails: &'a HashMap<String, Arc<GrayPicture>>,
    /// Work that runs.
    pub jobs: &'a [RunningJob],
    /// Sentences that wait to be read, newest last.
    pub notices: &'a [Notice],
    /// A case left behind by a crash, while it waits for an answer.
    pub recoverable: Option<&'a RecoverableCase>,
    /// The tag browser, while it is open.
    pub tags: Option<&'a TagBrowser>,
    /// The object that is no image, while its view is open.
    pub object: Option<&'a ObjectView>,
    /// The presentation state that was put on a series.
    pub presentation: Option<&'a PresentationOn>,
    /// What was computed for views of whole volumes.
    pub solids: &'a Solids,
    /// True when more than one patient is open.
    pub several_patients: bool,
    /// Generations of the series that are on the graphics device; others are drawn by the CPU twins.
    pub on_gpu: &'a HashSet<u64>,
    /// Takes notes of what is painted, while a picture of it was asked for.
    pub camera: Option<&'a Camera>,
    /// Physical pixels per point.
    pub view_scale: f32,
}

/// The series on screen.
#[derive(Clone)]
pub struct ShownSeries {
    /// Its pixels: the whole series, or only a first picture while `complete` is false.
    pub loaded: LoadedSeries,
    /// The windows that it opens with.
    pub opening: Opening,
    /// False while the rest is being read.
    pub complete: bool,
    /// The slices of a volume that are there so far, while it is being read.
    pub arriving: Option<Arriving>,
    /// True when a source picture was lossy-compressed.
    pub lossy: bool,
    /// Grows with every change of pixels, so that uploads happen once.
    pub generation: u64,
}

impl ShownSeries {
    /// What names the series among all that are open.
    pub fn key(&self) -> String {
        self.loaded.series.key()
    }

    /// How its points map to another series; `None` where that would be a guess.
    pub fn link_to(&self, other: &Self, links: &Links) -> Option<Link> {
        if self.generation == other.generation {
            return Some(Link::SameFrame);
        }
        links.between(&self.space(), &other.space()).ok()
    }

    /// The grid of the volume, be it there or still arriving.
    pub fn geometry(&self) -> Option<&VolumeGeometry> {
        self.loaded.geometry().or_else(|| self.arriving.as_ref().map(|arriving| &arriving.geometry))
    }

    /// What can be drawn of an acquired slice: the volume, or that slice alone while the rest is being read.
    pub fn volume_at(&self, k: usize) -> Option<&Arc<Volume>> {
        self.loaded.volume().or_else(|| self.arriving.as_ref()?.slice(k))
    }

    /// Index k of the acquired slice that holds a point of the patient, kept inside the volume.
    pub fn slice_at(&self, lps: DVec3) -> Option<usize> {
        let geometry = self.geometry()?;
        let last = geometry.dims()[2] as f64 - 1.0;
        Some((geometry.ijk_from_lps().transform_point3(lps).z + 0.5).floor().clamp(0.0, last) as usize)
    }
}

/// 8-bit gray, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrayPicture {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width · height` bytes.
    pub gray: Vec<u8>,
}

/// A sentence for the reader, shown where it arose and copyable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Identity, to dismiss it.
    pub id: u64,
    /// How bad.
    pub level: NoticeLevel,
    /// What, where, what to do.
    pub text: String,
}

/// How bad a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeLevel {
    /// Something was done.
    Info,
    /// Something is not as it should be.
    Warning,
    /// Something failed.
    Error,
}

impl<'a> AppContext<'a> {
    /// True when proposals of a machine may be seen (`clinical.md` rule 2).
    pub fn ai_shown(&self) -> bool {
        self.view.ai_shown
    }

    /// A series on screen, by its key.
    pub fn shown(&self, key: &str) -> Option<&'a ShownSeries> {
        self.series.filter(|series| series.key() == key).or_else(|| self.beside.get(key))
    }

    /// The series in a viewport and where the reader is in it, once it is there.
    pub fn looked_at(&self, viewport: &Viewport) -> Option<(&'a ShownSeries, &'a Sight)> {
        let key = viewport.series.as_deref()?;
        Some((self.shown(key)?, self.view.sights.get(key)?))
    }

    /// How points of one series on screen map to another; `None` where that would be a guess.
    pub fn link(&self, from: &ShownSeries, to: &ShownSeries) -> Option<Link> {
        from.link_to(to, &self.view.links)
    }

    /// The viewport that keys go to.
    pub fn active(&self) -> Option<&'a Viewport> {
        self.view.active_viewport()
    }
}
