//! What a socket is told first.

use alumx_tests::App;
use diesel::connection::SimpleConnection;
use serde_json::json;

use super::Socket;

#[actix_web::test]
async fn of_more_than_200_conversations_the_last_active_are_listed_and_that_there_are_more_is_told()
{
    let app = App::start();
    let ada = app.someone().await;
    let groups = |from: i64, to: i64| {
        let sql = format!(
            "WITH made AS (
                 INSERT INTO group_chats
                     (group_name, owner_id, created_at, last_activity_at, participant_count)
                 SELECT 'Alumni ' || n, {0}, now(), now() + n * interval '1 second', 1
                 FROM generate_series({from}, {to}) n RETURNING group_id
             )
             INSERT INTO group_chat_participants (group_id, user_id, role, joined_at, last_read_seq)
             SELECT group_id, {0}, 'OWNER', now(), 0 FROM made",
            ada.id
        );
        app.database.connect().batch_execute(&sql).unwrap();
    };

    groups(1, 200);
    let (_all, ready) = Socket::open(&ada).await;
    assert_eq!(ready["truncated"], json!(false));
    assert_eq!(ready["conversations"].as_array().unwrap().len(), 200);

    groups(201, 201);
    let (_most, ready) = Socket::open(&ada).await;
    assert_eq!(ready["truncated"], json!(true));
    let listed = ready["conversations"].as_array().unwrap();
    let page = ada.get("/group-chats?limit=100").await.body;
    let active = page["items"].as_array().unwrap();
    assert_eq!(listed.len(), 200);
    assert!((0..100).all(|n| listed[n]["id"] == active[n]["id"]));
}
