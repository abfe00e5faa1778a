//! What open sockets must know of accounts.

use alumx_domain::account::{Remains, SessionId, UserId};
use alumx_domain::conversation::{ConversationEvent, ConversationId, Happening};
use alumx_domain::group_chat::{Departure, ParticipantRole};

use super::AccountService;
use crate::file::discard;

impl AccountService {
    /// From now on the session counts nowhere: neither for requests nor for open sockets.
    pub(super) fn session_ended(&self, session: SessionId) {
        self.authenticator.forget_session(session);
        self.realtime.session_ended(session);
    }

    /// From now on the user's sessions and role are as they are stored, for requests and open
    /// sockets.
    pub(super) fn account_changed(&self, user: UserId) {
        self.authenticator.forget_user(user);
        self.realtime.account_changed(user);
    }

    /// Tells the groups that the user left, with those who have them now, closes the sockets, and
    /// deletes the user's files.
    pub(super) async fn account_deleted(&self, user: UserId, remains: Remains) {
        for Departure {
            group,
            heir,
            membership,
        } in remains.departures
        {
            let role = ParticipantRole::Owner;
            let inherited = heir.map(|user| Happening::RoleChanged { user, role });
            let gone = Happening::ParticipantRemoved { user };
            for happening in [gone].into_iter().chain(inherited) {
                self.realtime.publish(ConversationEvent {
                    conversation: ConversationId::Group(group),
                    membership,
                    happening,
                });
            }
        }
        self.account_changed(user);
        discard(&*self.files, remains.unused_files).await;
    }
}
