//! Hanging protocols as the interface sees them.

/// A protocol that is for the study on screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// "Chest CT".
    pub name: String,
    /// Names of its stages that are offered.
    pub stages: Vec<String>,
    /// Why it is offered, for the tooltip.
    pub reasons: Vec<String>,
}

/// An earlier study that may be the same patient's: a person must say so before it hangs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnconfirmedPrior {
    /// Study Instance UID.
    pub study_uid: String,
    /// "CT thorax, 2025-03-02".
    pub title: String,
}

/// What hangs, and what could.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hanging {
    /// Best first.
    pub offers: Vec<Offer>,
    /// Offer and stage that are on screen; `None` once something else was brought there.
    pub shown: Option<[usize; 2]>,
    /// Priors that wait for a person's word.
    pub unconfirmed: Vec<UnconfirmedPrior>,
}

/// What can be asked of hanging protocols.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HangingCommand {
    /// Hang a stage of an offer.
    Hang([usize; 2]),
    /// A person says that an earlier study is the same patient's.
    Confirm(String),
    /// Keep what is on screen as a protocol of this name.
    Save(String),
}
