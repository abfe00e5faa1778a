//! Sessions and the refresh tokens that keep them alive.

use std::fmt;
use std::net::IpAddr;

use chrono::TimeDelta;

use super::{Account, Role, UserId};
use crate::audit::RequestId;
use crate::clock::Timestamp;
use crate::id::Id;

/// The id of a session.
pub type SessionId = Id<Session>;

/// One sign-in of a user on one device, until it is ended or its refresh token expires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id; access tokens carry it.
    pub id: SessionId,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// When a token was last issued to it.
    pub last_used_at: Timestamp,
    /// What the client called itself when it signed in.
    pub user_agent: Option<UserAgent>,
    /// Where the client signed in from.
    pub ip_address: Option<IpAddr>,
}

/// What a client calls itself (HTTP `User-Agent`), cut to 512 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserAgent(String);

impl UserAgent {
    /// Keeps the printable part of a header; `None` if nothing is left.
    pub fn new(header: &str) -> Option<Self> {
        let text: String = header
            .chars()
            .filter(|c| !c.is_control())
            .take(512)
            .collect();
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A session about to be opened.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// What the client calls itself.
    pub user_agent: Option<UserAgent>,
    /// Where it comes from.
    pub ip_address: Option<IpAddr>,
    /// Its first refresh token.
    pub token: NewRefreshToken,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// By which request, for the audit log.
    pub request_id: Option<RequestId>,
}

/// A refresh token about to be stored: never the token itself, only its hash.
#[derive(Debug, Clone)]
pub struct NewRefreshToken {
    /// Hash of the token.
    pub hash: RefreshTokenHash,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

/// SHA-256 of a refresh token. A plain hash is enough: the token is 256 random bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RefreshTokenHash(pub [u8; 32]);

impl fmt::Debug for RefreshTokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshTokenHash(***)")
    }
}

/// SHA-256 of the token of an invitation, which is 256 random bits too.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct InvitationHash(pub [u8; 32]);

impl fmt::Debug for InvitationHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InvitationHash(***)")
    }
}

/// What came of an attempt to claim an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The account is the claimant's: the invitation is spent and a session open.
    Claimed(Account, SessionId),
    /// Refused: no such invitation (any more), or the account is gone.
    Refused,
    /// An admin suspended the account; the invitation stays.
    Suspended,
}

/// What is known of a stored refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshTokenState {
    /// When it was exchanged for the next one; a token is good for one exchange.
    pub spent_at: Option<Timestamp>,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

/// What it means that a client shows a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// The session's current token: exchange it.
    Current,
    /// Spent a moment ago: two tabs refreshed at once, or an answer was lost. Refuse, no more.
    JustSpent,
    /// Spent long ago: somebody kept a copy. The session can't be trusted any more.
    Replayed,
    /// Too old to mean anything.
    Expired,
}

impl RefreshTokenState {
    /// How long a spent token may turn up again without being taken for theft.
    pub const REUSE_GRACE: TimeDelta = TimeDelta::seconds(10);

    /// What showing this token at `now` means.
    pub fn present(self, now: Timestamp) -> Presented {
        match self.spent_at {
            _ if now >= self.expires_at => Presented::Expired,
            None => Presented::Current,
            Some(spent_at) if now - spent_at <= Self::REUSE_GRACE => Presented::JustSpent,
            Some(_) => Presented::Replayed,
        }
    }
}

/// What came of an attempt to exchange a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// The token was current: it is spent now and the next one is stored.
    Rotated {
        /// Whose session it is.
        account: Account,
        /// The session that goes on.
        session: SessionId,
    },
    /// Refused, without consequence: unknown, expired, just spent, or of a user who may not
    /// sign in.
    Refused,
    /// A spent token turned up again: the session was ended.
    Revoked {
        /// The session that was ended.
        session: SessionId,
    },
}

/// Who makes a request: the user of a session that is still open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The user.
    pub user: UserId,
    /// The role that the user has now, which may differ from the one in an older token.
    pub role: Role,
    /// The session.
    pub session: SessionId,
}

impl Caller {
    /// Whether the caller runs the service.
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }

    /// Whether the caller is `user` or an admin.
    pub fn is_self_or_admin(&self, user: UserId) -> bool {
        self.user == user || self.is_admin()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + TimeDelta::seconds(second)
    }

    #[test]
    fn a_token_is_current_until_it_is_spent_or_expires() {
        let token = RefreshTokenState {
            spent_at: None,
            expires_at: at(100),
        };

        assert_eq!(token.present(at(99)), Presented::Current);
        assert_eq!(token.present(at(100)), Presented::Expired);
    }

    #[test]
    fn a_spent_token_is_forgiven_for_ten_seconds() {
        let token = RefreshTokenState {
            spent_at: Some(at(50)),
            expires_at: at(100),
        };

        assert_eq!(token.present(at(50)), Presented::JustSpent);
        assert_eq!(token.present(at(60)), Presented::JustSpent);
        assert_eq!(token.present(at(61)), Presented::Replayed);
        assert_eq!(token.present(at(100)), Presented::Expired);
    }

    #[test]
    fn a_clock_that_went_back_is_no_theft() {
        let token = RefreshTokenState {
            spent_at: Some(at(50)),
            expires_at: at(100),
        };

        assert_eq!(token.present(at(48)), Presented::JustSpent);
    }

    #[test]
    fn user_agents_are_cut_and_cleaned() {
        assert_eq!(UserAgent::new(" \t "), None);
        assert_eq!(UserAgent::new("curl/8\u{7}").unwrap().as_str(), "curl/8");
        assert_eq!(
            UserAgent::new(&"é".repeat(600))
                .unwrap()
                .as_str()
                .chars()
                .count(),
            512
        );
    }
}
