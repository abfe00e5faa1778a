//! The hub: one rule at a time, and against a world in which everything happens at the wrong
//! moment.

mod database;
mod rules;
mod stage;
mod world;

use alumx_domain::account::UserId;
use alumx_domain::conversation::ConversationId;
use alumx_domain::group_chat::GroupId;

fn user(id: i64) -> UserId {
    id.try_into().unwrap()
}

fn group(id: i64) -> ConversationId {
    ConversationId::Group(GroupId::try_from(id).unwrap())
}
