//! What the fonts can't set: marked where it stands, and told at the end of the document.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_script::{Script, UnicodeScript};

use super::fonts::FontSet;

/// Stands for characters in a row that can't be set.
pub const MARK: char = '\u{FFFD}';

/// Accents on one letter: more of them would be drawn over the lines above.
const MAX_ACCENTS: usize = 3;

/// How many scripts the note names.
const MAX_NAMED: usize = 6;

/// Counts the characters that could not be set, by script.
#[derive(Debug, Clone, Default)]
pub struct Missing(BTreeMap<&'static str, usize>);

impl Missing {
    /// The text as it can be set: composed, with single spaces, without invisible characters, and
    /// with a mark for what the fonts don't have.
    pub fn replace(&mut self, text: &str, fonts: &FontSet) -> String {
        let mut settable = String::with_capacity(text.len());
        let mut accents = 0;
        for character in text.nfc().filter(|character| !is_invisible(*character)) {
            accents = if is_combining_mark(character) {
                accents + 1
            } else {
                0
            };
            if is_space(character) {
                if !settable.ends_with(' ') {
                    settable.push(' ');
                }
            } else if accents > MAX_ACCENTS {
                self.count("stacked accents");
            } else if fonts.has(character) && character != MARK {
                settable.push(character);
            } else {
                self.count(kind(character));
                if !settable.ends_with(MARK) {
                    settable.push(MARK);
                }
            }
        }
        settable.trim().to_owned()
    }

    fn count(&mut self, kind: &'static str) {
        *self.0.entry(kind).or_default() += 1;
    }

    /// What to say about it at the end, if anything is missing.
    pub fn note(&self) -> Option<String> {
        let mut kinds: Vec<_> = self.0.iter().map(|(kind, count)| (*count, *kind)).collect();
        if kinds.is_empty() {
            return None;
        }
        kinds.sort_by_key(|(count, kind)| (std::cmp::Reverse(*count), *kind));
        let mut named: Vec<String> = kinds
            .iter()
            .take(MAX_NAMED)
            .map(|(count, kind)| format!("{kind} ({count})"))
            .collect();
        if kinds.len() > MAX_NAMED {
            let others: usize = kinds[MAX_NAMED..].iter().map(|(count, _)| count).sum();
            named.push(format!("others ({others})"));
        }
        Some(format!(
            "This document can be set in Latin, Greek and Cyrillic script only. Characters of the \
             profile that could not be set, most of them shown as {MARK}: {}.",
            named.join(", ")
        ))
    }
}

fn is_space(character: char) -> bool {
    character.is_whitespace() && !matches!(character, '\u{A0}' | '\u{202F}')
}

/// Characters that only say how others are to be set: joiners, directions, variations, tags.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}')
}

fn kind(character: char) -> &'static str {
    match character.script() {
        Script::Common | Script::Inherited | Script::Unknown => "symbols and emoji",
        script => script.full_name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replace(text: &str) -> (String, Option<String>) {
        let mut missing = Missing::default();
        let settable = missing.replace(text, &FontSet::new().unwrap());
        (settable, missing.note())
    }

    #[test]
    fn latin_greek_and_cyrillic_letters_are_set_as_they_are() {
        for text in [
            "Ada Lovelace, Łódź, Nguyễn Văn Ầ, ıİğŞ, ÆØÅ ß ẞ ĳ",
            "Αλέξανδρος Παπαδόπουλος, ᾠδή",
            "Юлия Ёлкина, Ґалаґан Їжак, Ђорђе, Ңұрсұлтан",
            "C++ ≥ 17 → 20, “quotes” – it’s 5 € · № 1 … ✓ ★",
        ] {
            assert_eq!(replace(text), (text.to_owned(), None));
        }
    }

    #[test]
    fn letters_and_accents_apart_become_one_letter() {
        assert_eq!(replace("e\u{301}"), ("é".to_owned(), None));
    }

    #[test]
    fn what_can_not_be_set_is_marked_once_in_a_row_and_counted_by_script() {
        let (text, note) = replace("Ada 李小龍 (אדה) 🚀👩\u{200D}🔬! देव");

        assert_eq!(text, "Ada \u{FFFD} (\u{FFFD}) \u{FFFD}! \u{FFFD}");
        let note = note.unwrap();
        let ending = "Devanagari (3), Han (3), Hebrew (3), symbols and emoji (3).";
        assert!(note.ends_with(ending), "{note}");
    }

    #[test]
    fn the_note_names_the_most_frequent_scripts_only() {
        let (_, note) = replace("李李 אא กก ဗဗ ಕಕ ぁぁ 가 ა 🚀");

        assert!(note.unwrap().ends_with("others (3)."));
    }

    #[test]
    fn invisible_characters_and_spaces_in_a_row_are_left_out() {
        let text = "  a\u{202E}b\u{200B}c\u{AD}d \u{3000}\t e\u{FE0F} ";

        assert_eq!(replace(text), ("abcd e".to_owned(), None));
    }

    #[test]
    fn accents_do_not_pile_up() {
        let (text, note) = replace(&format!("b{}", "\u{323}".repeat(100)));

        assert_eq!(text.chars().count(), 4);
        assert!(note.unwrap().ends_with("stacked accents (96)."));
    }
}
