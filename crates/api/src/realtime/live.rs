//! The thread that tells clients what happens: the hub's hands.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use alumx_application::authentication::Authenticator;
use alumx_application::ports::Realtime;
use alumx_application::realtime::{
    Answer, CloseReason, Effect, EventBus, Frame, Hub, HubLimits, Received, Signal, SocketId,
};
use alumx_domain::account::{Caller, SessionId, UserId};
use alumx_domain::chat::ChatRepository;
use alumx_domain::clock::Clock;
use alumx_domain::conversation::{ConversationEvent, ConversationId, ConversationRepository};
use alumx_domain::group_chat::GroupChatRepository;
use bytestring::ByteString;
use tokio::runtime;
use tokio::sync::mpsc::{self, Receiver, Sender, error::TrySendError};
use tokio::time::Instant;

use super::bell::Bell;
use super::questions::Sources;
use super::{CloseCode, ServerFrame};
use crate::http::{Problem, ProblemCode};
use crate::metrics::LiveMetrics;

/// What may wait for the hub.
const WAITING: usize = 16_384;

/// What is taken at once.
const AT_ONCE: usize = 256;

/// Frames that may wait for one socket.
const QUEUE: usize = 256;

/// All clients are told to look by themselves at most once in this time.
const LOST_EVERY: Duration = Duration::from_secs(1);

/// What live telling needs.
pub struct LivePorts {
    /// Messages, members and read positions.
    pub conversations: Arc<dyn ConversationRepository>,
    /// Chats.
    pub chats: Arc<dyn ChatRepository>,
    /// Groups.
    pub groups: Arc<dyn GroupChatRepository>,
    /// To the other instances.
    pub bus: Arc<dyn EventBus>,
    /// Tells whose tokens count.
    pub authenticator: Arc<Authenticator>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Counts sockets.
    pub metrics: LiveMetrics,
}

/// What can be chosen about sockets.
#[derive(Debug, Clone, Copy)]
pub struct LiveOptions {
    /// Sockets of one user; of more, the oldest is closed.
    pub sockets_per_user: usize,
    /// How long a client may take to authenticate.
    pub authenticate_within: Duration,
    /// How often a client is pinged; one that is silent for twice as long is gone.
    pub heartbeat: Duration,
    /// How often it is asked again whether a token counts.
    pub recheck_every: Duration,
    /// How long a client that was too slow may take to read what it is told last.
    pub slow_farewell: Duration,
}

impl Default for LiveOptions {
    fn default() -> Self {
        Self {
            sockets_per_user: 10,
            authenticate_within: Duration::from_secs(5),
            heartbeat: Duration::from_secs(15),
            recheck_every: Duration::from_secs(45),
            slow_farewell: Duration::from_secs(15),
        }
    }
}

/// What reaches the hub.
enum Input {
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
struct Outlet {
    /// Frames as they are sent: those for many share their bytes.
    queue: Sender<ByteString>,
    bell: Arc<Bell>,
}

/// A handle to what tells clients live; it ends when the last handle is dropped.
#[derive(Clone)]
pub struct Live {
    inputs: Sender<Input>,
    /// Whether something happened that could not be put before the hub.
    lost: Arc<AtomicBool>,
    sockets: Arc<AtomicU64>,
    pub(super) options: LiveOptions,
    pub(super) authenticator: Arc<Authenticator>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) metrics: LiveMetrics,
}

impl Live {
    /// Starts telling.
    ///
    /// # Errors
    /// If a thread can't be started.
    pub fn start(ports: LivePorts, options: LiveOptions) -> io::Result<Self> {
        let (inputs, receiver) = mpsc::channel(WAITING);
        let lost = Arc::new(AtomicBool::new(false));
        let sources = Sources::new(ports.conversations, ports.chats, ports.groups);
        let teller = Teller {
            hub: Hub::new(HubLimits {
                sockets_per_user: options.sockets_per_user,
            }),
            outlets: HashMap::new(),
            sources,
            bus: ports.bus,
            authenticator: ports.authenticator.clone(),
            clock: ports.clock.clone(),
            // Weak, so that the thread does not keep itself alive.
            answers: inputs.downgrade(),
            lost: lost.clone(),
            tell_lost_at: None,
            told_lost_at: None,
            stopping: false,
            metrics: ports.metrics.clone(),
        };
        let runtime = runtime::Builder::new_current_thread()
            .enable_time()
            .build()?;
        thread::Builder::new()
            .name("realtime".to_owned())
            .spawn(move || runtime.block_on(teller.run(receiver)))?;
        Ok(Self {
            inputs,
            lost,
            sockets: Arc::new(AtomicU64::new(0)),
            options,
            authenticator: ports.authenticator,
            clock: ports.clock,
            metrics: ports.metrics,
        })
    }

