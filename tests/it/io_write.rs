//! Objects that are written, and read back: masks, reports, derived series; and what happens when they cannot be.

mod masks;
mod planes;
mod reports;
mod series;
pub mod sources;
