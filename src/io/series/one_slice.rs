//! One slice of a volume before the volume is there: what a viewport shows while the rest is read. It goes the way of the
//! whole series, so that its values, place and unit are those that the volume will have.

use super::{LoadError, Loading, VolumeFailure, known};
use crate::geometry::{DVec3, VolumeGeometry};
use crate::io::facts::SliceFacts;
use crate::jobs::{Cancel, Progress};
use crate::loaded::SliceSource;
use crate::study::{Catalog, Series, SeriesGeometry};
use crate::volume::{VoiChoice, Volume};

/// Farthest that a slice may lie from where the catalog's geometry puts it.
const SAME_PLACE_MM: f64 = 0.05;

/// Where each slice of a series comes from whose grid is known from the headers, ascending k. `None` for anything else, and
/// for sheared stacks, whose volume gets another grid.
pub fn slices_of(series: &Series) -> Option<(VolumeGeometry, Vec<SliceSource>)> {
    let SeriesGeometry::Volume(geometry) = &series.geometry else { return None };
    let slices = geometry.dims()[2];
    let sources: Vec<SliceSource> = if series.slices.is_empty() {
        let frames = |instance: usize| 0..series.instances[instance].frames.max(1);
        let all = (0..series.instances.len()).flat_map(|n| frames(n).map(move |frame| (n, frame)));
        all.map(|(instance, frame)| SliceSource { instance, frame }).take(slices).collect()
    } else {
        series.slices.clone()
    };
    let is_dicom = series.instances.iter().all(|i| !i.transfer_syntax.is_empty());
    (is_dicom && !geometry.is_sheared() && sources.len() == slices).then(|| (geometry.clone(), sources))
}

/// Slice `k` of such a series as a volume of one slice in its place, and the windows of its header.
pub fn load_slice(catalog: &Catalog, key: &str, k: usize) -> Result<(Volume, Vec<VoiChoice>), LoadError> {
    let (study, series) = known(catalog, key)?;
    let nothing = |why: &str| LoadError::Nothing(why.into());
    let (geometry, sources) = slices_of(series).ok_or_else(|| nothing("its slices have no place of their own"))?;
    let source = *sources.get(k).ok_or_else(|| nothing("there is no such slice"))?;
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let loading = Loading { catalog, study, series, progress: &progress, cancel: &cancel };
    let opened = loading.open(|instance| instance == source.instance)?;
    let facts: Vec<&SliceFacts> = opened.facts.iter().filter(|f| f.frame == source.frame).collect();
    let origin = geometry.point_lps(DVec3::new(0.0, 0.0, k as f64));
    let in_place = |f: &SliceFacts| f.position_lps.is_some_and(|p| p.distance(origin) < SAME_PLACE_MM);
    let [columns, rows, _] = geometry.dims();
    if facts.len() != 1 || facts[0].size != [columns, rows] || !in_place(facts[0]) {
        return Err(nothing("the slice is not where the series says"));
    }
    let place = VolumeGeometry::new([columns, rows, 1], origin, geometry.spacing_mm(), geometry.direction());
    let place = place.map_err(|e| nothing(&e.to_string()))?;
    loading.volume(&opened, &place, &facts).map_err(|failure| match failure {
        VolumeFailure::Load(error) => error,
        VolumeFailure::Slice(reason) => LoadError::Nothing(reason),
    })
}
