//! Series to a folder of derived DICOM files.

use super::{Args, empty_folder, refused};
use crate::cli::Failure;
use crate::io::{uid, voxel_file, write};
use crate::loaded::LoadedSeries;
use crate::study::{Catalog, Series};
use std::io::Write;
use write::{Origin, SeriesDescription, WriteContext, write_picture_dicom, write_volume_dicom};

/// A volume, one file per slice; or a single picture.
pub(super) fn convert(
    args: &Args,
    catalog: &Catalog,
    loaded: &LoadedSeries,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let shown = args.output.display();
    let what = SeriesDescription {
        study: &loaded.study,
        // A new series: the source's own identifiers name the source.
        series: &Series { uid: uid::fresh(), part: None, slices: Vec::new(), ..(*loaded.series).clone() },
        origin: Origin::Converted(origin(catalog, &loaded.series)),
        voi: loaded.header_voi,
    };
    let context = WriteContext { source_root: Some(catalog.root_of(&loaded.series)), ..WriteContext::default() };
    let (count, note) = if let Some(volume) = loaded.volume() {
        empty_folder(args)?;
        write_volume_dicom(&args.output, &what, volume, &context).map_err(Failure::failed)?;
        let exact = write::stores_exactly(volume);
        (volume.dims()[2], if exact { "" } else { "; values were rounded to 65 535 steps" })
    } else if let [picture] = loaded.pictures() {
        empty_folder(args)?;
        write_picture_dicom(&args.output, "0001.dcm", &what, picture, &context).map_err(Failure::failed)?;
        (1, "")
    } else {
        return Err(refused(args, loaded));
    };
    Ok(writeln!(out, "{shown}: {count} DICOM files, derived{note}")?)
}

/// What the series was: "NIfTI", "a picture file", "DICOM".
fn origin(catalog: &Catalog, series: &Series) -> String {
    let Some(first) = series.instances.first() else { return "nothing".into() };
    if !first.sop_class_uid.is_empty() {
        return "DICOM".into();
    }
    match voxel_file::open(&catalog.path(first)) {
        Some(Ok(file)) => file.header.format.to_string(),
        _ => "a picture file".into(),
    }
}
