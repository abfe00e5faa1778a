//! Pages of messages.

use alumx_domain::conversation::{ConversationRepository, DeleteMessageError, MessagesFrom, Seq};

use super::{numbers_and_contents, seq, size};
use crate::support::{World, at};

#[tokio::test]
async fn pages_go_on_in_their_direction_and_skip_and_repeat_nothing() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);

    for conversation in world.both(&ada, &bob).await {
        for n in 1..=7 {
            world.send(conversation, &ada, &format!("m{n}")).await;
        }
        let walk = async |mut from: MessagesFrom| {
            let mut pages = Vec::new();
            loop {
                let conversations = world.conversations();
                let page = conversations.list_messages(conversation, bob.id, from, None, size(3));
                let page = page.await.unwrap().unwrap();
                pages.push(page.items.iter().map(|m| m.seq.get()).collect::<Vec<_>>());
                // What comes meanwhile moves no page.
                world.send(conversation, &ada, "new").await;
                match page.next {
                    Some(last) if pages.len() < 4 => from = from.going_on_after(last),
                    _ => return pages,
                }
            }
        };

        let newest = walk(MessagesFrom::Newest).await;
        let before = walk(MessagesFrom::Before(seq(5))).await;
        let after = walk(MessagesFrom::After(Seq::ZERO)).await;

        assert_eq!(newest, [vec![7, 6, 5], vec![4, 3, 2], vec![1]]);
        assert_eq!(before, [vec![4, 3, 2], vec![1]]);
        assert_eq!(after[..3], [vec![1, 2, 3], vec![4, 5, 6], vec![7, 8, 9]]);
        let beyond = MessagesFrom::After(seq(i64::MAX));
        let conversations = world.conversations();
        let beyond = conversations.list_messages(conversation, ada.id, beyond, None, size(3));
        assert_eq!(beyond.await.unwrap().unwrap().items, []);
    }
}

#[tokio::test]
async fn strangers_find_nothing_and_an_empty_conversation_is_no_strangers() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let eve = world.admin("eve").await;
    let other = world.both(&ada, &eve).await;

    for (conversation, other) in world.both(&ada, &bob).await.into_iter().zip(other) {
        let conversations = world.conversations();
        let newest = MessagesFrom::Newest;
        let list =
            |reader| conversations.list_messages(conversation, reader, newest, None, size(5));
        assert_eq!(list(bob.id).await.unwrap().unwrap().items, []);
        assert!(list(eve.id).await.unwrap().is_none());

        let message = world.send(conversation, &ada, "secret").await;

        assert!(list(eve.id).await.unwrap().is_none());
        // By its number, also in another conversation of the stranger.
        for (place, actor) in [(conversation, eve.id), (other, eve.id), (other, ada.id)] {
            let deleted = conversations.delete_message(place, actor, message.id, at(11));
            assert!(matches!(deleted.await, Err(DeleteMessageError::NotFound)));
        }
        let all = world.read_all(conversation, &bob).await;
        assert_eq!(all, [(1, Some("secret".to_owned()))]);
    }
}

#[tokio::test]
async fn messages_after_a_number_are_for_whoever_forwards_them() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);

    for conversation in world.both(&ada, &bob).await {
        for n in 1..=4 {
            world.send(conversation, &ada, &format!("m{n}")).await;
        }
        let conversations = world.conversations();
        let after = async |number, limit| {
            let list = conversations.messages_after(conversation, seq(number), size(limit));
            numbers_and_contents(&list.await.unwrap())
        };

        let m = |n: i64| (n, Some(format!("m{n}")));
        assert_eq!(after(1, 2).await, [m(2), m(3)]);
        assert_eq!(after(3, 100).await, [m(4)]);
        assert_eq!(after(4, 100).await, []);
    }
}
