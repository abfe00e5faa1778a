//! What happens in conversations, and who is told.

use alumx_domain::account::UserId;
use alumx_domain::conversation::{ConversationId, Members};

use super::Hub;
use crate::realtime::lane::Lane;
use crate::realtime::pending::{Next, Pending, Telling};
use crate::realtime::{ConversationSignal, Effect, Frame, LaneId, LiveEvent, News, SocketId};

/// With more waiting in one conversation, all clients are told to look by themselves.
const BACKLOG: usize = 4096;

impl Hub {
    pub(super) fn arrived(&mut self, conversation: ConversationId, pending: Pending) {
        if pending.news == News::GroupDeleted {
            return self.ended(conversation, &pending);
        }
        let typing = matches!(pending.news, News::Typing { .. });
        if let Some(lane) = self.lanes.get_mut(&conversation) {
            if typing && !lane.is_idle() {
                return;
            }
            if lane.backlog() >= BACKLOG {
                tracing::warn!("too much waits to be told live: clients look by themselves");
                return self.want(Effect::Lose);
            }
            lane.push(pending);
            return self.run(conversation);
        }
        let opens = match pending.news {
            News::ChatCreated | News::GroupCreated => !self.users.is_empty(),
            News::ParticipantAdded { user } => self.users.contains_key(&user),
            _ => false,
        };
        if opens {
            let id = self.new_lane(conversation);
            let mut lane = Lane::beginning(id, &pending);
            lane.push(pending);
            self.lanes.insert(conversation, lane);
            self.run(conversation);
        } else {
            self.record(conversation, &pending);
        }
    }

    /// A group is gone. That is told at once: nothing that waits to be told of it matters any more,
    /// and no socket that becomes ready must come to believe in it.
    fn ended(&mut self, conversation: ConversationId, pending: &Pending) {
        self.record(conversation, pending);
        if let Some(lane) = self.lanes.remove(&conversation) {
            self.forget_lane(&lane);
            let believers = self.ready(lane.believers().iter().copied());
            self.send(believers, conversation, LiveEvent::GroupDeleted);
        }
    }

    pub(super) fn new_lane(&mut self, conversation: ConversationId) -> LaneId {
        self.lanes_made += 1;
        LaneId {
            conversation,
            number: self.lanes_made,
        }
    }

    /// Tells all that can be told.
    pub(super) fn run(&mut self, conversation: ConversationId) {
        while let Some(mut lane) = self.lanes.remove(&conversation) {
            // What waited is told in the span in which it came, not in the one that lets it go on.
            let cause = lane.cause();
            let _entered = cause.enter();
            let next = lane.next();
            let over = matches!(next, Next::Wait) && lane.is_over();
            let goes_on = matches!(next, Next::Tell(..) | Next::Skip(_));
            match next {
                Next::Tell(pending, telling) => self.tell(&mut lane, &pending, telling),
                Next::Skip(pending) => self.record(conversation, &pending),
                Next::Ask(question) => self.want(Effect::Ask(question)),
                Next::Wait => {}
            }
            lane.forget_ahead();
            if !over {
                self.lanes.insert(conversation, lane);
            }
            if !goes_on {
                break;
            }
        }
    }

    fn record(&mut self, conversation: ConversationId, pending: &Pending) {
        let typing = matches!(pending.news, News::Typing { .. });
        if pending.only.is_none() && !typing {
            self.registrations.record(ConversationSignal {
                conversation,
                membership: pending.membership,
                news: pending.news,
            });
        }
    }

    fn tell(&mut self, lane: &mut Lane, pending: &Pending, telling: Telling) {
        let conversation = lane.id.conversation;
        self.record(conversation, pending);
        match telling {
            Telling::Same(event) => {
                let mut to = match (pending.only, pending.news) {
                    (Some((_, socket)), _) => self.open(socket),
                    // The removed one gets the own removal, and nothing after it.
                    (None, News::ParticipantRemoved { user }) if lane.removed(user) => {
                        if let Some(local) = self.users.get_mut(&user) {
                            local.lanes.remove(&conversation);
                        }
                        self.ready(lane.users.iter().copied().chain([user]))
                    }
                    (None, News::Typing { user }) => {
                        self.ready(lane.users.iter().copied().filter(|other| *other != user))
                    }
                    _ => self.ready(lane.users.iter().copied()),
                };
                if let News::MessageCreated { seq } = pending.news {
                    to.retain(|socket| !lane.is_ahead(*socket, seq));
                }
                self.send(to, conversation, event);
            }
            Telling::Each(events) => {
                // Who is out since it was looked up is told nothing.
                let still = |(user, _): &(UserId, LiveEvent)| lane.users.contains(user);
                for (user, event) in events.into_iter().filter(still) {
                    let to = match pending.only {
                        Some((_, socket)) => self.open(socket),
                        None => self.ready([user]),
                    };
                    self.send(to, conversation, event);
                }
            }
        }
    }

    pub(super) fn send(
        &mut self,
        to: Vec<SocketId>,
        conversation: ConversationId,
        event: LiveEvent,
    ) {
        if !to.is_empty() {
            let frame = Frame::Event(conversation, event);
            self.want(Effect::Send { to, frame });
        }
    }

    /// The sockets of these users that are told what happens.
    pub(super) fn ready(&self, users: impl IntoIterator<Item = UserId>) -> Vec<SocketId> {
        let users = users.into_iter().filter_map(|user| self.users.get(&user));
        let sockets = users.flat_map(|user| &user.sockets).copied();
        let ready = |id: &SocketId| self.sockets.get(id).is_some_and(|s| s.greeting.is_none());
        sockets.filter(ready).collect()
    }

    /// This socket, unless it was closed.
    fn open(&self, socket: SocketId) -> Vec<SocketId> {
        let open = self.sockets.contains_key(&socket);
        open.then_some(socket).into_iter().collect()
    }

    /// Who is in a conversation is known.
    pub(super) fn members(&mut self, id: LaneId, members: Option<&Members>) {
        let Some(lane) = self.lanes.get_mut(&id.conversation) else {
            return;
        };
        let before = lane.users.clone();
        let here = members.iter().flat_map(|members| &members.users);
        let news = here.filter(|user| !before.contains(user) && lane.is_news_to(**user));
        let unaware: Vec<UserId> = news.copied().collect();
        lane.members(members, |user| self.users.contains_key(&user));
        for user in lane.users.difference(&before) {
            if let Some(local) = self.users.get_mut(user) {
                local.lanes.insert(id.conversation);
            }
        }
        if !unaware.is_empty() {
            // Nor may a look-up for them that began before know of it.
            self.registrations.record(ConversationSignal {
                conversation: id.conversation,
                membership: lane.version,
                news: News::GroupCreated,
            });
        }
        let unaware = self.ready(unaware);
        self.resync(unaware);
    }

    pub(super) fn leave(&mut self, conversation: ConversationId, user: UserId) {
        if let Some(lane) = self.lanes.get_mut(&conversation) {
            lane.leave(user);
            self.run(conversation);
        }
    }

    fn forget_lane(&mut self, lane: &Lane) {
        for user in lane.believers() {
            if let Some(local) = self.users.get_mut(user) {
                local.lanes.remove(&lane.id.conversation);
            }
        }
    }
}
