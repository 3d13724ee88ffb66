//! Objects beside images: structure sets, masks, dose, reports, presentation states, key objects, documents.

mod documents;
mod made;
mod masks;
mod presentations;
mod structures;
mod values;
