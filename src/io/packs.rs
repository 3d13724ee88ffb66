//! Model packs on disk: found, read, installed whole or not at all, removed.
//!
//! A pack is a folder with `pack.toml` and its weights. Packs of the program lie beside it (`models/NAME`), imported ones
//! under the data directory (`models/NAME`). What the files mean is the `ai` room's business: this module moves bytes and
//! never trusts a name or a size that it has not checked. Installing writes into a hidden folder beside the place, flushes,
//! reads back, compares, and renames.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// The text of a pack.
pub const MANIFEST: &str = "pack.toml";
/// Published folders hold these instead.
pub const CONFIG: &str = "config.json";
/// Weights, where a published folder does not name them.
pub const WEIGHTS: &str = "model.safetensors";

/// Largest text that is read.
const TEXT_LIMIT: u64 = 1 << 20;
/// Largest weights that are read.
const WEIGHTS_LIMIT: u64 = 8 << 30;

/// Why a pack could not be read, installed or removed.
#[derive(Debug, thiserror::Error)]
pub enum PackStoreError {
    /// No pack of that name.
    #[error("no model named \"{name}\" is installed ({known}); `fovea models import FOLDER` installs one")]
    Unknown {
        /// The name asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// The name belongs to a pack of the program itself.
    #[error("\"{0}\" is a model of the program itself: choose another name with --name")]
    BuiltIn(String),
    /// A name that could leave the models' folder.
    #[error("\"{0}\" cannot be a model name: use lower-case letters, digits, '-', '_' and '.'")]
    Name(String),
    /// A file that should be there.
    #[error("{place} has no {file}; {advice}")]
    Missing {
        /// The folder.
        place: PathBuf,
        /// The file.
        file: String,
        /// What to do.
        advice: &'static str,
    },
    /// A file that no model has.
    #[error("{file} has {found} bytes, more than the {limit} that a model may have")]
    TooLarge {
        /// Which.
        file: PathBuf,
        /// Its size.
        found: u64,
        /// The limit.
        limit: u64,
    },
    /// The disk or its permissions.
    #[error("{action} {place}: {source}")]
    Disk {
        /// "cannot read", "cannot write".
        action: &'static str,
        /// Where.
        place: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// What was written is not what is read.
    #[error("{0} does not read back as it was written: the disk may be full or failing; nothing was installed")]
    Differs(PathBuf),
}

/// Where a pack comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackPlace {
    /// Beside the program.
    BuiltIn,
    /// In the data directory.
    Imported,
}

impl PackPlace {
    /// "built in", "imported".
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BuiltIn => "built in",
            Self::Imported => "imported",
        }
    }
}

/// A folder that holds a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPack {
    /// The folder's name.
    pub name: String,
    /// Where it comes from.
    pub place: PackPlace,
    /// The folder.
    pub folder: PathBuf,
}

impl StoredPack {
    /// The text of `pack.toml`.
    pub fn manifest(&self) -> Result<String, PackStoreError> {
        text(&self.folder, MANIFEST)
    }

    /// The bytes of the weights; `file` is a plain file name.
    pub fn weights(&self, file: &str) -> Result<Vec<u8>, PackStoreError> {
        weights(&self.folder, file)
    }
}

/// All places that hold packs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackStore {
    built_in: Vec<PathBuf>,
    imported: PathBuf,
}

impl PackStore {
    /// `built_in`: folders of packs that are never written; `imported`: the folder that imports go to.
    pub fn new(built_in: Vec<PathBuf>, imported: PathBuf) -> Self {
        Self { built_in, imported }
    }

    /// The places of this program: `models` beside the executable, in `share/fovea` of its installation, or in the project
    /// that it was built in; and `models` in the data directory.
    pub fn of_this_program(data_dir: &Path) -> Self {
        let program = std::env::current_exe().ok();
        let folder = program.as_deref().and_then(Path::parent);
        let candidates = ["models", "../share/fovea/models", "../../models"];
        let built_in = folder.into_iter().flat_map(|f| candidates.map(|c| f.join(c))).filter(|f| f.is_dir()).collect();
        Self::new(built_in, data_dir.join("models"))
    }

    /// Every pack, by name; of two with one name the program's own comes first and hides the other.
    pub fn list(&self) -> Vec<StoredPack> {
        let places = self.built_in.iter().map(|folder| (folder, PackPlace::BuiltIn));
        let mut packs: Vec<StoredPack> = places
            .chain([(&self.imported, PackPlace::Imported)])
            .flat_map(|(folder, place)| packs_in(folder, place))
            .collect();
        packs.sort_by(|a, b| a.name.cmp(&b.name));
        packs.dedup_by(|later, first| later.name == first.name);
        packs
    }

    /// The pack of a name.
    pub fn find(&self, name: &str) -> Result<StoredPack, PackStoreError> {
        let packs = self.list();
        let known = if packs.is_empty() {
            "none are".to_string()
        } else {
            format!("there are: {}", packs.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(", "))
        };
        packs.into_iter().find(|p| p.name == name).ok_or(PackStoreError::Unknown { name: name.into(), known })
    }

