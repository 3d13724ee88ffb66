//! Built-in transfer functions. CT ones stand in HU; those of MR, and of PET without SUV, are stretched over the volume's own
//! values, because those have no unit.

use super::{ColorPoint, OpacityPoint, Shading, TransferFunction};
use crate::volume::{ValueUnit, Volume};

/// A built-in transfer function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Preset {
    /// Bone, nothing else.
    CtBone,
    /// Contrast-filled vessels, with bone.
    CtVessels,
    /// Airways, vessels and borders of the lung, through a clear chest.
    CtLung,
    /// The skin, as from outside.
    CtSoftTissue,
    /// Muscle under clear fat, with bone.
    CtMuscle,
    /// Bright tissue over faint dark.
    MrDefault,
    /// Bright blood only.
    MrAngio,
    /// Uptake as a glow.
    Pet,
}

/// What the values of a preset's curves are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    /// As they stand.
    Absolute,
    /// 0 is the volume's 1st percentile, 1 its 99.5th.
    Percentiles,
}

struct Curves {
    opacity: &'static [(f64, f64)],
    color: &'static [(f64, [u8; 3])],
    shading: Shading,
    scale: Scale,
}

const SURFACE: Shading = Shading { ambient: 0.2, diffuse: 0.85, specular: 0.25, shininess: 16 };
const MATTE: Shading = Shading { ambient: 0.3, diffuse: 0.75, specular: 0.08, shininess: 8 };

impl Preset {
    /// All of them, in menu order.
    pub const ALL: [Self; 8] = [
        Self::CtBone,
        Self::CtVessels,
        Self::CtLung,
        Self::CtSoftTissue,
        Self::CtMuscle,
        Self::MrDefault,
        Self::MrAngio,
        Self::Pet,
    ];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::CtBone => "CT bone",
            Self::CtVessels => "CT vessels",
            Self::CtLung => "CT lung",
            Self::CtSoftTissue => "CT soft tissue",
            Self::CtMuscle => "CT muscle",
            Self::MrDefault => "MR default",
            Self::MrAngio => "MR angio",
            Self::Pet => "PET",
        }
    }

    /// True for curves that stand in HU: they mean nothing over other values.
    pub fn needs_hounsfield(self) -> bool {
        matches!(self, Self::CtBone | Self::CtVessels | Self::CtLung | Self::CtSoftTissue | Self::CtMuscle)
    }

    /// For files and the command line: "ct-bone".
    pub fn key(self) -> String {
        self.name().to_ascii_lowercase().replace(' ', "-")
    }

    /// The preset of a key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.key() == key)
    }

    /// What a series of a modality (0008,0060) is first shown with.
    pub fn first_for(modality: &str) -> Self {
        match modality {
            "CT" => Self::CtBone,
            "PT" => Self::Pet,
            _ => Self::MrDefault,
        }
    }

    /// The transfer function for a volume.
    pub fn transfer(self, volume: &Volume) -> TransferFunction {
        let curves = self.curves();
        let is_relative =
            curves.scale == Scale::Percentiles || (self == Self::Pet && *volume.unit() != ValueUnit::SuvBw);
        if !is_relative {
            return self.build(&curves, 1.0, 0.0);
        }
        let [low, high] = volume.percentiles([0.01, 0.995]).map(f64::from);
        // PET curves reach from SUV 0 to 10.
        let reach = if self == Self::Pet { 10.0 } else { 1.0 };
        self.build(&curves, ((high - low) / reach).max(1e-6), low)
    }

    /// The built-in curves keep the invariant of [`TransferFunction`] for every finite scale; a test holds them to it.
    fn build(self, curves: &Curves, factor: f64, offset: f64) -> TransferFunction {
        let place = |value: f64| value * factor + offset;
        TransferFunction {
            name: self.name().to_owned(),
            opacity: curves.opacity.iter().map(|&(v, opacity)| OpacityPoint { value: place(v), opacity }).collect(),
            color: curves.color.iter().map(|&(v, rgb)| ColorPoint { value: place(v), rgb }).collect(),
            shading: curves.shading,
            unit_mm: 1.0,
        }
    }

    fn curves(self) -> Curves {
        let absolute = |opacity, color, shading| Curves { opacity, color, shading, scale: Scale::Absolute };
        match self {
            Self::CtBone => absolute(
                &[(160.0, 0.0), (260.0, 0.25), (450.0, 0.7), (1200.0, 0.85)],
                &[(160.0, [150, 70, 50]), (300.0, [222, 184, 140]), (600.0, [245, 235, 215]), (1500.0, [255; 3])],
                SURFACE,
            ),
            Self::CtVessels => absolute(
                &[(110.0, 0.0), (170.0, 0.12), (260.0, 0.5), (450.0, 0.6), (900.0, 0.7)],
                &[(110.0, [120, 20, 15]), (220.0, [205, 60, 45]), (380.0, [235, 160, 120]), (700.0, [250, 240, 220])],
                SURFACE,
            ),
            Self::CtLung => absolute(
                &[(-1000.0, 0.0), (-850.0, 0.0), (-700.0, 0.02), (-500.0, 0.12), (-350.0, 0.05), (-200.0, 0.0)],
                &[(-850.0, [90, 110, 150]), (-600.0, [210, 150, 140]), (-300.0, [245, 215, 200])],
                MATTE,
            ),
            Self::CtSoftTissue => absolute(
                &[(-600.0, 0.0), (-300.0, 0.15), (-100.0, 0.5), (1000.0, 0.6)],
                &[
                    (-600.0, [160, 110, 90]),
                    (-100.0, [225, 175, 150]),
                    (150.0, [235, 190, 165]),
                    (400.0, [250, 240, 225]),
                ],
                MATTE,
            ),
            Self::CtMuscle => absolute(
                &[(-30.0, 0.0), (30.0, 0.08), (90.0, 0.3), (200.0, 0.45), (1000.0, 0.8)],
                &[(-30.0, [110, 40, 35]), (60.0, [175, 70, 55]), (180.0, [215, 140, 110]), (400.0, [250, 240, 220])],
                MATTE,
            ),
            Self::MrDefault => Curves {
                opacity: &[(0.1, 0.0), (0.25, 0.04), (0.5, 0.15), (1.0, 0.35)],
                color: &[(0.1, [40, 35, 35]), (0.4, [150, 120, 110]), (0.7, [215, 195, 180]), (1.0, [255; 3])],
                shading: MATTE,
                scale: Scale::Percentiles,
            },
            Self::MrAngio => Curves {
                opacity: &[(0.65, 0.0), (0.9, 0.25), (1.3, 0.7)],
                color: &[(0.65, [130, 20, 20]), (1.0, [225, 90, 60]), (1.5, [255, 225, 190])],
                shading: SURFACE,
                scale: Scale::Percentiles,
            },
            Self::Pet => absolute(
                &[(0.5, 0.0), (2.0, 0.01), (4.0, 0.08), (10.0, 0.3)],
                &[(0.5, [60, 20, 60]), (2.5, [170, 40, 60]), (5.0, [240, 140, 40]), (10.0, [255, 250, 210])],
                Shading::NONE,
            ),
        }
    }
}
