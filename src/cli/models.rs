//! `fovea models`: list, info, import, verify and remove model packs.

use super::Failure;
use crate::ai::pack::ModelPack;
use crate::io::{self, packs::PackStore};
use crate::reading::models::{self, ModelError};
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;

/// Arguments of `fovea models`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Every installed model.
    List {
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// What a model is, is for, and was trained on.
    Info {
        /// Its name.
        name: String,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Install a model pack, or a folder with config.json and model.safetensors.
    Import {
        /// The folder.
        folder: PathBuf,
        /// Instead of the folder's name.
        #[arg(long)]
        name: Option<String>,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Check weights against hash and architecture.
    Verify {
        /// One model; all without a name.
        name: Option<String>,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Remove an imported model.
    Remove {
        /// Its name.
        name: String,
    },
}

/// Runs the command.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let store = PackStore::of_this_program(&io::data_dir());
    match &args.action {
        Action::List { json } => list(&store, *json, out),
        Action::Info { name, json } => info(&store, name, *json, out),
        Action::Import { folder, name, json } => {
            let imported = models::import(&store, folder, name.as_deref()).map_err(Failure::failed)?;
            if *json {
                return print_json(out, &pack_json(&imported.pack));
            }
            let verb = if imported.replaced { "replaced" } else { "imported" };
            writeln!(out, "{verb} {}: {}", imported.pack.name, summary(&imported.pack))?;
            Ok(())
        }
        Action::Verify { name, json } => verify(&store, name.as_deref(), *json, out),
        Action::Remove { name } => {
            store.remove(name).map_err(Failure::failed)?;
            writeln!(out, "removed {name}")?;
            Ok(())
        }
    }
}

fn list(store: &PackStore, as_json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let packs = models::list(store);
    if as_json {
        let entry = |(stored, pack): &(io::packs::StoredPack, Result<ModelPack, ModelError>)| match pack {
            Ok(pack) => with_place(pack_json(pack), stored.place.as_str()),
            Err(e) => json!({"name": stored.name, "place": stored.place.as_str(), "error": e.to_string()}),
        };
        return print_json(out, &json!({"models": packs.iter().map(entry).collect::<Vec<_>>()}));
    }
    if packs.is_empty() {
        writeln!(out, "no models are installed; `fovea models import FOLDER` installs one")?;
    }
    for (stored, pack) in &packs {
        match pack {
            Ok(pack) => writeln!(out, "{}  {} ({})", pack.name, summary(pack), stored.place.as_str())?,
            Err(e) => writeln!(out, "{}  cannot be used: {e}", stored.name)?,
        }
    }
    Ok(())
}

fn info(store: &PackStore, name: &str, as_json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let (stored, pack) = models::describe(store, name).map_err(Failure::failed)?;
    if as_json {
        return print_json(out, &with_place(pack_json(&pack), stored.place.as_str()));
    }
    writeln!(out, "{} {}  {}", pack.name, pack.version, pack.title)?;
    writeln!(out, "  for            {}", pack.input.description)?;
    writeln!(out, "  intended use   {}", pack.intended_use)?;
    writeln!(out, "  evidence       {}", evidence(&pack))?;
    writeln!(out, "  origin         {}", pack.origin)?;
    writeln!(out, "  license        {}", pack.license)?;
    writeln!(out, "  weights        {} (SHA-256 {})", pack.weights.file, pack.weights.sha256)?;
    for (n, label) in pack.labels.iter().enumerate() {
        let code = label.code.as_ref().map_or(String::new(), |c| format!("  ({} {})", c.scheme, c.value));
        writeln!(out, "  label {n:>3}      {}{code}", label.name)?;
    }
    Ok(())
}

fn verify(store: &PackStore, name: Option<&str>, as_json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let names = match name {
        Some(name) => vec![store.find(name).map_err(Failure::failed)?.name],
        None => store.list().into_iter().map(|stored| stored.name).collect(),
    };
    let mut first_problem = None;
    let mut results = Vec::new();
    for name in names {
        let problem = models::load(store, &name).err().map(|e| e.to_string());
        if !as_json && problem.is_none() {
            writeln!(out, "{name}  weights and architecture agree")?;
        }
        results.push(json!({"name": name, "ok": problem.is_none(), "error": problem}));
        first_problem = first_problem.or(problem);
    }
    if as_json {
        print_json(out, &json!({"models": results}))?;
    }
    first_problem.map_or(Ok(()), |problem| Err(Failure::Failed(problem)))
}

fn summary(pack: &ModelPack) -> String {
    format!("{}; for {}; {}", pack.title, pack.input.description, evidence(pack))
}

fn evidence(pack: &ModelPack) -> &'static str {
    if pack.proven { "measured on real images" } else { "experimental: an overlay only, no sentences in reports" }
}

fn pack_json(pack: &ModelPack) -> Value {
    let label = |(n, label): (usize, &crate::ai::pack::ClassLabel)| {
        let code = label.code.as_ref().map(|c| json!({"value": c.value, "scheme": c.scheme, "meaning": c.meaning}));
        json!({"value": n, "name": label.name, "code": code, "color_rgb": label.color_rgb})
    };
    json!({
        "name": pack.name, "version": pack.version, "title": pack.title, "task": "segmentation",
        "architecture": "meshnet", "license": pack.license, "origin": pack.origin,
        "intended_use": pack.intended_use, "proven": pack.proven, "serves": pack.input.description,
        "weights": {"file": pack.weights.file, "sha256": pack.weights.sha256},
        "labels": pack.labels.iter().enumerate().map(label).collect::<Vec<_>>(),
    })
}

fn with_place(mut pack: Value, place: &str) -> Value {
    pack["place"] = place.into();
    pack
}

fn print_json(out: &mut dyn Write, value: &Value) -> Result<(), Failure> {
    writeln!(out, "{value:#}")?;
    Ok(())
}
