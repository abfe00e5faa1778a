//! One socket: what the client says, what it is told, and when it ends.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use actix_ws::{AggregatedMessage, AggregatedMessageStream, MessageStream, ProtocolError, Session};
use alumx_application::authentication::AuthenticationError;
use alumx_application::realtime::SocketId;
use alumx_domain::account::{Caller, UserId};
use alumx_domain::clock::Timestamp;
use bytestring::ByteString;
use futures_util::StreamExt;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until, timeout};

use super::bell::{Bell, Ring};
use super::budget::FrameBudget;
use super::client_frame::Said;
use super::{ClientFrame, CloseCode, ErrorCode, Live, ServerFrame};

/// The largest frame that a client may send, in bytes.
const LARGEST_FRAME: usize = 16 * 1024;

/// The frame of this number that can't be read is one too many.
const BAD_FRAMES: u32 = 3;

/// How long the last frames of a socket may take to leave, unless it was too slow.
const FAREWELL: Duration = Duration::from_secs(3);

/// A token that counts, and for how long.
pub(super) struct Admitted {
    token: SecretString,
    caller: Caller,
    expires_at: Timestamp,
}

impl Admitted {
    /// Who was admitted.
    pub(super) fn user(&self) -> UserId {
        self.caller.user
    }
}

impl Live {
    /// Asks whether a token counts.
    pub(super) async fn admit(&self, token: SecretString) -> Result<Admitted, AuthenticationError> {
        let (caller, expires_at) = self.authenticator.admit(token.expose_secret()).await?;
        Ok(Admitted {
            token,
            caller,
            expires_at,
        })
    }
}

/// Why a socket ends.
enum End {
    /// The client is told this.
    Close(CloseCode),
    /// The client is not there any more.
    Gone,
}

/// What goes on while a socket is open.
enum Event {
    Said(Option<Result<AggregatedMessage, ProtocolError>>),
    Told(Option<ByteString>),
    Rung(Ring),
    Beat,
    Recheck,
}

/// A socket of a client.
pub(super) struct Socket {
    live: Live,
    session: Session,
    stream: AggregatedMessageStream,
    bell: Arc<Bell>,
    budget: FrameBudget,
    bad_frames: u32,
    heard_at: Instant,
}

impl Socket {
    pub(super) fn new(live: Live, session: Session, stream: MessageStream) -> Self {
        let stream = stream
            .max_frame_size(LARGEST_FRAME)
            .aggregate_continuations()
            .max_continuation_size(LARGEST_FRAME);
        Self {
            live,
            session,
            stream,
            bell: Arc::default(),
            budget: FrameBudget::new(Instant::now()),
            bad_frames: 0,
            heard_at: Instant::now(),
        }
    }

    /// Serves the socket to its end.
    pub(super) async fn run(self, admitted: Option<Admitted>) {
        let metrics = self.live.metrics.clone();
        metrics.opened();
        metrics.closed(self.serve_admitted(admitted).await);
    }

