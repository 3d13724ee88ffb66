//! Conditions on series and studies. Every part that is said must hold; what is left out says nothing.

use super::named;
use super::words::Words;
use crate::geometry::Orientation;
use crate::study::{Instance, ProjectionView, Series, SeriesGeometry, Study, Uptake};

/// Least and greatest value, both included.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Range {
    /// At least.
    pub min: Option<f64>,
    /// At most.
    pub max: Option<f64>,
}

impl Range {
    /// True inside.
    pub fn holds(self, value: f64) -> bool {
        self.min.is_none_or(|min| value >= min) && self.max.is_none_or(|max| value <= max)
    }

    fn sentence(self) -> String {
        match (self.min, self.max) {
            (Some(min), Some(max)) => format!("{min} to {max}"),
            (Some(min), None) => format!("at least {min}"),
            (None, Some(max)) => format!("at most {max}"),
            (None, None) => "any number".into(),
        }
    }
}

named! {
    /// Along which plane slices were acquired, the nearest standard plane for oblique ones.
    AcquiredPlane {
        /// Slices follow each other from foot to head.
        Axial = "axial",
        /// From back to front.
        Coronal = "coronal",
        /// From side to side.
        Sagittal = "sagittal",
    }
}

named! {
    /// Place of a volume in its 4D group (time, b-value, echo).
    Place {
        /// Lowest value.
        First = "first",
        /// Highest value.
        Last = "last",
    }
}

/// What may be asked of a series, or of one image of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SeriesCondition {
    /// Modality (0008,0060) is one of these.
    pub modality: Vec<String>,
    /// Body Part Examined (0018,0015) holds one of these phrases.
    pub body_part: Vec<String>,
    /// In Series Description, Protocol Name and what tells a display set from others of its series.
    pub words: Words,
    /// In the values of Image Type (0008,0008).
    pub image_type: Words,
    /// In Convolution Kernel (0018,1210).
    pub kernel: Words,
    /// The view of the image is one of these.
    pub view: Vec<ProjectionView>,
    /// "R" or "L": the side of the image is one of these.
    pub laterality: Vec<String>,
    /// The plane of acquisition is one of these.
    pub plane: Vec<AcquiredPlane>,
    /// Slices make a volume.
    pub volume: Option<bool>,
    /// SUV are known.
    pub suv: Option<bool>,
    /// Something points to contrast: an agent is named, or a word says so. No sign of it is no proof of none.
    pub contrast: Option<bool>,
    /// Place in a 4D group.
    pub step: Option<Place>,
    /// Number of slices or pictures.
    pub slices: Option<Range>,
    /// Slice Thickness (0018,0050), mm.
    pub thickness_mm: Option<Range>,
}

/// Words by which protocols name contrast.
const CONTRAST_WORDS: &[&str] = &[
    "contrast",
    "post",
    "gd",
    "gad",
    "gado*",
    "ce",
    "kontrast*",
    "km",
    "t1c",
    "arterial",
    "portal*",
    "venous",
    "delayed",
];
/// Words by which they deny it.
const NO_CONTRAST_WORDS: &[&str] = &[
    "without",
    "wo",
    "w o",
    "non contrast",
    "noncontrast",
    "pre",
    "plain",
    "native",
    "nativ",
    "unenhanced",
    "nc",
    "ohne",
];

impl SeriesCondition {
    /// True when every part holds; `image` narrows view and side to one instance.
    pub fn holds(&self, series: &Series, image: Option<&Instance>) -> bool {
        self.texts_hold(series)
            && self.images_hold(series, image)
            && self.numbers_hold(series)
            && self.volume.is_none_or(|wanted| wanted == is_volume(series))
            && self.suv.is_none_or(|wanted| wanted == matches!(series.uptake, Uptake::Known(_)))
            && self.contrast.is_none_or(|wanted| wanted == has_sign_of_contrast(series))
            && (self.plane.is_empty() || plane_of(series).is_some_and(|plane| self.plane.contains(&plane)))
            && self.step.is_none_or(|place| stands_at(series, place))
    }

    fn texts_hold(&self, series: &Series) -> bool {
        let part = series.part.as_ref().map_or("", |part| &part.what);
        let types: Vec<&str> = series.image_type.iter().map(String::as_str).collect();
        let body_part = Words { any: self.body_part.clone(), ..Words::default() };
        (self.modality.is_empty() || self.modality.iter().any(|m| m.eq_ignore_ascii_case(&series.modality)))
            && body_part.fit(&[&series.body_part])
            && self.words.fit(&[&series.description, &series.protocol, part])
            && self.image_type.fit(&types)
            && self.kernel.fit(&[&series.kernel])
    }

    /// View and side of the image, of any image of the series where none is named.
    fn images_hold(&self, series: &Series, image: Option<&Instance>) -> bool {
        if self.view.is_empty() && self.laterality.is_empty() {
            return true;
        }
        let one = |instance: &Instance| {
            instance.projection.as_ref().is_some_and(|projection| {
                let side = projection.side().map(String::from);
                (self.view.is_empty() || projection.view().is_some_and(|view| self.view.contains(&view)))
                    && (self.laterality.is_empty() || side.is_some_and(|side| self.laterality.contains(&side)))
            })
        };
        image.map_or_else(|| series.instances.iter().any(one), one)
    }

