//! `fovea info PATH [--json] [--pixels]`: studies, series, geometry, transfer syntaxes, warnings, bad files.
//!
//! The keys of the JSON are those of `product.md` and stay stable; keys are only ever added.

mod objects;

use super::Failure;
use crate::geometry::VolumeGeometry;
use crate::io::{self, PixelSummary};
use crate::jobs::{Cancel, Progress};
use crate::study::{Catalog, Gap, Instance, Passport, Series, SeriesGeometry, Study, Uptake};
use rayon::prelude::*;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

/// The keys of the JSON, for `--help`.
const JSON_KEYS: &str = "\
Keys of the JSON (stable; keys are only ever added; lengths in mm, places in LPS):
  studies[]     study_uid, date, description, accession, patient {name, ideographic, phonetic, id, issuer, birth_date, sex}
    series[]    series_uid, key (what --series takes: the UID, with #2 for its second display set), modality, number,
                description, warnings[], instances[]
                part {number, what, step {group, axis, index, count}}: one of several display sets; step: of a 4D group
                dims [columns, rows, slices], spacing_mm, origin_lps, direction (row, column, normal), shear_mm
                geometry {kind: volume | sheared | pictures | none, reason, slices, places, step_mm {least, mean, greatest},
                  gaps [{after, before, place, distance_mm, missing}], copies, repeated, tilt_degrees, contradictions}
                suv {units, decay, weight_kg, height_m, dose_mbq, half_life_secs, uptake_secs, suvbw_per_value, …} or {refused}
                real_world_values[]
      instances[]  file (relative to PATH), sop_class, sop_class_name, sop_instance_uid, transfer_syntax, number, rows,
                columns, frames, photometric, lossy, object (what is no image),
                pixels {min, max, mean, sha256, warnings} or {error} (with --pixels)
  unreadable[]  file, reason";

/// What the command takes.
#[derive(Debug, clap::Args)]
#[command(after_help = JSON_KEYS)]
pub struct Args {
    /// File, folder, DICOMDIR, or archive.
    pub path: PathBuf,
    /// Print JSON for machines.
    #[arg(long)]
    pub json: bool,
    /// Decode all pixels and print their range, mean and hash.
    #[arg(long)]
    pub pixels: bool,
    /// Only this series.
    #[arg(long, value_name = "UID")]
    pub series: Option<String>,
}

/// Lists; fails only when nothing is readable, after printing the list all the same.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let opened = io::open(std::slice::from_ref(&args.path), &Progress::default(), &Cancel::default());
    let mut catalog = match opened {
        Ok(catalog) => catalog,
        Err(error) => {
            if args.json {
                let empty = json!({"studies": [], "unreadable": [{"file": args.path, "reason": error.to_string()}]});
                print(out, &format!("{empty:#}\n"))?;
            }
            return Err(Failure::Failed(error.to_string()));
        }
    };
    if let Some(uid) = &args.series {
        catalog
            .studies
            .iter_mut()
            .for_each(|study| study.series.retain(|series| series.key() == *uid || series.uid == *uid));
        catalog.studies.retain(|study| !study.series.is_empty());
    }
    let text = if args.json { format!("{:#}\n", tree(&catalog, args.pixels)) } else { human(&catalog, args.pixels) };
    print(out, &text)?;
    if catalog.studies.is_empty() {
        let reason = catalog.unreadable.first().map_or_else(|| "the folder is empty".into(), |u| u.reason.clone());
        let place = args.path.display();
        return Err(Failure::Failed(format!("{place}: nothing readable: {reason}")));
    }
    Ok(())
}

fn print(out: &mut dyn Write, text: &str) -> Result<(), Failure> {
    out.write_all(text.as_bytes()).map_err(|e| Failure::Failed(format!("the output cannot be written: {e}")))
}

fn tree(catalog: &Catalog, pixels: bool) -> Value {
    let studies: Vec<Value> = catalog.studies.iter().map(|study| study_json(catalog, study, pixels)).collect();
    let unreadable: Vec<Value> =
        catalog.unreadable.iter().map(|u| json!({"file": u.file.to_string_lossy(), "reason": u.reason})).collect();
    json!({"studies": studies, "unreadable": unreadable})
}

