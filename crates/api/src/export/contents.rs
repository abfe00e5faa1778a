//! What is in an export.

use alumx_application::export::{Conversation, ExportError, ExportService};
use alumx_domain::account::{Account, Caller};
use alumx_domain::conversation::ConversationId;
use alumx_domain::job_post::PostImage;
use alumx_domain::page::Page;
use tokio::sync::mpsc::Sender;

use super::archive::{Archive, Piece, Stopped};
use super::bodies::{Heading, MessageResponse, OwnLikeResponse};
use crate::account::{AccountResponse, SessionResponse};
use crate::audit::AuditEntryResponse;
use crate::job_post::links::Links;
use crate::job_post::{CommentResponse, JobPostResponse};
use crate::resume::ResumeResponse;
use crate::user::ProfileResponse;

/// Writes all of it.
pub(super) async fn write(
    service: &ExportService,
    caller: Caller,
    account: Account,
    links: &Links,
    sender: Sender<Piece>,
) -> Result<(), Stopped> {
    let mut archive = Archive::new(service, caller, sender);
    let account = AccountResponse::from(account);
    archive.value("account.json", &account).await?;
    let profile = service.profile(caller).await?;
    let profile = ProfileResponse::new(profile, &caller);
    archive.value("profile.json", &profile).await?;
    lists(service, caller, links, &mut archive).await?;
    resume(service, caller, &mut archive).await?;
    images(service, caller, &mut archive).await?;
    for id in service.conversations(caller).await? {
        conversation(service, caller, id, &mut archive).await?;
    }
    // The archive is large to be moved.
    Box::pin(archive.finish()).await
}

async fn lists(
    service: &ExportService,
    caller: Caller,
    links: &Links,
    archive: &mut Archive<'_>,
) -> Result<(), Stopped> {
    archive
        .list("sessions.json", async |key| {
            let page = service.sessions(caller, key).await?;
            let session = |session| SessionResponse::new(session, caller.session);
            Ok::<_, ExportError>(page.map(session))
        })
        .await?;
    archive
        .list("job-posts.json", async |key| {
            let page = service.job_posts(caller, key).await;
            mapped(page, |post| JobPostResponse::new(post, links))
        })
        .await?;
    archive
        .list("comments.json", async |key| {
            mapped(service.comments(caller, key).await, CommentResponse::from)
        })
        .await?;
    archive
        .list("likes.json", async |key| {
            mapped(service.likes(caller, key).await, OwnLikeResponse::from)
        })
        .await?;
    archive
        .list("audit-log.json", async |key| {
            let page = service.audit_log(caller, key).await;
            mapped(page, |entry| AuditEntryResponse::about(caller.user, entry))
        })
        .await
}

async fn resume(
    service: &ExportService,
    caller: Caller,
    archive: &mut Archive<'_>,
) -> Result<(), Stopped> {
    let Some(resume) = service.resume(caller).await? else {
        return Ok(());
    };
    if let Some(bytes) = service.open(&resume.key).await? {
        // The user's own name for it, in resume.json, might not be one for a file.
        let name = format!("resume.{}", resume.kind.extension());
        archive.file(&name, bytes).await?;
    }
    archive
        .value("resume.json", &ResumeResponse::from(resume))
        .await
}

/// The images that the caller uploaded to posts, under the names that end their URLs.
async fn images(
    service: &ExportService,
    caller: Caller,
    archive: &mut Archive<'_>,
) -> Result<(), Stopped> {
    let mut after = None;
    loop {
        let page = service.job_posts(caller, after).await?;
        let images = page.items.iter().flat_map(|post| post.images.as_slice());
        for image in images.filter_map(PostImage::file) {
            if let Some(bytes) = service.open(image.key()).await? {
                let name = format!("images/{}", image.name());
                archive.file(&name, bytes).await?;
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

async fn conversation(
    service: &ExportService,
    caller: Caller,
    id: ConversationId,
    archive: &mut Archive<'_>,
) -> Result<(), Stopped> {
    let Some(conversation) = service.conversation(caller, id).await? else {
        // Left, or gone, since the export began.
        return Ok(());
    };
    let name = match &conversation {
        Conversation::Chat(chat) => format!("conversations/chat-{}.json", chat.id),
        Conversation::Group { group, .. } => format!("conversations/group-{}.json", group.id),
    };
    let heading = Heading::from(conversation);
    archive
        .headed_list(&name, &heading, "messages", async |key| {
            let page = service.messages(caller, id, key).await;
            mapped(page, |message| MessageResponse::new(message, caller.user))
        })
        .await
}

fn mapped<T, U, K>(
    page: Result<Page<T, K>, ExportError>,
    item: impl FnMut(T) -> U,
) -> Result<Page<U, K>, ExportError> {
    page.map(|page| page.map(item))
}
