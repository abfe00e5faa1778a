//! The thread that tells clients what happens: the hub's hands.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use alumx_application::authentication::Authenticator;
use alumx_application::realtime::{
    Answer, CloseReason, Effect, EventBus, Frame, Hub, Question, Received, Signal, SocketId,
};
use alumx_domain::account::{Caller, SessionId, UserId};
use alumx_domain::clock::Clock;
use alumx_domain::conversation::{ConversationEvent, ConversationId};
use bytestring::ByteString;
use tokio::sync::mpsc::{Receiver, Sender, WeakSender, error::TrySendError};
use tokio::time::Instant;
use tracing::{Instrument, Span};

use super::bell::Bell;
use super::questions::Sources;
use super::{CloseCode, ServerFrame};
use crate::metrics::LiveMetrics;

/// What is taken at once.
const AT_ONCE: usize = 256;

/// All clients are told to look by themselves at most once in this time.
const LOST_EVERY: Duration = Duration::from_secs(1);

/// What reaches the hub, and the span of the request that it comes from: a request is over before
/// all have been told, yet what is logged of that is to name it.
pub(super) type Caused = (Span, Input);

/// What reaches the hub.
pub(super) enum Input {
    Happened(ConversationEvent),
    SessionEnded(SessionId),
    AccountChanged(UserId),
    Connect(SocketId, Caller, Outlet),
    Disconnect(SocketId),
    Typing(SocketId, ConversationId),
    Answered(Answer),
    Received(Received),
    Stop,
}

/// Where a socket is told.
pub(super) struct Outlet {
    /// Frames as they are sent: those for many share their bytes.
    pub queue: Sender<ByteString>,
    pub bell: Arc<Bell>,
}

/// The hub's hands.
pub(super) struct Teller {
    pub hub: Hub,
    pub outlets: HashMap<SocketId, Outlet>,
    pub sources: Sources,
    pub bus: Arc<dyn EventBus>,
    pub authenticator: Arc<Authenticator>,
    pub clock: Arc<dyn Clock>,
    pub answers: WeakSender<Caused>,
    pub lost: Arc<AtomicBool>,
    /// When all clients are to be told that something may be missing, and when they last were.
    pub tell_lost_at: Option<Instant>,
    pub told_lost_at: Option<Instant>,
    pub stopping: bool,
    pub metrics: LiveMetrics,
}

