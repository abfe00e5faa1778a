//! The thread that owns the running server: it starts it again when it dies, and stops it at the
//! end.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::error::{StartError, io};
use super::guard::Guard;
use super::process::{Launch, Postmaster, describe};

const LOOK_EVERY: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A server that ran this long was sound, so its end counts as the first one.
const SOUND_AFTER: Duration = Duration::from_mins(1);
const TRIM_LOG_EVERY: Duration = Duration::from_mins(10);

/// Looks after the server until it is dropped; the server has ended when the drop returns.
#[derive(Debug)]
pub struct Supervisor {
    running: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Supervisor {
    /// Takes charge of a server that is ready.
    pub fn start(launch: Launch, guard: Guard, server: Postmaster) -> Result<Self, StartError> {
        let (stop, stopped) = mpsc::channel();
        let log = launch.log.clone();
        let watch = Watch {
            server,
            guard,
            launch,
            stopped,
        };
        let thread = thread::Builder::new()
            .name(String::from("postgres"))
            .spawn(move || watch.run())
            .map_err(io("start the thread that watches", &log))?;
        Ok(Self {
            running: Some((stop, thread)),
        })
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            drop(stop);
            if thread.join().is_err() {
                tracing::error!("the thread that watched PostgreSQL panicked");
            }
        }
    }
}

/// Dropped in this order: the server ends before its guard cleans up.
struct Watch {
    server: Postmaster,
    guard: Guard,
    launch: Launch,
    stopped: Receiver<()>,
}

impl Watch {
    fn run(mut self) {
        let mut started = Instant::now();
        let mut trimmed = Instant::now();
        while self.sleep(LOOK_EVERY) {
            if let Err(error) = self.guard.revive(self.server.id()) {
                tracing::error!(%error, "PostgreSQL runs without a guard");
            }
            if let Some(status) = self.server.ended() {
                self.guard.forget();
                let first = if started.elapsed() > SOUND_AFTER {
                    Duration::ZERO
                } else {
                    LOOK_EVERY
                };
                tracing::error!("PostgreSQL {}; starting it again", describe(status));
                if !self.restart(first) {
                    break;
                }
                started = Instant::now();
            }
            if trimmed.elapsed() > TRIM_LOG_EVERY {
                self.launch.trim_log();
                trimmed = Instant::now();
            }
        }
        self.server.stop();
        self.guard.forget();
    }

    /// Tries until it works; `false` when told to stop meanwhile.
    fn restart(&mut self, mut pause: Duration) -> bool {
        while self.sleep(pause) {
            match self.launch.start(&mut self.guard) {
                Ok(server) => {
                    self.server = server;
                    tracing::info!("PostgreSQL is back");
                    return true;
                }
                Err(error) => tracing::error!(%error, "PostgreSQL cannot be started again"),
            }
            pause = (pause * 2).clamp(LOOK_EVERY, LONGEST_PAUSE);
        }
        false
    }

    /// Waits; `false` when told to stop.
    fn sleep(&self, pause: Duration) -> bool {
        matches!(
            self.stopped.recv_timeout(pause),
            Err(RecvTimeoutError::Timeout)
        )
    }
}
