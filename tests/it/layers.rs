//! The house's layers, held against the source: which room may use which (the table in `lib.rs`), and which crates may be
//! named where. A new edge changes this table and says why.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Room, and the rooms it may use. `codes` belongs to no room and may be used by all.
const LAYERS: &[(&str, &[&str])] = &[
    ("codes", &[]),
    ("geometry", &[]),
    ("volume", &["geometry"]),
    ("jobs", &[]),
    // Two volumes in, one map out.
    ("registration", &["geometry", "volume", "jobs"]),
    // A series' geometry is catalogued with it; still no pixels.
    ("study", &["geometry"]),
    // A series joined to its pixels: what `io` makes and everybody looks at.
    ("loaded", &["geometry", "volume", "study"]),
    // Rules over what is catalogued; windows are the only thing of pixels that they name.
    ("hanging", &["geometry", "volume", "study"]),
    // What the program remembers of its user; its file is written whole by `io::atomic`.
    ("settings", &["io", "words"]),
    // Texts of the interface, from Fluent files.
    ("words", &[]),
    ("findings", &["geometry", "volume", "study"]),
    ("report", &["geometry", "volume", "study", "loaded", "findings"]),
    ("phantom", &["geometry", "volume", "findings", "jobs"]),
    ("io", &["geometry", "volume", "study", "loaded", "findings", "jobs", "report"]),
    // Finding boxes and letters are drawn from plain geometry; no findings.
    ("render", &["geometry", "volume", "loaded"]),
    ("ai", &["geometry", "volume", "findings", "jobs"]),
    ("case", &["geometry", "volume", "study", "loaded", "findings", "jobs", "report"]),
    // The whole job as functions, for the window and the command line alike.
    ("reading", ENGINES),
    ("context", LIBRARY),
    ("ui", LIBRARY),
    ("cli", LIBRARY),
    ("app", LIBRARY),
];

/// What the whole job is made of.
#[rustfmt::skip]
const ENGINES: &[&str] = &[
    "geometry", "volume", "study", "loaded", "findings", "jobs", "report", "io", "render", "ai", "case", "phantom",
    "registration",
];

/// The library under window and command line; what these may use of each other follows in [`ABOVE`].
#[rustfmt::skip]
const LIBRARY: &[&str] = &[
    "geometry", "volume", "study", "loaded", "findings", "jobs", "report", "io", "render", "ai", "case", "phantom",
    "registration", "hanging", "settings", "words", "reading",
];

/// Faces of the program that may use one another: user, used.
const ABOVE: &[(&str, &str)] = &[("ui", "context"), ("app", "context"), ("app", "ui")];

/// Crates that are at home in a few rooms only.
const CRATES: &[(&str, &[&str])] = &[
    ("dicom_core", &["io"]),
    ("dicom_object", &["io"]),
    ("dicom_parser", &["io"]),
    ("dicom_dictionary_std", &["io"]),
    ("dicom_transfer_syntax_registry", &["io"]),
    ("candle_core", &["ai"]),
    ("egui", &["ui", "app", "context"]),
    ("eframe", &["app"]),
    ("fluent_bundle", &["words"]),
    ("unic_langid", &["words"]),
    ("rfd", &["app"]),
    ("egui_wgpu", &["render", "ui", "app"]),
    ("anyhow", &["app", "cli"]),
    ("clap", &["cli"]),
];

fn source_files() -> Vec<(String, PathBuf)> {
    fn walk(folder: &Path, room: Option<&str>, found: &mut Vec<(String, PathBuf)>) {
        for entry in fs::read_dir(folder).expect("src is readable") {
            let path = entry.expect("src is readable").path();
            let stem = path.file_stem().and_then(|s| s.to_str()).expect("plain names").to_owned();
            let room = room.unwrap_or(&stem).to_owned();
            if path.is_dir() {
                walk(&path, Some(&room), found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push((room, path));
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), None, &mut found);
    found.retain(|(room, _)| room != "lib" && room != "main");
    found
}

/// Source without line comments: words in prose are no edges.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("source is text");
    text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

fn words_after<'a>(text: &'a str, prefix: &'a str) -> impl Iterator<Item = String> + 'a {
    text.match_indices(prefix).flat_map(move |(at, _)| {
        let rest = &text[at + prefix.len()..];
        let word =
            |s: &str| -> String { s.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect() };
        if let Some(group) = rest.strip_prefix('{') {
            // `use crate::{a::…, b}`: the first word of each part on the top level of the braces.
            let mut depth = 0;
            let mut parts = vec![String::new()];
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => parts.push(String::new()),
                    _ => {}
                }
                if let Some(part) = parts.last_mut()
                    && (c != ',' || depth > 0)
                {
                    part.push(c);
                }
            }
            parts.iter().map(|p| word(p)).collect::<Vec<_>>()
        } else {
            vec![word(rest)]
        }
    })
}

#[test]
fn rooms_use_only_what_the_table_allows() {
    let rooms: BTreeSet<&str> = LAYERS.iter().map(|(room, _)| *room).collect();
    let mut wrong = Vec::new();
    for (room, path) in source_files() {
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!("{}: room `{room}` is not in the table", path.display()));
            continue;
        };
        for used in words_after(&code(&path), "crate::") {
            let free = used == room || used == "codes" || !rooms.contains(used.as_str());
            if !free && !allowed.contains(&used.as_str()) && !ABOVE.contains(&(room.as_str(), used.as_str())) {
                wrong.push(format!("{}: `{room}` may not use `{used}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn crates_are_named_only_where_they_are_at_home() {
    let mut wrong = Vec::new();
    for (room, path) in source_files() {
        let text = code(&path);
        for (name, homes) in CRATES {
            let named = text.contains(&format!("{name}::")) || text.contains(&format!("use {name};"));
            let whole = text
                .match_indices(&format!("{name}::"))
                .any(|(at, _)| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'));
            if named && whole && !homes.contains(&room.as_str()) {
                wrong.push(format!("{}: `{name}` belongs to {homes:?}, not to `{room}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_stay_readable() {
    let long: Vec<String> = source_files()
        .iter()
        .map(|(_, path)| (fs::read_to_string(path).expect("source is text").lines().count(), path))
        .filter(|(lines, _)| *lines > 700)
        .map(|(lines, path)| format!("{}: {lines} lines; split it", path.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
    let main = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/main.rs")).expect("main.rs");
    assert!(main.lines().count() < 60, "main.rs stays under 60 lines");
}
