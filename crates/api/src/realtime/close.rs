//! Why sockets are closed.

/// What a close frame says. Clients decide by the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseCode {
    /// The client closed it.
    Normal,
    /// The service stops.
    GoingAway,
    /// What the client sends is no WebSocket.
    ProtocolError,
    /// A frame was too large.
    TooLarge,
    /// What tells clients has failed.
    InternalError,
    /// The database can't be asked who the client is.
    TryAgainLater,
    /// The third frame that could not be read.
    BadFrames,
    /// There is no valid access token (any more).
    Unauthenticated,
    /// The client does not read as fast as things happen.
    TooSlow,
    /// The user opened another socket, and has as many as one may have.
    TooManySockets,
    /// The client sends more frames than it may.
    TooManyFrames,
}

impl CloseCode {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Normal,
        Self::GoingAway,
        Self::ProtocolError,
        Self::TooLarge,
        Self::InternalError,
        Self::TryAgainLater,
        Self::BadFrames,
        Self::Unauthenticated,
        Self::TooSlow,
        Self::TooManySockets,
        Self::TooManyFrames,
    ];

    /// The number on the wire.
    pub const fn number(self) -> u16 {
        match self {
            Self::Normal => 1000,
            Self::GoingAway => 1001,
            Self::ProtocolError => 1002,
            Self::TooLarge => 1009,
            Self::InternalError => 1011,
            Self::TryAgainLater => 1013,
            Self::BadFrames => 4400,
            Self::Unauthenticated => 4401,
            Self::TooSlow => 4408,
            Self::TooManySockets => 4409,
            Self::TooManyFrames => 4429,
        }
    }

    /// Its name where sockets are counted.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::GoingAway => "going_away",
            Self::ProtocolError => "protocol_error",
            Self::TooLarge => "too_large",
            Self::InternalError => "internal_error",
            Self::TryAgainLater => "try_again_later",
            Self::BadFrames => "bad_frames",
            Self::Unauthenticated => "unauthenticated",
            Self::TooSlow => "too_slow",
            Self::TooManySockets => "too_many_sockets",
            Self::TooManyFrames => "too_many_frames",
        }
    }

    /// What it means and what to do, for people.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Normal => "The client closed the socket.",
            Self::GoingAway => "The service stops here: connect again.",
            Self::ProtocolError => "What was sent is no WebSocket.",
            Self::TooLarge => "A frame was larger than 16 KiB.",
            Self::InternalError => "What tells clients has failed here: connect again.",
            Self::TryAgainLater => "It can't be found out who this is: connect again in a moment.",
            Self::BadFrames => "The third frame that could not be read.",
            Self::Unauthenticated => {
                "No valid access token came in time, or it expired, or its session has ended."
            }
            Self::TooSlow => {
                "256 frames waited because the client did not read: connect again and catch up."
            }
            Self::TooManySockets => "The user opened more sockets than one may have.",
            Self::TooManyFrames => "More than 60 frames at once, or 20 a second for long.",
        }
    }
}

impl From<CloseCode> for actix_ws::CloseReason {
    fn from(code: CloseCode) -> Self {
        Self {
            code: code.number().into(),
            description: Some(code.meaning().to_owned()),
        }
    }
}
