//! What the interface knows of registrations, of links by position, and of how a series stands to the one that is read.
//! Spaces are frames of reference by UID, or a single series where a file names none. LPS mm.

use super::layout::ViewportId;
use super::{AppContext, ShownSeries};
use crate::geometry::DAffine3;
use crate::registration::{Link, Registration, Verdict};
use crate::study::{Identity, Series, Study, identity, is_before, shown_day};
use std::path::PathBuf;

/// What can be asked about links.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkCommand {
    /// Register one series (by its key) with another.
    Register {
        /// The one that stays.
        fixed: String,
        /// The one that is moved.
        moving: String,
    },
    /// Lay the moving series over the fixed one, to look at a doubtful result.
    Look(u64),
    /// A person looked at the result and takes it.
    Accept(u64),
    /// Take the acceptance back.
    Undo(u64),
    /// Forget the result.
    Remove(u64),
    /// Ask for a folder and write the result there as DICOM.
    Save(u64),
    /// Write the result into this folder.
    SaveTo(u64, PathBuf),
    /// Use the maps of the Spatial Registration object that is open.
    Apply,
    /// Link two viewports by what they show now.
    ByPosition(ViewportId, ViewportId),
    /// Forget what links the series of a viewport to others.
    Unlink(ViewportId),
    /// Same mm per pixel and same middle as other viewports that say so.
    LinkZoom(ViewportId, bool),
    /// Whether the series of a viewport follows others, and they it.
    LinkScroll(ViewportId, bool),
}

/// Where a map comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum MapSource {
    /// Found here.
    Found(Box<Registration>),
    /// Read from a Spatial Registration object, by its name.
    File(String),
}

/// What becomes of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// It links.
    Linked,
    /// It waits for a person; nothing follows it.
    Waiting,
    /// It links while a person looks at it, and the view says so.
    OnTrial,
    /// It links because a person said so.
    Accepted,
    /// It must not be used.
    Failed,
}

impl Use {
    /// True while points follow it.
    pub fn links(self) -> bool {
        matches!(self, Self::Linked | Self::OnTrial | Self::Accepted)
    }
}

/// One map between two series.
#[derive(Debug, Clone, PartialEq)]
pub struct RegisteredPair {
    /// Identity.
    pub id: u64,
    /// Keys of the fixed and the moving series.
    pub series: [String; 2],
    /// Their spaces.
    pub spaces: [String; 2],
    /// "CT · Chest 5 mm · 2025-03-02".
    pub names: [String; 2],
    /// A point of the moving space from one of the fixed.
    pub moving_from_fixed: DAffine3,
    /// Where it comes from.
    pub source: MapSource,
    /// What becomes of it.
    pub state: Use,
    /// Why it is not simply used: sentences for people.
    pub reasons: Vec<String>,
}

impl RegisteredPair {
    /// "spread 0.6 mm, halves of the body 1.2 mm"; for a file its name.
    pub fn residual(&self) -> String {
        match &self.source {
            MapSource::Found(found) => {
                let residual = &found.residual;
                format!(
                    "spread {:.1} mm (at most {:.1}), halves of the body {:.1} mm in the mean",
                    residual.spread.mean_mm, residual.spread.max_mm, residual.local.mean_mm
                )
            }
            MapSource::File(name) => format!("from {name}"),
        }
    }

    /// "good", "doubtful", "failed"; empty for a file, which says nothing of it.
    pub fn verdict(&self) -> &'static str {
        match &self.source {
            MapSource::Found(found) => found.verdict.name(),
            MapSource::File(_) => "",
        }
    }

    /// What it is used as at first.
    pub fn first_use(verdict: Verdict, sure: bool) -> Use {
        match verdict {
            Verdict::Good if sure => Use::Linked,
            Verdict::Good | Verdict::Doubtful => Use::Waiting,
            Verdict::Failed => Use::Failed,
        }
    }

    /// For the viewport: "by registration, spread 0.6 mm".
    pub fn words(&self) -> String {
        let how = match &self.source {
            MapSource::Found(found) => format!("by registration, spread {:.1} mm", found.residual.spread.mean_mm),
            MapSource::File(name) => format!("by {name}"),
        };
        let how = if self.state == Use::Accepted { format!("{how}, accepted by the reader") } else { how };
        if self.state == Use::OnTrial { format!("{how}, DOUBTFUL, not accepted") } else { how }
    }
}

