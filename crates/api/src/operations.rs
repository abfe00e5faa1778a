//! Routes for those who run the service.

use std::time::Duration;

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use alumx_infrastructure::db::Db;
use tokio::time::timeout;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::http::draining::Draining;
use crate::http::{Problem, ProblemCode};
use crate::metrics::{CONTENT_TYPE, Metrics};
use crate::realtime::Live;

/// How long the database may take to say that it is there: who asks has others to choose from.
const PATIENCE: Duration = Duration::from_secs(2);

/// The routes, at the root.
pub fn routes(config: &mut ServiceConfig) {
    config.service(alive).service(ready).service(measured);
}

/// Whether the service is alive
#[utoipa::path(
    operation_id = "checkAlive",
    tag = "operations",
    responses((status = 200, description = "It is", body = String, content_type = "text/plain")),
    security(())
)]
#[get("/healthz")]
async fn alive() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("ok")
}

/// Whether the service can do its work: the database answers and is migrated, clients are told
/// live, and it isn't stopping
#[utoipa::path(
    operation_id = "checkReady",
    tag = "operations",
    responses(
        (status = 200, description = "It can", body = String, content_type = "text/plain"),
        (status = 503, description = "The database is away or not migrated, nothing is told live, or the service stops; see `Retry-After`"),
    ),
    security(())
)]
#[get("/readyz")]
async fn ready(
    db: Data<Db>,
    live: Data<Live>,
    draining: Data<Draining>,
) -> Result<HttpResponse, Problem> {
    if draining.has_begun() {
        return Err(Problem::new(ProblemCode::Unavailable).detail("the service stops"));
    }
    let slow = |_| Problem::new(ProblemCode::Unavailable).detail("the database is slow to answer");
    let database = timeout(PATIENCE, db.check_ready());
    database.await.map_err(slow)??;
    live.check_ready()?;
    Ok(HttpResponse::Ok().content_type("text/plain").body("ready"))
}

/// What is measured, for Prometheus
#[utoipa::path(
    operation_id = "getMetrics",
    tag = "operations",
    responses((status = 200, description = "Prometheus text format", body = String, content_type = "text/plain")),
    security(())
)]
#[get("/metrics")]
async fn measured(metrics: Data<Metrics>) -> Result<HttpResponse, Problem> {
    let text = metrics.text().map_err(Problem::internal)?;
    Ok(HttpResponse::Ok().content_type(CONTENT_TYPE).body(text))
}
