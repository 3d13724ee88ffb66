//! Fills the cells of a stage.

use super::Studies;
use super::condition::{SeriesCondition, is_volume, slice_count};
use super::protocol::{Align, Cell, Over, Protocol, Select, Stage, View};
use super::rank::comparable_priors;
use crate::study::{Instance, ProjectionView, Series, Study};
use std::cmp::Reverse;

/// A cell, and what hangs there or why nothing does.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved<'a, 'p> {
    /// As the protocol says it.
    pub cell: &'p Cell,
    /// The series; else a sentence that begins with "empty:".
    pub shows: Result<Placed<'a>, String>,
}

/// What hangs in a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed<'a> {
    /// The study that is read, or a prior of the same person.
    pub study: &'a Study,
    /// The display set.
    pub series: &'a Series,
    /// Index into `Series::instances` where one image of the series was asked for by view or side.
    pub image: Option<usize>,
    /// What is laid over it, or why nothing is; `None` where nothing was asked for.
    pub over: Option<Result<&'a Series, String>>,
    /// Whether the picture must be mirrored so that the chest wall lies where the cell wants it.
    pub mirror: Mirror,
    /// Its points.
    pub points: i32,
    /// Rules that gave them.
    pub reasons: Vec<String>,
}

/// How a mammogram is turned to its side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mirror {
    /// As it is stored.
    No,
    /// Left and right exchanged: the letters go with it.
    Yes,
    /// Patient Orientation does not say where the chest wall lies: shown as stored, in the middle, with this sentence.
    Unknown(String),
}

/// Something that a selector may choose.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    series: &'a Series,
    image: Option<usize>,
}

impl<'a> Candidate<'a> {
    fn instance(self) -> Option<&'a Instance> {
        self.image.and_then(|n| self.series.instances.get(n))
    }

    fn fits(self, condition: &SeriesCondition) -> bool {
        condition.holds(self.series, self.instance())
    }

    fn is_for_processing(self) -> bool {
        let refused = |instance: &Instance| {
            instance.projection.as_ref().is_some_and(|projection| {
                let of_breast =
                    self.series.modality == "MG" || projection.view().is_some_and(ProjectionView::is_of_breast);
                of_breast && projection.is_for_processing()
            })
        };
        self.instance().map_or_else(|| self.series.instances.iter().any(refused), refused)
    }
}

/// Fills each cell of a stage of `protocol`, in the order of the cells.
pub fn resolve<'a, 'p>(protocol: &'p Protocol, stage: &'p Stage, studies: Studies<'a>) -> Vec<Resolved<'a, 'p>> {
    let priors = comparable_priors(protocol, studies);
    let fill = |cell: &'p Cell| Resolved { cell, shows: shown(protocol, cell, studies.current(), &priors) };
    stage.cells.iter().map(fill).collect()
}

fn shown<'a>(protocol: &Protocol, cell: &Cell, current: &'a Study, priors: &[&'a Study]) -> Result<Placed<'a>, String> {
    let study = match cell.prior {
        0 => current,
        n => *priors.get(usize::from(n) - 1).ok_or_else(|| match priors.len() {
            0 => "empty: no comparable prior of this patient is open".to_owned(),
            found => format!("empty: prior {n} is asked for, and {found} comparable are open"),
        })?,
    };
    let select = protocol.selectors.get(&cell.series).ok_or("empty: the protocol names no such series")?;
    let all = candidates(study, cell.view);
    let (refused, readable): (Vec<_>, Vec<_>) =
        fitting(select, all).into_iter().partition(|(candidate, _)| candidate.is_for_processing());
    let rank = usize::from(cell.rank.max(1)) - 1;
    let Some(&(candidate, _)) = readable.get(rank) else {
        return Err(match (refused.is_empty(), rank) {
            (false, _) => {
                "empty: the images are FOR PROCESSING and not for reading; open those FOR PRESENTATION".into()
            }
            (true, 0) => format!("empty: no series fits {:?}", cell.series),
            (true, _) => {
                format!("empty: {} series fit {:?}, number {} is asked for", readable.len(), cell.series, rank + 1)
            }
        });
    };
    let (points, reasons) = select.points(|rule| candidate.fits(rule), SeriesCondition::sentence);
    Ok(Placed {
        study,
        series: candidate.series,
        image: candidate.image,
        over: cell.over.as_ref().map(|over| laid_over(protocol, over, study, candidate.series)),
        mirror: mirror(cell.align, candidate.instance()),
        points,
        reasons,
    })
}

/// What of a study can be shown in a view at all: volumes, or with [`View::Image`] everything with pixels, projection
/// images one by one.
fn candidates(study: &Study, view: View) -> Vec<Candidate<'_>> {
    let shown = study.series.iter().filter(|series| series.has_pixels() && series.modality != "SEG");
    let of_series = |series| match view {
        View::Image => images(series),
        View::Drr if series.modality != "CT" => Vec::new(),
        _ if is_volume(series) => vec![Candidate { series, image: None }],
        _ => Vec::new(),
    };
    shown.flat_map(of_series).collect()
}

