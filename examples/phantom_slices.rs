//! Writes pictures of the phantoms for looking at: `cargo run --release --example phantom_slices -- DIR [SEED]`.

use fovea::geometry::DVec3;
use fovea::phantom::{ThoraxSize, thorax};
use fovea::volume::{Voi, Volume};
use std::path::Path;
use std::time::Instant;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> Outcome {
    let mut args = std::env::args().skip(1);
    let folder = args.next().unwrap_or_else(|| "phantom".into());
    let seed = args.next().and_then(|s| s.parse().ok()).unwrap_or(1);
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let start = Instant::now();
    let phantom = thorax(seed, ThoraxSize::FULL)?;
    eprintln!("thorax {:?} in {:.2?}", phantom.volume.dims(), start.elapsed());
    for lesion in &phantom.lesions {
        eprintln!("{}: {:?} at {:.0} mm", lesion.label, lesion.diameters_mm.map(f64::round), lesion.center_lps);
    }
    let (soft, lung, bone) = (Voi::linear(50.0, 400.0), Voi::linear(-600.0, 1500.0), Voi::linear(400.0, 1800.0));
    for z in [100.0, 70.0, 45.0, 20.0, 0.0, -20.0, -40.0, -65.0, -90.0, -115.0, -140.0, -165.0, -190.0] {
        save(folder, &format!("axial_soft_{z}"), &phantom.volume, 2, z, soft)?;
        save(folder, &format!("axial_lung_{z}"), &phantom.volume, 2, z, lung)?;
    }
    for y in [-70.0, -30.0, 20.0, 60.0] {
        save(folder, &format!("coronal_soft_{y}"), &phantom.volume, 1, y, soft)?;
        save(folder, &format!("coronal_lung_{y}"), &phantom.volume, 1, y, lung)?;
    }
    for x in [-70.0, 0.0, 60.0] {
        save(folder, &format!("sagittal_bone_{x}"), &phantom.volume, 0, x, bone)?;
        save(folder, &format!("sagittal_soft_{x}"), &phantom.volume, 0, x, soft)?;
        save(folder, &format!("sagittal_lung_{x}"), &phantom.volume, 0, x, lung)?;
    }
    Ok(())
}

/// One plane at `mm` along an axis of the patient, as PNG with square pixels of 0.7 mm.
fn save(folder: &Path, name: &str, volume: &Volume, axis: usize, mm: f64, voi: Voi) -> Outcome {
    let bounds = volume.geometry().bounds_lps();
    let size = bounds.size_mm();
    let (right, down) = match axis {
        2 => (0, 1),
        1 => (0, 2),
        _ => (1, 2),
    };
    let step = 0.7;
    let (width, height) = ((size[right] / step) as u32, (size[down] / step) as u32);
    let picture = image::GrayImage::from_fn(width, height, |i, j| {
        let mut p = DVec3::ZERO;
        p[axis] = mm;
        p[right] = bounds.min[right] + (f64::from(i) + 0.5) * step;
        let along = (f64::from(j) + 0.5) * step;
        p[down] = if down == 2 { bounds.max[2] - along } else { bounds.min[down] + along };
        let value = fovea::volume::sample_linear(volume, p).unwrap_or(-1000.0);
        image::Luma([voi.gray_u8(value)])
    });
    picture.save(folder.join(format!("{name}.png")))?;
    Ok(())
}
