//! Messages of a conversation, in pages.

use std::borrow::Cow;
use std::marker::PhantomData;

use alumx_domain::account::UserId;
use alumx_domain::conversation::{Message, MessagesFrom, Seq};
use alumx_domain::page::{Page, PageSize};
use alumx_domain::repository::RepositoryError;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::family::Family;
use super::rows::{MESSAGE, MessageColumns, MessageRow};
use crate::db::Db;
use crate::db::lookup::Lookup;
use crate::db::pages::Pages;
use crate::db::prepared::Value::{self, Number};
use crate::db::prepared::{Sql, prepared};

/// A page for reader `$2` of conversation `$1`: `$4` messages before or after the number `$3`.
struct PageOf<F, const FORWARDS: bool>(PhantomData<F>);

impl<F: Family, const FORWARDS: bool> Sql for PageOf<F, FORWARDS> {
    type Answer = MessageColumns;

    fn text() -> Cow<'static, str> {
        let member = F::MEMBER;
        let numbered = numbered::<F>(FORWARDS);
        let (_, direction) = order(FORWARDS);
        format!(
            "SELECT {MESSAGE} FROM ({numbered} AND EXISTS ({member})
             ORDER BY seq {direction} LIMIT $4) m
             JOIN users u ON u.id = m.sender_id ORDER BY m.seq {direction}"
        )
        .into()
    }
}

pub(super) fn numbered<F: Family>(forwards: bool) -> String {
    let (messages, key) = (F::MESSAGES, F::KEY);
    let (beyond, _) = order(forwards);
    format!("SELECT * FROM {messages} WHERE {key} = $1 AND seq {beyond} $3")
}

pub(super) const fn order(forwards: bool) -> (&'static str, &'static str) {
    if forwards {
        (">", "ASC")
    } else {
        ("<", "DESC")
    }
}

/// At most `$3` messages of conversation `$1` after the number `$2`, whoever asks.
struct After<F>(PhantomData<F>);

impl<F: Family> Sql for After<F> {
    type Answer = MessageColumns;

    fn text() -> Cow<'static, str> {
        let (messages, key) = (F::MESSAGES, F::KEY);
        format!(
            "SELECT {MESSAGE} FROM (
                 SELECT * FROM {messages} WHERE {key} = $1 AND seq > $2 ORDER BY seq LIMIT $3
             ) m JOIN users u ON u.id = m.sender_id ORDER BY m.seq"
        )
        .into()
    }
}

/// Whether user `$2` is in conversation `$1`.
struct IsMember<F>(PhantomData<F>);

impl<F: Family> Sql for IsMember<F> {
    type Answer = Bool;

    fn text() -> Cow<'static, str> {
        format!("SELECT EXISTS ({})", F::MEMBER).into()
    }
}

/// Looks for the messages of a page, of which a stranger finds none.
struct FindPage<F, const FORWARDS: bool> {
    id: i64,
    reader: UserId,
    from: i64,
    limit: PageSize,
    family: PhantomData<F>,
}

impl<F: Family, const FORWARDS: bool> Lookup for FindPage<F, FORWARDS> {
    const NAME: &'static str = "PgConversationRepository::list_messages";

    type Statement = PageOf<F, FORWARDS>;
    type Row = MessageRow;
    type Answer = Vec<Message>;

    fn values(&self) -> Vec<Value> {
        let limit = self.limit.overfetch();
        [self.id, self.reader.raw(), self.from, limit]
            .map(Number)
            .into()
    }

    fn answer(&self, rows: Vec<MessageRow>) -> QueryResult<Vec<Message>> {
        messages::<F>(self.id, rows)
    }
}

/// Looks for pages of one family, backwards and forwards.
pub(super) struct MessagePages<F: Family> {
    db: Db,
    backwards: Pages<FindPage<F, false>>,
    forwards: Pages<FindPage<F, true>>,
}

impl<F: Family> MessagePages<F> {
    pub(super) fn new(db: Db) -> Self {
        Self {
            backwards: Pages::new(db.clone()),
            forwards: Pages::new(db.clone()),
            db,
        }
    }

    /// A page for a reader; `None` for a stranger.
    pub(super) async fn find(
        &self,
        id: i64,
        reader: UserId,
        from: MessagesFrom,
        limit: PageSize,
    ) -> Result<Option<Page<Message, Seq>>, RepositoryError> {
        let (backwards, forwards) = (self.backwards.of(limit), self.forwards.of(limit));
        let before = |seq| find_page(id, reader, seq, limit);
        let messages = match from {
            MessagesFrom::Newest => backwards.run(before(i64::MAX)).await,
            MessagesFrom::Before(seq) => backwards.run(before(seq.get())).await,
            MessagesFrom::After(seq) => {
                let after = find_page(id, reader, seq.get(), limit);
                forwards.run(after).await
            }
        }?;
        // Only an empty page may be a stranger's.
        let is_there = !messages.is_empty() || self.is_member(id, reader).await?;
        Ok(is_there.then(|| Page::cut(messages, limit, |message| message.seq)))
    }

    async fn is_member(&self, id: i64, user: UserId) -> Result<bool, RepositoryError> {
        self.db
            .run(move |conn| {
                let values = [Number(id), Number(user.raw())];
                prepared::<IsMember<F>>(values).get_result(conn)
            })
            .await
    }
}

fn find_page<F, const FORWARDS: bool>(
    id: i64,
    reader: UserId,
    from: i64,
    limit: PageSize,
) -> FindPage<F, FORWARDS> {
    FindPage {
        id,
        reader,
        from,
        limit,
        family: PhantomData,
    }
}

pub(super) fn messages<F: Family>(id: i64, rows: Vec<MessageRow>) -> QueryResult<Vec<Message>> {
    let conversation = F::conversation(id)?;
    rows.into_iter()
        .map(|row| row.into_message(conversation))
        .collect()
}

pub(super) fn after<F: Family>(
    conn: &mut PgConnection,
    id: i64,
    after: Seq,
    limit: PageSize,
) -> QueryResult<Vec<Message>> {
    let limit = i64::try_from(limit.get()).unwrap_or(i64::MAX);
    let values = [id, after.get(), limit].map(Number);
    messages::<F>(id, prepared::<After<F>>(values).load(conn)?)
}
