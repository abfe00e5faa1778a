//! One conversation that this instance has members of: what happens there, brought into order.

use std::collections::{HashMap, HashSet, VecDeque};

use alumx_domain::account::UserId;
use alumx_domain::conversation::{ConversationId, Members, MembershipVersion, Message, Seq};

use super::pending::{Next, Pending, Telling, each, plain};
use super::{ConversationSignal, LaneId, LiveEvent, News, Question, SocketId, View};

/// That many waiting messages are kept with what they say; of more only the number is, and they
/// are loaded.
const KEPT: usize = 64;

/// That many changes of participants are remembered.
const PLACED: usize = 1_024;

/// A conversation with members on this instance.
///
/// What happens is told in the order in which it came, but messages in the order of their
/// numbers: what is missing before one is loaded first. And it is told to those who are members
/// as of that moment: what happened among newer members than are known waits until they are.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) id: LaneId,
    /// The members who have sockets here.
    pub(super) users: HashSet<UserId>,
    /// The last message that was told.
    pub(super) last: Seq,
    /// As of when `users` is.
    pub(super) version: MembershipVersion,
    /// Whether `users` are all of them. Who came in just before the lane was made may have sockets
    /// that became ready before that: they are found out when something happens.
    pub(super) complete: bool,
    /// At least this version must be known before anything is told.
    required: Option<MembershipVersion>,
    /// Who believes to be in it, which must be found out.
    joining: HashSet<UserId>,
    /// Whether somebody was just added, and nobody was here before: where to begin is not known.
    begins_with_addition: bool,
    waiting: VecDeque<Pending>,
    asking: bool,
    /// Sockets that already know of messages up to these numbers.
    ahead: Vec<(SocketId, Seq)>,
    /// The last told change of whom: what is older and comes later would be wrong by now.
    placed: HashMap<UserId, MembershipVersion>,
}

impl Lane {
    /// Of a conversation that somebody is in as of `version`.
    pub(super) fn known(id: LaneId, last: Seq, version: MembershipVersion) -> Self {
        Self {
            id,
            users: HashSet::new(),
            last,
            version,
            complete: false,
            required: None,
            joining: HashSet::new(),
            begins_with_addition: false,
            waiting: VecDeque::new(),
            asking: false,
            ahead: Vec::new(),
            placed: HashMap::new(),
        }
    }

    /// Of a conversation that begins here with `first`: its members are to be found out.
    pub(super) fn beginning(id: LaneId, first: &Pending) -> Self {
        Self {
            // They are required.
            complete: true,
            required: Some(first.membership),
            begins_with_addition: matches!(first.news, News::ParticipantAdded { .. }),
            ..Self::known(id, Seq::ZERO, first.membership)
        }
    }

    /// Adds what happened.
    pub(super) fn push(&mut self, mut pending: Pending) {
        if self.waiting.len() >= KEPT {
            pending.message = None;
        }
        self.waiting.push_back(pending);
    }

    /// How much waits.
    pub(super) fn backlog(&self) -> usize {
        self.waiting.len()
    }

    /// Whether nothing waits and nothing is being found out.
    pub(super) fn is_idle(&self) -> bool {
        !self.asking && self.waiting.is_empty() && self.required.is_none()
    }

    /// What has not been told.
    pub(super) fn into_waiting(self) -> impl Iterator<Item = ConversationSignal> {
        let conversation = self.id.conversation;
        let untold = self.waiting.into_iter().filter(|p| p.only.is_none());
        untold.map(move |pending| ConversationSignal {
            conversation,
            membership: pending.membership,
            news: pending.news,
        })
    }

    /// Lets in a user of whom `version` says that the user is a member.
    pub(super) fn join(&mut self, user: UserId, version: MembershipVersion) {
        if version == self.version && self.required.is_none() {
            self.users.insert(user);
        } else {
            // One of the two is older: who is in it must be found out.
            self.joining.insert(user);
            let required = version.max(self.version);
            self.required = self.required.max(Some(required));
        }
    }

    /// Of users who are found out to be in it, whether this one's sockets would not know what was
    /// written since.
    pub(super) fn is_news_to(&self, user: UserId) -> bool {
        let first = self.waiting.front().map(|pending| pending.news);
        let expected = first == Some(News::ParticipantAdded { user });
        !self.complete || (self.begins_with_addition && !expected)
    }

    /// Takes a user off.
    pub(super) fn leave(&mut self, user: UserId) {
        self.users.remove(&user);
        self.joining.remove(&user);
    }

