//! What a socket is told past its queue, which may be full.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use super::CloseCode;

/// Wakes a socket to look at its token or to close.
#[derive(Debug, Default)]
pub(super) struct Bell {
    close: OnceLock<CloseCode>,
    check: AtomicBool,
    notify: Notify,
}

/// What it rang for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ring {
    /// Close.
    Close(CloseCode),
    /// Ask whether the token still counts.
    Check,
}

impl Bell {
    /// Wants the socket closed. The first reason counts.
    pub(super) fn close(&self, code: CloseCode) {
        self.close.set(code).ok();
        self.notify.notify_one();
    }

    /// Wants the token looked at.
    pub(super) fn check(&self) {
        self.check.store(true, Ordering::Release);
        self.notify.notify_one();
    }

    /// Waits until it rings.
    pub(super) async fn rung(&self) -> Ring {
        loop {
            if let Some(code) = self.close.get() {
                return Ring::Close(*code);
            }
            if self.check.swap(false, Ordering::AcqRel) {
                return Ring::Check;
            }
            self.notify.notified().await;
        }
    }

    /// Why it rang for the end, if it did.
    pub(super) fn reason(&self) -> Option<CloseCode> {
        self.close.get().copied()
    }

    /// Waits until it rings for the end.
    pub(super) async fn closing(&self) -> CloseCode {
        loop {
            if let Some(code) = self.close.get() {
                return *code;
            }
            self.notify.notified().await;
        }
    }
}
