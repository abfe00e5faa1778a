//! The file with the tokens of invitations: who has it can claim the accounts.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::PathBuf;

use alumx_domain::account::{EmailAddress, InvitationHash, UserId};
use alumx_domain::clock::Timestamp;
use diesel::prelude::*;

use super::columns::without_formula;
use super::{ImportError, ImportPlan};
use crate::private_file;
use crate::schema::invitations;
use crate::token;

/// Invites, if the plan wants it.
pub(super) struct Invitations {
    file: Option<(PathBuf, File)>,
    expires_at: Timestamp,
}

#[derive(Insertable)]
#[diesel(table_name = invitations, treat_none_as_default_value = false)]
struct InvitationRow {
    user_id: i64,
    token_hash: Vec<u8>,
    expires_at: Timestamp,
    created_at: Timestamp,
}

impl Invitations {
    /// A new file that its owner alone can read: one that exists may hold tokens that count.
    pub fn open(plan: &ImportPlan, now: Timestamp) -> Result<Self, ImportError> {
        let expires_at = now + plan.invitation_lifetime;
        let path = plan.invitations.as_ref().filter(|_| !plan.dry_run);
        let file = path.map(|path| -> Result<_, ImportError> {
            let failed = |error| output(path, &error);
            let mut file = private_file(path).map_err(failed)?;
            file.write_all(b"email,token\n").map_err(failed)?;
            Ok((path.clone(), file))
        });
        Ok(Self {
            file: file.transpose()?,
            expires_at,
        })
    }

    /// Whether anybody is invited.
    pub fn wanted(&self) -> bool {
        self.file.is_some()
    }

    /// Where the file ends now, to come back to if a batch fails.
    pub fn position(&mut self) -> Result<u64, ImportError> {
        let Some((path, file)) = &mut self.file else {
            return Ok(0);
        };
        file.stream_position().map_err(|error| output(path, &error))
    }

    /// Takes back what was written after this position: its transaction came to nothing.
    pub fn take_back(&mut self, position: u64) -> Result<(), ImportError> {
        let Some((path, file)) = &mut self.file else {
            return Ok(());
        };
        file.set_len(position)
            .and_then(|()| file.seek(SeekFrom::Start(position)))
            .map(drop)
            .map_err(|error| output(path, &error))
    }

    /// Invites these users; earlier invitations of theirs count no more. When it returns, the
    /// tokens are on the disk.
    pub fn invite(
        &mut self,
        conn: &mut PgConnection,
        people: &[(UserId, EmailAddress)],
        now: Timestamp,
    ) -> Result<u64, ImportError> {
        let Some((path, file)) = &mut self.file else {
            return Ok(0);
        };
        let mut lines = Vec::new();
        let mut rows = Vec::with_capacity(people.len());
        for (user, email) in people {
            let (token, InvitationHash(hash)) = token::new_invitation();
            rows.push(InvitationRow {
                user_id: user.raw(),
                token_hash: hash.to_vec(),
                expires_at: self.expires_at,
                created_at: now,
            });
            write_line(&mut lines, email, &token).map_err(|error| output(path, &error))?;
        }
        let users = people.iter().map(|(user, _)| user.raw());
        let stale = invitations::user_id.eq_any(users.collect::<Vec<_>>());
        diesel::delete(invitations::table.filter(stale)).execute(conn)?;
        diesel::copy_from(invitations::table)
            .from_insertable(&rows)
            .execute(conn)?;
        // Before the commit: else a crash could leave accounts whose tokens nobody has.
        file.write_all(&lines)
            .and_then(|()| file.sync_data())
            .map_err(|error| output(path, &error))?;
        Ok(people.len() as u64)
    }
}

fn write_line(lines: &mut Vec<u8>, email: &str, token: &str) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(lines);
    csv.write_record([&without_formula(email), token])?;
    csv.flush()
}

fn output(path: &std::path::Path, error: &io::Error) -> ImportError {
    let error = match error.kind() {
        io::ErrorKind::AlreadyExists => {
            "the file exists, and may hold tokens that count: name another".to_owned()
        }
        _ => error.to_string(),
    };
    ImportError::Output(format!("the invitations to {}: {error}", path.display()))
}
