//! All tests that need no GPU: one binary, because the dependency graph is large and each further file would relink it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says what failed by panicking")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "measured figures and skipped tests are said aloud")]
#![allow(clippy::float_cmp, reason = "values that are exact must stay exact")]
#![allow(clippy::doc_markdown, reason = "tests name files and functions in prose")]
#![allow(missing_docs, reason = "a test binary has no public interface")]

mod common;

mod ai_net;
mod ai_rules;
mod case;
mod charset;
mod cli;
mod comparison;
mod deidentify;
mod drr;
mod geometry;
mod hanging;
mod hostile;
mod io_formats;
mod io_read;
mod io_write;
mod layers;
mod measurements;
mod measures;
mod objects;
mod phantom;
mod priors;
mod registration;
mod render_cpu;
mod report;
mod settings;
mod surfaces;
mod volume;
mod words;
