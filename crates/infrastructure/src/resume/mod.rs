//! What is known of resumes, in PostgreSQL.

pub(crate) mod bulk;
mod inspect;
pub mod typeset;

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::file::{FileKey, Sha256};
use alumx_domain::repository::RepositoryError;
use alumx_domain::resume::{NewResume, Replaced, Resume, ResumeRepository, ResumeWriteError};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::upsert::excluded;

use crate::db::{Db, invalid_value};
use crate::schema::{resume, users};

pub use inspect::ContentInspector;

/// Stores what is known of resumes in PostgreSQL.
pub struct PgResumeRepository(pub Db);

#[derive(Queryable, Selectable)]
#[diesel(table_name = resume)]
struct ResumeRow {
    user_id: i64,
    file_name: String,
    file_type: String,
    file_url: String,
    file_size: i64,
    sha256: Vec<u8>,
    version: i32,
    uploaded_at: Timestamp,
}

impl ResumeRow {
    fn into_resume(self) -> QueryResult<Resume> {
        let hash = <[u8; 32]>::try_from(self.sha256).map_err(|_| invalid_value("no SHA-256"))?;
        Ok(Resume {
            user: self.user_id.try_into().map_err(invalid_value)?,
            file_name: self.file_name.try_into().map_err(invalid_value)?,
            kind: self.file_type.try_into().map_err(invalid_value)?,
            key: self.file_url.try_into().map_err(invalid_value)?,
            size: self.file_size.try_into().map_err(invalid_value)?,
            sha256: Sha256(hash),
            version: self.version,
            uploaded_at: self.uploaded_at,
        })
    }
}

fn find(conn: &mut PgConnection, user: UserId) -> QueryResult<Option<Resume>> {
    let row: Option<ResumeRow> = resume::table
        .filter(resume::user_id.eq(user.raw()))
        .select(ResumeRow::as_select())
        .first(conn)
        .optional()?;
    row.map(ResumeRow::into_resume).transpose()
}

/// Whether there is the user. Nobody else writes as the user until the transaction ends: of two
/// uploads, the later one has to find the file of the other.
fn lock_alone(conn: &mut PgConnection, user: UserId) -> QueryResult<bool> {
    let living: Option<i64> = users::table
        .filter(users::id.eq(user.raw()).and(users::deleted_at.is_null()))
        .select(users::id)
        .for_no_key_update()
        .first(conn)
        .optional()?;
    Ok(living.is_some())
}

fn replace(
    conn: &mut PgConnection,
    user: UserId,
    new: &NewResume,
    now: Timestamp,
) -> QueryResult<Option<Replaced>> {
    if !lock_alone(conn, user)? {
        return Ok(None);
    }
    let old = find(conn, user)?.map(|resume| resume.key);
    let row: ResumeRow = diesel::insert_into(resume::table)
        .values((
            resume::user_id.eq(user.raw()),
            resume::file_name.eq(&*new.file_name),
            resume::file_type.eq(new.kind.media_type()),
            resume::file_url.eq(new.key.to_string()),
            resume::file_size.eq(i64::try_from(new.size).map_err(invalid_value)?),
            resume::sha256.eq(&new.sha256.0[..]),
            resume::version.eq(1),
            resume::uploaded_at.eq(now),
        ))
        .on_conflict(resume::user_id)
        .do_update()
        .set((
            resume::file_name.eq(excluded(resume::file_name)),
            resume::file_type.eq(excluded(resume::file_type)),
            resume::file_url.eq(excluded(resume::file_url)),
            resume::file_size.eq(excluded(resume::file_size)),
            resume::sha256.eq(excluded(resume::sha256)),
            resume::version.eq(resume::version + 1),
            resume::uploaded_at.eq(excluded(resume::uploaded_at)),
        ))
        .returning(ResumeRow::as_returning())
        .get_result(conn)?;
    let resume = row.into_resume()?;
    Ok(Some(Replaced { resume, old }))
}

#[async_trait]
impl ResumeRepository for PgResumeRepository {
    async fn find(&self, user: UserId) -> Result<Option<Resume>, RepositoryError> {
        self.0.run(move |conn| find(conn, user)).await
    }

    async fn replace(
        &self,
        user: UserId,
        new: &NewResume,
        now: Timestamp,
    ) -> Result<Replaced, ResumeWriteError> {
        let new = new.clone();
        let replaced = self
            .0
            .run(move |conn| conn.transaction(|conn| replace(conn, user, &new, now)))
            .await?;
        replaced.ok_or(ResumeWriteError::OwnerGone)
    }

    async fn delete(&self, user: UserId) -> Result<Option<FileKey>, RepositoryError> {
        self.0
            .run(move |conn| {
                let key: Option<String> =
                    diesel::delete(resume::table.filter(resume::user_id.eq(user.raw())))
                        .returning(resume::file_url)
                        .get_result(conn)
                        .optional()?;
                key.map(|key| key.try_into().map_err(invalid_value))
                    .transpose()
            })
            .await
    }
}
