//! Which messages of a conversation are asked for.

use std::marker::PhantomData;

use alumx_domain::conversation::{Message, MessageSearch, MessagesFrom, Seq};
use alumx_domain::page::{Page, PageSize};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::MessageResponse;
use super::page::ConversationLists;
use crate::http::page::{CursorKey, PageResponse, take_page};
use crate::http::query::{FromQuery, Parameters};

/// Where a page of messages ends and in which direction it goes on; clients must not read it.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub enum MessageCursor {
    #[serde(rename = "b")]
    Before(i64),
    #[serde(rename = "a")]
    After(i64),
}

/// Where a page of messages of a `T` begins.
struct MessagesAt<T>(MessagesFrom, PhantomData<fn() -> T>);

impl<T: ConversationLists> CursorKey for MessagesAt<T> {
    const LIST: &'static str = T::MESSAGES;
    /// The beginning needs none.
    type Written = Option<MessageCursor>;

    fn write(self) -> Option<MessageCursor> {
        match self.0 {
            MessagesFrom::Newest => None,
            MessagesFrom::Before(seq) => Some(MessageCursor::Before(seq.get())),
            MessagesFrom::After(seq) => Some(MessageCursor::After(seq.get())),
        }
    }

    fn read(written: Option<MessageCursor>) -> Option<Self> {
        let from = match written? {
            MessageCursor::Before(seq) => MessagesFrom::Before(Seq::try_from(seq).ok()?),
            MessageCursor::After(seq) => MessagesFrom::After(Seq::try_from(seq).ok()?),
        };
        Some(Self(from, PhantomData))
    }
}

/// What a page of messages of a `T` is asked for with.
pub struct MessagesQuery<T> {
    /// Which, and in what order.
    pub from: MessagesFrom,
    /// What they contain.
    pub search: Option<MessageSearch>,
    /// How many at most.
    pub limit: PageSize,
    of: PhantomData<fn() -> T>,
}

impl<T: ConversationLists> FromQuery for MessagesQuery<T> {
    fn read(parameters: &mut Parameters) -> Option<Self> {
        let search = parameters.take("q");
        let before = parameters.take::<Seq>("beforeSeq");
        let after = parameters.take::<Seq>("afterSeq");
        let page = take_page::<MessagesAt<T>>(parameters, |_| true);
        let (before, after, page) = (before?, after?, page?);
        let from = [
            page.after.map(|at| at.0),
            before.map(MessagesFrom::Before),
            after.map(MessagesFrom::After),
        ];
        let mut from = from.into_iter().flatten();
        let first = from.next().unwrap_or(MessagesFrom::Newest);
        if from.next().is_some() {
            let name = if after.is_some() {
                "afterSeq"
            } else {
                "beforeSeq"
            };
            let message = "must be the only one of cursor, beforeSeq and afterSeq";
            parameters.refuse(name, "conflicting", message);
            return None;
        }
        Some(Self {
            from: first,
            search: search?,
            limit: page.limit,
            of: PhantomData,
        })
    }
}

impl<T: ConversationLists> MessagesQuery<T> {
    /// The page that was asked for from there, as JSON.
    pub fn answer(from: MessagesFrom, page: Page<Message, Seq>) -> PageResponse<MessageResponse> {
        let Page { items, next } = page;
        let next = next.map(|last| MessagesAt::<T>(from.going_on_after(last), PhantomData));
        PageResponse::new(Page { items, next }, MessageResponse::from)
    }
}

/// Which messages: the newest first, unless `afterSeq` is given. Of `cursor`, `beforeSeq` and
/// `afterSeq` one at most.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents what MessagesQuery reads")]
pub struct MessageParameters {
    /// The message contains this, letter case ignored. At most 20,000 messages are looked through
    /// for a page: one with few items or none goes on if it has a `nextCursor`.
    #[param(min_length = 1, max_length = 200)]
    q: Option<String>,
    /// Only messages before this number, backwards from there.
    #[param(minimum = 0)]
    before_seq: Option<i64>,
    /// Only messages after this number, forwards from there; all its pages go forwards.
    #[param(minimum = 0)]
    after_seq: Option<i64>,
}

#[cfg(test)]
mod tests {
    use alumx_domain::chat::Chat;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn seq(number: i64) -> Seq {
        Seq::try_from(number).unwrap()
    }

    fn from(query: &str) -> Option<MessagesFrom> {
        let read = Parameters::read_all::<MessagesQuery<Chat>>(query).ok();
        read.map(|query| query.from)
    }

    fn cursor(json: &str) -> String {
        let json = format!(r#"["chat-messages",{json}]"#);
        format!("cursor={}", URL_SAFE_NO_PAD.encode(json))
    }

    #[test]
    fn one_place_to_begin_or_none() {
        assert_eq!(from(""), Some(MessagesFrom::Newest));
        assert_eq!(from("beforeSeq=7"), Some(MessagesFrom::Before(seq(7))));
        assert_eq!(from("afterSeq=0&q=a"), Some(MessagesFrom::After(seq(0))));
        let (back, on) = (cursor(r#"{"b":3}"#), cursor(r#"{"a":3}"#));
        assert_eq!(from(&back), Some(MessagesFrom::Before(seq(3))));
        assert_eq!(from(&on), Some(MessagesFrom::After(seq(3))));
        for two in [
            "beforeSeq=7&afterSeq=1",
            &format!("{back}&beforeSeq=7"),
            &format!("{back}&afterSeq=7"),
            &format!("{back}&beforeSeq=7&afterSeq=7"),
            &format!("{back}&{on}"),
        ] {
            assert_eq!(from(two), None, "{two}");
        }
    }

    #[test]
    fn a_page_goes_on_in_the_direction_of_its_cursor() {
        for (begun, cursor) in [
            (MessagesFrom::Newest, r#"{"b":3}"#),
            (MessagesFrom::Before(seq(9)), r#"{"b":3}"#),
            (MessagesFrom::After(seq(1)), r#"{"a":3}"#),
        ] {
            let next = MessagesAt::<Chat>(begun.going_on_after(seq(3)), PhantomData);
            assert_eq!(
                serde_json::to_string(&next.write()).unwrap_or_default(),
                cursor
            );
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for json in [
            r#"{"b":-1}"#,
            r#"{"a":-1}"#,
            r#"{"b":9223372036854775808}"#,
            r#"{"b":1.5}"#,
            r#"{"c":1}"#,
            r#"{"a":1,"b":1}"#,
            "1",
            "null",
            "",
        ] {
            assert_eq!(from(&cursor(json)), None, "{json}");
        }
        for query in [
            "beforeSeq=-1",
            "afterSeq=-1",
            "afterSeq=x",
            "afterSeq=",
            "q=",
            "q=+",
        ] {
            assert_eq!(from(query), None, "{query}");
        }
    }
}
