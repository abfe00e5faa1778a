//! Who may take a message's content away, and what is left of it.

use std::sync::Arc;

use alumx_domain::conversation::{
    ConversationId, ConversationRepository, DeleteMessageError, MembershipVersion, MessageBody,
    MessageId, MessagesFrom, Seq,
};
use alumx_domain::group_chat::{GrantableRole, GroupChatRepository};
use alumx_infrastructure::conversation::PgConversationRepository;
use alumx_infrastructure::group_chat::PgGroupChatRepository;
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Integer;
use tokio::task::JoinSet;

use super::{seq, size};
use crate::support::{World, at};

#[tokio::test]
async fn a_deleted_message_leaves_a_tombstone_and_nothing_else() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);

    for (conversation, version) in world.both(&ada, &bob).await.into_iter().zip([0, 1]) {
        let conversations = world.conversations();
        let message = world.send(conversation, &ada, "Secret").await;
        world.send(conversation, &bob, "Oh").await;
        let delete = async |id, second| {
            let deleted = conversations.delete_message(conversation, ada.id, id, at(second));
            deleted.await
        };

        // Before it was sent, by the clock of another instance.
        let deleted = delete(message.id, 3).await.unwrap();
        let again = delete(message.id, 12).await;
        let unknown = delete(MessageId::try_from(i64::MAX).unwrap(), 12).await;

        assert_eq!(deleted, (seq(1), MembershipVersion(version)));
        assert!(matches!(again, Err(DeleteMessageError::NotFound)));
        assert!(matches!(unknown, Err(DeleteMessageError::NotFound)));
        let from = MessagesFrom::After(Seq::ZERO);
        let list = conversations.list_messages(conversation, bob.id, from, None, size(5));
        let all = list.await.unwrap().unwrap().items;
        assert_eq!(all[0].body, MessageBody::Deleted { at: at(10) });
        assert_eq!(super::content(&all[1]), Some("Oh".to_owned()));
    }
    for table in ["messages", "group_messages"] {
        let left = world.texts(&format!(
            "SELECT concat(content, content_folded) FROM {table} WHERE seq = 1"
        ));
        assert_eq!(left, [Some(String::new())]);
    }
}

#[tokio::test]
async fn others_messages_are_deleted_by_who_administers_the_group_alone() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let [chat, group] = world.both(&ada, &bob).await;
    let delete = async |conversation, by, message: MessageId| {
        let conversations = world.conversations();
        let deleted = conversations.delete_message(conversation, by, message, at(11));
        deleted.await.map(drop)
    };

    for conversation in [chat, group] {
        let message = world.send(conversation, &ada, "Hi").await.id;
        let refused = delete(conversation, bob.id, message).await;
        assert!(matches!(refused, Err(DeleteMessageError::NotSender)));
    }
    // The other of a chat may not, the owner of a group may.
    let message = world.send(chat, &bob, "Hi").await.id;
    let refused = delete(chat, ada.id, message).await;
    assert!(matches!(refused, Err(DeleteMessageError::NotSender)));
    let message = world.send(group, &bob, "Hi").await.id;
    assert!(delete(group, ada.id, message).await.is_ok());
}

#[tokio::test]
async fn once_a_demotion_or_removal_is_answered_nothing_is_deleted_any_more() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let db = world.wide_db();
    let groups = PgGroupChatRepository(db.clone());
    let conversations = Arc::new(PgConversationRepository::new(db));

    for round in 0..10 {
        let group = world.group_of(&ada, &[&bob]).await;
        let conversation = ConversationId::Group(group);
        let place = |role| groups.place(group, ada.id, bob.id, role, at(10));
        place(GrantableRole::Admin).await.unwrap();
        let mut tasks = JoinSet::new();
        for _ in 0..40 {
            let message = world.send(conversation, &ada, "Hi").await.id;
            let conversations = conversations.clone();
            tasks.spawn(async move {
                let deleted = conversations.delete_message(conversation, bob.id, message, at(11));
                deleted.await.map(drop)
            });
        }
        let count = format!(
            "SELECT count(*) FROM group_messages WHERE group_id = {group} AND deleted_at IS NOT NULL"
        );
        let changing = async {
            // In the middle of it, as far as that can be told.
            while world.number(&count) < 5 {
                tokio::task::yield_now().await;
            }
            if round % 2 == 0 {
                place(GrantableRole::Member).await.unwrap();
            } else {
                groups.remove(group, ada.id, bob.id).await.unwrap();
            }
            world.number(&count)
        };

        let (deleted, at_change) = tokio::join!(tasks.join_all(), changing);

        assert_eq!(world.number(&count), at_change);
        let succeeded = deleted.iter().filter(|deleted| deleted.is_ok()).count();
        assert_eq!(i64::try_from(succeeded).unwrap(), at_change);
        for refusal in deleted.into_iter().filter_map(Result::err) {
            let fine = match refusal {
                DeleteMessageError::NotSender => round % 2 == 0,
                DeleteMessageError::NotFound => round % 2 == 1,
                DeleteMessageError::Repository(_) => false,
            };
            assert!(fine, "{refusal:?}");
        }
    }
}

#[tokio::test]
async fn a_demotion_waits_for_a_deletion_that_was_found_to_be_allowed() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let db = world.wide_db();
    let group = world.group_of(&ada, &[&bob]).await;
    let conversation = ConversationId::Group(group);
    let groups = PgGroupChatRepository(db.clone());
    let place = async |role| groups.place(group, ada.id, bob.id, role, at(10)).await;
    place(GrantableRole::Admin).await.unwrap();
    let message = world.send(conversation, &ada, "Hi").await.id;
    let conversations = PgConversationRepository::new(db);
    // Who holds the message back, and how many wait for it, at first hand or at second.
    let mut holder = world.database.connect();
    let hold = format!("BEGIN; SELECT 1 FROM group_messages WHERE id = {message} FOR UPDATE");
    holder.batch_execute(&hold).unwrap();
    let pid: i32 = diesel::select(sql::<Integer>("pg_backend_pid()"))
        .get_result(&mut holder)
        .unwrap();
    let first =
        format!("SELECT pid FROM pg_stat_activity WHERE {pid} = ANY(pg_blocking_pids(pid))");
    let waiting_for = |pids: &str| {
        world.number(&format!(
            "SELECT count(*) FROM pg_stat_activity a
             WHERE EXISTS (SELECT FROM ({pids}) b WHERE b.pid = ANY(pg_blocking_pids(a.pid)))"
        ))
    };

    let deletion = conversations.delete_message(conversation, bob.id, message, at(11));
    let demotion = async {
        while waiting_for(&format!("SELECT {pid} AS pid")) == 0 {
            tokio::task::yield_now().await;
        }
        let mut demotion = std::pin::pin!(place(GrantableRole::Member));
        while waiting_for(&first) == 0 {
            let answered = futures_util::poll!(demotion.as_mut());
            assert!(answered.is_pending(), "answered before the deletion");
            tokio::task::yield_now().await;
        }
        holder.batch_execute("COMMIT").unwrap();
        demotion.await
    };
    let (deleted, demoted) = tokio::join!(deletion, demotion);

    assert!(deleted.is_ok() && demoted.is_ok());
}
