//! What the hub wants to know, found out from the repositories.

use std::sync::Arc;
use std::time::Duration;

use alumx_application::realtime::{Answer, Question, View};
use alumx_domain::chat::ChatRepository;
use alumx_domain::conversation::ConversationRepository;
use alumx_domain::group_chat::GroupChatRepository;
use alumx_domain::page::PageSize;
use alumx_domain::repository::RepositoryError;
use tokio::sync::Semaphore;

/// Questions that are asked at the same time; more wait. Requests need the database too.
const AT_ONCE: usize = 8;

/// How long is waited after a failure, at first and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));

/// Whom to ask.
#[derive(Clone)]
pub(super) struct Sources {
    pub(super) conversations: Arc<dyn ConversationRepository>,
    pub(super) chats: Arc<dyn ChatRepository>,
    pub(super) groups: Arc<dyn GroupChatRepository>,
    permits: Arc<Semaphore>,
}

impl Sources {
    pub(super) fn new(
        conversations: Arc<dyn ConversationRepository>,
        chats: Arc<dyn ChatRepository>,
        groups: Arc<dyn GroupChatRepository>,
    ) -> Self {
        Self {
            conversations,
            chats,
            groups,
            permits: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Finds it out, however long it takes.
    pub(super) async fn find_out(&self, question: &Question) -> Answer {
        let _permit = self.permits.acquire().await;
        let mut wait = BACKOFF.0;
        loop {
            match self.ask(question).await {
                Ok(answer) => return answer,
                Err(error) => tracing::warn!("nothing new is told live: {error}"),
            }
            tokio::time::sleep(wait).await;
            wait = (2 * wait).min(BACKOFF.1);
        }
    }

    async fn ask(&self, question: &Question) -> Result<Answer, RepositoryError> {
        Ok(match question {
            Question::States {
                socket,
                ticket,
                user,
            } => {
                let states = self.conversations.states(*user).await?;
                Answer::States(*socket, *ticket, states)
            }
            Question::Members(lane) => {
                let members = self.conversations.members(lane.conversation).await?;
                Answer::Members(*lane, members)
            }
            Question::Messages(lane, after) => {
                let (conversation, limit) = (lane.conversation, PageSize::LARGEST);
                let messages = self
                    .conversations
                    .messages_after(conversation, *after, limit)
                    .await?;
                Answer::Messages(*lane, messages)
            }
            Question::Chat(lane, chat, viewers) => {
                let mut views = Vec::new();
                // A chat has two.
                for viewer in viewers {
                    let view = self.chats.find(*chat, *viewer).await?;
                    views.extend(view.map(|view| (*viewer, view)));
                }
                Answer::View(*lane, View::Chat(views))
            }
            Question::Group(lane, group, viewers) => {
                let views = self.groups.find_for_each(*group, viewers).await?;
                Answer::View(*lane, View::Group(views))
            }
            Question::Participant(lane, group, user) => {
                let participant = self.groups.find_participant(*group, *user).await?;
                Answer::View(*lane, View::Participant(participant))
            }
        })
    }
}
