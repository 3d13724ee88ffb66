//! Fovea: a desktop reading room for radiology. (The architecture is told here once all rooms stand.)
#![deny(unsafe_code)]

pub mod ai;
pub mod app;
pub mod case;
pub mod cli;
pub mod codes;
pub mod context;
pub mod findings;
pub mod geometry;
pub mod io;
pub mod jobs;
pub mod loaded;
pub mod phantom;
pub mod reading;
pub mod render;
pub mod report;
pub mod study;
pub mod ui;
pub mod volume;
