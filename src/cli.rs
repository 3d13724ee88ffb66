//! The library without a window.

pub mod convert;
pub mod info;

/// How a command ends when it does not end well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The work failed: exit 1.
    Failed(String),
    /// Wrong usage: exit 2.
    Usage(String),
    /// Refused as unsafe: exit 3.
    Refused(String),
}
