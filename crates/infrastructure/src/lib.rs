//! How things are stored and done: adapters of the ports of the domain and the application, and
//! the service's own PostgreSQL.

pub mod account;
pub mod audit;
pub mod chat;
pub mod clock;
pub mod conversation;
pub mod db;
pub mod demo;
pub mod embedded;
pub mod event_bus;
pub mod export;
pub mod files;
pub mod group_chat;
pub mod images;
pub mod import;
pub mod job_post;
pub mod password;
mod private_file;
pub mod resume;
mod schema;
#[cfg(feature = "testing")]
pub mod testing;
pub mod token;
pub mod user;

pub use private_file::private_file;
