//! All users, written out for those who run the service.

use std::io::{self, Write};

use alumx_domain::clock::Timestamp;
use alumx_domain::user::{GraduationYear, Profile, ProfileList};
use diesel::prelude::*;
use serde_json::{Map, Value, json};

use crate::db::invalid_value;
use crate::import::columns::{self, Column};
use crate::schema::users;
use crate::user::profile;

/// How many users are read together.
const BATCH: i64 = 500;

/// How users are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// Columns as an import reads them, safe to be opened in a spreadsheet.
    Csv,
    /// A JSON object in each line, with nothing left out or changed.
    JsonLines,
}

/// Why not all users were written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The database could not be reached.
    #[error("the database could not be reached: {0}")]
    Connection(#[from] ConnectionError),
    /// A statement failed, such as on a database that was not migrated.
    #[error("the users can't be read: {0}")]
    Query(#[from] diesel::result::Error),
    /// The output can't be written.
    #[error("the users can't be written: {0}")]
    Output(#[from] io::Error),
    /// As above.
    #[error("the users can't be written: {0}")]
    Csv(#[from] csv::Error),
}

/// A user and what only those who run the service know.
struct User {
    profile: Profile,
    claimed: bool,
    suspended: bool,
}

/// Writes all living users, as they are at one moment, in the order of their ids. Answers how many.
pub fn users(url: &str, format: ExportFormat, output: impl Write) -> Result<u64, ExportError> {
    let mut conn = PgConnection::establish(url)?;
    let mut writer = Writer::begin(format, output)?;
    conn.build_transaction()
        .read_only()
        .repeatable_read()
        .run(|conn| {
            let (mut after, mut count) = (0, 0);
            loop {
                let users = batch(conn, after)?;
                let Some(last) = users.last() else {
                    writer.finish()?;
                    return Ok(count);
                };
                after = last.profile.id.raw();
                count += users.len() as u64;
                for user in &users {
                    writer.write(user)?;
                }
            }
        })
}

fn batch(conn: &mut PgConnection, after: i64) -> QueryResult<Vec<User>> {
    let flags: Vec<(i64, bool, Option<Timestamp>)> = users::table
        .filter(users::id.gt(after).and(users::deleted_at.is_null()))
        .order(users::id)
        .limit(BATCH)
        .select((
            users::id,
            users::password_hash.is_not_null(),
            users::suspended_at,
        ))
        .load(conn)?;
    let ids: Vec<i64> = flags.iter().map(|(id, ..)| *id).collect();
    let profiles = profile::find_all(conn, &ids)?;
    if profiles.len() != flags.len() {
        return Err(invalid_value("a user came or went within a snapshot"));
    }
    let users = profiles.into_iter().zip(flags);
    Ok(users
        .map(|(profile, (_, claimed, suspended_at))| User {
            profile,
            claimed,
            suspended: suspended_at.is_some(),
        })
        .collect())
}

enum Writer<W: Write> {
    Csv(Box<csv::Writer<W>>),
    JsonLines(io::BufWriter<W>),
}

impl<W: Write> Writer<W> {
    fn begin(format: ExportFormat, output: W) -> Result<Self, ExportError> {
        if format == ExportFormat::JsonLines {
            return Ok(Self::JsonLines(io::BufWriter::new(output)));
        }
        let mut csv = csv::Writer::from_writer(output);
        let names = columns::all().into_iter().map(|(name, _)| name);
        let more = columns::IGNORED.map(str::to_owned);
        csv.write_record(names.chain(more))?;
        Ok(Self::Csv(Box::new(csv)))
    }

    fn write(&mut self, user: &User) -> Result<(), ExportError> {
        match self {
            Self::Csv(csv) => {
                let cells = columns::all()
                    .into_iter()
                    .map(|(_, column)| columns::without_formula(&cell(&user.profile, column)));
                let more = [
                    user.profile.id.to_string(),
                    user.claimed.to_string(),
                    user.suspended.to_string(),
                    user.profile.created_at.to_rfc3339(),
                ];
                csv.write_record(cells.chain(more))?;
            }
            Self::JsonLines(output) => writeln!(output, "{}", object(user))?,
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::Csv(csv) => csv.flush(),
            Self::JsonLines(output) => output.flush(),
        }
    }
}

fn cell(user: &Profile, column: Column) -> String {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    match column {
        Column::Name => user.name.to_string(),
        Column::Email => user.email.to_string(),
        Column::Username => user.username.to_string(),
        Column::Role => user.role.to_string(),
        Column::GraduationYear => {
            let year = user.graduation_year.map(GraduationYear::get);
            year.map(|year| year.to_string()).unwrap_or_default()
        }
        Column::Department => text(user.department.as_deref()),
        Column::Company => text(user.current_company.as_deref()),
        Column::Location => text(user.location.as_deref()),
        Column::CurrentRole => text(user.current_role.as_deref()),
        Column::List(list) => columns::join_items(user.lists.get(list)),
        Column::Ignored => String::new(),
    }
}

fn object(user: &User) -> Value {
    let profile = &user.profile;
    let lists: Map<String, Value> = ProfileList::all()
        .map(|list| (list.key().to_owned(), json!(profile.lists.get(list))))
        .collect();
    json!({
        "id": profile.id.raw(),
        "username": &*profile.username,
        "name": &*profile.name,
        "email": &*profile.email,
        "role": profile.role,
        "about": profile.about.as_deref(),
        "current_company": profile.current_company.as_deref(),
        "current_role": profile.current_role.as_deref(),
        "location": profile.location.as_deref(),
        "department": profile.department.as_deref(),
        "graduation_year": profile.graduation_year.map(GraduationYear::get),
        "linkedin_url": profile.linkedin_url.as_deref(),
        "github_url": profile.github_url.as_deref(),
        "portfolio_url": profile.portfolio_url.as_deref(),
        "lists": lists,
        "claimed": user.claimed,
        "suspended": user.suspended,
        "created_at": profile.created_at,
        "updated_at": profile.updated_at,
    })
}