/// The maps that are known, newest last.
#[derive(Debug, Clone, Default)]
pub struct Linking {
    /// All of them.
    pub pairs: Vec<RegisteredPair>,
    /// Series that scroll alone, by their key.
    pub alone: std::collections::HashSet<String>,
}

impl Linking {
    /// The map that links two spaces directly.
    pub fn between(&self, a: &str, b: &str) -> Option<&RegisteredPair> {
        let joins = |pair: &&RegisteredPair| {
            let [fixed, moving] = &pair.spaces;
            (fixed == a && moving == b) || (fixed == b && moving == a)
        };
        self.pairs.iter().rev().filter(|pair| pair.state.links()).find(joins)
    }
}

/// How a series stands to the one that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Of the study that is read, while another is beside it.
    Current,
    /// Of an earlier study of the patient, with its day.
    Prior(String),
    /// Of a later study of the patient, with its day.
    Later(String),
    /// Of another study whose dates do not say, or that is not surely the same patient's.
    OtherStudy(String),
}

impl ShownSeries {
    /// The space that its points lie in.
    pub fn space(&self) -> String {
        space_of(&self.loaded.series)
    }
}

/// Whether two studies are one patient's: the same study always is, two without any identity are a person's to judge.
pub fn one_patient(a: &Study, b: &Study) -> Identity {
    if a.uid == b.uid && !a.uid.is_empty() {
        return Identity::Same(None);
    }
    let nobody = |study: &Study| study.patient.id.is_empty() && study.patient.name.is_empty();
    if nobody(a) && nobody(b) {
        return Identity::Unconfirmed("neither file says whose it is; confirm that both show the same person".into());
    }
    identity(&a.patient, &b.patient)
}

impl AppContext<'_> {
    /// How a series stands to the one that is read; `None` while all on screen are of one study.
    pub fn standing(&self, series: &ShownSeries) -> Option<Standing> {
        let read = &self.series?.loaded.study;
        let study = &series.loaded.study;
        if study.uid == read.uid {
            let mut shown = self.view.on_screen().filter_map(|viewport| self.looked_at(viewport));
            return shown.any(|(other, _)| other.loaded.study.uid != read.uid).then_some(Standing::Current);
        }
        let day = shown_day(&study.date);
        Some(match one_patient(read, study) {
            Identity::Same(_) if is_before(study, read) => Standing::Prior(day),
            Identity::Same(_) if is_before(read, study) => Standing::Later(day),
            Identity::Same(_) | Identity::Unconfirmed(_) => Standing::OtherStudy(day),
            Identity::Different(_) => return None,
        })
    }

    /// What links a series to another one on screen in another space: "linked to CT · 2025-03-02 by position".
    pub fn linked_words(&self, series: &ShownSeries) -> Option<String> {
        let shown = self.view.on_screen().filter_map(|viewport| Some(self.looked_at(viewport)?.0));
        let mut others = shown.filter(|other| other.space() != series.space());
        others.find_map(|other| {
            let link = self.link(series, other)?;
            let (modality, day) = (&other.loaded.series.modality, shown_day(&other.loaded.study.date));
            Some(format!("linked to {} {}", format!("{modality} {day}").trim(), self.basis_words(series, other, &link)))
        })
    }

    /// What a link rests on: "by registration, spread 0.6 mm".
    pub fn basis_words(&self, a: &ShownSeries, b: &ShownSeries, link: &Link) -> String {
        let pair =
            self.view.linking.between(&a.space(), &b.space()).filter(|_| matches!(link, Link::Registered { .. }));
        pair.map_or_else(|| format!("by {}", link.basis()), RegisteredPair::words)
    }

    /// True while what links two series is looked at only to be judged.
    pub fn on_trial(&self, series: &ShownSeries) -> bool {
        let space = series.space();
        self.view.linking.pairs.iter().any(|pair| pair.state == Use::OnTrial && pair.spaces.contains(&space))
    }
}

/// The space that the points of a series lie in: its frame of reference, or itself where the file names none.
pub fn space_of(series: &Series) -> String {
    let frame = &series.frame_of_reference_uid;
    if frame.is_empty() { format!("series {}", series.key()) } else { frame.clone() }
}

/// "CT · Chest 5 mm · 2025-03-02".
pub fn said_series(study: &Study, series: &Series) -> String {
    let day = if study.date.is_empty() { String::new() } else { shown_day(&study.date) };
    let parts = [series.modality.clone(), series.description.clone(), day];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}
