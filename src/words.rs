//! The texts of the interface, in the user's language (Fluent, `assets/words/*.ftl`).
//!
//! English is complete; another language is a file alone, and what it lacks is said in English, message by message. The
//! language is chosen once, at the start ([`choose`]): the user's setting, else the system's.
//!
//! Texts without arguments are made ready when they are loaded, so that asking for one costs a look-up ([`text`]). Numbers
//! that carry a unit are formatted by whoever knows how they are rounded, and come as texts; counts come as numbers, so that
//! plurals fit. `tests/it/words.rs` holds every id in the source against the English file, and the other way round.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentError, FluentResource, FluentValue};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::OnceLock;
use unic_langid::LanguageIdentifier;

/// Primary language and file of each language; English comes first, and is what others fall back to.
pub const LANGUAGES: &[(&str, &str)] =
    &[("en", include_str!("../assets/words/en.ftl")), ("de", include_str!("../assets/words/de.ftl"))];

static CHOSEN: OnceLock<Words> = OnceLock::new();

/// Chooses the language: "de", "de-AT", "de_DE.UTF-8"; empty takes the system's. Only the first call counts, before any text
/// was asked for; `false` says that it came too late.
pub fn choose(language: &str) -> bool {
    CHOSEN.set(Words::load(&chosen_of(language), LANGUAGES)).is_ok()
}

fn chosen() -> &'static Words {
    CHOSEN.get_or_init(|| Words::load(&chosen_of(""), LANGUAGES))
}

/// The setting, else what the system says, in the order of POSIX.
fn chosen_of(setting: &str) -> String {
    if !setting.trim().is_empty() {
        return setting.to_owned();
    }
    let variables = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter();
    variables.filter_map(|name| std::env::var(name).ok()).find(|value| !value.is_empty()).unwrap_or_default()
}

/// The primary language that texts are in now: "en".
pub fn language() -> &'static str {
    chosen().language()
}

/// A text without arguments. An id that no file has is its own text (a test finds it).
pub fn text(id: &'static str) -> &'static str {
    chosen().text(id).unwrap_or(id)
}

/// A text with arguments.
pub fn with(id: &'static str, arguments: &[(&'static str, Argument<'_>)]) -> String {
    chosen().with(id, arguments).unwrap_or_else(|| id.to_owned())
}

/// The title of a command by its name in the source: `ToolWindow` is `command-tool-window`.
pub fn command(name: &str) -> Option<&'static str> {
    chosen().text(&id_of("command", name))
}

/// The id of a name in the source: `("export", "KeyImages")` gives `export-key-images`.
pub fn id_of(prefix: &str, name: &str) -> String {
    let mut id = prefix.to_owned();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            id.push('-');
        }
        id.push(letter.to_ascii_lowercase());
    }
    id
}

/// What a text is filled with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Argument<'a> {
    /// As it is.
    Text(&'a str),
    /// A count: plurals follow it.
    Count(usize),
}

impl<'a> From<&'a str> for Argument<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Argument<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl From<usize> for Argument<'_> {
    fn from(count: usize) -> Self {
        Self::Count(count)
    }
}

/// The texts of one language over English.
pub struct Words {
    language: String,
    /// The language, then English.
    bundles: Vec<FluentBundle<FluentResource>>,
    /// Texts that need no arguments.
    ready: HashMap<String, String>,
    flaws: Vec<String>,
}

impl Words {
    /// Loads a language of `files` (each a primary language and its Fluent text, the first one what is fallen back to).
    pub fn load(language: &str, files: &[(&str, &str)]) -> Self {
        let primary: String =
            language.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
        let own = files.iter().find(|(name, _)| *name == primary);
        let base = files.first();
        let mut words = Self {
            language: own.or(base).map_or_else(String::new, |(name, _)| (*name).to_owned()),
            bundles: Vec::new(),
            ready: HashMap::new(),
            flaws: Vec::new(),
        };
        let is_base = own.is_none() || own == base;
        for (name, source) in own.filter(|_| !is_base).into_iter().chain(base) {
            words.add(name, source);
        }
        words
    }

    fn add(&mut self, name: &str, source: &str) {
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(whole_parts, errors)| {
            self.flaws.extend(errors.iter().map(|error| format!("{name}: {error}")));
            whole_parts
        });
        let ids = ids(&resource);
        let mut bundle = FluentBundle::new_concurrent(name.parse::<LanguageIdentifier>().ok().into_iter().collect());
        // Isolation marks are for terminals of mixed direction; the fonts here would draw them as boxes.
        bundle.set_use_isolating(false);
        if let Err(errors) = bundle.add_resource(resource) {
            self.flaws.extend(errors.iter().map(|error| format!("{name}: {error}")));
        }
        for id in ids {
            let Some(pattern) = bundle.get_message(&id).and_then(|message| message.value()) else { continue };
            let mut errors = Vec::new();
            let text = bundle.format_pattern(pattern, None, &mut errors).into_owned();
            if errors.is_empty() {
                self.ready.entry(id).or_insert(text);
            } else if !errors.iter().all(is_missing_argument) {
                self.flaws.push(format!("{name}: {id}: {}", sentence(&errors)));
            }
        }
        self.bundles.push(bundle);
    }

    /// The primary language of the texts: "en".
    pub fn language(&self) -> &str {
        &self.language
    }

    /// What is wrong with the files, in sentences; a test demands that there is nothing.
    pub fn flaws(&self) -> &[String] {
        &self.flaws
    }

    /// A text that needs no arguments.
    pub fn text(&self, id: &str) -> Option<&str> {
        self.ready.get(id).map(String::as_str)
    }

    /// A text with its arguments; in English where the language lacks it.
    pub fn with(&self, id: &str, arguments: &[(&'static str, Argument<'_>)]) -> Option<String> {
        let mut filled = FluentArgs::new();
        for (name, value) in arguments {
            match value {
                Argument::Text(text) => filled.set(*name, FluentValue::from(*text)),
                Argument::Count(count) => filled.set(*name, FluentValue::from(*count)),
            }
        }
        self.bundles.iter().find_map(|bundle| {
            let pattern = bundle.get_message(id)?.value()?;
            let mut errors = Vec::new();
            let text = bundle.format_pattern(pattern, Some(&filled), &mut errors).into_owned();
            errors.is_empty().then_some(text)
        })
    }
}

/// The ids of all messages of a file.
fn ids(resource: &FluentResource) -> Vec<String> {
    let source = resource.source();
    let id = |line: &str| {
        let (id, _) = line.split_once('=')?;
        line.starts_with(|c: char| c.is_ascii_alphabetic()).then(|| id.trim_end().to_owned())
    };
    source.lines().filter_map(id).collect()
}

/// Texts with arguments are not ready before they have them.
fn is_missing_argument(error: &FluentError) -> bool {
    use fluent_bundle::resolver::ResolverError;
    use fluent_bundle::resolver::errors::ReferenceKind;
    matches!(error, FluentError::ResolverError(ResolverError::Reference(ReferenceKind::Variable { .. })))
}

fn sentence(errors: &[FluentError]) -> String {
    let mut text = String::new();
    for error in errors {
        let _ = write!(text, "{error}; ");
    }
    text
}
