//! Every event, to every socket of every member.

use alumx_tests::{App, User};
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

/// A group with sockets of Ada, who owns it, of Grace, who is in it, and of Mary, who is not yet.
struct Stage<'a> {
    ada: User<'a>,
    grace: User<'a>,
    mary: User<'a>,
    sockets: Vec<Socket>,
    path: String,
    group: Value,
}

impl<'a> Stage<'a> {
    async fn of(app: &'a App) -> Self {
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
        let created = all(&mut sockets[..2], "group.created").await;
        assert_eq!(created[0]["group"]["myRole"], "OWNER");
        assert_eq!(created[1]["group"]["myRole"], "MEMBER");
        assert_eq!(created[0]["conversation"], group_ref(id));
        Self {
            ada,
            grace,
            mary,
            sockets,
            path: format!("/group-chats/{id}"),
            group: group_ref(id),
        }
    }

    async fn place(&self, user: i64, role: &str) {
        let path = format!("{}/participants/{user}", self.path);
        let body = json!({"role": role});
        let placed = self.ada.send_json(Method::PUT, &path, &body).await;
        assert!(placed.status.is_success(), "{placed:?}");
    }

    /// Puts Mary into the group, which all three are told.
    async fn add_mary(&mut self) {
        self.place(self.mary.id, "MEMBER").await;
        let added = same(&mut self.sockets, "participant.added").await;
        assert_eq!(added["participant"]["user"]["id"], self.mary.id);
    }
}

#[actix_web::test]
async fn who_is_added_to_a_group_is_told_so_and_all_messages_from_then_on() {
    let app = App::start();
    let mut stage = Stage::of(&app).await;

    say(&stage.grace, &stage.path, "Who else?").await;
    same(&mut stage.sockets[..2], "message.created").await;
    stage.place(stage.mary.id, "MEMBER").await;
    say(&stage.ada, &stage.path, "Mary!").await;

    let added = same(&mut stage.sockets, "participant.added").await;
    assert_eq!(added["participant"]["user"]["id"], stage.mary.id);
    assert_eq!(added["participant"]["lastReadSeq"], 1);
    let told = same(&mut stage.sockets, "message.created").await;
    assert_eq!(told["message"]["seq"], 2);
    quiet(&mut stage.sockets).await;
}

#[actix_web::test]
async fn new_roles_and_names_are_told_to_all_members_and_a_handover_twice() {
    let app = App::start();
    let mut stage = Stage::of(&app).await;
    stage.add_mary().await;

    stage.place(stage.grace.id, "ADMIN").await;
    assert_eq!(
        same(&mut stage.sockets, "participant.role_changed").await,
        json!({
            "type": "participant.role_changed", "conversation": stage.group,
            "userId": stage.grace.id, "role": "ADMIN"
        })
    );
    let (name, path) = (json!({"name": "Engines"}), &stage.path);
    stage.grace.send_json(Method::PATCH, path, &name).await;
    for frame in all(&mut stage.sockets, "group.updated").await {
        assert_eq!(frame["group"]["name"], "Engines");
    }
    let owner = json!({"userId": stage.grace.id});
    let path = format!("{path}/owner");
    stage.ada.send_json(Method::PUT, &path, &owner).await;
    let first = same(&mut stage.sockets, "participant.role_changed").await;
    let second = same(&mut stage.sockets, "participant.role_changed").await;
    let mut roles = [&first, &second].map(|frame| frame["role"].as_str().unwrap());
    roles.sort_unstable();
    assert_eq!(roles, ["ADMIN", "OWNER"]);
    quiet(&mut stage.sockets).await;
}

#[actix_web::test]
async fn a_removal_is_told_to_the_removed_one_as_the_last_and_a_deletion_to_all_members() {
    let app = App::start();
    let mut stage = Stage::of(&app).await;
    stage.add_mary().await;

    let gone = format!("{}/participants/{}", stage.path, stage.mary.id);
    assert_eq!(stage.ada.send(Method::DELETE, &gone).await.status, 204);
    say(&stage.grace, &stage.path, "Without Mary.").await;
    assert_eq!(
        same(&mut stage.sockets, "participant.removed").await,
        json!({
            "type": "participant.removed", "conversation": stage.group, "userId": stage.mary.id
        })
    );
    stage.sockets[2].assert_quiet().await;
    same(&mut stage.sockets[..2], "message.created").await;
    let deleted = stage.ada.send(Method::DELETE, &stage.path).await;
    assert_eq!(deleted.status, 204);
    assert_eq!(
        same(&mut stage.sockets[..2], "group.deleted").await,
        json!({"type": "group.deleted", "conversation": stage.group})
    );
    quiet(&mut stage.sockets).await;
}
