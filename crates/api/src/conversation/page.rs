//! Pages of conversations, the last active first.

use alumx_domain::conversation::ActivityKey;
use alumx_domain::id::Id;
use alumx_domain::page::{Page, PageRequest};
use chrono::DateTime;
use serde::{Deserialize, Serialize};

use crate::http::page::{PageResponse, take_page};
use crate::http::query::{FromQuery, Parameters};

/// Where a page ends; clients must not read it.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
struct ActivityCursor<T> {
    /// Microseconds since 1970, the finest that is stored.
    t: i64,
    id: Id<T>,
}

impl<T> From<ActivityKey<T>> for ActivityCursor<T> {
    fn from(key: ActivityKey<T>) -> Self {
        Self {
            t: key.last_activity_at.timestamp_micros(),
            id: key.id,
        }
    }
}

impl<T> ActivityCursor<T> {
    /// The key, unless its time is none that the store knows.
    fn key(&self) -> Option<ActivityKey<T>> {
        let micros = Some(self.t).filter(|micros| *micros >= 0)?;
        Some(ActivityKey {
            last_activity_at: DateTime::from_timestamp_micros(micros)?,
            id: self.id,
        })
    }
}

/// Which page of one's chats or groups.
pub struct ActivityQuery<T>(pub PageRequest<ActivityKey<T>>);

impl<T> FromQuery for ActivityQuery<T> {
    fn read(parameters: &mut Parameters) -> Option<Self> {
        let page = take_page::<ActivityCursor<T>>(parameters, |cursor| cursor.key().is_some())?;
        Some(Self(PageRequest {
            after: page.after.and_then(|cursor| cursor.key()),
            limit: page.limit,
        }))
    }
}

/// A page of conversations as JSON.
pub fn activity_page<T, U>(
    page: Page<T, ActivityKey<T>>,
    item: impl FnMut(T) -> U,
) -> PageResponse<U> {
    let Page { items, next } = page;
    let next = next.map(ActivityCursor::from);
    PageResponse::new(Page { items, next }, item)
}

#[cfg(test)]
mod tests {
    use alumx_domain::chat::Chat;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn read(cursor: &str) -> Option<i64> {
        let query = format!("cursor={}", URL_SAFE_NO_PAD.encode(cursor));
        let read = Parameters::read_all::<ActivityQuery<Chat>>(&query).ok()?;
        Some(read.0.after?.last_activity_at.timestamp_micros())
    }

    #[test]
    fn a_cursor_holds_a_time_to_the_microsecond() {
        let time = DateTime::from_timestamp_micros(1_800_000_000_123_456).unwrap_or_default();
        let id = Id::try_from(7).unwrap();
        let cursor = ActivityCursor::<Chat>::from(ActivityKey {
            last_activity_at: time,
            id,
        });

        let text = serde_json::to_string(&cursor).unwrap_or_default();
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
