//! From the slices of one series to its display sets: what makes one volume, or belongs together as pictures.
//!
//! First by what can never lie in one volume: localizers, picture size, pixel spacing, orientation, Frame of Reference. Then,
//! where slices repeat their places, by the first dimension of the header ([`Axis`]) that tells them apart; without one, by the
//! order of Instance Numbers if every place is repeated equally often. A dimension is taken only when it has no more values
//! than places are repeated, so that what merely varies from slice to slice (times, jittering echoes) tears nothing apart.

use super::facts::{Axis, AxisValue, SliceFacts};
use super::stack::{self, SAME_PLACE_MM, Stack, same_axes, same_spacing};
use crate::geometry::{DVec3, VolumeGeometry};
use crate::study::{SeriesGeometry, Step};
use std::collections::{BTreeMap, BTreeSet};

/// A series with more kinds of slice than this is not taken apart.
const MAX_SETS: usize = 4096;
/// More orientations than this with about one slice each are one rotating or radial acquisition.
const MANY_ORIENTATIONS: usize = 8;

/// Slices that are shown together.
#[derive(Debug)]
pub struct DisplaySet {
    /// Indices into the facts, in the order of the stack.
    pub slices: Vec<usize>,
    /// What tells it from the other sets of the series; empty when there is only one.
    pub what: String,
    /// Its place in a 4D group.
    pub step: Option<Step>,
    /// What its slices make.
    pub stack: Stack,
}

/// Takes a series apart. `name` gives a slice's file for sentences.
pub fn split(facts: &[SliceFacts], name: impl Fn(&SliceFacts) -> String) -> Vec<DisplaySet> {
    let kinds = kinds(facts);
    let mut leaves = Vec::new();
    for (n, kind) in kinds.iter().enumerate() {
        let places = places(facts, kind);
        let start = Leaf { kind: n, slices: kind.clone(), trail: Vec::new() };
        match &places {
            Some(places) => divide(facts, places, &Axis::ALL, start, &mut leaves),
            None => leaves.push(start),
        }
    }
    if leaves.len() > MAX_SETS {
        leaves = vec![Leaf { kind: 0, slices: (0..facts.len()).collect(), trail: Vec::new() }];
    }
    let names = kind_names(facts, &kinds);
    let mut sets: Vec<(Leaf, DisplaySet)> = leaves
        .into_iter()
        .map(|leaf| {
            let own: Vec<&SliceFacts> = leaf.slices.iter().map(|&n| &facts[n]).collect();
            let stack = stack::examine(&own, &name);
            let slices = stack.order.iter().map(|&n| leaf.slices[n]).collect();
            let what = leaf.describe(&names[leaf.kind]);
            (leaf, DisplaySet { slices, what, step: None, stack })
        })
        .collect();
    // Stable: kinds and values stay in order within each half.
    sets.sort_by_key(|(leaf, _)| facts[leaf.slices[0]].is_localizer);
    number_steps(&mut sets);
    sets.into_iter().map(|(_, set)| set).collect()
}

/// A set in the making.
struct Leaf {
    kind: usize,
    slices: Vec<usize>,
    trail: Vec<Turn>,
}

/// One division that led to a leaf.
#[derive(Debug, Clone, PartialEq)]
struct Turn {
    axis: &'static str,
    is_step: bool,
    index: usize,
    what: String,
}

impl Leaf {
    fn describe(&self, kind: &str) -> String {
        let parts = std::iter::once(kind).chain(self.trail.iter().map(|turn| turn.what.as_str()));
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }

    fn with(&self, slices: Vec<usize>, turn: Turn) -> Self {
        let mut trail = self.trail.clone();
        trail.push(turn);
        Self { kind: self.kind, slices, trail }
    }
}

/// Slices that could lie in one volume, each kind in order of Instance Number.
fn kinds(facts: &[SliceFacts]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..facts.len()).collect();
    order.sort_by_key(|&n| (facts[n].number.unwrap_or(i64::MAX), facts[n].instance, facts[n].frame));
    let mut kinds: Vec<Vec<usize>> = Vec::new();
    for &n in &order {
        // The kind used last comes first: slices of one kind mostly follow each other.
        match kinds.iter().rposition(|kind| same_kind(&facts[kind[0]], &facts[n])) {
            Some(found) => kinds[found].push(n),
            None if kinds.len() == MAX_SETS => return vec![order],
            None => kinds.push(vec![n]),
        }
    }
    let radial = kinds.len() > MANY_ORIENTATIONS && facts.len() < 2 * kinds.len();
    if radial { vec![order] } else { kinds }
}

