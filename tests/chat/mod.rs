//! Direct chats.

mod deleted;
mod inbox;
mod open;
mod strangers;
