//! A user's own data as a ZIP, sent while it is written.

mod archive;
mod bodies;
mod contents;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use alumx_application::export::{ExportError, ExportService};
use alumx_domain::account::UserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::http::{CurrentUser, Problem, ProblemCode};
use crate::job_post::links::Links;

/// The routes, below the base path.
pub fn routes(config: &mut ServiceConfig) {
    config.service(export);
}

/// How many exports may run at the same time.
const AT_ONCE: usize = 16;

/// How long one may take.
const TIME_LIMIT: Duration = Duration::from_mins(15);

/// Pieces that may wait for a slow client: nothing more is read until it has taken one.
const PIECES: usize = 4;

/// Writes exports, a few at a time, and of each user one.
pub struct Exports {
    service: Arc<ExportService>,
    running: Arc<Semaphore>,
    users: Arc<Mutex<HashSet<UserId>>>,
}

/// One that is running. Its place is free again when it is dropped.
struct Running {
    user: UserId,
    users: Arc<Mutex<HashSet<UserId>>>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        users.remove(&self.user);
    }
}

impl Exports {
    /// Exports of what this service reads.
    pub fn new(service: ExportService) -> Self {
        Self {
            service: Arc::new(service),
            running: Arc::new(Semaphore::new(AT_ONCE)),
            users: Arc::default(),
        }
    }

    fn begin(&self, user: UserId) -> Result<Running, Problem> {
        let busy = |why| Problem::new(ProblemCode::Unavailable).detail(why);
        let permit = self.running.clone().try_acquire_owned();
        let permit = permit.map_err(|_| busy("too many exports are running"))?;
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        if !users.insert(user) {
            return Err(busy("another export of yours is running"));
        }
        Ok(Running {
            user,
            users: self.users.clone(),
            _permit: permit,
        })
    }
}

/// All that the service holds of the caller
///
/// A ZIP with `account.json`, `profile.json`, `sessions.json`, `job-posts.json`, `comments.json`,
/// `likes.json`, `audit-log.json` (what was done to the account, and what the caller did); the
/// uploaded resume (`resume.json` and `resume.pdf` or `resume.docx`); the images uploaded to the caller's posts, in `images`; and for each
/// conversation that the caller is in a file in `conversations`: since when (`joinedAt`) and how far
/// the caller has read it (`lastReadSeq`), and all its messages, the caller's own with their
/// `clientMessageId`. Of what others did neither an address nor a request is told.
///
/// The archive is sent while it is written. When the caller signs out, is suspended or deletes the
/// account meanwhile, it is broken off: an archive without its end is not one.
#[utoipa::path(
    operation_id = "exportOwnData",
    tag = "accounts",
    responses(
        (status = 200, description = "The archive", content_type = "application/zip",
         body = inline(bodies::ZipFile),
         headers(("Content-Disposition" = String, description = "Always `attachment`"))),
    )
)]
#[get("/me/export")]
pub async fn export(
    CurrentUser(caller): CurrentUser,
    exports: Data<Exports>,
    links: Links,
) -> Result<HttpResponse, Problem> {
    // First, so that who has gone gets a problem and not half an archive.
    let account = exports.service.account(caller).await?;
    let running = exports.begin(caller.user)?;
    let (sender, mut pieces) = mpsc::channel(PIECES);
    let service = exports.service.clone();
    actix_web::rt::spawn(async move {
        let written = Box::pin(contents::write(
            &service,
            caller,
            account,
            &links,
            sender.clone(),
        ));
        let ended = tokio::time::timeout(TIME_LIMIT, written).await;
        archive::finish(ended, &sender).await;
        drop(running);
    });
    let pieces = futures_util::stream::poll_fn(move |context| pieces.poll_recv(context));
    Ok(HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header((
            CONTENT_DISPOSITION,
            r#"attachment; filename="alumx-export.zip""#,
        ))
        .insert_header((CACHE_CONTROL, "no-store"))
        .streaming(pieces))
}

impl From<ExportError> for Problem {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Repository(error) => error.into(),
            ExportError::File(error) => error.into(),
            ExportError::CallerGone | ExportError::SessionEnded => {
                Self::new(ProblemCode::Unauthenticated).detail(error.to_string())
            }
        }
    }
}
