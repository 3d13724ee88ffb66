//! Writes contact sheets of the phantoms for looking at: `cargo run --release --example phantom_slices -- DIR [SEED]`.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a tool for developers"
)]

use fovea::geometry::DVec3;
use fovea::phantom::{ThoraxSize, View, brain, radiograph, thorax};
use fovea::volume::{Voi, Volume, sample_linear};
use image::GrayImage;
use std::path::Path;
use std::time::Instant;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> Outcome {
    let mut args = std::env::args().skip(1);
    let folder = args.next().unwrap_or_else(|| "phantom".into());
    let seed = args.next().and_then(|s| s.parse().ok()).unwrap_or(1);
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    head(folder, seed)?;
    chest(folder, seed)
}

fn head(folder: &Path, seed: u64) -> Outcome {
    let start = Instant::now();
    let phantom = brain(seed)?;
    eprintln!("brain {:?} in {:.2?}", phantom.volume.dims(), start.elapsed());
    let voi = Voi::linear(560.0, 1150.0);
    let planes = [(2, 46.0, voi), (2, 22.0, voi), (2, 8.0, voi), (2, -12.0, voi), (2, -36.0, voi), (1, -20.0, voi)];
    let more = [(1, 6.0, voi), (1, 46.0, voi), (0, 0.0, voi), (0, 12.0, voi), (0, 30.0, voi), (0, 45.0, voi)];
    sheet(folder, "brain", &phantom.volume, 4, &[planes, more].concat())
}

fn chest(folder: &Path, seed: u64) -> Outcome {
    let start = Instant::now();
    let phantom = thorax(seed, ThoraxSize::FULL)?;
    eprintln!("thorax {:?} in {:.2?}", phantom.volume.dims(), start.elapsed());
    for lesion in &phantom.lesions {
        eprintln!("{}: {:.1?} mm at {:.0}", lesion.label, lesion.diameters_mm, lesion.center_lps);
    }
    let volume = &phantom.volume;
    let (soft, lung, bone) = (Voi::linear(50.0, 400.0), Voi::linear(-600.0, 1500.0), Voi::linear(400.0, 1800.0));
    let axial = [100.0, 70.0, 45.0, 20.0, 0.0, -20.0, -45.0, -70.0, -95.0, -120.0, -150.0, -185.0];
    sheet(folder, "axial_soft", volume, 4, &axial.map(|z| (2, z, soft)))?;
    sheet(folder, "axial_lung", volume, 4, &axial[1..10].iter().map(|&z| (2, z, lung)).collect::<Vec<_>>())?;
    sheet(folder, "axial_bone", volume, 4, &axial[..8].iter().map(|&z| (2, z, bone)).collect::<Vec<_>>())?;
    let coronal = [-75.0, -45.0, -15.0, 20.0, 60.0, 90.0];
    sheet(folder, "coronal_soft", volume, 3, &coronal.map(|y| (1, y, soft)))?;
    sheet(folder, "coronal_lung", volume, 3, &coronal.map(|y| (1, y, lung)))?;
    let sagittal = [-75.0, -40.0, 0.0, 40.0, 75.0];
    sheet(folder, "sagittal_soft", volume, 5, &sagittal.map(|x| (0, x, soft)))?;
    sheet(folder, "sagittal_lung", volume, 5, &sagittal.map(|x| (0, x, lung)))?;
    sheet(folder, "sagittal_bone", volume, 5, &sagittal.map(|x| (0, x, bone)))?;
    for (view, name) in [(View::Pa, "pa"), (View::Lateral, "lateral")] {
        let start = Instant::now();
        let shot = radiograph(&phantom, view);
        eprintln!("{name} {:?} in {:.2?}", shot.projection.size_px, start.elapsed());
        let (picture, voi) = (&shot.picture, shot.picture.first_voi());
        let gray: Vec<u8> = picture.values().iter().map(|&v| voi.gray_u8(v)).collect();
        let out = GrayImage::from_raw(picture.width as u32, picture.height as u32, gray).ok_or("size")?;
        out.save(folder.join(format!("{name}.png")))?;
    }
    for lesion in &phantom.lesions {
        let voi = if lesion.label.starts_with("Liver") { soft } else { lung };
        let c = lesion.center_lps;
        sheet(folder, &format!("lesion_{}", lesion.number), volume, 3, &[(2, c.z, voi), (1, c.y, voi), (0, c.x, voi)])?;
    }
    Ok(())
}

/// Tiles planes, given as (axis, mm, window), into one picture.
fn sheet(folder: &Path, name: &str, volume: &Volume, columns: u32, planes: &[(usize, f64, Voi)]) -> Outcome {
    let tiles: Vec<GrayImage> = planes.iter().map(|&(axis, mm, voi)| plane(volume, axis, mm, voi)).collect();
    let (w, h) = tiles.iter().fold((0, 0), |(w, h), t| (t.width().max(w), t.height().max(h)));
    let rows = (tiles.len() as u32).div_ceil(columns);
    let mut out = GrayImage::new(w * columns, h * rows);
    for (n, tile) in (0u32..).zip(&tiles) {
        image::imageops::replace(&mut out, tile, i64::from(n % columns * w), i64::from(n / columns * h));
    }
    out.save(folder.join(format!("{name}.png")))?;
    Ok(())
}

/// One plane at `mm` along an axis of the patient, with square pixels of 0.8 mm.
fn plane(volume: &Volume, axis: usize, mm: f64, voi: Voi) -> GrayImage {
    let bounds = volume.geometry().bounds_lps();
    let (right, down) = match axis {
        2 => (0, 1),
        1 => (0, 2),
        _ => (1, 2),
    };
    let step = 0.8;
    let pixels = |axis: usize| (bounds.size_mm()[axis] / step) as u32;
    GrayImage::from_fn(pixels(right), pixels(down), |i, j| {
        let mut p = DVec3::ZERO;
        p[axis] = mm;
        p[right] = bounds.min[right] + (f64::from(i) + 0.5) * step;
        let along = (f64::from(j) + 0.5) * step;
        p[down] = if down == 2 { bounds.max[2] - along } else { bounds.min[down] + along };
        image::Luma([voi.gray_u8(sample_linear(volume, p).unwrap_or(-1000.0))])
    })
}
