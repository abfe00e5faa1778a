//! A network as it is being made.

use alumx_domain::account::Role;
use alumx_domain::clock::Timestamp;
use alumx_domain::user::Profile;

use super::career::Cast;
use super::dice::{Dice, Topic};
use super::{DemoPlan, DemoProgress, DemoStage, DemoSummary};

/// What all stages share.
pub(super) struct Making<'a> {
    pub plan: &'a DemoPlan,
    pub cast: Cast,
    pub now: Timestamp,
    /// What there is so far.
    pub summary: DemoSummary,
    progress: &'a mut dyn FnMut(DemoProgress),
}

impl<'a> Making<'a> {
    /// About how many messages are made and written together.
    pub(super) const MESSAGES: usize = 20_000;

    pub(super) fn new(
        plan: &'a DemoPlan,
        now: Timestamp,
        progress: &'a mut dyn FnMut(DemoProgress),
    ) -> Self {
        Self {
            plan,
            cast: Cast::new(),
            now,
            summary: DemoSummary::default(),
            progress,
        }
    }

    /// The dice for one thing.
    pub(super) fn dice(&self, topic: Topic, number: u64) -> Dice {
        Dice::new(self.plan.seed, topic, number)
    }

    /// Remembers whom to sign in as.
    pub(super) fn introduce(&mut self, people: &[Profile]) {
        let summary = &mut self.summary;
        for person in people {
            if summary.example.is_none() {
                summary.example = Some(person.username.clone());
            }
            if summary.author.is_none() && person.role != Role::Student {
                summary.author = Some(person.username.clone());
            }
        }
    }

    /// Tells that something more of this stage is there.
    pub(super) fn tell(&mut self, stage: DemoStage) {
        (self.progress)(DemoProgress {
            stage,
            done: self.summary.things(),
            all: self.plan.things(),
        });
    }
}
