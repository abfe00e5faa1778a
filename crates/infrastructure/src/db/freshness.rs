//! Users find what they wrote, whichever server answers them.

use std::future::Future;
use std::sync::Arc;

use alumx_domain::account::UserId;

use super::replica::Replica;

/// Sees to it that users find what they wrote. It knows of nothing else in the database.
#[derive(Clone)]
pub struct Freshness(pub(super) Option<Arc<Replica>>);

impl Freshness {
    /// Serves a request of `user`, who finds later what it wrote. Only one that `reads` and no more
    /// may be answered by the replica.
    pub async fn serve<F: Future>(
        &self,
        user: Option<UserId>,
        reads: bool,
        request: F,
    ) -> F::Output {
        match (&self.0, user) {
            (Some(replica), Some(user)) => replica.serve(user, reads, request).await,
            _ => request.await,
        }
    }
}
