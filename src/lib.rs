//! Fovea: a desktop reading room for radiology.
//!
//! # Bird's eye
//!
//! Files become a [`study::Catalog`]; a series of it becomes a [`loaded::LoadedSeries`] (an immutable [`volume::Volume`], or
//! pictures). Models turn it into masks and [`findings::Finding`]s; [`report::compose`] words them. All of that lives in one
//! undoable document, the [`case::Case`], which changes only through [`case::Edit`] and keeps a journal. [`reading`] strings
//! the steps together; the window ([`app`], [`ui`]) and the command line ([`cli`]) are two faces of it.
//!
//! ```text
//!  files ──io──▶ Catalog ──io──▶ LoadedSeries ──ai──▶ Proposal ──case──▶ findings, masks, report ──io──▶ SEG, SR, HTML, …
//!                                     │                                       │
//!                                   render (WGSL and its CPU twins)         journal
//!                                     └────────────── ui, cli ──────────────┘
//! ```
//!
//! # Rooms
//!
//! | room | one sentence |
//! |---|---|
//! | [`geometry`] | points, units, and the maps between voxel index and patient millimetres (LPS) |
//! | [`volume`] | immutable voxel grids, lookup tables, label maps, segmentations, brushes; pure operations on them |
//! | [`study`] | patient, study, series as display sets, geometry passport, instance, warnings: no pixels |
//! | [`registration`] | rigid registration of two volumes, and links from the points of one series to those of another |
//! | [`hanging`] | hanging protocols: which series hangs where, from facts of the catalog alone |
//! | [`loaded`] | a series joined to its pixels |
//! | [`codes`] | coded concepts; belongs to no room |
//! | [`settings`] | what the program remembers of its user, and the keys of its commands |
//! | [`words`] | the texts of the interface, in the user's language |
//! | [`findings`] | what was seen, where, by whom, how surely; measurements and their rounding |
//! | [`jobs`] | named, cancellable, progress-reporting work off the UI thread |
//! | [`phantom`] | the demonstration patient, made in code, with perfect label maps |
//! | [`io`] | files to catalog, volumes, objects, packs, and back; the only place with DICOM and NIfTI |
//! | [`render`] | volumes and planes to pixels, on the GPU and on the CPU |
//! | [`ai`] | volumes to masks and findings; the only place with candle |
//! | [`report`] | compose, check and lay out reports |
//! | [`case`] | the undoable document and its journal |
//! | [`reading`] | the whole job as functions, for the window and the command line alike |
//! | [`context`] | what the UI may read, and the commands that it may send |
//! | [`ui`] | paints, and turns input into commands |
//! | [`app`] | owns state, runs jobs, applies commands |
//! | [`cli`] | the same library without a window |
//!
//! Who may use whom is a table in `tests/it/layers.rs`, held against the source.
//!
//! # Invariants
//!
//! - Patient space is LPS, millimetres, `f64`; voxel centers at integers; RAS exists in `io::nifti` only.
//! - Slice spacing comes from projected positions, never from Slice Thickness.
//! - One pixel pipeline in the standard's words: stored value, Modality LUT, VOI LUT, presentation.
//! - A `Volume` never changes; a `Case` changes only through `Edit`; a signed report never changes at all.
//! - Every WGSL function that changes a pixel a person reads has a CPU twin of the same name, and tests compare them.
//! - What Fovea writes, it reads back and compares before it says "saved"; files appear whole or not at all.
//! - Broken input gives a value plus warnings, or one sentence; never a panic, never silence.
//! - No patient data and no paths in logs. No network.

pub mod ai;
pub mod app;
pub mod case;
pub mod cli;
pub mod codes;
pub mod context;
pub mod findings;
pub mod geometry;
pub mod hanging;
pub mod io;
pub mod jobs;
pub mod loaded;
pub mod phantom;
pub mod reading;
pub mod registration;
pub mod render;
pub mod report;
pub mod settings;
pub mod study;
pub mod ui;
pub mod volume;
pub mod words;
