//! Every event, to every socket of every member.

use alumx_tests::App;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Socket, chat, chat_ref, group, group_ref, say};

async fn all(sockets: &mut [Socket], kind: &str) -> Vec<Value> {
    let mut frames = Vec::new();
    for socket in sockets {
        frames.push(socket.expect(kind).await);
    }
    frames
}

/// That all get the same, and what that is.
async fn same(sockets: &mut [Socket], kind: &str) -> Value {
    let frames = all(sockets, kind).await;
    assert!(frames.iter().all(|frame| *frame == frames[0]), "{frames:?}");
    frames[0].clone()
}

async fn quiet(sockets: &mut [Socket]) {
    for socket in sockets {
        socket.assert_quiet().await;
    }
}

#[actix_web::test]
async fn a_chat_is_told_to_all_sockets_of_both_users_the_actors_included() {
    let app = App::start();
    let (ada, grace) = (app.someone().await, app.someone().await);
    let mut sockets = Vec::new();
    for user in [&ada, &ada, &grace] {
        let (socket, ready) = Socket::open(user).await;
        let nothing = json!({
            "type": "ready", "userId": user.id, "conversations": [], "truncated": false
        });
        assert_eq!(ready, nothing);
        sockets.push(socket);
    }

    let id = chat(&ada, &grace).await;
    let created = all(&mut sockets, "chat.created").await;
    let seen_by = |user: &str| &created[if user == "ada" { 0 } else { 2 }]["chat"];
    assert_eq!(seen_by("ada")["otherUser"]["id"], grace.id);
    assert_eq!(seen_by("grace")["otherUser"]["id"], ada.id);
    assert_eq!(created[0], created[1]);
    assert_eq!(created[0]["conversation"], chat_ref(id));
    // Opened again, it is not new.
    chat(&grace, &ada).await;

    let path = format!("/chats/{id}");
    let sent = say(&grace, &path, "The mill is running.").await.body;
    let told = same(&mut sockets, "message.created").await;
    let conversation = chat_ref(id);
    assert_eq!(
        told,
        json!({"type": "message.created", "conversation": conversation, "message": sent})
    );

    let read = json!({"seq": 1});
    ada.send_json(Method::PUT, &format!("{path}/read"), &read)
        .await;
    ada.send_json(Method::PUT, &format!("{path}/read"), &read)
        .await;
    assert_eq!(
        same(&mut sockets, "conversation.read").await,
        json!({
            "type": "conversation.read", "conversation": chat_ref(id), "userId": ada.id,
            "lastReadSeq": 1
        })
    );

    let message = format!("{path}/messages/{}", sent["id"]);
    assert_eq!(grace.send(Method::DELETE, &message).await.status, 204);
    assert_eq!(
        same(&mut sockets, "message.deleted").await,
        json!({
            "type": "message.deleted", "conversation": chat_ref(id), "messageId": sent["id"],
            "seq": 1
        })
    );
    quiet(&mut sockets).await;
}

#[actix_web::test]
async fn a_group_is_told_to_its_members_and_a_removal_to_the_removed_one_as_the_last() {
    let app = App::start();
    let (ada, grace, mary) = (
        app.someone().await,
        app.someone().await,
        app.someone().await,
    );
    let mut sockets = Vec::new();
    for user in [&ada, &grace, &mary] {
        sockets.push(Socket::open(user).await.0);
    }

    let id = group(&ada, &[&grace]).await;
    let path = format!("/group-chats/{id}");
    let created = all(&mut sockets[..2], "group.created").await;
    assert_eq!(created[0]["group"]["myRole"], "OWNER");
    assert_eq!(created[1]["group"]["myRole"], "MEMBER");
    assert_eq!(created[0]["conversation"], group_ref(id));

    say(&grace, &path, "Who else?").await;
    same(&mut sockets[..2], "message.created").await;
    let place = |user: i64, role: &str| {
        let path = format!("{path}/participants/{user}");
        let body = json!({"role": role});
        let ada = &ada;
        async move { ada.send_json(Method::PUT, &path, &body).await }
    };
    place(mary.id, "MEMBER").await;
    say(&ada, &path, "Mary!").await;
    let added = same(&mut sockets, "participant.added").await;
    assert_eq!(added["participant"]["user"]["id"], mary.id);
    assert_eq!(added["participant"]["lastReadSeq"], 1);
    let told = same(&mut sockets, "message.created").await;
    assert_eq!(told["message"]["seq"], 2);

    place(grace.id, "ADMIN").await;
    let changed = same(&mut sockets, "participant.role_changed").await;
    assert_eq!(
        changed,
        json!({
            "type": "participant.role_changed", "conversation": group_ref(id),
            "userId": grace.id, "role": "ADMIN"
        })
    );
    let name = json!({"name": "Engines"});
    grace.send_json(Method::PATCH, &path, &name).await;
    for frame in all(&mut sockets, "group.updated").await {
        assert_eq!(frame["group"]["name"], "Engines");
    }
    let owner = json!({"userId": grace.id});
    ada.send_json(Method::PUT, &format!("{path}/owner"), &owner)
        .await;
    let first = same(&mut sockets, "participant.role_changed").await;
    let second = same(&mut sockets, "participant.role_changed").await;
    let mut roles = [&first, &second].map(|frame| frame["role"].as_str().unwrap());
    roles.sort_unstable();
    assert_eq!(roles, ["ADMIN", "OWNER"]);

    let gone = format!("{path}/participants/{}", mary.id);
    assert_eq!(grace.send(Method::DELETE, &gone).await.status, 204);
    say(&grace, &path, "Without Mary.").await;
    let removed = same(&mut sockets, "participant.removed").await;
    assert_eq!(
        removed,
        json!({
            "type": "participant.removed", "conversation": group_ref(id), "userId": mary.id
        })
    );
    sockets[2].assert_quiet().await;
    same(&mut sockets[..2], "message.created").await;
    assert_eq!(grace.send(Method::DELETE, &path).await.status, 204);
    assert_eq!(
        same(&mut sockets[..2], "group.deleted").await,
        json!({"type": "group.deleted", "conversation": group_ref(id)})
    );
    quiet(&mut sockets).await;
}
