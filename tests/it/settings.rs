//! What is remembered: round trips, damage, versions, bounds; and the keys of commands.

mod keys;

use fovea::settings::{
    Interpolation, MAX_RECENT, MonitorPlace, Opened, Panels, RecentStudy, SegmentColors, Settings, SettingsError,
    UserPreset, WindowPlace, load, save,
};
use std::path::Path;

fn everything() -> Settings {
    let place = MonitorPlace { at_pt: [10.0, -20.0], size_pt: [1440.0, 900.0], monitor_pt: [2560.0, 1440.0] };
    Settings {
        text_scale: 1.25,
        reduced_motion: Some(true),
        segment_colors: SegmentColors::ColorBlindSafe,
        tool: "zoom".into(),
        presets: vec![UserPreset {
            name: "Pancreas \"pv\"".into(),
            modality: "CT".into(),
            width: 250.0,
            level: 100.5,
            key: Some(9),
        }],
        keys: [("Undo".to_owned(), vec!["Ctrl+U".to_owned()]), ("Tags".into(), Vec::new())].into(),
        layouts: [("Chest CT".to_owned(), "Planes and slabs".to_owned())].into(),
        panels: Panels {
            left_width_pt: 300.0,
            right_width_pt: 400.0,
            left_shown: false,
            tab: "report".into(),
            ..Panels::default()
        },
        windows: vec![WindowPlace { window: "main".into(), place, maximized: true }],
        recent: vec![recent("/data/München")],
        names_in_recent: false,
        hide_ai_at_first: false,
        interpolation: Interpolation::Cubic,
        reader: "Dr. Müller".into(),
        language: "de".into(),
        second_window: true,
    }
}

fn recent(path: &str) -> RecentStudy {
    RecentStudy {
        path: path.into(),
        date: "20260105".into(),
        modality: "CT".into(),
        description: "Chest".into(),
        patient: String::new(),
    }
}

fn written(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.toml");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

#[test]
fn everything_survives_saving() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fovea/settings.toml");
    assert_eq!(load(&path), Opened::default(), "a missing file is no news");
    for settings in [everything(), Settings::default()] {
        save(&path, &settings, &mut Opened::default().kept).unwrap();
        let opened = load(&path);
        assert_eq!((opened.settings, opened.notes), (settings, Vec::new()));
    }
}

#[test]
fn unknown_keys_are_kept_and_named() {
    let (_folder, path) = written("version = 1\nreader = \"A\"\nfuture = { x = [1, 2] }\n");
    let mut opened = load(&path);
    assert_eq!(opened.settings.reader, "A");
    assert!(opened.notes.len() == 1 && opened.notes[0].contains("future"), "{:?}", opened.notes);
    opened.settings.reader = "B".into();
    save(&path, &opened.settings, &mut opened.kept).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("future") && text.contains("reader = \"B\""), "{text}");
}

#[test]
fn a_damaged_file_gives_defaults_and_is_set_aside() {
    for damage in ["reader = \"A", "\u{0}\u{1}", "= 3"] {
        let (folder, path) = written(damage);
        let mut opened = load(&path);
        assert_eq!((&opened.settings, opened.notes.len()), (&Settings::default(), 1));
        save(&path, &opened.settings, &mut opened.kept).unwrap();
        assert_eq!(std::fs::read_to_string(folder.path().join("settings.toml.damaged")).unwrap(), damage);
        assert!(load(&path).notes.is_empty());
    }
    let (_folder, path) = written("");
    std::fs::write(&path, [0xFF, 0xFE, 0x00]).unwrap();
    assert_eq!(load(&path).settings, Settings::default());
    let folder = Path::new("/");
    assert_eq!(load(folder).notes.len(), 1, "a folder is no file");
}

#[test]
fn a_damaged_value_costs_only_itself() {
    let text = "reader = \"A\"\ntext_scale = \"big\"\ninterpolation = \"best\"\nhide_ai_at_first = false\n\
        [[presets]]\nname = \"ok\"\nwidth = 1.0\nlevel = 2.0\n[[presets]]\nname = 3\n";
    let (_folder, path) = written(text);
    let Opened { settings, notes, .. } = load(&path);
    assert_eq!(settings.reader, "A");
    assert_eq!(
        (settings.text_scale, settings.interpolation, settings.hide_ai_at_first),
        (1.0, Interpolation::Linear, false)
    );
    assert_eq!(settings.presets.len(), 1);
    assert_eq!(notes.len(), 3, "{notes:?}");
}

#[test]
fn a_newer_file_is_read_and_never_replaced() {
    let (_folder, path) = written("version = 99\nreader = \"A\"\n");
    let mut opened = load(&path);
    assert_eq!((opened.settings.reader.as_str(), opened.notes.len()), ("A", 1));
    let refused = save(&path, &opened.settings, &mut opened.kept);
    assert!(matches!(refused, Err(SettingsError::Newer(99))));
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("version = 99"));
}

#[test]
fn values_come_within_their_bounds() {
    let text = "text_scale = 99.0\n[panels]\nleft_width_pt = nan\nright_width_pt = -inf\nleft_shown = true\nright_shown = true\ntab = \"\"\n\
        [[presets]]\nname = \"bad\"\nwidth = 0.0\nlevel = 2.0\n\
        [[windows]]\nwindow = \"main\"\nat_pt = [0.0, 0.0]\nsize_pt = [1.0, 1.0]\nmonitor_pt = [800.0, 600.0]\nmaximized = false\n";
    let (_folder, path) = written(text);
    let settings = load(&path).settings;
    assert_eq!(settings.text_scale, 2.0);
    assert_eq!([settings.panels.left_width_pt, settings.panels.right_width_pt], [240.0, 320.0]);
    assert!(settings.presets.is_empty() && settings.windows.is_empty());
}

#[test]
fn recent_studies_name_nobody_unless_allowed() {
    let mut settings = Settings::default();
    let with_name = |path: &str| RecentStudy { patient: "Doe, Jane".into(), ..recent(path) };
    for n in 0..2 * MAX_RECENT {
        settings.remember(with_name(&format!("/data/{n}")));
    }
    settings.remember(with_name("/data/30"));
    assert_eq!(settings.recent.len(), MAX_RECENT);
    assert_eq!(settings.recent[0].path, Path::new("/data/30"));
    assert_eq!(settings.recent.iter().filter(|study| study.path == Path::new("/data/30")).count(), 1);
    assert!(settings.recent.iter().all(|study| study.patient.is_empty()));
    settings.names_in_recent = true;
    settings.remember(with_name("/data/1"));
    assert_eq!(settings.recent[0].patient, "Doe, Jane");
    settings.names_in_recent = false;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.toml");
    save(&path, &settings, &mut Opened::default().kept).unwrap();
    assert!(!std::fs::read_to_string(&path).unwrap().contains("Doe"), "switching it off forgets the names");
}

#[test]
fn windows_come_back_on_the_same_monitors_only() {
    let settings = everything();
    assert!(settings.place_of("main", &[[1920.0, 1080.0], [2560.0, 1440.0]]).is_some());
    assert!(settings.place_of("main", &[[1920.0, 1080.0]]).is_none());
    assert!(settings.place_of("second", &[[2560.0, 1440.0]]).is_none());
    assert_eq!(settings.presets_for("CT").count(), 1);
    assert_eq!(settings.presets_for("MR").count(), 0);
}
