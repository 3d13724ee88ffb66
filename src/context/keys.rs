//! Which keys give which command now: the defaults, and what the user changed.

use super::{AppContext, UiCommand};
use crate::settings::keymap::{KeyError, Keymap};

/// The defaults of all commands.
pub fn default_keymap() -> Result<Keymap, KeyError> {
    Keymap::new(UiCommand::ALL.iter().map(|command| (command.name(), command.default_keys())))
}

impl AppContext<'_> {
    /// Keys of a command, alternatives separated by spaces ("Ctrl+Z Ctrl+Y"); empty without.
    pub fn keys(&self, command: UiCommand) -> String {
        let keys = self.keymap.keys(command.name()).iter().map(ToString::to_string);
        keys.collect::<Vec<_>>().join(" ")
    }

    /// The first keys of a command; empty without.
    pub fn first_keys(&self, command: UiCommand) -> String {
        self.keymap.keys(command.name()).first().map_or_else(String::new, ToString::to_string)
    }

    /// Title and first keys, for tooltips: "Undo (Ctrl+Z)".
    pub fn tooltip(&self, command: UiCommand) -> String {
        match self.first_keys(command) {
            keys if keys.is_empty() => command.title().to_owned(),
            keys => format!("{} ({keys})", command.title()),
        }
    }
}
