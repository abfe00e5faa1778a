//! What is measured of sockets and of what is told over them.

use std::fmt;
use std::sync::Arc;

use alumx_application::realtime::BusVitals;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::registry::Registry;

/// Of all sockets of this instance.
#[derive(Debug, Clone, Default)]
pub struct LiveMetrics {
    open: Gauge,
    closed: Family<Closed, Counter>,
    lost: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Closed {
    reason: &'static str,
}

impl LiveMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "websockets_open",
            "WebSockets that are open",
            self.open.clone(),
        );
        registry.register(
            "websockets_closed",
            "WebSockets that were closed, by reason; too_slow: the queue was full",
            self.closed.clone(),
        );
        registry.register(
            "live_lost",
            "How often all clients were told to look by themselves, as something may be missing",
            self.lost.clone(),
        );
    }

    /// A socket is open.
    pub fn opened(&self) {
        self.open.inc();
    }

    /// It is closed.
    pub fn closed(&self, reason: &'static str) {
        self.open.dec();
        self.closed.get_or_create(&Closed { reason }).inc();
    }

    /// All clients are told that something may be missing.
    pub fn lost(&self) {
        self.lost.inc();
    }
}

/// How the bus to other instances does, looked up at each scrape.
#[derive(Debug)]
pub(super) struct Bus(pub(super) Arc<BusVitals>);

impl Collector for Bus {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let connected = ConstGauge::new(i64::from(self.0.is_connected()));
        let descriptor = encoder.encode_descriptor(
            "event_bus_connected",
            "Whether other instances can be heard",
            None,
            connected.metric_type(),
        )?;
        connected.encode(descriptor)?;
        let lag = self.0.lag();
        let mut descriptor = encoder.encode_descriptor(
            "event_bus_lag_seconds",
            "How long what came from other instances was on its way, as far as clocks agree",
            None,
            MetricType::Histogram,
        )?;
        descriptor.encode_histogram::<NoLabelSet>(lag.sum, lag.count, &lag.buckets, None)
    }
}
