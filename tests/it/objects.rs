//! Objects beside images: structure sets, masks, dose, reports, presentation states, key objects, documents.

mod documents;
pub mod made;
mod masks;
mod presentations;
mod structures;
mod values;
