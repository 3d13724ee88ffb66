//! Keys of commands.

use fovea::context::UiCommand;
use fovea::settings::keymap::{KeyError, Keymap, Keys};
use std::collections::BTreeMap;

fn keymap() -> Keymap {
    Keymap::new([("Undo", "Ctrl+Z"), ("Redo", "Ctrl+Shift+Z Ctrl+Y"), ("Play", "P"), ("Help", "?"), ("Demo", "")])
        .unwrap()
}

fn keys(text: &str) -> Keys {
    Keys::parse(text).unwrap()
}

#[test]
fn key_texts_are_read_in_any_spelling_and_written_in_one() {
    for (text, expected) in [
        ("ctrl+shift+z", "Ctrl+Shift+Z"),
        ("Shift + Ctrl + z", "Ctrl+Shift+Z"),
        ("Cmd+K", "Ctrl+K"),
        ("alt+F12", "Alt+F12"),
        ("pgdn", "PageDown"),
        ("space", "Space"),
        ("esc", "Escape"),
        ("[", "["),
        ("?", "?"),
        ("+", "Plus"),
        ("Ctrl++", "Ctrl+Plus"),
        ("Ctrl+-", "Ctrl+Minus"),
        ("Shift+0", "Shift+0"),
    ] {
        let read = keys(text);
        assert_eq!(read.to_string(), expected);
        assert_eq!(keys(&read.to_string()), read);
    }
    for text in ["", "Ctrl", "Ctrl+", "Shift+Ctrl"] {
        assert!(matches!(Keys::parse(text), Err(KeyError::NoKey(_))), "{text}");
    }
    for text in ["Ctrl+ZZ", "A+B", "F13", "é", "Hyper+A"] {
        let error = Keys::parse(text).unwrap_err();
        assert!(matches!(error, KeyError::Unknown { .. }), "{text}");
        assert!(error.to_string().contains("is no key; write"), "{error}");
    }
}

#[test]
fn the_programs_own_keys_are_readable_and_free_of_conflicts() {
    let names: Vec<String> = UiCommand::ALL.iter().map(|command| format!("{command:?}")).collect();
    let table = names.iter().map(String::as_str).zip(UiCommand::ALL.iter().map(|command| command.default_keys()));
    let keymap = Keymap::new(table).unwrap();
    assert_eq!(keymap.conflicts(), []);
    assert_eq!(keymap.command(&keys("Ctrl+Y")), Some("Redo"));
    for (command, name) in UiCommand::ALL.iter().zip(&names) {
        let written: Vec<String> = keymap.keys(name).iter().map(ToString::to_string).collect();
        assert_eq!(written.join(" "), command.default_keys(), "the default keys are spelled as they are shown");
    }
}

#[test]
fn the_window_knows_every_default_key() {
    for command in UiCommand::ALL {
        for text in command.default_keys().split_whitespace() {
            let key = keys(text);
            assert!(egui::Key::from_name(key.key()).is_some(), "{text} of {command:?}");
        }
    }
}

#[test]
fn keys_are_changed_stored_and_reset() {
    let mut map = keymap();
    map.set("Play", vec![keys("Space"), keys("K")]).unwrap();
    assert_eq!((map.command(&keys("K")), map.command(&keys("P"))), (Some("Play"), None));
    assert!(map.is_changed("Play") && !map.is_changed("Undo"));
    let stored = map.changed();
    assert_eq!(stored, [("Play".to_owned(), vec!["Space".to_owned(), "K".to_owned()])].into());

    let mut again = keymap();
    assert_eq!(again.apply(&stored), Vec::<String>::new());
    assert_eq!(again, map);

    map.set("Play", vec![keys("P")]).unwrap();
    assert!(map.changed().is_empty(), "the default is no change");
    again.reset("Play").unwrap();
    assert_eq!(again, keymap());
    again.set("Undo", Vec::new()).unwrap();
    assert_eq!(again.command(&keys("Ctrl+Z")), None, "keys can be taken away");
    again.reset_all();
    assert_eq!(again, keymap());
}

#[test]
fn taken_keys_are_refused_with_the_name_of_their_command() {
    let mut map = keymap();
    let refused = map.set("Play", vec![keys("Ctrl+Y")]).unwrap_err();
    assert_eq!(refused.to_string(), "Ctrl+Y belongs to \"Redo\"; take it away there first, or choose other keys");
    assert_eq!(map, keymap(), "nothing is changed by a refusal");
    map.set("Redo", vec![keys("Ctrl+Shift+Z")]).unwrap();
    map.set("Play", vec![keys("Ctrl+Y")]).unwrap();
    assert!(matches!(map.reset("Redo"), Err(KeyError::Taken { other, .. }) if other == "Play"));
    assert!(matches!(map.set("Redo", vec![keys("Ctrl+Y")]), Err(KeyError::Taken { .. })));
    assert!(matches!(map.set("Nothing", Vec::new()), Err(KeyError::NoCommand(_))));
    let five = ["1", "2", "3", "4", "5"].map(keys).to_vec();
    assert_eq!(map.set("Play", five), Err(KeyError::TooMany));
}

#[test]
fn stored_keys_that_do_not_fit_are_told() {
    let mut map = keymap();
    let stored: BTreeMap<String, Vec<String>> = [
        ("Gone".to_owned(), vec!["G".to_owned()]),
        ("Help".to_owned(), vec!["Ctrl+ZZ".to_owned()]),
        ("Play".to_owned(), vec!["ctrl+z".to_owned()]),
    ]
    .into();
    let notes = map.apply(&stored);
    assert_eq!(notes.len(), 3, "{notes:?}");
    assert!(notes[2].contains("Ctrl+Z belongs to Undo and Play; Undo gets it"), "{notes:?}");
    assert_eq!(map.command(&keys("Ctrl+Z")), Some("Undo"));
    assert_eq!(map.conflicts().len(), 1);
    assert_eq!(map.command(&keys("?")), Some("Help"));
}
