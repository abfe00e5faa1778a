//! Chance that can be repeated.

use chrono::TimeDelta;
use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};
use uuid::{Builder, Uuid};

/// How many are met the most often by [`Dice::mostly_low`].
const FAMOUS: u32 = 64;

/// What is being made. Each thing has numbers of its own, so that a new kind of thing, or one more
/// of a kind, leaves all others as they were.
#[derive(Clone, Copy)]
pub(super) enum Topic {
    Person = 1,
    Post = 2,
    Reactions = 3,
    Chat = 4,
    Group = 5,
    Resume = 6,
}

/// Dice that fall the same for the same seed, topic and number, on every machine: `ChaCha8`, and
/// whole numbers only.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    pub(super) fn new(seed: u64, topic: Topic, number: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream((topic as u64) << 56 | number);
        Self(rng)
    }

    /// A number below `end`, which is not 0.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(end)) >> 32) as u32
    }

    /// A number from `min` to `max`.
    pub(super) fn between(&mut self, min: u32, max: u32) -> u32 {
        min + self.below(max - min + 1)
    }

    /// True `percent` times in a hundred.
    pub(super) fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// A number below `end`, which is not 0: the first ones more often than the last.
    pub(super) fn rather_low(&mut self, end: u32) -> u32 {
        self.below(end).min(self.below(end))
    }

    /// A number below `end`, which is not 0: the first ones by far the most often, yet none of
    /// them alone. For who knows everybody.
    pub(super) fn mostly_low(&mut self, end: u32) -> u32 {
        let halvings = (end / FAMOUS).max(1).ilog2();
        let halvings = self.below(halvings + 1);
        self.below(end >> halvings)
    }

    /// A part of the span, which is not negative. The more throws the shorter: what is taken of it
    /// is a product of so many parts.
    pub(super) fn part(&mut self, span: TimeDelta, throws: u32) -> TimeDelta {
        let span = span.num_microseconds().unwrap_or_default();
        let part = (0..throws).fold(i128::from(span), |part, _| {
            (part * i128::from(self.0.next_u32())) >> 32
        });
        TimeDelta::microseconds(i64::try_from(part).unwrap_or_default())
    }

    /// A random UUID.
    pub(super) fn uuid(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        self.0.fill_bytes(&mut bytes);
        Builder::from_random_bytes(bytes).into_uuid()
    }

    /// One of the things, each as often as it has shares.
    pub(super) fn share<'a, T>(&mut self, things: &'a [T], of: impl Fn(&T) -> u32) -> &'a T {
        let mut left = self.below(things.iter().map(&of).sum());
        for thing in things {
            if left < of(thing) {
                return thing;
            }
            left -= of(thing);
        }
        &things[0]
    }
}

/// Texts of which the second is met half as often as the first, the third a third as often, and
/// so on (Zipf's law): as names and words are met in life.
pub(super) struct Words {
    items: Vec<&'static str>,
    /// For each item the chances of it and all before it.
    up_to: Vec<u32>,
}

impl Words {
    /// Reads a list separated by `;`.
    pub(super) fn new(list: &'static str) -> Self {
        let items: Vec<_> = list
            .split(';')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .collect();
        let up_to = (1..=items.len())
            .scan(0, |sum, rank| {
                // Softened, so that the rarest of a short list is rare, not absent.
                *sum += 1_000_000 / (u32::try_from(rank).unwrap_or(u32::MAX) + 2);
                Some(*sum)
            })
            .collect();
        Self { items, up_to }
    }

    /// All of them.
    #[cfg(test)]
    pub(super) fn all(&self) -> &[&'static str] {
        &self.items
    }

    /// One of them.
    pub(super) fn one(&self, dice: &mut Dice) -> &'static str {
        let end = self.up_to.last().copied().unwrap_or_default();
        let drawn = dice.below(end);
        self.items[self.up_to.partition_point(|up_to| *up_to <= drawn)]
    }

    /// One of them, each as often as the others.
    pub(super) fn any(&self, dice: &mut Dice) -> &'static str {
        let count = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        self.items[dice.below(count) as usize]
    }

    /// About `count` different ones.
    pub(super) fn some(&self, dice: &mut Dice, count: u32) -> Vec<&'static str> {
        let mut drawn = Vec::new();
        for _ in 0..count {
            let item = self.one(dice);
            if !drawn.contains(&item) {
                drawn.push(item);
            }
        }
        drawn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dice_fall_the_same_for_the_same_thing_only() {
        let throw = |seed, number| {
            let mut dice = Dice::new(seed, Topic::Person, number);
            [(); 8].map(|()| dice.below(1000))
        };

        assert_eq!(throw(1, 7), throw(1, 7));
        assert_ne!(throw(1, 7), throw(1, 8));
        assert_ne!(throw(1, 7), throw(2, 7));
        // A change here means other data for the same seed.
        assert_eq!(throw(1, 7), [215, 959, 314, 47, 419, 735, 946, 805]);
    }

    #[test]
    fn low_numbers_are_met_the_most_often_and_parts_stay_within() {
        let mut dice = Dice::new(1, Topic::Person, 0);
        let met: Vec<_> = (0..1000).map(|_| dice.mostly_low(6400)).collect();
        let below = |end| met.iter().filter(|n| **n < end).count();
        let span = TimeDelta::days(7);
        let parts: Vec<_> = (0..100).map(|_| dice.part(span, 2)).collect();

        assert_eq!(below(6400), 1000);
        assert!((150..250).contains(&below(64)), "{}", below(64));
        assert!((1..=3).all(|end| (0..100).all(|_| dice.mostly_low(end) < end)));
        assert!(
            parts
                .iter()
                .all(|part| (TimeDelta::zero()..span).contains(part))
        );
        assert_eq!(dice.part(TimeDelta::zero(), 1), TimeDelta::zero());
    }

    #[test]
    fn the_first_word_is_met_most_and_none_never() {
        let words = Words::new("a; b; c;\n d");
        let mut dice = Dice::new(1, Topic::Person, 0);
        let mut met = [0; 4];

        for _ in 0..1000 {
            let word = words.one(&mut dice);
            met[usize::from(word.as_bytes()[0] - b'a')] += 1;
        }

        assert!(met.is_sorted_by(|more, fewer| more > fewer), "{met:?}");
        assert!(met[3] > 100, "{met:?}");
    }
}
