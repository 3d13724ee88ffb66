//! What a projection image (radiograph, mammogram) says of its view and side (PS3.3 C.8.4.5, C.8.11.5, C.8.11.7).
//!
//! A view is told by its code, by View Position, else by the letters of Patient Orientation; where code and position
//! contradict each other, the view is unknown. A side is told by Image Laterality, else Laterality; never by a description.

use crate::codes::Code;

/// Attributes of one projection image.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Projection {
    /// View Position (0018,5101): "PA", "AP", "LL", "MLO", …
    pub view_position: String,
    /// First code of View Code Sequence (0054,0220).
    pub view_code: Option<Code>,
    /// Image Laterality (0020,0062), else Laterality (0020,0060): "R", "L", "B", "U" or empty.
    pub laterality: String,
    /// Patient Orientation (0020,0020): letters of row and column direction; empty where absent.
    pub patient_orientation: [String; 2],
    /// Presentation Intent Type (0008,0068): "FOR PRESENTATION", "FOR PROCESSING" or empty.
    pub presentation_intent: String,
}

/// Kinds of view that hanging tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProjectionView {
    /// Posteroanterior or anteroposterior.
    Frontal,
    /// From a side.
    Lateral,
    /// Mammography, from above.
    CranioCaudal,
    /// Mammography, oblique.
    MedioLateralOblique,
    /// Mammography, straight from a side (medio-lateral, latero-medial).
    BreastLateral,
    /// Known, and none of these.
    Other,
}

impl ProjectionView {
    /// All kinds.
    pub const ALL: [Self; 6] =
        [Self::Frontal, Self::Lateral, Self::CranioCaudal, Self::MedioLateralOblique, Self::BreastLateral, Self::Other];

    /// "frontal", "lateral", "CC", "MLO", "ML", "other".
    pub fn name(self) -> &'static str {
        match self {
            Self::Frontal => "frontal",
            Self::Lateral => "lateral",
            Self::CranioCaudal => "CC",
            Self::MedioLateralOblique => "MLO",
            Self::BreastLateral => "ML",
            Self::Other => "other",
        }
    }

    /// True for the views of mammography.
    pub fn is_of_breast(self) -> bool {
        matches!(self, Self::CranioCaudal | Self::MedioLateralOblique | Self::BreastLateral)
    }

    /// From a code of CID 4010 or CID 4014 (PS3.16), in SNOMED CT or its older spelling.
    fn of_code(value: &str) -> Self {
        match value {
            "272479007" | "R-10214" | "R-40888" | "399348003" | "R-10206" | "399033003" | "R-10202" => Self::Frontal,
            "399173006" | "R-10236" | "399198007" | "R-10232" | "399067008" | "R-102CD" => Self::Lateral,
            "399162004" | "R-10242" => Self::CranioCaudal,
            "399368009" | "R-10226" => Self::MedioLateralOblique,
            "399260004" | "R-10224" | "399352003" | "R-10228" => Self::BreastLateral,
            _ => Self::Other,
        }
    }

    /// From a value of View Position.
    fn of_position(position: &str) -> Option<Self> {
        Some(match position.to_uppercase().as_str() {
            "" => return None,
            "PA" | "AP" => Self::Frontal,
            "LL" | "RL" | "LAT" | "LATERAL" => Self::Lateral,
            "CC" => Self::CranioCaudal,
            "MLO" => Self::MedioLateralOblique,
            "ML" | "LM" => Self::BreastLateral,
            _ => Self::Other,
        })
    }
}

impl Projection {
    /// The kind of view; `None` where nothing says it, or code and position contradict each other.
    pub fn view(&self) -> Option<ProjectionView> {
        let of_code = self.view_code.as_ref().map(|code| ProjectionView::of_code(&code.value));
        let of_position = ProjectionView::of_position(&self.view_position);
        match (of_code, of_position) {
            // A code that is none of ours says less than a position that is.
            (Some(ProjectionView::Other), Some(position)) => Some(position),
            (Some(code), Some(position)) => (code == position).then_some(code),
            (Some(known), None) | (None, Some(known)) => Some(known),
            (None, None) => self.view_of_letters(),
        }
    }

    /// Rows along the left-right axis and columns along the body: frontal; rows from front to back: lateral.
    fn view_of_letters(&self) -> Option<ProjectionView> {
        let [row, column] = self.patient_orientation.each_ref().map(String::as_str);
        match (row, column) {
            ("L" | "R", "F" | "H") => Some(ProjectionView::Frontal),
            ("A" | "P", "F" | "H") => Some(ProjectionView::Lateral),
            _ => None,
        }
    }

    /// 'R' or 'L'; `None` for both, neither, or unpaired parts.
    pub fn side(&self) -> Option<char> {
        match self.laterality.as_str() {
            "R" => Some('R'),
            "L" => Some('L'),
            _ => None,
        }
    }

    /// True where the chest wall of a mammogram lies at the right edge of the image as it is stored (rows run toward the
    /// back); `None` where Patient Orientation does not say.
    pub fn chest_wall_on_right(&self) -> Option<bool> {
        let letters = &self.patient_orientation[0];
        match (letters.contains('P'), letters.contains('A')) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        }
    }

    /// FOR PROCESSING: raw values for a machine, not for reading.
    pub fn is_for_processing(&self) -> bool {
        self.presentation_intent.eq_ignore_ascii_case("FOR PROCESSING")
    }
}
