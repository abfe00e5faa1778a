//! What is written in one conversation, by whom and when, and who has read it.

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::conversation::MessageBody;
use alumx_domain::text::InvalidValue;
use chrono::TimeDelta;

use super::career::Cast;
use super::crowd::index;
use super::dice::{Dice, Words};
use super::phrases::Subject;
use crate::conversation::bulk::OldMessage;

/// When a conversation was opened, and when its messages were sent, in order.
pub(super) struct Times {
    pub opened: Timestamp,
    pub sent: Vec<Timestamp>,
}

/// Who takes part, since when.
pub(super) struct Member {
    pub user: UserId,
    pub joined: Timestamp,
}

/// A conversation to be filled with messages.
pub(super) struct Talk<'a> {
    pub cast: &'a Cast,
    pub subject: Subject<'a>,
    /// What is mostly said.
    pub sentences: &'a Words,
    /// In the order in which they joined; the first when it was opened.
    pub members: &'a [Member],
    pub now: Timestamp,
}

impl Times {
    /// Of so many messages, not before `earliest`. Most end recently, the more messages the
    /// longer they go on, and after some quick answers there is silence for a while.
    pub(super) fn new(dice: &mut Dice, count: u64, earliest: Timestamp, now: Timestamp) -> Self {
        let end = now - dice.part(now - earliest, 3);
        let hours = i64::from(dice.between(1, 48));
        let span = TimeDelta::hours(
            hours
                .saturating_mul(i64::try_from(count).unwrap_or(i64::MAX) + 1)
                .min(100_000),
        );
        let opened = (end - span).max(earliest);
        let mut passed = 0;
        let passed: Vec<i128> = (0..count)
            .map(|_| {
                passed += i128::from(if dice.chance(15) {
                    dice.between(500, 5000)
                } else {
                    dice.between(1, 20)
                });
                passed
            })
            .collect();
        let all = passed.last().copied().unwrap_or(1);
        let span = i128::from((end - opened).num_microseconds().unwrap_or_default());
        let at = |passed| {
            let micros = i64::try_from(span * passed / all).unwrap_or_default();
            opened + TimeDelta::microseconds(micros)
        };
        Self {
            opened,
            sent: passed.into_iter().map(at).collect(),
        }
    }

    /// When something was last written, or it was opened.
    pub(super) fn last(&self) -> Timestamp {
        self.sent.last().copied().unwrap_or(self.opened)
    }

    /// The number of the last message.
    pub(super) fn last_seq(&self) -> i64 {
        number(self.sent.len())
    }
}

impl Talk<'_> {
    /// Adds the messages of conversation `id`. Returns how far each member has read.
    pub(super) fn write(
        &self,
        dice: &mut Dice,
        id: i64,
        times: &Times,
        messages: &mut Vec<OldMessage>,
    ) -> Result<Vec<i64>, InvalidValue> {
        // Nothing is unread of what was there when one came, or one wrote oneself.
        let before = |member: &Member| times.sent.partition_point(|at| *at < member.joined);
        let mut read: Vec<_> = self
            .members
            .iter()
            .map(|member| number(before(member)))
            .collect();
        let mut sender = None;
        for (at, seq) in times.sent.iter().copied().zip(1..) {
            let present = self.members.partition_point(|member| member.joined <= at);
            let next = next_sender(dice, sender, present);
            sender = Some(next);
            read[next] = seq;
            messages.push(OldMessage {
                conversation: id,
                seq,
                sender: self.members[next].user,
                body: self.body(dice, seq, at)?,
                client_message_id: dice.uuid(),
                created_at: at,
            });
        }
        for read in &mut read {
            // More than that, but not all, is read by some.
            let unread = u32::try_from(times.last_seq() - *read).unwrap_or_default();
            *read += i64::from(if dice.chance(60) {
                unread
            } else {
                dice.below(unread)
            });
        }
        Ok(read)
    }

    fn body(&self, dice: &mut Dice, seq: i64, at: Timestamp) -> Result<MessageBody, InvalidValue> {
        if dice.chance(1) {
            let regretted = dice.part((self.now - at).min(TimeDelta::hours(1)), 1);
            return Ok(MessageBody::Deleted { at: at + regretted });
        }
        let (cast, subject) = (self.cast, &self.subject);
        let mut text = match seq {
            1 => cast.chat(dice, &cast.phrases.greetings, subject),
            _ if dice.chance(45) => cast.say(dice, &cast.phrases.replies, subject),
            _ => cast.chat(dice, self.sentences, subject),
        };
        while dice.chance(30) {
            text.push(' ');
            text.push_str(&cast.chat(dice, self.sentences, subject));
        }
        Ok(MessageBody::Text(text.try_into()?))
    }
}

/// Who of those present writes next: mostly somebody else, rather one of the first.
fn next_sender(dice: &mut Dice, last: Option<usize>, present: usize) -> usize {
    match last {
        None => dice.rather_low(index(present)) as usize,
        Some(last) if present == 1 || dice.chance(25) => last,
        Some(last) => {
            let other = dice.rather_low(index(present - 1)) as usize;
            if other < last { other } else { other + 1 }
        }
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
