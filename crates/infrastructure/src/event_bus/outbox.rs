//! What waits to be sent, and what waits to be received: both bounded, both telling of what they
//! had to leave out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use alumx_application::realtime::{Received, Signal};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::sync::{Mutex, Notify};
use tracing::Span;

/// Signals that may wait to be sent.
const WAITING: usize = 16_384;

/// The most that is sent at once.
const AT_ONCE: usize = 2_048;

/// Receipts that may wait for the hub.
const RECEIVED: usize = 1_024;

/// Where signals are put that are to be sent.
pub(super) struct Outbox {
    queue: Sender<(Signal, Span)>,
    overflowed: Arc<AtomicBool>,
    wake: Arc<Notify>,
}

/// Signals to be sent together.
#[derive(Debug)]
pub(super) struct Batch {
    pub signals: Vec<Signal>,
    /// The span of the request that the first of them comes from.
    pub cause: Span,
}

/// Where they are taken from.
pub(super) struct Outgoing {
    queue: Receiver<(Signal, Span)>,
    overflowed: Arc<AtomicBool>,
    wake: Arc<Notify>,
}

pub(super) fn outbox() -> (Outbox, Outgoing) {
    let (sender, receiver) = mpsc::channel(WAITING);
    let overflowed = Arc::new(AtomicBool::new(false));
    let wake = Arc::new(Notify::new());
    let outbox = Outbox {
        queue: sender,
        overflowed: overflowed.clone(),
        wake: wake.clone(),
    };
    let outgoing = Outgoing {
        queue: receiver,
        overflowed,
        wake,
    };
    (outbox, outgoing)
}

impl Outbox {
    pub(super) fn put(&self, signal: Signal) {
        if self.queue.try_send((signal, Span::current())).is_err() {
            self.overflowed.store(true, Ordering::Release);
            self.wake.notify_one();
        }
    }
}

impl Outgoing {
    /// Waits for some, and takes all that are there; `None` when no more will come.
    pub(super) async fn take(&mut self) -> Option<Batch> {
        let mut batch = Vec::new();
        tokio::select! {
            // What waits goes first, so that there is room again when the others are told.
            biased;
            taken = self.queue.recv_many(&mut batch, AT_ONCE) => if taken == 0 {
                return None;
            },
            () = self.wake.notified() => {}
        }
        let (mut signals, causes): (Vec<Signal>, Vec<Span>) = batch.into_iter().unzip();
        if self.overflowed.swap(false, Ordering::AcqRel) {
            signals.push(Signal::Lost);
        }
        let cause = causes.into_iter().find(|cause| !cause.is_none());
        Some(Batch {
            signals,
            cause: cause.unwrap_or_else(Span::none),
        })
    }

    /// Whether no more will come.
    pub(super) fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }
}

/// Where what was received is put.
pub(super) struct Inlet {
    queue: Sender<Received>,
    lost: bool,
}

/// Where it is taken from.
pub(super) struct Inbox(Mutex<Receiver<Received>>);

pub(super) fn inbox() -> (Inlet, Inbox) {
    let (queue, receiver) = mpsc::channel(RECEIVED);
    let inlet = Inlet { queue, lost: false };
    (inlet, Inbox(Mutex::new(receiver)))
}

impl Inlet {
    /// Puts it there. If there is no room, that is told as soon as there is, by a call to this or
    /// to [`Inlet::settle`].
    pub(super) fn put(&mut self, received: Received) {
        self.settle();
        self.lost = self.lost || self.queue.try_send(received).is_err();
    }

    pub(super) fn settle(&mut self) {
        if self.lost {
            self.lost = self.queue.try_send(Received::Lost).is_err();
        }
    }

    /// Whether nobody will take any more.
    pub(super) fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }
}

impl Inbox {
    /// Waits for the next.
    pub(super) async fn take(&self) -> Received {
        match self.0.lock().await.recv().await {
            Some(received) => received,
            // The other end has gone, which happens only when everything ends.
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_had_to_be_left_out_is_told_to_the_others() {
        let (outbox, mut outgoing) = outbox();
        let signal = Signal::AccountChanged(1.try_into().unwrap());

        (0..=WAITING).for_each(|_| outbox.put(signal));
        let first = outgoing.take().await.unwrap().signals;
        outbox.put(signal);

        assert!(first.contains(&Signal::Lost));
        let mut rest = 0;
        while rest < WAITING - AT_ONCE + 1 {
            let signals = outgoing.take().await.unwrap().signals;
            assert!(!signals.contains(&Signal::Lost));
            rest += signals.len();
        }
        drop(outbox);
        assert!(outgoing.take().await.is_none());
    }

    #[tokio::test]
    async fn what_is_sent_together_is_of_the_request_of_the_first() {
        let (outbox, mut outgoing) = outbox();
        let signal = Signal::AccountChanged(1.try_into().unwrap());
        let _logging = tracing::subscriber::set_default(tracing_subscriber::registry());
        let [first, second] = [1, 2].map(|id| tracing::info_span!("request", id));

        outbox.put(signal);
        first.in_scope(|| outbox.put(signal));
        second.in_scope(|| outbox.put(signal));
        let batch = outgoing.take().await.unwrap();

        assert_eq!(batch.signals, [signal; 3]);
        assert_eq!(batch.cause.id(), first.id());
        outbox.put(signal);
        assert!(outgoing.take().await.unwrap().cause.is_none());
    }

    #[tokio::test]
    async fn what_could_not_be_received_is_told_once_there_is_room() {
        let (mut inlet, inbox) = inbox();
        let signals = Received::Signals(vec![]);

        (0..RECEIVED + 5).for_each(|_| inlet.put(signals.clone()));
        for _ in 0..RECEIVED {
            assert_eq!(inbox.take().await, signals);
        }
        inlet.settle();

        assert_eq!(inbox.take().await, Received::Lost);
    }
}
