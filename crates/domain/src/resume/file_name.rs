//! What users call their files.

use std::ops::Deref;

use super::ResumeKind;
use crate::text::InvalidValue;

/// The name of a file as its user calls it, never a place where anything is stored: 1 to 255
/// characters, none of them a control character or a separator of folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName(String);

impl FileName {
    const MAX: usize = 255;

    /// What of `given` can be a name: the end of a path, without control characters, cut before
    /// its ending; `resume.…` if nothing is left of it.
    pub fn new(given: &str, kind: ResumeKind) -> Self {
        let base = given.rsplit(['/', '\\']).next().unwrap_or_default();
        let base: String = base.chars().filter(|c| !is_unseen(*c)).collect();
        let base = base.trim();
        if base.trim_matches('.').is_empty() {
            return Self(format!("resume.{}", kind.extension()));
        }
        Self(shortened(base))
    }
}

/// Control characters, and those that make a name look like another one.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{feff}'
        )
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn shortened(base: &str) -> String {
    let length = base.chars().count();
    if length <= FileName::MAX {
        return base.to_owned();
    }
    let ending = match base.rsplit_once('.') {
        Some((_, ending)) if (1..=16).contains(&ending.chars().count()) => format!(".{ending}"),
        _ => String::new(),
    };
    let keep = FileName::MAX - ending.chars().count();
    let start: String = base.chars().take(keep).collect();
    format!("{}{ending}", start.trim_end())
}

impl TryFrom<String> for FileName {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        let clean = !text.contains(|c: char| c.is_control() || matches!(c, '/' | '\\'));
        if !clean || !(1..=Self::MAX).contains(&text.chars().count()) {
            return Err(InvalidValue::new(
                "invalid_file_name",
                "must be a file name",
            ));
        }
        Ok(Self(text))
    }
}

impl Deref for FileName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(given: &str) -> String {
        FileName::new(given, ResumeKind::Pdf).to_string()
    }

    #[test]
    fn a_name_is_the_end_of_a_path_without_what_is_not_seen() {
        for (given, kept) in [
            ("cv.pdf", "cv.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\ada\\cv.pdf", "cv.pdf"),
            ("a/b\\c.pdf", "c.pdf"),
            ("  cv\r\nSet-Cookie: x.pdf ", "cvSet-Cookie: x.pdf"),
            ("\"quoted\".pdf", "\"quoted\".pdf"),
            ("Lebenslauf – Grüße.pdf", "Lebenslauf – Grüße.pdf"),
            ("cv\u{202e}fdp.exe", "cvfdp.exe"),
        ] {
            assert_eq!(name(given), kept);
        }
    }

    #[test]
    fn where_nothing_is_left_the_name_is_resume() {
        for given in ["", " ", "/", "..", "a/..", "\0\u{7}", "x\\"] {
            assert_eq!(name(given), "resume.pdf", "{given:?}");
        }
        assert_eq!(&*FileName::new("", ResumeKind::Docx), "resume.docx");
    }

    #[test]
    fn a_long_name_is_cut_before_its_ending() {
        let cut = name(&format!("{}.pdf", "ä".repeat(300)));
        assert_eq!(cut, format!("{}.pdf", "ä".repeat(251)));
        let whole = format!("{}.pdf", "a".repeat(251));
        assert_eq!(name(&whole), whole);
        assert_eq!(name(&"a".repeat(256)), "a".repeat(255));
    }

    proptest! {
        #[test]
        fn whatever_is_given_the_name_is_one(given in "\\PC{0,300}|.{0,300}") {
            let made = FileName::new(&given, ResumeKind::Docx);
            prop_assert_eq!(FileName::try_from(made.to_string()), Ok(made));
        }
    }
}
