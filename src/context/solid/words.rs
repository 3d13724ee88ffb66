//! What is said of a view of a whole volume, on screen and in exported pictures alike.

use super::super::layout::{ViewKind, Viewport};
use super::{MaskUse, SolidSource, Stand};
use crate::render::drr::DrrDraw;

/// On every radiograph that no X-ray made.
pub const NOT_ACQUIRED: &str = "computed from CT, not acquired";

impl Viewport {
    /// What volume rendering does to the values: transfer function, cuts, masks.
    pub fn volume_words(&self, source: &SolidSource) -> Vec<String> {
        let solid = &self.solid;
        let name = source.preset_of(solid).name();
        let changed = if solid.transfer.is_some() { ", changed" } else { "" };
        let cuts = solid.clips.iter().filter(|clip| clip.on).count();
        let cuts = match cuts {
            0 => String::new(),
            1 => "1 cut".to_owned(),
            n => format!("{n} cuts"),
        };
        let cropped = if solid.crop.is_some() { "cropped" } else { "" };
        let masks = match solid.masks {
            MaskUse::Ignore => "",
            MaskUse::Color => "segments colored",
            MaskUse::Only => "segments only",
            MaskUse::Hide => "segments cut out",
        };
        let parts: Vec<&str> = [&*cuts, cropped, masks].into_iter().filter(|part| !part.is_empty()).collect();
        let mut lines = vec![format!("volume rendering · {name}{changed}")];
        if !parts.is_empty() {
            lines.push(parts.join(" · "));
        }
        lines
    }

    /// Name and angles of a view that is turned: "turned 30° · lifted 10°".
    pub fn turn_words(&self) -> String {
        let [yaw, pitch] = self.turn_deg;
        let yaw = if yaw > 180.0 { yaw - 360.0 } else { yaw };
        match (yaw.round(), pitch.round()) {
            (0.0, 0.0) => "from the front".to_owned(),
            (yaw, 0.0) => format!("turned {yaw:.0}°"),
            (yaw, pitch) => format!("turned {yaw:.0}° · lifted {pitch:.0}°"),
        }
    }

    /// A name for files: "volume", "radiograph".
    pub fn solid_stem(&self) -> &'static str {
        match self.kind {
            ViewKind::Volume => "volume",
            ViewKind::Drr => "radiograph",
            ViewKind::Surface => "surfaces",
            _ => "projection",
        }
    }
}

/// View, angles, energy and distances of a radiograph.
pub fn radiograph_words(draw: &DrrDraw, stand: &Stand) -> Vec<String> {
    let [primary, secondary] = stand.angles_deg;
    let view = stand.view_name().map_or_else(String::new, |name| format!("{name} · "));
    // No minus before a zero.
    let degrees = |angle: f64| if angle.round() == 0.0 { 0.0 } else { angle.round() };
    let first = format!("{view}{:.0}° / {:.0}° · {} keV", degrees(primary), degrees(secondary), draw.energy_kev());
    let distances = match draw.geometry.distances_mm() {
        Some([to_detector, to_isocenter]) => {
            format!("source {to_isocenter:.0} mm, detector {:.0} mm from the isocenter", to_detector - to_isocenter)
        }
        None => "parallel rays".to_owned(),
    };
    vec![first, distances]
}
