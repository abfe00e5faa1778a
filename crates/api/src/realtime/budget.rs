//! How many frames a client may send.

use std::time::Duration;

use tokio::time::Instant;

/// At once.
const AT_ONCE: u32 = 60;

/// After this time there may be one more.
const EVERY: Duration = Duration::from_millis(50);

/// What a client may still send.
pub(super) struct FrameBudget {
    /// When it will have all of it again.
    full_at: Instant,
}

impl FrameBudget {
    pub(super) fn new(now: Instant) -> Self {
        Self { full_at: now }
    }

    /// Whether one more is within bounds.
    pub(super) fn spend(&mut self, now: Instant) -> bool {
        let full_at = self.full_at.max(now) + EVERY;
        let within = full_at - now <= AT_ONCE * EVERY;
        if within {
            self.full_at = full_at;
        }
        within
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_at_once_and_twenty_a_second() {
        let start = Instant::now();
        let mut budget = FrameBudget::new(start);
        let spent = |budget: &mut FrameBudget, at| (0..200).filter(|_| budget.spend(at)).count();

        assert_eq!(spent(&mut budget, start), 60);
        assert_eq!(spent(&mut budget, start + Duration::from_secs(1)), 20);
        assert_eq!(spent(&mut budget, start + Duration::from_mins(1)), 60);
    }
}
