//! How a bus between instances is doing, for those who run the service.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Bounds of the buckets of lags, in seconds.
const BOUNDS: [f64; 8] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0];

/// Written by a bus, read by whoever measures.
#[derive(Debug, Default)]
pub struct BusVitals {
    connected: AtomicBool,
    /// Of each bound, and of what is beyond them.
    counts: [AtomicU64; BOUNDS.len() + 1],
    microseconds: AtomicU64,
}

/// How long what came from other instances was on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct BusLag {
    /// All of it together, in seconds.
    pub sum: f64,
    /// How often something came.
    pub count: u64,
    /// How often within each bound, in seconds, and beyond the one before.
    pub buckets: Vec<(f64, u64)>,
}

impl BusVitals {
    /// Notes whether other instances can be heard.
    pub fn set_connected(&self, connected: bool) {
        self.connected.store(connected, Ordering::Relaxed);
    }

    /// Whether they can.
    pub fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    /// Notes that something came `after` it was sent.
    pub fn arrived(&self, after: Duration) {
        let seconds = after.as_secs_f64();
        let bucket = BOUNDS.iter().position(|bound| seconds <= *bound);
        let bucket = bucket.unwrap_or(BOUNDS.len());
        self.counts[bucket].fetch_add(1, Ordering::Relaxed);
        let microseconds = u64::try_from(after.as_micros()).unwrap_or(u64::MAX);
        self.microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }

    /// How long it took so far.
    pub fn lag(&self) -> BusLag {
        let counts = self
            .counts
            .iter()
            .map(|count| count.load(Ordering::Relaxed));
        let bounds = BOUNDS.into_iter().chain([f64::MAX]);
        let buckets: Vec<_> = bounds.zip(counts).collect();
        let sum = Duration::from_micros(self.microseconds.load(Ordering::Relaxed));
        BusLag {
            sum: sum.as_secs_f64(),
            count: buckets.iter().map(|(_, count)| count).sum(),
            buckets,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lags_are_counted_by_how_long_they_are() {
        let vitals = BusVitals::default();

        for millis in [1, 2, 60_000] {
            vitals.arrived(Duration::from_millis(millis));
        }

        let lag = vitals.lag();
        assert_eq!(lag.count, 3);
        assert!((lag.sum - 60.003).abs() < 1e-9);
        assert_eq!(lag.buckets[..2], [(0.001, 1), (0.005, 1)]);
        assert_eq!(lag.buckets.last(), Some(&(f64::MAX, 1)));
    }
}
