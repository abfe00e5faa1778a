//! How the database is reached.

use std::time::Duration;

/// How the database is reached and how much is asked of it at once.
#[derive(Debug, Clone)]
pub struct DbSettings {
    /// libpq URL or connection string.
    pub url: String,
    /// Connections, and so threads and queries at the same time. 4–16 is best on most machines.
    pub connections: u32,
    /// Queries that may wait for a connection; beyond that they fail at once.
    pub queue: usize,
    /// How long a query may wait for a connection before it fails.
    pub wait_timeout: Duration,
    /// How long a statement may run before PostgreSQL ends it.
    pub statement_timeout: Duration,
    /// Whether a pooler is at the URL that shares its connections by transaction. Then nothing
    /// lasts from one transaction to the next: each sets what it needs, and statements are not
    /// kept, so that all of it takes longer.
    pub pooled: bool,
}

impl DbSettings {
    /// The defaults for this URL: 8 connections, 512 waiting at most 3 s, statements up to 5 s.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            connections: 8,
            queue: 512,
            wait_timeout: Duration::from_secs(3),
            statement_timeout: Duration::from_secs(5),
            pooled: false,
        }
    }

    /// What decides how statements run.
    pub(super) fn session(&self) -> Vec<(&'static str, String)> {
        let timeout = self.statement_timeout.as_millis().to_string();
        let own = [
            ("statement_timeout", timeout.clone()),
            ("lock_timeout", timeout.clone()),
            ("idle_in_transaction_session_timeout", timeout),
        ];
        let planning = PLANNING
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        own.into_iter().chain(planning).collect()
    }

    /// The same as statements for one transaction.
    pub(super) fn local(&self) -> String {
        let set = |(name, value)| format!("SET LOCAL {name} = '{value}'");
        let settings: Vec<_> = self.session().into_iter().map(set).collect();
        settings.join("; ")
    }
}

/// What decides how statements are planned, told to every connection.
///
/// Words spelt nearly so: at this threshold one letter wrong, missing or doubled is forgiven in
/// most words of five letters and all of more. What is searched is mostly in memory, where a random
/// page costs little more than the next.
pub const PLANNING: &[(&str, &str)] = &[
    ("jit", "off"),
    ("pg_trgm.similarity_threshold", "0.3"),
    ("random_page_cost", "1.1"),
];
