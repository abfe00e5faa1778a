//! A hub with what it asks and what it tells.

use alumx_domain::account::UserId;
use alumx_domain::conversation::{ConversationEvent, ConversationId};

use super::database::Database;
use super::group;
use crate::realtime::{
    CloseReason, ConversationSignal, Effect, Frame, Hub, HubLimits, LiveEvent, Question, Signal,
    SocketId,
};

/// A hub, its database, and all that sockets were told.
pub struct Stage {
    pub hub: Hub,
    pub database: Database,
    pub questions: Vec<Question>,
    pub told: Vec<(SocketId, String)>,
    pub closed: Vec<SocketId>,
    /// How often it was asked to tell of a loss.
    pub loses: usize,
}

const GROUP: i64 = 1;

pub fn here() -> ConversationId {
    group(GROUP)
}

impl Stage {
    /// A group of these users.
    pub fn with(members: &[UserId]) -> Self {
        let mut database = Database::default();
        database.create(here(), members);
        let limits = HubLimits {
            sockets_per_user: 2,
        };
        Self {
            hub: Hub::new(limits),
            database,
            questions: Vec::new(),
            told: Vec::new(),
            closed: Vec::new(),
            loses: 0,
        }
    }

    /// Begins a socket; it becomes ready with the next answers.
    pub fn connect(&mut self, socket: u64, user: UserId) {
        let session = 1.try_into().unwrap();
        self.hub.connect(SocketId(socket), user, session);
        self.act();
    }

    /// A socket that is ready.
    pub fn ready(&mut self, socket: u64, user: UserId) {
        self.connect(socket, user);
        self.answer();
        self.told.clear();
    }

    pub fn happened(&mut self, event: ConversationEvent) {
        self.hub.happened(event);
        self.act();
    }

    /// The same from another instance, which leaves out what messages say.
    pub fn signalled(&mut self, event: ConversationEvent) {
        let (signal, _) = ConversationSignal::of(event);
        self.hub.signalled(Signal::Conversation(signal));
        self.act();
    }

    /// Answers everything that was asked, as of now.
    pub fn answer(&mut self) {
        while !self.questions.is_empty() {
            let question = self.questions.remove(0);
            let answer = self.database.find_out(question);
            self.hub.answer(answer);
            self.act();
        }
    }

    pub fn act(&mut self) {
        for (_, effect) in self.hub.effects() {
            match effect {
                Effect::Ask(question) => self.questions.push(question),
                Effect::Send { to, frame } => {
                    let text = short(&frame);
                    self.told
                        .extend(to.into_iter().map(|to| (to, text.clone())));
                }
                Effect::Close(socket, CloseReason::TooManySockets) => self.closed.push(socket),
                Effect::Lose => self.loses += 1,
                Effect::Check(_) | Effect::Tell(_) => {}
            }
        }
    }

    /// What a socket was told, in order.
    #[track_caller]
    pub fn assert_told(&self, socket: u64, expected: &[&str]) {
        let told = self.told.iter().filter(|(to, _)| *to == SocketId(socket));
        let told: Vec<&str> = told.map(|(_, text)| text.as_str()).collect();
        assert_eq!(told, expected, "socket {socket}");
    }
}

fn short(frame: &Frame) -> String {
    let listed = |name: &str, states: &[alumx_domain::conversation::ConversationState]| {
        let last = states.iter().map(|s| s.position.last_seq.get().to_string());
        format!("{name} {}", last.collect::<Vec<_>>().join(","))
    };
    match frame {
        Frame::Ready { conversations, .. } => listed("ready", conversations),
        Frame::Resync { conversations, .. } => listed("resync", conversations),
        Frame::Refused(_) => "refused".to_owned(),
        Frame::Event(_, event) => match event {
            LiveEvent::MessageCreated(message) => format!("message {}", message.seq.get()),
            LiveEvent::GroupCreated(_) => "created".to_owned(),
            LiveEvent::GroupDeleted => "deleted".to_owned(),
            LiveEvent::GroupUpdated(_) => "updated".to_owned(),
            LiveEvent::ParticipantAdded(added) => format!("added {}", added.user.id),
            LiveEvent::ParticipantRemoved { user } => format!("removed {user}"),
            LiveEvent::Typing { user } => format!("typing {user}"),
            other => format!("{other:?}"),
        },
    }
}
