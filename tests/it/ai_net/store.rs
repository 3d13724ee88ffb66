//! Packs on disk: imported whole or not at all, verified, listed, removed.

use crate::common::shared;
use fovea::io::packs::PackStore;
use fovea::reading::models;
use std::path::{Path, PathBuf};

fn store(folder: &Path) -> PackStore {
    PackStore::new(vec![folder.join("own")], folder.join("imported"))
}

/// A writable copy of a shared model folder.
fn copy(from: &Path, to: &Path) -> PathBuf {
    std::fs::create_dir_all(to).unwrap();
    for file in ["config.json", "model.safetensors", "LICENSE"] {
        std::fs::write(to.join(file), std::fs::read(from.join(file)).unwrap()).unwrap();
    }
    to.to_owned()
}

#[test]
fn a_published_folder_is_imported_listed_loaded_and_removed() {
    let Some(shared) = shared() else { return };
    let temp = tempfile::tempdir().unwrap();
    let store = store(temp.path());
    assert!(models::list(&store).is_empty());
    let light = shared.join("models/brain-tissue-meshnet-light");
    let imported = models::import(&store, &light, None).unwrap();
    assert_eq!((imported.pack.name.as_str(), imported.replaced), ("brain-tissue-meshnet-light", false));
    assert!(temp.path().join("imported/brain-tissue-meshnet-light/LICENSE").is_file());
    models::import(&store, &light, Some("second")).unwrap();
    assert!(models::import(&store, &light, Some("second")).unwrap().replaced);
    let names: Vec<_> = models::list(&store).into_iter().map(|(stored, pack)| (stored.name, pack.is_ok())).collect();
    assert_eq!(names, [("brain-tissue-meshnet-light".into(), true), ("second".into(), true)]);
    assert_eq!(models::load(&store, "second").unwrap().pack().labels.len(), 3);
    // An installed pack is itself a pack that can be imported.
    models::import(&store, &temp.path().join("imported/second"), Some("third")).unwrap();
    store.remove("second").unwrap();
    assert!(models::load(&store, "second").unwrap_err().to_string().contains("there are: brain-tissue"));
    let left: Vec<_> = std::fs::read_dir(temp.path().join("imported")).unwrap().collect();
    assert_eq!(left.len(), 2, "nothing hidden stays behind");
}

#[test]
fn what_cannot_run_is_refused_and_leaves_nothing_behind() {
    let Some(shared) = shared() else { return };
    let temp = tempfile::tempdir().unwrap();
    let store = store(temp.path());
    let why = |folder: &Path| models::import(&store, folder, None).unwrap_err().to_string();
    assert!(why(&shared.join("models/brain-mask-unet3d")).contains("\"unet3d\" is not served"));
    assert!(why(&shared.join("models/cxr-pneumonia-squeezenet11")).contains("this program runs: meshnet"));
    assert!(why(&shared.join("models/nnunet-format-fixture")).contains("nnU-Net"));
    assert!(why(&temp.path().join("nowhere")).contains("it is no folder"));
    assert!(why(temp.path()).contains("has no pack.toml or config.json"));
    let light = shared.join("models/brain-tissue-meshnet-light");
    let bare = copy(&light, &temp.path().join("bare"));
    std::fs::remove_file(bare.join("model.safetensors")).unwrap();
    assert!(why(&bare).contains("has no model.safetensors"), "{}", why(&bare));
    let mixed = copy(&light, &temp.path().join("mixed"));
    let other = shared.join("models/brain-subcortical-meshnet/model.safetensors");
    std::fs::write(mixed.join("model.safetensors"), std::fs::read(other).unwrap()).unwrap();
    assert!(why(&mixed).contains("tensor layers.0.conv.weight"), "{}", why(&mixed));
    let cut = copy(&light, &temp.path().join("cut"));
    std::fs::write(cut.join("model.safetensors"), &std::fs::read(light.join("model.safetensors")).unwrap()[..9000])
        .unwrap();
    assert!(why(&cut).contains("not a safetensors file"), "{}", why(&cut));
    assert!(!temp.path().join("imported").exists(), "nothing was installed");
}

#[test]
fn weights_that_changed_after_the_import_are_refused() {
    let Some(shared) = shared() else { return };
    let temp = tempfile::tempdir().unwrap();
    let store = store(temp.path());
    models::import(&store, &shared.join("models/brain-tissue-meshnet-light"), Some("light")).unwrap();
    let file = temp.path().join("imported/light/model.safetensors");
    let mut bytes = std::fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&file, bytes).unwrap();
    assert!(models::load(&store, "light").unwrap_err().to_string().contains("SHA-256"));
    std::fs::remove_file(&file).unwrap();
    assert!(models::load(&store, "light").unwrap_err().to_string().contains("has no model.safetensors"));
    // One damaged pack does not hide the others.
    models::import(&store, &shared.join("models/brain-tissue-meshnet-light"), Some("whole")).unwrap();
    std::fs::write(temp.path().join("imported/light/pack.toml"), "format = ").unwrap();
    let listed: Vec<_> = models::list(&store).into_iter().map(|(stored, pack)| (stored.name, pack.is_ok())).collect();
    assert_eq!(listed, [("light".into(), false), ("whole".into(), true)]);
}

#[test]
fn names_that_could_leave_the_folder_are_refused() {
    let Some(shared) = shared() else { return };
    let temp = tempfile::tempdir().unwrap();
    let light = shared.join("models/brain-tissue-meshnet-light");
    for name in ["../out", "a/b", ".hidden", "", "UPPER"] {
        assert!(models::import(&store(temp.path()), &light, Some(name)).is_err(), "{name:?}");
    }
    assert!(store(temp.path()).remove("..").is_err());
}
