//! One file, looked at: what it is, and what its header says.

use super::identity;
use super::volumes::Volumes;
use crate::io::dicom::{DataSet, DicomError, DicomFile, Head};
use crate::io::facts::{self, SliceFacts};
use crate::io::pixels::{PixelError, PixelFormat};
use crate::io::voxel_file::{self, VoxelFile};
use crate::io::{archive, codec, coded, dose, image_file, suv};
use crate::jobs::panic_text;
use crate::study::{Instance, Patient, Projection, Series, SeriesGeometry, Study, Warnings};
use dicom_dictionary_std::tags;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Media Storage Directory Storage.
const DICOMDIR_CLASS: &str = "1.2.840.10008.1.3.10";
/// What is said of a file that is none of those that are read.
const NOTHING_KNOWN: &str = "this is no DICOM, NIfTI, NRRD, MetaImage, PNG, JPEG, TIFF or WebP file";

/// Bytes that tell what a file is.
const SNIFFED: usize = 16;

/// What a file turned out to be.
pub(crate) enum Listed {
    /// An object or image.
    Entry(Box<Entry>),
    /// An archive, to be unpacked.
    Archive(archive::Kind),
    /// A DICOMDIR.
    Directory(DataSet),
    /// Neither, with one sentence.
    Unreadable(String),
}

/// A file's share of a catalog.
pub(crate) struct Entry {
    pub study: Study,
    pub series: Series,
    pub instance: Instance,
    /// Slices, for images that could be part of a volume.
    pub facts: Vec<SliceFacts>,
    /// Already known, for images that are a whole series.
    pub geometry: Option<SeriesGeometry>,
    /// The volumes of a file that holds several.
    pub volumes: Option<Volumes>,
    pub warnings: Warnings,
}

/// Looks at the file at `path`, which is listed as `file`. Never panics.
pub(crate) fn examine_file(path: &Path, file: &Path) -> Listed {
    catch_unwind(AssertUnwindSafe(|| examine(path, file))).unwrap_or_else(|panic| {
        Listed::Unreadable(format!("reading hit a defect of the program: {}", panic_text(&*panic)))
    })
}

fn examine(path: &Path, file: &Path) -> Listed {
    let head = match Head::read(path) {
        Ok(head) => head,
        Err(error) => return Listed::Unreadable(format!("the file cannot be read: {error}")),
    };
    let first = head.bytes().get(..SNIFFED).unwrap_or(head.bytes());
    let listed = match first {
        [] => Err("the file is empty".into()),
        _ if image_file::is_picture(path, first) => picture(path, file),
        _ => match (voxel_file::recognize(path, first), archive::recognize(path, first)) {
            (Some(format), _) => volume_file(path, file, format),
            (None, Some(kind)) => return Listed::Archive(kind),
            (None, None) => return dicom(path, file, &head),
        },
    };
    listed.map_or_else(Listed::Unreadable, |entry| Listed::Entry(Box::new(entry)))
}

fn dicom(path: &Path, file: &Path, head: &Head) -> Listed {
    let object = match DicomFile::from_head(path, head) {
        Ok(object) => object,
        Err(DicomError::NotDicom) => {
            if archive::is_tar(path) {
                return Listed::Archive(archive::Kind::Tar);
            }
            let known = voxel_file::header_of(path).or_else(|| archive::foreign(head.bytes()));
            return Listed::Unreadable(known.unwrap_or_else(|| NOTHING_KNOWN.into()));
        }
        Err(error) => return Listed::Unreadable(error.to_string()),
    };
    if object.data.text(tags::SOP_CLASS_UID) == DICOMDIR_CLASS
        || object.data.get(tags::DIRECTORY_RECORD_SEQUENCE).is_some()
    {
        return Listed::Directory(object.data);
    }
    // A data set in which nothing says what it is, is noise that happens to parse.
    let known = [tags::SOP_CLASS_UID, tags::MODALITY, tags::PATIENT_ID, tags::PATIENT_NAME, tags::STUDY_INSTANCE_UID];
    if object.pixels.is_none() && !known.iter().any(|tag| object.data.get(*tag).is_some()) {
        let why = object.warnings.iter().next().map_or_else(String::new, |w| format!(" ({w})"));
        return Listed::Unreadable(format!("the file holds no image and no object that can be named{why}"));
    }
    Listed::Entry(Box::new(dicom_entry(&object, path, file)))
}

