//! What a row says of a person.

use alumx_domain::account::{EmailAddress, MemberRole, PersonName, Role, UserId, Username};
use alumx_domain::clock::Timestamp;
use alumx_domain::text::InvalidValue;
use alumx_domain::user::{GraduationYear, Patch, Profile, ProfileLists, ProfilePatch, Revision};

use super::RefusedRow;
use super::columns::{self, Column};

pub(super) type Refused = RefusedRow;

/// A person of the list.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub line: u64,
    pub name: PersonName,
    pub email: EmailAddress,
    pub username: Option<Username>,
    pub role: Role,
    /// The rest: what the row says nothing about is kept.
    pub patch: ProfilePatch,
}

impl Person {
    pub fn refused(&self, reason: impl Into<String>) -> Refused {
        Refused {
            line: self.line,
            email: self.email.clone().into(),
            reason: reason.into(),
        }
    }

    /// The profile of a new account.
    pub fn profile(&self, id: UserId, username: Username, now: Timestamp) -> Profile {
        let empty = Profile {
            id,
            username,
            name: self.name.clone(),
            email: self.email.clone(),
            role: self.role,
            about: None,
            current_company: None,
            current_role: None,
            location: None,
            department: None,
            graduation_year: None,
            linkedin_url: None,
            github_url: None,
            portfolio_url: None,
            lists: ProfileLists::default(),
            created_at: now,
            updated_at: now,
            revision: Revision(1),
        };
        Profile {
            revision: Revision(1),
            ..empty.patched(self.patch.clone(), now)
        }
    }
}

/// What is read of a row, and what is wrong with it so far.
#[derive(Default)]
struct Draft {
    name: Option<PersonName>,
    email: Option<EmailAddress>,
    username: Option<Username>,
    role: Option<Role>,
    patch: ProfilePatch,
    wrong: Vec<String>,
}

impl Draft {
    fn read<T>(&mut self, column: &str, value: Result<T, InvalidValue>) -> Option<T> {
        value
            .map_err(|wrong| self.wrong.push(format!("{column} {wrong}")))
            .ok()
    }

    fn text<T: TryFrom<String, Error = InvalidValue>>(
        &mut self,
        column: &str,
        cell: &str,
    ) -> Option<T> {
        self.read(column, T::try_from(cell.to_owned()))
    }

    /// Sets what an empty cell leaves as it is.
    fn set<T: TryFrom<String, Error = InvalidValue>>(
        &mut self,
        column: &str,
        cell: &str,
    ) -> Patch<T> {
        if cell.is_empty() {
            return Patch::Keep;
        }
        self.text(column, cell).map_or(Patch::Keep, Patch::Set)
    }

    fn take(&mut self, column: Column, cell: &str) {
        match column {
            Column::Name => self.name = self.text("name", cell),
            Column::Email => self.email = self.text("email", cell),
            Column::Username if cell.is_empty() => {}
            Column::Username => self.username = self.text("username", cell),
            Column::Role => {
                let role = self.text::<MemberRole>("role", &cell.to_uppercase());
                self.role = role.map(Role::from);
            }
            Column::GraduationYear => self.patch.graduation_year = self.year(cell),
            Column::Department => self.patch.department = self.set("department", cell),
            Column::Company => self.patch.current_company = self.set("company", cell),
            Column::Location => self.patch.location = self.set("location", cell),
            Column::CurrentRole => self.patch.current_role = self.set("current_role", cell),
            Column::List(list) => {
                let items = columns::split_items(cell);
                if items.is_empty() {
                    return;
                }
                match list.parse(items) {
                    Ok(entries) => drop(self.patch.lists.insert(list, entries)),
                    Err(wrong) => self.wrong.extend(wrong.into_iter().map(|(at, wrong)| {
                        let item = at.map(|at| format!(", item {},", at + 1));
                        format!("{}{} {wrong}", list.key(), item.unwrap_or_default())
                    })),
                }
            }
            Column::Ignored => {}
        }
    }

    fn year(&mut self, cell: &str) -> Patch<GraduationYear> {
        if cell.is_empty() {
            return Patch::Keep;
        }
        // What is no number is no year either.
        let year = GraduationYear::try_from(cell.parse::<i64>().unwrap_or(-1));
        self.read("graduation_year", year)
            .map_or(Patch::Keep, Patch::Set)
    }
}

/// The person of a row, or all that is wrong with it.
pub(super) fn person(line: u64, columns: &[Column], cells: &[&str]) -> Result<Person, Refused> {
    let at = columns.iter().position(|column| *column == Column::Email);
    let email = at.and_then(|at| cells.get(at)).copied().unwrap_or_default();
    let refused = |reason: String| Refused {
        line,
        email: email.chars().take(254).collect(),
        reason,
    };
    if cells.len() != columns.len() {
        let (has, wanted) = (cells.len(), columns.len());
        return Err(refused(format!("has {has} cells, the header {wanted}")));
    }
    let mut draft = Draft::default();
    for (column, cell) in columns.iter().zip(cells) {
        draft.take(*column, cell);
    }
    let Draft {
        name: Some(name),
        email: Some(address),
        username,
        role: Some(role),
        patch,
        wrong,
    } = draft
    else {
        return Err(refused(draft.wrong.join("; ")));
    };
    if !wrong.is_empty() {
        return Err(refused(wrong.join("; ")));
    }
    let patch = ProfilePatch {
        name: Some(name.clone()),
        ..patch
    };
    Ok(Person {
        line,
        name,
        email: address,
        username,
        role,
        patch,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 5] = [
        Column::Name,
        Column::Email,
        Column::Role,
        Column::GraduationYear,
        Column::Username,
    ];

    #[test]
    fn all_that_is_wrong_with_a_row_is_told_at_once() {
        let refused = person(7, &COLUMNS, &["", "ada", "ADMIN", "soon", "a b"]).unwrap_err();

        assert_eq!((refused.line, refused.email.as_str()), (7, "ada"));
        let told: Vec<&str> = refused.reason.split("; ").collect();
        let fields: Vec<_> = told.iter().map(|told| told.split(' ').next()).collect();
        let expected = ["name", "email", "role", "graduation_year", "username"].map(Some);
        assert_eq!(fields, expected);
    }

    #[test]
    fn an_empty_cell_says_nothing() {
        let ada = person(2, &COLUMNS, &["Ada", "ADA@example.org", "alumni", "", ""]).unwrap();

        assert_eq!(&*ada.email, "ada@example.org");
        assert_eq!((ada.role, ada.username), (Role::Alumni, None));
        assert_eq!(ada.patch.graduation_year, Patch::Keep);
    }

    #[test]
    fn a_row_has_as_many_cells_as_the_header() {
        let short = person(3, &COLUMNS, &["Ada"]).unwrap_err();

        assert_eq!(short.reason, "has 1 cells, the header 5");
    }
}
