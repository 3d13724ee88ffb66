//! `fovea phantom`: writes the procedural study (thorax CT, two radiographs, brain MR) as DICOM, with its label maps.

use super::{Failure, shown_on_stderr};
use crate::jobs::Cancel;
use crate::reading;
use std::io::Write;
use std::path::PathBuf;

/// Arguments of `fovea phantom`.
#[derive(clap::Args)]
pub struct Args {
    /// Folder to write to; it is made if need be.
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// Which patient: the anatomy varies with the number.
    #[arg(long, default_value_t = reading::DEMO_SEED, value_name = "N")]
    pub seed: u64,
}

/// Writes the study and says what is in it.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let written =
        shown_on_stderr(|progress| reading::write_phantom(&args.output, args.seed, progress, &Cancel::default()))
            .map_err(Failure::failed)?;
    for line in written {
        writeln!(out, "{line}")?;
    }
    Ok(())
}
