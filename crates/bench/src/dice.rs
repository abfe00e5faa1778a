//! Chance that costs next to nothing.

/// A source of numbers (`SplitMix64`).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The same seed throws the same numbers.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_f491_4f6c_dd1d))
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both possible.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let count = high.abs_diff(low) + 1;
        low.saturating_add_unsigned(self.number() % count)
    }

    /// One of these; there must be one.
    pub fn of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[usize::try_from(self.number() % items.len() as u64).unwrap_or_default()]
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn numbers_stay_between_their_ends_and_reach_both() {
        let mut dice = Dice::new(1);

        let thrown: Vec<i64> = (0..200).map(|_| dice.between(-1, 2)).collect();

        assert_eq!(thrown.iter().min(), Some(&-1));
        assert_eq!(thrown.iter().max(), Some(&2));
    }
}
