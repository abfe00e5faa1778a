//! Groups as a database has them, and what it answers.

use std::collections::{BTreeMap, BTreeSet};

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::conversation::{
    ConversationEvent, ConversationId, ConversationState, Happening, Members, MembershipVersion,
    Message, MessageBody, ReadPosition, Seq,
};
use alumx_domain::group_chat::{GroupChat, GroupId, Participant, ParticipantRole};
use alumx_domain::user::UserRef;

use super::{group, user};
use crate::realtime::{Answer, Question, View};

/// As many groups are alive at the same time.
pub const PLACES: usize = 4;

/// Messages of a page.
const PAGE: usize = 3;

/// All groups, those that were deleted too.
#[derive(Default)]
pub struct Database {
    pub groups: BTreeMap<ConversationId, Stored>,
    /// How often each place had a group that was deleted.
    replaced: [usize; PLACES],
}

/// A group.
#[derive(Clone, Default)]
pub struct Stored {
    /// Who was in it at each version.
    pub members: Vec<BTreeSet<UserId>>,
    /// Among whom each message was sent.
    pub messages: Vec<MembershipVersion>,
    /// With how many messages each came in last.
    pub joined_at: BTreeMap<UserId, usize>,
    pub deleted: bool,
}

impl Stored {
    pub fn version(&self) -> MembershipVersion {
        MembershipVersion(i64::try_from(self.members.len()).unwrap())
    }

    /// Who is in it.
    pub fn now(&self) -> BTreeSet<UserId> {
        let last = self.members.last().filter(|_| !self.deleted);
        last.cloned().unwrap_or_default()
    }

    /// Whether a user was in it at a version or later.
    pub fn had_since(&self, user: UserId, version: MembershipVersion) -> bool {
        let before = usize::try_from(version.0 - 1).unwrap();
        let since = &self.members[before..];
        since.iter().any(|members| members.contains(&user))
    }
}

impl Database {
    /// The number of the group that lives at one of the places, or will.
    pub fn at(&self, place: usize) -> ConversationId {
        let n = 1 + place + PLACES * self.replaced[place];
        group(i64::try_from(n).unwrap())
    }

    /// Makes a group.
    pub fn create(&mut self, id: ConversationId, members: &[UserId]) -> ConversationEvent {
        let stored = self.groups.entry(id).or_default();
        stored.members.push(members.iter().copied().collect());
        stored.joined_at = members.iter().map(|member| (*member, 0)).collect();
        self.event(id, Happening::GroupCreated)
    }

    /// Sends a message.
    pub fn send(&mut self, id: ConversationId) -> ConversationEvent {
        let stored = self.groups.get_mut(&id).unwrap();
        stored.messages.push(stored.version());
        let sent = message(id, stored.messages.len());
        self.event(id, Happening::MessageCreated(Box::new(sent)))
    }

    /// Puts a user into a group, or out of it.
    pub fn place(&mut self, id: ConversationId, user: UserId) -> ConversationEvent {
        let stored = self.groups.get_mut(&id).unwrap();
        let mut members = stored.now();
        let happening = if members.remove(&user) {
            Happening::ParticipantRemoved { user }
        } else {
            members.insert(user);
            stored.joined_at.insert(user, stored.messages.len());
            Happening::ParticipantAdded { user }
        };
        stored.members.push(members);
        self.event(id, happening)
    }

    /// Gives a group another name.
    pub fn update(&self, id: ConversationId) -> ConversationEvent {
        self.event(id, Happening::GroupUpdated)
    }

    /// Deletes a group; there will be another one at its place.
    pub fn delete(&mut self, id: ConversationId) -> ConversationEvent {
        self.groups.get_mut(&id).unwrap().deleted = true;
        let place = (0..PLACES).find(|place| self.at(*place) == id);
        self.replaced[place.unwrap()] += 1;
        self.event(id, Happening::GroupDeleted)
    }

    fn event(&self, conversation: ConversationId, happening: Happening) -> ConversationEvent {
        ConversationEvent {
            conversation,
            membership: self.groups[&conversation].version(),
            happening,
        }
    }

    /// Answers as of now.
    pub fn find_out(&self, question: Question) -> Answer {
        match question {
            Question::States {
                socket,
                ticket,
                user,
            } => Answer::States(socket, ticket, self.states(user)),
            Question::Members(lane) => {
                let stored = &self.groups[&lane.conversation];
                let members = (!stored.deleted).then(|| Members {
                    users: stored.now().into_iter().collect(),
                    version: stored.version(),
                    last_seq: seq(stored.messages.len()),
                });
                Answer::Members(lane, members)
            }
            Question::Messages(lane, after) => {
                let stored = &self.groups[&lane.conversation];
                let after = usize::try_from(after.get()).unwrap();
                let page = stored.messages.len().min(after + PAGE);
                let last = if stored.deleted { 0 } else { page };
                let messages = (after + 1..=last).map(|n| message(lane.conversation, n));
                Answer::Messages(lane, messages.collect())
            }
            Question::Group(lane, id, viewers) => {
                let stored = &self.groups[&lane.conversation];
                let viewers = viewers.into_iter().filter(|v| stored.now().contains(v));
                let views = viewers.map(|viewer| (viewer, view(id, stored)));
                Answer::View(lane, View::Group(views.collect()))
            }
            Question::Participant(lane, _, user) => {
                let stored = &self.groups[&lane.conversation];
                let is_in = stored.now().contains(&user);
                let participant = is_in.then(|| participant(user, stored.joined_at[&user]));
                Answer::View(lane, View::Participant(participant))
            }
            Question::Chat(..) => panic!("there are no chats here"),
        }
    }

    fn states(&self, user: UserId) -> Vec<ConversationState> {
        let mine = self.groups.iter().filter(|(_, g)| g.now().contains(&user));
        let states = mine.map(|(id, stored)| ConversationState {
            conversation: *id,
            position: position(stored.messages.len()),
            membership: stored.version(),
        });
        states.collect()
    }
}

fn seq(n: usize) -> Seq {
    i64::try_from(n).unwrap().try_into().unwrap()
}

fn who(id: UserId) -> UserRef {
    UserRef { id, identity: None }
}

fn position(last: usize) -> ReadPosition {
    ReadPosition {
        last_read_seq: Seq::ZERO,
        last_seq: seq(last),
    }
}

fn message(conversation: ConversationId, n: usize) -> Message {
    Message {
        id: i64::try_from(n).unwrap().try_into().unwrap(),
        conversation,
        seq: seq(n),
        sender: who(user(1)),
        body: MessageBody::Text("Hi".to_owned().try_into().unwrap()),
        client_message_id: None,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

fn participant(user: UserId, read: usize) -> Participant {
    Participant {
        id: 1.try_into().unwrap(),
        user: who(user),
        role: ParticipantRole::Member,
        joined_at: Timestamp::UNIX_EPOCH,
        last_read_seq: seq(read),
    }
}

fn view(id: GroupId, stored: &Stored) -> GroupChat {
    GroupChat {
        id,
        name: "Alumni".to_owned().try_into().unwrap(),
        owner: who(user(1)),
        viewer_role: ParticipantRole::Member,
        participant_count: 1,
        last_message: None,
        position: position(stored.messages.len()),
        created_at: Timestamp::UNIX_EPOCH,
        last_activity_at: Timestamp::UNIX_EPOCH,
    }
}
