//! What readers measure: shapes on planes and pictures, their numbers, and their way through case, report and files.

mod edits;
mod flat;
mod handles;
mod made;
mod solids;
