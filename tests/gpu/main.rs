//! Tests that draw: GPU renderer against its CPU twins, and the real window without a display.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says what failed by panicking")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "measured figures and skipped tests are said aloud")]
#![allow(clippy::float_cmp, reason = "values that are exact must stay exact")]
#![allow(clippy::doc_markdown, reason = "tests name files and functions in prose")]
#![allow(missing_docs, reason = "a test binary has no public interface")]

mod raycast;
mod render;
mod solids;
mod window;
