//! How often it is told that somebody is writing.

use std::collections::HashMap;

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::conversation::ConversationId;
use chrono::TimeDelta;

/// At most once in this time for a user in a conversation.
const EVERY: TimeDelta = TimeDelta::seconds(3);

/// Beyond that many, those that hold nobody back any more are forgotten.
const REMEMBERED: usize = 1024;

/// When it was last told.
#[derive(Default)]
pub(super) struct TypingLimit {
    told: HashMap<(UserId, ConversationId), Timestamp>,
    /// How many there may be until it is looked for some to forget.
    room: usize,
}

impl TypingLimit {
    /// Whether it may be told now; then it counts as told.
    pub(super) fn allows(
        &mut self,
        user: UserId,
        conversation: ConversationId,
        now: Timestamp,
    ) -> bool {
        // A clock that was set back must not silence anybody.
        let holds_back = |told: &Timestamp| (TimeDelta::zero()..EVERY).contains(&(now - *told));
        let last = self.told.get(&(user, conversation));
        if last.is_some_and(holds_back) {
            return false;
        }
        if self.told.len() >= self.room.max(REMEMBERED) {
            self.told.retain(|_, told| holds_back(told));
            self.room = 2 * self.told.len();
        }
        self.told.insert((user, conversation), now);
        true
    }
}

#[cfg(test)]
mod tests {
    use alumx_domain::chat::ChatId;

    use super::*;

    #[test]
    fn it_is_told_at_most_once_in_three_seconds_and_little_is_remembered() {
        let mut limit = TypingLimit::default();
        let chat = |id| ConversationId::Chat(ChatId::try_from(id).unwrap());
        let user = UserId::try_from(1).unwrap();
        let at = |ms| Timestamp::UNIX_EPOCH + TimeDelta::milliseconds(ms);

        assert!(limit.allows(user, chat(1), at(0)));
        assert!(!limit.allows(user, chat(1), at(2999)));
        assert!(limit.allows(user, chat(2), at(2999)));
        assert!(limit.allows(user, chat(1), at(3000)));
        assert!(limit.allows(user, chat(1), at(10)));
        for n in 1..10_000 {
            assert!(limit.allows(user, chat(n + 2), at(n * 10)));
        }
        assert!(limit.told.len() <= 2 * REMEMBERED);
    }
}