fn same_kind(a: &SliceFacts, b: &SliceFacts) -> bool {
    a.is_localizer == b.is_localizer
        && a.size == b.size
        && a.frame_of_reference_uid == b.frame_of_reference_uid
        && a.position_lps.is_some() == b.position_lps.is_some()
        && both(a.spacing_mm, b.spacing_mm, same_spacing)
        && both(a.axes_lps, b.axes_lps, same_axes)
}

fn both<T>(a: Option<T>, b: Option<T>, same: impl Fn(T, T) -> bool) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same(a, b),
        (None, None) => true,
        _ => false,
    }
}

/// What tells each kind from the others.
fn kind_names(facts: &[SliceFacts], kinds: &[Vec<usize>]) -> Vec<String> {
    let firsts: Vec<&SliceFacts> = kinds.iter().map(|kind| &facts[kind[0]]).collect();
    let differs = |same: &dyn Fn(&SliceFacts, &SliceFacts) -> bool| firsts.windows(2).any(|w| !same(w[0], w[1]));
    let by_localizer = differs(&|a, b| a.is_localizer == b.is_localizer);
    let by_axes = differs(&|a, b| both(a.axes_lps, b.axes_lps, same_axes));
    let by_size = differs(&|a, b| a.size == b.size);
    let by_spacing = differs(&|a, b| a.spacing_mm == b.spacing_mm);
    let mut names: Vec<String> = firsts
        .iter()
        .map(|f| {
            let parts = [
                (by_localizer && f.is_localizer).then(|| "localizer".to_owned()),
                by_axes.then(|| f.axes_lps.map_or("without orientation".into(), |axes| orientation_name(axes).into())),
                by_size.then(|| format!("{} × {} pixels", f.size[0], f.size[1])),
                by_spacing
                    .then(|| f.spacing_mm.map_or("without spacing".into(), |mm| format!("{:.3} mm pixels", mm[0]))),
            ];
            parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
        })
        .collect();
    for n in 0..names.len() {
        let same: Vec<usize> = (n..names.len()).filter(|&m| names[m] == names[n]).collect();
        if same.len() > 1 {
            let name = names[n].clone();
            let stem = if name.is_empty() { "group" } else { &name };
            same.iter().enumerate().for_each(|(k, &m)| names[m] = format!("{stem} {}", k + 1));
        }
    }
    names
}

fn orientation_name([row, column]: [DVec3; 2]) -> &'static str {
    let normal = row.cross(column).abs();
    let (x, y, z) = (normal.x, normal.y, normal.z);
    // cos 20°: the usual angulation of a brain or a knee is still called by its plane.
    let plain = normal.max_element() > 0.94;
    match (plain, x >= y && x >= z, y >= z) {
        (true, true, _) => "sagittal",
        (true, false, true) => "coronal",
        (true, false, false) => "axial",
        (false, true, _) => "oblique sagittal",
        (false, false, true) => "oblique coronal",
        (false, false, false) => "oblique axial",
    }
}

/// For each slice of a kind, the number of its place along the normal. `None` where places are unknown.
fn places(facts: &[SliceFacts], kind: &[usize]) -> Option<BTreeMap<usize, usize>> {
    let [row, column] = facts[kind[0]].axes_lps?;
    let normal = row.cross(column);
    let along: Option<Vec<(f64, usize)>> =
        kind.iter().map(|&n| Some((facts[n].position_lps?.dot(normal), n))).collect();
    let mut along = along?;
    along.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut place = 0;
    let mut before = along.first()?.0;
    let numbered = along.into_iter().map(|(mm, n)| {
        if mm - before >= SAME_PLACE_MM {
            place += 1;
        }
        before = mm;
        (n, place)
    });
    Some(numbered.collect())
}

/// How often the most repeated place is repeated; copies of one object count once.
fn repeats(facts: &[SliceFacts], places: &BTreeMap<usize, usize>, slices: &[usize]) -> usize {
    let (mut counts, mut seen) = (BTreeMap::<usize, usize>::new(), BTreeSet::new());
    for n in slices {
        let (facts, place) = (&facts[*n], places[n]);
        let uid = facts.sop_instance_uid.as_str();
        if uid.is_empty() || seen.insert((place, uid, facts.frame)) {
            *counts.entry(place).or_default() += 1;
        }
    }
    counts.into_values().max().unwrap_or(0)
}

