//! Keyset pages: lists are cut by the key of the last item seen, never by counting rows.

use crate::text::InvalidValue;

/// How many items a page may have: 1 to 100, 20 unless asked otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PageSize(u8);

impl PageSize {
    /// The number of items of the largest page.
    pub const MAX: u8 = 100;

    /// The size of the largest page, to read a whole list with.
    pub const LARGEST: Self = Self(Self::MAX);

    /// The number of items.
    pub const fn get(self) -> usize {
        self.0 as usize
    }

    /// One row more than the page holds: its presence tells that there is a next page.
    pub const fn overfetch(self) -> i64 {
        self.0 as i64 + 1
    }
}

impl Default for PageSize {
    fn default() -> Self {
        Self(20)
    }
}

impl TryFrom<i64> for PageSize {
    type Error = InvalidValue;

    fn try_from(size: i64) -> Result<Self, InvalidValue> {
        u8::try_from(size)
            .ok()
            .filter(|size| (1..=Self::MAX).contains(size))
            .map(Self)
            .ok_or_else(|| InvalidValue::new("out_of_range", "must be a number from 1 to 100"))
    }
}

/// Which page of a list: the items after the key `after`, at most `limit` of them. `K` is what
/// the list is ordered by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest<K> {
    /// Key of the last item of the page before; `None` for the first page.
    pub after: Option<K>,
    /// The most items wanted.
    pub limit: PageSize,
}

/// Some items of a list, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, K> {
    /// The items.
    pub items: Vec<T>,
    /// Key of the last item if more follow.
    pub next: Option<K>,
}

impl<T, K> Page<T, K> {
    /// A page out of rows fetched with [`PageSize::overfetch`]; `key` reads an item's key.
    pub fn cut(mut rows: Vec<T>, limit: PageSize, key: impl Fn(&T) -> K) -> Self {
        let more = rows.len() > limit.get();
        rows.truncate(limit.get());
        let next = if more { rows.last().map(key) } else { None };
        Self { items: rows, next }
    }

    /// The same page of other items.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U, K> {
        Page {
            items: self.items.into_iter().map(f).collect(),
            next: self.next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_next_key_only_if_more_follows() {
        let two = PageSize::try_from(2).unwrap();

        let full = Page::cut(vec![9, 8, 7], two, |n| *n);
        let last = Page::cut(vec![9, 8], two, |n| *n);

        assert_eq!(
            full,
            Page {
                items: vec![9, 8],
                next: Some(8)
            }
        );
        assert_eq!(
            last,
            Page {
                items: vec![9, 8],
                next: None
            }
        );
    }

    #[test]
    fn sizes_go_from_1_to_100() {
        assert!(PageSize::try_from(1).is_ok() && PageSize::try_from(100).is_ok());
        for size in [0, 101, -1, 256 + 20] {
            assert!(PageSize::try_from(size).is_err(), "{size}");
        }
    }
}
