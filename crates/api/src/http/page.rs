//! Pages as JSON, and cursors that clients can't read.

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
    pub fn new<E, K: Serialize>(page: Page<E, K>, item: impl FnMut(E) -> T) -> Self {
        let page = page.map(item);
        Self {
            items: page.items,
            next_cursor: page.next.and_then(|key| encode(&key)),
        }
    }
}

/// The longest cursor read: far above what is given out.
const MAX_CURSOR: usize = 2048;

fn encode<K: Serialize>(key: &K) -> Option<String> {
    serde_json::to_vec(key)
        .ok()
        .map(|json| URL_SAFE_NO_PAD.encode(json))
}

fn decode<K: DeserializeOwned>(cursor: &str) -> Option<K> {
    if cursor.len() > MAX_CURSOR {
        return None;
    }
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()
}

/// Takes `limit` and `cursor`; a cursor that `fits` says is of another list is wrong.
pub fn take_page<K: DeserializeOwned>(
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

impl<K: DeserializeOwned> FromQuery for PageQuery<K> {
    fn read(parameters: &mut Parameters) -> Option<Self> {
        take_page(parameters, |_| true).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use alumx_domain::account::SessionId;

    use super::*;

    #[test]
    fn a_cursor_reads_back_and_anything_else_is_refused() {
        let id = SessionId::try_from(7).unwrap();
        let cursor = encode(&id).unwrap();

        let read = |query: &str| Parameters::read_all::<PageQuery<SessionId>>(query).map(|q| q.0);
        assert_eq!(read(&format!("cursor={cursor}")).unwrap().after, Some(id));
        let long = "A".repeat(MAX_CURSOR + 1);
        for bad in ["", "x", "!!!", "bnVsbA", "MA", "Ii0xIg", &long] {
            let wrong = read(&format!("cursor={bad}")).unwrap_err();
            assert_eq!(wrong[0].code, "invalid_cursor", "{bad}");
        }
    }
}
