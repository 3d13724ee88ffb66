//! What a series is that viewports do not show: by the SOP class of its first object (PS3.4 B.5), and where a file names
//! none, by its modality.

use crate::study::Series;
use dicom_dictionary_std::uids;

/// Kinds of objects beside images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectKind {
    /// A structured report of any template.
    Report,
    /// Selected images.
    KeyObjects,
    /// How images are to be shown.
    Presentation,
    /// A PDF document: its pages can be shown.
    Pdf,
    /// A document in another format of its own.
    Document,
    /// Contours.
    Structures,
    /// Masks as frames.
    Masks,
    /// A treatment plan.
    Plan,
    /// An ECG or another waveform.
    Waveform,
    /// Real-world values of other images.
    RealWorldMaps,
    /// How frames of reference lie to each other.
    Registration,
    /// Something else, or unknown.
    Other,
}

impl ObjectKind {
    /// What a series is; `None` for pictures that viewports show, a dose among them. Masks have pixels and are no pictures.
    pub fn of(series: &Series) -> Option<Self> {
        let class = series.instances.first().map_or("", |instance| instance.sop_class_uid.as_str());
        let kind = Self::of_class(class).or_else(|| Self::of_modality(&series.modality)).unwrap_or(Self::Other);
        (kind == Self::Masks || !series.has_pixels()).then_some(kind)
    }

    fn of_class(sop_class_uid: &str) -> Option<Self> {
        match sop_class_uid {
            uids::KEY_OBJECT_SELECTION_DOCUMENT_STORAGE => return Some(Self::KeyObjects),
            uids::SEGMENTATION_STORAGE | uids::LABEL_MAP_SEGMENTATION_STORAGE => return Some(Self::Masks),
            uids::ENCAPSULATED_PDF_STORAGE => return Some(Self::Pdf),
            uids::RT_STRUCTURE_SET_STORAGE => return Some(Self::Structures),
            uids::RT_PLAN_STORAGE | uids::RT_ION_PLAN_STORAGE => return Some(Self::Plan),
            uids::REAL_WORLD_VALUE_MAPPING_STORAGE => return Some(Self::RealWorldMaps),
            uids::SPATIAL_REGISTRATION_STORAGE | uids::DEFORMABLE_SPATIAL_REGISTRATION_STORAGE => {
                return Some(Self::Registration);
            }
            _ => {}
        }
        // Families of classes share the beginning of their UIDs.
        let families =
            [("88.", Self::Report), ("11.", Self::Presentation), ("104.", Self::Document), ("9.", Self::Waveform)];
        let storage = sop_class_uid.strip_prefix("1.2.840.10008.5.1.4.1.1.")?;
        families.into_iter().find(|(family, _)| storage.starts_with(family)).map(|(_, kind)| kind)
    }

    fn of_modality(modality: &str) -> Option<Self> {
        Some(match modality {
            "SR" => Self::Report,
            "KO" => Self::KeyObjects,
            "PR" => Self::Presentation,
            "DOC" => Self::Document,
            "RTSTRUCT" => Self::Structures,
            "SEG" => Self::Masks,
            "RTPLAN" => Self::Plan,
            "ECG" | "EPS" | "HD" | "RESP" => Self::Waveform,
            "REG" => Self::Registration,
            "RWV" => Self::RealWorldMaps,
            _ => return None,
        })
    }

    /// "Structured report", "Key objects", ….
    pub fn title(self) -> &'static str {
        match self {
            Self::Report => "Structured report",
            Self::KeyObjects => "Key objects",
            Self::Presentation => "Presentation state",
            Self::Pdf => "PDF",
            Self::Document => "Document",
            Self::Structures => "RT structure set",
            Self::Masks => "Segmentation",
            Self::Plan => "RT plan",
            Self::Waveform => "Waveform",
            Self::RealWorldMaps => "Real-world values",
            Self::Registration => "Registration",
            Self::Other => "Other object",
        }
    }

    /// True for what can be laid over images as masks.
    pub fn is_masks(self) -> bool {
        matches!(self, Self::Masks | Self::Structures)
    }
}
