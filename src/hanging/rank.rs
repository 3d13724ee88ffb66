//! Which protocols are for a study, best first, and why.

use super::Studies;
use super::condition::StudyCondition;
use super::protocol::{Protocol, Stage};
use super::resolve::resolve;
use crate::study::Study;
use std::cmp::Reverse;

/// Protocols for a study.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ranking<'p> {
    /// Best first; those of equal points in the order in which they were given.
    pub matches: Vec<Match<'p>>,
    /// The others, in the order in which they were given.
    pub rejected: Vec<Rejected<'p>>,
}

/// A protocol that is for the study.
#[derive(Debug, Clone, PartialEq)]
pub struct Match<'p> {
    /// Which.
    pub protocol: &'p Protocol,
    /// Points of its rules.
    pub points: i32,
    /// The rules that gave them: "+40: a series: CT; body part chest".
    pub reasons: Vec<String>,
    /// Indices of the stages that are offered; the first is where reading starts. Never empty.
    pub stages: Vec<usize>,
    /// Cells of the first stage that are filled, and all of them.
    pub filled: [usize; 2],
}

/// A protocol that is not.
#[derive(Debug, Clone, PartialEq)]
pub struct Rejected<'p> {
    /// Which.
    pub protocol: &'p Protocol,
    /// The rule that failed, or that nothing would hang.
    pub why: String,
}

/// Ranks protocols. A protocol whose first offered stage would stay empty is rejected with the reason of its first cell.
pub fn hang<'p>(protocols: &'p [Protocol], studies: Studies<'_>) -> Ranking<'p> {
    let mut ranking = Ranking::default();
    for protocol in protocols {
        match judge(protocol, studies) {
            Ok(found) => ranking.matches.push(found),
            Err(why) => ranking.rejected.push(Rejected { protocol, why }),
        }
    }
    // Stable: equal points keep their order.
    ranking.matches.sort_by_key(|found| Reverse(found.points));
    ranking
}

fn judge<'p>(protocol: &'p Protocol, studies: Studies<'_>) -> Result<Match<'p>, String> {
    let priors = comparable_priors(protocol, studies).len();
    let holds = |rule: &StudyCondition| rule.holds(studies.current(), Some(priors));
    protocol.applies.judge(holds, StudyCondition::sentence)?;
    let stages: Vec<usize> = offered(&protocol.stages, holds).collect();
    let Some(&first) = stages.first() else { return Err("no stage of it is for this study".into()) };
    let cells = resolve(protocol, &protocol.stages[first], studies);
    let filled = cells.iter().filter(|cell| cell.shows.is_ok()).count();
    if filled == 0 {
        return Err(cells.into_iter().find_map(|cell| cell.shows.err()).unwrap_or_default());
    }
    let total = cells.len();
    let (points, reasons) = protocol.applies.points(holds, StudyCondition::sentence);
    Ok(Match { protocol, points, reasons, stages, filled: [filled, total] })
}

fn offered(stages: &[Stage], holds: impl Fn(&StudyCondition) -> bool) -> impl Iterator<Item = usize> {
    stages.iter().enumerate().filter(move |(_, stage)| stage.when.iter().all(&holds)).map(|(n, _)| n)
}

/// Priors that the protocol is for too (whatever it asks of priors), newest first: what "prior 1" counts.
pub(super) fn comparable_priors<'a>(protocol: &Protocol, studies: Studies<'a>) -> Vec<&'a Study> {
    let holds = |study: &Study, rule: &StudyCondition| rule.holds(study, None);
    let is_comparable =
        |study: &&Study| protocol.applies.judge(|rule| holds(study, rule), StudyCondition::sentence).is_ok();
    studies.priors().into_iter().filter(is_comparable).collect()
}
