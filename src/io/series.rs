//! Series with their pixels: files in parallel, straight into the voxels of a volume where slices make one, else picture by
//! picture.
//!
//! Values: the Modality LUT stays beside the stored values ([`crate::volume::Rescale`]); where it differs from slice to slice
//! (PET) or is a table, it is applied, and the voxels are 32-bit floats. A file that fails is named in a warning; the rest is a
//! volume as long as its slices stay regular.

mod color;
mod file;
pub(super) mod graphics;
mod lut;
mod one_slice;
mod picture;
mod to_nifti;
pub(super) mod units;

pub use one_slice::{load_slice, slices_of};
pub use to_nifti::{ConvertError, Converted, convert_to_nifti};

use super::dicom::DicomFile;
use super::facts::{self, SliceFacts};
use super::open::takes_part_in_volumes;
use super::pixels::{FrameIndex, Frames, PixelError, SampleType, for_each_sample};
use super::{image_file, sniff, stack, suv, voxel_file};
use crate::geometry::VolumeGeometry;
use crate::jobs::{Cancel, Progress};
use crate::loaded::{ImageData, LoadedSeries, SliceSource};
use crate::study::{Catalog, Instance, Series, SeriesGeometry, Study, Warnings};
use crate::volume::{Picture, Rescale, ValueUnit, VoiChoice, Volume, Voxels};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Voxels of a volume that is still loaded (4 GiB of floats).
const MAX_VOXELS: usize = 1 << 30;

/// Why a series could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// No such series in the catalog.
    #[error("there is no series {0}; list them with `fovea info`")]
    Unknown(String),
    /// It holds reports, plans or the like.
    #[error("series {0} holds no pixels that can be shown")]
    NoPixels(String),
    /// No file of it could be decoded.
    #[error("no image of the series can be shown: {0}")]
    Nothing(String),
    /// Too large for this machine.
    #[error("the volume of {0} voxels does not fit in memory")]
    Memory(usize),
    /// Asked to stop.
    #[error("loading was cancelled")]
    Cancelled,
}

/// Loads a series of the catalog.
pub fn load_series(
    catalog: &Catalog,
    key: &str,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<LoadedSeries, LoadError> {
    let (study, series) = known(catalog, key)?;
    let is_image = |i: &Instance| i.rows > 0;
    let first = series.instances.iter().position(is_image).ok_or_else(|| LoadError::NoPixels(key.into()))?;
    let path = catalog.path(&series.instances[first]);
    if image_file::is_picture(&path, &sniff(&path).unwrap_or_default()) {
        return file::load_pictures(&path, study, series, first, cancel);
    }
    match voxel_file::open(&path) {
        Some(opened) => file::load_voxels(opened, study, series, first),
        None => Loading { catalog, study, series, progress, cancel }.run(),
    }
}

/// One picture of a series, quickly: its middle slice, for the first look and thumbnails.
pub fn load_preview(catalog: &Catalog, key: &str) -> Result<Picture, LoadError> {
    let (_, series) = known(catalog, key)?;
    let (middle, wanted_frame) = middle_slice(series).ok_or_else(|| LoadError::NoPixels(key.into()))?;
    let path = catalog.path(middle);
    if image_file::is_picture(&path, &sniff(&path).unwrap_or_default()) {
        return image_file::read(&path, 0).map_err(LoadError::Nothing);
    }
    if let Some(opened) = voxel_file::open(&path) {
        return file::preview(opened, series);
    }
    let file = DicomFile::open(&path).map_err(|e| LoadError::Nothing(e.to_string()))?;
    let frames = Frames::new(&file, &mut Warnings::default()).map_err(|e| LoadError::Nothing(e.to_string()))?;
    let frame = wanted_frame.unwrap_or(frames.format.frames / 2);
    // Slices of a mosaic have numbers beyond its one frame.
    let frame = if frame < frames.format.frames { frame } else { 0 };
    picture::of_frame(&file, &frames, frame).map_err(|e| LoadError::Nothing(e.to_string()))
}

/// The instance in the middle of a display set, and the frame of it where that matters.
fn middle_slice(series: &Series) -> Option<(&Instance, Option<usize>)> {
    if let Some(source) = series.slices.get(series.slices.len() / 2) {
        return Some((series.instances.get(source.instance)?, Some(source.frame as usize)));
    }
    let with_pixels: Vec<&Instance> = series.instances.iter().filter(|i| i.rows > 0).collect();
    with_pixels.get(with_pixels.len() / 2).map(|instance| (*instance, None))
}

fn known<'a>(catalog: &'a Catalog, key: &str) -> Result<(&'a Study, &'a Series), LoadError> {
    catalog.find_series(key).ok_or_else(|| LoadError::Unknown(key.into()))
}

