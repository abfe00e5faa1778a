//! Sockets that become ready.

use std::collections::HashMap;

use alumx_domain::account::UserId;
use alumx_domain::conversation::{ConversationId, ConversationState, MembershipVersion, Seq};

use super::{Greeting, Hub, Socket};
use crate::realtime::lane::Lane;
use crate::realtime::pending::Pending;
use crate::realtime::{ConversationSignal, Effect, Frame, News, Question, SocketId, Ticket};

/// The most conversations that a frame lists.
const LISTED: usize = 200;

/// The conversations of a user, each as of when.
type Known = HashMap<ConversationId, MembershipVersion>;

impl Hub {
    pub(super) fn check(&mut self, concerned: impl Fn(&Socket) -> bool) {
        let sockets = self.sockets.iter();
        let concerned = sockets.filter(|(_, socket)| concerned(socket));
        let concerned: Vec<SocketId> = concerned.map(|(id, _)| *id).collect();
        for socket in concerned {
            self.want(Effect::Check(socket));
        }
    }

    pub(super) fn register(&mut self) {
        while let Some((socket, ticket)) = self.registrations.begin_next() {
            if let Some(Socket { user, .. }) = self.sockets.get(&socket) {
                self.want(Effect::Ask(Question::States {
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
        let known: Known = known.collect();
        let outdated = |signal: &ConversationSignal| self.is_outdated(user, &known, signal);
        let meanwhile = meanwhile.filter(|meanwhile| !meanwhile.iter().any(outdated));
        let Some(meanwhile) = meanwhile else {
            // Too much happened, or the user came into a conversation or out of one: look again.
            self.registrations.enqueue(socket);
            return self.register();
        };
        self.warn_others(user, &states);
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

    /// Whether a look-up that found `known` does not know yet of which conversations the user is
    /// in after this.
    fn is_outdated(&self, user: UserId, known: &Known, signal: &ConversationSignal) -> bool {
        let seen = known.get(&signal.conversation);
        match signal.news {
            News::GroupDeleted => seen.is_some(),
            News::ParticipantRemoved { user: removed } if removed == user => {
                seen.is_some_and(|seen| *seen < signal.membership)
            }
            _ => {
                let lane = self.lanes.get(&signal.conversation);
                seen.is_none() && lane.is_some_and(|lane| lane.users.contains(&user))
            }
        }
    }

    /// An older look-up for another socket of the user may not know yet of what this one found.
    fn warn_others(&mut self, user: UserId, states: &[ConversationState]) {
        let sockets = self.users.get(&user).map(|local| &local.sockets);
        let waits = |id: &SocketId| self.sockets.get(id).is_some_and(|s| s.greeting.is_some());
        // One is that whose look-up this is.
        if sockets.into_iter().flatten().filter(|id| waits(id)).count() < 2 {
            return;
        }
        for state in states {
            let lane = self.lanes.get(&state.conversation);
            if lane.is_none_or(|lane| !lane.believers().contains(&user)) {
                self.registrations.record(ConversationSignal {
                    conversation: state.conversation,
                    membership: state.membership,
                    news: News::GroupCreated,
                });
            }
        }
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
        self.want(Effect::Send { to, frame });
    }

    /// Tells one socket what was told to others while it was becoming ready. Messages are not
    /// among it: its state says up to where it knows of them.
    fn retell(
        &mut self,
        socket: SocketId,
        user: UserId,
        known: &Known,
        meanwhile: &[ConversationSignal],
    ) {
        for signal in meanwhile {
            let seen = known.get(&signal.conversation);
            let covered = match signal.news {
                News::MessageCreated { .. }
                | News::ChatCreated
                | News::GroupCreated
                | News::GroupDeleted => true,
                News::ParticipantAdded { .. } | News::ParticipantRemoved { .. } => {
                    seen.is_some_and(|seen| signal.membership <= *seen)
                }
                _ => false,
            };
            if covered {
                continue;
            }
            if let (Some(_), Some(lane)) = (seen, self.lanes.get_mut(&signal.conversation)) {
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
