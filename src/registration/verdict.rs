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
    said([
        (
            found.overlap < LEAST_OVERLAP,
            format!("Only {:.0} % of the smaller body lies within the other volume.", 100.0 * found.overlap),
        ),
        (
            found.metric_after - found.metric_chance < GAIN,
            "The two volumes match hardly better there than anywhere else.".into(),
        ),
        (
            residual.spread.max_mm > SPREAD_MM[1],
            format!("Repeated with other samples, the result moves by up to {:.0} mm.", residual.spread.max_mm),
        ),
        (
            residual.local.mean_mm > LOCAL_MM[1],
            format!("Halves of the body lie elsewhere by {:.0} mm in the mean.", residual.local.mean_mm),
        ),
        (residual.agreeing == 0 && residual.rival > RIVAL, "No two starts ended at the same place.".into()),
    ])
}

fn doubts(found: &Found, start: Start) -> Vec<String> {
    let residual = &found.residual;
    said([
        (
            residual.spread.max_mm > SPREAD_MM[0],
            format!("Repeated with other samples, the result moves by up to {:.1} mm.", residual.spread.max_mm),
        ),
        (
            residual.local.mean_mm > LOCAL_MM[0],
            format!(
                "Halves of the body lie elsewhere by {:.1} mm in the mean: the body changed its shape.",
                residual.local.mean_mm
            ),
        ),
        (residual.rival > RIVAL, "Another place, more than a few millimeters away, matches nearly as well.".into()),
        (
            found.overlap < OVERLAP,
            format!("Only {:.0} % of the smaller body lies within the other volume.", 100.0 * found.overlap),
        ),
        (
            residual.agreeing < 2,
            format!("Only {} of {} starts ended at this place.", residual.agreeing, residual.starts),
        ),
        (
            start == Start::SameFrame && found.moved_mm > CORRECTION_MM,
            format!("The volumes share a frame of reference, yet the result moves them by {:.0} mm.", found.moved_mm),
        ),
    ])
}

/// The sentences that hold.
fn said<const N: usize>(all: [(bool, String); N]) -> Vec<String> {
    all.into_iter().filter(|(is_so, _)| *is_so).map(|(_, reason)| reason).collect()
}