    /// A socket that knows of messages up to `seq` comes onto the lane: from which number on, which
    /// is answered, it is told of the later ones.
    pub(super) fn meet(&mut self, socket: SocketId, seq: Seq, version: MembershipVersion) -> Seq {
        if seq <= self.last && !self.begins_with_addition {
            return self.last;
        }
        self.ahead.push((socket, seq));
        self.catch_up_to(seq, version);
        seq
    }

    /// Whether this socket knows of message `seq` already.
    pub(super) fn is_ahead(&self, socket: SocketId, seq: Seq) -> bool {
        let knows = |(ahead, known): &(SocketId, Seq)| *ahead == socket && *known >= seq;
        self.ahead.iter().any(knows)
    }

    /// Messages up to `seq` are there, though nobody has said so here.
    pub(super) fn catch_up_to(&mut self, seq: Seq, version: MembershipVersion) {
        if seq > self.last {
            self.push(Pending::new(version, News::MessageCreated { seq }));
        }
    }

    /// What comes next.
    pub(super) fn next(&mut self) -> Next {
        if self.asking {
            return Next::Wait;
        }
        let front = self.waiting.front().map(|p| (p.membership, p.news));
        let gone = matches!(front, Some((_, News::GroupDeleted)));
        let unknown =
            front.is_some_and(|(membership, _)| !self.complete || membership > self.version);
        if (unknown || self.required.is_some()) && !gone {
            return self.ask(Question::Members(self.id));
        }
        if gone {
            self.users.extend(self.joining.drain());
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
        if self.is_outdated(&pending) {
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

    /// The answer to who is in it: those of `members` who are `local`.
    pub(super) fn members(&mut self, members: Option<&Members>, local: impl Fn(UserId) -> bool) {
        self.asking = false;
        self.complete = true;
        let Some(members) = members else {
            // The conversation is gone: its end is about to be told to those who know of it.
            self.users.extend(self.joining.drain());
            let front = self.waiting.front().map(|pending| pending.membership);
            let needed = front.max(self.required.take());
            self.version = self.version.max(needed.unwrap_or_default());
            return;
        };
        if members.version < self.version {
            // It was asked before what is known by now.
            self.required = self.required.max(Some(self.version));
            return;
        }
        self.version = members.version;
        self.joining.clear();
        self.required = self.required.filter(|required| *required > self.version);
        let here = members.users.iter().copied();
        self.users = here.filter(|user| local(*user)).collect();
        if self.begins_with_addition {
            self.last = members.last_seq;
        }
    }

    /// The answer to what was written after the last message. What was written among newer
    /// members than are known is left for later.
    pub(super) fn messages(&mut self, messages: Vec<Message>) {
        self.asking = false;
        let known = self.waiting.iter();
        let known = known.filter(|pending| pending.membership <= self.version);
        let Some(until) = known.filter_map(Pending::seq).max() else {
            return;
        };
        let version = self.version;
        let messages: Vec<_> = messages
            .into_iter()
            .filter(|message| message.seq <= until && message.seq > self.last)
            .collect();
        if messages.is_empty() {
            // They are gone with their conversation.
            let front = self.waiting.front().and_then(Pending::seq);
            self.last = self.last.max(front.unwrap_or_default());
        }
        for message in messages.into_iter().rev() {
            let seq = message.seq;
            self.waiting.push_front(Pending {
                message: Some(Box::new(message)),
                ..Pending::new(version, News::MessageCreated { seq })
            });
        }
    }

    /// The answer to how it looks.
    pub(super) fn view(&mut self, view: View) {
        self.asking = false;
        if let View::Participant(added) = &view {
            self.begin_after(added.as_ref().map(|added| added.last_read_seq));
        }
        if let Some(front) = self.waiting.front_mut() {
            front.view = Some(view);
        }
    }

    /// Who was just added is told of all messages since, also of those whose news came already
    /// or never came because nobody was here; and so is who has come onto the lane meanwhile.
    fn begin_after(&mut self, read: Option<Seq>) {
        if !std::mem::take(&mut self.begins_with_addition) {
            return;
        }
        let there = self.last;
        let known = self.ahead.iter().map(|(_, seq)| *seq).min();
        let came = self.waiting.iter().filter_map(Pending::seq);
        let before_came = came.min().and_then(|seq| Seq::try_from(seq.get() - 1).ok());
        self.last = [read, before_came, known]
            .into_iter()
            .flatten()
            .fold(there, Seq::min);
        self.catch_up_to(there, self.version);
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
        match telling {
            Some(telling) => Next::Tell(pending, telling),
            None => Next::Skip(pending),
        }
    }

    /// Forgets who was ahead of what has been told by now.
    pub(super) fn forget_ahead(&mut self) {
        if !self.begins_with_addition {
            let last = self.last;
            self.ahead.retain(|(_, seq)| *seq > last);
        }
    }
}
