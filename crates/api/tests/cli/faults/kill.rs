//! `kill -9`.

use std::cell::Cell;

use futures_util::future::join_all;
use rustix::process::Signal;

use super::load::{unlimited, writers};
use crate::support::{Service, folder};

#[tokio::test]
async fn what_was_acknowledged_is_there_once_after_each_of_twenty_kills() {
    let folder = folder();
    let data = folder.path().to_str().unwrap();
    let start = || {
        Service::spawn(&mut unlimited(&[
            "--listen",
            "127.0.0.1:0",
            "--data-dir",
            data,
        ]))
    };
    let mut service = start();
    let mut writers = writers(&service).await;
    for round in 0..20 {
        let left = Cell::new(20 + 17 * round % 60);
        let goes_on = |status: Option<u16>| {
            let Some(status) = status else { return false };
            assert!((200..300).contains(&status), "{status}");
            left.set(left.get() - 1);
            if left.get() == 0 {
                service.signal(Signal::KILL);
            }
            true
        };

        join_all(writers.iter_mut().map(|one| one.run(&service, &goes_on))).await;

        assert!(!service.wait());
        service = start();
        for writer in &writers {
            writer.assert_nothing_lost(&service).await;
        }
    }
    assert!(writers.iter().all(|writer| writer.acknowledged() > 20));
}
