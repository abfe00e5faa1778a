//! All that the service holds of its caller, in one archive.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use super::*;
use crate::job_post::image::{add, png};
use crate::resume::{pdf, upload};
use alumx_infrastructure::testing::execute;

/// The caller's archive, which must hold JSON only.
async fn export(user: &User<'_>) -> BTreeMap<String, Value> {
    let json = |(name, bytes): (String, Vec<u8>)| (name, or_panic(serde_json::from_slice(&bytes)));
    files(user).await.into_iter().map(json).collect()
}

/// The files of the caller's archive.
async fn files(user: &User<'_>) -> BTreeMap<String, Vec<u8>> {
    let response = or_panic(user.request(Method::GET, "/me/export").send().await);
    assert_eq!(response.status(), 200);
    let headers = response.headers().clone();
    assert_eq!(headers["content-type"], "application/zip");
    assert_eq!(
        headers["content-disposition"],
        "attachment; filename=\"alumx-export.zip\""
    );
    let bytes = or_panic(response.bytes().await);
    let mut archive = or_panic(zip::ZipArchive::new(Cursor::new(bytes)));
    let mut files = BTreeMap::new();
    for at in 0..archive.len() {
        let mut file = or_panic(archive.by_index(at));
        let mut bytes = Vec::new();
        or_panic(file.read_to_end(&mut bytes));
        files.insert(or_panic(file.name()).into_owned(), bytes);
    }
    files
}

#[tokio::test]
async fn a_new_user_gets_an_archive_of_little() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    let files = export(&ada).await;

    assert_eq!(files["account.json"], ada.get("/me").await.body);
    assert_eq!(files["profile.json"], ada.get(&ada.path("")).await.body);
    assert_eq!(files["sessions.json"][0]["current"], true);
    for empty in ["job-posts.json", "comments.json", "likes.json"] {
        assert_eq!(files[empty], json!([]));
    }
    assert_eq!(files["audit-log.json"][0]["event"], "REGISTERED");
    assert_eq!(files.len(), 7);
}

#[tokio::test]
async fn everything_of_the_caller_is_in_it_and_nothing_of_others() {
    let app = App::start();
    let (ada, bob) = (
        app.user("Ada", "ALUMNI").await,
        app.user("Bob", "ALUMNI").await,
    );
    for user in [&ada, &bob] {
        let post = json!({
            "title": format!("Post of {}", user.username), "description": "x".repeat(50),
            "employmentType": "FULL_TIME",
        });
        let made = user.send_json(Method::POST, "/job-posts", &post).await;
        let path = format!("/job-posts/{}", made.body["id"]);
        for other in [&ada, &bob] {
            other.send(Method::PUT, &format!("{path}/like")).await;
            let comment = json!({"content": format!("Comment of {}", other.username)});
            other
                .send_json(Method::POST, &format!("{path}/comments"), &comment)
                .await;
        }
    }

    let files = export(&ada).await;

    assert_eq!(files["job-posts.json"].as_array().map(Vec::len), Some(1));
    assert_eq!(files["comments.json"].as_array().map(Vec::len), Some(2));
    assert_eq!(files["likes.json"].as_array().map(Vec::len), Some(2));
    let all = format!("{files:?}");
    assert!(all.contains("Post of ada") && all.contains("Comment of ada"));
    assert!(!all.contains("of bob") && !all.contains("bob@example.org"));
}

#[tokio::test]
async fn uploaded_files_of_the_caller_are_in_it() {
    let app = App::start();
    let (ada, bob) = (
        app.user("Ada", "ALUMNI").await,
        app.user("Bob", "ALUMNI").await,
    );
    for (user, size) in [(&ada, 100_000), (&bob, 200_000)] {
        let uploaded = upload(user, "../Ada's.pdf", &pdf(size)).await;
        assert_eq!(uploaded.status, 201);
        let post = json!({
            "title": "Engineer", "description": "x".repeat(50), "employmentType": "FULL_TIME",
        });
        let made = user.send_json(Method::POST, "/job-posts", &post).await;
        let added = add(user, &format!("/job-posts/{}", made.body["id"]), &png()).await;
        assert_eq!(added.status, 201);
    }

    let mut files = files(&ada).await;

    assert_eq!(files.remove("resume.pdf"), Some(pdf(100_000)));
    let resume = or_panic(serde_json::from_slice::<Value>(&files["resume.json"]));
    assert_eq!(resume, ada.get(&ada.path("/resume")).await.body);
    let posts = or_panic(serde_json::from_slice::<Value>(&files["job-posts.json"]));
    let url = posts[0]["images"][0]["url"].as_str().unwrap_or_default();
    let image = url
        .rsplit_once('/')
        .map(|(_, name)| format!("images/{name}"));
    let images = files.keys().filter(|name| name.starts_with("images/"));
    assert_eq!(images.collect::<Vec<_>>(), [&image.unwrap_or_default()]);
}

