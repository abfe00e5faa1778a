//! What instances of the service tell each other: that something happened, never what it says.

use std::sync::Arc;

use alumx_domain::account::{SessionId, UserId};
use alumx_domain::conversation::{
    ConversationEvent, ConversationId, Happening, MembershipVersion, Message, MessageId, Seq,
};
use alumx_domain::group_chat::ParticipantRole;
use async_trait::async_trait;

use super::BusVitals;

/// What another instance is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Something happened in a conversation.
    Conversation(ConversationSignal),
    /// A session was ended.
    SessionEnded(SessionId),
    /// A user's role changed, or sessions of the user were ended.
    AccountChanged(UserId),
    /// The sender had to leave something out.
    Lost,
}

/// That something happened in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConversationSignal {
    /// Where.
    pub conversation: ConversationId,
    /// Among whom.
    pub membership: MembershipVersion,
    /// What.
    pub news: News,
}

/// What happened, by reference: who wants to tell it loads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// A message was sent.
    MessageCreated {
        /// Its number.
        seq: Seq,
    },
    /// A message was deleted.
    MessageDeleted {
        /// Which.
        message: MessageId,
        /// Its number.
        seq: Seq,
    },
    /// A member read on.
    Read {
        /// Who.
        user: UserId,
        /// Up to where.
        last_read_seq: Seq,
    },
    /// The chat was opened.
    ChatCreated,
    /// The group was made.
    GroupCreated,
    /// The group has another name.
    GroupUpdated,
    /// The group is gone.
    GroupDeleted,
    /// Somebody is in the group now.
    ParticipantAdded {
        /// Who.
        user: UserId,
    },
    /// Somebody is not in the group any more.
    ParticipantRemoved {
        /// Who.
        user: UserId,
    },
    /// Somebody has another role in the group.
    RoleChanged {
        /// Who.
        user: UserId,
        /// Which.
        role: ParticipantRole,
    },
    /// A member is writing.
    Typing {
        /// Who.
        user: UserId,
    },
}

impl ConversationSignal {
    /// The event by reference, and apart from it the message that this instance need not load.
    pub(super) fn of(event: ConversationEvent) -> (Self, Option<Box<Message>>) {
        let mut content = None;
        let news = match event.happening {
            Happening::MessageCreated(message) => {
                let seq = message.seq;
                content = Some(message);
                News::MessageCreated { seq }
            }
            Happening::MessageDeleted { message, seq } => News::MessageDeleted { message, seq },
            Happening::Read {
                user,
                last_read_seq,
            } => News::Read {
                user,
                last_read_seq,
            },
            Happening::ChatCreated => News::ChatCreated,
            Happening::GroupCreated => News::GroupCreated,
            Happening::GroupUpdated => News::GroupUpdated,
            Happening::GroupDeleted => News::GroupDeleted,
            Happening::ParticipantAdded { user } => News::ParticipantAdded { user },
            Happening::ParticipantRemoved { user } => News::ParticipantRemoved { user },
            Happening::RoleChanged { user, role } => News::RoleChanged { user, role },
            Happening::Typing { user } => News::Typing { user },
        };
        let signal = Self {
            conversation: event.conversation,
            membership: event.membership,
            news,
        };
        (signal, content)
    }
}

/// What came from other instances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// These, in the order in which each instance sent its own.
    Signals(Vec<Signal>),
    /// Something may be missing from here on: clients must be told to look by themselves.
    Lost,
}

/// Carries signals between the instances of the service.
///
/// It may be cut: it mends itself, and says [`Received::Lost`] afterwards.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait EventBus: Send + Sync {
    /// Tells the other instances. Never waits and never fails; what can't be sent and must be
    /// left out is told as [`Signal::Lost`] as soon as that is possible.
    fn send(&self, signal: Signal);

    /// The next from other instances, never what this one sent. For one caller.
    async fn receive(&self) -> Received;

    /// How it is doing, if it goes over something that can be cut.
    fn vitals(&self) -> Option<Arc<BusVitals>> {
        None
    }
}
