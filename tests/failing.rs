//! A bus that fails as nothing should: the thread that uses it ends.

use alumx_application::realtime::{EventBus, Received, Signal};

pub struct FailingBus;

#[async_trait::async_trait]
impl EventBus for FailingBus {
    fn send(&self, _: Signal) {
        panic!("this bus fails on purpose");
    }

    async fn receive(&self) -> Received {
        std::future::pending().await
    }
}
