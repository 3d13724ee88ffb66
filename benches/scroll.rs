//! How fast the window's own renderer scrolls through a series, beside its CPU twin.
//!
//! `cargo bench --bench scroll [-- FOLDER]`; the folder defaults to `../shared/data/ct/lung_dx_a0001` (512×512 slices). Every
//! frame shows another position, 512×512 pixels, with linear interpolation; it is rendered offscreen and waited for, so that
//! it holds the whole work of a frame but the window system's. `FOVEA_BENCH_FRAMES` (200) frames per round,
//! `FOVEA_BENCH_RUNS` (5) rounds, each with a newly uploaded volume, in turns with the CPU twin. A second table is measured
//! while the folder is read over and over, as the window reads it (`FOVEA_BENCH_LOADING` names another folder for that).

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a tool for developers"
)]

use fovea::geometry::Orientation;
use fovea::io;
use fovea::jobs::{Cancel, Progress, in_background};
use fovea::render::cpu;
use fovea::render::gpu::{GpuContext, measure};
use fovea::volume::Volume;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Pixels of a frame.
const SIZE_PX: [u32; 2] = [512, 512];

fn main() {
    let named = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).map(PathBuf::from);
    let folder = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/ct/lung_dx_a0001"));
    if !folder.is_dir() {
        println!("{} is no folder: nothing was measured", folder.display());
        return;
    }
    let gpu = match GpuContext::headless() {
        Ok(gpu) => gpu,
        Err(error) => {
            println!("nothing was measured: {error}");
            return;
        }
    };
    let number = |name: &str, usual: u32| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual).max(1);
    let (frames, rounds) = (number("FOVEA_BENCH_FRAMES", 200), number("FOVEA_BENCH_RUNS", 5));
    let volume = load(&folder);
    let kind = if gpu.is_software { "software" } else { "hardware" };
    println!("adapter: {} ({kind}), {} thread(s)", gpu.name, rayon::current_num_threads());
    println!("{:?} voxels to {SIZE_PX:?} pixels, {frames} frames × {rounds} rounds, in ms", volume.dims());
    table(&gpu, &volume, frames, rounds);
    let loading = std::env::var_os("FOVEA_BENCH_LOADING").map_or(folder, PathBuf::from);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut times = 0;
            while !done.load(Ordering::Relaxed) {
                in_background(|| load(&loading));
                times += 1;
            }
            times
        });
        println!("while {} is being read:", loading.display());
        table(&gpu, &volume, frames, rounds);
        done.store(true, Ordering::Relaxed);
        println!("(it was read {} times meanwhile)", reader.join().expect("the reader works"));
    });
}

fn table(gpu: &GpuContext, volume: &Arc<Volume>, frames: u32, rounds: u32) {
    println!("            renderer: median   99 %  (median of each round)       CPU twin: median   99 %");
    for orientation in [Orientation::Axial, Orientation::Coronal, Orientation::Sagittal] {
        let (mut ours, mut twin, mut medians) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let times = measure::scroll(gpu, volume, orientation, SIZE_PX, frames).expect("the renderer works");
            medians.push(format!("{:.1}", times.at(0.5).as_secs_f64() * 1e3));
            ours.extend(times.iter().map(|time| time.as_secs_f64() * 1e3));
            twin.extend(twin_ms(volume, orientation, frames));
        }
        println!(
            "  {:<10}          {:6.1} {:6.1}  ({}){:>14}{:6.1} {:6.1}",
            format!("{orientation:?}"),
            at(&mut ours, 0.5),
            at(&mut ours, 0.99),
            medians.join(" "),
            "",
            at(&mut twin, 0.5),
            at(&mut twin, 0.99)
        );
    }
}

fn load(folder: &Path) -> Arc<Volume> {
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let catalog = io::open(&[folder.to_owned()], &progress, &cancel).expect("the folder opens");
    let series = catalog.studies.iter().flat_map(|study| &study.series);
    let largest = series.max_by_key(|series| series.instances.len()).expect("a series");
    let loaded = io::load_series(&catalog, &largest.uid, &progress, &cancel).expect("the series loads");
    loaded.volume().expect("a volume").clone()
}

/// Times of the same frames from the CPU twin, in ms.
fn twin_ms(volume: &Volume, orientation: Orientation, frames: u32) -> Vec<f64> {
    let positions = (0..frames).map(|n| (f64::from(n) + 0.5) / f64::from(frames));
    let frame = |share| {
        let draw = measure::frame(volume, orientation, SIZE_PX, share);
        let start = Instant::now();
        std::hint::black_box(cpu::plane_picture(volume, &draw, None));
        start.elapsed().as_secs_f64() * 1e3
    };
    positions.map(frame).collect()
}

fn at(times: &mut [f64], share: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    times[((times.len() - 1) as f64 * share).round() as usize]
}
