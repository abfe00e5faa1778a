//! What somebody typed, turned into queries and patterns in which every character is a letter.

use alumx_domain::user::SearchText;

use crate::user::fold::{fold, words};
use crate::user::lexeme::lexeme;

/// The most words of a search that are looked up, the longest first: more make it no sharper.
const MAX_WORDS: usize = 8;

/// What was typed, in the forms in which it is looked up.
pub(super) struct Search {
    pub folded: String,
    /// Its words that may be misspelt: those of three letters and more.
    pub typed: Vec<String>,
    /// Query of its words, each of which must begin a word; `None` if there is none.
    pub words: Option<String>,
}

impl Search {
    pub fn new(text: &SearchText) -> Self {
        let folded = fold(text);
        let mut longest: Vec<String> = words(&folded).into_iter().collect();
        longest.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
        longest.truncate(MAX_WORDS);
        let terms: Vec<_> = longest
            .iter()
            .map(|word| format!("{}:*", lexeme(word)))
            .collect();
        longest.retain(|word| word.chars().count() > 2);
        let words = (!terms.is_empty()).then(|| terms.join(" & "));
        Self {
            folded,
            typed: longest,
            words,
        }
    }

    /// What comes after all texts that begin with it, in the order of their bytes: it goes on with
    /// the last of all characters, which is none (Unicode, noncharacters).
    pub fn beyond(&self) -> String {
        format!("{}{}", self.folded, char::MAX)
    }
}

/// What a word may be if two letters next to each other were swapped, with spaces in between.
pub(super) fn swapped(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let swaps = (1..letters.len()).filter(|at| letters[at - 1] != letters[*at]);
    let swaps = swaps.map(|at| {
        let mut letters = letters.clone();
        letters.swap(at - 1, at);
        String::from_iter(letters)
    });
    swaps.collect::<Vec<_>>().join(" ")
}

/// The text as a literal of a LIKE pattern.
pub(super) fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_")
}
