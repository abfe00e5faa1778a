//! What the hub wants done and known.

use alumx_domain::account::UserId;
use alumx_domain::chat::{Chat, ChatId};
use alumx_domain::conversation::{
    ConversationId, ConversationState, Members, Message, MessageId, Seq,
};
use alumx_domain::group_chat::{GroupChat, GroupId, Participant, ParticipantRole};

use super::Signal;

/// A connection of a client to this instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(pub u64);

/// Tells the answer to a question about a socket from one to an earlier question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket(pub(super) u64);

/// A conversation that this instance has members of, from when it got one to when the last left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneId {
    /// Which conversation.
    pub conversation: ConversationId,
    pub(super) number: u64,
}

/// What the hub wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Send this to these sockets.
    Send {
        /// To whom, each once.
        to: Vec<SocketId>,
        /// What.
        frame: Frame,
    },
    /// Close a socket.
    Close(SocketId, CloseReason),
    /// Ask whether the socket's token still counts, and close it if not.
    Check(SocketId),
    /// Find this out, however long it takes, and say it to [`Hub::answer`](super::Hub::answer).
    Ask(Question),
    /// Tell the other instances.
    Tell(Signal),
    /// Something was left out here: call [`Hub::lost`](super::Hub::lost), now or soon.
    Lose,
}

/// Why the hub closes a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The user opened more sockets than one may have; this was the oldest.
    TooManySockets,
}

/// What a client is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// All that happens from here on follows.
    Ready {
        /// Who the client is.
        user: UserId,
        /// The last active conversations.
        conversations: Vec<ConversationState>,
        /// Whether there are more.
        truncated: bool,
    },
    /// Something may be missing: look at what follows, and go on from there.
    Resync {
        /// The last active conversations.
        conversations: Vec<ConversationState>,
        /// Whether there are more.
        truncated: bool,
    },
    /// Something happened.
    Event(ConversationId, LiveEvent),
    /// What the client sent was not done.
    Refused(Refusal),
}

/// Why something that a client sent was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such conversation, or the user is not in it.
    NotFound,
}

/// What happened, with all that is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveEvent {
    /// A message was sent.
    MessageCreated(Box<Message>),
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
    /// The chat was opened; as the receiver sees it.
    ChatCreated(Box<Chat>),
    /// The group was made; as the receiver sees it.
    GroupCreated(Box<GroupChat>),
    /// The group was changed; as the receiver sees it.
    GroupUpdated(Box<GroupChat>),
    /// The group is gone.
    GroupDeleted,
    /// Somebody is in the group now.
    ParticipantAdded(Box<Participant>),
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

/// What the hub wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// All conversations of a user.
    States {
        /// For this socket.
        socket: SocketId,
        /// For this question.
        ticket: Ticket,
        /// Whose.
        user: UserId,
    },
    /// Who is in a conversation.
    Members(LaneId),
    /// The messages after this number.
    Messages(LaneId, Seq),
    /// The chat as each of these sees it.
    Chat(LaneId, ChatId, Vec<UserId>),
    /// The group as each of these sees it.
    Group(LaneId, GroupId, Vec<UserId>),
    /// One of those in a group.
    Participant(LaneId, GroupId, UserId),
}

/// What was found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// To [`Question::States`].
    States(SocketId, Ticket, Vec<ConversationState>),
    /// To [`Question::Members`]; `None` if there is no such conversation (any more).
    Members(LaneId, Option<Members>),
    /// To [`Question::Messages`].
    Messages(LaneId, Vec<Message>),
    /// To all the others.
    View(LaneId, View),
}

/// How something looks to those who are told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum View {
    /// The chat, to each.
    Chat(Vec<(UserId, Chat)>),
    /// The group, to each.
    Group(Vec<(UserId, GroupChat)>),
    /// The participant, to all; `None` if there is none (any more).
    Participant(Option<Participant>),
}
