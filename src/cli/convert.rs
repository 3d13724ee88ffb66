//! `fovea convert PATH -o OUT.nii[.gz]`.
use super::Failure;
use std::io::Write;
use std::path::PathBuf;

/// What the command takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// File or folder.
    pub path: PathBuf,
    /// Output.
    #[arg(short, long)]
    pub output: PathBuf,
    /// Series.
    #[arg(long, value_name = "UID")]
    pub series: Option<String>,
}

/// Converts.
pub fn run(_args: &Args, _out: &mut dyn Write) -> Result<(), Failure> {
    Err(Failure::Failed("not yet".into()))
}
