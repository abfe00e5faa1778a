//! Texts as literals of a tsquery, in which every character is a letter.

/// The text as one.
pub(super) fn lexeme(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

/// SQL that makes one of the text that this SQL tells.
pub(super) fn lexeme_of(sql: &str) -> String {
    format!(r"'''' || replace(replace({sql}, '\', '\\'), '''', '''''') || ''''")
}
