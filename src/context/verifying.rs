//! What the verification of a view gave: the device's picture held against the CPU's.

use super::{AppContext, ViewportId};
use std::time::{Duration, Instant};

/// How long a good result stays on the viewport.
const SHOWN_FOR: Duration = Duration::from_secs(8);

/// The last result of a viewport.
#[derive(Debug, Clone)]
pub struct Verified {
    /// What was found, in words.
    pub words: String,
    /// The two pictures differ: said loudly as long as the viewport is there.
    pub failed: bool,
    /// When.
    pub at: Instant,
}

impl AppContext<'_> {
    /// What a viewport says of its last verification, and for how long still; a failure stays.
    pub fn verified(&self, id: ViewportId) -> Option<(&Verified, Option<Duration>)> {
        let verified = self.view.verified.get(&id)?;
        if verified.failed {
            return Some((verified, None));
        }
        let left = SHOWN_FOR.checked_sub(verified.at.elapsed())?;
        Some((verified, Some(left)))
    }
}
