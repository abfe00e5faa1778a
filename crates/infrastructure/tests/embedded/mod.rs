//! The service's own PostgreSQL, started for real, stopped, and killed.

mod crash;
mod refuse;
mod run;
mod support;
