//! Models from disk to something that runs: imported, listed, checked and loaded, for the window and the command line.

use crate::ai::meshnet::{MeshNet, WeightsError, sha256_hex};
use crate::ai::pack::{ModelPack, PackError, WeightsFile};
use crate::io::packs::{self, PackSource, PackStore, PackStoreError, StoredPack};
use std::path::{Path, PathBuf};

/// Why a model cannot be imported, listed or run.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Files and folders.
    #[error(transparent)]
    Store(#[from] PackStoreError),
    /// What the pack says about itself.
    #[error("{place}: {source}")]
    Pack {
        /// The folder.
        place: PathBuf,
        /// What is wrong.
        source: PackError,
    },
    /// The weights.
    #[error(transparent)]
    Weights(#[from] WeightsError),
}

/// A pack that was imported.
#[derive(Debug)]
pub struct Imported {
    /// What it says about itself.
    pub pack: ModelPack,
    /// True when it took the place of an imported pack of the same name.
    pub replaced: bool,
}

/// Imports a pack, or a published folder with `config.json` and weights. The network is built once before anything is
/// installed, so that what is installed runs. `name`: instead of the folder's.
pub fn import(store: &PackStore, folder: &Path, name: Option<&str>) -> Result<Imported, ModelError> {
    let wrong = |source| ModelError::Pack { place: folder.into(), source };
    let name = name.map_or_else(|| name_of(folder), ToString::to_string);
    let (pack, weights) = match packs::inspect(folder)? {
        PackSource::Pack(text) => {
            let pack = ModelPack::from_toml(&text).and_then(|pack| pack.renamed(&name)).map_err(wrong)?;
            let weights = packs::weights(folder, &pack.weights.file)?;
            (pack, weights)
        }
        PackSource::Config(text) => {
            let file = |sha256| WeightsFile { file: packs::WEIGHTS.into(), sha256 };
            // An architecture that cannot run is said before its weights are looked for.
            ModelPack::from_config_json(&text, &name, file(sha256_hex(b""))).map_err(wrong)?;
            let weights = packs::weights(folder, packs::WEIGHTS)?;
            let pack = ModelPack::from_config_json(&text, &name, file(sha256_hex(&weights))).map_err(wrong)?;
            (pack, weights)
        }
        PackSource::NnUnet => return Err(wrong(PackError::Architecture("nnU-Net".into()))),
    };
    MeshNet::new(pack.clone(), &weights)?;
    let manifest = pack.to_toml().map_err(wrong)?;
    let companions: Vec<(&str, Vec<u8>)> =
        ["LICENSE", "README.md"].into_iter().filter_map(|file| Some((file, packs::companion(folder, file)?))).collect();
    let mut files: Vec<(&str, &[u8])> = vec![(packs::MANIFEST, manifest.as_bytes()), (&pack.weights.file, &weights)];
    files.extend(companions.iter().map(|(file, bytes)| (*file, bytes.as_slice())));
    let replaced = store.install(&pack.name, &files)?;
    Ok(Imported { pack, replaced })
}

/// Every installed pack, or why it cannot be read.
pub fn list(store: &PackStore) -> Vec<(StoredPack, Result<ModelPack, ModelError>)> {
    store
        .list()
        .into_iter()
        .map(|stored| {
            let pack = described(&stored);
            (stored, pack)
        })
        .collect()
}

/// The pack of a name, without its weights.
pub fn describe(store: &PackStore, name: &str) -> Result<(StoredPack, ModelPack), ModelError> {
    let stored = store.find(name)?;
    let pack = described(&stored)?;
    Ok((stored, pack))
}

/// The network of a name, its weights checked against hash, architecture and shapes.
pub fn load(store: &PackStore, name: &str) -> Result<MeshNet, ModelError> {
    let (stored, pack) = describe(store, name)?;
    let weights = stored.weights(&pack.weights.file)?;
    Ok(MeshNet::new(pack, &weights)?)
}

fn described(stored: &StoredPack) -> Result<ModelPack, ModelError> {
    let text = stored.manifest()?;
    let pack = ModelPack::from_toml(&text).and_then(|pack| pack.renamed(&stored.name));
    pack.map_err(|source| ModelError::Pack { place: stored.folder.clone(), source })
}

/// A folder's name as a model name: lower case, everything unusual as a hyphen.
fn name_of(folder: &Path) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.into());
    let name = folder.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    name.trim_start_matches('.').chars().map(plain).take(64).collect()
}

/// All networks that could be loaded, and what was wrong with the others.
#[derive(Default)]
pub struct Models {
    /// Ready to run.
    pub networks: Vec<MeshNet>,
    /// One sentence per pack that could not be loaded.
    pub problems: Vec<String>,
}

impl Models {
    /// Loads every installed pack. A pack that cannot be loaded is a sentence, not a failure: the rest goes on.
    pub fn installed() -> Self {
        let store = PackStore::of_this_program(&crate::io::data_dir());
        let mut models = Self::default();
        for stored in store.list() {
            match load(&store, &stored.name) {
                Ok(network) => models.networks.push(network),
                Err(problem) => models.problems.push(format!("The model {} is not used: {problem}.", stored.name)),
            }
        }
        models
    }

    /// For what it is meant, license and origin: one sentence per model of this name, for the report.
    pub fn notice(pack: &ModelPack) -> String {
        let ended = |text: &str| {
            let text = text.trim().trim_end_matches('.');
            if text.is_empty() { String::new() } else { format!(" {text}.") }
        };
        format!(
            "{} {}:{} License: {}. Origin: {}.",
            pack.name,
            pack.version,
            ended(&pack.intended_use),
            pack.license,
            pack.origin.trim_end_matches('.')
        )
    }
}
