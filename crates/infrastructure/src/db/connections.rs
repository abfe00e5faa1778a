//! Connections, and what each is told.

use diesel::connection::CacheSize;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, HandleError, Pool};

use super::DbSettings;
use super::workers::PgPool;

/// Connections that are made when they are first needed.
pub(super) fn pool(
    settings: &DbSettings,
    errors: Box<dyn HandleError<diesel::r2d2::Error>>,
) -> PgPool {
    Pool::builder()
        .max_size(settings.connections)
        .min_idle(Some(0))
        .connection_timeout(settings.wait_timeout)
        // The workers keep their connections, so this is asked only of a new or a broken one.
        .test_on_check_out(true)
        .connection_customizer(if settings.pooled {
            Box::new(NothingKept)
        } else {
            Box::new(SessionSettings(settings.clone()))
        })
        .error_handler(errors)
        .build_unchecked(ConnectionManager::<PgConnection>::new(with_timeouts(
            &settings.url,
        )))
}

/// The URL with limits on how long a silent network is waited for, unless it has its own.
pub(crate) fn with_timeouts(url: &str) -> String {
    let timeouts = [
        ("connect_timeout", "5"),
        ("keepalives_idle", "30"),
        ("tcp_user_timeout", "15000"),
    ];
    timeouts.iter().fold(url.to_owned(), |url, (name, value)| {
        if url.contains(name) {
            return url;
        }
        let separator = match (url.contains("://"), url.contains('?')) {
            (false, _) => ' ',
            (true, false) => '?',
            (true, true) => '&',
        };
        format!("{url}{separator}{name}={value}")
    })
}

/// What every connection is told once.
#[derive(Debug)]
struct SessionSettings(DbSettings);

impl CustomizeConnection<PgConnection, diesel::r2d2::Error> for SessionSettings {
    fn on_acquire(&self, conn: &mut PgConnection) -> Result<(), diesel::r2d2::Error> {
        let mut settings = self.0.session();
        settings.push(("application_name", "alumx".to_owned()));
        let settings: Vec<String> = settings
            .into_iter()
            .map(|(name, value)| format!("set_config('{name}', '{value}', false)"))
            .collect();
        let settings = format!("SELECT {}", settings.join(", "));
        diesel::sql_query(settings)
            .execute(conn)
            .map(drop)
            .map_err(diesel::r2d2::Error::QueryError)
    }
}

/// Through a pooler, a statement that was prepared may be prepared on another connection.
#[derive(Debug)]
struct NothingKept;

impl CustomizeConnection<PgConnection, diesel::r2d2::Error> for NothingKept {
    fn on_acquire(&self, conn: &mut PgConnection) -> Result<(), diesel::r2d2::Error> {
        conn.set_prepared_statement_cache_size(CacheSize::Disabled);
        Ok(())
    }
}

/// libpq's message names host and user; the URL, with its password, is not logged.
#[derive(Debug)]
pub(super) struct LogWithoutSecrets;

impl<E: std::fmt::Display> HandleError<E> for LogWithoutSecrets {
    fn handle_error(&self, error: E) {
        tracing::warn!("no connection to the database: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::with_timeouts;

    #[test]
    fn a_silent_network_is_not_waited_for_unless_the_url_says_so() {
        let rest = "keepalives_idle=30&tcp_user_timeout=15000";
        let all = format!("connect_timeout=5&{rest}");

        assert_eq!(
            with_timeouts("postgres://h/d"),
            format!("postgres://h/d?{all}")
        );
        assert_eq!(
            with_timeouts("postgres://h/d?a=b"),
            format!("postgres://h/d?a=b&{all}")
        );
        let own = "postgres://h/d?connect_timeout=9";
        assert_eq!(with_timeouts(own), format!("{own}&{rest}"));
        assert!(with_timeouts("host=h dbname=d").ends_with(" tcp_user_timeout=15000"));
    }
}
