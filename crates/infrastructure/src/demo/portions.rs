//! What is popular.

/// Shares out things so that a few get many and many get few (Zipf's law), and all are shared out.
pub(super) struct Portions {
    /// How many things there are.
    all: u64,
    /// The sum of all weights.
    weights: u64,
    /// The sum of the weights that have had their portion.
    served: u64,
}

/// The weight of what is the `rank`th in popularity, from 0. Softened, so that nothing gets all.
pub(super) fn weight(rank: u32) -> u64 {
    (1 << 30) / (u64::from(rank) + 20)
}

impl Portions {
    pub(super) fn new(all: u64, weights: impl Iterator<Item = u64>) -> Self {
        Self {
            all,
            weights: weights.sum(),
            served: 0,
        }
    }

    /// The next portion. Those of all weights are all things.
    pub(super) fn next(&mut self, weight: u64) -> u64 {
        let before = self.up_to_now();
        self.served += weight;
        self.up_to_now() - before
    }

    fn up_to_now(&self) -> u64 {
        let shared = u128::from(self.all) * u128::from(self.served);
        u64::try_from(shared / u128::from(self.weights.max(1))).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_shared_out_and_the_popular_get_more() {
        let weights = || (0..1000).map(weight);
        let mut portions = Portions::new(5000, weights());

        let shared: Vec<_> = weights().map(|weight| portions.next(weight)).collect();

        assert_eq!(shared.iter().sum::<u64>(), 5000);
        assert!((50..80).contains(&shared[0]), "{}", shared[0]);
        assert!((0..=2).contains(&shared[999]));
    }
}
