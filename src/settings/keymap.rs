//! Which keys give which command: a table of defaults, and what the user changed.
//!
//! Commands are names ("Undo"), keys are texts ("Ctrl+Shift+Z"); nothing here knows windows. The text of a combination is
//! modifiers in the order Ctrl, Alt, Shift, then one key, joined by `+`. "Ctrl" stands for Command on a Mac.

use std::collections::BTreeMap;
use std::fmt;

/// Combinations that one command may have.
const MAX_ALTERNATIVES: usize = 4;

/// Keys that have a name of more than one letter.
const NAMED_KEYS: &[&str] = &[
    "Space",
    "Enter",
    "Escape",
    "Tab",
    "Backspace",
    "Delete",
    "Insert",
    "Home",
    "End",
    "PageUp",
    "PageDown",
    "Up",
    "Down",
    "Left",
    "Right",
    "Plus",
    "Minus",
    "F1",
    "F2",
    "F3",
    "F4",
    "F5",
    "F6",
    "F7",
    "F8",
    "F9",
    "F10",
    "F11",
    "F12",
];
/// Punctuation that is a key; `+` is written "Plus", `-` "Minus".
const SIGNS: &str = "[]?,.;:/\\'`=|{}";
/// Other names that people write.
const ALIASES: &[(&str, &str)] = &[
    ("esc", "Escape"),
    ("return", "Enter"),
    ("del", "Delete"),
    ("ins", "Insert"),
    ("pgup", "PageUp"),
    ("pgdn", "PageDown"),
    ("pagedn", "PageDown"),
    ("arrowup", "Up"),
    ("arrowdown", "Down"),
    ("arrowleft", "Left"),
    ("arrowright", "Right"),
    ("-", "Minus"),
];

/// One combination of keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Keys {
    /// Ctrl, or Command on a Mac.
    pub ctrl: bool,
    /// Alt.
    pub alt: bool,
    /// Shift.
    pub shift: bool,
    /// `Z`, `5`, `PageDown`, `[`.
    key: String,
}

/// Why a text names no keys, or keys cannot be given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Nothing but modifiers, or nothing at all.
    #[error("{0:?} names no key; write one like Ctrl+Shift+Z")]
    NoKey(String),
    /// A part that is neither modifier nor key.
    #[error("{part:?} in {text:?} is no key; write a letter, a digit, F1 to F12 or a name like PageDown")]
    Unknown {
        /// All of it.
        text: String,
        /// The part.
        part: String,
    },
    /// There is no command of this name.
    #[error("there is no command {0:?}")]
    NoCommand(String),
    /// Other commands have one of the keys.
    #[error("{keys} belongs to {other:?}; take it away there first, or choose other keys")]
    Taken {
        /// The combination.
        keys: Keys,
        /// The command that has it.
        other: String,
    },
    /// More combinations than one command can have.
    #[error("a command has at most {MAX_ALTERNATIVES} combinations of keys")]
    TooMany,
}

impl Keys {
    /// Reads "Ctrl+Shift+Z"; case does not matter.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut keys = Self { ctrl: false, alt: false, shift: false, key: String::new() };
        let trimmed = text.trim();
        // "Ctrl++" and "+" mean the plus key.
        let (parts, plus) = match trimmed.strip_suffix('+') {
            Some(rest) if rest.is_empty() || rest.ends_with('+') => (rest.trim_end_matches('+'), true),
            _ => (trimmed, false),
        };
        let parts: Vec<&str> = parts.split('+').map(str::trim).filter(|part| !part.is_empty()).collect();
        for part in parts.into_iter().chain(plus.then_some("Plus")) {
            match part.to_lowercase().as_str() {
                "ctrl" | "control" | "cmd" | "command" => keys.ctrl = true,
                "alt" | "option" => keys.alt = true,
                "shift" => keys.shift = true,
                _ if keys.key.is_empty() => {
                    let unknown = || KeyError::Unknown { text: trimmed.into(), part: part.into() };
                    keys.key = key_name(part).ok_or_else(unknown)?;
                }
                _ => return Err(KeyError::Unknown { text: trimmed.into(), part: part.into() }),
            }
        }
        if keys.key.is_empty() { Err(KeyError::NoKey(text.into())) } else { Ok(keys) }
    }

    /// The key without its modifiers: `Z`, `PageDown`, `[`.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let modifiers = [(self.ctrl, "Ctrl+"), (self.alt, "Alt+"), (self.shift, "Shift+")];
        for (_, name) in modifiers.into_iter().filter(|(held, _)| *held) {
            f.write_str(name)?;
        }
        f.write_str(&self.key)
    }
}

fn key_name(part: &str) -> Option<String> {
    let lower = part.to_lowercase();
    let alias = ALIASES.iter().find(|(other, _)| *other == lower).map(|(_, name)| *name);
    let named = alias.or_else(|| NAMED_KEYS.iter().copied().find(|name| name.to_lowercase() == lower));
    if let Some(name) = named {
        return Some(name.to_owned());
    }
    let mut letters = part.chars();
    match (letters.next(), letters.next()) {
        (Some(one), None) if one.is_ascii_alphanumeric() => Some(one.to_ascii_uppercase().to_string()),
        (Some(one), None) if SIGNS.contains(one) => Some(one.to_string()),
        _ => None,
    }
}

