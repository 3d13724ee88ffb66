//! Networks: operators against the naive loop, packs, and MeshNet against the references of the original.

mod conv;
mod meshnet;
mod orientation;
mod pack;
mod references;
mod store;
