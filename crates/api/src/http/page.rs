//! Pages as JSON, and cursors that clients can't read.

use alumx_domain::account::SessionId;
use alumx_domain::group_chat::ParticipantId;
use alumx_domain::job_post::{CommentId, JobPostId, LikeId};
use alumx_domain::page::{Page, PageRequest, PageSize};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::query::{FromQuery, Parameters};

/// One page of a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Page)]
pub struct PageResponse<T> {
    /// The items, in the order of the list.
    items: Vec<T>,
    /// Give this as `cursor` to get the next page; null on the last one.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

impl<T> PageResponse<T> {
    /// A page of things out of a page of entities.
    pub fn new<E, K: CursorKey>(page: Page<E, K>, item: impl FnMut(E) -> T) -> Self {
        let page = page.map(item);
        Self {
            items: page.items,
            next_cursor: page.next.and_then(encode),
        }
    }
}

/// What a list is cut by, as its cursors hold it.
pub trait CursorKey: Sized {
    /// The name of the list. No other list has it, so that no other list takes its cursors.
    const LIST: &'static str;

    /// What is written.
    type Written: Serialize + DeserializeOwned;

    /// Writes the key.
    fn write(self) -> Self::Written;

    /// Reads the key, unless it is none that was ever written.
    fn read(written: Self::Written) -> Option<Self>;
}

/// Lists that are cut by an id.
macro_rules! cut_by_id {
    ($($list:literal: $id:ty),+ $(,)?) => {$(
        impl CursorKey for $id {
            const LIST: &'static str = $list;
            type Written = Self;

            fn write(self) -> Self {
                self
            }

            fn read(written: Self) -> Option<Self> {
                Some(written)
            }
        }
    )+};
}

cut_by_id! {
    "sessions": SessionId,
    "posts-of-user": JobPostId,
    "likes": LikeId,
    "comments": CommentId,
    "participants": ParticipantId,
}

/// The longest cursor read: far above what is given out.
const MAX_CURSOR: usize = 2048;

pub(crate) fn encode<K: CursorKey>(key: K) -> Option<String> {
    serde_json::to_vec(&(K::LIST, key.write()))
        .ok()
        .map(|json| URL_SAFE_NO_PAD.encode(json))
}

pub(crate) fn decode<K: CursorKey>(cursor: &str) -> Option<K> {
    if cursor.len() > MAX_CURSOR {
        return None;
    }
    let json = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (list, written) = serde_json::from_slice::<(String, K::Written)>(&json).ok()?;
    (list == K::LIST).then(|| K::read(written)).flatten()
}

/// Takes `limit` and `cursor`; a cursor of another list is wrong, and so is one that doesn't fit.
pub fn take_page<K: CursorKey>(
    parameters: &mut Parameters,
    fits: impl Fn(&K) -> bool,
) -> Option<PageRequest<K>> {
    let limit = parameters.take::<PageSize>("limit");
    let cursor = parameters.take::<String>("cursor")?;
    let after = match cursor.map(|cursor| decode::<K>(&cursor).filter(&fits)) {
        None => None,
        Some(Some(key)) => Some(key),
        Some(None) => {
            parameters.refuse("cursor", "invalid_cursor", "is not a cursor of this list");
            return None;
        }
    };
    Some(PageRequest {
        after,
        limit: limit?.unwrap_or_default(),
    })
}

/// A list without other parameters than its page.
pub struct PageQuery<K>(pub PageRequest<K>);

impl<K: CursorKey> FromQuery for PageQuery<K> {
    fn read(parameters: &mut Parameters) -> Option<Self> {
        take_page(parameters, |_| true).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_anything_else_is_refused() {
        let id = SessionId::try_from(7).unwrap();
        let cursor = encode(id).unwrap();

        let read = |query: &str| Parameters::read_all::<PageQuery<SessionId>>(query).map(|q| q.0);
        assert_eq!(read(&format!("cursor={cursor}")).unwrap().after, Some(id));
        let long = "A".repeat(MAX_CURSOR + 1);
        let of = |json: &str| URL_SAFE_NO_PAD.encode(json);
        let others = [
            "null",
            "7",
            "\"sessions\"",
            "[\"sessions\"]",
            "[\"sessions\",0]",
            "[\"sessions\",7,7]",
            "[\"likes\",7]",
        ];
        for bad in ["", "x", "!!!", &long]
            .map(str::to_owned)
            .into_iter()
            .chain(others.map(of))
        {
            let wrong = read(&format!("cursor={bad}")).unwrap_err();
            assert_eq!(wrong[0].code, "invalid_cursor", "{bad}");
        }
    }
}
