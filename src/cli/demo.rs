//! (being written)
#[derive(clap::Args)]
pub struct Args { #[arg(long)] pub headless: Option<std::path::PathBuf> }
pub fn run(_: &Args, _: &mut dyn std::io::Write) -> Result<(), super::Failure> { Ok(()) }