impl Teller {
    /// Tells until the last handle is dropped.
    pub async fn run(mut self, mut inputs: Receiver<Caused>) {
        let bus = self.bus.clone();
        let mut batch = Vec::with_capacity(AT_ONCE);
        loop {
            let due = self.tell_lost_at;
            tokio::select! {
                taken = inputs.recv_many(&mut batch, AT_ONCE) => if taken == 0 {
                    return;
                },
                received = bus.receive() => batch.push((from_elsewhere(), Input::Received(received))),
                () = sleep_until(due) => self.tell_lost(),
            }
            for (cause, input) in batch.drain(..) {
                cause.in_scope(|| {
                    self.take(input);
                    self.act();
                });
            }
            if self.lost.swap(false, Ordering::AcqRel) {
                tracing::warn!("too much happens to be told live: clients look by themselves");
                self.bus.send(Signal::Lost);
                self.lose();
            }
            self.act();
        }
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Happened(event) => self.hub.happened(event),
            Input::SessionEnded(session) => self.hub.session_ended(session),
            Input::AccountChanged(user) => self.hub.account_changed(user),
            Input::Connect(_, _, outlet) if self.stopping => {
                outlet.bell.close(CloseCode::GoingAway);
            }
            Input::Connect(socket, caller, outlet) => {
                self.outlets.insert(socket, outlet);
                self.hub.connect(socket, caller.user, caller.session);
            }
            Input::Disconnect(socket) => self.drop_socket(socket),
            Input::Typing(socket, conversation) => {
                self.hub.typing(socket, conversation, self.clock.now());
            }
            Input::Answered(answer) => self.hub.answer(answer),
            Input::Received(Received::Lost) => self.lose(),
            Input::Received(Received::Signals(signals)) => {
                for signal in signals {
                    self.signalled(signal);
                }
            }
            Input::Stop => {
                self.stopping = true;
                for (socket, outlet) in std::mem::take(&mut self.outlets) {
                    outlet.bell.close(CloseCode::GoingAway);
                    self.hub.disconnect(socket);
                }
            }
        }
    }

    fn signalled(&mut self, signal: Signal) {
        match signal {
            // What this instance knows of the session or user is older.
            Signal::SessionEnded(session) => self.authenticator.forget_session(session),
            Signal::AccountChanged(user) => self.authenticator.forget_user(user),
            Signal::Lost => return self.lose(),
            Signal::Conversation(_) => {}
        }
        self.hub.signalled(signal);
    }

    /// Something may be missing: clients are told at once, but not too often.
    fn lose(&mut self) {
        let now = Instant::now();
        let soonest = self.told_lost_at.map_or(now, |at| at + LOST_EVERY);
        self.tell_lost_at.get_or_insert(soonest.max(now));
    }

    fn tell_lost(&mut self) {
        let now = Instant::now();
        // All of them must have been told of the last loss, or some never would be.
        let again = self.hub.is_resyncing().then_some(now + LOST_EVERY);
        self.tell_lost_at = again;
        if again.is_none() {
            self.told_lost_at = Some(now);
            self.metrics.lost();
            self.hub.lost();
        }
    }

    fn drop_socket(&mut self, socket: SocketId) {
        self.outlets.remove(&socket);
        self.hub.disconnect(socket);
    }

    /// Does what the hub wants.
    fn act(&mut self) {
        loop {
            let effects = self.hub.effects();
            if effects.is_empty() {
                return;
            }
            for (cause, effect) in effects {
                let _entered = cause.enter();
                match effect {
                    Effect::Send { to, frame } => self.send(&to, frame),
                    Effect::Close(socket, CloseReason::TooManySockets) => {
                        self.close(socket, CloseCode::TooManySockets);
                    }
                    Effect::Check(socket) => {
                        if let Some(outlet) = self.outlets.get(&socket) {
                            outlet.bell.check();
                        }
                    }
                    Effect::Ask(question) => self.ask(question),
                    Effect::Tell(signal) => self.bus.send(signal),
                    Effect::Lose => self.lose(),
                }
            }
        }
    }

    fn ask(&self, question: Question) {
        let (sources, answers) = (self.sources.clone(), self.answers.clone());
        let asking = async move {
            let answer = Input::Answered(sources.find_out(&question).await);
            if let Some(answers) = answers.upgrade() {
                answers.send((Span::current(), answer)).await.ok();
            }
        };
        tokio::spawn(asking.in_current_span());
    }

    /// Makes the frame once for all of them.
    fn send(&mut self, to: &[SocketId], frame: Frame) {
        let text = ServerFrame::from(frame).to_text();
        for socket in to {
            let Some(outlet) = self.outlets.get(socket) else {
                continue;
            };
            match outlet.queue.try_send(text.clone()) {
                Ok(()) => {}
                Err(TrySendError::Full(_)) => self.close(*socket, CloseCode::TooSlow),
                Err(TrySendError::Closed(_)) => self.drop_socket(*socket),
            }
        }
    }

    fn close(&mut self, socket: SocketId, code: CloseCode) {
        if let Some(outlet) = self.outlets.get(&socket) {
            outlet.bell.close(code);
        }
        self.drop_socket(socket);
    }
}

/// The span of what another instance tells, in traces a root: of its own, for without one it would
/// be taken for a part of whichever request lets it go on.
fn from_elsewhere() -> Span {
    tracing::info_span!(parent: None, "told by another instance")
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
