//! Profiles and the directory in PostgreSQL.

pub(crate) mod bulk;
mod directory;
mod document;
pub(crate) mod fold;
mod lexeme;
pub(crate) mod name_words;
pub(crate) mod profile;
pub(crate) mod reference;
pub(crate) mod search;

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::page::{Page, PageRequest};
use alumx_domain::repository::RepositoryError;
use alumx_domain::user::{
    DirectoryFilter, DirectoryKey, DirectoryOrder, DocumentFormat, Profile, ProfileDocument,
    ProfileHead, ProfilePatch, ProfileUpdateError, Revision, UserRepository, UserSummary, Whose,
};
use async_trait::async_trait;
use diesel::prelude::*;
pub(crate) use profile::optional;

use crate::db::together::{Shared as _, Together};
use crate::db::{Db, despite_deadlock};
use document::Find;

/// Stores profiles in PostgreSQL and finds users there.
pub struct PgUserRepository {
    db: Db,
    documents: Together<Find<false>>,
}

impl PgUserRepository {
    /// Stores them in this database.
    pub fn new(db: Db) -> Self {
        let documents = Together::new(db.clone());
        Self { db, documents }
    }
}

#[async_trait]
impl UserRepository for PgUserRepository {
    async fn find(&self, id: UserId) -> Result<Option<Profile>, RepositoryError> {
        self.db.read_one(move |conn| profile::find(conn, id)).await
    }

    async fn find_document(
        &self,
        whose: &Whose,
        format: DocumentFormat,
    ) -> Result<Option<(ProfileHead, Option<String>)>, RepositoryError> {
        match whose {
            Whose::Id(id) => self.documents.read_one(Find::by_id(*id, format)).await,
            Whose::Username(name) => {
                let named = Find::by_name(name, format);
                self.db.read_one(move |conn| named.alone(conn)).await
            }
        }
    }

    async fn keep_documents(
        &self,
        format: DocumentFormat,
        documents: Vec<ProfileDocument>,
    ) -> Result<(), RepositoryError> {
        self.db
            .run(move |conn| document::keep(conn, format, &documents))
            .await
    }

    async fn without_document(
        &self,
        format: DocumentFormat,
        after: Option<UserId>,
        limit: i64,
    ) -> Result<Vec<Profile>, RepositoryError> {
        self.db
            .run(move |conn| document::missing(conn, format, after, limit))
            .await
    }

    async fn update(
        &self,
        id: UserId,
        patch: ProfilePatch,
        expected: Option<Vec<Revision>>,
        now: Timestamp,
    ) -> Result<Profile, ProfileUpdateError> {
        self.db
            .run(move |conn| {
                // Two users who swap usernames wait for each other.
                despite_deadlock(conn, |conn| {
                    change(conn, id, &patch, expected.as_deref(), now)
                })
            })
            .await?
    }

    async fn keep_words(&self) -> Result<(), RepositoryError> {
        let mut last = Some(0);
        while let Some(after) = last {
            last = self
                .db
                .run(move |conn| name_words::add_missing(conn, after))
                .await?;
        }
        let mut last = Some(String::new());
        while let Some(after) = last {
            last = self
                .db
                .run(move |conn| name_words::take_away_unused(conn, &after))
                .await?;
        }
        Ok(())
    }

    async fn list(
        &self,
        filter: &DirectoryFilter,
        order: DirectoryOrder,
        page: PageRequest<DirectoryKey>,
    ) -> Result<Page<UserSummary, DirectoryKey>, RepositoryError> {
        let filter = filter.clone();
        self.db
            .read(move |conn| directory::list(conn, &filter, order, &page))
            .await
    }
}

/// Changes a profile in a transaction.
fn change(
    conn: &mut PgConnection,
    id: UserId,
    patch: &ProfilePatch,
    expected: Option<&[Revision]>,
    now: Timestamp,
) -> QueryResult<Result<Profile, ProfileUpdateError>> {
    conn.transaction(|conn| {
        let Some(old) = profile::lock(conn, id)? else {
            return Ok(Err(ProfileUpdateError::NotFound));
        };
        if expected.is_some_and(|expected| !expected.contains(&old.revision)) {
            return Ok(Err(ProfileUpdateError::RevisionMismatch));
        }
        let new = old.patched(patch.clone(), now);
        if new != old {
            profile::store(conn, &old, &new)?;
        }
        Ok(Ok(new))
    })
}
