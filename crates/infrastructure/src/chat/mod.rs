//! Direct chats in PostgreSQL.

mod rows;

use alumx_domain::account::UserId;
use alumx_domain::chat::{Chat, ChatId, ChatKey, ChatRepository, OpenChatError};
use alumx_domain::clock::Timestamp;
use alumx_domain::page::{Page, PageRequest};
use alumx_domain::repository::RepositoryError;
use async_trait::async_trait;
use diesel::prelude::*;

use crate::db::Db;
use crate::db::pages::Pages;
use crate::schema::chats;
use crate::user::reference::lock_all_living;
use rows::InboxPage;

/// Stores chats in PostgreSQL.
pub struct PgChatRepository {
    db: Db,
    inboxes: Pages<InboxPage>,
}

impl PgChatRepository {
    /// Stores them in this database.
    pub fn new(db: Db) -> Self {
        let inboxes = Pages::new(db.clone());
        Self { db, inboxes }
    }
}

#[async_trait]
impl ChatRepository for PgChatRepository {
    async fn open(
        &self,
        opener: UserId,
        other: UserId,
        now: Timestamp,
    ) -> Result<(Chat, bool), OpenChatError> {
        self.db
            .run(move |conn| conn.transaction(|conn| open(conn, opener, other, now)))
            .await?
    }

    async fn find(&self, id: ChatId, viewer: UserId) -> Result<Option<Chat>, RepositoryError> {
        self.db.run(move |conn| rows::find(conn, id, viewer)).await
    }

    async fn list(
        &self,
        viewer: UserId,
        page: PageRequest<ChatKey>,
    ) -> Result<Page<Chat, ChatKey>, RepositoryError> {
        let inboxes = self.inboxes.of(page.limit);
        inboxes.run(InboxPage { viewer, page }).await
    }
}

fn open(
    conn: &mut PgConnection,
    opener: UserId,
    other: UserId,
    now: Timestamp,
) -> QueryResult<Result<(Chat, bool), OpenChatError>> {
    let living = lock_all_living(conn, &[opener, other])?;
    if !living.contains(&opener) {
        return Ok(Err(OpenChatError::OpenerGone));
    }
    if !living.contains(&other) {
        return Ok(Err(OpenChatError::UnknownUser));
    }
    let (first, second) = (opener.raw().min(other.raw()), opener.raw().max(other.raw()));
    let pair = chats::user1_id.eq(first).and(chats::user2_id.eq(second));
    let of_pair = chats::table.filter(pair).select(chats::chat_id);
    if let Some(id) = of_pair.first(conn).optional()? {
        return rows::known(conn, id, opener).map(|chat| Ok((chat, false)));
    }
    let new: Option<i64> = diesel::insert_into(chats::table)
        .values((
            chats::user1_id.eq(first),
            chats::user2_id.eq(second),
            chats::created_at.eq(now),
            chats::last_activity_at.eq(now),
        ))
        .on_conflict((chats::user1_id, chats::user2_id))
        .do_nothing()
        .returning(chats::chat_id)
        .get_result(conn)
        .optional()?;
    // Without a new one, the other user was faster: with a new look it is there.
    let id = match new {
        Some(id) => id,
        None => of_pair.first(conn)?,
    };
    rows::known(conn, id, opener).map(|chat| Ok((chat, new.is_some())))
}
