//! What standardized uptake values of a PET series rest on.

/// Whether SUV are known, and from what.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Uptake {
    /// No emission tomography.
    #[default]
    NotPet,
    /// Known.
    Known(UptakeBasis),
    /// Refused: the sentence names what is missing or contradicts.
    Refused(String),
}

/// Everything that the factors from values to SUV were made of.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UptakeBasis {
    /// Units (0054,1001) of the values: "BQML", "GML", "CNTS", …
    pub units: String,
    /// Decay Correction (0054,1102): "START" or "ADMIN"; empty where the values are SUV already.
    pub decay: String,
    /// Patient's Weight (0010,1030).
    pub weight_kg: Option<f64>,
    /// Patient's Size (0010,1020).
    pub height_m: Option<f64>,
    /// Radionuclide Total Dose (0018,1074).
    pub dose_mbq: Option<f64>,
    /// Radionuclide Half Life (0018,1075).
    pub half_life_secs: Option<f64>,
    /// From the injection to the time that values are corrected to.
    pub uptake_secs: Option<f64>,
    /// Value times this is SUVbw (body weight), g/mL.
    pub bw_per_value: Option<f64>,
    /// `SUVlbm` (lean body mass), g/mL.
    pub lbm_per_value: Option<f64>,
    /// `SUVbsa` (body surface area), cm²/mL.
    pub bsa_per_value: Option<f64>,
}

impl UptakeBasis {
    /// "71 kg, 389 `MBq`, decay START, uptake 45 min".
    pub fn sentence(&self) -> String {
        let parts = [
            self.weight_kg.map(|kg| format!("{kg:.0} kg")),
            self.height_m.map(|m| format!("{:.0} cm", m * 100.0)),
            self.dose_mbq.map(|mbq| format!("{mbq:.0} MBq")),
            (!self.decay.is_empty()).then(|| format!("decay {}", self.decay)),
            self.uptake_secs.map(|secs| format!("uptake {:.0} min", secs / 60.0)),
            self.decay.is_empty().then(|| format!("values are SUV in the file ({})", self.units)),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}
