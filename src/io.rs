//! (being written)

pub mod packs;
