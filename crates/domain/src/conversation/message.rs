//! Messages and their numbers.

use uuid::Uuid;

use super::{ConversationId, Membership, MembershipVersion};
use crate::account::UserId;
use crate::clock::Timestamp;
use crate::id::Id;
use crate::text::{InvalidValue, Line, Paragraphs};
use crate::user::UserRef;

/// The id of a message among those of chats, or among those of groups.
pub type MessageId = Id<Message>;

/// What a message says: 1–4000 characters.
pub type MessageText = Paragraphs<1, 4000>;

/// What somebody looks for in messages: 1–200 characters, all of them plain text.
pub type MessageSearch = Line<1, 200>;

/// The gapless number of a message in its conversation, from 1 in the order in which messages
/// were committed; 0 is before the first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(i64);

impl Seq {
    /// Before the first message.
    pub const ZERO: Self = Self(0);

    /// The number itself, from 0 to `i64::MAX`.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Whether this is the number right after `other`.
    pub const fn follows(self, other: Self) -> bool {
        self.0 - 1 == other.0
    }
}

impl TryFrom<i64> for Seq {
    type Error = InvalidValue;

    fn try_from(number: i64) -> Result<Self, InvalidValue> {
        if number < 0 {
            return Err(InvalidValue::new("out_of_range", "must not be negative"));
        }
        Ok(Self(number))
    }
}

/// The id that a client gave a message, so that a send that is repeated stores it once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientMessageId(pub Uuid);

impl TryFrom<String> for ClientMessageId {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        // Of the spellings that there are, the one of RFC 9562 alone.
        Uuid::try_parse(&text)
            .ok()
            .filter(|_| text.len() == 36)
            .map(Self)
            .ok_or_else(|| InvalidValue::new("invalid_uuid", "must be a UUID"))
    }
}

/// What a message says, as long as it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageBody {
    /// This.
    Text(MessageText),
    /// Nothing any more: it was deleted, and its number stays.
    Deleted {
        /// When.
        at: Timestamp,
    },
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Where it was sent.
    pub conversation: ConversationId,
    /// Its number there.
    pub seq: Seq,
    /// Who sent it.
    pub sender: UserRef,
    /// What it says.
    pub body: MessageBody,
    /// The client's own id of it.
    pub client_message_id: Option<ClientMessageId>,
    /// When it was sent.
    pub created_at: Timestamp,
}

impl Message {
    /// Whether `user`, who is this in the conversation, may delete it: who sent it may, and in
    /// groups who administers them.
    pub fn may_be_deleted_by(&self, user: UserId, membership: Membership) -> bool {
        self.sender.id == user || membership.may_delete_any_message()
    }

    /// Whether it is deleted.
    pub fn is_deleted(&self) -> bool {
        matches!(self.body, MessageBody::Deleted { .. })
    }
}

/// A message about to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// What it says.
    pub content: MessageText,
    /// The client's own id of it.
    pub client_message_id: Option<ClientMessageId>,
}

impl NewMessage {
    /// Whether sending this again may be answered with `first`, which was sent under the same
    /// client's id: it says the same, or nothing any more.
    pub fn repeats(&self, first: &Message) -> bool {
        match &first.body {
            MessageBody::Text(content) => *content == self.content,
            MessageBody::Deleted { .. } => true,
        }
    }
}

/// What became of a send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The message, as it is stored.
    pub message: Message,
    /// Whether it was stored now; `false` for a repeat, which changes nothing.
    pub is_new: bool,
    /// The members that it was sent to.
    pub membership: MembershipVersion,
}

/// Which messages of a conversation, and in what order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessagesFrom {
    /// From the newest backwards.
    Newest,
    /// Those before this number, backwards.
    Before(Seq),
    /// Those after this number, forwards.
    After(Seq),
}

impl MessagesFrom {
    /// Where the page goes on that ends with `last`: in the same direction.
    #[must_use]
    pub const fn going_on_after(self, last: Seq) -> Self {
        match self {
            Self::Newest | Self::Before(_) => Self::Before(last),
            Self::After(_) => Self::After(last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::ChatId;
    use crate::group_chat::ParticipantRole;

    fn user(id: i64) -> UserId {
        UserId::try_from(id).unwrap()
    }

    fn message(body: MessageBody) -> Message {
        Message {
            id: MessageId::try_from(1).unwrap(),
            conversation: ConversationId::Chat(ChatId::try_from(1).unwrap()),
            seq: Seq::try_from(1).unwrap(),
            sender: UserRef {
                id: user(1),
                identity: None,
            },
            body,
            client_message_id: None,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn text(text: &str) -> MessageText {
        text.to_owned().try_into().unwrap()
    }

    #[test]
    fn the_sender_deletes_a_message_and_who_administers_a_group_any() {
        let message = message(MessageBody::Text(text("Hi")));
        let may = |by, membership| message.may_be_deleted_by(user(by), membership);

        assert!(may(1, Membership::Chat) && !may(2, Membership::Chat));
        assert!(may(1, Membership::Group(ParticipantRole::Member)));
        assert!(!may(2, Membership::Group(ParticipantRole::Member)));
        assert!(may(2, Membership::Group(ParticipantRole::Admin)));
        assert!(may(2, Membership::Group(ParticipantRole::Owner)));
    }

    #[test]
    fn a_repeat_says_the_same_or_meets_a_tombstone() {
        let send = NewMessage {
            content: text("Hi"),
            client_message_id: None,
        };
        let at = Timestamp::UNIX_EPOCH;

        assert!(send.repeats(&message(MessageBody::Text(text("Hi")))));
        assert!(!send.repeats(&message(MessageBody::Text(text("hi")))));
        assert!(send.repeats(&message(MessageBody::Deleted { at })));
    }

    #[test]
    fn numbers_start_at_zero_and_follow_each_other() {
        let seq = |n| Seq::try_from(n).unwrap();

        assert!(Seq::try_from(-1).is_err());
        assert!(seq(1).follows(Seq::ZERO) && seq(3).follows(seq(2)));
        assert!(!seq(3).follows(seq(3)) && !seq(3).follows(seq(1)));
    }

    #[test]
    fn a_page_goes_on_in_its_direction() {
        let seq = |n| Seq::try_from(n).unwrap();

        assert_eq!(
            MessagesFrom::Newest.going_on_after(seq(3)),
            MessagesFrom::Before(seq(3))
        );
        assert_eq!(
            MessagesFrom::Before(seq(5)).going_on_after(seq(3)),
            MessagesFrom::Before(seq(3))
        );
        assert_eq!(
            MessagesFrom::After(seq(1)).going_on_after(seq(3)),
            MessagesFrom::After(seq(3))
        );
    }

    #[test]
    fn texts_have_4000_characters_at_most_and_ids_one_spelling() {
        assert!(MessageText::try_from("😀".repeat(4000)).is_ok());
        assert!(MessageText::try_from("x".repeat(4001)).is_err());
        assert!(MessageText::try_from(" \n".to_owned()).is_err());
        let id = |text: &str| ClientMessageId::try_from(text.to_owned()).is_ok();
        assert!(id("0192f0c1-6a7e-7c1c-9f55-0d6b1f0f6b1e"));
        assert!(!id("0192f0c16a7e7c1c9f550d6b1f0f6b1e") && !id("") && !id("x"));
        assert!(!id("{0192f0c1-6a7e-7c1c-9f55-0d6b1f0f6b1e}"));
    }
}
