//! One conversation that this instance has members of: what happens there, brought into order.

mod answers;

use std::collections::{BTreeSet, HashMap, VecDeque};

use alumx_domain::account::UserId;
use alumx_domain::conversation::{ConversationId, MembershipVersion, Seq};
use tracing::Span;

use crate::realtime::pending::{Next, Pending, Telling, each, plain};
use crate::realtime::{LaneId, LiveEvent, News, Question, SocketId, View};

/// That many waiting messages are kept with what they say; of more only the number is, and they
/// are loaded.
const KEPT: usize = 64;

/// That many changes of participants are remembered.
const PLACED: usize = 1_024;

/// Where a lane begins to tell messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beginning {
    /// After the last that was told.
    Known,
    /// With the first message: the conversation is new here, and what was written at once may have
    /// come before the news of it.
    WithFirst,
    /// With the first since somebody was added by this change, which is not known yet: nobody was
    /// here before.
    WithAddition(MembershipVersion),
}

/// A conversation with members on this instance.
///
/// What happens is told in the order in which it came, but messages in the order of their
/// numbers: what is missing before one is loaded first. And it is told to those who are members
/// as of that moment: what happened among newer members than are known waits until they are.
#[derive(Debug)]
pub(in crate::realtime) struct Lane {
    pub(in crate::realtime) id: LaneId,
    /// The members who have sockets here.
    pub(in crate::realtime) users: BTreeSet<UserId>,
    /// The last message that was told.
    pub(in crate::realtime) last: Seq,
    /// As of when `users` is.
    pub(in crate::realtime) version: MembershipVersion,
    /// Whether `users` are all of them. Who came in just before the lane was made may have sockets
    /// that became ready before that: they are found out when something happens.
    pub(in crate::realtime) complete: bool,
    /// Whether it was found out to be deleted: the news of that is on its way.
    gone: bool,
    /// At least this version must be known before anything is told.
    required: Option<MembershipVersion>,
    /// Whose sockets here believe to be in it: they were told so, and of no end of it since.
    believers: BTreeSet<UserId>,
    /// Where to begin telling messages.
    beginning: Beginning,
    waiting: VecDeque<Pending>,
    asking: bool,
    /// Sockets that already know of messages up to these numbers.
    ahead: Vec<(SocketId, Seq)>,
    /// The last told change of whom: what is older and comes later would be wrong by now.
    placed: HashMap<UserId, MembershipVersion>,
}

impl Lane {
    /// Of a conversation that somebody is in as of `version`.
    pub(in crate::realtime) fn known(id: LaneId, last: Seq, version: MembershipVersion) -> Self {
        Self {
            id,
            users: BTreeSet::new(),
            last,
            version,
            complete: false,
            gone: false,
            required: None,
            believers: BTreeSet::new(),
            beginning: Beginning::Known,
            waiting: VecDeque::new(),
            asking: false,
            ahead: Vec::new(),
            placed: HashMap::new(),
        }
    }

    /// Of a conversation that begins here with `first`: its members are to be found out.
    pub(in crate::realtime) fn beginning(id: LaneId, first: &Pending) -> Self {
        Self {
            // They are required.
            complete: true,
            required: Some(first.membership),
            beginning: match first.news {
                News::ParticipantAdded { .. } => Beginning::WithAddition(first.membership),
                _ => Beginning::WithFirst,
            },
            ..Self::known(id, Seq::ZERO, first.membership)
        }
    }

    /// Adds what happened.
    pub(in crate::realtime) fn push(&mut self, mut pending: Pending) {
        if self.waiting.len() >= KEPT {
            pending.message = None;
        }
        self.waiting.push_back(pending);
    }

    /// How much waits.
    pub(in crate::realtime) fn backlog(&self) -> usize {
        self.waiting.len()
    }

