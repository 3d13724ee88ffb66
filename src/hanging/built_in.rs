//! The protocols that come with the program.

use super::file::{HangingError, parse};
use super::protocol::Protocol;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// Name and text of each file, in the order in which equal points are decided.
        pub const BUILT_IN: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../assets/hanging/", $name)))),*];
    };
}

files!(
    "mammography.toml",
    "chest-radiograph.toml",
    "pet-ct.toml",
    "chest-ct.toml",
    "abdomen-ct.toml",
    "head-ct.toml",
    "brain-mr.toml",
    "volume.toml",
    "picture.toml",
);

/// All of them. An error is a defect of the program: a test reads each.
pub fn built_in() -> Result<Vec<Protocol>, HangingError> {
    BUILT_IN.iter().map(|(file, text)| parse(file, text)).collect()
}
