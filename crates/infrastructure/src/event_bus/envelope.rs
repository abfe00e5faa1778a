//! What is sent at once: signals with their sender and a number, so that a receiver notices what
//! is missing, doubled, or its own.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use alumx_application::realtime::{BusVitals, Received, Signal};
use rand::Rng as _;

use super::text;

/// PostgreSQL refuses payloads of 8000 bytes.
pub(super) const MAX_BYTES: usize = 7_900;

/// The most senders remembered; each start of an instance is one.
const MAX_SENDERS: usize = 1_000;

/// Tells this bus from all others.
pub(super) fn new_sender() -> u64 {
    rand::rng().next_u64()
}

/// Packs signals.
pub(super) struct Packer {
    sender: u64,
    number: u64,
}

impl Packer {
    pub(super) fn new(sender: u64) -> Self {
        Self { sender, number: 0 }
    }

    /// As few envelopes as hold these.
    pub(super) fn pack(&mut self, signals: &[Signal]) -> Vec<String> {
        let mut envelopes: Vec<String> = Vec::new();
        for signal in signals {
            let signal = text::write(signal);
            let room = |open: &&mut String| open.len() + 1 + signal.len() <= MAX_BYTES;
            if let Some(open) = envelopes.last_mut().filter(room) {
                open.push(';');
                open.push_str(&signal);
            } else {
                self.number += 1;
                let (sender, number, time) = (self.sender, self.number, now().as_micros());
                envelopes.push(format!("{sender:x} {number} {time};{signal}"));
            }
        }
        envelopes
    }
}

/// Unpacks signals.
pub(super) struct Unpacker {
    own: u64,
    /// The last number of each sender.
    last: HashMap<u64, u64>,
    vitals: Arc<BusVitals>,
}

impl Unpacker {
    pub(super) fn new(own: u64, vitals: Arc<BusVitals>) -> Self {
        Self {
            own,
            last: HashMap::new(),
            vitals,
        }
    }

    /// What is in it; `None` if it is one's own or came before.
    pub(super) fn unpack(&mut self, envelope: &str) -> Option<Received> {
        let mut parts = envelope.split(';');
        let Some((sender, number, sent)) = parts.next().and_then(header) else {
            // From a version that writes otherwise.
            return Some(Received::Lost);
        };
        if sender == self.own {
            return None;
        }
        if let Some(sent) = sent {
            // As far as the clocks of both machines agree.
            self.vitals.arrived(now().saturating_sub(sent));
        }
        if self.last.len() >= MAX_SENDERS {
            self.last.clear();
        }
        let last = self.last.insert(sender, number);
        match last {
            Some(last) if number <= last => {
                self.last.insert(sender, last);
                None
            }
            Some(last) if number > last + 1 => Some(Received::Lost),
            _ => Some(match parts.map(text::read).collect() {
                Some(signals) => Received::Signals(signals),
                None => Received::Lost,
            }),
        }
    }

    /// After a break nothing is known of what others sent.
    pub(super) fn forget(&mut self) {
        self.last.clear();
    }
}

/// Sender, number, and when it was sent, which versions before did not say.
fn header(text: &str) -> Option<(u64, u64, Option<Duration>)> {
    let mut words = text.split(' ');
    let sender = u64::from_str_radix(words.next()?, 16).ok()?;
    let number = words.next()?.parse().ok()?;
    let sent = words.next().and_then(|time| time.parse().ok());
    Some((sender, number, sent.map(Duration::from_micros)))
}

fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_arrive_packed_and_in_order() {
        let signals: Vec<_> = std::iter::repeat_with(super::text::tests::all)
            .take(100)
            .flatten()
            .collect();
        let envelopes = Packer::new(1).pack(&signals);
        let mut unpacker = Unpacker::new(2, Arc::default());

        assert!(envelopes.len() > 1 && envelopes.len() < 20);
        assert!(envelopes.iter().all(|e| e.len() <= MAX_BYTES));
        let arrived: Vec<_> = envelopes
            .iter()
            .flat_map(|envelope| match unpacker.unpack(envelope) {
                Some(Received::Signals(signals)) => signals,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(arrived, signals);
    }

    #[test]
    fn own_and_doubled_envelopes_are_left_out_and_gaps_noticed() {
        let mut packer = Packer::new(1);
        let mut pack = || packer.pack(&[Signal::Lost]).remove(0);
        let (first, second, third, fourth) = (pack(), pack(), pack(), pack());
        let lost = Some(Received::Signals(vec![Signal::Lost]));
        let mut unpacker = Unpacker::new(2, Arc::default());

        assert_eq!(Unpacker::new(1, Arc::default()).unpack(&first), None);
        assert_eq!(unpacker.unpack(&first), lost);
        assert_eq!(unpacker.unpack(&first), None);
        assert_eq!(unpacker.unpack(&third), Some(Received::Lost));
        assert_eq!(unpacker.unpack(&second), None);
        assert_eq!(unpacker.unpack(&fourth), lost);
    }

    #[test]
    fn what_can_not_be_read_counts_as_lost() {
        let mut unpacker = Unpacker::new(2, Arc::default());

        for (n, text) in ["", "x", "1", "1 x", "1 1;zz", "1 2;l;m c1"]
            .iter()
            .enumerate()
        {
            assert_eq!(unpacker.unpack(text), Some(Received::Lost), "{n}");
        }
    }
}
