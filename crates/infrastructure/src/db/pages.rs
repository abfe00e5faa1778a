//! Pages of lists, read together.

use alumx_domain::page::PageSize;

use super::Db;
use super::together::{Shared, Together};

/// Pages that many callers want at the same time: who wants a short one need not wait for long
/// ones.
pub(crate) struct Pages<S: Shared> {
    short: Together<S>,
    long: Together<S>,
}

impl<S: Shared> Pages<S> {
    /// Nobody waits yet.
    pub(crate) fn new(db: Db) -> Self {
        Self {
            short: Together::new(db.clone()),
            long: Together::of(S::MOST_OF_LONG, db),
        }
    }

    /// Those who want pages of this size.
    pub(crate) fn of(&self, size: PageSize) -> &Together<S> {
        if size <= PageSize::default() {
            &self.short
        } else {
            &self.long
        }
    }
}
