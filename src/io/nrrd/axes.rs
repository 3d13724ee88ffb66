//! Which axes of an NRRD file lie in space, what the others are, and the place.

use super::{Fields, bad};
use crate::geometry::{DMat3, DVec3, VolumeGeometry};
use crate::io::voxel_file::{Datatype, MAX_AXIS, StepAxis, VoxelFileError, geometry_from_axes, known_spacing};

/// What the axes say.
pub(super) struct Axes {
    pub(super) dims: [usize; 3],
    pub(super) steps: u64,
    pub(super) axis: StepAxis,
    pub(super) channels: usize,
    pub(super) interleaved: bool,
    pub(super) spacing_mm: [f64; 3],
    pub(super) geometry: Result<VolumeGeometry, String>,
}

pub(super) fn read(fields: &Fields, kind: Datatype) -> Result<Axes, VoxelFileError> {
    let sizes = sizes(fields)?;
    let kinds: Vec<String> = fields.words("kinds").iter().map(|k| k.to_ascii_lowercase()).collect();
    let directions = directions(fields, sizes.len())?;
    let in_space = in_space(&sizes, &kinds, directions.as_deref());
    let first = in_space.iter().position(|inside| *inside).ok_or_else(|| bad("none of its axes lies in space"))?;
    let count = in_space.iter().filter(|inside| **inside).count();
    let last = first + count;
    if count > 3 || in_space[first..last].contains(&false) {
        let text = "the axes of this NRRD file that lie in space are not up to three neighbors; permute them first";
        return Err(VoxelFileError::Kind(text.into()));
    }
    let mut dims = [1usize; 3];
    for (n, size) in sizes[first..last].iter().enumerate() {
        dims[n] = *size as usize;
    }
    let before: u64 = sizes[..first].iter().fold(1, |all, n| all.saturating_mul(*n));
    let after: u64 = sizes[last..].iter().fold(1, |all, n| all.saturating_mul(*n));
    let color = first == 1 && kinds.first().is_some_and(|k| k.contains("color")) && matches!(before, 3 | 4);
    let (channels, steps) = match (before, after) {
        (n, 1) if color && kind == Datatype::U8 => (n as usize, 1),
        (_, 1) => (1, before),
        (1, _) => (1, after),
        _ => {
            return Err(VoxelFileError::Kind(
                "axes before and after those in space are not read; split the file".into(),
            ));
        }
    };
    let axis_kind = kinds.get(if after > 1 { last } else { 0 }).map_or("", String::as_str);
    let timed = directions.as_ref().is_some_and(|d| d.iter().flatten().any(|v| v.len() == 4 && v[3] != 0.0));
    let axis = if axis_kind == "time" || timed { StepAxis::Time } else { StepAxis::List };
    let (spacing_mm, geometry) = place(fields, dims, directions.as_deref(), first, count);
    let interleaved = channels == 1 && before > 1;
    Ok(Axes { dims, steps, axis, channels, interleaved, spacing_mm, geometry })
}

fn sizes(fields: &Fields) -> Result<Vec<u64>, VoxelFileError> {
    let sizes: Option<Vec<u64>> = fields.words("sizes").iter().map(|n| n.parse().ok()).collect();
    let sizes = sizes.filter(|s| (1..=8).contains(&s.len())).ok_or_else(|| bad("its sizes are no numbers"))?;
    if fields.whole("dimension")? != sizes.len() as i64 {
        return Err(bad("dimension and sizes contradict each other"));
    }
    match sizes.iter().find(|n| !(1..=MAX_AXIS).contains(n)) {
        Some(odd) => Err(bad(format!("an axis has {odd} samples"))),
        None => Ok(sizes),
    }
}

/// `space directions`: a vector for each axis in space, `None` for each other. `None` without the field.
fn directions(fields: &Fields, axes: usize) -> Result<Option<Vec<Option<Vec<f64>>>>, VoxelFileError> {
    let Some(text) = fields.get("spacedirections") else { return Ok(None) };
    let wrong = || bad("its space directions are not one vector or \"none\" per axis");
    let mut found = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (vector, after) = if let Some(after) = rest.strip_prefix("none") {
            (None, after)
        } else {
            let (inside, after) = rest.strip_prefix('(').and_then(|r| r.split_once(')')).ok_or_else(wrong)?;
            (Some(vector(inside).ok_or_else(wrong)?), after)
        };
        // "(nan,nan,nan)" is how some writers say "none".
        found.push(vector.filter(|v| !v.iter().all(|n| n.is_nan())));
        rest = after.trim_start();
    }
    if found.len() == axes { Ok(Some(found)) } else { Err(wrong()) }
}

fn vector(text: &str) -> Option<Vec<f64>> {
    text.split(',').map(|n| n.trim().parse().ok()).collect()
}

