//! How fast folders of DICOM files are listed, shown, read and converted, beside SimpleITK, dcm2niix and pydicom.
//!
//! `cargo bench --bench load` (or `make bench-load`, which also fetches the peers) generates its series ([`generate`]) into a
//! temporary folder; `cargo bench --bench load -- FOLDER` reads a folder of yours instead. Everybody takes turns, round after
//! round; the table gives medians, the fastest and slowest round, and the peak memory of a fresh process. Before anything is
//! timed, the values that everybody read are compared.
//!
//! `FOVEA_BENCH_RUNS` (7) rounds, `FOVEA_BENCH_SLICES` (1000), `FOVEA_BENCH_FILES` (20000), `FOVEA_BENCH_PYTHON` a Python with
//! SimpleITK and pydicom, `FOVEA_BENCH_KEEP` a folder in which the generated files stay and are found again. dcm2niix is
//! looked for on the path. What is missing is said and left out.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a tool for developers"
)]

mod generate;
mod ours;
mod peers;
mod table;

use peers::{Dcm2niix, Python};
use std::path::{Path, PathBuf};
use table::{Contender, Table, kb_of};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [ours::ONCE, what, folder] => ours::once(what, Path::new(folder)),
        [folder] if Path::new(folder).is_dir() => Bench::new().read(Path::new(folder)),
        [] => everything(),
        _ => println!("usage: load [FOLDER]"),
    }
}

fn number(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual).max(1)
}

fn everything() {
    let kept = std::env::var_os("FOVEA_BENCH_KEEP").map(PathBuf::from);
    let temporary = tempfile::Builder::new().prefix("fovea-bench-").tempdir().expect("a temporary folder");
    let base = kept.unwrap_or_else(|| temporary.path().to_owned());
    let (slices, files) = (number("FOVEA_BENCH_SLICES", 1000), number("FOVEA_BENCH_FILES", 20_000));
    let (thousand, small) = (base.join(format!("ct-{slices}")), base.join(format!("small-{files}")));
    if !thousand.is_dir() {
        generate::series(&thousand, slices);
    }
    if !small.is_dir() {
        generate::small_files(&small, files);
    }
    let mut bench = Bench::new();
    bench.convert(&thousand, &base);
    bench.read(&thousand);
    bench.first_picture(&thousand);
    bench.headers(&small, files);
}

/// Who takes part.
struct Bench {
    runs: usize,
    python: Option<Python>,
    dcm2niix: Option<Dcm2niix>,
}

impl Bench {
    fn new() -> Self {
        let bench = Self { runs: number("FOVEA_BENCH_RUNS", 7), python: Python::find(), dcm2niix: Dcm2niix::find() };
        println!("{}", table::machine());
        println!("Fovea {}, {} rounds in turns", env!("CARGO_PKG_VERSION"), bench.runs);
        match &bench.python {
            Some(python) => println!("SimpleITK {}, pydicom {}", python.sitk, python.pydicom),
            None => println!("SimpleITK and pydicom: MISSING (set FOVEA_BENCH_PYTHON to a Python that has them)"),
        }
        match &bench.dcm2niix {
            Some(found) => println!("{}", found.version),
            None => println!("dcm2niix: MISSING (install it; it is in Debian)"),
        }
        bench
    }

