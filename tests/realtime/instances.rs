//! Several instances on one database.

use alumx_tests::{App, Setup, or_panic};
use diesel::prelude::*;
use reqwest::Method;
use serde_json::json;

use super::{Socket, chat, group, say};

fn connected() -> App {
    App::start_as(Setup {
        bus: true,
        ..Setup::default()
    })
}

#[actix_web::test]
async fn what_happens_on_one_instance_is_told_on_the_other_in_order() {
    let app = connected();
    let other = app.another();
    let (ada, grace) = (app.someone().await, app.someone().await);
    let (mut here, _) = Socket::open(&ada).await;
    let (mut there, _) = Socket::open_on(&other, &grace).await;

    let id = group(&ada, &[&grace]).await;
    let path = format!("/group-chats/{id}");
    assert_eq!(there.expect("group.created").await["group"]["id"], id);
    here.expect("group.created").await;
    for n in 1..=50 {
        say(&ada, &path, &n.to_string()).await;
    }

    for socket in [&mut here, &mut there] {
        for n in 1..=50 {
            let frame = socket.expect("message.created").await;
            assert_eq!(frame["message"]["seq"], n);
            assert_eq!(frame["message"]["content"], n.to_string());
        }
    }
    there.typing("GROUP", id).await;
    assert_eq!(here.expect("typing").await["userId"], grace.id);
    let gone = format!("{path}/participants/{}", grace.id);
    assert_eq!(ada.send(Method::DELETE, &gone).await.status, 204);
    say(&ada, &path, "Alone.").await;
    assert_eq!(
        there.expect("participant.removed").await["userId"],
        grace.id
    );
    here.until("message.created").await;
    there.assert_quiet().await;
}

#[actix_web::test]
async fn schemas_of_one_database_do_not_hear_each_other() {
    let (app, stranger) = (connected(), connected());
    let (ada, grace) = (app.someone().await, app.someone().await);
    // The same ids, elsewhere.
    let (eve, mallory) = (stranger.someone().await, stranger.someone().await);
    assert_eq!((ada.id, grace.id), (eve.id, mallory.id));
    chat(&eve, &mallory).await;
    let (mut socket, _) = Socket::open(&eve).await;

    let id = chat(&ada, &grace).await;
    say(&ada, &format!("/chats/{id}"), "Between us.").await;

    let own = say(&eve, &format!("/chats/{id}"), "Elsewhere.").await.body;
    assert_eq!(socket.next().await["message"], own);
    socket.assert_quiet().await;
}

#[actix_web::test]
async fn a_bus_that_is_cut_stops_nothing_mends_itself_and_clients_resync() {
    let app = connected();
    let other = app.another();
    let (ada, grace) = (app.someone().await, app.someone().await);
    let id = chat(&ada, &grace).await;
    let path = format!("/chats/{id}");
    let (mut there, _) = Socket::open_on(&other, &grace).await;
    say(&ada, &path, "Before.").await;
    // That the chat is new may be told first.
    assert_eq!(there.until("message.created").await["message"]["seq"], 1);

    // Of these instances alone: other tests have theirs.
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE application_name = 'alumx bus'
                 AND query LIKE '%' || md5(current_schema()) || '%'";
    let cut = diesel::sql_query(cut).execute(&mut app.database.connect());
    assert!(or_panic(cut) >= 2);
    say(&ada, &path, "Meanwhile.").await;

    let resync = there.until("resync").await;
    let conversations = resync["conversations"].as_array().unwrap();
    assert_eq!(conversations[0]["id"], id);
    assert_eq!(resync["truncated"], json!(false));
    let seen = conversations[0]["lastSeq"].as_i64().unwrap();
    assert!((1..=2).contains(&seen), "{resync}");
    say(&ada, &path, "After.").await;
    for seq in seen + 1..=3 {
        let frame = there.until("message.created").await;
        assert_eq!(frame["message"]["seq"], seq);
    }
}