/// Keys that two commands want.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The combination.
    pub keys: Keys,
    /// The commands, in the order of the table; the first one gets it.
    pub commands: Vec<String>,
}

/// The keys of all commands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keymap {
    /// Name, defaults; in the order of the table.
    defaults: Vec<(String, Vec<Keys>)>,
    /// By name of the command; an empty list takes the keys away.
    changed: BTreeMap<String, Vec<Keys>>,
}

impl Keymap {
    /// A table of commands with their keys, alternatives separated by spaces ("Ctrl+Shift+Z Ctrl+Y").
    pub fn new<'a>(defaults: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, KeyError> {
        let read = |(name, keys): (&str, &str)| {
            let keys = keys.split_whitespace().map(Keys::parse).collect::<Result<Vec<_>, _>>()?;
            Ok((name.to_owned(), keys))
        };
        Ok(Self { defaults: defaults.into_iter().map(read).collect::<Result<_, _>>()?, changed: BTreeMap::new() })
    }

    /// Takes over what the user changed, as it stands in the settings. What cannot be read or belongs to no command is left out,
    /// each with a sentence.
    pub fn apply(&mut self, changed: &BTreeMap<String, Vec<String>>) -> Vec<String> {
        self.changed.clear();
        let mut notes = Vec::new();
        for (name, texts) in changed {
            if self.default_of(name).is_none() {
                notes.push(KeyError::NoCommand(name.clone()).to_string());
                continue;
            }
            let read: Result<Vec<Keys>, KeyError> = texts.iter().map(|text| Keys::parse(text)).collect();
            match read {
                Ok(keys) if keys.len() <= MAX_ALTERNATIVES => {
                    self.changed.insert(name.clone(), keys);
                }
                Ok(_) => notes.push(format!("{name}: {}", KeyError::TooMany)),
                Err(error) => notes.push(format!("{name}: {error}; its default keys are used")),
            }
        }
        notes.extend(self.conflicts().into_iter().map(|conflict| {
            let Conflict { keys, commands } = conflict;
            format!("{keys} belongs to {}; {} gets it", commands.join(" and "), commands[0])
        }));
        notes
    }

    /// What the user changed, for the settings.
    pub fn changed(&self) -> BTreeMap<String, Vec<String>> {
        let texts = |keys: &Vec<Keys>| keys.iter().map(ToString::to_string).collect();
        self.changed.iter().map(|(name, keys)| (name.clone(), texts(keys))).collect()
    }

    fn default_of(&self, command: &str) -> Option<&[Keys]> {
        self.defaults.iter().find(|(name, _)| name == command).map(|(_, keys)| keys.as_slice())
    }

    /// Keys of a command; none for one that is not in the table.
    pub fn keys(&self, command: &str) -> &[Keys] {
        match self.changed.get(command) {
            Some(keys) => keys,
            None => self.default_of(command).unwrap_or_default(),
        }
    }

    /// The command that these keys give: the first of the table, where several want them.
    pub fn command(&self, keys: &Keys) -> Option<&str> {
        self.defaults.iter().map(|(name, _)| name.as_str()).find(|name| self.keys(name).contains(keys))
    }

    /// Names and keys of all commands, in the order of the table: the cheat sheet.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[Keys])> {
        self.defaults.iter().map(|(name, _)| (name.as_str(), self.keys(name)))
    }

    /// True when the user changed the keys of this command.
    pub fn is_changed(&self, command: &str) -> bool {
        self.changed.contains_key(command)
    }

    /// Gives a command these keys instead of those that it has. Keys of another command are refused, with its name.
    pub fn set(&mut self, command: &str, keys: Vec<Keys>) -> Result<(), KeyError> {
        let default = self.default_of(command).ok_or_else(|| KeyError::NoCommand(command.into()))?;
        if keys.len() > MAX_ALTERNATIVES {
            return Err(KeyError::TooMany);
        }
        for one in &keys {
            if let Some((other, _)) = self.iter().find(|(name, theirs)| *name != command && theirs.contains(one)) {
                return Err(KeyError::Taken { keys: one.clone(), other: other.to_owned() });
            }
        }
        if keys == default {
            self.changed.remove(command);
        } else {
            self.changed.insert(command.to_owned(), keys);
        }
        Ok(())
    }

    /// Gives a command its default keys again. Refused where another command has taken them.
    pub fn reset(&mut self, command: &str) -> Result<(), KeyError> {
        let default = self.default_of(command).ok_or_else(|| KeyError::NoCommand(command.into()))?.to_vec();
        self.set(command, default)
    }

    /// All defaults again.
    pub fn reset_all(&mut self) {
        self.changed.clear();
    }

    /// Keys that more than one command wants.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let mut wanted: BTreeMap<&Keys, Vec<String>> = BTreeMap::new();
        for (name, keys) in self.iter() {
            keys.iter().for_each(|one| wanted.entry(one).or_default().push(name.to_owned()));
        }
        let several = wanted.into_iter().filter(|(_, commands)| commands.len() > 1);
        several.map(|(keys, commands)| Conflict { keys: keys.clone(), commands }).collect()
    }
}
