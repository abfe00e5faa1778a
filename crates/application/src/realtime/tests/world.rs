//! Clients, a database, instances and a network, all of them slow and out of step.

use std::collections::{BTreeSet, HashMap, HashSet};

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::conversation::{
    ConversationEvent, ConversationId, ConversationState, Happening, Members, MembershipVersion,
    Message, MessageBody, ReadPosition, Seq,
};
use alumx_domain::group_chat::{GroupChat, Participant, ParticipantRole};
use alumx_domain::user::UserRef;

use super::{group, user};
use crate::realtime::{
    Answer, ConversationSignal, Effect, Frame, Hub, HubLimits, LiveEvent, Question, Signal,
    SocketId, View,
};

const USERS: i64 = 5;
const GROUPS: i64 = 4;

/// Numbers without a pattern, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

fn seq(n: usize) -> Seq {
    i64::try_from(n).unwrap().try_into().unwrap()
}

fn who(id: UserId) -> UserRef {
    UserRef { id, identity: None }
}

/// A group as the database has it.
#[derive(Clone, Default)]
struct Stored {
    /// Who was in it at each version.
    members: Vec<HashSet<UserId>>,
    /// Among whom each message was sent.
    messages: Vec<MembershipVersion>,
    /// With how many messages each came in last.
    joined_at: HashMap<UserId, usize>,
    deleted: bool,
}

impl Stored {
    fn version(&self) -> MembershipVersion {
        MembershipVersion(i64::try_from(self.members.len()).unwrap())
    }