    /// Installs files as a pack, in place of an imported one of that name. True when there was one.
    pub fn install(&self, name: &str, files: &[(&str, &[u8])]) -> Result<bool, PackStoreError> {
        check_name(name)?;
        if self.list().iter().any(|p| p.name == name && p.place == PackPlace::BuiltIn) {
            return Err(PackStoreError::BuiltIn(name.into()));
        }
        let disk = |place: &Path| {
            let place = place.to_owned();
            move |source| PackStoreError::Disk { action: "cannot write", place, source }
        };
        fs::create_dir_all(&self.imported).map_err(disk(&self.imported))?;
        let hidden = tempfile::Builder::new().prefix(".import-").tempdir_in(&self.imported);
        // Dropped on every early return, and its content with it.
        let hidden = hidden.map_err(disk(&self.imported))?;
        let fresh = hidden.path().join("new");
        fs::create_dir(&fresh).map_err(disk(&fresh))?;
        for &(file, bytes) in files {
            check_name(&file.to_lowercase())?;
            let path = fresh.join(file);
            write_flushed(&path, bytes).map_err(disk(&path))?;
            if fs::read(&path).map_err(disk(&path))? != bytes {
                return Err(PackStoreError::Differs(path));
            }
        }
        let place = self.imported.join(name);
        let replaced = place.exists();
        if replaced {
            fs::rename(&place, hidden.path().join("old")).map_err(disk(&place))?;
        }
        if let Err(source) = fs::rename(&fresh, &place) {
            if replaced {
                // Put the old one back; when even that fails, the first error is the one to tell.
                let _ = fs::rename(hidden.path().join("old"), &place);
            }
            return Err(disk(&place)(source));
        }
        Ok(replaced)
    }

    /// Removes an imported pack.
    pub fn remove(&self, name: &str) -> Result<(), PackStoreError> {
        let pack = self.find(name)?;
        if pack.place == PackPlace::BuiltIn {
            return Err(PackStoreError::BuiltIn(name.into()));
        }
        let disk = |source| PackStoreError::Disk { action: "cannot remove", place: pack.folder.clone(), source };
        // Out of the way in one step, then deleted: a half-removed pack is never listed.
        let hidden = tempfile::Builder::new().prefix(".remove-").tempdir_in(&self.imported).map_err(disk)?;
        fs::rename(&pack.folder, hidden.path().join("old")).map_err(disk)
    }
}

/// A folder that someone wants to import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackSource {
    /// With `pack.toml`.
    Pack(String),
    /// With `config.json`.
    Config(String),
    /// An nnU-Net results folder (`plans.json` and `dataset.json`).
    NnUnet,
}

/// What kind of model a folder holds.
pub fn inspect(folder: &Path) -> Result<PackSource, PackStoreError> {
    if folder.join(MANIFEST).is_file() {
        return Ok(PackSource::Pack(text(folder, MANIFEST)?));
    }
    if folder.join(CONFIG).is_file() {
        return Ok(PackSource::Config(text(folder, CONFIG)?));
    }
    if holds_plans(folder) {
        return Ok(PackSource::NnUnet);
    }
    let advice = if folder.is_dir() {
        "name a model pack, or a folder with config.json and model.safetensors"
    } else {
        "it is no folder"
    };
    Err(PackStoreError::Missing { place: folder.into(), file: format!("{MANIFEST} or {CONFIG}"), advice })
}

/// The bytes of a folder's weights; `file` is a plain file name.
pub fn weights(folder: &Path, file: &str) -> Result<Vec<u8>, PackStoreError> {
    let advice = "a model without weights cannot run: put its safetensors file there";
    bytes(folder, file, WEIGHTS_LIMIT, advice)
}

/// A license or read-me file of a folder, when there is one of sane size.
pub fn companion(folder: &Path, file: &str) -> Option<Vec<u8>> {
    bytes(folder, file, TEXT_LIMIT, "").ok()
}

/// `Dataset*/[Trainer__Plans__Configuration/]plans.json`, down to three levels.
fn holds_plans(folder: &Path) -> bool {
    let walk = walkdir::WalkDir::new(folder).max_depth(3).into_iter().filter_map(Result::ok);
    walk.take(1000).any(|entry| entry.file_name() == "plans.json")
}

fn packs_in(folder: &Path, place: PackPlace) -> Vec<StoredPack> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let folders = entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.join(MANIFEST).is_file());
    folders
        .filter_map(|folder| {
            let name = folder.file_name()?.to_str()?.to_string();
            check_name(&name).ok()?;
            Some(StoredPack { name, place, folder })
        })
        .collect()
}

fn text(folder: &Path, file: &str) -> Result<String, PackStoreError> {
    let bytes = bytes(folder, file, TEXT_LIMIT, "it describes the model")?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn bytes(folder: &Path, file: &str, limit: u64, advice: &'static str) -> Result<Vec<u8>, PackStoreError> {
    check_name(&file.to_lowercase())?;
    let place = folder.join(file);
    let disk = |source| PackStoreError::Disk { action: "cannot read", place: place.clone(), source };
    let open = match File::open(&place) {
        Ok(open) => open,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(PackStoreError::Missing { place: folder.into(), file: file.into(), advice });
        }
        Err(e) => return Err(disk(e)),
    };
    let found = open.metadata().map_err(disk)?.len();
    if found > limit {
        return Err(PackStoreError::TooLarge { file: place, found, limit });
    }
    let mut bytes = Vec::new();
    open.take(limit).read_to_end(&mut bytes).map_err(disk)?;
    Ok(bytes)
}

fn write_flushed(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn check_name(name: &str) -> Result<(), PackStoreError> {
    let letters = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b));
    if name.is_empty() || name.len() > 64 || name.starts_with('.') || !letters {
        return Err(PackStoreError::Name(name.into()));
    }
    Ok(())
}
