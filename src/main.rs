//! The program: hands the arguments to the command line, or opens the window.

use fovea::cli::{self, Outcome};
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    // The graphics stack talks about every adapter it tries; problems that matter reach the user as sentences.
    let levels = env_logger::Env::new()
        .filter_or("FOVEA_LOG", "warn,wgpu_hal=off,wgpu_core=error,naga=error,egui_wgpu=error,winit=error,eframe=off");
    env_logger::Builder::from_env(levels).init();
    // Panics are caught where the work runs and end as one sentence there; the default message would be a second one.
    std::panic::set_hook(Box::new(|panic| log::debug!("{panic}")));
    match cli::main() {
        Outcome::Done(code) => code,
        Outcome::Window { paths, demo } => match fovea::app::run(paths, demo) {
            Ok(()) => ExitCode::SUCCESS,
            Err(problem) => {
                let _ = writeln!(std::io::stderr(), "fovea: {problem:#}");
                ExitCode::FAILURE
            }
        },
    }
}