fn images(series: &Series) -> Vec<Candidate<'_>> {
    let with_pixels = |instance: &Instance| instance.rows > 0 && instance.columns > 0;
    let named = series.instances.iter().enumerate();
    let projections: Vec<Candidate<'_>> = named
        .filter(|(_, instance)| instance.projection.is_some() && with_pixels(instance))
        .map(|(n, _)| Candidate { series, image: Some(n) })
        .collect();
    if projections.is_empty() { vec![Candidate { series, image: None }] } else { projections }
}

/// What fits, best first, with its points.
fn fitting<'a>(select: &Select<SeriesCondition>, candidates: Vec<Candidate<'a>>) -> Vec<(Candidate<'a>, i32)> {
    let fits = |candidate: &Candidate<'a>| select.judge(|rule| candidate.fits(rule), |_| String::new()).is_ok();
    let points = |candidate: Candidate<'a>| select.points(|rule| candidate.fits(rule), |_| String::new()).0;
    let mut found: Vec<(Candidate<'a>, i32)> = candidates.into_iter().filter(fits).map(|c| (c, points(c))).collect();
    found.sort_by_key(|(candidate, points)| {
        let series = candidate.series;
        let part = series.part.as_ref().map_or(0, |part| part.number);
        let order = (series.number.unwrap_or(i64::MAX), series.uid.clone(), part, candidate.image);
        (Reverse(*points), Reverse(slice_count(series)), order)
    });
    found
}

/// The series that lies over another: only in the same frame of reference, which is never guessed.
fn laid_over<'a>(protocol: &Protocol, over: &Over, study: &'a Study, base: &Series) -> Result<&'a Series, String> {
    let select = protocol.selectors.get(&over.series).ok_or("the protocol names no such series")?;
    let found = fitting(select, candidates(study, View::Axial));
    if found.is_empty() {
        return Err(format!("no series fits {:?}; only the first is shown", over.series));
    }
    let frame = &base.frame_of_reference_uid;
    let same = |(candidate, _): &&(Candidate<'a>, i32)| {
        !frame.is_empty() && candidate.series.frame_of_reference_uid == *frame && candidate.series.key() != base.key()
    };
    found
        .iter()
        .find(same)
        .map(|(candidate, _)| candidate.series)
        .ok_or_else(|| format!("{:?} lies in another frame of reference; register the two first", over.series))
}

fn mirror(align: Align, instance: Option<&Instance>) -> Mirror {
    let wanted_on_right = match align {
        Align::Center => return Mirror::No,
        Align::ChestWallLeft => false,
        Align::ChestWallRight => true,
    };
    match instance.and_then(|i| i.projection.as_ref()).and_then(|projection| projection.chest_wall_on_right()) {
        Some(on_right) if on_right == wanted_on_right => Mirror::No,
        Some(_) => Mirror::Yes,
        None => Mirror::Unknown("Patient Orientation does not say where the chest wall lies; not turned".into()),
    }
}
