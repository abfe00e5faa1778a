//! What people say about openings, and which they like.

use std::collections::HashSet;

use alumx_domain::clock::Timestamp;
use alumx_domain::job_post::JobPostId;
use alumx_domain::text::InvalidValue;
use chrono::TimeDelta;

use super::career::Cast;
use super::crowd::{Crowd, Someone, index};
use super::dice::Dice;
use super::phrases::Subject;
use crate::job_post::bulk::{OldComment, OldLike};

/// For how long people react to a post.
const ATTENTION: TimeDelta = TimeDelta::days(30);

/// What happened to some posts.
#[derive(Default)]
pub(super) struct Reactions {
    pub comments: Vec<OldComment>,
    pub likes: Vec<OldLike>,
}

/// The post that people react to.
pub(super) struct Posted<'a> {
    pub id: JobPostId,
    pub author: &'a Someone,
    pub subject: Subject<'a>,
    pub at: Timestamp,
}

impl Reactions {
    /// Orders them by time, so that their ids are in the order in which they came, and what
    /// belongs to one post lies among the rest, as in life.
    pub(super) fn in_order(mut self) -> Self {
        self.comments.sort_by_key(|comment| comment.created_at);
        self.likes.sort_by_key(|like| like.created_at);
        self
    }

    /// Adds so many comments and likes of a post, and tells how many of each: seven likes to
    /// three comments, as long as there are enough people who haven't liked it.
    pub(super) fn add(
        &mut self,
        dice: &mut Dice,
        (cast, crowd): (&Cast, &Crowd),
        post: &Posted,
        (count, now): (u64, Timestamp),
    ) -> Result<(u64, u64), InvalidValue> {
        // Everybody who had joined when it was posted; its author at least.
        let people = &crowd.people()[..crowd.count_by(post.at)];
        let likes = (count * 7 / 10).min(people.len().div_ceil(2) as u64);
        let comments = count - likes;
        let mut fans = HashSet::new();
        while (fans.len() as u64) < likes {
            let fan = dice.rather_low(index(people.len())) as usize;
            if fans.insert(fan) {
                self.likes.push(OldLike {
                    post: post.id,
                    user: people[fan].id,
                    created_at: later(dice, post.at, now),
                });
            }
        }
        for _ in 0..comments {
            let comment = comment(dice, cast, post, people, now)?;
            self.comments.push(comment);
        }
        Ok((comments, likes))
    }
}

fn comment(
    dice: &mut Dice,
    cast: &Cast,
    post: &Posted,
    people: &[Someone],
    now: Timestamp,
) -> Result<OldComment, InvalidValue> {
    let (author, sentences) = if dice.chance(15) {
        (post.author, &cast.phrases.answers)
    } else {
        let reader = dice.rather_low(index(people.len())) as usize;
        (&people[reader], &cast.phrases.comments)
    };
    let mut content = cast.chat(dice, sentences, &post.subject);
    let more = cast.chat(dice, sentences, &post.subject);
    if dice.chance(25) && more != content {
        content = format!("{content} {more}");
    }
    let created_at = later(dice, post.at, now);
    let updated_at = if dice.chance(3) {
        later(dice, created_at, now)
    } else {
        created_at
    };
    Ok(OldComment {
        post: post.id,
        author: author.id,
        content: content.try_into()?,
        created_at,
        updated_at,
    })
}

/// Soon after, but not after now.
fn later(dice: &mut Dice, at: Timestamp, now: Timestamp) -> Timestamp {
    at + dice.part((now - at).min(ATTENTION), 2)
}
