//! What is told live: who is connected to this instance, what they are told, and what instances
//! tell each other.
//!
//! [`Hub`] decides all of it and does nothing itself: it is told what happens and answers with
//! [`Effect`]s, so that every order of events can be tested without sockets, threads or a clock.

mod effect;
mod hub;
mod lane;
mod pending;
mod registrations;
mod signal;
#[cfg(test)]
mod tests;
mod typing;
mod vitals;

pub use effect::{
    Answer, CloseReason, Effect, Frame, LaneId, LiveEvent, Question, Refusal, SocketId, Ticket,
    View,
};
pub use hub::{Hub, HubLimits};
#[cfg(any(test, feature = "mocks"))]
pub use signal::MockEventBus;
pub use signal::{ConversationSignal, EventBus, News, Received, Signal};
pub use vitals::{BusLag, BusVitals};