/// What a DICOM header says, as a catalog entry.
fn dicom_entry(object: &DicomFile, path: &Path, file: &Path) -> Entry {
    let data = &object.data;
    let mut warnings = object.warnings.clone();
    let format = match PixelFormat::of(object, &mut warnings) {
        Ok(format) => Some(format),
        Err(PixelError::None) => None,
        Err(error) => {
            warnings.add(error.to_string());
            None
        }
    };
    let whole = |tag| data.integer(tag).and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
    let photometric = data.text(tags::PHOTOMETRIC_INTERPRETATION);
    let instance = Instance {
        file: file.to_owned(),
        sop_instance_uid: data.text(tags::SOP_INSTANCE_UID),
        sop_class_uid: data.text(tags::SOP_CLASS_UID),
        transfer_syntax: object.transfer_syntax.clone(),
        number: data.integer(tags::INSTANCE_NUMBER),
        rows: if object.pixels.is_some() { whole(tags::ROWS) } else { 0 },
        columns: if object.pixels.is_some() { whole(tags::COLUMNS) } else { 0 },
        frames: format.as_ref().map_or(1, |f| u32::try_from(f.frames).unwrap_or(u32::MAX)),
        photometric,
        lossy: data.text(tags::LOSSY_IMAGE_COMPRESSION) == "01" || codec::is_lossy(&object.transfer_syntax),
        frame_times_ms: facts::frame_times_ms(data),
        projection: projection(data).map(Box::new),
    };
    if instance.rows > 0 && format.is_some() {
        add_value_warnings(data, &instance, &mut warnings);
    }
    let mut entry = Entry {
        study: study(data),
        series: series(data),
        instance,
        facts: Vec::new(),
        geometry: None,
        volumes: None,
        warnings,
    };
    identity::complete(&mut entry, path);
    if let Some(format) = format {
        if takes_part_in_volumes(&entry.series.modality, &format) {
            let size = [format.columns, format.rows];
            entry.facts = facts::slices(data, 0, format.frames, size);
            if let Some(reason) = facts::mosaic_problem(data, size) {
                entry.warnings.add(format!("{reason}; it is shown as one picture"));
            }
        } else if entry.series.modality == "SEG" {
            entry.geometry =
                Some(SeriesGeometry::Pictures("a segmentation is shown on the images that it segments".into()));
        }
    }
    entry
}

/// Gray images with one sample; segmentations and secondary pictures are none.
pub(crate) fn takes_part_in_volumes(modality: &str, format: &PixelFormat) -> bool {
    format.samples == 1
        && format.photometric != "PALETTE COLOR"
        && format.bits_allocated > 1
        && !matches!(
            modality,
            "SEG" | "PR" | "KO" | "SR" | "DOC" | "CR" | "DX" | "MG" | "IO" | "PX" | "RF" | "XA" | "US" | "ECG"
        )
}

/// Windows and palettes that will not work as they stand.
fn add_value_warnings(data: &DataSet, instance: &Instance, warnings: &mut Warnings) {
    if let Some(problem) = dose::warning(data, instance.frames as usize) {
        warnings.add(problem);
    }
    if data.numbers(tags::WINDOW_WIDTH).is_some_and(|w| w.iter().any(|w| *w <= 0.0)) {
        warnings.add("Window Width is not positive; the window of the header is not used");
    }
    if data.number(tags::RESCALE_SLOPE) == Some(0.0) {
        warnings.add("Rescale Slope is 0; values are shown as stored");
    }
    if data.get(tags::PIXEL_SPACING).is_some() && facts::spacing(data).is_none() {
        warnings.add("Pixel Spacing is not two positive numbers; lengths are unknown");
    }
    if data.get(tags::IMAGE_ORIENTATION_PATIENT).is_some() && facts::axes(data).is_none() {
        warnings.add("Image Orientation (Patient) is not two directions at right angles; sides are unknown");
    }
    let known = matches!(
        instance.photometric.as_str(),
        "MONOCHROME1"
            | "MONOCHROME2"
            | "RGB"
            | "ARGB"
            | "XYB"
            | "PALETTE COLOR"
            | "YBR_FULL"
            | "YBR_FULL_422"
            | "YBR_PARTIAL_420"
            | "YBR_PARTIAL_422"
            | "YBR_RCT"
            | "YBR_ICT"
    );
    if !known {
        warnings
            .add(format!("Photometric Interpretation {:?} is not known; shown as it is stored", instance.photometric));
    }
    if instance.photometric == "PALETTE COLOR"
        && data.get(tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA).is_none()
        && data.get(tags::SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA).is_none()
    {
        warnings.add("PALETTE COLOR without a color table; shown in gray");
    }
    if data.get(tags::ICC_PROFILE).is_some() {
        warnings.add("an ICC profile is embedded and not applied; colors are shown as sRGB");
    }
}

