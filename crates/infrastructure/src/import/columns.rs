//! The columns of a list of people.

use std::collections::HashSet;

use alumx_domain::user::ProfileList;

use super::ImportError;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Column {
    Name,
    Email,
    Username,
    Role,
    GraduationYear,
    Department,
    Company,
    Location,
    CurrentRole,
    List(ProfileList),
    /// What an export tells and an import can't take.
    Ignored,
}

/// Columns that an export has beside these.
pub(crate) const IGNORED: [&str; 4] = ["id", "claimed", "suspended", "created_at"];

/// Those that a list must have.
const REQUIRED: [(Column, &str); 3] = [
    (Column::Name, "name"),
    (Column::Email, "email"),
    (Column::Role, "role"),
];

/// All of them with their names, in the order of an export.
pub(crate) fn all() -> Vec<(String, Column)> {
    let single = [
        ("name", Column::Name),
        ("email", Column::Email),
        ("username", Column::Username),
        ("role", Column::Role),
        ("graduation_year", Column::GraduationYear),
        ("department", Column::Department),
        ("company", Column::Company),
        ("location", Column::Location),
        ("current_role", Column::CurrentRole),
    ];
    let single = single.map(|(name, column)| (name.to_owned(), column));
    let lists = ProfileList::all().map(|list| (list.key().to_owned(), Column::List(list)));
    single.into_iter().chain(lists).collect()
}

/// The columns that a header names, in any letter case, with blanks or `-` for `_`.
pub(super) fn of_header<'a>(
    names: impl Iterator<Item = &'a str>,
) -> Result<Vec<Column>, ImportError> {
    let known = all();
    let mut columns = Vec::new();
    for name in names {
        let plain = name.trim().to_lowercase().replace([' ', '-'], "_");
        let found = known.iter().find(|(known, _)| *known == plain);
        columns.push(match found {
            Some((_, column)) => *column,
            None if IGNORED.contains(&plain.as_str()) => Column::Ignored,
            None => return Err(unknown(name)),
        });
    }
    let mut seen = HashSet::new();
    let telling = columns.iter().filter(|column| **column != Column::Ignored);
    if let Some((name, _)) = telling
        .filter(|column| !seen.insert(**column))
        .find_map(|twice| known.iter().find(|(_, column)| column == twice))
    {
        return Err(ImportError::File(format!("line 1: two columns `{name}`")));
    }
    let missing = REQUIRED
        .iter()
        .find(|(column, _)| !columns.contains(column));
    if let Some((_, name)) = missing {
        let message = format!("line 1: there is no column `{name}`");
        return Err(ImportError::File(message));
    }
    Ok(columns)
}

fn unknown(name: &str) -> ImportError {
    let names: Vec<String> = all().into_iter().map(|(name, _)| name).collect();
    let shown: String = name.chars().take(50).collect();
    ImportError::File(format!(
        "line 1: `{shown}` is no column; separated by commas, there can be {}",
        names.join(", ")
    ))
}

/// The items of a cell, separated by `;`; `\;` is a semicolon and `\\` a backslash of an item.
pub(super) fn split_items(cell: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut letters = cell.chars().peekable();
    while let Some(letter) = letters.next() {
        let escaped = letters.next_if(|next| letter == '\\' && matches!(next, ';' | '\\'));
        match (letter, escaped, items.last_mut()) {
            (';', None, _) => items.push(String::new()),
            (_, Some(escaped), Some(item)) => item.push(escaped),
            (letter, _, Some(item)) => item.push(letter),
            (_, _, None) => {}
        }
    }
    items.retain(|item| !item.trim().is_empty());
    let items = items.iter().map(|item| with_formula(item).to_owned());
    items.collect()
}

/// The cell of these items, as [`split_items`] reads it. Each begins safely, for there are
/// spreadsheets that take a semicolon for the end of a cell.
pub(crate) fn join_items(items: &[String]) -> String {
    let escaped = items
        .iter()
        .map(|item| without_formula(item).replace('\\', "\\\\"))
        .map(|item| item.replace(';', "\\;"));
    escaped.collect::<Vec<_>>().join(";")
}

/// The cell, safe to be opened in a spreadsheet: what would be taken for a formula begins with an
/// apostrophe.
pub(crate) fn without_formula(cell: &str) -> String {
    if is_guarded(cell) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// Takes the apostrophe of [`without_formula`] back, and nothing else.
pub(super) fn with_formula(cell: &str) -> &str {
    let unguarded = cell.strip_prefix('\'');
    unguarded.filter(|rest| is_guarded(rest)).unwrap_or(cell)
}

/// Whether the cell gets an apostrophe: one that has some already gets one more, or it would read
/// back as the formula behind them.
fn is_guarded(cell: &str) -> bool {
    let behind = cell.trim_start_matches('\'');
    behind.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn header(names: &str) -> Result<Vec<Column>, String> {
        of_header(names.split(',')).map_err(|error| error.to_string())
    }

    #[test]
    fn a_header_names_columns_in_any_spelling_each_once() {
        let read = header("Name,E-Mail,role");
        assert!(read.unwrap_err().contains("`E-Mail` is no column"));
        let columns = header("EMAIL, name ,Role,Graduation Year,tech-stack,id").unwrap();
        assert_eq!(columns[3], Column::GraduationYear);
        assert_eq!(columns[4], Column::List(ProfileList::TechStack));
        assert!(header("name,email").unwrap_err().contains("`role`"));
        assert!(
            header("name,email,role,Name")
                .unwrap_err()
                .contains("two columns `name`")
        );
        assert!(header("name;email;role").unwrap_err().contains("commas"));
    }

    #[test]
    fn items_read_back_whatever_is_in_them() {
        let items = ["a;b", r"C:\", r"\;", "plain"].map(str::to_owned);

        assert_eq!(split_items(&join_items(&items)), items);
        let formulas = ["a", "=1+1", "'=1", "-1"].map(str::to_owned);
        assert_eq!(join_items(&formulas), "a;'=1+1;''=1;'-1");
        assert_eq!(split_items(" Rust ; ;SQL;"), [" Rust ", "SQL"]);
        assert_eq!(split_items(r"a\b"), [r"a\b"]);
        assert!(split_items("").is_empty());
    }

    #[test]
    fn no_cell_is_taken_for_a_formula_and_all_read_back() {
        for cell in ["=1+1", "+49", "-x", "@SUM(A1)", "\tx", "\rx"] {
            let safe = without_formula(cell);
            assert_eq!(safe, format!("'{cell}"));
            assert_eq!(with_formula(&safe), cell);
        }
        for cell in ["", "Ada", "'tis", "a=b", "'"] {
            assert_eq!(without_formula(cell), cell);
            assert_eq!(with_formula(cell), cell);
        }
    }

    proptest! {
        #[test]
        fn every_cell_reads_back_as_it_was(cell in r"'{0,3}[-=+@\t\ra']?\PC{0,9}") {
            let safe = without_formula(&cell);

            prop_assert!(!safe.starts_with(['=', '+', '-', '@', '\t', '\r']));
            prop_assert_eq!(with_formula(&safe), cell);
        }

        #[test]
        fn every_list_reads_back_as_it_was(
            items in prop::collection::vec(r"'{0,2}[-=+@;\\a]\PC{0,5}[;\\a]", 0..4),
        ) {
            let cell = without_formula(&join_items(&items));

            prop_assert_eq!(split_items(with_formula(&cell)), items);
        }
    }
}
