//! Texts made comparable: what a person would call the same text folds to the same text.
//!
//! Done here and not by PostgreSQL, whose folding depends on the locale of the server.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

/// The most characters of a term; longer words are found by their beginning.
const TERM_CHARS: usize = 64;

/// The most terms of one word that has symbols inside.
const TERMS_PER_WORD: usize = 8;

/// Lower case, without accents, with single spaces.
pub(crate) fn fold(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.nfd().flat_map(char::to_lowercase).nfd() {
        match c {
            '\u{300}'..='\u{36f}' => {}
            // Letters that Unicode doesn't take apart, but people without the key do.
            'ł' => plain.push('l'),
            'ø' => plain.push('o'),
            'đ' | 'ð' => plain.push('d'),
            'ı' => plain.push('i'),
            'ß' => plain.push_str("ss"),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            'þ' => plain.push_str("th"),
            // Greek writes a small sigma differently at the end of a word.
            'ς' => plain.push('σ'),
            c => plain.push(c),
        }
    }
    let plain: String = plain.nfc().collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of a folded text, as somebody may type them, cut to 64 characters. A comma after a
/// word ("Lovelace, Ada") belongs to the sentence.
pub(super) fn words(folded: &str) -> BTreeSet<String> {
    let words = folded
        .split_whitespace()
        .map(|word| match word.trim_end_matches([',', ';']) {
            "" => word,
            word => word,
        });
    words.map(cut).collect()
}

/// The terms under which a folded text is found: each word, and the rest of the word from each
/// place where letters and symbols meet. `node.js` is found by `node`, `node.js`, `.js` and `js`,
/// all of them beginnings of one of its terms. Returns how many bytes of terms are new.
pub(super) fn add_terms(terms: &mut BTreeSet<String>, folded: &str) -> usize {
    let mut added = 0;
    for word in folded.split_whitespace() {
        let mut before: Option<bool> = None;
        let starts = word.char_indices().filter_map(|(at, c)| {
            let kind = Some(c.is_alphanumeric());
            let meets = before != kind;
            before = kind;
            meets.then_some(at)
        });
        for term in starts.take(TERMS_PER_WORD).map(|at| cut(&word[at..])) {
            let bytes = term.len();
            if terms.insert(term) {
                added += bytes;
            }
        }
    }
    added
}

fn cut(word: &str) -> String {
    word.chars().take(TERM_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<String> {
        let mut terms = BTreeSet::new();
        add_terms(&mut terms, &fold(text));
        terms.into_iter().collect()
    }

    #[test]
    fn case_accents_and_spaces_are_folded() {
        assert_eq!(fold("  Zoë \t MÜLLER "), "zoe muller");
        assert_eq!(fold("ΟΔΟΣ Οδός"), "οδοσ οδοσ");
        assert_eq!(
            fold("Łódź Đorđe Straße ÆØ İstanbul ЙОД"),
            "lodz dorde strasse aeo istanbul иод"
        );
        assert_eq!(fold("\u{301}"), "");
    }

    #[test]
    fn words_with_symbols_are_found_from_each_part() {
        assert_eq!(terms("Node.js"), [".js", "js", "node.js"]);
        assert_eq!(terms("C++ 50%"), ["%", "++", "50%", "c++"]);
        assert_eq!(
            terms("O'Hara_x"),
            ["'hara_x", "_x", "hara_x", "o'hara_x", "x"]
        );
    }

    #[test]
    fn a_comma_after_a_word_is_not_looked_for() {
        assert_eq!(
            Vec::from_iter(words("lovelace, ada; ,")),
            [",", "ada", "lovelace"]
        );
    }

    #[test]
    fn hostile_words_make_few_and_short_terms() {
        let terms = terms(&"a.".repeat(250));

        assert_eq!(terms.len(), 2, "the terms are the same after the cut");
        assert!(terms.iter().all(|term| term.chars().count() <= TERM_CHARS));
    }
}
