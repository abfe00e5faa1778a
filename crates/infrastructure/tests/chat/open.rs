//! Opening and finding a chat.

use std::sync::Arc;

use alumx_domain::account::AccountRepository;
use alumx_domain::chat::{ChatId, ChatRepository, OpenChatError};
use alumx_domain::conversation::ConversationId;
use alumx_infrastructure::chat::PgChatRepository;
use tokio::task::JoinSet;

use crate::support::{World, at, by, unknown_user};

#[tokio::test]
async fn a_pair_has_one_chat_whoever_opens_it() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let chats = world.chats();

    let (first, new) = chats.open(bob.id, ada.id, at(5)).await.unwrap();
    let (again, newer) = chats.open(bob.id, ada.id, at(6)).await.unwrap();
    let (other_way, newest) = chats.open(ada.id, bob.id, at(7)).await.unwrap();

    assert_eq!((new, newer, newest), (true, false, false));
    assert_eq!(first, again);
    assert_eq!(first.id, other_way.id);
    assert_eq!(first.other_user.id, ada.id);
    assert_eq!(other_way.other_user.id, bob.id);
    let identity = first.other_user.identity.clone().unwrap();
    assert_eq!(identity.username, ada.username);
    assert_eq!((first.created_at, first.last_activity_at), (at(5), at(5)));
    assert_eq!(first.last_message, None);
    assert_eq!(first.position.unread_count(), 0);
}

#[tokio::test]
async fn nobody_opens_a_chat_with_who_is_not_there_nor_as_who_is_gone() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let old = world.open(&ada, &bob).await;
    world.accounts.delete(bob.id, &by(6)).await.unwrap();
    let chats = world.chats();

    let gone = chats.open(ada.id, bob.id, at(7)).await;
    let unknown = chats.open(ada.id, unknown_user(), at(7)).await;
    let by_gone = chats.open(bob.id, ada.id, at(7)).await;

    assert!(matches!(gone, Err(OpenChatError::UnknownUser)));
    assert!(matches!(unknown, Err(OpenChatError::UnknownUser)));
    assert!(matches!(by_gone, Err(OpenChatError::OpenerGone)));
    let old = chats.find(old, ada.id).await.unwrap().unwrap();
    assert_eq!(old.other_user.identity, None);
}

#[tokio::test]
async fn a_chat_is_seen_by_its_two_users_alone() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let eve = world.admin("eve").await;
    let id = world.open(&ada, &bob).await;
    let last = world.send(ConversationId::Chat(id), &bob, "Hi").await;
    let chats = world.chats();

    let of_ada = chats.find(id, ada.id).await.unwrap().unwrap();
    let of_bob = chats.find(id, bob.id).await.unwrap().unwrap();

    assert_eq!(of_ada.last_message, Some(last.clone()));
    assert_eq!(of_bob.last_message, Some(last));
    assert_eq!(of_ada.position.unread_count(), 1);
    assert_eq!(of_bob.position.unread_count(), 0);
    assert_eq!(
        (
            of_ada.other_last_read_seq.get(),
            of_bob.other_last_read_seq.get()
        ),
        (1, 0)
    );
    assert_eq!(of_ada.last_activity_at, at(10));
    let unknown = ChatId::try_from(i64::MAX).unwrap();
    for (chat, viewer) in [(id, eve.id), (unknown, ada.id), (id, unknown_user())] {
        assert_eq!(chats.find(chat, viewer).await.unwrap(), None);
    }
}

#[tokio::test]
async fn of_many_who_open_the_same_chat_at_once_one_makes_it() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let chats = Arc::new(PgChatRepository::new(world.wide_db()));
    let mut tasks = JoinSet::new();

    for n in 0..20 {
        let chats = chats.clone();
        let (opener, other) = if n % 2 == 0 {
            (&ada, &bob)
        } else {
            (&bob, &ada)
        };
        let (opener, other) = (opener.id, other.id);
        tasks.spawn(async move { chats.open(opener, other, at(5)).await.unwrap() });
    }
    let opened = tasks.join_all().await;

    let new = opened.iter().filter(|(_, new)| *new).count();
    assert_eq!(new, 1);
    assert!(opened.iter().all(|(chat, _)| chat.id == opened[0].0.id));
}