    /// Whether nothing waits and nothing is being found out.
    pub(in crate::realtime) fn is_idle(&self) -> bool {
        !self.asking && self.waiting.is_empty() && self.required.is_none()
    }

    /// Whether nobody here is in it or believes so, and nothing is to be told.
    pub(in crate::realtime) fn is_over(&self) -> bool {
        self.users.is_empty() && self.believers.is_empty() && self.is_idle()
    }

    /// Whose sockets believe to be in it.
    pub(in crate::realtime) fn believers(&self) -> &BTreeSet<UserId> {
        &self.believers
    }

    /// Lets in a user who is told to be a member as of `version`.
    pub(in crate::realtime) fn join(&mut self, user: UserId, version: MembershipVersion) {
        self.believers.insert(user);
        if version == self.version && self.required.is_none() {
            self.users.insert(user);
        } else {
            // One of the two is older: who is in it must be found out.
            let required = version.max(self.version);
            self.required = self.required.max(Some(required));
        }
    }

    /// Of users who are found out to be in it, whether this one's sockets would not know what was
    /// written since.
    pub(in crate::realtime) fn is_news_to(&self, user: UserId) -> bool {
        let first = self.waiting.front().map(|pending| pending.news);
        let expected = first == Some(News::ParticipantAdded { user });
        !self.complete || (self.begins_with_addition() && !expected)
    }

    /// Notes that a user is told of the own removal: whether that is news.
    pub(in crate::realtime) fn removed(&mut self, user: UserId) -> bool {
        self.believers.remove(&user)
    }

    /// Takes a user off.
    pub(in crate::realtime) fn leave(&mut self, user: UserId) {
        self.users.remove(&user);
        self.believers.remove(&user);
    }

    /// A socket that knows of messages up to `seq` comes onto the lane: from which number on, which
    /// is answered, it is told of the later ones.
    pub(in crate::realtime) fn meet(
        &mut self,
        socket: SocketId,
        seq: Seq,
        version: MembershipVersion,
    ) -> Seq {
        if seq <= self.last && !self.begins_with_addition() {
            return self.last;
        }
        self.ahead.push((socket, seq));
        if !self.begins_with_addition() {
            self.catch_up_to(seq, version);
        }
        seq
    }

    /// Whether this socket knows of message `seq` already.
    pub(in crate::realtime) fn is_ahead(&self, socket: SocketId, seq: Seq) -> bool {
        let knows = |(ahead, known): &(SocketId, Seq)| *ahead == socket && *known >= seq;
        self.ahead.iter().any(knows)
    }

    /// Messages up to `seq` are there, though nobody has said so here.
    pub(in crate::realtime) fn catch_up_to(&mut self, seq: Seq, version: MembershipVersion) {
        if seq > self.last {
            self.push(Pending::new(version, News::MessageCreated { seq }));
        }
    }

    /// The span of what is told next.
    pub(in crate::realtime) fn cause(&self) -> Span {
        let front = self.waiting.front();
        front.map_or_else(Span::current, |pending| pending.cause.clone())
    }

    /// What comes next.
    pub(in crate::realtime) fn next(&mut self) -> Next {
        if self.asking {
            return Next::Wait;
        }
        let front = self.waiting.front().map(|pending| pending.membership);
        let unknown = front.is_some_and(|front| !self.complete || front > self.version);
        if (unknown || self.required.is_some()) && !self.gone {
            return self.ask(Question::Members(self.id));
        }
        let Some(pending) = self.waiting.pop_front() else {
            return Next::Wait;
        };
        let removal = matches!(pending.news, News::ParticipantRemoved { .. });
        if self.users.is_empty() && pending.only.is_none() && !removal {
            self.begin_after(None);
            // Who comes next knows of it.
            self.last = self.last.max(pending.seq().unwrap_or_default());
            return Next::Skip(pending);
        }
        let only = pending.only.map(|(user, _)| user);
        let is_out = only.is_some_and(|user| !self.users.contains(&user));
        if is_out || self.is_outdated(&pending) || (self.gone && !removal) {
            return Next::Skip(pending);
        }
        match self.missing(&pending) {
            Some(question) => {
                self.waiting.push_front(pending);
                self.ask(question)
            }
            None => self.tell(pending),
        }
    }

