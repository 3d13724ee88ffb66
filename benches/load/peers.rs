//! The others: Python with SimpleITK and pydicom in a process that stays, and dcm2niix.

use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A Python that answers; its start and its imports are never timed.
pub struct Python {
    pub sitk: String,
    pub pydicom: String,
    pipes: RefCell<Pipes>,
}

struct Pipes {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Python {
    /// The Python that `FOVEA_BENCH_PYTHON` names.
    pub fn find() -> Option<Self> {
        Some(Self::start(std::env::var_os("FOVEA_BENCH_PYTHON").filter(|name| !name.is_empty())?))
    }

    fn start(python: OsString) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/load/peer.py");
        let mut command = Command::new(python);
        command.arg(script).arg(rayon::current_num_threads().to_string());
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("FOVEA_BENCH_PYTHON starts");
        let to = child.stdin.take().expect("piped");
        let from = BufReader::new(child.stdout.take().expect("piped"));
        let mut found =
            Self { sitk: String::new(), pydicom: String::new(), pipes: RefCell::new(Pipes { child, to, from }) };
        let versions = found.ask(&["versions"]);
        let (sitk, pydicom) = versions.split_once(' ').expect("two versions");
        (found.sitk, found.pydicom) = (sitk.to_owned(), pydicom.to_owned());
        found
    }

    pub fn has_sitk(&self) -> bool {
        self.sitk != "-"
    }

    pub fn has_pydicom(&self) -> bool {
        self.pydicom != "-"
    }

    /// One command, one line of answer.
    pub fn ask(&self, command: &[&str]) -> String {
        let mut pipes = self.pipes.borrow_mut();
        writeln!(pipes.to, "{}", command.join("\t")).expect("the peer listens");
        let mut line = String::new();
        pipes.from.read_line(&mut line).expect("the peer answers");
        assert!(!line.is_empty(), "the peer stopped; its message is above");
        line.trim().to_owned()
    }

    /// The sum of the seconds that a command took.
    pub fn seconds(&self, command: &[&str]) -> f64 {
        self.ask(command).split(' ').map(|part| part.parse::<f64>().expect("seconds")).sum()
    }

    /// Peak memory in kB of a Python that does one thing (nobody does it without the interpreter and the library).
    pub fn fresh_peak(work: impl Fn(&Self)) -> u64 {
        let Some(fresh) = Self::find() else { return 0 };
        work(&fresh);
        fresh.ask(&["peak"]).parse().unwrap_or(0)
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let pipes = self.pipes.get_mut();
        if pipes.to.write_all(b"quit\n").is_ok() {
            pipes.child.wait().ok();
        }
    }
}

/// dcm2niix as it is installed.
pub struct Dcm2niix {
    pub version: String,
}

impl Dcm2niix {
    /// Looked for on the path.
    pub fn find() -> Option<Self> {
        let output = Command::new("dcm2niix").arg("--version").output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = text.lines().find(|line| line.contains("version")).unwrap_or("dcm2niix, unknown version");
        Some(Self { version: line.trim().to_owned() })
    }

    /// Uncompressed, without a side file.
    pub fn command(folder: &Path, out: &Path) -> Command {
        let (place, name) = (out.parent().expect("a folder"), out.file_stem().expect("a name"));
        let mut command = Command::new("dcm2niix");
        command.args(["-z", "n", "-b", "n", "-w", "1", "-f"]).arg(name).arg("-o").arg(place).arg(folder);
        command.stdout(Stdio::null());
        command
    }

    /// Converts a folder; the caller holds the watch.
    pub fn convert(folder: &Path, out: &Path) {
        assert!(Self::command(folder, out).status().expect("dcm2niix starts").success(), "dcm2niix failed");
    }
}