    fn now(&self) -> HashSet<UserId> {
        let last = self.members.last().filter(|_| !self.deleted);
        last.cloned().unwrap_or_default()
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

/// What a client believes.
#[derive(Default)]
struct Client {
    user: Option<UserId>,
    greeted: bool,
    /// The last message of each of its groups; `None` until the first after it came in.
    groups: HashMap<ConversationId, Option<usize>>,
    /// The messages that it was told since it was last told where things stand.
    told: HashSet<(ConversationId, usize)>,
}

struct World {
    dice: Dice,
    hub: Hub,
    groups: HashMap<ConversationId, Stored>,
    clients: HashMap<SocketId, Client>,
    sockets: u64,
    events: Vec<ConversationEvent>,
    questions: Vec<Question>,
    answers: Vec<Answer>,
}

impl World {
    fn new(seed: u64) -> Self {
        let limits = HubLimits {
            sockets_per_user: 3,
        };
        Self {
            dice: Dice(seed),
            hub: Hub::new(limits),
            groups: HashMap::new(),
            clients: HashMap::new(),
            sockets: 0,
            events: Vec::new(),
            questions: Vec::new(),
            answers: Vec::new(),
        }
    }

    fn some_user(&mut self) -> UserId {
        user(1 + i64::try_from(self.dice.below(5)).unwrap() % USERS)
    }

    fn step(&mut self) {
        match self.dice.below(100) {
            0..8 => self.connect(),
            8..12 => self.disconnect(),
            12..35 => self.change(),
            35..60 => self.tell_hub(),
            60..80 => self.look_up(),
            80..99 => self.answer(),
            _ => self.lose(),
        }
        self.act();
    }

    fn connect(&mut self) {
        self.sockets += 1;
        let (socket, user) = (SocketId(self.sockets), self.some_user());
        let client = Client {
            user: Some(user),
            ..Client::default()
        };
        self.clients.insert(socket, client);
        self.hub.connect(socket, user, 1.try_into().unwrap());
    }

    fn disconnect(&mut self) {
        let sockets: BTreeSet<SocketId> = self.clients.keys().copied().collect();
        if !sockets.is_empty() {
            let n = self.dice.below(sockets.len());
            let socket = *sockets.iter().nth(n).unwrap();
            self.clients.remove(&socket);
            self.hub.disconnect(socket);
        }
    }

    /// Something is committed.
    fn change(&mut self) {
        let n = 1 + i64::try_from(self.dice.below(4)).unwrap() % GROUPS;
        let (conversation, someone) = (group(n), self.some_user());
        let what = self.dice.below(20);
        let stored = self.groups.entry(conversation).or_default();
        if stored.deleted {
            return;
        }
        let is_in = stored.now().contains(&someone);
        let happening = if stored.members.is_empty() {
            stored.members.push([someone].into());
            stored.joined_at.insert(someone, 0);
            Happening::GroupCreated
        } else if what < 12 {
            let version = stored.version();
            stored.messages.push(version);
            let message = message(conversation, stored.messages.len());
            Happening::MessageCreated(Box::new(message))
        } else if what == 19 && self.dice.below(8) == 0 {
            stored.deleted = true;
            Happening::GroupDeleted
        } else if what == 18 {
            Happening::GroupUpdated
        } else {
            let mut members = stored.now();
            if is_in {
                members.remove(&someone);
            } else {
                members.insert(someone);
                stored.joined_at.insert(someone, stored.messages.len());
            }
            stored.members.push(members);
            if is_in {
                Happening::ParticipantRemoved { user: someone }
            } else {
                Happening::ParticipantAdded { user: someone }
            }
        };
        let membership = stored.version();
        self.events.push(ConversationEvent {
            conversation,
            membership,
            happening,
        });
    }

    /// An event reaches the hub, from here or from elsewhere, a little out of order.
    fn tell_hub(&mut self) {
        if self.events.is_empty() {
            return;
        }
        let n = self.dice.below(self.events.len().min(3));
        let event = self.events.remove(n);
        if self.dice.below(2) == 0 {
            self.hub.happened(event);
        } else {
            let (signal, _) = ConversationSignal::of(event);
            self.hub.signalled(Signal::Conversation(signal));
        }
    }

    fn lose(&mut self) {
        let n = self.dice.below(self.events.len().min(5) + 1);
        self.events.drain(..n);
        self.hub.lost();
    }

    fn look_up(&mut self) {
        if self.questions.is_empty() {
            return;
        }
        let n = self.dice.below(self.questions.len());
        let question = self.questions.remove(n);
        let answer = self.find_out(question);
        self.answers.push(answer);
    }

    fn answer(&mut self) {
        if !self.answers.is_empty() {
            let n = self.dice.below(self.answers.len());
            let answer = self.answers.remove(n);
            self.hub.answer(answer);
        }
    }

    fn find_out(&self, question: Question) -> Answer {
        match question {
            Question::States {
                socket,
                ticket,
                user,
            } => {
                let mine = self.groups.iter().filter(|(_, g)| g.now().contains(&user));
                let states = mine.map(|(id, stored)| ConversationState {
                    conversation: *id,
                    position: ReadPosition {
                        last_read_seq: Seq::ZERO,
                        last_seq: seq(stored.messages.len()),
                    },
                    membership: stored.version(),
                });
                Answer::States(socket, ticket, states.collect())
            }
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
                let upto = if stored.deleted {
                    0
                } else {
                    // A page of few.
                    stored.messages.len().min(after + 3)
                };
                let messages = (after + 1..=upto).map(|n| message(lane.conversation, n));
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
                let participant = stored.now().contains(&user).then(|| Participant {
                    id: 1.try_into().unwrap(),
                    user: who(user),
                    role: ParticipantRole::Member,
                    joined_at: Timestamp::UNIX_EPOCH,
                    last_read_seq: seq(stored.joined_at[&user]),
                });
                Answer::View(lane, View::Participant(participant))
            }
            Question::Chat(..) => panic!("there are no chats here"),
        }
    }

    fn act(&mut self) {
        for effect in self.hub.effects() {
            match effect {
                Effect::Ask(question) => self.questions.push(question),
                Effect::Send { to, frame } => {
                    let once: HashSet<_> = to.iter().collect();
                    assert_eq!(once.len(), to.len(), "each socket once");
                    for socket in to {
                        self.receive(socket, &frame);
                    }
                }
                Effect::Close(socket, _) => {
                    self.clients.remove(&socket);
                }
                Effect::Check(_) | Effect::Tell(_) => {}
            }
        }
    }

    /// Checks what a client is told.
    fn receive(&mut self, socket: SocketId, frame: &Frame) {
        let client = self.clients.get_mut(&socket).expect("an open socket");
        let me = client.user.unwrap();
        let listed = |states: &[ConversationState]| {
            let last = |s: &ConversationState| usize::try_from(s.position.last_seq.get()).unwrap();
            states
                .iter()
                .map(|s| (s.conversation, Some(last(s))))
                .collect()
        };
        match frame {
            Frame::Ready { conversations, .. } => {
                assert!(!client.greeted, "ready once");
                client.greeted = true;
                client.groups = listed(conversations);
            }
            Frame::Resync { conversations, .. } => {
                assert!(client.greeted, "ready first");
                client.told.clear();
                client.groups = listed(conversations);
            }
            Frame::Event(conversation, event) => {
                assert!(client.greeted, "ready first");
                let stored = &self.groups[conversation];
                client.hear(me, *conversation, event, stored);
            }
            Frame::Refused(_) => panic!("nobody asked for anything"),
        }
    }

    /// Lets everything arrive.
    fn settle(&mut self) {
        while !(self.events.is_empty() && self.questions.is_empty() && self.answers.is_empty()) {
            self.tell_hub();
            self.act();
            self.look_up();
            self.answer();
            self.act();
        }
    }

    /// Everybody knows all of the own groups and of no other.
    fn check(&self) {
        for client in self.clients.values() {
            let me = client.user.unwrap();
            assert!(client.greeted);
            // Who hears of an end late, asks for the group in vain.
            for (id, stored) in self.groups.iter().filter(|(_, group)| !group.deleted) {
                let last = client.groups.get(id);
                if stored.now().contains(&me) {
                    let last = last.unwrap_or_else(|| panic!("{me:?} must know of {id:?}"));
                    if let Some(last) = last {
                        assert_eq!(*last, stored.messages.len(), "{me:?} in {id:?}");
                    }
                } else {
                    assert_eq!(last, None, "{me:?} is not in {id:?}");
                }
            }
        }
    }
}

impl Client {
    fn hear(
        &mut self,
        me: UserId,
        conversation: ConversationId,
        event: &LiveEvent,
        stored: &Stored,
    ) {
        match event {
            LiveEvent::MessageCreated(message) => {
                let n = usize::try_from(message.seq.get()).unwrap();
                // What was sent among new members may come before the news of them.
                let last = self.groups.entry(conversation).or_default();
                assert!(self.told.insert((conversation, n)), "{n} twice");
                if last.is_some_and(|last| n <= last) {
                    return;
                }
                if stored.deleted {
                    // What was written in it can't be loaded any more.
                    return *last = Some(n);
                }
                let first = stored.joined_at[&me] + 1;
                // Of what was written before it came in again, some may be missing.
                let follows = last.is_none_or(|last| n == last + 1 || (n > last && n <= first));
                assert!(follows, "{n} after {last:?} {me:?} {conversation:?}");
                let settled = last.is_some() || !stored.now().contains(&me);
                assert!(settled || n <= first, "{n} though in since {first}");
                *last = Some(n);
                let sent_among = usize::try_from(stored.messages[n - 1].0).unwrap();
                let since = &stored.members[sent_among - 1..];
                assert!(since.iter().any(|members| members.contains(&me)), "a leak");
            }
            LiveEvent::GroupCreated(_) => {
                self.groups.entry(conversation).or_insert(Some(0));
            }
            LiveEvent::ParticipantAdded(added) if added.user.id == me => {
                // A client loads the group then.
                let last = self.groups.entry(conversation).or_default();
                let read = usize::try_from(added.last_read_seq.get()).unwrap();
                *last = last.map(|last| last.max(read));
            }
            LiveEvent::ParticipantRemoved { user } if *user == me => {
                self.groups.remove(&conversation);
            }
            LiveEvent::GroupDeleted => {
                self.groups.remove(&conversation);
            }
            _ => {}
        }
    }
}

fn view(id: alumx_domain::group_chat::GroupId, stored: &Stored) -> GroupChat {
    GroupChat {
        id,
        name: "Alumni".to_owned().try_into().unwrap(),
        owner: who(user(1)),
        viewer_role: ParticipantRole::Member,
        participant_count: 1,
        last_message: None,
        position: ReadPosition {
            last_read_seq: Seq::ZERO,
            last_seq: seq(stored.messages.len()),
        },
        created_at: Timestamp::UNIX_EPOCH,
        last_activity_at: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn whatever_happens_when_everybody_is_told_all_of_it_once_in_order_and_nothing_else() {
    for seed in 1..=400 {
        let mut world = World::new(seed * 0x9E37_79B9);
        for _ in 0..4 {
            for _ in 0..150 {
                world.step();
            }
            world.settle();
            world.check();
        }
    }
}
