//! A person's changes to sentences. Numbers stay bound to their measurements where their text still stands, and a
//! number typed over one is kept beside it.

use super::marks::clean;
use super::{Author, Field, Part, Report, SectionKind, Sentence, SentenceId, SentenceKind, SentenceMark};

/// Longest text that is taken for a typed-over number.
const LONGEST_NUMBER: usize = 24;

/// Why a sentence was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Corrections of signed reports are addenda.
    #[error("the report is signed and does not change: write an addendum instead")]
    Signed,
    /// No such sentence.
    #[error("the sentence is no longer in the report: choose it again")]
    Missing,
    /// Nothing left.
    #[error("a sentence needs words: remove the sentence instead")]
    Empty,
}

/// Gives a sentence new words by a person. The same words change nothing, not even the author.
pub fn edit_sentence(report: &mut Report, id: SentenceId, text: &str, person: &str) -> Result<(), EditError> {
    if report.is_signed() {
        return Err(EditError::Signed);
    }
    let sentence = report.sentence_mut(id).ok_or(EditError::Missing)?;
    let text = clean(text);
    if text.is_empty() {
        return Err(EditError::Empty);
    }
    if text == sentence.text() {
        return Ok(());
    }
    sentence.parts = rebind(&sentence.parts, &text);
    sentence.author = Author::Person(person.to_owned());
    if sentence.kind == SentenceKind::Negative {
        // A negative names the search that ran; these are a person's words now.
        sentence.kind = SentenceKind::Free;
    }
    Ok(())
}

/// Adds a person's sentence at the end of a section. In the Impression it replaces "nothing confirmed yet" at the next
/// [`super::refresh`].
pub fn add_sentence(
    report: &mut Report,
    section: SectionKind,
    text: &str,
    person: &str,
) -> Result<SentenceId, EditError> {
    if report.is_signed() {
        return Err(EditError::Signed);
    }
    let text = clean(text);
    if text.is_empty() {
        return Err(EditError::Empty);
    }
    let id = report.next_sentence_id();
    report.section_mut(section).sentences.push(Sentence {
        id,
        parts: vec![Part::Text(text)],
        kind: SentenceKind::Free,
        evidence: Vec::new(),
        author: Author::Person(person.to_owned()),
        mark: SentenceMark::None,
    });
    Ok(id)
}

/// Takes a sentence out.
pub fn remove_sentence(report: &mut Report, id: SentenceId) -> Result<Sentence, EditError> {
    if report.is_signed() {
        return Err(EditError::Signed);
    }
    for section in &mut report.sections {
        if let Some(at) = section.sentences.iter().position(|s| s.id == id) {
            return Ok(section.sentences.remove(at));
        }
    }
    Err(EditError::Missing)
}

/// The new text, with the old fields where they still stand or where a number was typed over them.
fn rebind(old: &[Part], text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut at = 0;
    for (n, part) in old.iter().enumerate() {
        let Part::Field(field) = part else { continue };
        let found = find_number(&text[at..], &field.text())
            .map(|start| (start, field.text().len(), field.typed.clone()))
            .or_else(|| typed_over(old, n, field, &text[at..]));
        let Some((start, length, typed)) = found else { continue };
        push_text(&mut parts, &text[at..at + start]);
        parts.push(Part::Field(Field { typed: typed.filter(|t| *t != field.measured), ..field.clone() }));
        at += start + length;
    }
    push_text(&mut parts, &text[at..]);
    parts
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
}

/// Where `number` stands as a whole: not "4 mm" in "14 mm", nor "1.4 mm" in "−1.4 mm".
fn find_number(text: &str, number: &str) -> Option<usize> {
    text.match_indices(number).map(|(at, _)| at).find(|&at| {
        let before = text[..at].chars().next_back();
        let after = text[at + number.len()..].chars().next();
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | ',' | '−' | '-'))
            && !after.is_some_and(char::is_alphanumeric)
    })
}

/// What stands where the field stood, if it is short and has a digit: (start, length, typed value).
fn typed_over(old: &[Part], n: usize, field: &Field, text: &str) -> Option<(usize, usize, Option<String>)> {
    let before = n.checked_sub(1).and_then(|b| old.get(b)).and_then(words).unwrap_or_default();
    let after = old.get(n + 1).and_then(words).unwrap_or_default();
    // All the words around it if they still stand, else the nearest one.
    let anchors = |all, nearest: Option<_>| std::iter::once(all).chain(nearest);
    let start = anchors(before, last_word(before)).find_map(|a| text.find(a).map(|at| at + a.len()))?;
    let length = if after.is_empty() {
        text.len() - start
    } else {
        anchors(after, first_word(after)).find_map(|a| text[start..].find(a))?
    };
    let between = &text[start..start + length];
    let value = between.split(" (measured ").next().unwrap_or(between).trim();
    let is_number = value.chars().any(|c| c.is_ascii_digit()) && value.chars().count() <= LONGEST_NUMBER;
    let lead = between.len() - between.trim_start().len();
    let span = between.trim().len();
    let typed = with_unit(value, &field.measured);
    is_number.then_some((start + lead, span, Some(typed)))
}

/// A bare number gets the unit of the measurement that it stands for.
fn with_unit(value: &str, measured: &str) -> String {
    let bare = value.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '−' | '-'));
    match measured.split_once(' ') {
        Some((_, unit)) if bare => format!("{value} {unit}"),
        _ => value.to_owned(),
    }
}

fn words(part: &Part) -> Option<&str> {
    if let Part::Text(text) = part { Some(text) } else { None }
}

/// The end of a text that marks where the next field began: its last word with the space after it.
fn last_word(text: &str) -> Option<&str> {
    let trimmed = text.trim_end();
    let start = trimmed.char_indices().rev().find(|(_, c)| c.is_whitespace()).map_or(0, |(at, c)| at + c.len_utf8());
    (!text.is_empty()).then(|| &text[start..])
}

/// The beginning of a text that marks where the field before it ended.
fn first_word(text: &str) -> Option<&str> {
    let skip = text.len() - text.trim_start().len();
    let end = text[skip..].find(char::is_whitespace).map_or(text.len(), |at| skip + at);
    (!text.is_empty()).then(|| &text[..end])
}