    /// A folder of slices to an uncompressed NIfTI file.
    fn convert(&mut self, folder: &Path, base: &Path) {
        let out = |name: &str| base.join(format!("{name}.nii"));
        let outs = [out("fovea"), out("sitk"), out("dcm2niix")];
        let [ours_out, sitk_out, dcm2niix_out] = &outs;
        let mut contenders = vec![
            Contender::new("fovea convert (whole process)", || {
                ours::convert(folder, ours_out);
                None
            })
            .with_peak(|| kb_of(&mut ours::convert_command(folder, ours_out))),
        ];
        if let Some(python) = self.python.as_ref().filter(|p| p.has_sitk()) {
            let convert = |python: &Python| python.ask(&["convert", text(folder), text(sitk_out)]);
            contenders.push(
                Contender::new("SimpleITK, ReadImage + WriteImage (without the interpreter's start)", move || {
                    convert(python).parse().ok()
                })
                .with_peak(move || {
                    Python::fresh_peak(|fresh| {
                        convert(fresh);
                    })
                }),
            );
        }
        if self.dcm2niix.is_some() {
            contenders.push(
                Contender::new("dcm2niix -z n -b n (whole process)", || {
                    Dcm2niix::convert(folder, dcm2niix_out);
                    None
                })
                .with_peak(|| kb_of(&mut Dcm2niix::command(folder, dcm2niix_out))),
            );
        }
        contenders
            .push(Contender::new("reading the files' bytes alone, as many threads", || Some(ours::read_bytes(folder))));
        // Replacing an old file costs what freeing it costs; nobody pays for that here.
        let without_old = |path: &Path| drop(std::fs::remove_file(path));
        contenders = contenders
            .into_iter()
            .map(|contender| contender.after(|| outs.iter().for_each(|out| without_old(out))))
            .collect();
        // One round before the clock runs: files into the page cache, and everybody's values compared.
        contenders.iter_mut().for_each(Contender::warm);
        let wanted = ours::Contents::of_nifti(ours_out);
        println!("\nvalues: {wanted}");
        for other in [sitk_out, dcm2niix_out].into_iter().filter(|path| path.is_file()) {
            assert_eq!(ours::Contents::of_nifti(other), wanted, "{} holds other values", other.display());
        }
        Table::measure("Convert to an uncompressed NIfTI", contenders, self.runs).print();
    }

    /// A folder of slices to a volume in memory.
    fn read(&mut self, folder: &Path) {
        let wanted = ours::Contents::of_folder(folder).to_string();
        let mut contenders = vec![
            Contender::new("Fovea, io::open + io::load_series (fresh process)", || Some(ours::child("read", folder).0))
                .with_peak(|| ours::child("read", folder).1),
        ];
        if let Some(python) = self.python.as_ref().filter(|p| p.has_sitk()) {
            assert_eq!(python.ask(&["check", text(folder)]), wanted, "SimpleITK reads other values than we do");
            let read = |python: &Python| python.seconds(&["read", text(folder)]);
            contenders.push(
                Contender::new("SimpleITK, GetGDCMSeriesFileNames + ReadImage", move || Some(read(python))).with_peak(
                    move || {
                        Python::fresh_peak(|fresh| {
                            read(fresh);
                        })
                    },
                ),
            );
        }
        println!("\n{}: {wanted} (columns, rows, slices, sum of values; the same for all)", folder.display());
        Table::measure("Folder to a volume in memory", contenders, self.runs).print();
    }

    /// From opening the folder to the first picture; nobody else has such a step.
    fn first_picture(&mut self, folder: &Path) {
        let contenders = vec![
            Contender::new("Fovea, io::open", || Some(ours::child("open", folder).0)),
            Contender::new("Fovea, io::open + io::load_preview", || Some(ours::child("first", folder).0))
                .with_peak(|| ours::child("first", folder).1),
        ];
        Table::measure("Folder to the first picture", contenders, self.runs).print();
    }

    /// Headers of many small files.
    fn headers(&mut self, folder: &Path, files: usize) {
        let mut contenders = vec![
            Contender::new("Fovea, io::open (fresh process)", || Some(ours::child("open", folder).0))
                .with_peak(|| ours::child("open", folder).1),
        ];
        if let Some(python) = self.python.as_ref().filter(|p| p.has_pydicom()) {
            let headers = |python: &Python| python.seconds(&["headers", text(folder)]);
            contenders.push(
                Contender::new("pydicom, dcmread(stop_before_pixels) and 21 values, one thread", move || {
                    Some(headers(python))
                })
                .with_peak(move || {
                    Python::fresh_peak(|fresh| {
                        headers(fresh);
                    })
                }),
            );
        }
        contenders.iter_mut().for_each(Contender::warm);
        Table::measure(&format!("Headers of {files} small files"), contenders, self.runs).print();
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}