    /// Closes all sockets, also those that come later: the service stops.
    pub async fn stop(&self) {
        self.inputs.send(Input::Stop).await.ok();
    }

    /// Whether clients are told at all.
    ///
    /// # Errors
    /// If what tells them has failed; it does not mend itself.
    pub fn check_ready(&self) -> Result<(), Problem> {
        if self.inputs.is_closed() {
            return Err(Problem::new(ProblemCode::Unavailable).detail("Nothing is told live."));
        }
        Ok(())
    }

    /// Brings a socket to the hub; what it is told comes out of the returned queue.
    pub(super) async fn connect(
        &self,
        caller: Caller,
        bell: Arc<Bell>,
    ) -> (SocketId, Receiver<ByteString>) {
        let id = SocketId(self.sockets.fetch_add(1, Ordering::Relaxed));
        let (queue, frames) = mpsc::channel(QUEUE);
        let outlet = Outlet { queue, bell };
        self.inputs
            .send(Input::Connect(id, caller, outlet))
            .await
            .ok();
        (id, frames)
    }

    pub(super) async fn disconnect(&self, socket: SocketId) {
        self.inputs.send(Input::Disconnect(socket)).await.ok();
    }

    pub(super) async fn typing(&self, socket: SocketId, conversation: ConversationId) {
        let typing = Input::Typing(socket, conversation);
        self.inputs.send(typing).await.ok();
    }

    fn put(&self, input: Input) {
        if let Err(TrySendError::Full(_)) = self.inputs.try_send(input) {
            self.lost.store(true, Ordering::Release);
        }
    }
}

impl Realtime for Live {
    fn publish(&self, event: ConversationEvent) {
        self.put(Input::Happened(event));
    }

    fn session_ended(&self, session: SessionId) {
        self.put(Input::SessionEnded(session));
    }

    fn account_changed(&self, user: UserId) {
        self.put(Input::AccountChanged(user));
    }
}

struct Teller {
    hub: Hub,
    outlets: HashMap<SocketId, Outlet>,
    sources: Sources,
    bus: Arc<dyn EventBus>,
    authenticator: Arc<Authenticator>,
    clock: Arc<dyn Clock>,
    answers: mpsc::WeakSender<Input>,
    lost: Arc<AtomicBool>,
    /// When all clients are to be told that something may be missing, and when they last were.
    tell_lost_at: Option<Instant>,
    told_lost_at: Option<Instant>,
    stopping: bool,
    metrics: LiveMetrics,
}

impl Teller {
    async fn run(mut self, mut inputs: Receiver<Input>) {
        let bus = self.bus.clone();
        let mut batch = Vec::with_capacity(AT_ONCE);
        loop {
            let due = self.tell_lost_at;
            tokio::select! {
                taken = inputs.recv_many(&mut batch, AT_ONCE) => if taken == 0 {
                    return;
                },
                received = bus.receive() => batch.push(Input::Received(received)),
                () = sleep_until(due) => self.tell_lost(),
            }
            for input in batch.drain(..) {
                self.take(input);
                self.act();
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
            for effect in effects {
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
                    Effect::Ask(question) => {
                        let (sources, answers) = (self.sources.clone(), self.answers.clone());
                        tokio::spawn(async move {
                            let answer = sources.find_out(&question).await;
                            if let Some(answers) = answers.upgrade() {
                                answers.send(Input::Answered(answer)).await.ok();
                            }
                        });
                    }
                    Effect::Tell(signal) => self.bus.send(signal),
                    Effect::Lose => self.lose(),
                }
            }
        }
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

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
