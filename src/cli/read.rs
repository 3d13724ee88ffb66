//! `fovea read`: the whole job without a window, with the same code as the window's.

use super::{Failure, open_catalog, shown_on_stderr};
use crate::io;
use crate::jobs::Cancel;
use crate::reading::{self, ExportTarget, Models};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Arguments of `fovea read`.
#[derive(clap::Args)]
pub struct Args {
    /// A study, a folder or a file.
    pub path: PathBuf,
    /// Folder for the results; it is made if need be.
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// Read this series instead of the one that suits the models best.
    #[arg(long, value_name = "UID")]
    pub series: Option<String>,
}

/// Reads and exports.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    read(&args.path, args.series.as_deref(), &args.output, out)
}

/// Reads the named (or the best) series at `path` and writes everything into `folder`.
pub(super) fn read(path: &Path, series: Option<&str>, folder: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let cancel = Cancel::default();
    let catalog = shown_on_stderr(|progress| open_catalog(path, progress))?;
    let (uid, left_aside) = match series {
        Some(_) => (super::choose_series(&catalog, path, series)?, Vec::new()),
        None => {
            reading::best_series(&catalog).ok_or_else(|| Failure::Failed(super::series::nothing_in(&catalog, path)))?
        }
    };
    let source = shown_on_stderr(|progress| io::load_series(&catalog, &uid, progress, &cancel))
        .map_err(super::series::load_failure)?;
    let models = Models::installed();
    let reading = shown_on_stderr(|progress| reading::read(source, &models, &left_aside, progress, &cancel))
        .map_err(Failure::failed)?;
    let target = ExportTarget { folder, source_root: catalog.root_of(&reading.source().series) };
    let written = shown_on_stderr(|progress| reading::export(&reading, &target, progress)).map_err(Failure::failed)?;
    for line in left_aside {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "{}", written.summary())?;
    Ok(())
}
