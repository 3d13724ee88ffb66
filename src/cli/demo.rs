//! `fovea demo`: the demonstration study. With `--headless DIR` the same reading runs without a window.

use super::{Failure, shown_on_stderr};
use crate::jobs::Cancel;
use crate::reading;
use std::io::Write;
use std::path::PathBuf;

/// Arguments of `fovea demo`.
#[derive(clap::Args)]
pub struct Args {
    /// No window: the study, its pictures, masks, findings and report land in this folder.
    #[arg(long, value_name = "DIR")]
    pub headless: Option<PathBuf>,
    /// Which patient: the anatomy varies with the number.
    #[arg(long, default_value_t = reading::DEMO_SEED, value_name = "N")]
    pub seed: u64,
}

/// Writes the phantom study and reads its CT.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let folder = args.headless.as_ref().ok_or_else(|| Failure::Usage("name a folder: --headless DIR".into()))?;
    let study = folder.join("study");
    shown_on_stderr(|progress| reading::write_phantom(&study, args.seed, progress, &Cancel::default()))
        .map_err(Failure::failed)?;
    super::read::read(&study.join(reading::IMAGES), None, folder, out)?;
    let report = folder.join("report.html");
    writeln!(out, "The demonstration was read. Open the report in a browser: {}", report.display())?;
    writeln!(out, "Pictures: {}", folder.join("key_images").display())?;
    Ok(())
}
