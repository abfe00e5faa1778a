//! The stage that makes groups.

use std::collections::HashSet;

use alumx_domain::clock::Timestamp;
use alumx_domain::group_chat::{GroupId, ParticipantRole};
use diesel::prelude::*;

use super::crowd::{Crowd, index};
use super::dice::{Dice, Topic};
use super::portions::{self, Portions};
use super::talk::{Member, Talk, Times};
use super::{DemoError, DemoStage, Making};
use crate::conversation::bulk::{self, OldGroup, OldMessage, OldParticipant};
use crate::db::reserve_ids;

/// The tables that are filled here.
pub(super) const TABLES: [&str; 3] = ["group_chats", "group_chat_participants", "group_messages"];

/// How many groups are made together.
const BATCH: u64 = 1000;

/// How many people are in the largest groups, if there are enough of them.
const LARGEST: [u32; 2] = [500, 300];

pub(super) fn add(
    conn: &mut PgConnection,
    making: &mut Making,
    crowd: &Crowd,
) -> Result<(), DemoError> {
    let mut groups = Groups::new(making, crowd);
    while groups.done < groups.all {
        let left = groups.all - groups.done;
        for id in reserve_ids(conn, "group_chats", "group_id", left.min(BATCH))? {
            groups.group(making, id)?;
            if groups.messages.len() >= Making::MESSAGES {
                groups.flush(conn, making)?;
            }
        }
        groups.flush(conn, making)?;
    }
    Ok(())
}

/// The groups as they are being made.
struct Groups<'a> {
    crowd: &'a Crowd,
    /// How many there will be.
    all: u64,
    /// How many there are.
    done: u64,
    /// How much is written in each.
    portions: Portions,
    /// Not in the database yet.
    unsaved: Vec<OldGroup>,
    messages: Vec<OldMessage>,
}

impl<'a> Groups<'a> {
    fn new(making: &Making, crowd: &'a Crowd) -> Self {
        let all = making.plan.groups();
        let weights = (1..=all).map(|nth| {
            let mut dice = making.dice(Topic::Group, crowd.before + nth);
            popularity(&mut dice, nth, all)
        });
        Self {
            crowd,
            all,
            done: 0,
            portions: Portions::new(making.plan.group_messages(), weights),
            unsaved: Vec::new(),
            messages: Vec::new(),
        }
    }

    /// The next group, and what is written in it.
    fn group(&mut self, making: &Making, id: GroupId) -> Result<(), DemoError> {
        self.done += 1;
        let mut dice = making.dice(Topic::Group, self.crowd.before + self.done);
        let count = self
            .portions
            .next(popularity(&mut dice, self.done, self.all));
        let people = index(self.crowd.people().len());
        let size = size(&mut dice, self.done, people);
        let users = self.users(&mut dice, size);
        let owner = &self.crowd.people()[users[0] as usize];
        let times = Times::new(&mut dice, count, owner.joined, making.now);
        let members = self.members(&mut dice, &users, times.opened, making.now);
        let field = making.cast.field(&mut dice, owner);
        let subject = making.cast.subject(&mut dice, field);
        let name = making.cast.group_name(&mut dice, &subject).try_into()?;
        let talk = Talk {
            cast: &making.cast,
            subject,
            sentences: &making.cast.phrases.group_talk,
            members: &members,
            now: making.now,
        };
        let reads = talk.write(&mut dice, id.raw(), &times, &mut self.messages)?;
        let admins = members.len().div_ceil(10);
        let later = members.iter().filter(|member| member.joined > times.opened);
        self.unsaved.push(OldGroup {
            id,
            name,
            membership_version: 1 + i64::from(index(later.count())),
            last_seq: times.last_seq(),
            created_at: times.opened,
            last_activity_at: times.last(),
            participants: members
                .iter()
                .zip(reads)
                .enumerate()
                .map(|(nth, (member, last_read_seq))| OldParticipant {
                    user: member.user,
                    role: match nth {
                        0 => ParticipantRole::Owner,
                        nth if nth < admins => ParticipantRole::Admin,
                        _ => ParticipantRole::Member,
                    },
                    joined_at: member.joined,
                    last_read_seq,
                })
                .collect(),
        });
        Ok(())
    }

    /// Who is in it, the owner first. The first group is the first person's, to have something to
    /// see.
    fn users(&self, dice: &mut Dice, size: u32) -> Vec<u32> {
        let people = index(self.crowd.people().len());
        let owner = match self.done {
            1 => 0,
            _ => dice.mostly_low(people),
        };
        let mut users = vec![owner];
        let mut known = HashSet::from([owner]);
        while index(users.len()) < size {
            let user = dice.rather_low(people);
            if known.insert(user) {
                users.push(user);
            }
        }
        users
    }

    /// Most of them are there from the beginning, others come later, in that order.
    fn members(
        &self,
        dice: &mut Dice,
        users: &[u32],
        opened: Timestamp,
        now: Timestamp,
    ) -> Vec<Member> {
        let mut owner = true;
        let mut members: Vec<_> = users
            .iter()
            .map(|user| {
                let someone = &self.crowd.people()[*user as usize];
                let founder = std::mem::take(&mut owner) || dice.chance(70);
                let earliest = someone.joined.max(opened);
                let joined = if founder && earliest == opened {
                    opened
                } else {
                    earliest + dice.part(now - earliest, 1)
                };
                Member {
                    user: someone.id,
                    joined,
                }
            })
            .collect();
        members.sort_by_key(|member| member.joined);
        members
    }

    fn flush(&mut self, conn: &mut PgConnection, making: &mut Making) -> Result<(), DemoError> {
        // As in chats.
        self.messages.sort_by_key(|message| message.created_at);
        bulk::insert_groups(conn, &self.unsaved)?;
        bulk::insert_group_messages(conn, &self.messages)?;
        let participants = self
            .unsaved
            .iter()
            .map(|group| group.participants.len() as u64);
        making.summary.participants += participants.sum::<u64>();
        making.summary.groups += self.unsaved.len() as u64;
        making.summary.messages += self.messages.len() as u64;
        self.unsaved.clear();
        self.messages.clear();
        making.tell(DemoStage::Groups);
        Ok(())
    }
}

/// How many are in the `nth` group: hundreds in the first two, about fifty in some, few in most.
fn size(dice: &mut Dice, nth: u64, people: u32) -> u32 {
    let largest = people / 4;
    let size = match nth {
        1 if largest >= 100 => LARGEST[0].min(largest),
        2 if largest >= 100 => LARGEST[1].min(largest),
        nth if nth % 50 == 3 && largest >= 60 => dice.between(40, 60),
        _ => dice.between(3, 15),
    };
    size.min(people)
}

/// How much is written in a group compared with others; the first throw of its dice. Most in the
/// largest ones.
fn popularity(dice: &mut Dice, nth: u64, groups: u64) -> u64 {
    let rank = dice.below(u32::try_from(groups).unwrap_or(u32::MAX));
    match nth {
        1 | 2 => portions::weight(0),
        _ => portions::weight(rank),
    }
}
