//! Adapters: what the ports of the application mean on real machines.

pub mod embedded;
