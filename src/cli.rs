//! The library without a window: one module per command. Results go to the given writer (stdout), messages to stderr.

pub mod probe;
pub mod render;
mod series;

pub use series::open_series;

use std::io::Write;

/// Why a command failed, in one sentence: what, where, what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The work failed: exit code 1.
    #[error("{0}")]
    Failed(String),
    /// Wrong usage: exit code 2.
    #[error("{0}")]
    Usage(String),
    /// Refused as unsafe, for example because the geometry would be a guess: exit code 3.
    #[error("{0}")]
    Refused(String),
}

impl Failure {
    /// The process's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Refused(_) => 3,
        }
    }
}

/// A message for people, on stderr.
pub fn say(message: &str) {
    // Nobody is left to hear that stderr is closed.
    let _ = writeln!(std::io::stderr(), "{message}");
}

/// `N` finite numbers separated by commas, as clap value parser.
pub fn numbers<const N: usize>(text: &str) -> Result<[f64; N], String> {
    let parsed: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse::<f64>()).collect();
    let parsed = parsed.map_err(|_| format!("\"{text}\" is not {N} numbers separated by commas"))?;
    let found = parsed.len();
    let numbers: [f64; N] = parsed.try_into().map_err(|_| format!("expected {N} numbers, found {found}"))?;
    if numbers.iter().all(|n| n.is_finite()) { Ok(numbers) } else { Err("the numbers must be finite".into()) }
}