#[tokio::test]
async fn conversations_are_in_it_with_all_messages_through_many_pages() {
    let app = App::start();
    let (ada, bob) = (
        app.user("Ada", "ALUMNI").await,
        app.user("Bob", "ALUMNI").await,
    );
    let cyd = app.user("Cyd", "ALUMNI").await;
    for (one, other) in [(ada.id, bob.id), (bob.id, cyd.id)] {
        execute(&mut app.database.connect(), &format!(
            "WITH chat AS (INSERT INTO chats (user1_id, user2_id, last_seq, created_at, last_activity_at)
                           VALUES ({one}, {other}, 250, now(), now()) RETURNING chat_id)
             INSERT INTO messages (chat_id, seq, sender_id, content, created_at)
             SELECT chat_id, n, {one}, 'message ' || n, now() FROM chat, generate_series(1, 250) n"
        ));
    }

    let files = export(&ada).await;

    let chats: Vec<_> = files
        .iter()
        .filter(|(name, _)| name.starts_with("conv"))
        .collect();
    let [(_, chat)] = chats[..] else {
        panic!("{chats:?}");
    };
    assert_eq!(chat["kind"], "CHAT");
    assert_eq!(chat["otherUser"]["username"], "bob");
    let messages = chat["messages"].as_array().cloned().unwrap_or_default();
    let numbers: Vec<_> = messages.iter().filter_map(|m| m["seq"].as_i64()).collect();
    assert_eq!(numbers, (1..=250).collect::<Vec<_>>());
    assert_eq!(messages[249]["content"], "message 250");
}

#[tokio::test]
async fn conversations_tell_how_far_they_were_read_since_when_and_of_own_messages_the_client_s_id()
{
    let app = App::start();
    let (ada, bob) = (
        app.user("Ada", "ALUMNI").await,
        app.user("Bob", "ALUMNI").await,
    );
    let with_bob = json!({"userId": bob.id});
    let opened = ada.send_json(Method::POST, "/chats", &with_bob).await;
    let chat = format!("/chats/{}", opened.body["id"]);
    let group = json!({"name": "Class of 1840", "participantIds": [bob.id]});
    let made = ada.send_json(Method::POST, "/group-chats", &group).await;
    let group = format!("/group-chats/{}", made.body["id"]);
    let id = |n: u8| format!("0192f0c1-6a7e-7c1c-9f55-0d6b1f0f6b{n:02}");
    for conversation in [&chat, &group] {
        for (user, n) in [(&ada, 1), (&bob, 2), (&bob, 3)] {
            let message = json!({"content": "Hi", "clientMessageId": id(n)});
            let path = format!("{conversation}/messages");
            let sent = user.send_json(Method::POST, &path, &message).await;
            assert_eq!(sent.status, 201, "{:?}", sent.body);
        }
        let read = format!("{conversation}/read");
        let read = ada.send_json(Method::PUT, &read, &json!({"seq": 2})).await;
        assert_eq!(read.status, 200);
    }

    let files = export(&ada).await;

    let conversations = files.iter().filter(|(name, _)| name.starts_with("conv"));
    let conversations: Vec<_> = conversations.map(|(_, file)| file).collect();
    assert_eq!(conversations.len(), 2);
    for conversation in conversations {
        assert_eq!(conversation["lastReadSeq"], 2);
        assert_eq!(conversation["joinedAt"], conversation["createdAt"]);
        let messages = &conversation["messages"];
        assert_eq!(messages[0]["clientMessageId"], id(1));
        assert_eq!(messages.as_array().map(Vec::len), Some(3));
        for others in [&messages[1], &messages[2]] {
            assert_eq!(others.get("clientMessageId"), None);
        }
    }
}

