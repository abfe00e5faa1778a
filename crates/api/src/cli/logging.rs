//! Logs on standard error, and traces to a collector.

use std::io::IsTerminal;

use alumx_infrastructure::db::QUERIES;
use tracing::Metadata;
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use super::Failure;
use crate::settings::{LogFormat, LogSettings};
use crate::telemetry::Telemetry;

/// Starts logging, and tracing if there is a collector: until what is returned is dropped.
pub fn start(settings: &LogSettings) -> Result<Option<Telemetry>, Failure> {
    let filter = EnvFilter::try_new(&settings.log).map_err(|error| {
        format!(
            "setting `log`: '{}': {error}, expected a level, or levels by module, such as \
             info,alumx_api=debug",
            settings.log
        )
    })?;
    let terminal = std::io::stderr().is_terminal();
    let format = settings.log_format.unwrap_or(if terminal {
        LogFormat::Text
    } else {
        LogFormat::Json
    });
    let logs = fmt::layer().with_writer(std::io::stderr);
    let logs = match format {
        LogFormat::Text => logs.with_ansi(terminal).with_target(false).boxed(),
        LogFormat::Json => logs
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .boxed(),
    };
    let endpoint = settings.otlp_endpoint.as_deref();
    let telemetry = endpoint.map(Telemetry::start).transpose()?;
    let traces = telemetry.as_ref().map(Telemetry::layer);
    // A line names the request that it is of, not the query.
    let filter = filter.and(filter_fn(|metadata: &Metadata<'_>| {
        metadata.target() != QUERIES
    }));
    tracing_subscriber::registry()
        .with(logs.with_filter(filter))
        .with(traces)
        .try_init()?;
    Ok(telemetry)
}
