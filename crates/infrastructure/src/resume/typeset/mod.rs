//! Resumes typeset as PDF.

mod draw;
mod flow;
mod fonts;
mod layout;
mod lines;
mod missing;
mod section;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use alumx_application::ports::{ResumeTypesetter, TypesetterError};
use alumx_application::resume::generated::GeneratedResume;
use async_trait::async_trait;
use tokio::sync::{Semaphore, TryAcquireError};

use fonts::FontSet;

/// Typesets resumes with krilla in Noto Sans, which holds Latin, Greek and Cyrillic letters.
///
/// At most `parallel` are set at once, on threads of their own, and at most
/// [`KrillaTypesetter::QUEUE`] more wait. However long a profile is, the work is bounded: two
/// pages are set, at most as many times as there are budgets (see `layout`).
pub struct KrillaTypesetter {
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

impl KrillaTypesetter {
    /// How many resumes may wait to be set.
    pub const QUEUE: usize = 32;

    /// A typesetter that sets up to `parallel` resumes at once.
    pub fn new(parallel: usize) -> Self {
        let parallel = parallel.max(1);
        Self {
            running: Arc::new(Semaphore::new(parallel)),
            admitted: Arc::new(Semaphore::new(parallel + Self::QUEUE)),
        }
    }
}

#[async_trait]
impl ResumeTypesetter for KrillaTypesetter {
    async fn typeset(&self, resume: GeneratedResume) -> Result<Vec<u8>, TypesetterError> {
        let admitted = self.admitted.clone().try_acquire_owned();
        let _admitted = admitted.map_err(|error| match error {
            TryAcquireError::NoPermits => TypesetterError::Busy,
            TryAcquireError::Closed => unexpected(error),
        })?;
        let running = self.running.clone().acquire_owned().await;
        let running = running.map_err(unexpected)?;
        tokio::task::spawn_blocking(move || {
            // Held by the work, not by the request: one that is dropped doesn't end the work.
            let _running = running;
            pdf(&resume)
        })
        .await
        .map_err(unexpected)?
    }
}

/// Typesets one resume, on this thread.
pub(crate) fn pdf(resume: &GeneratedResume) -> Result<Vec<u8>, TypesetterError> {
    let fonts = FontSet::new().ok_or_else(|| unexpected("a font could not be read"))?;
    let pages = layout::lay_out(resume, &fonts);
    draw::draw(resume, &pages, &fonts)
}

fn unexpected<E: std::fmt::Display>(error: E) -> TypesetterError {
    TypesetterError::Unexpected(error.to_string())
}
