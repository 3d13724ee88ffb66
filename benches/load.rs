//! How fast a folder of DICOM files becomes a volume, beside SimpleITK reading the same folder.
//!
//! `cargo bench --bench load [-- FOLDER]`; the folder defaults to `../shared/data/ct/lung_dx_a0001`. With
//! `FOVEA_SITK_PYTHON` naming a Python that has SimpleITK, `benches/load_peer.py` is started once and reads the folder in
//! turns with us, on as many threads. `FOVEA_BENCH_RUNS` (15) sets the rounds. Medians; peak memory of a fresh process each.
//! Before anything is timed, both volumes are compared: same size, same sum of values.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a tool for developers"
)]

use fovea::io;
use fovea::jobs::{Cancel, Progress};
use fovea::loaded::{ImageData, LoadedSeries};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

/// Makes this program load once and say its peak memory.
const ONCE: &str = "--load-once";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let named = arguments.iter().find(|argument| !argument.starts_with('-')).map(PathBuf::from);
    let folder = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/ct/lung_dx_a0001"));
    if !folder.is_dir() {
        println!("{} is no folder: nothing was measured", folder.display());
        return;
    }
    if arguments.iter().any(|argument| argument == ONCE) {
        let (series, _) = load(&folder);
        std::hint::black_box(series);
        println!("{}", peak_kb());
        return;
    }
    let runs = std::env::var("FOVEA_BENCH_RUNS").ok().and_then(|n| n.parse().ok()).unwrap_or(15).max(1);
    compare(&folder, runs);
}

fn compare(folder: &Path, runs: usize) {
    let threads = rayon::current_num_threads();
    println!("{threads} thread(s), median of {runs} rounds, load average before {}", load_average());
    let (series, _) = load(folder);
    let ours = Contents::of(&series);
    drop(series);
    println!("{}: {:?} voxels, sum of values {}", folder.display(), ours.dims, ours.sum);
    let python = std::env::var_os("FOVEA_SITK_PYTHON");
    let mut peer = python.as_deref().map(|python| Peer::start(python, folder, threads));
    if let Some(peer) = &mut peer {
        let theirs = peer.ask("check");
        assert_eq!(theirs, ours.to_string(), "SimpleITK reads other values than we do");
        println!("SimpleITK reads the same size and sum");
    }
    let (mut whole, mut opening, mut loading) = (Vec::new(), Vec::new(), Vec::new());
    let (mut peer_whole, mut peer_sort) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let (series, [open, load]) = load(folder);
        drop(series);
        whole.push(open + load);
        opening.push(open);
        loading.push(load);
        if let Some(peer) = &mut peer {
            let [sort, read] = peer.seconds();
            peer_whole.push(sort + read);
            peer_sort.push(sort);
        }
    }
    let fast = median(&mut whole);
    println!(
        "  ours        {:7.1} ms  ({:.1} ms headers, {:.1} ms pixels; fastest {:.1}), peak memory {} MB",
        fast * 1e3,
        median(&mut opening) * 1e3,
        median(&mut loading) * 1e3,
        whole[0] * 1e3,
        our_peak_kb(folder) / 1024
    );
    match python {
        None => println!("  SimpleITK   NOT MEASURED: set FOVEA_SITK_PYTHON to a Python that has SimpleITK"),
        Some(python) => {
            let slow = median(&mut peer_whole);
            println!(
                "  SimpleITK   {:7.1} ms  ({:.1} ms sorting; fastest {:.1}), peak memory {} MB",
                slow * 1e3,
                median(&mut peer_sort) * 1e3,
                peer_whole[0] * 1e3,
                peer_peak_kb(&python, folder, threads) / 1024
            );
            println!("  ours is {:.2} × as fast; load average after {}", slow / fast, load_average());
        }
    }
}

/// From the folder to a volume, and the seconds for headers and for pixels.
fn load(folder: &Path) -> (LoadedSeries, [f64; 2]) {
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let start = Instant::now();
    let catalog = io::open(&[folder.to_owned()], &progress, &cancel).expect("the folder opens");
    let opened = start.elapsed().as_secs_f64();
    let largest = catalog
        .studies
        .iter()
        .flat_map(|study| &study.series)
        .max_by_key(|series| series.instances.len())
        .expect("a series");
    let series = io::load_series(&catalog, &largest.uid, &progress, &cancel).expect("the series loads");
    (series, [opened, start.elapsed().as_secs_f64() - opened])
}

/// What both readers must agree on.
struct Contents {
    dims: [usize; 3],
    sum: i64,
}

impl Contents {
    fn of(series: &LoadedSeries) -> Self {
        let ImageData::Volume(volume) = &series.image else { panic!("the folder gives no volume") };
        Self { dims: volume.dims(), sum: volume.to_values().iter().map(|&value| value as i64).sum() }
    }
}

impl std::fmt::Display for Contents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [columns, rows, slices] = self.dims;
        write!(f, "{columns} {rows} {slices} {}", self.sum)
    }
}

/// SimpleITK in a process that stays: only reading is timed, never the start of Python.
struct Peer {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Peer {
    fn start(python: &OsStr, folder: &Path, threads: usize) -> Self {
        let mut command = peer_command(python, folder, threads);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("FOVEA_SITK_PYTHON starts");
        let to = child.stdin.take().expect("piped");
        let from = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, to, from }
    }

    fn ask(&mut self, command: &str) -> String {
        writeln!(self.to, "{command}").expect("the peer listens");
        let mut line = String::new();
        self.from.read_line(&mut line).expect("the peer answers");
        assert!(!line.is_empty(), "the peer stopped; its message is above");
        line.trim().to_owned()
    }

    /// Seconds for sorting and for reading.
    fn seconds(&mut self) -> [f64; 2] {
        let line = self.ask("read");
        let mut numbers = line.split(' ').map(|n| n.parse().expect("seconds"));
        [numbers.next().expect("sort"), numbers.next().expect("read")]
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if self.to.write_all(b"quit\n").is_ok() {
            self.child.wait().ok();
        }
    }
}

fn peer_command(python: &OsStr, folder: &Path, threads: usize) -> Command {
    let mut command = Command::new(python);
    command
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/load_peer.py"))
        .arg(folder)
        .arg(threads.to_string());
    command
}

/// Peak memory of a process of our own that loads once.
fn our_peak_kb(folder: &Path) -> u64 {
    let this = std::env::current_exe().expect("own path");
    number(Command::new(this).arg(folder).arg(ONCE))
}

/// Peak memory of a Python that reads once (the interpreter and the library count: nobody reads without them).
fn peer_peak_kb(python: &OsStr, folder: &Path, threads: usize) -> u64 {
    number(peer_command(python, folder, threads).arg("once"))
}

fn number(command: &mut Command) -> u64 {
    let output = command.stderr(Stdio::inherit()).output().expect("a process starts");
    String::from_utf8_lossy(&output.stdout).trim().parse().unwrap_or(0)
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Largest resident memory so far (Linux; 0 elsewhere).
fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse().ok()).unwrap_or(0)
}

fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("unknown").to_owned()
}
