//! Who is writing.

use alumx_tests::App;
use chrono::TimeDelta;
use serde_json::json;

use super::{Socket, chat, chat_ref, group};

#[actix_web::test]
async fn the_others_are_told_at_most_once_in_three_seconds() {
    let app = App::start();
    let (ada, grace) = (app.someone().await, app.someone().await);
    let id = chat(&ada, &grace).await;
    let room = group(&ada, &[&grace]).await;
    let (mut here, _) = Socket::open(&ada).await;
    let (mut own, _) = Socket::open(&ada).await;
    let (mut there, _) = Socket::open(&grace).await;
    let told = json!({"type": "typing", "conversation": chat_ref(id), "userId": ada.id});

    here.typing("CHAT", id).await;
    own.typing("CHAT", id).await;
    here.typing("GROUP", room).await;
    here.assert_quiet().await;
    own.assert_quiet().await;
    assert_eq!(there.next().await, told);
    assert_eq!(there.next().await["conversation"]["kind"], "GROUP");
    there.assert_quiet().await;
    app.clock.advance(TimeDelta::seconds(3));
    own.typing("CHAT", id).await;
    assert_eq!(there.next().await, told);
}

#[actix_web::test]
async fn only_members_are_heard() {
    let app = App::start();
    let (ada, grace, eve) = (
        app.someone().await,
        app.someone().await,
        app.someone().await,
    );
    let id = chat(&ada, &grace).await;
    let (mut socket, _) = Socket::open(&eve).await;
    let (mut there, _) = Socket::open(&grace).await;

    for (kind, id) in [("CHAT", id), ("GROUP", id), ("CHAT", 0), ("CHAT", -1)] {
        socket.typing(kind, id).await;
        let refused = json!({"type": "error", "code": "not_found"});
        assert_eq!(socket.next().await, refused);
    }
    there.assert_quiet().await;
}
