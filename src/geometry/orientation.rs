//! Standard planes and the letters at their edges (PS3.3 C.7.6.1.1.1: L/R, A/P, H/F), from direction cosines only.

use super::DVec3;

/// The three standard reading planes and how they lie on the screen (`clinical.md`: axial from the feet, coronal from
/// the front, sagittal with anterior on screen-left).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Orientation {
    /// Seen from the feet: patient's right on screen-left, anterior up.
    Axial,
    /// Seen from the front: patient's right on screen-left, head up.
    Coronal,
    /// Seen from the patient's left: anterior on screen-left, head up.
    Sagittal,
}

impl Orientation {
    /// All three, in reading order.
    pub const ALL: [Self; 3] = [Self::Axial, Self::Coronal, Self::Sagittal];

    /// Unit vectors (screen-right, screen-down) in LPS.
    pub fn axes_lps(self) -> (DVec3, DVec3) {
        match self {
            Self::Axial => (DVec3::X, DVec3::Y),
            Self::Coronal => (DVec3::X, DVec3::NEG_Z),
            Self::Sagittal => (DVec3::Y, DVec3::NEG_Z),
        }
    }

    /// Direction in which "next image" moves (`clinical.md`: head to feet in axial; front to back; right to left).
    pub fn scroll_lps(self) -> DVec3 {
        match self {
            Self::Axial => DVec3::NEG_Z,
            Self::Coronal => DVec3::Y,
            Self::Sagittal => DVec3::X,
        }
    }

    /// "axial", "coronal", "sagittal".
    pub fn name(self) -> &'static str {
        match self {
            Self::Axial => "axial",
            Self::Coronal => "coronal",
            Self::Sagittal => "sagittal",
        }
    }

    /// The standard plane whose normal is nearest to `normal_lps` (either sign).
    pub fn nearest(normal_lps: DVec3) -> Self {
        let a = normal_lps.abs();
        if a.z >= a.x && a.z >= a.y {
            Self::Axial
        } else if a.y >= a.x {
            Self::Coronal
        } else {
            Self::Sagittal
        }
    }
}

/// Letters of the direction a vector points to, strongest first, leaving out components below 20 % (about 11°):
/// "L", "PH", "RAF". Empty for a vector without direction, so that nothing is guessed.
pub fn letters(direction_lps: DVec3) -> String {
    let Some(unit) = direction_lps.try_normalize() else { return String::new() };
    let mut parts = [
        (unit.x, if unit.x > 0.0 { 'L' } else { 'R' }),
        (unit.y, if unit.y > 0.0 { 'P' } else { 'A' }),
        (unit.z, if unit.z > 0.0 { 'H' } else { 'F' }),
    ];
    parts.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    parts.iter().filter(|(size, _)| size.abs() > 0.2).map(|(_, letter)| *letter).collect()
}

/// Letters of the opposite direction; characters that are none stay as they are.
pub fn opposite_letters(letters: &str) -> String {
    let turned = |letter| match letter {
        'L' => 'R',
        'R' => 'L',
        'A' => 'P',
        'P' => 'A',
        'H' => 'F',
        'F' => 'H',
        other => other,
    };
    letters.chars().map(turned).collect()
}
