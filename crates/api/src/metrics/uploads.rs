//! What is measured of uploads.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::http::Problem;

/// Of all files that clients send.
#[derive(Debug, Clone, Default)]
pub struct UploadMetrics {
    running: Gauge,
    bytes: Counter,
    ended: Family<Ended, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    outcome: &'static str,
}

/// One that is being received; counted as aborted if it is dropped.
pub struct RunningUpload {
    metrics: UploadMetrics,
    outcome: &'static str,
}

impl UploadMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "uploads_running",
            "Files that are being received",
            self.running.clone(),
        );
        registry.register(
            "upload_bytes",
            "Bytes of files that were received whole",
            self.bytes.clone(),
        );
        registry.register(
            "uploads",
            "Files that were received, refused (by the problem's code) or not sent to their end",
            self.ended.clone(),
        );
    }

    /// One begins.
    pub fn begin(&self) -> RunningUpload {
        self.running.inc();
        RunningUpload {
            metrics: self.clone(),
            outcome: "aborted",
        }
    }
}

impl RunningUpload {
    /// It has ended, with so many bytes or with a problem.
    pub fn end(mut self, size: Result<u64, &Problem>) {
        self.outcome = match size {
            Ok(size) => {
                self.metrics.bytes.inc_by(size);
                "received"
            }
            Err(problem) => problem.code().name(),
        };
    }
}

impl Drop for RunningUpload {
    fn drop(&mut self) {
        self.metrics.running.dec();
        let outcome = self.outcome;
        let ended = Ended { outcome };
        self.metrics.ended.get_or_create(&ended).inc();
    }
}
