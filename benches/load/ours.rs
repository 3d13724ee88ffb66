//! What Fovea does in the benchmark: in processes of its own, so that every round starts cold and says its peak memory.

use fovea::io;
use fovea::jobs::{Cancel, Progress};
use fovea::loaded::LoadedSeries;
use fovea::study::Catalog;
use fovea::volume::Volume;
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Makes this program do one thing once and say the seconds and the peak memory.
pub const ONCE: &str = "--once";

/// The child's side of [`child`].
pub fn once(what: &str, folder: &Path) {
    let start = Instant::now();
    let catalog = open(folder);
    match what {
        "read" => drop(std::hint::black_box(load(&catalog))),
        "first" => drop(std::hint::black_box(io::load_preview(&catalog, &largest(&catalog)).expect("a picture"))),
        _ => {}
    }
    println!("{:.6} {}", start.elapsed().as_secs_f64(), super::table::peak_kb("self"));
}

/// Runs a step in a fresh process: seconds, and kB at its peak.
pub fn child(what: &str, folder: &Path) -> (f64, u64) {
    let this = std::env::current_exe().expect("own path");
    let output = Command::new(this).arg(ONCE).arg(what).arg(folder).stderr(Stdio::inherit()).output().expect("starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace();
    let mut next = || numbers.next().expect("the child says its figures");
    (next().parse().expect("seconds"), next().parse().expect("kB"))
}

/// `fovea convert FOLDER -o OUT`.
pub fn convert_command(folder: &Path, out: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fovea"));
    command.arg("convert").arg(folder).arg("-o").arg(out).stdout(Stdio::null());
    command
}

/// Converts a folder; the caller holds the watch.
pub fn convert(folder: &Path, out: &Path) {
    assert!(convert_command(folder, out).status().expect("fovea starts").success(), "fovea convert failed");
}

/// Seconds for reading the bytes of all files of a folder, into one buffer for each thread.
pub fn read_bytes(folder: &Path) -> f64 {
    let files: Vec<PathBuf> =
        folder.read_dir().expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    let start = Instant::now();
    files.par_iter().for_each_init(Vec::new, |buffer: &mut Vec<u8>, file| {
        use std::io::Read;
        buffer.clear();
        std::fs::File::open(file).and_then(|mut file| file.read_to_end(buffer)).expect("readable");
    });
    start.elapsed().as_secs_f64()
}

fn open(folder: &Path) -> Catalog {
    io::open(&[folder.to_owned()], &Progress::default(), &Cancel::default()).expect("the folder opens")
}

fn largest(catalog: &Catalog) -> String {
    let series = catalog.series().map(|(_, series)| series);
    series.max_by_key(|series| series.instances.len()).expect("a series").key()
}

fn load(catalog: &Catalog) -> LoadedSeries {
    io::load_series(catalog, &largest(catalog), &Progress::default(), &Cancel::default()).expect("the series loads")
}

/// What all readers must agree on.
#[derive(Debug, PartialEq, Eq)]
pub struct Contents {
    dims: [usize; 3],
    sum: i64,
}

impl Contents {
    /// Of the largest series below a folder.
    pub fn of_folder(folder: &Path) -> Self {
        Self::of(load(&open(folder)).volume().expect("the folder gives a volume"))
    }

    /// Of a NIfTI file.
    pub fn of_nifti(path: &Path) -> Self {
        Self::of(&io::nifti::read(path).expect("a NIfTI file").into_volume().expect("a volume"))
    }

    fn of(volume: &Volume) -> Self {
        let slices = (0..volume.dims()[2]).into_par_iter();
        let sum = slices.map(|k| volume.slice_values(k).iter().map(|&value| value as i64).sum::<i64>()).sum();
        Self { dims: volume.dims(), sum }
    }
}

impl std::fmt::Display for Contents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [columns, rows, slices] = self.dims;
        write!(f, "{columns} {rows} {slices} {}", self.sum)
    }
}
