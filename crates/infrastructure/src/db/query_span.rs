//! The spans of queries in traces.

use tracing::Span;

/// Of what the spans are. Logs leave it out: their lines are of requests.
pub const QUERIES: &str = "alumx::query";

/// The span of a query that runs from here on, named after who asks; it costs nothing unless traces
/// are made.
pub(super) fn query_span(query: &'static str) -> Span {
    tracing::debug_span!(
        target: QUERIES,
        "query",
        otel.name = operation(query),
        otel.kind = "client",
        db.system.name = "postgresql",
    )
}

/// The method of a repository in which a closure is written, such as `PgUsers.find`, out of what
/// the compiler calls the closure.
fn operation(closure: &str) -> String {
    let path = closure.split("::{{closure}}").next().unwrap_or_default();
    // Behind the name of a method may stand what it is generic over.
    let path = path.strip_suffix('>').map_or(path, |path| {
        path.rsplit_once('<').map_or(path, |(path, _)| path)
    });
    let (owner, method) = path.rsplit_once("::").unwrap_or_default();
    let owner = owner.strip_prefix('<').unwrap_or(owner);
    let owner = owner.split_once(" as ").map_or(owner, |(owner, _)| owner);
    let owner = owner.rsplit_once("::").map_or(owner, |(_, owner)| owner);
    format!("{owner}.{method}")
}

#[cfg(test)]
mod tests {
    use std::any::type_name_of_val;

    use async_trait::async_trait;

    use super::*;

    struct PgThings;

    #[async_trait]
    trait Things {
        async fn find(&self, name: &str) -> String;
    }

    #[async_trait]
    impl Things for PgThings {
        async fn find(&self, _name: &str) -> String {
            operation(type_name_of_val(&|| ()))
        }
    }

    impl PgThings {
        fn own() -> String {
            operation(type_name_of_val(&|| ()))
        }
    }

    #[tokio::test]
    async fn a_query_is_named_after_who_asks() {
        assert_eq!(PgThings.find("x").await, "PgThings.find");
        assert_eq!(PgThings::own(), "PgThings.own");
        assert_eq!(
            operation(type_name_of_val(&query_span)),
            "query_span.query_span"
        );
    }
}