/// Per axis, whether it lies in space: by direction (in space and time, the fourth number is time), else by kind, else the
/// first three.
fn in_space(sizes: &[u64], kinds: &[String], directions: Option<&[Option<Vec<f64>>]>) -> Vec<bool> {
    if let Some(directions) = directions {
        let has_place = |v: &Vec<f64>| v.iter().take(3).any(|n| *n != 0.0);
        return directions.iter().map(|v| v.as_ref().is_some_and(has_place)).collect();
    }
    let by_kind: Vec<bool> =
        sizes.iter().enumerate().map(|(n, _)| kinds.get(n).is_some_and(|k| k == "space" || k == "domain")).collect();
    if by_kind.contains(&true) { by_kind } else { (0..sizes.len()).map(|n| n < 3).collect() }
}

/// Spacings, and the place where `space`, directions and origin are all there.
fn place(
    fields: &Fields,
    dims: [usize; 3],
    directions: Option<&[Option<Vec<f64>>]>,
    first: usize,
    count: usize,
) -> ([f64; 3], Result<VolumeGeometry, String>) {
    let unit_mm = match unit_mm(fields) {
        Ok(unit_mm) => unit_mm,
        Err(reason) => return ([0.0; 3], Err(reason)),
    };
    let Some(directions) = directions else {
        let words = fields.words("spacings");
        let mm = |n: usize| words.get(first + n).and_then(|w| w.parse().ok()).unwrap_or(0.0) * unit_mm;
        return (known_spacing([0, 1, 2].map(mm)), Err("the NRRD header says no directions: sides are unknown".into()));
    };
    let mut axes: Vec<DVec3> = directions[first..first + count]
        .iter()
        .flatten()
        .map(|v| DVec3::from_array([0, 1, 2].map(|n| v.get(n).copied().unwrap_or(0.0))) * unit_mm)
        .collect();
    let spacing = [0, 1, 2].map(|n| axes.get(n).map_or(0.0, |a| a.length()));
    let (Some(signs), Some(origin)) = (lps_signs(fields), origin(fields)) else {
        let missing = if origin(fields).is_none() { "no space origin" } else { "no anatomical space" };
        return (known_spacing(spacing), Err(format!("the NRRD header says {missing}: the place is unknown")));
    };
    // A single picture in space has a normal, and a thickness that matters to nothing.
    if let [row, column] = axes[..] {
        axes.push(row.cross(column).normalize_or_zero());
    }
    let [i, j, k] = axes[..] else {
        return (known_spacing(spacing), Err("the image has a single axis in space".into()));
    };
    let axes = DMat3::from_cols(i * signs, j * signs, k * signs);
    (known_spacing(spacing), geometry_from_axes(dims, origin * unit_mm * signs, axes))
}

fn origin(fields: &Fields) -> Option<DVec3> {
    let inside = fields.get("spaceorigin")?.trim().strip_prefix('(')?.strip_suffix(')')?;
    let numbers = vector(inside)?;
    (numbers.len() >= 3).then(|| DVec3::new(numbers[0], numbers[1], numbers[2]))
}

/// `space` as signs that turn its axes into LPS; `None` where it says nothing about the patient.
fn lps_signs(fields: &Fields) -> Option<DVec3> {
    let space = fields.get("space")?.to_ascii_lowercase();
    let long = match space.as_str() {
        "ras" | "rast" => "right-anterior-superior",
        "las" | "last" => "left-anterior-superior",
        "lps" | "lpst" => "left-posterior-superior",
        other => other.strip_suffix("-time").unwrap_or(other),
    };
    let sign = |word: &str, positive: &str, negative: &str| match word {
        word if word == positive => Some(1.0),
        word if word == negative => Some(-1.0),
        _ => None,
    };
    let words: Vec<&str> = long.split('-').collect();
    let [x, y, z] = words[..] else { return None };
    Some(DVec3::new(sign(x, "left", "right")?, sign(y, "posterior", "anterior")?, sign(z, "superior", "inferior")?))
}

/// Millimetres of the unit of space; millimetres where none is named.
fn unit_mm(fields: &Fields) -> Result<f64, String> {
    let text = fields.get("spaceunits").unwrap_or_default();
    let first = text.split('"').nth(1).unwrap_or("mm").trim().to_ascii_lowercase();
    match first.as_str() {
        "mm" | "" | "millimeter" | "millimetre" | "???" => Ok(1.0),
        "cm" => Ok(10.0),
        "m" => Ok(1000.0),
        "um" | "µm" | "micron" | "microns" => Ok(1e-3),
        other => Err(format!("the NRRD header measures space in {other:?}: sizes are unknown")),
    }
}
