//! The stage that makes chats between two.

use std::collections::HashSet;

use alumx_domain::chat::ChatId;
use diesel::prelude::*;

use super::crowd::{Crowd, index};
use super::dice::{Dice, Topic};
use super::portions::{self, Portions};
use super::talk::{Member, Talk, Times};
use super::{DemoError, DemoStage, Making};
use crate::conversation::bulk::{self, OldChat, OldMessage};
use crate::db::reserve_ids;

/// The tables that are filled here.
pub(super) const TABLES: [&str; 2] = ["chats", "messages"];

/// How many chats are made together.
const BATCH: u64 = 1000;

pub(super) fn add(
    conn: &mut PgConnection,
    making: &mut Making,
    crowd: &Crowd,
) -> Result<(), DemoError> {
    let mut chats = Chats::new(making, crowd);
    while chats.done < chats.all {
        let left = chats.all - chats.done;
        for id in reserve_ids(conn, "chats", "chat_id", left.min(BATCH))? {
            chats.chat(making, id)?;
            if chats.messages.len() >= Making::MESSAGES {
                chats.flush(conn, making)?;
            }
        }
        chats.flush(conn, making)?;
    }
    Ok(())
}

/// The chats as they are being made.
struct Chats<'a> {
    crowd: &'a Crowd,
    /// How many there will be.
    all: u64,
    /// How many there are.
    done: u64,
    /// Who has one already.
    pairs: HashSet<[u32; 2]>,
    /// How much is written in each.
    portions: Portions,
    /// Not in the database yet.
    unsaved: Vec<OldChat>,
    messages: Vec<OldMessage>,
}

impl<'a> Chats<'a> {
    fn new(making: &Making, crowd: &'a Crowd) -> Self {
        let all = making.plan.chats();
        let weights = (1..=all).map(|nth| {
            let mut dice = making.dice(Topic::Chat, crowd.before + nth);
            popularity(&mut dice, all)
        });
        Self {
            crowd,
            all,
            done: 0,
            pairs: HashSet::new(),
            portions: Portions::new(making.plan.chat_messages(), weights),
            unsaved: Vec::new(),
            messages: Vec::new(),
        }
    }

    /// The next chat, and what is written in it.
    fn chat(&mut self, making: &Making, id: ChatId) -> Result<(), DemoError> {
        self.done += 1;
        let mut dice = making.dice(Topic::Chat, self.crowd.before + self.done);
        let count = self.portions.next(popularity(&mut dice, self.all));
        let users = self.pair(&mut dice);
        // The later one last, which is also the one with the larger id.
        let [first, second] = users.map(|user| &self.crowd.people()[user as usize]);
        let times = Times::new(&mut dice, count, second.joined, making.now);
        let members = [first, second].map(|someone| Member {
            user: someone.id,
            joined: times.opened,
        });
        let field = making.cast.field(&mut dice, first);
        let talk = Talk {
            cast: &making.cast,
            subject: making.cast.subject(&mut dice, field),
            sentences: &making.cast.phrases.talk,
            members: &members,
            now: making.now,
        };
        let reads = talk.write(&mut dice, id.raw(), &times, &mut self.messages)?;
        self.unsaved.push(OldChat {
            id,
            users: members.map(|member| member.user),
            reads: [reads[0], reads[1]],
            last_seq: times.last_seq(),
            created_at: times.opened,
            last_activity_at: times.last(),
        });
        Ok(())
    }

    /// Two who have no chat yet. The first chat is the first person's, to have something to see.
    fn pair(&mut self, dice: &mut Dice) -> [u32; 2] {
        let people = index(self.crowd.people().len());
        loop {
            let one = match self.done {
                1 => 0,
                _ => dice.mostly_low(people),
            };
            let other = dice.below(people);
            let pair = [one.min(other), one.max(other)];
            if one != other && self.pairs.insert(pair) {
                return pair;
            }
        }
    }

    fn flush(&mut self, conn: &mut PgConnection, making: &mut Making) -> Result<(), DemoError> {
        // In the order of time: what belongs to one chat lies among the rest, as in life.
        self.messages.sort_by_key(|message| message.created_at);
        bulk::insert_chats(conn, &self.unsaved)?;
        bulk::insert_chat_messages(conn, &self.messages)?;
        making.summary.chats += self.unsaved.len() as u64;
        making.summary.messages += self.messages.len() as u64;
        self.unsaved.clear();
        self.messages.clear();
        making.tell(DemoStage::Chats);
        Ok(())
    }
}

/// How much is written in a chat compared with others; the first throw of its dice.
fn popularity(dice: &mut Dice, chats: u64) -> u64 {
    portions::weight(dice.below(u32::try_from(chats).unwrap_or(u32::MAX)))
}
