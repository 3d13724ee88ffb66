//! What the words of headers say: body regions, MR sequences, kernels. Only words that mean one thing are taken.

/// Parts of the body that are looked at as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Region {
    Head,
    Neck,
    Chest,
    Breast,
    Abdomen,
    Pelvis,
    Spine,
    Arm,
    Leg,
    WholeBody,
}

/// Words (upper case) that name a region, in English, German, French and Spanish where they differ.
const REGIONS: [(Region, &[&str]); 10] = [
    (Region::WholeBody, &["WHOLEBODY", "WB", "GANZKÖRPER", "TRUNK"]),
    (Region::Head, &["HEAD", "BRAIN", "SKULL", "KOPF", "SCHÄDEL", "HIRN", "CRANE", "CABEZA", "ORBIT", "IAC"]),
    (Region::Neck, &["NECK", "HALS", "COU", "CUELLO"]),
    (Region::Breast, &["BREAST", "MAMMA", "SEIN", "MAMA"]),
    (Region::Chest, &["CHEST", "THORAX", "LUNG", "LUNGS", "LUNGE", "POUMON", "TORAX", "HEART"]),
    (Region::Abdomen, &["ABDOMEN", "ABD", "LIVER", "LEBER", "FOIE", "KIDNEY", "PANCREAS"]),
    (Region::Pelvis, &["PELVIS", "BECKEN", "BASSIN", "PROSTATE", "PROSTATA", "HIP"]),
    (Region::Spine, &["SPINE", "CSPINE", "TSPINE", "LSPINE", "SSPINE", "WIRBELSÄULE", "LWS", "HWS", "BWS", "RACHIS"]),
    (Region::Arm, &["ARM", "SHOULDER", "ELBOW", "WRIST", "HAND", "SCHULTER", "FINGER"]),
    (Region::Leg, &["LEG", "THIGH", "KNEE", "ANKLE", "FOOT", "KNIE", "FUSS", "TOE"]),
];

/// Words that tell MR sequences apart.
const SEQUENCES: [(&str, &[&str]); 12] = [
    ("T1", &["T1", "T1W", "T1WI", "MPRAGE", "BRAVO", "SPGR", "TFE"]),
    ("T2", &["T2", "T2W", "T2WI"]),
    ("FLAIR", &["FLAIR", "TIRM"]),
    ("DWI", &["DWI", "DIFF", "DIFFUSION", "TRACE", "TRACEW"]),
    ("ADC", &["ADC"]),
    ("SWI", &["SWI", "SWAN", "T2STAR", "HEMO"]),
    ("STIR", &["STIR"]),
    ("TOF", &["TOF", "MRA"]),
    ("PD", &["PD", "PDW"]),
    ("fat saturation", &["FS", "FATSAT", "FAT", "SPAIR", "SPIR", "DIXON"]),
    ("contrast", &["GD", "GAD", "POST", "CE", "KM", "CONTRAST"]),
    ("perfusion", &["PWI", "PERF", "PERFUSION", "DSC", "DCE", "ASL"]),
];

impl Region {
    /// "chest".
    pub fn name(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Neck => "neck",
            Self::Chest => "chest",
            Self::Breast => "breast",
            Self::Abdomen => "abdomen",
            Self::Pelvis => "pelvis",
            Self::Spine => "spine",
            Self::Arm => "arm",
            Self::Leg => "leg",
            Self::WholeBody => "whole body",
        }
    }

    /// What a whole-body scan surely shows.
    pub fn is_trunk(self) -> bool {
        matches!(self, Self::Neck | Self::Chest | Self::Abdomen | Self::Pelvis)
    }
}

fn words(text: &str) -> Vec<String> {
    let split = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    split.map(str::to_uppercase).collect()
}

/// The one region that a text names; none or several give `None`.
pub(super) fn region(text: &str) -> Option<Region> {
    let words = words(&text.to_uppercase().replace("WHOLE BODY", "WHOLEBODY"));
    let names = |named: &str| words.iter().any(|word| word == named);
    let mut found = REGIONS.iter().filter(|(_, named)| named.iter().any(|n| names(n)));
    let first = found.next()?.0;
    found.next().is_none().then_some(first)
}

/// The kinds of sequence that a description names, in a fixed order.
pub(super) fn sequences(text: &str) -> Vec<&'static str> {
    let words = words(text);
    let named = |(_, named): &&(&str, &[&str])| words.iter().any(|word| named.contains(&word.as_str()));
    SEQUENCES.iter().filter(named).map(|(name, _)| *name).collect()
}

/// Words in common as a share of all words of both; `None` without words.
pub(super) fn shared_words(a: &str, b: &str) -> Option<f64> {
    let unique = |text: &str| words(text).into_iter().collect::<std::collections::BTreeSet<_>>();
    let (a, b) = (unique(a), unique(b));
    let all = a.union(&b).count();
    (!a.is_empty() && !b.is_empty()).then(|| a.intersection(&b).count() as f64 / all as f64)
}

/// Whether a convolution kernel is made for lung or bone; `None` for one that is not known.
pub(super) fn is_sharp(kernel: &str) -> Option<bool> {
    let upper = kernel.to_uppercase();
    let named = |words: &[&str]| words.iter().any(|word| upper.contains(word));
    if named(&["LUNG", "BONE", "EDGE", "SHARP"]) {
        return Some(true);
    }
    if named(&["STANDARD", "SOFT", "SMOOTH", "DETAIL"]) {
        return Some(false);
    }
    // Siemens: B30f, Br40, I70f: the number is the sharpness.
    let digits: String = upper.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    let letters = upper.chars().take_while(char::is_ascii_alphabetic).count();
    let number: u32 = digits.parse().ok()?;
    (digits.len() == 2 && (1..=2).contains(&letters)).then_some(number >= 50)
}
