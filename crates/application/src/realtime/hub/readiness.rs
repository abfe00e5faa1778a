//! Sockets that become ready.

use std::collections::HashMap;

use alumx_domain::account::UserId;
use alumx_domain::conversation::{ConversationId, ConversationState, MembershipVersion, Seq};

use super::{Greeting, Hub, Socket};
use crate::realtime::lane::Lane;
use crate::realtime::pending::Pending;
use crate::realtime::{
    ConversationSignal, Effect, Frame, LiveEvent, News, Question, SocketId, Ticket,
};

/// The most conversations that a frame lists.
const LISTED: usize = 200;

impl Hub {
    pub(super) fn check(&mut self, concerned: impl Fn(&Socket) -> bool) {
        let sockets = self.sockets.iter();
        let concerned = sockets.filter(|(_, socket)| concerned(socket));
        self.effects
            .extend(concerned.map(|(id, _)| Effect::Check(*id)));
    }

    pub(super) fn register(&mut self) {
        while let Some((socket, ticket)) = self.registrations.begin_next() {
            if let Some(Socket { user, .. }) = self.sockets.get(&socket) {
                self.effects.push(Effect::Ask(Question::States {
                    socket,
                    ticket,
                    user: *user,
                }));
            }
        }
    }

    pub(super) fn registered(
        &mut self,
        socket: SocketId,
        ticket: Ticket,
        mut states: Vec<ConversationState>,
    ) {
        let Some(meanwhile) = self.registrations.finish(socket, ticket) else {
            return;
        };
        let Some(user) = self.sockets.get(&socket).map(|socket| socket.user) else {
            return;
        };
        let known = states.iter().map(|s| (s.conversation, s.membership));
        let known: HashMap<_, _> = known.collect();
        let meanwhile = meanwhile.filter(|meanwhile| {
            let entered = |signal: &ConversationSignal| {
                self.is_on_lane(user, signal.conversation)
                    && !known.contains_key(&signal.conversation)
            };
            !meanwhile.iter().any(entered)
        });
        let Some(meanwhile) = meanwhile else {
            // Too much happened, or the user came into a conversation: look again.
            self.registrations.enqueue(socket);
            return self.register();
        };
        for state in &mut states {
            self.join(socket, user, state, &meanwhile);
        }
        let joined: Vec<_> = states.iter().map(|state| state.conversation).collect();
        self.greet(socket, user, states);
        self.retell(socket, user, &known, &meanwhile);
        for conversation in joined {
            self.run(conversation);
        }
        self.register();
    }

    /// Sockets that became ready before their user came into a conversation, and were not told.
    pub(super) fn resync(&mut self, sockets: Vec<SocketId>) {
        for id in sockets {
            if let Some(socket) = self.sockets.get_mut(&id) {
                socket.greeting = Some(Greeting::Resync);
                self.registrations.enqueue(id);
            }
        }
        self.register();
    }

    fn is_on_lane(&self, user: UserId, conversation: ConversationId) -> bool {
        let lane = self.lanes.get(&conversation);
        lane.is_some_and(|lane| lane.users.contains(&user))
    }

    /// Brings a user onto a lane, and the socket's state of it up to what has been told there.
    fn join(
        &mut self,
        socket: SocketId,
        user: UserId,
        state: &mut ConversationState,
        meanwhile: &[ConversationSignal],
    ) {
        let (conversation, version) = (state.conversation, state.membership);
        let seq = &mut state.position.last_seq;
        let lane = self.lanes.get(&conversation);
        if lane.is_none_or(|lane| !lane.complete && !lane.users.contains(&user)) {
            // Had another socket of the user known of it, the user would be on the lane.
            let unaware = self.ready([user]);
            self.resync(unaware);
        }
        if let Some(lane) = self.lanes.get_mut(&conversation) {
            *seq = lane.meet(socket, *seq, version);
            lane.join(user, version);
        } else {
            let mut lane = Lane::known(self.new_lane(conversation), *seq, version);
            lane.join(user, version);
            if let Some((seq, version)) = last_sent(meanwhile, conversation) {
                lane.catch_up_to(seq, version);
            }
            self.lanes.insert(conversation, lane);
        }
        if let Some(local) = self.users.get_mut(&user) {
            local.lanes.insert(conversation);
        }
    }

    fn greet(&mut self, socket: SocketId, user: UserId, states: Vec<ConversationState>) {
        let greeting = self
            .sockets
            .get_mut(&socket)
            .and_then(|s| s.greeting.take());
        let truncated = states.len() > LISTED;
        let mut conversations = states;
        conversations.truncate(LISTED);
        let frame = match greeting {
            Some(Greeting::Resync) => Frame::Resync {
                conversations,
                truncated,
            },
            Some(Greeting::Ready) | None => Frame::Ready {
                user,
                conversations,
                truncated,
            },
        };
        let to = vec![socket];
        self.effects.push(Effect::Send { to, frame });
    }

    /// Tells one socket what was told to others while it was becoming ready. Messages are not
    /// among it: its state says up to where it knows of them.
    fn retell(
        &mut self,
        socket: SocketId,
        user: UserId,
        known: &HashMap<ConversationId, MembershipVersion>,
        meanwhile: &[ConversationSignal],
    ) {
        for signal in meanwhile {
            let seen = known.get(&signal.conversation);
            let own_removal = signal.news == News::ParticipantRemoved { user };
            let covered = match signal.news {
                News::MessageCreated { .. } | News::ChatCreated | News::GroupCreated => true,
                News::ParticipantAdded { .. } | News::ParticipantRemoved { .. } => {
                    seen.is_some_and(|seen| signal.membership <= *seen)
                }
                _ => false,
            };
            if covered {
                continue;
            }
            if own_removal {
                // Not through the lane: the user is off it, or it is gone.
                let event = LiveEvent::ParticipantRemoved { user };
                self.send(vec![socket], signal.conversation, event);
            } else if let (Some(_), Some(lane)) = (seen, self.lanes.get_mut(&signal.conversation)) {
                lane.push(Pending {
                    only: Some((user, socket)),
                    ..Pending::new(signal.membership, signal.news)
                });
            }
        }
    }
}

/// The last message that was sent there, and among whom.
fn last_sent(
    happened: &[ConversationSignal],
    conversation: ConversationId,
) -> Option<(Seq, MembershipVersion)> {
    let there = happened.iter().filter(|s| s.conversation == conversation);
    let sent = there.filter_map(|signal| match signal.news {
        News::MessageCreated { seq } => Some((seq, signal.membership)),
        _ => None,
    });
    sent.max()
}
