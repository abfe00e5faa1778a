//! Texts that were checked when they were built: nobody validates twice.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

/// Why a value was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InvalidValue {
    /// Stable name of the broken rule, for machines.
    pub code: &'static str,
    /// The rule, for people; follows the name of the field ("must be …").
    pub message: String,
}

impl InvalidValue {
    /// A refusal by the rule `code`, told to people as `message`.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

/// Text of `MIN` to `MAX` characters (Unicode scalar values) after trimming, without control
/// characters. With `LINES`, line breaks and tabs are allowed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Text<const MIN: usize, const MAX: usize, const LINES: bool = false>(String);

/// One line of text, see [`Text`].
pub type Line<const MIN: usize, const MAX: usize> = Text<MIN, MAX, false>;

/// Text that may have several lines, see [`Text`].
pub type Paragraphs<const MIN: usize, const MAX: usize> = Text<MIN, MAX, true>;

impl<const MIN: usize, const MAX: usize, const LINES: bool> TryFrom<String>
    for Text<MIN, MAX, LINES>
{
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        let text = trimmed(text);
        check_characters(&text, LINES)?;
        check_length(&text, MIN, MAX)?;
        Ok(Self(text))
    }
}

impl<const MIN: usize, const MAX: usize, const LINES: bool> From<Text<MIN, MAX, LINES>> for String {
    fn from(text: Text<MIN, MAX, LINES>) -> Self {
        text.0
    }
}

impl<const MIN: usize, const MAX: usize, const LINES: bool> Deref for Text<MIN, MAX, LINES> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MIN: usize, const MAX: usize, const LINES: bool> fmt::Display for Text<MIN, MAX, LINES> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text in lower case, letter by letter: the same letter becomes the same wherever it stands
/// (`str::to_lowercase` writes a Greek sigma at the end of a word differently).
pub fn lower_case(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// The text without white space around it, not copied if there is none.
pub(crate) fn trimmed(text: String) -> String {
    match text.trim() {
        inner if inner.len() == text.len() => text,
        inner => inner.to_owned(),
    }
}

/// Refuses NUL and control characters; with `lines`, line breaks and tabs pass.
pub(crate) fn check_characters(text: &str, lines: bool) -> Result<(), InvalidValue> {
    let allowed = |c: char| lines && matches!(c, '\n' | '\r' | '\t');
    // Almost all texts are of these bytes, which are looked at many at a time.
    let plain = |b: u8| (b' '..0x7f).contains(&b) || (lines && b == b'\n');
    let all_plain = text.bytes().fold(true, |all, b| all & plain(b));
    if !all_plain && text.chars().any(|c| c.is_control() && !allowed(c)) {
        let message = if lines {
            "must not contain control characters other than line breaks and tabs"
        } else {
            "must not contain control characters or line breaks"
        };
        return Err(InvalidValue::new("invalid_character", message));
    }
    Ok(())
}

/// Refuses texts of fewer than `min` or more than `max` characters.
pub(crate) fn check_length(text: &str, min: usize, max: usize) -> Result<(), InvalidValue> {
    match text.chars().count() {
        0 if min > 0 => Err(InvalidValue::new("required", "must not be empty")),
        n if n < min => Err(InvalidValue::new(
            "too_short",
            format!("must have at least {min} characters"),
        )),
        n if n > max => Err(InvalidValue::new(
            "too_long",
            format!("must have at most {max} characters"),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Name = Line<2, 5>;
    type Note = Paragraphs<0, 5>;

    fn code<T: TryFrom<String, Error = InvalidValue>>(text: &str) -> Option<&'static str> {
        T::try_from(text.to_owned())
            .err()
            .map(|invalid| invalid.code)
    }

    #[test]
    fn length_counts_characters_after_trimming() {
        assert_eq!(code::<Name>("  "), Some("required"));
        assert_eq!(code::<Name>(" a "), Some("too_short"));
        assert_eq!(code::<Name>("  ab  "), None);
        assert_eq!(code::<Name>("😀😀😀😀😀"), None);
        assert_eq!(code::<Name>("😀😀😀😀😀😀"), Some("too_long"));
        assert_eq!(code::<Note>(""), None);
    }

    #[test]
    fn control_characters_are_refused_and_line_breaks_only_where_lines_are() {
        assert_eq!(code::<Name>("a\0b"), Some("invalid_character"));
        assert_eq!(code::<Name>("a\nb"), Some("invalid_character"));
        assert_eq!(code::<Note>("a\n\tb"), None);
        assert_eq!(code::<Note>("a\0b"), Some("invalid_character"));
        assert_eq!(code::<Note>("a\u{85}b"), Some("invalid_character"));
    }

    proptest! {
        #[test]
        fn what_is_accepted_keeps_the_rule_and_reads_back_the_same(text in ".{0,8}") {
            if let Ok(name) = Name::try_from(text.clone()) {
                prop_assert!((2..=5).contains(&name.chars().count()));
                prop_assert_eq!(name.trim(), &*name);
                let again = Name::try_from(String::from(name.clone()));
                prop_assert_eq!(again, Ok(name));
            }
        }
    }
}