fn study_json(catalog: &Catalog, study: &Study, pixels: bool) -> Value {
    let p = &study.patient;
    let series: Vec<Value> = study.series.iter().map(|series| series_json(catalog, series, pixels)).collect();
    json!({
        "study_uid": study.uid,
        "date": study.date,
        "description": study.description,
        "accession": study.accession,
        "patient": {
            "name": p.name, "ideographic": p.ideographic, "phonetic": p.phonetic,
            "id": p.id, "issuer": p.issuer, "birth_date": p.birth_date, "sex": p.sex,
        },
        "series": series,
    })
}

fn series_json(catalog: &Catalog, series: &Series, pixels: bool) -> Value {
    let place = Place::of(series);
    let part = series.part.as_ref().map(|part| {
        let step = part.step.as_ref();
        let step = step.map(|s| json!({"group": s.group, "axis": s.axis, "index": s.index, "count": s.count}));
        json!({"number": part.number, "what": part.what, "step": step})
    });
    let instances: Vec<Value> =
        series.instances.par_iter().map(|instance| instance_json(catalog, instance, pixels)).collect();
    json!({
        "series_uid": series.uid,
        "key": series.key(),
        "part": part,
        "modality": series.modality,
        "number": series.number,
        "description": series.description,
        "dims": place.dims,
        "spacing_mm": place.spacing_mm,
        "origin_lps": place.volume.map(|g| g.origin_lps().to_array()),
        "direction": place.volume.map(|g| g.direction().to_cols_array()),
        "shear_mm": place.volume.map(|g| g.shear_mm().to_array()),
        "suv": suv_json(&series.uptake),
        "real_world_values": objects::real_world_values(catalog, series),
        "geometry": passport_json(&place, &series.passport),
        "warnings": series.warnings.iter().collect::<Vec<_>>(),
        "instances": instances,
    })
}

/// What SUV rest on, or why there are none; null for what is no PET.
fn suv_json(uptake: &Uptake) -> Value {
    match uptake {
        Uptake::NotPet => Value::Null,
        Uptake::Refused(reason) => json!({"refused": reason}),
        Uptake::Known(basis) => json!({
            "units": basis.units,
            "decay": basis.decay,
            "weight_kg": basis.weight_kg,
            "height_m": basis.height_m,
            "dose_mbq": basis.dose_mbq,
            "half_life_secs": basis.half_life_secs,
            "uptake_secs": basis.uptake_secs,
            "suvbw_per_value": basis.bw_per_value,
            "suvlbm_per_value": basis.lbm_per_value,
            "suvbsa_per_value": basis.bsa_per_value,
        }),
    }
}

/// The geometry passport.
fn passport_json(place: &Place<'_>, passport: &Passport) -> Value {
    let pairs = |list: &[[String; 2]], of: &str| -> Vec<Value> {
        list.iter().map(|[file, first]| json!({"file": file, of: first})).collect()
    };
    let gap = |gap: &Gap| {
        json!({
            "after": gap.after, "before": gap.before, "place": gap.place,
            "distance_mm": gap.distance_mm, "missing": gap.missing,
        })
    };
    let steps =
        passport.step_mm.map(|[least, mean, greatest]| json!({"least": least, "mean": mean, "greatest": greatest}));
    json!({
        "kind": place.kind,
        "reason": place.reason,
        "slices": passport.slices,
        "places": passport.places,
        "step_mm": steps,
        "gaps": passport.gaps.iter().map(gap).collect::<Vec<_>>(),
        "copies": pairs(&passport.copies, "copy_of"),
        "repeated": pairs(&passport.repeated, "same_place_as"),
        "tilt_degrees": passport.tilt_degrees,
        "contradictions": passport.contradictions,
    })
}

/// A series' geometry in the words of the JSON.
struct Place<'a> {
    volume: Option<&'a VolumeGeometry>,
    /// "volume", "sheared", "pictures" or "none".
    kind: &'static str,
    reason: Option<&'a str>,
    dims: Option<[usize; 3]>,
    spacing_mm: Option<[f64; 3]>,
}

impl<'a> Place<'a> {
    fn of(series: &'a Series) -> Self {
        let first = series.instances.iter().find(|i| i.rows > 0);
        let all: usize = series.instances.iter().filter(|i| i.rows > 0).map(|i| i.frames as usize).sum();
        let frames = if series.slices.is_empty() { all } else { series.slices.len() };
        let pictures = first.map(|i| [i.columns as usize, i.rows as usize, frames]);
        match &series.geometry {
            SeriesGeometry::Volume(geometry) => Self {
                volume: Some(geometry),
                kind: if geometry.is_sheared() { "sheared" } else { "volume" },
                reason: None,
                dims: Some(geometry.dims()),
                spacing_mm: Some(geometry.spacing_mm().to_array()),
            },
            SeriesGeometry::Pictures(reason) => {
                Self { volume: None, kind: "pictures", reason: Some(reason), dims: pictures, spacing_mm: None }
            }
            SeriesGeometry::None => Self { volume: None, kind: "none", reason: None, dims: pictures, spacing_mm: None },
        }
    }
}