    /// Returns why it ended.
    async fn serve_admitted(mut self, admitted: Option<Admitted>) -> &'static str {
        let admitted = match admitted {
            Some(admitted) => Ok(admitted),
            None => self.authenticate().await,
        };
        let end = match admitted {
            Ok(admitted) => {
                let (id, mut told) = self.live.connect(admitted.caller, self.bell.clone()).await;
                let Err(end) = self.serve(id, &mut told, admitted).await;
                self.live.disconnect(id).await;
                end
            }
            Err(end) => end,
        };
        match end {
            End::Close(code) => {
                let patience = match code {
                    CloseCode::TooSlow => self.live.options.slow_farewell,
                    _ => FAREWELL,
                };
                timeout(patience, self.close(code)).await.ok();
                code.name()
            }
            End::Gone => "gone",
        }
    }

    /// Waits for the token in the first frame.
    async fn authenticate(&mut self) -> Result<Admitted, End> {
        let refused = End::Close(CloseCode::Unauthenticated);
        let deadline = Instant::now() + self.live.options.authenticate_within;
        loop {
            let said = tokio::time::timeout_at(deadline, self.stream.next()).await;
            let Ok(said) = said else { return Err(refused) };
            let Some(text) = self.hear(said).await? else {
                continue;
            };
            return match ClientFrame::read(&text) {
                Ok(Said::Authenticate(token)) => self.admit(token).await,
                _ => Err(refused),
            };
        }
    }

    async fn admit(&self, token: SecretString) -> Result<Admitted, End> {
        self.live.admit(token).await.map_err(|error| match error {
            AuthenticationError::InvalidToken => End::Close(CloseCode::Unauthenticated),
            AuthenticationError::Repository(_) => End::Close(CloseCode::TryAgainLater),
        })
    }

    /// Tells and hears until the socket ends.
    async fn serve(
        &mut self,
        id: SocketId,
        told: &mut Receiver<ByteString>,
        mut admitted: Admitted,
    ) -> Result<std::convert::Infallible, End> {
        let mut beat = every(self.live.options.heartbeat);
        let mut recheck = every(self.live.options.recheck_every);
        let mut expiry = self.expiry(&admitted);
        loop {
            let event = tokio::select! {
                ring = self.bell.rung() => Event::Rung(ring),
                said = self.stream.next() => Event::Said(said),
                text = told.recv() => Event::Told(text),
                _ = beat.tick() => Event::Beat,
                _ = recheck.tick() => Event::Recheck,
                () = sleep_until(expiry) => Event::Recheck,
            };
            match event {
                Event::Said(said) => {
                    if let Some(text) = self.hear(said).await? {
                        self.answer(id, &text, &mut admitted).await?;
                        expiry = self.expiry(&admitted);
                    }
                }
                Event::Told(Some(text)) => self.tell(text).await?,
                // The hub has let go of this socket, and its bell says why; or it has failed.
                Event::Told(None) => {
                    let code = self.bell.reason().unwrap_or(CloseCode::InternalError);
                    return Err(End::Close(code));
                }
                Event::Rung(Ring::Close(code)) => return Err(End::Close(code)),
                Event::Rung(Ring::Check) | Event::Recheck => {
                    self.check(&mut admitted).await?;
                    expiry = self.expiry(&admitted);
                }
                Event::Beat => self.beat().await?,
            }
        }
    }

    /// When the token expires, as far as this machine's clock runs as the service's.
    fn expiry(&self, admitted: &Admitted) -> Instant {
        let left = admitted.expires_at - self.live.clock.now();
        let left = left.to_std().unwrap_or_default();
        // A little later rather than earlier, when it would still count, again and again.
        Instant::now() + left.max(Duration::from_millis(100))
    }

    /// Asks whether the token still counts. While the database is away, it does.
    async fn check(&self, admitted: &mut Admitted) -> Result<(), End> {
        let token = admitted.token.expose_secret();
        match self.live.authenticator.admit(token).await {
            Ok((caller, expires_at)) => {
                admitted.caller = caller;
                admitted.expires_at = expires_at;
                Ok(())
            }
            Err(AuthenticationError::InvalidToken) => Err(End::Close(CloseCode::Unauthenticated)),
            Err(AuthenticationError::Repository(_)) => Ok(()),
        }
    }

    async fn beat(&mut self) -> Result<(), End> {
        if self.heard_at.elapsed() >= 2 * self.live.options.heartbeat {
            return Err(End::Gone);
        }
        let heartbeat = self.live.options.heartbeat;
        let sending = self.session.ping(b"");
        sent(sending, &self.bell, 2 * heartbeat).await
    }

    /// Takes what came; a text is for the caller to read.
    async fn hear(
        &mut self,
        said: Option<Result<AggregatedMessage, ProtocolError>>,
    ) -> Result<Option<ByteString>, End> {
        let now = Instant::now();
        self.heard_at = now;
        let said = match said {
            None => return Err(End::Gone),
            // A text that is no UTF-8 is told so.
            Some(Err(ProtocolError::Io(error))) if error.kind() != ErrorKind::InvalidData => {
                return Err(End::Gone);
            }
            Some(Err(ProtocolError::Overflow)) => return Err(End::Close(CloseCode::TooLarge)),
            Some(Err(_)) => return Err(End::Close(CloseCode::ProtocolError)),
            Some(Ok(said)) => said,
        };
        if !self.budget.spend(now) {
            return Err(End::Close(CloseCode::TooManyFrames));
        }
        match said {
            AggregatedMessage::Text(text) => return Ok(Some(text)),
            AggregatedMessage::Binary(_) => self.refuse(ErrorCode::MalformedFrame).await?,
            AggregatedMessage::Ping(data) => {
                let heartbeat = self.live.options.heartbeat;
                let sending = self.session.pong(&data);
                sent(sending, &self.bell, 2 * heartbeat).await?;
            }
            AggregatedMessage::Pong(_) => {}
            AggregatedMessage::Close(_) => return Err(End::Close(CloseCode::Normal)),
        }
        Ok(None)
    }

    async fn answer(
        &mut self,
        id: SocketId,
        text: &str,
        admitted: &mut Admitted,
    ) -> Result<(), End> {
        match ClientFrame::read(text) {
            Ok(Said::Typing(conversation)) => self.live.typing(id, conversation).await,
            Ok(Said::Authenticate(token)) => {
                let next = self.admit(token).await?;
                if next.caller.user != admitted.caller.user {
                    return Err(End::Close(CloseCode::Unauthenticated));
                }
                *admitted = next;
            }
            Err(code) => self.refuse(code).await?,
        }
        Ok(())
    }

    /// Says that a frame could not be read, or ends the socket if it is one too many.
    async fn refuse(&mut self, code: ErrorCode) -> Result<(), End> {
        if code != ErrorCode::NotFound {
            self.bad_frames += 1;
        }
        if self.bad_frames >= BAD_FRAMES {
            return Err(End::Close(CloseCode::BadFrames));
        }
        let frame = ServerFrame::Error { code };
        self.tell(frame.to_text()).await
    }

    /// Sends a frame, however long the client takes to read: meanwhile its queue fills, and the
    /// bell rings.
    async fn tell(&mut self, text: ByteString) -> Result<(), End> {
        let heartbeat = self.live.options.heartbeat;
        let sending = self.session.text(text);
        sent(sending, &self.bell, 2 * heartbeat).await
    }

    /// Says good-bye, and waits for the client to do so.
    async fn close(mut self, code: CloseCode) {
        if code == CloseCode::TooSlow {
            let frame = ServerFrame::too_slow().to_text();
            self.session.text(frame).await.ok();
        }
        self.session.close(Some(code.into())).await.ok();
        while let Some(Ok(_)) = self.stream.next().await {}
    }
}

/// Waits until there was room for what is sent, but no longer than for the end or this time.
async fn sent(
    sending: impl Future<Output = Result<(), actix_ws::Closed>>,
    bell: &Bell,
    deadline: Duration,
) -> Result<(), End> {
    tokio::select! {
        sent = sending => sent.map_err(|_| End::Gone),
        code = bell.closing() => Err(End::Close(code)),
        () = tokio::time::sleep(deadline) => Err(End::Gone),
    }
}

fn every(period: Duration) -> Interval {
    let mut interval = interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}