#[tokio::test]
async fn what_an_admin_did_to_others_is_in_the_admin_s() {
    let app = App::start();
    let (admin, ada) = (app.admin().await, app.user("Ada", "ALUMNI").await);
    admin.send(Method::PUT, &ada.path("/suspension")).await;

    let files = export(&admin).await;

    let suspended = &files["audit-log.json"][0];
    assert_eq!(suspended["event"], "SUSPENDED");
    assert_eq!(suspended["targetId"], ada.id);
    assert_eq!(suspended["ipAddress"], "127.0.0.1");
    let events = files["audit-log.json"].as_array().map(Vec::len);
    assert_eq!(events, Some(3), "{}", files["audit-log.json"]);
}

/// What is left of the archive once `ends` has ended, after its first bytes, what lets it go on.
async fn broken_off(app: &App, user: &User<'_>, ends: impl AsyncFnOnce()) {
    // More than fits between the service and a client that doesn't read.
    const MUCH: u64 = 256 << 20;
    let uploaded = upload(user, "resume.pdf", &pdf(1000)).await;
    assert_eq!(uploaded.status, 201);
    let folder = or_panic(std::fs::read_dir(app.files.path().join("resumes")));
    for file in folder {
        let file = std::fs::OpenOptions::new()
            .write(true)
            .open(or_panic(file).path());
        or_panic(or_panic(file).set_len(MUCH));
    }
    let sent = user.request(Method::GET, "/me/export").send().await;
    let mut response = or_panic(sent);
    assert_eq!(response.status(), 200);
    assert!(or_panic(response.chunk().await).is_some());

    ends().await;

    let mut read = 0;
    let broken = loop {
        match response.chunk().await {
            Ok(Some(bytes)) => read += bytes.len() as u64,
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(broken && read < MUCH / 2, "{read}");
}

#[tokio::test]
async fn an_export_is_broken_off_when_its_caller_signs_out_is_suspended_or_deleted() {
    let app = App::start();
    let (admin, ada) = (app.admin().await, app.someone().await);
    let (bob, cyd) = (app.someone().await, app.someone().await);

    broken_off(&app, &ada, async || {
        assert_eq!(ada.send(Method::POST, "/auth/logout").await.status, 204);
    })
    .await;
    broken_off(&app, &bob, async || {
        let suspended = admin.send(Method::PUT, &bob.path("/suspension")).await;
        assert_eq!(suspended.status, 204);
    })
    .await;
    broken_off(&app, &cyd, async || {
        let password = json!({"password": PASSWORD});
        let deleted = cyd.send_json(Method::DELETE, "/me", &password).await;
        assert_eq!(deleted.status, 204);
    })
    .await;
}

#[tokio::test]
async fn an_export_is_broken_off_when_the_session_ends_on_another_instance() {
    let app = App::start();
    let other = app.another();
    let ada = app.someone().await;
    let there = User {
        app: &other,
        id: ada.id,
        username: ada.username.clone(),
        access_token: ada.access_token.clone(),
        refresh_token: ada.refresh_token.clone(),
    };

    broken_off(&app, &ada, async || {
        assert_eq!(there.send(Method::POST, "/auth/logout").await.status, 204);
        // This instance isn't told here, and looks by itself.
        app.clock.advance(chrono::TimeDelta::seconds(31));
    })
    .await;
}

#[tokio::test]
async fn where_an_admin_was_is_not_in_it() {
    let app = App::start();
    let (admin, ada) = (app.admin().await, app.user("Ada", "ALUMNI").await);
    let role = json!({"role": "PROFESSOR"});
    admin
        .send_json(Method::PUT, &ada.path("/role"), &role)
        .await;

    let files = export(&ada).await;

    let [changed, registered] = [0, 1].map(|at| files["audit-log.json"][at].clone());
    assert_eq!(changed["event"], "ROLE_CHANGED");
    assert_eq!(
        (&changed["ipAddress"], &changed["requestId"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(registered["event"], "REGISTERED");
    assert_eq!(registered["ipAddress"], "127.0.0.1");
}

#[tokio::test]
async fn nobody_and_who_has_gone_get_none() {
    let app = App::start();
    let ada = app.someone().await;

    app.get("/me/export")
        .await
        .assert_problem(401, "unauthenticated");
    let unknown = ada.get("/me/export?format=csv").await;
    unknown.assert_problem(400, "invalid_parameter");
    ada.send_json(Method::DELETE, "/me", &json!({"password": PASSWORD}))
        .await;
    ada.get("/me/export")
        .await
        .assert_problem(401, "unauthenticated");
}
