//! The models that are there: rules that come with the program, and installed packs.

use crate::ai::meshnet::MeshNet;
use crate::ai::pack::ModelPack;
use crate::ai::Segmenter;
use crate::io;
use crate::io::packs::{PackStore, StoredPack};

/// One installed network, ready to run.
pub struct InstalledModel {
    /// Runs it.
    pub segmenter: Box<dyn Segmenter>,
    /// "subcortical structures of the brain": for "no … proposed".
    pub looks_for: String,
    /// Measured on real images (`clinical.md` rule 3).
    pub proven: bool,
    /// Intended use, license and origin, in one sentence for the report.
    pub notice: String,
}

/// All networks that could be loaded, and what was wrong with the others.
#[derive(Default)]
pub struct Models {
    /// Ready to run.
    pub networks: Vec<InstalledModel>,
    /// One sentence per pack that could not be loaded.
    pub problems: Vec<String>,
}

impl Models {
    /// Loads every installed pack. A pack that cannot be loaded is a sentence, not a failure: the rest goes on.
    pub fn installed() -> Self {
        let mut models = Self::default();
        for stored in PackStore::of_this_program(&io::data_dir()).list() {
            match load(&stored) {
                Ok(model) => models.networks.push(model),
                Err(problem) => models.problems.push(format!("The model {} is not used: {problem}.", stored.name)),
            }
        }
        models
    }
}

fn load(stored: &StoredPack) -> Result<InstalledModel, String> {
    let pack = ModelPack::from_toml(&stored.manifest().map_err(|e| e.to_string())?).map_err(|e| e.to_string())?;
    let weights = stored.weights(&pack.weights.file).map_err(|e| e.to_string())?;
    let (proven, looks_for) = (pack.proven, pack.title.clone());
    let notice = format!(
        "{} {}: {} License: {}. Origin: {}.",
        pack.name,
        pack.version,
        sentence(&pack.intended_use),
        pack.license,
        pack.origin.trim_end_matches('.')
    );
    let network = MeshNet::new(pack, &weights).map_err(|e| e.to_string())?;
    Ok(InstalledModel { segmenter: Box::new(network), looks_for, proven, notice })
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with('.') { text.to_owned() } else { format!("{text}.") }
}