/// True for what is neither a picture nor a file of voxels.
fn is_dicom(path: &Path) -> bool {
    !image_file::is_picture(path, &sniff(path).unwrap_or_default()) && voxel_file::open(path).is_none()
}

/// What loading a DICOM series needs at every step.
struct Loading<'a> {
    catalog: &'a Catalog,
    study: &'a Study,
    series: &'a Series,
    progress: &'a Progress,
    cancel: &'a Cancel,
}

/// The header facts of a volume's first slice, from which the whole series is understood.
struct Opened {
    files: Vec<Option<DicomFile>>,
    /// Where the frames of each file are; `None` where it has none that can be read.
    indices: Vec<Option<FrameIndex>>,
    facts: Vec<SliceFacts>,
    warnings: Warnings,
}

impl Opened {
    /// The frames of an instance, if it has some that can be read.
    fn frames(&self, instance: usize) -> Option<Frames<'_>> {
        let file = self.files.get(instance)?.as_ref()?;
        Some(Frames::of_index(file, self.indices[instance].as_ref()?))
    }
}

impl Loading<'_> {
    fn run(&self) -> Result<LoadedSeries, LoadError> {
        let opened = self.open_all()?;
        let facts: Vec<&SliceFacts> = opened.facts.iter().collect();
        let stack = stack::examine(&facts, |f| self.name(f.instance));
        let mut warnings = opened.warnings.clone();
        stack.warnings.iter().for_each(|w| warnings.add(w));
        if let SeriesGeometry::Volume(geometry) = &stack.geometry {
            let slices: Vec<&SliceFacts> = stack.order.iter().map(|&n| &opened.facts[n]).collect();
            match self.volume(&opened, geometry, &slices) {
                Ok((volume, voi)) => {
                    let sources = slices.iter().map(|f| SliceSource { instance: f.instance, frame: f.frame }).collect();
                    return Ok(self.finish(
                        ImageData::Volume(Arc::new(volume)),
                        sources,
                        voi,
                        warnings,
                        stack.geometry,
                    ));
                }
                Err(VolumeFailure::Load(error)) => return Err(error),
                // One slice cannot be decoded: the rest as pictures, so that nothing is hidden.
                Err(VolumeFailure::Slice(reason)) => {
                    warnings.add(format!("{reason}; the series is shown as pictures"));
                }
            }
        }
        self.pictures(&opened, warnings, stack.geometry)
    }

    fn name(&self, instance: usize) -> String {
        let file = self.series.instances.get(instance).and_then(|i| i.file.file_name());
        file.map_or_else(|| "a file".into(), |n| n.to_string_lossy().into_owned())
    }

    /// Says how far one of the two passes over the files is: headers, then pixels, which take longer.
    fn say(&self, what: &str, of: &str, n: usize, total: usize) {
        let share = n as f32 / total.max(1) as f32;
        let fraction = if of == "files" { 0.1 * share } else { 0.1 + 0.9 * share };
        if n.is_multiple_of(16) || n == total {
            self.progress.set(format!("{what} {n} of {total} {of}"), Some(fraction));
        }
    }

    /// The stored values of one slice in the common form; gives their type.
    fn read_slice(&self, opened: &Opened, facts: &SliceFacts, into: &mut Vec<u8>) -> Result<SampleType, VolumeFailure> {
        let frames = self.frames_of(opened, facts)?;
        let (sample, frame) = (frames.format.sample_type, facts.pixel_frame());
        into.resize(frames.format.count() * sample.width(), 0);
        if facts.tile.is_some() || !frames.read_into(frame, into) {
            let whole = frames.frame(frame).map_err(|e| self.undecoded(facts, &e))?;
            let tile = facts.tile.and_then(|tile| tile.cut(&whole, facts.size, sample.width()));
            *into = tile.unwrap_or(whole);
        }
        Ok(sample)
    }

    fn frames_of<'f>(&self, opened: &'f Opened, facts: &SliceFacts) -> Result<Frames<'f>, VolumeFailure> {
        if self.cancel.is_cancelled() {
            return Err(VolumeFailure::Load(LoadError::Cancelled));
        }
        opened.frames(facts.instance).ok_or(VolumeFailure::none())
    }

    fn undecoded(&self, facts: &SliceFacts, error: &PixelError) -> VolumeFailure {
        VolumeFailure::Slice(format!("{} could not be decoded: {error}", self.name(facts.instance)))
    }

    /// Reads every file's header (and the bytes of coded pixels).
    fn open_all(&self) -> Result<Opened, LoadError> {
        self.open(|_| true)
    }

    /// As [`Self::open_all`], for some of the instances.
    fn open(&self, wants: impl Fn(usize) -> bool + Sync) -> Result<Opened, LoadError> {
        let total = self.series.instances.len();
        let done = AtomicUsize::new(0);
        let read: Vec<Result<Option<DicomFile>, String>> = self
            .series
            .instances
            .par_iter()
            .enumerate()
            .map(|(n, instance)| {
                if self.cancel.is_cancelled() || instance.rows == 0 || !wants(n) {
                    return Ok(None);
                }
                let file = DicomFile::for_frames(&self.catalog.path(instance)).map_err(|e| e.to_string());
                self.say("Reading", "files", done.fetch_add(1, Ordering::Relaxed) + 1, total);
                file.map(Some)
            })
            .collect();
        if self.cancel.is_cancelled() {
            return Err(LoadError::Cancelled);
        }
        let wanted = Wanted::of(self.series);
        let mut opened = Opened {
            files: Vec::new(),
            indices: Vec::new(),
            facts: Vec::new(),
            warnings: self.series.warnings.clone(),
        };
        for (n, result) in read.into_iter().enumerate() {
            let file = result.unwrap_or_else(|reason| {
                opened.warnings.add(format!("{} could not be read: {reason}", self.name(n)));
                None
            });
            let mut index = None;
            if let Some(file) = &file {
                let frames = Frames::new(file, &mut Warnings::default());
                match &frames {
                    Ok(frames) if takes_part_in_volumes(&self.series.modality, &frames.format) => {
                        let f = &frames.format;
                        let slices = facts::slices(&file.data, n, f.frames, [f.columns, f.rows]);
                        opened.facts.extend(slices.into_iter().filter(|slice| wanted.contains(slice)));
                    }
                    Ok(_) | Err(PixelError::None) => {}
                    Err(error) => opened.warnings.add(format!("{} could not be decoded: {error}", self.name(n))),
                }
                index = frames.ok().map(Frames::into_index);
            }
            opened.indices.push(index);
            opened.files.push(file);
        }
        Ok(opened)
    }

    fn volume(
        &self,
        opened: &Opened,
        geometry: &VolumeGeometry,
        slices: &[&SliceFacts],
    ) -> Result<(Volume, Vec<VoiChoice>), VolumeFailure> {
        let first = opened.files[slices[0].instance].as_ref().ok_or(VolumeFailure::none())?;
        let voxels = geometry.len();
        if voxels > MAX_VOXELS {
            return Err(LoadError::Memory(voxels).into());
        }
        let mut plan = Plan::of(opened, slices)?;
        let per_slice = geometry.dims()[0] * geometry.dims()[1];
        let stored = match plan.kind {
            StoredKind::U8 => Voxels::U8(self.fill(opened, slices, per_slice, true, |bytes, _, out: &mut [u8]| {
                out.copy_from_slice(bytes);
            })?),
            StoredKind::I16 => {
                Voxels::I16(self.fill(opened, slices, per_slice, true, |bytes, _, out: &mut [i16]| {
                    out.iter_mut().zip(bytes.as_chunks().0).for_each(|(o, b)| *o = i16::from_le_bytes(*b));
                })?)
            }
            StoredKind::U16 => {
                Voxels::U16(self.fill(opened, slices, per_slice, true, |bytes, _, out: &mut [u16]| {
                    out.iter_mut().zip(bytes.as_chunks().0).for_each(|(o, b)| *o = u16::from_le_bytes(*b));
                })?)
            }
            StoredKind::Values(sample) => {
                let apply = std::mem::replace(&mut plan.rescale, Rescale::IDENTITY);
                let each = plan.per_slice;
                Voxels::F32(self.fill(opened, slices, per_slice, false, |bytes, facts, out: &mut [f32]| {
                    let rescale = if each { facts.rescale.unwrap_or(Rescale::IDENTITY) } else { apply };
                    let mut next = out.iter_mut();
                    for_each_sample(bytes, sample, |v| {
                        if let Some(out) = next.next() {
                            *out = (v * rescale.slope + rescale.intercept) as f32;
                        }
                    });
                })?)
            }
        };
        let unit = units::unit(&first.data, &self.series.modality);
        let rescale = if matches!(unit, ValueUnit::Hu | ValueUnit::SuvBw) || plan.has_rescale {
            plan.rescale
        } else {
            Rescale::IDENTITY
        };
        let volume = Volume::new(geometry.clone(), stored, rescale, unit)
            .map_err(|e| VolumeFailure::Load(LoadError::Nothing(e.to_string())))?;
        let volume = match suv::factors(&self.series.uptake) {
            Some(factors) => volume.with_suv(factors),
            None => volume,
        };
        Ok((volume, units::choices(&first.data, slices[0].frame as usize, &[])))
    }

    /// Decodes slices in parallel, each into its place. `convert` takes a frame in the common form; where voxels are samples
    /// as they are stored (`as_stored`), they are read without it when possible.
    fn fill<T: bytemuck::Pod + Send>(
        &self,
        opened: &Opened,
        slices: &[&SliceFacts],
        per_slice: usize,
        as_stored: bool,
        convert: impl Fn(&[u8], &SliceFacts, &mut [T]) + Sync,
    ) -> Result<Vec<T>, VolumeFailure> {
        let voxels = per_slice * slices.len();
        // The system's zeroed pages, touched first by the thread that fills them.
        let mut stored: Vec<T> = bytemuck::try_zeroed_vec(voxels).map_err(|()| LoadError::Memory(voxels))?;
        let done = AtomicUsize::new(0);
        let each = stored.par_chunks_mut(per_slice).zip(slices.par_iter());
        each.try_for_each_init(Vec::new, |samples, (out, facts)| {
            let direct = as_stored && facts.tile.is_none();
            let frame = facts.pixel_frame();
            if !(direct && self.frames_of(opened, facts)?.read_into(frame, bytemuck::cast_slice_mut(out))) {
                self.read_slice(opened, facts, samples)?;
                convert(samples, facts, out);
            }
            self.say("Decoding", "slices", done.fetch_add(1, Ordering::Relaxed) + 1, slices.len());
            Ok::<(), VolumeFailure>(())
        })?;
        Ok(stored)
    }

    fn pictures(
        &self,
        opened: &Opened,
        mut warnings: Warnings,
        geometry: SeriesGeometry,
    ) -> Result<LoadedSeries, LoadError> {
        let sources = self.picture_sources(opened);
        let done = AtomicUsize::new(0);
        let decoded: Vec<Result<Picture, String>> = sources
            .par_iter()
            .map(|source| {
                if self.cancel.is_cancelled() {
                    return Err(String::new());
                }
                let file = opened.files[source.instance].as_ref().ok_or_else(String::new)?;
                let frames = opened.frames(source.instance).ok_or_else(String::new)?;
                let picture = picture::of_frame(file, &frames, source.frame as usize).map_err(|e| e.to_string());
                self.say("Decoding", "pictures", done.fetch_add(1, Ordering::Relaxed) + 1, sources.len());
                picture
            })
            .collect();
        if self.cancel.is_cancelled() {
            return Err(LoadError::Cancelled);
        }
        let (mut pictures, mut kept) = (Vec::new(), Vec::new());
        for (result, source) in decoded.into_iter().zip(sources) {
            match result {
                Ok(picture) => {
                    pictures.push(Arc::new(picture));
                    kept.push(source);
                }
                Err(reason) => warnings.add(format!("{} could not be decoded: {reason}", self.name(source.instance))),
            }
        }
        if pictures.is_empty() {
            let reason = warnings.iter().last().unwrap_or("it holds no decodable pixels").to_owned();
            return Err(LoadError::Nothing(reason));
        }
        let geometry = match geometry {
            SeriesGeometry::Volume(_) => SeriesGeometry::Pictures("a slice of the volume cannot be decoded".into()),
            SeriesGeometry::Pictures(reason) if opened.facts.is_empty() => match &self.series.geometry {
                SeriesGeometry::Pictures(known) => SeriesGeometry::Pictures(known.clone()),
                _ => SeriesGeometry::Pictures(reason),
            },
            other => other,
        };
        let choices = match (&opened.files[kept[0].instance], pictures[0].voi) {
            (Some(file), Some(_)) => {
                units::choices(&file.data, kept[0].frame as usize, &pictures[0].presentation.tables)
            }
            _ => Vec::new(),
        };
        Ok(self.finish(ImageData::Pictures(pictures), kept, choices, warnings, geometry))
    }

    /// Which frames are shown as pictures: those of the display set, or all. Slices of a mosaic stay in their picture.
    fn picture_sources(&self, opened: &Opened) -> Vec<SliceSource> {
        let mut sources = Vec::new();
        let frames_of = |instance: usize| opened.frames(instance).map(|frames| frames.format.frames);
        if self.series.slices.is_empty() {
            for instance in 0..opened.files.len() {
                let frames = frames_of(instance).map_or(0, |n| u32::try_from(n).unwrap_or(u32::MAX));
                sources.extend((0..frames).map(|frame| SliceSource { instance, frame }));
            }
            return sources;
        }
        for source in &self.series.slices {
            let frames = frames_of(source.instance).unwrap_or(0);
            let frame = if (source.frame as usize) < frames { source.frame } else { 0 };
            let source = SliceSource { frame, ..*source };
            if frames > 0 && sources.last() != Some(&source) {
                sources.push(source);
            }
        }
        sources
    }

    fn finish(
        &self,
        image: ImageData,
        sources: Vec<SliceSource>,
        voi_choices: Vec<VoiChoice>,
        warnings: Warnings,
        geometry: SeriesGeometry,
    ) -> LoadedSeries {
        let series = Series { geometry, warnings, ..self.series.clone() };
        LoadedSeries {
            study: Arc::new(self.study.clone()),
            series: Arc::new(series),
            image,
            slices: sources.into(),
            header_voi: voi_choices.first().map(|choice| choice.voi),
            voi_choices,
        }
    }
}

