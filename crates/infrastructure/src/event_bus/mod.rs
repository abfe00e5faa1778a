//! How instances of the service tell each other what happens: not at all, over PostgreSQL's
//! `NOTIFY`, or over NATS.

mod envelope;
mod in_process;
mod nats;
mod outbox;
mod postgres;
mod text;

pub use in_process::InProcessBus;
pub use nats::{NatsBus, NatsError};
pub use postgres::PostgresBus;
