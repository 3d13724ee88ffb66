//! Which series of a folder to read when none is named.

use crate::study::{Catalog, Series, SeriesGeometry};

/// The UID of the series that suits the models best, and one sentence for each other series with images. `None` without
/// any image.
///
/// Volumes before pictures, CT before MR before others, then the most voxels: thin, complete stacks win.
pub fn best_series(catalog: &Catalog) -> Option<(String, Vec<String>)> {
    let mut candidates: Vec<&Series> = catalog
        .series()
        .map(|(_, series)| series)
        .filter(|s| s.has_pixels() && !matches!(s.modality.as_str(), "SEG" | "RTDOSE" | "PR" | "KO"))
        .collect();
    candidates.sort_by_key(|s| std::cmp::Reverse(rank(s)));
    let (best, rest) = candidates.split_first()?;
    Some((best.key(), rest.iter().map(|s| format!("Not read: {}.", describe(s))).collect()))
}

fn rank(series: &Series) -> (bool, u8, u64) {
    let kind = match series.modality.as_str() {
        "CT" => 4,
        "MR" => 3,
        "CR" | "DX" => 2,
        _ => 1,
    };
    let voxels = series.instances.iter().map(|i| u64::from(i.rows) * u64::from(i.columns) * u64::from(i.frames)).sum();
    (matches!(series.geometry, SeriesGeometry::Volume(_)), kind, voxels)
}

fn describe(series: &Series) -> String {
    let number = series.number.map_or_else(String::new, |n| format!("series {n}, "));
    let name = if series.description.is_empty() { "without description" } else { &series.description };
    let images: u64 = series.instances.iter().map(|i| u64::from(i.frames)).sum();
    let plural = if images == 1 { "image" } else { "images" };
    format!("{number}{} \"{name}\" ({images} {plural})", series.modality)
}
