//! Slices and pictures to PNG, as they are seen through the first window.

use super::{Args, Kind, empty_folder};
use crate::cli::Failure;
use crate::cli::render::output::write_png;
use crate::loaded::LoadedSeries;
use crate::render::{PictureDraw, cpu, first_window};
use std::io::Write;
use std::path::Path;

/// One slice as a file, or all as a folder.
pub(super) fn convert(args: &Args, loaded: &LoadedSeries, out: &mut dyn Write) -> Result<(), Failure> {
    let count = loaded.slices.len();
    let (shown, is_file) =
        (args.output.display(), args.output.extension().is_some_and(|e| e.eq_ignore_ascii_case("png")));
    if args.kind == Some(Kind::Png) && !is_file {
        empty_folder(args)?;
        for k in 0..count {
            write(loaded, k, &args.output.join(format!("{:04}.png", k + 1)))?;
        }
        return Ok(writeln!(out, "{shown}: {count} pictures, gray levels of the first window")?);
    }
    let k = match args.index {
        Some(k) if k < count => k,
        None if count == 1 => 0,
        Some(k) => {
            return Err(Failure::Usage(format!("--index {k}: the series has slices 0 to {}", count.saturating_sub(1))));
        }
        None => {
            return Err(Failure::Usage(format!(
                "{shown}: the series has {count} slices; name one with --index, or a folder with --as png"
            )));
        }
    };
    write(loaded, k, &args.output)?;
    Ok(writeln!(out, "{shown}: slice {k}, gray levels of the first window")?)
}

fn write(loaded: &LoadedSeries, k: usize, path: &Path) -> Result<(), Failure> {
    let picture = cpu::image_picture(loaded, k).ok_or_else(|| Failure::Failed(format!("slice {k} is not there")))?;
    let (voi, inverted) = first_window(loaded, k);
    let size = [picture.width, picture.height];
    let draw = PictureDraw::fit(size, 1.0, size.map(|n| n as u32), voi, inverted);
    write_png(path, &cpu::picture_rgba(&picture, &draw))
}
