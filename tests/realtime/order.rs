//! Never lost, never doubled, always in order.

use std::collections::BTreeMap;

use alumx_api::realtime::LiveOptions;
use alumx_tests::{App, Setup, User};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::Value;

use super::{Socket, chat, group, say};

#[actix_web::test]
async fn two_hundred_sends_at_once_arrive_in_order_at_every_socket() {
    let app = App::start();
    let (ada, grace) = (app.someone().await, app.someone().await);
    let id = chat(&ada, &grace).await;
    let path = format!("/chats/{id}");
    let mut sockets = [
        Socket::open(&ada).await.0,
        Socket::open(&grace).await.0,
        Socket::open(&grace).await.0,
    ];

    let sends = (0..200).map(|n| {
        let user = if n % 2 == 0 { &ada } else { &grace };
        let path = &path;
        async move { say(user, path, &n.to_string()).await }
    });
    let reads = sockets.iter_mut().map(|socket| async {
        for seq in 1..=200 {
            let frame = socket.expect("message.created").await;
            assert_eq!(frame["message"]["seq"], seq);
        }
        socket.assert_quiet().await;
    });
    tokio::join!(join_all(sends), join_all(reads));
}

#[actix_web::test]
async fn who_is_removed_while_others_send_is_told_so_and_nothing_after() {
    let app = App::start();
    let (ada, grace) = (app.someone().await, app.someone().await);
    let id = group(&ada, &[&grace]).await;
    let path = format!("/group-chats/{id}");
    let (mut socket, _) = Socket::open(&grace).await;

    let sends = join_all((0..60).map(|n| {
        let (ada, path) = (&ada, &path);
        async move { say(ada, path, &n.to_string()).await }
    }));
    let removal = async {
        socket.expect("message.created").await;
        let gone = format!("{path}/participants/{}", grace.id);
        assert_eq!(ada.send(Method::DELETE, &gone).await.status, 204);
    };
    tokio::join!(sends, removal);

    socket.until("participant.removed").await;
    socket.assert_quiet().await;
}

/// What a client holds of one conversation, and how it keeps that whole.
struct Client<'a> {
    user: &'a User<'a>,
    path: String,
    held: BTreeMap<i64, Value>,
}

impl Client<'_> {
    fn last(&self) -> i64 {
        self.held.last_key_value().map_or(0, |(seq, _)| *seq)
    }

    fn hold(&mut self, message: &Value) {
        let seq = message["seq"].as_i64().unwrap();
        assert_eq!(seq, self.last() + 1);
        self.held.insert(seq, message.clone());
    }

    /// Loads what is missing up to what `ready` said.
    async fn catch_up(&mut self, ready: &Value) {
        let last = ready["conversations"][0]["lastSeq"].as_i64().unwrap();
        while self.last() < last {
            let path = format!("{}/messages?afterSeq={}", self.path, self.last());
            let page = self.user.get(&path).await.body;
            for message in page["items"].as_array().unwrap() {
                if message["seq"].as_i64().unwrap() <= last {
                    self.hold(message);
                }
            }
        }
    }
}

#[actix_web::test]
async fn a_client_that_is_disconnected_again_and_again_ends_with_exactly_what_is_stored() {
    let live = LiveOptions::default();
    let app = App::start_as(Setup {
        bus: true,
        live,
        ..Setup::default()
    });
    let other = app.another();
    let (ada, grace) = (app.someone().await, app.someone().await);
    let id = chat(&ada, &grace).await;
    let path = format!("/chats/{id}");

    let sends = async {
        for round in 0..15 {
            let sends = (0..20).map(|n| {
                let (ada, path) = (&ada, &path);
                async move { say(ada, path, &format!("{round} {n}")).await }
            });
            join_all(sends).await;
        }
    };
    let reads = async {
        let (user, path) = (&grace, path.clone());
        let mut client = Client {
            user,
            path,
            held: BTreeMap::new(),
        };
        let mut stay = 1;
        while client.last() < 300 {
            let instance = if stay % 2 == 0 { &app } else { &other };
            let (mut socket, ready) = Socket::open_on(instance, &grace).await;
            client.catch_up(&ready).await;
            // Without a pattern: 1 to 30 messages, then it is gone without a word.
            stay = stay * 17 % 31;
            for _ in 0..stay {
                if client.last() < 300 {
                    client.hold(&socket.until("message.created").await["message"]);
                }
            }
        }
        client
    };
    let ((), client) = tokio::join!(sends, reads);

    let path = format!("{path}/messages?afterSeq=0&limit=100");
    let stored = grace.get(&path).await.body;
    let held: Vec<&Value> = client.held.values().take(100).collect();
    assert_eq!(
        stored["items"]
            .as_array()
            .unwrap()
            .iter()
            .collect::<Vec<_>>(),
        held
    );
    assert_eq!(client.held.len(), 300);
}
