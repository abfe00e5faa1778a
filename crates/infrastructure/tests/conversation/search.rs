//! Finding text in a conversation.

use alumx_domain::account::Account;
use alumx_domain::conversation::{
    ConversationId, ConversationRepository, MessageSearch, MessagesFrom,
};

use super::size;
use crate::support::{World, at, value};

/// The numbers of the messages that contain this, page by page of two.
async fn found(
    world: &World,
    conversation: ConversationId,
    reader: &Account,
    search: &str,
) -> Vec<i64> {
    let search: MessageSearch = value(search);
    let mut from = MessagesFrom::Newest;
    let mut all = Vec::new();
    loop {
        let page = world
            .conversations()
            .list_messages(conversation, reader.id, from, Some(search.clone()), size(2))
            .await;
        let page = page.unwrap().unwrap();
        all.extend(page.items.iter().map(|message| message.seq.get()));
        match page.next {
            Some(last) => from = from.going_on_after(last),
            None => return all,
        }
    }
}

#[tokio::test]
async fn text_is_found_in_any_letter_case_newest_first() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);

    for conversation in world.both(&ada, &bob).await {
        let contents = [
            "Hello World",
            "hello",
            "ÉCOLE Ψυχή ЙОД",
            "OTHELLO!",
            "x",
            "ODOS ΟΔΟΣ",
        ];
        for content in contents {
            world.send(conversation, &ada, content).await;
        }

        assert_eq!(found(&world, conversation, &bob, "HeLLo").await, [4, 2, 1]);
        assert_eq!(found(&world, conversation, &bob, "O w").await, [1]);
        for search in ["école", "ψΥΧΉ", "йод", "É"] {
            assert_eq!(found(&world, conversation, &bob, search).await, [3]);
        }
        // A sigma is written differently at the end of a word, and is the same letter here.
        assert_eq!(found(&world, conversation, &bob, "οδοσ").await, [6]);
        assert_eq!(found(&world, conversation, &bob, "X").await, [5]);
        assert!(
            found(&world, conversation, &bob, "nothing")
                .await
                .is_empty()
        );
    }
}

#[tokio::test]
async fn wildcards_are_letters() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);

    for conversation in world.both(&ada, &bob).await {
        for content in [
            "100% sure",
            "100 sure",
            "a_b",
            "axb",
            r"c:\d",
            "c:d",
            "it's",
        ] {
            world.send(conversation, &ada, content).await;
        }

        for (search, number) in [
            ("0%", 1),
            ("%", 1),
            ("_", 3),
            ("a_b", 3),
            (r"\", 5),
            ("'", 7),
        ] {
            assert_eq!(found(&world, conversation, &bob, search).await, [number]);
        }
    }
}

#[tokio::test]
async fn neither_strangers_nor_tombstones_are_found() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let eve = world.member("eve").await;

    for conversation in world.both(&ada, &bob).await {
        let message = world.send(conversation, &ada, "Secret").await;
        world.send(conversation, &ada, "secret too").await;
        let conversations = world.conversations();
        let deleted = conversations.delete_message(conversation, ada.id, message.id, at(11));
        deleted.await.unwrap();

        let by_eve = conversations.list_messages(
            conversation,
            eve.id,
            MessagesFrom::Newest,
            Some(value("secret")),
            size(2),
        );

        assert!(by_eve.await.unwrap().is_none());
        assert_eq!(found(&world, conversation, &bob, "secret").await, [2]);
    }
}

#[tokio::test]
async fn a_page_looks_through_20_000_messages_at_most_and_the_next_goes_on() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);

    for conversation in world.both(&ada, &bob).await {
        let (table, messages, key, id) = match conversation {
            ConversationId::Chat(id) => ("chats", "messages", "chat_id", id.raw()),
            ConversationId::Group(id) => ("group_chats", "group_messages", "group_id", id.raw()),
        };
        world.execute(&format!(
            "INSERT INTO {messages} ({key}, seq, sender_id, content, content_folded, created_at)
             SELECT {id}, n, {}, text, text, now() FROM (
                 SELECT n, CASE WHEN n IN (3, 20001, 45000) THEN 'needle' ELSE 'hay' END AS text
                 FROM generate_series(1, 45000) n
             ) filled",
            ada.id
        ));
        world.execute(&format!(
            "UPDATE {table} SET last_seq = 45000 WHERE {key} = {id}"
        ));

        let walk = async |mut from: MessagesFrom, search: &str| {
            let mut pages = Vec::new();
            loop {
                let search = Some(value(search));
                let conversations = world.conversations();
                let page = conversations.list_messages(conversation, bob.id, from, search, size(5));
                let page = page.await.unwrap().unwrap();
                pages.push(page.items.iter().map(|m| m.seq.get()).collect::<Vec<_>>());
                match page.next {
                    Some(last) => from = from.going_on_after(last),
                    None => return pages,
                }
            }
        };
        let newest = walk(MessagesFrom::Newest, "needle").await;
        assert_eq!(newest, [vec![45000], vec![20001], vec![3]]);
        let oldest = walk(MessagesFrom::After(super::seq(0)), "needle").await;
        assert_eq!(oldest, [vec![3], vec![20001], vec![45000]]);
        let nothing = walk(MessagesFrom::Newest, "nothing").await;
        assert_eq!(nothing, [[0; 0]; 3]);
        let late = walk(MessagesFrom::Before(super::seq(20001)), "needle").await;
        assert_eq!(late, [[3]]);
    }
}
