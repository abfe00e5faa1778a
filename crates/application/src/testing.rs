//! What tests of several services share.

use std::sync::{Mutex, PoisonError};

use alumx_domain::account::{Account, Caller, Role, SessionId, UserId};
use alumx_domain::chat::ChatId;
use alumx_domain::clock::{MockClock, Timestamp};
use alumx_domain::conversation::{
    ConversationEvent, ConversationId, MembershipVersion, Message, MessageBody, Seq,
};
use alumx_domain::group_chat::GroupId;
use alumx_domain::text::InvalidValue;
use alumx_domain::user::UserRef;

use crate::ports::Realtime;

/// What clients were told, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// An event of a conversation.
    Event(ConversationEvent),
    /// That a session was ended.
    SessionEnded(SessionId),
    /// That a user's account changed.
    AccountChanged(UserId),
}

/// Remembers what clients are told.
#[derive(Default)]
pub struct Listener(Mutex<Vec<Told>>);

impl Listener {
    /// What was told since the last look.
    pub fn told(&self) -> Vec<Told> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn tell(&self, told: Told) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(told);
    }
}

impl Realtime for Listener {
    fn publish(&self, event: ConversationEvent) {
        self.tell(Told::Event(event));
    }

    fn session_ended(&self, session: SessionId) {
        self.tell(Told::SessionEnded(session));
    }

    fn account_changed(&self, user: UserId) {
        self.tell(Told::AccountChanged(user));
    }
}

/// A clock that stands at the beginning of time.
pub fn clock() -> MockClock {
    let mut clock = MockClock::new();
    clock.expect_now().return_const(Timestamp::UNIX_EPOCH);
    clock
}

pub fn user(id: i64) -> UserId {
    UserId::try_from(id).unwrap()
}

/// A caller who is nobody in particular at the school.
pub fn caller(id: i64) -> Caller {
    caller_as(id, Role::Student)
}

pub fn caller_as(id: i64, role: Role) -> Caller {
    Caller {
        user: user(id),
        role,
        session: SessionId::try_from(1).unwrap(),
    }
}

/// The account of Ada, whatever her id is.
pub fn account(id: UserId) -> Account {
    Account {
        id,
        username: value("ada"),
        name: value("Ada"),
        email: value("ada@example.org"),
        role: Role::Alumni,
        suspended_at: None,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

/// A user of whom only the id matters.
pub fn by(id: i64) -> UserRef {
    UserRef {
        id: user(id),
        identity: None,
    }
}

pub fn chat_id() -> ChatId {
    ChatId::try_from(5).unwrap()
}

pub fn group_id() -> GroupId {
    GroupId::try_from(6).unwrap()
}

pub fn seq(number: i64) -> Seq {
    Seq::try_from(number).unwrap()
}

/// The members of the conversation that a mocked store knows.
pub const MEMBERS: MembershipVersion = MembershipVersion(3);

pub fn value<T: TryFrom<String, Error = InvalidValue>>(text: &str) -> T {
    text.to_owned().try_into().unwrap()
}

/// The fourth message of a conversation, sent by user 1.
pub fn message(conversation: ConversationId) -> Message {
    Message {
        id: alumx_domain::conversation::MessageId::try_from(9).unwrap(),
        conversation,
        seq: seq(4),
        sender: by(1),
        body: MessageBody::Text(value("Hello")),
        client_message_id: None,
        created_at: Timestamp::UNIX_EPOCH,
    }
}