fn study(data: &DataSet) -> Study {
    let name = data.text(tags::PATIENT_NAME);
    Study {
        uid: data.text(tags::STUDY_INSTANCE_UID),
        patient: Patient {
            name: identity::shown_name(&name),
            ideographic: identity::name_group(&name, 1),
            phonetic: identity::name_group(&name, 2),
            id: data.text(tags::PATIENT_ID),
            issuer: data.text(tags::ISSUER_OF_PATIENT_ID),
            birth_date: data.text(tags::PATIENT_BIRTH_DATE),
            sex: data.text(tags::PATIENT_SEX),
        },
        date: data.text(tags::STUDY_DATE),
        time: data.text(tags::STUDY_TIME),
        description: data.text(tags::STUDY_DESCRIPTION),
        accession: data.text(tags::ACCESSION_NUMBER),
        study_id: data.text(tags::STUDY_ID),
        referring_physician: identity::shown_name(&data.text(tags::REFERRING_PHYSICIAN_NAME)),
        series: Vec::new(),
    }
}

fn series(data: &DataSet) -> Series {
    let modality = data.text(tags::MODALITY);
    Series {
        uid: data.text(tags::SERIES_INSTANCE_UID),
        modality: if modality.is_empty() { "OT".into() } else { modality },
        description: data.text(tags::SERIES_DESCRIPTION),
        number: data.integer(tags::SERIES_NUMBER),
        frame_of_reference_uid: data.text(tags::FRAME_OF_REFERENCE_UID),
        body_part: data.text(tags::BODY_PART_EXAMINED),
        contrast_agent: data.text(tags::CONTRAST_BOLUS_AGENT),
        slice_thickness_mm: data.number(tags::SLICE_THICKNESS),
        kernel: data.text(tags::CONVOLUTION_KERNEL),
        protocol: data.text(tags::PROTOCOL_NAME),
        image_type: data.texts(tags::IMAGE_TYPE),
        uptake: suv::uptake(data),
        ..Series::default()
    }
}

/// View and side of a projection image; `None` for cross-sections, and where nothing is said.
fn projection(data: &DataSet) -> Option<Projection> {
    if data.get(tags::IMAGE_ORIENTATION_PATIENT).is_some() {
        return None;
    }
    let mut letters = data.texts(tags::PATIENT_ORIENTATION).into_iter();
    let found = Projection {
        view_position: data.text(tags::VIEW_POSITION),
        view_code: coded::code(data, tags::VIEW_CODE_SEQUENCE),
        laterality: Some(data.text(tags::IMAGE_LATERALITY))
            .filter(|side| !side.is_empty())
            .unwrap_or_else(|| data.text(tags::LATERALITY)),
        patient_orientation: [letters.next().unwrap_or_default(), letters.next().unwrap_or_default()],
        presentation_intent: data.text(tags::PRESENTATION_INTENT_TYPE),
    };
    (found != Projection::default()).then_some(found)
}

/// A picture or pages of pictures, in a study of their own.
fn picture(path: &Path, file: &Path) -> Result<Entry, String> {
    let image_file::Facts { columns, rows, pages, lossy } = image_file::facts(path)?;
    let mut entry = foreign(path, file, [columns, rows, pages])?;
    entry.instance.lossy = lossy;
    entry.geometry = Some(SeriesGeometry::Pictures("a picture without a place in the patient".into()));
    Ok(entry)
}

/// A NIfTI, NRRD or MetaImage file, in a study of its own.
fn volume_file(path: &Path, file: &Path, format: voxel_file::Format) -> Result<Entry, String> {
    let header = VoxelFile::open(path, format).map_err(|e| e.to_string())?.header;
    let size = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    let [columns, rows, slices] = header.dims.map(|n| n as u64);
    let mut entry = foreign(path, file, [size(columns), size(rows), size(slices.saturating_mul(header.steps))])?;
    entry.instance.photometric = if header.channels > 1 { "RGB".into() } else { String::new() };
    entry.geometry = Some(match header.geometry {
        Ok(_) if header.channels > 1 => SeriesGeometry::Pictures("its voxels are colors, not values".into()),
        Ok(geometry) => SeriesGeometry::Volume(geometry),
        Err(reason) => SeriesGeometry::Pictures(reason),
    });
    entry.warnings = header.warnings;
    entry.volumes = (header.steps > 1).then_some(Volumes {
        slices: size(slices),
        count: size(header.steps.min(voxel_file::MAX_STEPS)),
        axis: header.axis,
        step_secs: header.step_secs,
    });
    Ok(entry)
}

fn foreign(path: &Path, file: &Path, [columns, rows, frames]: [u32; 3]) -> Result<Entry, String> {
    let [study_uid, series_uid, instance_uid] =
        identity::from_content(path).map_err(|e| format!("the file cannot be read: {e}"))?;
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Entry {
        study: Study { uid: study_uid, ..Study::default() },
        series: Series { uid: series_uid, modality: "OT".into(), description: name, ..Series::default() },
        instance: Instance {
            file: file.to_owned(),
            sop_instance_uid: instance_uid,
            rows,
            columns,
            frames,
            ..Instance::default()
        },
        facts: Vec::new(),
        geometry: None,
        volumes: None,
        warnings: Warnings::default(),
    })
}
