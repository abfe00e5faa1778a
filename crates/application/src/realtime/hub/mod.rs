//! Who is connected here, and who is told what.

mod conversations;
mod readiness;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use alumx_domain::account::{SessionId, UserId};
use alumx_domain::clock::Timestamp;
use alumx_domain::conversation::{ConversationEvent, ConversationId};
use tracing::Span;

use super::lane::Lane;
use super::pending::Pending;
use super::registrations::Registrations;
use super::typing::TypingLimit;
use super::{
    Answer, CloseReason, ConversationSignal, Effect, Frame, News, Refusal, Signal, SocketId,
};

/// What is bounded.
#[derive(Debug, Clone, Copy)]
pub struct HubLimits {
    /// Sockets of one user; of more, the oldest is closed.
    pub sockets_per_user: usize,
}

impl Default for HubLimits {
    fn default() -> Self {
        Self {
            sockets_per_user: 10,
        }
    }
}

/// Who has sockets here.
#[derive(Default)]
struct LocalUser {
    /// The oldest first.
    sockets: Vec<SocketId>,
    lanes: BTreeSet<ConversationId>,
}

struct Socket {
    user: UserId,
    session: SessionId,
    /// What it is told when its conversations are known; from then on it is ready, and is told
    /// what happens.
    greeting: Option<Greeting>,
}

#[derive(Clone, Copy)]
enum Greeting {
    Ready,
    Resync,
}

/// Decides what the clients of this instance, and other instances, are told.
#[derive(Default)]
pub struct Hub {
    limits: HubLimits,
    users: HashMap<UserId, LocalUser>,
    /// The oldest first.
    sockets: BTreeMap<SocketId, Socket>,
    lanes: HashMap<ConversationId, Lane>,
    lanes_made: u64,
    registrations: Registrations,
    typing: TypingLimit,
    effects: Vec<(Span, Effect)>,
}

impl Hub {
    /// A hub without clients.
    pub fn new(limits: HubLimits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// What is to be done since this was last asked, in this order, each with the span of what
    /// caused it: the one in which the hub was told of that.
    pub fn effects(&mut self) -> Vec<(Span, Effect)> {
        std::mem::take(&mut self.effects)
    }

    fn want(&mut self, effect: Effect) {
        self.effects.push((Span::current(), effect));
    }

    /// A user has opened a socket.
    pub fn connect(&mut self, socket: SocketId, user: UserId, session: SessionId) {
        let greeting = Some(Greeting::Ready);
        let opened = Socket {
            user,
            session,
            greeting,
        };
        self.sockets.insert(socket, opened);
        let sockets = &mut self.users.entry(user).or_default().sockets;
        sockets.push(socket);
        let surplus = sockets.len().saturating_sub(self.limits.sockets_per_user);
        let oldest: Vec<SocketId> = sockets[..surplus].to_vec();
        for socket in oldest {
            self.want(Effect::Close(socket, CloseReason::TooManySockets));
            self.disconnect(socket);
        }
        self.registrations.enqueue(socket);
        self.register();
    }

    /// A socket is closed. May be said more than once.
    pub fn disconnect(&mut self, socket: SocketId) {
        let Some(Socket { user, .. }) = self.sockets.remove(&socket) else {
            return;
        };
        self.registrations.remove(socket);
        if let Some(local) = self.users.get_mut(&user) {
            local.sockets.retain(|other| *other != socket);
            if local.sockets.is_empty() {
                let lanes = std::mem::take(&mut local.lanes);
                self.users.remove(&user);
                for conversation in lanes {
                    self.leave(conversation, user);
                }
            }
        }
        self.register();
    }

    /// Something happened on this instance.
    pub fn happened(&mut self, event: ConversationEvent) {
        let (signal, message) = ConversationSignal::of(event);
        self.want(Effect::Tell(Signal::Conversation(signal)));
        self.arrived(
            signal.conversation,
            Pending {
                message,
                ..Pending::new(signal.membership, signal.news)
            },
        );
    }

    /// A session was ended on this instance.
    pub fn session_ended(&mut self, session: SessionId) {
        self.want(Effect::Tell(Signal::SessionEnded(session)));
        self.check(|socket| socket.session == session);
    }

    /// A user's account or sessions were changed on this instance.
    pub fn account_changed(&mut self, user: UserId) {
        self.want(Effect::Tell(Signal::AccountChanged(user)));
        self.check(|socket| socket.user == user);
    }

    /// Something happened on another instance.
    pub fn signalled(&mut self, signal: Signal) {
        match signal {
            Signal::Conversation(signal) => {
                let pending = Pending::new(signal.membership, signal.news);
                self.arrived(signal.conversation, pending);
            }
            Signal::SessionEnded(session) => self.check(|socket| socket.session == session),
            Signal::AccountChanged(user) => self.check(|socket| socket.user == user),
            Signal::Lost => self.lost(),
        }
    }

    /// What happened elsewhere may not have been said: all clients are told where things stand.
    pub fn lost(&mut self) {
        self.lanes.clear();
        self.registrations.restart();
        for local in self.users.values_mut() {
            local.lanes.clear();
        }
        // Those who wait already keep their place, so that losses again and again starve nobody.
        for (id, socket) in &mut self.sockets {
            if socket.greeting.is_none() {
                socket.greeting = Some(Greeting::Resync);
                self.registrations.enqueue(*id);
            }
        }
        self.register();
    }

    /// Whether there are clients who are to be told where things stand since a loss, and were not.
    pub fn is_resyncing(&self) -> bool {
        let mut greetings = self.sockets.values().map(|socket| socket.greeting);
        greetings.any(|greeting| matches!(greeting, Some(Greeting::Resync)))
    }

    /// A client says that its user is writing.
    pub fn typing(&mut self, socket: SocketId, conversation: ConversationId, now: Timestamp) {
        let Some(Socket {
            user,
            greeting: None,
            ..
        }) = self.sockets.get(&socket)
        else {
            return;
        };
        let user = *user;
        let lane = self.lanes.get(&conversation);
        let Some(lane) = lane.filter(|lane| lane.users.contains(&user)) else {
            let frame = Frame::Refused(Refusal::NotFound);
            let to = vec![socket];
            return self.want(Effect::Send { to, frame });
        };
        // While other news wait it is left out, and must not count as told.
        if lane.is_idle() && self.typing.allows(user, conversation, now) {
            let signal = ConversationSignal {
                conversation,
                membership: lane.version,
                news: News::Typing { user },
            };
            self.want(Effect::Tell(Signal::Conversation(signal)));
            self.arrived(conversation, Pending::new(signal.membership, signal.news));
        }
    }

    /// Something that was asked is known.
    pub fn answer(&mut self, answer: Answer) {
        let id = match &answer {
            Answer::States(..) => None,
            Answer::Members(id, _) | Answer::Messages(id, _) | Answer::View(id, _) => Some(*id),
        };
        // A lane that is gone, perhaps with a new one in its place, wants no answers.
        let lane = id.and_then(|id| self.lanes.get_mut(&id.conversation).filter(|l| l.id == id));
        match (answer, lane) {
            (Answer::States(socket, ticket, states), _) => self.registered(socket, ticket, states),
            (Answer::Members(id, members), Some(_)) => self.members(id, members.as_ref()),
            (Answer::Messages(_, messages), Some(lane)) => lane.messages(messages),
            (Answer::View(_, view), Some(lane)) => lane.view(view),
            (_, None) => return,
        }
        if let Some(id) = id {
            self.run(id.conversation);
        }
    }
}
