//! What is measured, in the format of Prometheus. No label says anything of a person.

mod live;
mod uploads;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use alumx_application::realtime::BusVitals;
use alumx_infrastructure::db::{Db, DbLoad};
use alumx_infrastructure::password::Argon2Hasher;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeLabelSet, EncodeMetric, prometheus_text,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

pub use live::LiveMetrics;
pub use uploads::{RunningUpload, UploadMetrics};

/// The media type of what [`Metrics::text`] answers.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Bounds of the buckets of durations, in seconds.
const SECONDS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// All measurements of a service.
pub struct Metrics {
    registry: Registry,
    requests: Family<Request, Histogram, Buckets>,
    /// Of sockets.
    pub live: LiveMetrics,
    /// Of files that clients send.
    pub uploads: UploadMetrics,
}

/// What requests are told apart by: few values each, whatever clients send.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone)]
struct Buckets;

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new(SECONDS)
    }
}

impl Metrics {
    /// Nothing measured yet; what waits for `db` and `hasher`, and how the `bus` does, is looked up
    /// when it is asked for.
    pub fn new(db: Db, hasher: Arc<Argon2Hasher>, bus: Option<Arc<BusVitals>>) -> Self {
        let mut registry = Registry::with_prefix("alumx");
        let requests = Family::new_with_constructor(Buckets);
        registry.register(
            "http_request_duration_seconds",
            "How long requests took, by method, route and status",
            requests.clone(),
        );
        registry.register_collector(Box::new(Load { db, hasher }));
        if let Some(vitals) = bus {
            registry.register_collector(Box::new(live::Bus(vitals)));
        }
        let (live, uploads) = (LiveMetrics::default(), UploadMetrics::default());
        live.register(&mut registry);
        uploads.register(&mut registry);
        Self {
            registry,
            requests,
            live,
            uploads,
        }
    }

    /// Notes a request that was answered. A route that isn't documented has none.
    pub fn answered(
        &self,
        method: &Method,
        route: Option<&str>,
        status: StatusCode,
        elapsed: Duration,
    ) {
        let request = Request {
            method: known(method),
            route: route.unwrap_or("none").to_owned(),
            status: status.as_u16(),
        };
        let duration = elapsed.as_secs_f64();
        self.requests.get_or_create(&request).observe(duration);
    }

    /// All of it.
    ///
    /// # Errors
    /// None: a text takes whatever is written to it.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        prometheus_text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// The name of the method, if it is one that routes have: clients may make up others.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        _ => "other",
    }
}

/// How much is being done and how much waits, looked up at each scrape.
struct Load {
    db: Db,
    hasher: Arc<Argon2Hasher>,
}

impl fmt::Debug for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Load")
    }
}

type OfLoad = fn(&DbLoad) -> usize;

/// What is told of a pool, of the primary and of the replica if there is one.
const DATABASE: [(&str, &str, OfLoad); 3] = [
    (
        "database_connections",
        "Queries that may run at once",
        |db| db.connections,
    ),
    ("database_busy", "Queries that are running", |db| db.running),
    (
        "database_waiting",
        "Queries that wait for a connection",
        |db| db.waiting,
    ),
];

fn gauge(value: usize) -> ConstGauge<i64> {
    ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX))
}

impl Collector for Load {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let databases = [
            ("primary", Some(self.db.load())),
            ("replica", self.db.replica_load()),
        ];
        let databases: Vec<_> = databases
            .into_iter()
            .filter_map(|(name, load)| Some((name, load?)))
            .collect();
        for (name, help, value) in DATABASE {
            let mut family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            for (database, load) in &databases {
                gauge(value(load)).encode(family.encode_family(&[("database", *database)])?)?;
            }
        }
        let reads = self.db.replica_reads();
        let (name, help) = (
            "database_replica_reads",
            "Reads that the replica was asked for: answered, or passed on to the primary",
        );
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (outcome, count) in [("answered", reads.answered), ("passed_on", reads.passed_on)] {
            let of = [("outcome", outcome)];
            ConstCounter::new(count).encode(family.encode_family(&of)?)?;
        }
        let hasher = self.hasher.load();
        for (name, help, value) in [
            (
                "password_hashes_running",
                "Passwords that are being hashed",
                hasher.running,
            ),
            (
                "password_hashes_waiting",
                "Passwords that wait to be hashed",
                hasher.waiting,
            ),
        ] {
            let gauge = gauge(value);
            let encoder = encoder.encode_descriptor(name, help, None, gauge.metric_type())?;
            gauge.encode(encoder)?;
        }
        Ok(())
    }
}
