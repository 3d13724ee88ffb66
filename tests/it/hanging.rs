//! Hanging protocols: the format, the built-in files, made-up studies of every kind, and every study of the shared data.

mod format;
mod identity;
mod real;
mod studies;

use fovea::geometry::{DMat3, DVec3, VolumeGeometry};
use fovea::hanging::{Match, Placed, Protocol, Resolved, Studies, built_in, hang, resolve};
use fovea::study::{Instance, Patient, Projection, Series, SeriesGeometry, Study};

fn protocols() -> Vec<Protocol> {
    built_in().expect("the built-in protocols are sound")
}

/// A person that nothing is missing of.
fn patient() -> Patient {
    Patient { name: "Doe, Jane".into(), id: "4711".into(), birth_date: "19600203".into(), ..Patient::default() }
}

fn study(uid: &str, date: &str, description: &str, series: Vec<Series>) -> Study {
    Study {
        uid: uid.into(),
        patient: patient(),
        date: date.into(),
        description: description.into(),
        series,
        ..Study::default()
    }
}

fn image() -> Instance {
    Instance { rows: 64, columns: 64, frames: 1, ..Instance::default() }
}

/// An axial volume.
fn volume(uid: &str, modality: &str, description: &str, slices: usize) -> Series {
    let direction = DMat3::IDENTITY;
    let geometry =
        VolumeGeometry::new([64, 64, slices], DVec3::ZERO, DVec3::new(1.0, 1.0, 2.0), direction).expect("a plain grid");
    Series {
        uid: uid.into(),
        modality: modality.into(),
        description: description.into(),
        frame_of_reference_uid: "2.25.99".into(),
        geometry: SeriesGeometry::Volume(geometry),
        instances: (0..slices).map(|_| image()).collect(),
        ..Series::default()
    }
}

/// A projection image in a series of its own.
fn projection(uid: &str, modality: &str, position: &str, side: &str, letters: [&str; 2]) -> Series {
    let projection = Projection {
        view_position: position.into(),
        laterality: side.into(),
        patient_orientation: letters.map(String::from),
        ..Projection::default()
    };
    Series {
        uid: uid.into(),
        modality: modality.into(),
        geometry: SeriesGeometry::Pictures("a projection".into()),
        instances: vec![Instance { projection: Some(Box::new(projection)), ..image() }],
        ..Series::default()
    }
}

/// The best protocol for the first study.
fn best<'p>(protocols: &'p [Protocol], all: &[Study]) -> Match<'p> {
    let ranking = hang(protocols, Studies::new(&all[0], all, &[]));
    ranking.matches.first().cloned().unwrap_or_else(|| panic!("nothing hangs: {:?}", ranking.rejected))
}

/// The cells of a stage by its name, whether or not it is offered.
fn cells<'a, 'p>(protocol: &'p Protocol, stage: &str, all: &'a [Study]) -> Vec<Resolved<'a, 'p>> {
    let stage = protocol.stages.iter().find(|s| s.name == stage).expect("a stage of this name");
    resolve(protocol, stage, Studies::new(&all[0], all, &[]))
}

fn placed<'a>(cell: &Resolved<'a, '_>) -> Placed<'a> {
    cell.shows.clone().unwrap_or_else(|why| panic!("row, column {:?}: {why}", cell.cell.at))
}

/// UIDs of what hangs; the sentence where nothing does.
fn shown(cells: &[Resolved<'_, '_>]) -> Vec<String> {
    cells.iter().map(|cell| cell.shows.as_ref().map_or_else(Clone::clone, |p| p.series.uid.clone())).collect()
}
