//! What stands in the corners of a view: decided here once, for the window and for exports.

use super::{Line, Tone};
use crate::geometry::{DVec2, Orientation, SlicePlane, opposite_letters};
use crate::loaded::LoadedSeries;
use crate::render::{PictureDraw, Slab};
use crate::volume::{Picture, Voi, VoiFunction};

/// On screen and on every export, never dismissible (`product.md`).
pub const NOT_FOR_CLINICAL_USE: &str = "Not for clinical use";

/// Words in the four corners, from top to bottom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CornerTexts {
    /// Whose: name, ID, birth date, sex, study date, accession.
    pub left_upper: Vec<Line>,
    /// What: modality, series, image.
    pub right_upper: Vec<Line>,
    /// Where and how: view, position, thickness, k of n, window.
    pub left_lower: Vec<Line>,
    /// What to mind: loss, interpolation, AI, status.
    pub right_lower: Vec<Line>,
}

/// What a view shows of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shown<'a> {
    /// Image `k` as it was stored.
    Image {
        /// Index of the slice or picture.
        k: usize,
        /// How many there are.
        count: usize,
    },
    /// A plane through the volume.
    Plane {
        /// The plane.
        plane: &'a SlicePlane,
        /// The slab around it; `None` for a plane without thickness.
        slab: Option<Slab>,
    },
    /// A maximum intensity projection of the whole volume.
    Projection {
        /// Its direction.
        plane: &'a SlicePlane,
    },
}

impl CornerTexts {
    /// The words for a view of a series.
    pub fn new(series: &LoadedSeries, shown: Shown<'_>, voi: Voi, is_interpolated: bool) -> Self {
        Self {
            left_upper: identity(series),
            right_upper: content(series, shown),
            left_lower: place(series, shown, voi),
            right_lower: cautions(series, shown, is_interpolated),
        }
    }

    /// Says what else was done to the picture: "interpolated, cubic", "PET over CT 50 %".
    pub fn with_note(mut self, words: &str) -> Self {
        let before_last = self.right_lower.len().saturating_sub(1);
        self.right_lower.insert(before_last, Line::plain(words.to_owned()));
        self
    }

    /// Adds the AI mark for overlays that nobody has confirmed yet: "AI, not reviewed".
    pub fn with_ai_mark(mut self, words: &str) -> Self {
        self.right_lower.insert(0, Line::toned(format!("AI · {words}"), Tone::Ai));
        self
    }
}

/// "2011-04-05" from "20110405"; other texts stay as they are.
pub fn plain_date(dicom: &str) -> String {
    if dicom.len() == 8 && dicom.bytes().all(|b| b.is_ascii_digit()) {
        format!("{}-{}-{}", &dicom[..4], &dicom[4..6], &dicom[6..])
    } else {
        dicom.to_owned()
    }
}

/// Letters at the left, right, top and bottom edge of a picture, from its own orientation; empty rather than guessed
/// (`clinical.md` rule 4).
pub fn picture_letters(picture: &Picture) -> [String; 4] {
    let Some([right, bottom]) = &picture.patient_orientation else { return Default::default() };
    [opposite_letters(right), right.clone(), opposite_letters(bottom), bottom.clone()].map(|side| {
        let is_known = side.chars().all(|letter| "LRAPHF".contains(letter));
        if is_known { side } else { String::new() }
    })
}

/// Letters at the left, right, top and bottom edge of the screen, for a picture that may be turned or flipped there.
pub fn turned_letters(picture: &Picture, draw: &PictureDraw) -> [String; 4] {
    let [left, right, top, bottom] = picture_letters(picture);
    let toward = |direction: DVec2| match direction.x.abs() > direction.y.abs() {
        true if direction.x > 0.0 => right.clone(),
        true => left.clone(),
        false if direction.y > 0.0 => bottom.clone(),
        false => top.clone(),
    };
    [toward(-draw.u_px), toward(draw.u_px), toward(-draw.v_px), toward(draw.v_px)]
}

fn identity(series: &LoadedSeries) -> Vec<Line> {
    let study = &series.study;
    let patient = &study.patient;
    let or = |text: &str, absent: &str| if text.is_empty() { absent.to_owned() } else { text.to_owned() };
    let mut born = or(&plain_date(&patient.birth_date), "birth date unknown");
    if !patient.sex.is_empty() {
        born = format!("{born} · {}", patient.sex);
    }
    let mut lines = vec![
        Line::toned(or(&patient.name, "no patient name"), Tone::Strong),
        Line::plain(format!("ID {}", or(&patient.id, "none"))),
        Line::plain(format!("born {born}").replace("born birth date", "birth date")),
        Line::plain(format!("study {}", or(&plain_date(&study.date), "date unknown"))),
    ];
    if !study.accession.is_empty() {
        lines.push(Line::plain(format!("accession {}", study.accession)));
    }
    lines
}

