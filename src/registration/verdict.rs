//! Where a result stops being trusted.
//!
//! The limits were set on the phantoms and on public images of one patient and of different ones (`tests/it/registration.rs`):
//! pairs that belong together found their optimum again within 1 mm at the corners (a cropped PET on CT: 7 mm), strangers
//! within 10 to 26 mm.

use super::search::{Found, LEAST_OVERLAP};
use super::{Start, Verdict};

/// Spread at the corners, mm: above, a person must look; above the second, nothing was found.
const SPREAD_MM: [f64; 2] = [2.5, 8.0];
/// Mean disagreement of halves of the body with the whole, mm.
const LOCAL_MM: [f64; 2] = [4.0, 10.0];
/// Share of the smaller body within the other volume.
const OVERLAP: f64 = 0.5;
/// Gain of another optimum as a share of the result's.
const RIVAL: f64 = 0.8;
/// Gain of the measure over poses that are surely wrong.
const GAIN: f64 = 0.01;
/// How far one frame of reference is corrected without a word, mm.
const CORRECTION_MM: f64 = 20.0;

/// Judges a result; the reasons are full sentences, the gravest first.
pub(super) fn verdict(found: &Found, start: Start) -> (Verdict, Vec<String>) {
    let failures = failures(found);
    if !failures.is_empty() {
        return (Verdict::Failed, failures);
    }
    let doubts = doubts(found, start);
    (if doubts.is_empty() { Verdict::Good } else { Verdict::Doubtful }, doubts)
}

fn failures(found: &Found) -> Vec<String> {
    let residual = &found.residual;
    let mut reasons = Vec::new();
    let mut add = |is_so: bool, reason: String| {
        if is_so {
            reasons.push(reason);
        }
    };
    add(
        found.overlap < LEAST_OVERLAP,
        format!("Only {:.0} % of the smaller body lies within the other volume.", 100.0 * found.overlap),
    );
    add(
        found.metric_after - found.metric_chance < GAIN,
        "The two volumes match hardly better there than anywhere else.".into(),
    );
    add(
        residual.spread.max_mm > SPREAD_MM[1],
        format!("Repeated with other samples, the result moves by up to {:.0} mm.", residual.spread.max_mm),
    );
    add(
        residual.local.mean_mm > LOCAL_MM[1],
        format!("Halves of the body lie elsewhere by {:.0} mm in the mean.", residual.local.mean_mm),
    );
    add(residual.agreeing == 0 && residual.rival > RIVAL, "No two starts ended at the same place.".into());
    reasons
}

fn doubts(found: &Found, start: Start) -> Vec<String> {
    let residual = &found.residual;
    let mut reasons = Vec::new();
    let mut add = |is_so: bool, reason: String| {
        if is_so {
            reasons.push(reason);
        }
    };
    add(
        residual.spread.max_mm > SPREAD_MM[0],
        format!("Repeated with other samples, the result moves by up to {:.1} mm.", residual.spread.max_mm),
    );
    add(
        residual.local.mean_mm > LOCAL_MM[0],
        format!(
            "Halves of the body lie elsewhere by {:.1} mm in the mean: the body changed its shape.",
            residual.local.mean_mm
        ),
    );
    add(residual.rival > RIVAL, "Another place, more than a few millimeters away, matches nearly as well.".into());
    add(
        found.overlap < OVERLAP,
        format!("Only {:.0} % of the smaller body lies within the other volume.", 100.0 * found.overlap),
    );
    add(
        residual.agreeing < 2,
        format!("Only {} of {} starts ended at this place.", residual.agreeing, residual.starts),
    );
    add(
        start == Start::SameFrame && found.moved_mm > CORRECTION_MM,
        format!("The volumes share a frame of reference, yet the result moves them by {:.0} mm.", found.moved_mm),
    );
    reasons
}
