//! Hanging protocols: which image of which study hangs in which viewport, decided from facts of the catalog alone (PS3.3 C.23
//! is the model; the format is our own, and small).
//!
//! A protocol is a TOML file (`assets/hanging/README.md` describes every key). It says for which studies it is
//! (`[match]`), names its series (`[selector.NAME]`) and lists stages, each a grid of cells that name a selector, a view and
//! how it is presented. [`parse`] reads one, [`write`](fn@write) writes one, [`hang`] ranks protocols for a study with the
//! reasons, [`resolve`] fills the cells of one stage, [`of_layout`] makes a protocol from what is on screen.
//!
//! # Invariants
//!
//! - Only the current study and priors of the same person are looked at ([`Studies::new`] takes nothing else), and priors are
//!   counted among the studies that the protocol itself is for.
//! - A cell that nothing fits stays empty and says so; nothing is put there instead.
//! - Mammograms that are FOR PROCESSING never hang. Where the chest wall lies is read from Patient Orientation, never guessed.
//! - The same files give the same layout: ties go to more slices, then to the lower series number, then to the lower UID.

mod built_in;
mod check;
mod condition;
mod file;
mod layout;
mod protocol;
mod rank;
mod resolve;
mod words;

pub use built_in::{BUILT_IN, built_in};
pub use condition::{AcquiredPlane, Place, Range, SeriesCondition, StudyCondition};
pub use file::{HangingError, MAX_BYTES, parse, write};
pub use layout::{Hung, of_layout};
pub use protocol::{
    Align, Cell, CellWindow, Look, Over, Protocol, Scale, Select, Slab, SlabMode, Stage, Start, Sync, View,
    WINDOW_PRESETS, Weighted, WindowPreset,
};
pub use rank::{Match, Ranking, Rejected, hang};
pub use resolve::{Mirror, Placed, Resolved, resolve};
pub use words::Words;

use crate::study::{Identity, Study, priors};

/// The study that is read, and earlier ones of the same person: all that hanging looks at.
#[derive(Debug, Clone, Copy)]
pub struct Studies<'a> {
    current: &'a Study,
    all: &'a [Study],
    confirmed: &'a [String],
}

impl<'a> Studies<'a> {
    /// `all` are the opened studies, of whomever; `confirmed` holds Study Instance UIDs of which a person has said that they
    /// show the patient of `current`. A contradiction in the identity cannot be confirmed away.
    pub fn new(current: &'a Study, all: &'a [Study], confirmed: &'a [String]) -> Self {
        Self { current, all, confirmed }
    }

    /// The study that is read.
    pub fn current(&self) -> &'a Study {
        self.current
    }

    /// Earlier studies of the same person, newest first.
    pub fn priors(&self) -> Vec<&'a Study> {
        let is_same = |identity: &Identity, uid: &String| match identity {
            Identity::Same(_) => true,
            Identity::Unconfirmed(_) => self.confirmed.contains(uid),
            Identity::Different(_) => false,
        };
        let found = priors(self.current, self.all).into_iter();
        found.filter(|prior| is_same(&prior.identity, &prior.study.uid)).map(|prior| prior.study).collect()
    }

    /// Earlier studies that nothing contradicts and that wait for a person's word, newest first.
    pub fn unconfirmed(&self) -> Vec<&'a Study> {
        let found = priors(self.current, self.all).into_iter();
        found
            .filter(|prior| matches!(prior.identity, Identity::Unconfirmed(_)))
            .map(|prior| prior.study)
            .filter(|study| !self.confirmed.contains(&study.uid))
            .collect()
    }
}

/// Enums whose values have names in protocol files.
macro_rules! named {
    ($(#[$doc:meta])* $enum:ident { $($(#[$value_doc:meta])* $value:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $enum { $($(#[$value_doc])* $value,)* }

        impl $enum {
            /// All values.
            pub const ALL: &'static [Self] = &[$(Self::$value),*];

            /// The name in files.
            pub fn name(self) -> &'static str {
                match self { $(Self::$value => $name,)* }
            }
        }
    };
}
use named;
