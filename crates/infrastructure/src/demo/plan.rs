//! What is to be made, and what was.

use alumx_domain::account::Username;
use strum::Display;

/// What is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoPlan {
    /// How many people.
    pub users: u32,
    /// Of what everything follows.
    pub seed: u64,
}

impl DemoPlan {
    /// How many jobs are posted, for each person.
    pub(super) const POSTS_PER_USER: u64 = 2;

    /// Of how many people one has a resume, beginning with the first.
    pub(super) const USERS_PER_RESUME: u64 = 20;

    /// How many have one at most: each is a file.
    pub(super) const MOST_RESUMES: u64 = 1000;

    /// How many have a resume.
    pub(super) fn resumes(&self) -> u64 {
        let resumes = u64::from(self.users).div_ceil(Self::USERS_PER_RESUME);
        resumes.min(Self::MOST_RESUMES)
    }

    /// How many jobs are posted.
    pub(super) fn posts(&self) -> u64 {
        u64::from(self.users) * Self::POSTS_PER_USER
    }

    /// How many comments and likes these get.
    pub(super) fn reactions(&self) -> u64 {
        u64::from(self.users) * 10
    }

    /// How many chats there are between two people.
    pub(super) fn chats(&self) -> u64 {
        u64::from(self.users / 2)
    }

    /// How many groups there are.
    pub(super) fn groups(&self) -> u64 {
        match self.users {
            0..3 => 0,
            users => u64::from(users.div_ceil(20)),
        }
    }

    /// How many messages are written in chats.
    pub(super) fn chat_messages(&self) -> u64 {
        match self.users {
            0..2 => 0,
            2 => 40,
            users => u64::from(users) * 10,
        }
    }

    /// How many messages are written in groups.
    pub(super) fn group_messages(&self) -> u64 {
        match self.users {
            0..3 => 0,
            users => u64::from(users) * 10,
        }
    }

    /// How many things are made, to tell how much of them is done.
    pub(super) fn things(&self) -> u64 {
        let messages = self.chat_messages() + self.group_messages();
        u64::from(self.users) + self.resumes() + self.posts() + self.reactions() + messages
    }
}

/// What is being made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display)]
pub enum DemoStage {
    /// Accounts and profiles.
    #[strum(to_string = "people")]
    People,
    /// Resumes of some people.
    #[strum(to_string = "resumes")]
    Resumes,
    /// Job posts with images, comments and likes.
    #[strum(to_string = "job posts")]
    Jobs,
    /// Chats between two.
    #[strum(to_string = "chats")]
    Chats,
    /// Groups.
    #[strum(to_string = "groups")]
    Groups,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoProgress {
    /// What is being made.
    pub stage: DemoStage,
    /// How many people, resumes, posts, comments, likes and messages there are.
    pub done: u64,
    /// How many there will be.
    pub all: u64,
}

/// What was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DemoSummary {
    /// How many people.
    pub users: u64,
    /// How many items in their lists.
    pub list_items: u64,
    /// How many resumes they uploaded.
    pub resumes: u64,
    /// How many jobs they posted.
    pub posts: u64,
    /// How many images these have.
    pub images: u64,
    /// How many comments.
    pub comments: u64,
    /// How many likes.
    pub likes: u64,
    /// How many chats between two.
    pub chats: u64,
    /// How many groups.
    pub groups: u64,
    /// How many places in them are taken.
    pub participants: u64,
    /// How many messages in chats and groups.
    pub messages: u64,
    /// The first person, to sign in as with [`DEMO_PASSWORD`](super::DEMO_PASSWORD).
    pub example: Option<Username>,
    /// The first who may post jobs, to sign in as likewise.
    pub author: Option<Username>,
}

impl DemoSummary {
    /// As many of [`DemoPlan::things`] as there are.
    pub(super) fn things(&self) -> u64 {
        self.users + self.resumes + self.posts + self.comments + self.likes + self.messages
    }
}