fn content(series: &LoadedSeries, shown: Shown<'_>) -> Vec<Line> {
    let facts = &series.series;
    let mut lines = vec![Line::toned(facts.modality.clone(), Tone::Strong)];
    if !facts.description.is_empty() {
        lines.push(Line::plain(facts.description.clone()));
    }
    match shown {
        Shown::Image { k, .. } => lines.push(Line::plain(series.cite(k))),
        _ => lines.extend(facts.number.map(|n| Line::plain(format!("series {n}")))),
    }
    if let Shown::Image { k, .. } = shown
        && let Some(picture) = series.pictures().get(k)
    {
        let side = match picture.laterality.as_str() {
            "L" => "left",
            "R" => "right",
            "B" => "both sides",
            other => other,
        };
        let words = [picture.view_position.as_str(), side].join(" ").trim().to_owned();
        if !words.is_empty() {
            lines.push(Line::plain(words));
        }
    }
    lines
}

fn place(series: &LoadedSeries, shown: Shown<'_>, voi: Voi) -> Vec<Line> {
    let mut lines = Vec::new();
    match shown {
        Shown::Image { k, count } => {
            lines.push(Line::plain(format!("{} of {count}", k + 1)));
            if let Some(geometry) = series.geometry() {
                let mm = geometry.spacing_mm().z;
                let thick = series.series.slice_thickness_mm.map(|t| format!("{} mm thick, ", short(t)));
                let apart = if count > 1 { format!("{} mm apart", short(mm)) } else { String::new() };
                lines.push(Line::plain(thick.unwrap_or_default() + &apart));
            }
        }
        Shown::Plane { plane, slab } => {
            lines.push(Line::plain(position(plane)));
            if let Some(slab) = slab {
                lines.push(Line::plain(format!("{} slab {} mm", slab.mode.name(), short(slab.thickness_mm))));
            }
        }
        Shown::Projection { .. } => lines.push(Line::plain("maximum intensity projection")),
    }
    lines.retain(|line| !line.text.is_empty());
    lines.push(Line::plain(window_words(voi)));
    lines
}

/// "axial, z -233.5 mm": the name only where the plane is a standard one, the coordinate along its normal.
fn position(plane: &SlicePlane) -> String {
    let normal = plane.normal_lps();
    let center = plane.center_lps;
    match Orientation::nearest(normal) {
        _ if normal.abs().max_element() < 0.999 => {
            format!("oblique, center {:.1} {:.1} {:.1} mm", center.x, center.y, center.z)
        }
        Orientation::Axial => format!("axial, z {:.1} mm", center.z),
        Orientation::Coronal => format!("coronal, y {:.1} mm", center.y),
        Orientation::Sagittal => format!("sagittal, x {:.1} mm", center.x),
    }
}

/// "W 400 L 40", and the function where it is not LINEAR.
pub(super) fn window_words(voi: Voi) -> String {
    let function = match voi.function {
        VoiFunction::Linear => "",
        VoiFunction::LinearExact => " exact",
        VoiFunction::Sigmoid => " sigmoid",
        VoiFunction::Table(_) => return "VOI LUT".into(),
    };
    format!("W {} L {}{function}", short(voi.width), short(voi.center))
}

/// At most two decimals, none where there are none.
fn short(x: f64) -> String {
    let text = format!("{x:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn cautions(series: &LoadedSeries, shown: Shown<'_>, is_interpolated: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    if series.series.instances.iter().any(|instance| instance.lossy) {
        lines.push(Line::toned("lossy compression", Tone::Warning));
    }
    if !matches!(shown, Shown::Image { .. })
        && series.geometry().is_some_and(crate::geometry::VolumeGeometry::is_sheared)
    {
        lines.push(Line::toned("tilted stack, straightened", Tone::Warning));
    }
    if is_interpolated {
        lines.push(Line::plain("interpolated"));
    }
    lines.push(Line::toned(NOT_FOR_CLINICAL_USE, Tone::Strong));
    lines
}
