//! Texts of the interface: every id that is used exists, every id that exists is used, and languages fall back to English.

use fovea::context::{ExportKind, UiCommand};
use fovea::words::{Argument, LANGUAGES, Words, command, id_of};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Message ids of a file, each with the arguments that it names.
fn messages(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        if let Some((id, _)) = line.split_once('=').filter(|_| line.starts_with(|c: char| c.is_ascii_alphabetic())) {
            id.trim().clone_into(&mut current);
            let before = found.insert(current.clone(), BTreeSet::new());
            assert!(before.is_none(), "{current} stands twice");
        }
        for part in line.split('$').skip(1) {
            let name: String = part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            found.entry(current.clone()).or_default().insert(name);
        }
    }
    found
}

/// Ids that the source asks for by name.
fn ids_in_source() -> BTreeSet<String> {
    fn walk(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for call in ["words::text(", "words::with("] {
                for (at, _) in text.match_indices(call) {
                    let argument = text[at + call.len()..].trim_start();
                    let id = argument.strip_prefix('"').and_then(|rest| rest.split('"').next());
                    found.insert(id.unwrap_or_else(|| panic!("{}: an id that is no literal", path.display())).into());
                }
            }
        }
    }
    let mut found = BTreeSet::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

/// "export-key-images", "export-surfaces-stl".
fn export_id(kind: ExportKind) -> String {
    id_of("export", &format!("{kind:?}").replace(['(', ')'], ""))
}

#[test]
fn every_id_exists_and_is_used() {
    let english: BTreeSet<String> = messages(LANGUAGES[0].1).into_keys().collect();
    let mut used = ids_in_source();
    used.extend(UiCommand::ALL.iter().map(|command| id_of("command", &format!("{command:?}"))));
    used.extend(ExportKind::ALL.iter().map(|kind| export_id(*kind)));
    let missing: Vec<_> = used.difference(&english).collect();
    let unused: Vec<_> = english.difference(&used).collect();
    assert!(missing.is_empty(), "add to assets/words/en.ftl: {missing:#?}");
    assert!(unused.is_empty(), "remove from assets/words/en.ftl: {unused:#?}");
}

#[test]
fn titles_are_those_of_the_english_file() {
    let english = Words::load("en", LANGUAGES);
    for command in UiCommand::ALL {
        let id = id_of("command", &format!("{command:?}"));
        assert_eq!(english.text(&id), Some(command.title()), "correct {id} in assets/words/en.ftl");
    }
    for kind in ExportKind::ALL {
        let id = export_id(kind);
        assert_eq!(english.text(&id), Some(kind.title()), "correct {id} in assets/words/en.ftl");
    }
    assert!(command("Undo").is_some() && command("NoSuchCommand").is_none());
}

#[test]
fn other_languages_say_only_what_english_says_with_the_same_arguments() {
    let english = messages(LANGUAGES[0].1);
    for (language, source) in LANGUAGES {
        let words = Words::load(language, LANGUAGES);
        assert_eq!(words.language(), *language);
        assert!(words.flaws().is_empty(), "{:?}", words.flaws());
        for (id, arguments) in messages(source) {
            assert_eq!(english.get(&id), Some(&arguments), "{language}: {id}");
        }
    }
}

#[test]
fn what_a_language_lacks_is_said_in_english() {
    let files = [
        ("en", "a = Apple\nb = Bread\nn = { $count ->\n    [one] one\n   *[other] { $count } many\n}\n"),
        ("de", "a = Apfel\n"),
    ];
    let german = Words::load("de_AT.UTF-8", &files);
    assert_eq!([german.text("a"), german.text("b"), german.text("c")], [Some("Apfel"), Some("Bread"), None]);
    assert_eq!(german.text("n"), None, "it needs an argument");
    assert_eq!(german.with("n", &[("count", Argument::Count(1))]).as_deref(), Some("one"));
    assert_eq!(german.with("n", &[("count", Argument::Count(3))]).as_deref(), Some("3 many"));
    assert_eq!(german.with("n", &[]), None);
    for other in ["C", "POSIX", "fr_FR", ""] {
        assert_eq!(Words::load(other, &files).text("a"), Some("Apple"), "{other}");
    }
    let broken = Words::load("de", &[("en", "a = Apple\n"), ("de", "a = { $\nb = ok\n")]);
    assert_eq!(broken.text("a"), Some("Apple"));
    assert!(!broken.flaws().is_empty());
}
