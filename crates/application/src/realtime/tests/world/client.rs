//! A client: what it believes, and what it must never be told.

use std::collections::{HashMap, HashSet};

use alumx_domain::account::UserId;
use alumx_domain::conversation::{ConversationId, ConversationState, MembershipVersion, Message};

use crate::realtime::tests::database::{Database, Stored};
use crate::realtime::{Frame, LiveEvent};

/// What a client believes.
pub struct Client {
    me: UserId,
    greeted: bool,
    /// The last message of each of its groups; `None` until the first after it came in.
    groups: HashMap<ConversationId, Option<usize>>,
    /// The messages that it was told since it was last told where things stand.
    told: HashSet<(ConversationId, usize)>,
    /// The groups of whose end it knows.
    ended: HashSet<ConversationId>,
    /// The groups that it knows to be out of, as of which version.
    left: HashMap<ConversationId, MembershipVersion>,
}

impl Client {
    pub fn of(me: UserId) -> Self {
        Self {
            me,
            greeted: false,
            groups: HashMap::new(),
            told: HashSet::new(),
            ended: HashSet::new(),
            left: HashMap::new(),
        }
    }

    /// Takes a frame, unless it must not come.
    pub fn receive(&mut self, frame: &Frame, database: &Database) {
        match frame {
            Frame::Ready { conversations, .. } => {
                assert!(!self.greeted, "ready once");
                self.greeted = true;
                self.begin(conversations);
            }
            Frame::Resync { conversations, .. } => {
                assert!(self.greeted, "ready first");
                self.told.clear();
                self.begin(conversations);
            }
            Frame::Event(conversation, event) => {
                assert!(self.greeted, "ready first");
                self.hear(*conversation, event, &database.groups[conversation]);
            }
            Frame::Refused(_) => panic!("nobody asked for anything"),
        }
    }

    fn begin(&mut self, states: &[ConversationState]) {
        let last = |s: &ConversationState| usize::try_from(s.position.last_seq.get()).unwrap();
        let groups = states.iter().map(|s| (s.conversation, Some(last(s))));
        self.groups = groups.collect();
        let ended = |id: &ConversationId| self.ended.contains(id);
        assert!(!self.groups.keys().any(ended), "it is known to be gone");
    }

    fn hear(&mut self, conversation: ConversationId, event: &LiveEvent, stored: &Stored) {
        let me = self.me;
        // That it was taken out once more, though the news of its return was nothing any more.
        let removal = matches!(event, LiveEvent::ParticipantRemoved { user } if *user == me);
        if !removal {
            let ended = self.ended.contains(&conversation);
            assert!(!ended, "{event:?} after the end of {conversation:?}");
            let left = self.left.get(&conversation);
            let back = left.is_none_or(|left| stored.had_since(me, *left));
            assert!(back, "{event:?} after the removal from {conversation:?}");
        }
        match event {
            LiveEvent::MessageCreated(message) => self.read(message, stored),
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
                if !stored.now().contains(&me) {
                    self.left.insert(conversation, stored.version());
                }
            }
            LiveEvent::GroupDeleted => {
                assert!(stored.deleted);
                self.groups.remove(&conversation);
                self.ended.insert(conversation);
            }
            _ => {}
        }
    }

    fn read(&mut self, message: &Message, stored: &Stored) {
        let (me, conversation) = (self.me, message.conversation);
        let n = usize::try_from(message.seq.get()).unwrap();
        // What was sent among new members may come before the news of them.
        let last = self.groups.entry(conversation).or_default();
        assert!(self.told.insert((conversation, n)), "{n} twice");
        if last.is_some_and(|last| n <= last) {
            return;
        }
        let sent_among = stored.messages[n - 1];
        assert!(stored.had_since(me, sent_among), "a leak");
        let first = stored.joined_at[&me] + 1;
        // Of what was written before it came in again, some may be missing; and who is out, but was
        // not told so yet, may hear the last of a group that its socket never knew.
        let is_in = stored.now().contains(&me);
        let may_miss = n <= first || !is_in;
        let follows = last.is_none_or(|last| n == last + 1 || (n > last && may_miss));
        assert!(follows, "{n} after {last:?} {me:?} {conversation:?}");
        let settled = last.is_some() || !is_in;
        assert!(settled || n <= first, "{n} though in since {first}");
        *last = Some(n);
    }

    /// It knows all of the own groups and of no other, neither of one that is gone.
    pub fn check(&self, database: &Database) {
        let me = self.me;
        assert!(self.greeted);
        for (id, stored) in &database.groups {
            let last = self.groups.get(id);
            if stored.now().contains(&me) {
                let last = last.unwrap_or_else(|| panic!("{me:?} must know of {id:?}"));
                if let Some(last) = last {
                    assert_eq!(*last, stored.messages.len(), "{me:?} in {id:?}");
                }
            } else {
                let gone = stored.deleted;
                assert_eq!(last, None, "{me:?} is not in {id:?} (deleted: {gone})");
            }
        }
    }
}
