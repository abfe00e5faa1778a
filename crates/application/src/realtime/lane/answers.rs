//! What a lane makes of answers to its questions.

use alumx_domain::account::UserId;
use alumx_domain::conversation::{Members, Message, Seq};

use super::{Beginning, Lane};
use crate::realtime::pending::Pending;
use crate::realtime::{News, View};

impl Lane {
    /// The answer to who is in it: those of `members` who are `local`.
    pub(in crate::realtime) fn members(
        &mut self,
        members: Option<&Members>,
        local: impl Fn(UserId) -> bool,
    ) {
        self.asking = false;
        self.complete = true;
        let Some(members) = members else {
            self.gone = true;
            self.required = None;
            return;
        };
        if members.version < self.version {
            // It was asked before what is known by now.
            self.required = self.required.max(Some(self.version));
            return;
        }
        self.version = members.version;
        self.required = self.required.filter(|required| *required > self.version);
        let here = members.users.iter().copied();
        self.users = here.filter(|user| local(*user)).collect();
        match self.beginning {
            Beginning::Known => {}
            Beginning::WithFirst => {
                self.beginning = Beginning::Known;
                self.catch_up_to(members.last_seq, members.version);
            }
            Beginning::WithAddition(_) => self.last = members.last_seq,
        }
    }

    /// The answer to what was written after the last message. What was written among newer
    /// members than are known is left for later.
    pub(in crate::realtime) fn messages(&mut self, messages: Vec<Message>) {
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
            // They must be gone with their conversation.
            self.required = self.required.max(Some(version));
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
    pub(in crate::realtime) fn view(&mut self, view: View) {
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
    pub(super) fn begin_after(&mut self, read: Option<Seq>) {
        let Beginning::WithAddition(since) = self.beginning else {
            return;
        };
        self.beginning = Beginning::Known;
        let known = self.ahead.iter().map(|(_, seq)| *seq);
        let there = known.clone().fold(self.last, Seq::max);
        // What was written before that was told before, or is not for those who are here now.
        let came = self.waiting.iter().filter(|p| p.membership >= since);
        // Of any age may be what is deleted.
        let came = came.filter_map(Pending::created).min();
        let before_came = came.and_then(|seq| Seq::try_from(seq.get() - 1).ok());
        let earliest = known.chain(read).chain(before_came);
        self.last = earliest.fold(there, Seq::min);
        self.catch_up_to(there, self.version);
    }
}
