//! Sockets whose conversations are being looked up, and what happens meanwhile.

use std::collections::{HashMap, VecDeque};

use super::{ConversationSignal, SocketId, Ticket};

/// At most that many are looked up at the same time; more wait.
const AT_ONCE: usize = 8;

/// The most that is remembered of what happens meanwhile.
const REMEMBERED: usize = 10_000;

/// A look-up that has begun.
struct Begun {
    ticket: Ticket,
    /// How many signals had been recorded in all.
    since: u64,
}

/// Sockets that are not ready yet, in their order.
///
/// What a look-up sees may be older than what happens until it is answered; so all that happens
/// from its beginning on is recorded, to be told to the socket when it becomes ready.
#[derive(Default)]
pub(super) struct Registrations {
    waiting: VecDeque<SocketId>,
    begun: HashMap<SocketId, Begun>,
    record: VecDeque<ConversationSignal>,
    /// How many signals were forgotten.
    forgotten: u64,
    tickets: u64,
}

impl Registrations {
    /// Begins all look-ups anew, those that had begun first; answers to them are not valid any more.
    pub(super) fn restart(&mut self) {
        let mut begun: Vec<_> = self.begun.drain().collect();
        begun.sort_by_key(|(_, begun)| begun.ticket.0);
        for (socket, _) in begun.into_iter().rev() {
            self.waiting.push_front(socket);
        }
        self.forget();
    }

    /// Puts a socket at the end.
    pub(super) fn enqueue(&mut self, socket: SocketId) {
        self.waiting.push_back(socket);
    }

    /// The next to be looked up, if there may be one more.
    pub(super) fn begin_next(&mut self) -> Option<(SocketId, Ticket)> {
        if self.begun.len() >= AT_ONCE {
            return None;
        }
        let socket = self.waiting.pop_front()?;
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        let since = self.forgotten + self.record.len() as u64;
        self.begun.insert(socket, Begun { ticket, since });
        Some((socket, ticket))
    }

    /// Ends a look-up. `None` if there is none with this ticket (any more), else what happened
    /// since its beginning, or `Some(None)` if that was too much.
    #[expect(
        clippy::option_option,
        reason = "no such look-up and one that must begin again are different"
    )]
    pub(super) fn finish(
        &mut self,
        socket: SocketId,
        ticket: Ticket,
    ) -> Option<Option<Vec<ConversationSignal>>> {
        if self.begun.get(&socket)?.ticket != ticket {
            return None;
        }
        let begun = self.begun.remove(&socket)?;
        let skip = begun.since.checked_sub(self.forgotten);
        let happened = skip.map(|skip| {
            let skip = usize::try_from(skip).unwrap_or(usize::MAX);
            self.record.iter().skip(skip).copied().collect()
        });
        self.forget();
        Some(happened)
    }

    /// Forgets a socket.
    pub(super) fn remove(&mut self, socket: SocketId) {
        if self.begun.remove(&socket).is_none() {
            self.waiting.retain(|waiting| *waiting != socket);
        }
        self.forget();
    }

    /// Notes what was just told, or was told to nobody.
    pub(super) fn record(&mut self, signal: ConversationSignal) {
        if self.begun.is_empty() {
            return;
        }
        if self.record.len() >= REMEMBERED {
            self.record.pop_front();
            self.forgotten += 1;
        }
        self.record.push_back(signal);
    }

    /// Forgets what happened before every look-up that is under way.
    fn forget(&mut self) {
        let end = self.forgotten + self.record.len() as u64;
        let oldest = self.begun.values().map(|begun| begun.since).min();
        let surplus = oldest.unwrap_or(end).saturating_sub(self.forgotten);
        let surplus = usize::try_from(surplus).unwrap_or(usize::MAX);
        self.record.drain(..surplus.min(self.record.len()));
        self.forgotten += surplus as u64;
        if self.record.is_empty() {
            self.record.shrink_to(64);
        }
    }
}
