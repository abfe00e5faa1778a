//! The handle to what tells clients what happens.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use alumx_application::authentication::Authenticator;
use alumx_application::ports::Realtime;
use alumx_application::realtime::{EventBus, Hub, HubLimits, SocketId};
use alumx_domain::account::{Caller, SessionId, UserId};
use alumx_domain::chat::ChatRepository;
use alumx_domain::clock::Clock;
use alumx_domain::conversation::{ConversationEvent, ConversationId, ConversationRepository};
use alumx_domain::group_chat::GroupChatRepository;
use bytestring::ByteString;
use tokio::runtime;
use tokio::sync::mpsc::{self, Receiver, Sender, error::TrySendError};
use tracing::Span;

use super::bell::Bell;
use super::questions::Sources;
use super::teller::{Caused, Input, Outlet, Teller};
use crate::http::{Problem, ProblemCode};
use crate::metrics::LiveMetrics;

/// What may wait for the hub.
const WAITING: usize = 16_384;

/// Frames that may wait for one socket.
const QUEUE: usize = 256;

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

/// A handle to what tells clients live; it ends when the last handle is dropped.
#[derive(Clone)]
pub struct Live {
    inputs: Sender<Caused>,
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
            outlets: std::collections::HashMap::new(),
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
        self.inputs.send((Span::current(), Input::Stop)).await.ok();
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
        let connect = Input::Connect(id, caller, outlet);
        self.inputs.send((Span::current(), connect)).await.ok();
        (id, frames)
    }

    pub(super) async fn disconnect(&self, socket: SocketId) {
        let disconnect = Input::Disconnect(socket);
        self.inputs.send((Span::current(), disconnect)).await.ok();
    }

    pub(super) async fn typing(&self, socket: SocketId, conversation: ConversationId) {
        let typing = Input::Typing(socket, conversation);
        self.inputs.send((Span::current(), typing)).await.ok();
    }

    fn put(&self, input: Input) {
        if let Err(TrySendError::Full(_)) = self.inputs.try_send((Span::current(), input)) {
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
