//! What readers measure: shapes on planes and pictures, their numbers, and their way through case, report and files.

mod edits;
mod export;
mod flat;
mod handles;
mod made;
mod pipeline;
mod solids;
