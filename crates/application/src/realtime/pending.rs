//! What has happened and is to be told.

use alumx_domain::account::UserId;
use alumx_domain::conversation::{MembershipVersion, Message, Seq};
use tracing::Span;

use super::{LiveEvent, News, Question, SocketId, View};

/// Something that happened and has not been told yet.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) membership: MembershipVersion,
    pub(super) news: News,
    /// The message, if it need not be loaded.
    pub(super) message: Option<Box<Message>>,
    /// How it looks, once that is loaded.
    pub(super) view: Option<View>,
    /// For this socket of this user alone: all others have been told.
    pub(super) only: Option<(UserId, SocketId)>,
    /// The span of the request that it comes from.
    pub(super) cause: Span,
}

impl Pending {
    pub(super) fn new(membership: MembershipVersion, news: News) -> Self {
        Self {
            membership,
            news,
            message: None,
            view: None,
            only: None,
            cause: Span::current(),
        }
    }

    /// The number of the message that was written.
    pub(super) fn created(&self) -> Option<Seq> {
        match self.news {
            News::MessageCreated { seq } => Some(seq),
            _ => None,
        }
    }

    /// The number of the message that this is about.
    pub(super) fn seq(&self) -> Option<Seq> {
        match self.news {
            News::MessageCreated { seq } | News::MessageDeleted { seq, .. } => Some(seq),
            _ => None,
        }
    }
}

/// To whom something is told.
#[derive(Debug)]
pub(super) enum Telling {
    /// The same to all.
    Same(LiveEvent),
    /// To each something else.
    Each(Vec<(UserId, LiveEvent)>),
}

/// What comes next.
#[derive(Debug)]
pub(super) enum Next {
    /// Nothing until something happens or is answered.
    Wait,
    /// This must be known first.
    Ask(Question),
    /// Tell this.
    Tell(Pending, Telling),
    /// Tell nobody.
    Skip(Pending),
}

pub(super) fn each<T>(views: Vec<(UserId, T)>, event: impl Fn(Box<T>) -> LiveEvent) -> Telling {
    let events = views.into_iter();
    Telling::Each(
        events
            .map(|(user, view)| (user, event(Box::new(view))))
            .collect(),
    )
}

/// What is told of news that say it all.
pub(super) fn plain(news: News) -> Option<LiveEvent> {
    Some(match news {
        News::MessageDeleted { message, seq } => LiveEvent::MessageDeleted { message, seq },
        News::Read {
            user,
            last_read_seq,
        } => LiveEvent::Read {
            user,
            last_read_seq,
        },
        News::GroupDeleted => LiveEvent::GroupDeleted,
        News::ParticipantRemoved { user } => LiveEvent::ParticipantRemoved { user },
        News::RoleChanged { user, role } => LiveEvent::RoleChanged { user, role },
        News::Typing { user } => LiveEvent::Typing { user },
        News::MessageCreated { .. }
        | News::ChatCreated
        | News::GroupCreated
        | News::GroupUpdated
        | News::ParticipantAdded { .. } => return None,
    })
}
