use clap::{Parser, Subcommand};
use fovea::cli::{Failure, convert, info};
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}
#[derive(Subcommand)]
enum Command {
    Info(info::Args),
    Convert(convert::Args),
}
fn main() {
    let mut out = std::io::stdout().lock();
    let result = match Cli::parse().command {
        Command::Info(args) => info::run(&args, &mut out),
        Command::Convert(args) => convert::run(&args, &mut out),
    };
    if let Err(failure) = result {
        let (code, text) = match failure {
            Failure::Failed(t) => (1, t),
            Failure::Usage(t) => (2, t),
            Failure::Refused(t) => (3, t),
        };
        eprintln!("fovea: {text}");
        std::process::exit(code);
    }
}
