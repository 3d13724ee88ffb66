//! How a point of one series maps to a point of another: for linked scrolling, crosshairs and reference lines.
//!
//! Three ways are known, and a fourth is refused: without a frame of reference in common, a registration or two places that a
//! person put side by side, where a point lies in the other series would be a guess.

use crate::geometry::{DAffine3, DVec3};
use std::collections::{BTreeMap, VecDeque};

/// How series `b` follows series `a`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Link {
    /// Both have one frame of reference (PS3.3 C.7.4.1): a point is the same point.
    SameFrame,
    /// A registration.
    Registered {
        /// Patient mm of `b` from those of `a`.
        b_from_a: DAffine3,
    },
    /// Two places that a person put side by side; the same way from there on, without any turn.
    Offset {
        /// What is added to a point of `a`, mm.
        b_minus_a_mm: DVec3,
    },
}

/// Why two series are not linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the two series have no frame of reference in common and are not registered, so where a point of one lies in the other is \
     not known; register them, or link them by position"
)]
pub struct NoLink;

impl Link {
    /// By frame of reference alone: two equal UIDs that are not empty.
    pub fn by_frames(a_uid: &str, b_uid: &str) -> Result<Self, NoLink> {
        if !a_uid.is_empty() && a_uid == b_uid { Ok(Self::SameFrame) } else { Err(NoLink) }
    }

    /// By position: `a_lps` and `b_lps` are shown side by side now.
    pub fn by_position(a_lps: DVec3, b_lps: DVec3) -> Self {
        Self::Offset { b_minus_a_mm: b_lps - a_lps }
    }

    /// Patient mm of `b` from those of `a`.
    pub fn b_from_a(&self) -> DAffine3 {
        match self {
            Self::SameFrame => DAffine3::IDENTITY,
            Self::Registered { b_from_a } => *b_from_a,
            Self::Offset { b_minus_a_mm } => DAffine3::from_translation(*b_minus_a_mm),
        }
    }

    /// Where a point of `a` lies in `b`.
    pub fn point(&self, a_lps: DVec3) -> DVec3 {
        self.b_from_a().transform_point3(a_lps)
    }

    /// A direction of `a` in `b`.
    pub fn direction(&self, a_lps: DVec3) -> DVec3 {
        self.b_from_a().transform_vector3(a_lps)
    }

    /// The way back.
    pub fn inverse(&self) -> Self {
        match self {
            Self::SameFrame => Self::SameFrame,
            Self::Registered { b_from_a } => Self::Registered { b_from_a: b_from_a.inverse() },
            Self::Offset { b_minus_a_mm } => Self::Offset { b_minus_a_mm: -*b_minus_a_mm },
        }
    }

    /// What it rests on, for the screen: "frame of reference", "registration", "position".
    pub fn basis(&self) -> &'static str {
        match self {
            Self::SameFrame => "frame of reference",
            Self::Registered { .. } => "registration",
            Self::Offset { .. } => "position",
        }
    }
}

/// The registrations that are known, between frames of reference by their UIDs, and the places that were put side by side.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Links {
    /// From a frame: to a frame, and the map there. Every map is stored both ways.
    from: BTreeMap<String, BTreeMap<String, DAffine3>>,
    /// From a frame: to a frame, and what is added to a point, mm. Never part of a chain: a place that was put side by side by
    /// eye says nothing of a third frame.
    side_by_side: BTreeMap<String, BTreeMap<String, DVec3>>,
}

impl Links {
    /// Adds a registration of frame `a` to frame `b`; a later one for the same two replaces it. Maps that cannot be inverted
    /// and frames without UID are not taken: returns whether it was.
    pub fn add(&mut self, a_uid: &str, b_uid: &str, b_from_a: DAffine3) -> bool {
        let determinant = b_from_a.matrix3.determinant();
        let usable = b_from_a.is_finite() && determinant.is_normal();
        if !usable || a_uid.is_empty() || b_uid.is_empty() || a_uid == b_uid {
            return false;
        }
        self.from.entry(a_uid.into()).or_default().insert(b_uid.into(), b_from_a);
        self.from.entry(b_uid.into()).or_default().insert(a_uid.into(), b_from_a.inverse());
        true
    }

    /// Links frames by two places that are shown side by side; a registration of the two goes before it. Returns whether it
    /// was taken.
    pub fn add_position(&mut self, a_uid: &str, a_lps: DVec3, b_uid: &str, b_lps: DVec3) -> bool {
        if a_uid.is_empty() || b_uid.is_empty() || a_uid == b_uid || !(b_lps - a_lps).is_finite() {
            return false;
        }
        self.side_by_side.entry(a_uid.into()).or_default().insert(b_uid.into(), b_lps - a_lps);
        self.side_by_side.entry(b_uid.into()).or_default().insert(a_uid.into(), a_lps - b_lps);
        true
    }

    /// Forgets what links two frames directly. Returns whether there was something.
    pub fn remove(&mut self, a_uid: &str, b_uid: &str) -> bool {
        let mut removed = false;
        for (a, b) in [(a_uid, b_uid), (b_uid, a_uid)] {
            removed |= self.from.get_mut(a).is_some_and(|to| to.remove(b).is_some());
            removed |= self.side_by_side.get_mut(a).is_some_and(|to| to.remove(b).is_some());
        }
        removed
    }

    /// Forgets everything that links a frame directly.
    pub fn unlink(&mut self, uid: &str) {
        let registered = self.from.get(uid).into_iter().flat_map(BTreeMap::keys);
        let beside = self.side_by_side.get(uid).into_iter().flat_map(BTreeMap::keys);
        for other in registered.chain(beside).cloned().collect::<Vec<_>>() {
            self.remove(uid, &other);
        }
    }

    /// How frame `b` follows frame `a`: the same frame, else the shortest chain of registrations, else two places side by side.
    pub fn between(&self, a_uid: &str, b_uid: &str) -> Result<Link, NoLink> {
        if let Ok(same) = Link::by_frames(a_uid, b_uid) {
            return Ok(same);
        }
        let mut reached = BTreeMap::from([(a_uid, DAffine3::IDENTITY)]);
        let mut waiting = VecDeque::from([a_uid]);
        while let Some(frame) = waiting.pop_front() {
            let frame_from_a = reached[frame];
            for (next, next_from_frame) in self.from.get(frame).into_iter().flatten() {
                if !reached.contains_key(next.as_str()) {
                    reached.insert(next, *next_from_frame * frame_from_a);
                    waiting.push_back(next);
                }
            }
        }
        if let Some(b_from_a) = reached.get(b_uid).filter(|_| !b_uid.is_empty()) {
            return Ok(Link::Registered { b_from_a: *b_from_a });
        }
        let offset = self.side_by_side.get(a_uid).and_then(|to| to.get(b_uid));
        offset.map(|mm| Link::Offset { b_minus_a_mm: *mm }).ok_or(NoLink)
    }
}