/// Divides a set until no place is repeated, or nothing tells its slices apart.
fn divide(facts: &[SliceFacts], places: &BTreeMap<usize, usize>, axes: &[Axis], leaf: Leaf, leaves: &mut Vec<Leaf>) {
    let most = repeats(facts, places, &leaf.slices);
    // Many pictures of one place are a cine loop: steps of it would be volumes of one slice.
    let one_place = leaf.slices.iter().all(|n| places[n] == places[&leaf.slices[0]]);
    if most < 2 || leaves.len() > MAX_SETS {
        leaves.push(leaf);
        return;
    }
    for (n, &axis) in axes.iter().enumerate().filter(|(_, axis)| !(one_place && axis.is_step())) {
        let mut groups: BTreeMap<Option<&AxisValue>, Vec<usize>> = BTreeMap::new();
        leaf.slices.iter().for_each(|&slice| groups.entry(facts[slice].on(axis)).or_default().push(slice));
        let helps =
            (2..=most).contains(&groups.len()) && groups.values().all(|group| repeats(facts, places, group) < most);
        if helps {
            for (index, (value, group)) in groups.into_iter().enumerate() {
                let what = value.map_or_else(|| format!("no {}", axis.name()), |v| axis.describe(v, index));
                let turn = Turn { axis: axis.name(), is_step: axis.is_step(), index, what };
                divide(facts, places, &axes[n + 1..], leaf.with(group, turn), leaves);
            }
            return;
        }
    }
    match repetitions(facts, places, &leaf.slices, most).filter(|_| !one_place) {
        Some((axis, groups)) => leaves.extend(groups.into_iter().enumerate().map(|(index, group)| {
            leaf.with(group, Turn { axis, is_step: true, index, what: format!("{axis} {}", index + 1) })
        })),
        None => leaves.push(leaf),
    }
}

/// The first, second, … slice of every place, by trigger time where there is one and Instance Number; only where all places
/// are repeated equally often.
fn repetitions(
    facts: &[SliceFacts],
    places: &BTreeMap<usize, usize>,
    slices: &[usize],
    most: usize,
) -> Option<(&'static str, Vec<Vec<usize>>)> {
    let triggered = slices.iter().all(|&n| facts[n].on(Axis::Trigger).is_some());
    let mut by_place: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    slices.iter().for_each(|n| by_place.entry(places[n]).or_default().push(*n));
    if by_place.values().any(|at| at.len() != most) || slices.iter().any(|&n| facts[n].number.is_none()) {
        return None;
    }
    let mut groups = vec![Vec::with_capacity(by_place.len()); most];
    for at in by_place.values_mut() {
        at.sort_by_key(|&n| {
            let trigger = if triggered { facts[n].on(Axis::Trigger) } else { None };
            (trigger, facts[n].number, facts[n].instance, facts[n].frame)
        });
        at.iter().zip(&mut groups).for_each(|(&n, group)| group.push(n));
    }
    Some((if triggered { Axis::Trigger.name() } else { "repetition" }, groups))
}

/// Volumes on one grid that the same last division tells apart become steps of one group.
fn number_steps(sets: &mut [(Leaf, DisplaySet)]) {
    let mut group = 0;
    for n in 0..sets.len() {
        let Some((last, before)) = sets[n].0.trail.split_last() else { continue };
        if sets[n].1.step.is_some() || !last.is_step {
            continue;
        }
        let same = |leaf: &Leaf| {
            leaf.kind == sets[n].0.kind
                && leaf.trail.split_last().is_some_and(|(l, b)| b == before && l.axis == last.axis)
        };
        let members: Vec<usize> = (n..sets.len()).filter(|&m| same(&sets[m].0)).collect();
        let Some(first) = volume(&sets[n].1) else { continue };
        let alike = members.iter().all(|&m| volume(&sets[m].1).is_some_and(|g| same_grid(first, g)));
        if members.len() < 2 || !alike {
            continue;
        }
        group += 1;
        let (axis, count) = (last.axis.to_owned(), members.len() as u32);
        for (index, &m) in members.iter().enumerate() {
            sets[m].1.step = Some(Step { group, axis: axis.clone(), index: index as u32, count });
        }
    }
}

fn volume(set: &DisplaySet) -> Option<&VolumeGeometry> {
    match &set.stack.geometry {
        SeriesGeometry::Volume(geometry) => Some(geometry),
        _ => None,
    }
}

fn same_grid(a: &VolumeGeometry, b: &VolumeGeometry) -> bool {
    let tolerance_mm = 0.05;
    let far = |g: &VolumeGeometry| {
        let [ni, nj, nk] = g.dims().map(|n| n as f64 - 1.0);
        g.point_lps(DVec3::new(ni, nj, nk))
    };
    a.dims() == b.dims()
        && (a.origin_lps() - b.origin_lps()).length() < tolerance_mm
        && (far(a) - far(b)).length() < tolerance_mm
}
