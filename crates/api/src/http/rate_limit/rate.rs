//! Which limits there are, and which of them a route has.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::openapi::BASE_PATH;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// New accounts, by address.
    Register,
    /// Sign-ins, good and bad, by address.
    Login,
    /// Exchanges of tokens, by address.
    Refresh,
    /// Wrong passwords, by account.
    FailedLogin,
    /// Reading, by user.
    Read,
    /// Writing, by user.
    Write,
    /// Files, by user.
    Upload,
    /// Uploaded images, which everybody may see, by address.
    Image,
    /// Opened sockets, by address.
    Socket,
    /// Opened sockets, by user.
    UserSocket,
}

impl Limit {
    /// All of them, in their order.
    pub const ALL: [Self; 10] = [
        Self::Register,
        Self::Login,
        Self::Refresh,
        Self::FailedLogin,
        Self::Read,
        Self::Write,
        Self::Upload,
        Self::Image,
        Self::Socket,
        Self::UserSocket,
    ];

    /// The limit of a route; `None` for documents and for what those ask who run the service.
    /// This is the one place that decides it.
    pub fn of(method: &str, path: &str, public: bool, multipart: bool) -> Option<Self> {
        let path = path.strip_prefix(BASE_PATH).unwrap_or(path);
        Some(match (public, method) {
            (true, "GET") if path.starts_with("/images/") => Self::Image,
            (true, "GET") if path == "/ws" => Self::Socket,
            (true, "GET") => return None,
            (true, _) if path == "/auth/register" => Self::Register,
            (true, _) if path == "/auth/refresh" => Self::Refresh,
            // Whatever else nobody needs a token for is a way to get one.
            (true, _) => Self::Login,
            // All that is held of a user is much to read.
            (false, "GET") if path == "/me/export" => Self::Upload,
            (false, "GET") => Self::Read,
            (false, _) if multipart => Self::Upload,
            (false, _) => Self::Write,
        })
    }

    /// The name that clients see.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Login => "login",
            Self::Refresh => "refresh",
            Self::FailedLogin => "failed-login",
            Self::Read => "read",
            Self::Write => "write",
            Self::Upload => "upload",
            Self::Image => "image",
            Self::Socket => "socket",
            Self::UserSocket => "user-socket",
        }
    }

    /// What is allowed by default: so much that a school of a thousand behind one address, all of
    /// whom sign in within ten minutes, meets none of it.
    pub const fn usual(self) -> Rate {
        let (quota, minutes) = match self {
            Self::Register => (3000, 10),
            Self::Login | Self::Refresh | Self::Socket => (5000, 10),
            Self::FailedLogin => (30, 15),
            Self::Read => (6000, 1),
            Self::Write => (1200, 1),
            Self::Upload => (200, 10),
            Self::Image => (20_000, 1),
            Self::UserSocket => (300, 1),
        };
        Rate {
            quota,
            window: Duration::from_mins(minutes),
        }
    }
}

/// So many in so much time: all at once, or one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    quota: u32,
    window: Duration,
}

impl Rate {
    /// How many.
    pub fn quota(&self) -> u32 {
        self.quota
    }

    /// In which time.
    pub fn window(&self) -> Duration {
        self.window
    }

    /// After which time there may be one more.
    pub fn interval(&self) -> Duration {
        self.window / self.quota
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let window = humantime::format_duration(self.window);
        write!(f, "{}/{window}", self.quota)
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (quota, window) = text.split_once('/').unwrap_or_default();
        let quota = quota.trim().parse().ok();
        let quota = quota.filter(|quota| (1..=1_000_000).contains(quota));
        let window = humantime::parse_duration(window.trim()).ok();
        let day = Duration::from_hours(24);
        let window = window.filter(|window| (Duration::from_secs(1)..=day).contains(window));
        let (Some(quota), Some(window)) = (quota, window) else {
            return Err(
                "expected how many, 1 to 1000000, in which time, 1s to 1day, such as 300/1m"
                    .to_owned(),
            );
        };
        Ok(Self { quota, window })
    }
}

/// What is allowed.
#[derive(Debug, Clone)]
pub struct Rates {
    /// Whether anything is limited.
    pub on: bool,
    rates: [Rate; Limit::ALL.len()],
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            on: true,
            rates: Limit::ALL.map(Limit::usual),
        }
    }
}

impl Rates {
    /// Nothing is limited.
    pub fn off() -> Self {
        Self {
            on: false,
            ..Self::default()
        }
    }

    /// The same, but for one limit.
    #[must_use]
    pub fn with(mut self, limit: Limit, rate: Rate) -> Self {
        self.rates[limit as usize] = rate;
        self
    }

    /// What is allowed of this.
    pub fn of(&self, limit: Limit) -> Rate {
        self.rates[limit as usize]
    }
}