fn instance_json(catalog: &Catalog, instance: &Instance, pixels: bool) -> Value {
    let mut value = json!({
        "file": instance.file.to_string_lossy(),
        "sop_class": instance.sop_class_uid,
        "sop_class_name": io::objects::class_name(&instance.sop_class_uid),
        "sop_instance_uid": instance.sop_instance_uid,
        "transfer_syntax": instance.transfer_syntax,
        "number": instance.number,
        "rows": instance.rows,
        "columns": instance.columns,
        "frames": instance.frames,
        "photometric": instance.photometric,
        "lossy": instance.lossy,
    });
    if let Some(object) = objects::as_json(catalog, instance) {
        value["object"] = object;
    }
    if pixels && instance.rows > 0 {
        value["pixels"] = match io::summarize_pixels(&catalog.path(instance)) {
            Ok(PixelSummary { min, max, mean, sha256, warnings }) => {
                let warnings: Vec<&str> = warnings.iter().collect();
                json!({"min": min, "max": max, "mean": mean, "sha256": sha256, "warnings": warnings})
            }
            Err(error) => json!({"error": error}),
        };
    }
    value
}

fn human(catalog: &Catalog, pixels: bool) -> String {
    let mut text = String::new();
    for study in &catalog.studies {
        let p = &study.patient;
        let said = |s: &str| if s.is_empty() { "–".to_owned() } else { s.to_owned() };
        let _ = writeln!(
            text,
            "Patient {} · ID {} · born {} · {}\n  Study {} · {} · accession {}",
            said(&p.name),
            said(&p.id),
            said(&p.birth_date),
            said(&p.sex),
            said(&study.date),
            said(&study.description),
            said(&study.accession)
        );
        for series in &study.series {
            human_series(&mut text, catalog, series, pixels);
        }
    }
    for unreadable in &catalog.unreadable {
        let _ = writeln!(text, "not read: {}: {}", unreadable.file.display(), unreadable.reason);
    }
    text
}

fn human_series(text: &mut String, catalog: &Catalog, series: &Series, pixels: bool) {
    let place = Place::of(series);
    let number = series.number.map_or_else(|| "–".to_owned(), |n| n.to_string());
    let _ = writeln!(
        text,
        "    Series {number} · {} · {} · {} files",
        series.modality,
        series.description,
        series.instances.len()
    );
    let _ = writeln!(text, "      UID {}", series.key());
    if let Some(part) = &series.part {
        let step =
            part.step.as_ref().map_or_else(String::new, |s| format!(", {} {} of {}", s.axis, s.index + 1, s.count));
        let _ = writeln!(text, "      part {}: {}{step}", part.number, part.what);
    }
    match (place.volume, place.dims) {
        (Some(g), _) => {
            let ([i, j, k], mm) = (g.dims(), g.spacing_mm());
            let _ = writeln!(text, "      {} {i} × {j} × {k}, {:.4} × {:.4} × {:.4} mm", place.kind, mm.x, mm.y, mm.z);
        }
        (None, Some([i, j, k])) => {
            let _ = writeln!(text, "      {k} pictures of {i} × {j}: {}", place.reason.unwrap_or("not examined"));
        }
        (None, None) => {
            let _ = writeln!(text, "      no pixels");
        }
    }
    for line in series.instances.iter().filter_map(|instance| objects::line(catalog, instance)) {
        let _ = writeln!(text, "      {line}");
    }
    for warning in series.warnings.iter() {
        let _ = writeln!(text, "      warning: {warning}");
    }
    if pixels {
        for instance in series.instances.iter().filter(|i| i.rows > 0) {
            let said = match io::summarize_pixels(&catalog.path(instance)) {
                Ok(s) => format!("{} … {}, mean {:.4}, {}", s.min, s.max, s.mean, s.sha256),
                Err(error) => error,
            };
            let _ = writeln!(text, "      {}: {said}", instance.file.display());
        }
    }
}