/// The slices of a display set among all slices of its instances.
enum Wanted {
    All,
    Only(BTreeSet<(usize, u32)>),
}

impl Wanted {
    fn of(series: &Series) -> Self {
        if series.slices.is_empty() {
            return Self::All;
        }
        Self::Only(series.slices.iter().map(|source| (source.instance, source.frame)).collect())
    }

    fn contains(&self, slice: &SliceFacts) -> bool {
        match self {
            Self::All => true,
            Self::Only(set) => set.contains(&(slice.instance, slice.frame)),
        }
    }
}

/// Why there is no volume: for good, or because of one slice.
enum VolumeFailure {
    Load(LoadError),
    Slice(String),
}

impl VolumeFailure {
    fn none() -> Self {
        Self::Slice("a slice has no file".into())
    }
}

impl From<LoadError> for VolumeFailure {
    fn from(error: LoadError) -> Self {
        Self::Load(error)
    }
}

/// The type that a volume's voxels get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StoredKind {
    U8,
    I16,
    U16,
    /// Values after the Modality LUT, from samples of this type.
    Values(SampleType),
}

/// How stored values become voxels.
struct Plan {
    kind: StoredKind,
    rescale: Rescale,
    has_rescale: bool,
    /// The Modality LUT differs between slices.
    per_slice: bool,
}

impl Plan {
    fn of(opened: &Opened, slices: &[&SliceFacts]) -> Result<Self, VolumeFailure> {
        let mut sample: Option<SampleType> = None;
        for slice in slices {
            let frames = opened.frames(slice.instance).ok_or(VolumeFailure::none())?;
            if sample.is_some_and(|s| s != frames.format.sample_type) {
                return Err(VolumeFailure::Slice("slices are stored in different types".into()));
            }
            sample = Some(frames.format.sample_type);
        }
        let sample = sample.ok_or(VolumeFailure::none())?;
        let rescale = slices[0].rescale;
        let per_slice = slices.iter().any(|s| s.rescale != rescale);
        let kind = match sample {
            _ if per_slice => StoredKind::Values(sample),
            SampleType::U8 => StoredKind::U8,
            SampleType::I16 => StoredKind::I16,
            SampleType::U16 => StoredKind::U16,
            other => StoredKind::Values(other),
        };
        let has_rescale = rescale.is_some() && kind != StoredKind::Values(sample);
        Ok(Self { kind, rescale: rescale.unwrap_or(Rescale::IDENTITY), has_rescale, per_slice })
    }
}
