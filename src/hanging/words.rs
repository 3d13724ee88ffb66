//! Words looked for in texts that people and scanners wrote.

/// Phrases of which any, all or none must occur. Case and punctuation do not count: "t2_tse-sag" holds the words "t2", "tse"
/// and "sag". A phrase is one or more words that follow each other; `*` at its end stands for any ending of the last word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// At least one of these occurs, unless the list is empty.
    pub any: Vec<String>,
    /// Each of these occurs.
    pub all: Vec<String>,
    /// None of these occurs.
    pub none: Vec<String>,
}

impl Words {
    /// Any of these.
    pub fn any(phrases: &[&str]) -> Self {
        Self { any: phrases.iter().map(|p| (*p).to_owned()).collect(), ..Self::default() }
    }

    /// True when nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.any.is_empty() && self.all.is_empty() && self.none.is_empty()
    }

    /// True when the texts together hold what is asked; a phrase lies within one text.
    pub fn fit(&self, texts: &[&str]) -> bool {
        let split: Vec<Vec<String>> = texts.iter().map(|text| words(text)).collect();
        let occurs = |phrase: &String| split.iter().any(|text| holds(text, phrase));
        (self.any.is_empty() || self.any.iter().any(occurs))
            && self.all.iter().all(occurs)
            && !self.none.iter().any(occurs)
    }

    /// "any of chest, thorax; none of abdomen".
    pub fn sentence(&self) -> String {
        let part = |what: &str, list: &[String]| (!list.is_empty()).then(|| format!("{what} {}", list.join(", ")));
        let parts = [part("any of", &self.any), part("all of", &self.all), part("none of", &self.none)];
        parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

/// Words of a text, in lower case.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
}

fn holds(text: &[String], phrase: &str) -> bool {
    let wanted = words(phrase);
    let open_end = phrase.trim_end().ends_with('*');
    let Some((last, before)) = wanted.split_last() else { return false };
    text.windows(wanted.len()).any(|window| {
        let ends = &window[before.len()];
        window[..before.len()] == *before && (ends == last || open_end && ends.starts_with(last.as_str()))
    })
}
