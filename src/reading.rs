//! (being written)
pub const DEMO_SEED: u64 = 1;
