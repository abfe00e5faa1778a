//! Pages of messages, one message, and tombstones.

use alumx_domain::conversation::{
    ConversationRepository, Membership, MembershipVersion, MessageBody, MessageId, MessagesFrom,
    Seq,
};
use alumx_domain::group_chat::ParticipantRole;

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
        let find = async |at, reader| {
            let found = conversations.find_message(at, reader, message.id).await;
            found.unwrap()
        };
        assert!(find(conversation, eve.id).await.is_none());
        // By its number in another conversation of the reader.
        assert!(find(other, eve.id).await.is_none() && find(other, ada.id).await.is_none());
        assert!(find(conversation, bob.id).await.is_some());
        let elsewhere = conversations
            .delete_message(other, message.id, at(11))
            .await;
        assert_eq!(elsewhere.unwrap(), None);
    }
}

#[tokio::test]
async fn a_message_is_found_with_what_the_reader_is() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let [chat, group] = world.both(&ada, &bob).await;

    let role = async |conversation, reader| {
        let message = world.send(conversation, &ada, "Hi").await;
        let conversations = world.conversations();
        let found = conversations.find_message(conversation, reader, message.id);
        found.await.unwrap().unwrap().1
    };

    assert_eq!(role(chat, bob.id).await, Membership::Chat);
    let owner = Membership::Group(ParticipantRole::Owner);
    assert_eq!(role(group, ada.id).await, owner);
    let member = Membership::Group(ParticipantRole::Member);
    assert_eq!(role(group, bob.id).await, member);
}

#[tokio::test]
async fn a_deleted_message_leaves_a_tombstone_and_nothing_else() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);

    for (conversation, version) in world.both(&ada, &bob).await.into_iter().zip([0, 1]) {
        let conversations = world.conversations();
        let message = world.send(conversation, &ada, "Secret").await;
        world.send(conversation, &bob, "Oh").await;
        let delete = |second| conversations.delete_message(conversation, message.id, at(second));

        // Before it was sent, by the clock of another instance.
        let deleted = delete(3).await.unwrap();
        let again = delete(12).await.unwrap();
        let unknown = MessageId::try_from(i64::MAX).unwrap();
        let unknown = conversations
            .delete_message(conversation, unknown, at(12))
            .await;

        assert_eq!(deleted, Some(MembershipVersion(version)));
        assert_eq!((again, unknown.unwrap()), (None, None));
        let all = world.read_all(conversation, &bob).await;
        assert_eq!(all, [(1, None), (2, Some("Oh".to_owned()))]);
        let found = conversations.find_message(conversation, ada.id, message.id);
        let body = found.await.unwrap().unwrap().0.body;
        assert_eq!(body, MessageBody::Deleted { at: at(10) });
    }
    for table in ["messages", "group_messages"] {
        let left = world.texts(&format!(
            "SELECT concat(content, content_folded) FROM {table} WHERE seq = 1"
        ));
        assert_eq!(left, [Some(String::new())]);
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