    /// Whether a later change of the same participant was told already, or is known.
    fn is_outdated(&mut self, pending: &Pending) -> bool {
        let (News::ParticipantAdded { user }
        | News::ParticipantRemoved { user }
        | News::RoleChanged { user, .. }) = pending.news
        else {
            return false;
        };
        if self.placed.len() >= PLACED {
            self.placed.clear();
        }
        let last = self.placed.entry(user).or_insert(pending.membership);
        let removal = matches!(pending.news, News::ParticipantRemoved { .. });
        let is_in_again = removal && self.users.contains(&user);
        let outdated = pending.membership < *last || is_in_again;
        *last = pending.membership.max(*last);
        outdated
    }

    fn ask(&mut self, question: Question) -> Next {
        self.asking = true;
        Next::Ask(question)
    }

    /// What must be known before `pending` can be told.
    fn missing(&self, pending: &Pending) -> Option<Question> {
        match (pending.news, self.id.conversation) {
            (News::MessageCreated { seq }, _) => {
                let at_hand = seq.follows(self.last) && pending.message.is_some();
                (seq > self.last && !at_hand).then_some(Question::Messages(self.id, self.last))
            }
            (News::MessageDeleted { seq, .. }, _) => {
                (seq > self.last).then_some(Question::Messages(self.id, self.last))
            }
            _ if pending.view.is_some() => None,
            (News::ChatCreated, ConversationId::Chat(chat)) => {
                Some(Question::Chat(self.id, chat, self.viewers(pending)))
            }
            (News::GroupCreated | News::GroupUpdated, ConversationId::Group(group)) => {
                Some(Question::Group(self.id, group, self.viewers(pending)))
            }
            (News::ParticipantAdded { user }, ConversationId::Group(group)) => {
                Some(Question::Participant(self.id, group, user))
            }
            _ => None,
        }
    }

    fn viewers(&self, pending: &Pending) -> Vec<UserId> {
        match pending.only {
            Some((user, _)) => vec![user],
            None => self.users.iter().copied().collect(),
        }
    }

    /// Tells what nothing is missing of.
    fn tell(&mut self, mut pending: Pending) -> Next {
        let view = pending.view.take();
        let telling = match (pending.news, view) {
            (News::MessageCreated { seq }, _) => {
                let message = pending.message.take().filter(|_| seq > self.last);
                self.last = self.last.max(seq);
                message.map(|message| Telling::Same(LiveEvent::MessageCreated(message)))
            }
            (_, Some(View::Chat(chats))) => Some(each(chats, LiveEvent::ChatCreated)),
            (News::GroupCreated, Some(View::Group(groups))) => {
                Some(each(groups, LiveEvent::GroupCreated))
            }
            (_, Some(View::Group(groups))) => Some(each(groups, LiveEvent::GroupUpdated)),
            (_, Some(View::Participant(participant))) => participant
                .map(Box::new)
                .map(LiveEvent::ParticipantAdded)
                .map(Telling::Same),
            (news, None) => plain(news).map(Telling::Same),
        };
        let Some(telling) = telling else {
            return Next::Skip(pending);
        };
        self.believers.extend(&self.users);
        Next::Tell(pending, telling)
    }

    fn begins_with_addition(&self) -> bool {
        matches!(self.beginning, Beginning::WithAddition(_))
    }

    /// Forgets who was ahead of what has been told by now.
    pub(in crate::realtime) fn forget_ahead(&mut self) {
        if !self.begins_with_addition() {
            let last = self.last;
            self.ahead.retain(|(_, seq)| *seq > last);
        }
    }
}
