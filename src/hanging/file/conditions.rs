//! Conditions as they stand in files.

use super::{Condition, Flaw, of_name};
use crate::hanging::condition::{AcquiredPlane, Place, Range, SeriesCondition, StudyCondition};
use crate::hanging::words::Words;
use crate::study::ProjectionView;
use serde::{Deserialize, Serialize};

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WordsDto {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    any: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    all: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    none: Vec<String>,
}

impl WordsDto {
    fn read(dto: Option<Self>) -> Words {
        dto.map_or_else(Words::default, |Self { any, all, none }| Words { any, all, none })
    }

    fn written(words: &Words) -> Option<Self> {
        let Words { any, all, none } = words.clone();
        (!words.is_empty()).then_some(Self { any, all, none })
    }
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RangeDto {
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<f64>,
}

impl From<RangeDto> for Range {
    fn from(RangeDto { min, max }: RangeDto) -> Self {
        Self { min, max }
    }
}

impl From<Range> for RangeDto {
    fn from(Range { min, max }: Range) -> Self {
        Self { min, max }
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeriesDto {
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<i32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    modality: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    body_part: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<WordsDto>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_type: Option<WordsDto>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kernel: Option<WordsDto>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    view: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    laterality: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    plane: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    volume: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suv: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contrast: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slices: Option<RangeDto>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thickness_mm: Option<RangeDto>,
}

impl Condition for SeriesDto {
    type Of = SeriesCondition;

    fn read(self) -> Result<(SeriesCondition, Option<i32>), Flaw> {
        let views = self.view.iter().map(|name| of_name("view", name, &ProjectionView::ALL, ProjectionView::name));
        let planes = self.plane.iter().map(|name| of_name("plane", name, AcquiredPlane::ALL, AcquiredPlane::name));
        let step = self.step.map(|name| of_name("step", &name, Place::ALL, Place::name));
        let condition = SeriesCondition {
            modality: self.modality,
            body_part: self.body_part,
            words: WordsDto::read(self.words),
            image_type: WordsDto::read(self.image_type),
            kernel: WordsDto::read(self.kernel),
            view: views.collect::<Result<_, _>>()?,
            laterality: self.laterality,
            plane: planes.collect::<Result<_, _>>()?,
            volume: self.volume,
            suv: self.suv,
            contrast: self.contrast,
            step: step.transpose()?,
            slices: self.slices.map(Range::from),
            thickness_mm: self.thickness_mm.map(Range::from),
        };
        Ok((condition, self.points))
    }

    fn written(of: &SeriesCondition, points: Option<i32>) -> Self {
        Self {
            points,
            modality: of.modality.clone(),
            body_part: of.body_part.clone(),
            words: WordsDto::written(&of.words),
            image_type: WordsDto::written(&of.image_type),
            kernel: WordsDto::written(&of.kernel),
            view: of.view.iter().map(|view| view.name().into()).collect(),
            laterality: of.laterality.clone(),
            plane: of.plane.iter().map(|plane| plane.name().into()).collect(),
            volume: of.volume,
            suv: of.suv,
            contrast: of.contrast,
            step: of.step.map(|place| place.name().into()),
            slices: of.slices.map(RangeDto::from),
            thickness_mm: of.thickness_mm.map(RangeDto::from),
        }
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StudyDto {
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<WordsDto>,
    #[serde(skip_serializing_if = "Option::is_none")]
    series: Option<SeriesDto>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_least: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    series_count: Option<RangeDto>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prior: Option<bool>,
}

impl Condition for StudyDto {
    type Of = StudyCondition;

    fn read(self) -> Result<(StudyCondition, Option<i32>), Flaw> {
        let series = match self.series.map(Condition::read).transpose().map_err(|flaw| flaw.inside("series"))? {
            Some((_, Some(_))) => {
                return Err(Flaw::new("series", "points belong to the rule; move them out of series"));
            }
            Some((series, None)) => Some(series),
            None => None,
        };
        let condition = StudyCondition {
            words: WordsDto::read(self.words),
            series,
            at_least: self.at_least.unwrap_or(1),
            series_count: self.series_count.map(Range::from),
            prior: self.prior,
        };
        Ok((condition, self.points))
    }

    fn written(of: &StudyCondition, points: Option<i32>) -> Self {
        Self {
            points,
            words: WordsDto::written(&of.words),
            series: of.series.as_ref().map(|series| SeriesDto::written(series, None)),
            at_least: (of.at_least != 1).then_some(of.at_least),
            series_count: of.series_count.map(RangeDto::from),
            prior: of.prior,
        }
    }
}
