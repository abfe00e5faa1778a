//! For a single instance, and for several in one process.

use alumx_application::realtime::{EventBus, Received, Signal};
use async_trait::async_trait;
use tokio::sync::Mutex;
use tokio::sync::broadcast::{self, Receiver, Sender, error::RecvError};

/// Signals that one who is slow to receive may be behind.
const BEHIND: usize = 1_024;

/// The end of one instance.
pub struct InProcessBus {
    id: u64,
    sender: Sender<(u64, Signal)>,
    receiver: Mutex<Receiver<(u64, Signal)>>,
}

impl InProcessBus {
    /// The bus of a single instance.
    pub fn new() -> Self {
        let (sender, receiver) = broadcast::channel(BEHIND);
        Self::over(sender, receiver)
    }

    /// The end of another instance on the same bus.
    #[must_use]
    pub fn another(&self) -> Self {
        Self::over(self.sender.clone(), self.sender.subscribe())
    }

    fn over(sender: Sender<(u64, Signal)>, receiver: Receiver<(u64, Signal)>) -> Self {
        Self {
            id: super::envelope::new_sender(),
            sender,
            receiver: Mutex::new(receiver),
        }
    }
}

impl Default for InProcessBus {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl EventBus for InProcessBus {
    fn send(&self, signal: Signal) {
        // Fails only when nobody receives.
        self.sender.send((self.id, signal)).ok();
    }

    async fn receive(&self) -> Received {
        let mut receiver = self.receiver.lock().await;
        loop {
            match receiver.recv().await {
                Ok((sender, _)) if sender == self.id => {}
                Ok((_, signal)) => return Received::Signals(vec![signal]),
                Err(RecvError::Lagged(_)) => return Received::Lost,
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_others_receive_in_order_and_who_is_too_slow_is_told() {
        let one = InProcessBus::new();
        let other = one.another();
        let signal = |n: i64| Signal::AccountChanged(n.try_into().unwrap());

        one.send(signal(1));
        other.send(signal(2));
        one.send(signal(3));

        assert_eq!(one.receive().await, Received::Signals(vec![signal(2)]));
        assert_eq!(other.receive().await, Received::Signals(vec![signal(1)]));
        assert_eq!(other.receive().await, Received::Signals(vec![signal(3)]));
        (0..=2 * BEHIND).for_each(|_| one.send(signal(1)));
        assert_eq!(other.receive().await, Received::Lost);
    }
}
