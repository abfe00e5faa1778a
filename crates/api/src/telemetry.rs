//! Traces: each request as a span, sent to a collector over OTLP where one is configured.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::http::{Method, StatusCode};
use opentelemetry::global;
use opentelemetry::propagation::Extractor;
use opentelemetry::trace::{Status, TraceContextExt, TracerProvider};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Metadata, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

/// How long a collector may take for a batch, and for the last one.
const SENT_WITHIN: Duration = Duration::from_secs(5);

/// Whether traces are sent. If not, none are made.
static ON: AtomicBool = AtomicBool::new(false);

/// What sends traces; dropped, it sends the last ones.
pub struct Telemetry(SdkTracerProvider);

impl Telemetry {
    /// Sends traces to the collector at this base URL, in batches and on a thread of its own. What
    /// can't be sent is dropped. Must not be called on an async thread.
    ///
    /// # Errors
    /// If there can be no client for it.
    pub fn start(endpoint: &str) -> Result<Self, ExporterBuildError> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .with_timeout(SENT_WITHIN)
            .build()?;
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            // `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` say more.
            .with_resource(resource())
            .build();
        global::set_text_map_propagator(TraceContextPropagator::new());
        ON.store(true, Ordering::Relaxed);
        Ok(Self(provider))
    }

    /// Makes traces of the service's own spans, whatever is logged.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let own =
            |metadata: &Metadata<'_>| metadata.is_span() && metadata.target().starts_with("alumx");
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("alumx"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(own))
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown_with_timeout(SENT_WITHIN) {
            tracing::warn!("the last traces could not be sent: {error}");
        }
    }
}

fn resource() -> Resource {
    let resource = Resource::builder();
    match std::env::var_os("OTEL_SERVICE_NAME") {
        Some(_) => resource.build(),
        None => resource.with_service_name("alumx").build(),
    }
}

/// The span of a request. It goes on with the trace that a proxy began; what anybody else claims of
/// a trace is not heard, or anybody could have all requests sent to the collector.
pub fn request_span(id: &str, headers: &HeaderMap, from_proxy: bool) -> Span {
    if !ON.load(Ordering::Relaxed) {
        return tracing::info_span!("request", id);
    }
    let span = tracing::info_span!("request", id, otel.kind = "server");
    if !from_proxy {
        return span;
    }
    let parent = global::get_text_map_propagator(|known| known.extract(&Headers(headers)));
    // It fails only for a span that nobody wants.
    span.set_parent(parent).ok();
    span
}

/// Notes how the request was answered, with which it ends in its trace: what it caused goes on in
/// its span for longer, such as the telling of it. Never its path, which may hold what somebody
/// searched for.
pub fn answered(span: &Span, method: &Method, route: Option<&str>, status: StatusCode) {
    if !ON.load(Ordering::Relaxed) {
        return;
    }
    let name = format!("{method} {}", route.unwrap_or("-"));
    span.context().span().update_name(name);
    span.set_attribute("http.request.method", method.to_string());
    span.set_attribute("http.response.status_code", i64::from(status.as_u16()));
    if let Some(route) = route {
        span.set_attribute("http.route", route.to_owned());
    }
    if status.is_server_error() {
        span.set_status(Status::error(""));
    }
    span.context().span().end();
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}