    fn numbers_hold(&self, series: &Series) -> bool {
        self.slices.is_none_or(|range| range.holds(slice_count(series) as f64))
            && self.thickness_mm.is_none_or(|range| series.slice_thickness_mm.is_some_and(|mm| range.holds(mm)))
    }

    /// "CT; body part chest; words any of lung, thorax", for reasons.
    pub fn sentence(&self) -> String {
        let list =
            |what: &str, values: Vec<&str>| (!values.is_empty()).then(|| format!("{what}{}", values.join(" or ")));
        let words = |what: &str, words: &Words| (!words.is_empty()).then(|| format!("{what} {}", words.sentence()));
        let flag =
            |what: &str, wanted: Option<bool>| wanted.map(|yes| format!("{}{what}", if yes { "" } else { "no " }));
        let range = |what: &str, range: Option<Range>| range.map(|range| format!("{what} {}", range.sentence()));
        let strings = |values: &'_ [String]| values.iter().map(|v| v.to_lowercase()).collect::<Vec<_>>();
        let body_part = strings(&self.body_part);
        let parts = [
            list("", self.modality.iter().map(String::as_str).collect()),
            list("body part ", body_part.iter().map(String::as_str).collect()),
            words("words", &self.words),
            words("image type", &self.image_type),
            words("kernel", &self.kernel),
            list("view ", self.view.iter().map(|view| view.name()).collect()),
            list("side ", self.laterality.iter().map(String::as_str).collect()),
            list("plane ", self.plane.iter().map(|plane| plane.name()).collect()),
            flag("volume", self.volume),
            flag("SUV", self.suv),
            flag("sign of contrast", self.contrast),
            self.step.map(|place| format!("{} of its group", place.name())),
            range("slices", self.slices),
            range("thickness in mm", self.thickness_mm),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

/// What may be asked of a study.
#[derive(Debug, Clone, PartialEq)]
pub struct StudyCondition {
    /// In Study Description.
    pub words: Words,
    /// At least [`StudyCondition::at_least`] series hold this.
    pub series: Option<SeriesCondition>,
    /// Counted for `series`; 1 unless said.
    pub at_least: usize,
    /// Number of series with pixels.
    pub series_count: Option<Range>,
    /// A comparable prior is there, or is not.
    pub prior: Option<bool>,
}

impl Default for StudyCondition {
    fn default() -> Self {
        Self { words: Words::default(), series: None, at_least: 1, series_count: None, prior: None }
    }
}

impl StudyCondition {
    /// True when every part holds. `priors` is the number of comparable priors, `None` where they do not matter yet.
    pub fn holds(&self, study: &Study, priors: Option<usize>) -> bool {
        let shown = || study.series.iter().filter(|series| series.has_pixels());
        self.words.fit(&[&study.description])
            && self.series.as_ref().is_none_or(|series| {
                shown().filter(|own| series.holds(own, None)).take(self.at_least).count() >= self.at_least
            })
            && self.series_count.is_none_or(|range| range.holds(shown().count() as f64))
            && self.prior.is_none_or(|wanted| priors.is_none_or(|count| wanted == (count > 0)))
    }

    /// For reasons: "study words any of chest; 2 series: CT".
    pub fn sentence(&self) -> String {
        let many = if self.at_least > 1 { format!("{} series: ", self.at_least) } else { "a series: ".into() };
        let parts = [
            (!self.words.is_empty()).then(|| format!("study words {}", self.words.sentence())),
            self.series.as_ref().map(|series| format!("{many}{}", series.sentence())),
            self.series_count.map(|range| format!("series {}", range.sentence())),
            self.prior.map(|wanted| format!("{}prior", if wanted { "" } else { "no " })),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

/// True when slices make a volume.
pub(super) fn is_volume(series: &Series) -> bool {
    matches!(series.geometry, SeriesGeometry::Volume(_))
}

/// Slices of a volume, pictures of others.
pub(super) fn slice_count(series: &Series) -> usize {
    match &series.geometry {
        SeriesGeometry::Volume(geometry) => geometry.dims()[2],
        _ if !series.slices.is_empty() => series.slices.len(),
        _ => series.instances.iter().map(|instance| instance.frames as usize).sum(),
    }
}

fn plane_of(series: &Series) -> Option<AcquiredPlane> {
    let SeriesGeometry::Volume(geometry) = &series.geometry else { return None };
    Some(match Orientation::nearest(geometry.direction().z_axis) {
        Orientation::Axial => AcquiredPlane::Axial,
        Orientation::Coronal => AcquiredPlane::Coronal,
        Orientation::Sagittal => AcquiredPlane::Sagittal,
    })
}

fn stands_at(series: &Series, place: Place) -> bool {
    series.step().is_some_and(|step| match place {
        Place::First => step.index == 0,
        Place::Last => step.index + 1 == step.count,
    })
}

fn has_sign_of_contrast(series: &Series) -> bool {
    let texts = [series.description.as_str(), &series.protocol];
    let written = |sign: &str| texts.iter().any(|text| text.to_lowercase().contains(sign));
    let denied = written("c-") || Words::any(NO_CONTRAST_WORDS).fit(&texts);
    let signed = written("c+") || written("+c") || Words::any(CONTRAST_WORDS).fit(&texts);
    !denied && (!series.contrast_agent.is_empty() || signed)
}
