//! Networks: operators against the naive loop, packs, and MeshNet against the references of the original.

mod conv;
