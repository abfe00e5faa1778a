//! The stage that fills the job board.

use alumx_domain::clock::Timestamp;
use alumx_domain::job_post::JobPostId;
use chrono::TimeDelta;
use diesel::prelude::*;

use super::crowd::Crowd;
use super::dice::{Dice, Topic};
use super::engagement::{Posted, Reactions};
use super::portions::{self, Portions};
use super::{DemoError, DemoPlan, DemoStage, Making};
use crate::db::{invalid_value, reserve_ids};
use crate::job_post::bulk::{self, OldPost};

/// The tables that are filled here.
pub(super) const TABLES: [&str; 5] = [
    "job_posts",
    "job_post_images",
    "job_post_search",
    "job_post_comments",
    "job_post_likes",
];

/// How many posts are made and written together.
const BATCH: u64 = 1000;

/// For how many days jobs have been posted.
const POSTING_DAYS: i64 = 2 * 365;

pub(super) fn add(
    conn: &mut PgConnection,
    making: &mut Making,
    crowd: &Crowd,
) -> Result<(), DemoError> {
    let Some(opened) = crowd.first_author_joined() else {
        return Ok(());
    };
    let mut board = Board::new(making, crowd, opened);
    while board.done < board.posts {
        let left = board.posts - board.done;
        let ids = reserve_ids(conn, "job_posts", "post_id", left.min(BATCH))?;
        let mut posts = Vec::new();
        let mut reactions = Reactions::default();
        for id in ids {
            posts.push(board.post(making, id, &mut reactions)?);
        }
        let Reactions { comments, likes } = reactions.in_order();
        making.summary.images += bulk::insert(conn, &posts)?;
        bulk::insert_comments(conn, &comments)?;
        bulk::insert_likes(conn, &likes)?;
        making.summary.posts += posts.len() as u64;
        making.summary.comments += comments.len() as u64;
        making.summary.likes += likes.len() as u64;
        making.tell(DemoStage::Jobs);
    }
    Ok(())
}

/// The board as it is being filled.
struct Board<'a> {
    crowd: &'a Crowd,
    /// When there was somebody who could post.
    opened: Timestamp,
    /// How many there will be.
    posts: u64,
    /// How many there are.
    done: u64,
    /// What people do about each of them.
    portions: Portions,
}

impl<'a> Board<'a> {
    fn new(making: &Making, crowd: &'a Crowd, opened: Timestamp) -> Self {
        let posts = making.plan.posts();
        let weights = (1..=posts).map(|nth| {
            let mut dice = making.dice(Topic::Reactions, number(crowd, nth));
            popularity(&mut dice, posts)
        });
        Self {
            crowd,
            opened,
            posts,
            done: 0,
            portions: Portions::new(making.plan.reactions(), weights),
        }
    }

    /// The next post, and what people do about it.
    fn post(
        &mut self,
        making: &Making,
        id: JobPostId,
        reactions: &mut Reactions,
    ) -> Result<OldPost, DemoError> {
        self.done += 1;
        let number = number(self.crowd, self.done);
        let created_at = posted(making.now, self.done, self.posts).max(self.opened);
        let mut dice = making.dice(Topic::Post, number);
        let author = self.crowd.author_by(created_at, &mut dice);
        let subject = making.cast.opening_subject(&mut dice, author);
        let post = making
            .cast
            .opening(&mut dice, author, &subject, number, created_at)?;
        let updated_at = if dice.chance(8) {
            created_at + dice.part(making.now - created_at, 2)
        } else {
            created_at
        };
        let mut dice = making.dice(Topic::Reactions, number);
        let count = self.portions.next(popularity(&mut dice, self.posts));
        let posted = Posted {
            id,
            author,
            subject,
            at: created_at,
        };
        let (cast, now) = (&making.cast, making.now);
        let (comments, likes) =
            reactions.add(&mut dice, (cast, self.crowd), &posted, (count, now))?;
        Ok(OldPost {
            id,
            author: author.id,
            post,
            like_count: i32::try_from(likes).map_err(invalid_value)?,
            comment_count: i32::try_from(comments).map_err(invalid_value)?,
            created_at,
            updated_at,
        })
    }
}

/// Which post of all networks the `nth` of this one is.
fn number(crowd: &Crowd, nth: u64) -> u64 {
    crowd.before * DemoPlan::POSTS_PER_USER + nth
}

/// How much of people's attention a post gets; the first throw of its reactions.
fn popularity(dice: &mut Dice, posts: u64) -> u64 {
    portions::weight(dice.below(u32::try_from(posts).unwrap_or(u32::MAX)))
}

/// When the `nth` of so many was posted: in their order, and half of them in the last quarter.
fn posted(now: Timestamp, nth: u64, of: u64) -> Timestamp {
    let span = TimeDelta::days(POSTING_DAYS).num_microseconds();
    let (left, of) = (i128::from(of - nth), i128::from(of));
    let ago = i128::from(span.unwrap_or_default()) * left * left / (of * of);
    now - TimeDelta::microseconds(i64::try_from(ago).unwrap_or_default())
}
