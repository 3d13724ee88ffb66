//! All tests that need no GPU: one binary, because the dependency graph is large and each further file would relink it.

mod common;

mod ai_net;
mod ai_rules;
mod case;
mod cli;
mod geometry;
mod io_read;
mod io_write;
mod layers;
mod measures;
mod phantom;
mod render_cpu;
mod report;
mod volume;
