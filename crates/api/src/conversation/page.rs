//! Pages of conversations, the last active first.

use alumx_domain::chat::Chat;
use alumx_domain::conversation::ActivityKey;
use alumx_domain::group_chat::GroupChat;
use alumx_domain::id::Id;
use chrono::DateTime;
use serde::{Deserialize, Serialize};

use crate::http::page::CursorKey;

/// The lists of one kind of conversation, as cursors name them.
pub trait ConversationLists {
    /// Of all of a user.
    const INBOX: &'static str;
    /// Of the messages of one.
    const MESSAGES: &'static str;
}

impl ConversationLists for Chat {
    const INBOX: &'static str = "chats";
    const MESSAGES: &'static str = "chat-messages";
}

impl ConversationLists for GroupChat {
    const INBOX: &'static str = "groups";
    const MESSAGES: &'static str = "group-messages";
}

/// Where a page ends; clients must not read it.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct ActivityCursor<T> {
    /// Microseconds since 1970, the finest that is stored.
    t: i64,
    id: Id<T>,
}

impl<T: ConversationLists> CursorKey for ActivityKey<T> {
    const LIST: &'static str = T::INBOX;
    type Written = ActivityCursor<T>;

    fn write(self) -> ActivityCursor<T> {
        ActivityCursor {
            t: self.last_activity_at.timestamp_micros(),
            id: self.id,
        }
    }

    /// Its time must be one that the store knows.
    fn read(written: ActivityCursor<T>) -> Option<Self> {
        let micros = Some(written.t).filter(|micros| *micros >= 0)?;
        Some(Self {
            last_activity_at: DateTime::from_timestamp_micros(micros)?,
            id: written.id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cursor: &str) -> Option<i64> {
        let key = ActivityKey::<Chat>::read(serde_json::from_str(cursor).ok()?)?;
        Some(key.last_activity_at.timestamp_micros())
    }

    #[test]
    fn a_cursor_holds_a_time_to_the_microsecond() {
        let time = DateTime::from_timestamp_micros(1_800_000_000_123_456).unwrap_or_default();
        let id = Id::try_from(7).unwrap();
        let key = ActivityKey::<Chat> {
            last_activity_at: time,
            id,
        };

        let text = serde_json::to_string(&key.write()).unwrap_or_default();
        assert_eq!(text, r#"{"t":1800000000123456,"id":7}"#);
        assert_eq!(read(&text), Some(1_800_000_000_123_456));
    }

    #[test]
    fn a_time_or_id_that_cannot_be_is_refused() {
        for (time, id) in [
            ("-1", "1"),
            ("-9223372036854775808", "1"),
            ("9223372036854775807", "1"),
            ("8210266876800000000", "1"),
            ("9223372036854775808", "1"),
            ("1.5", "1"),
            ("1", "0"),
            ("1", "-1"),
            ("1", "\"1\""),
        ] {
            assert_eq!(read(&format!(r#"{{"t":{time},"id":{id}}}"#)), None);
        }
        assert_eq!(read(r#"{"t":0,"id":1}"#), Some(0));
        assert_eq!(read(r#"{"id":1}"#), None);
    }
}
