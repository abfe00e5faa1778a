//! What a send stores, and when it doesn't.

use alumx_domain::account::AccountRepository;
use alumx_domain::chat::ChatId;
use alumx_domain::conversation::{
    ConversationId, ConversationRepository, MembershipVersion, MessageBody, SendError,
};
use alumx_domain::group_chat::GroupId;

use super::{content, numbered, text};
use crate::support::{World, at, by, unknown_user};

#[tokio::test]
async fn a_message_gets_the_next_number_and_comes_back_as_it_is_stored() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);

    for (conversation, version) in world.both(&ada, &bob).await.into_iter().zip([0, 1]) {
        let message = numbered("Grüße 😀\nשלום", 1);
        let sent = world
            .try_send(conversation, ada.id, &message)
            .await
            .unwrap();
        let second = world.send(conversation, &bob, "Hi").await;

        assert!(sent.is_new);
        assert_eq!(sent.membership, MembershipVersion(version));
        assert_eq!(sent.message.conversation, conversation);
        assert_eq!((sent.message.seq.get(), second.seq.get()), (1, 2));
        assert_eq!(sent.message.created_at, at(10));
        assert_eq!(sent.message.client_message_id, message.client_message_id);
        let sender = sent.message.sender.identity.clone().unwrap();
        assert_eq!(
            (sender.username, sender.role),
            (ada.username.clone(), ada.role)
        );
        let stored = world.conversations();
        let stored = stored.find_message(conversation, bob.id, sent.message.id);
        assert_eq!(stored.await.unwrap().unwrap().0, sent.message);
    }
}

#[tokio::test]
async fn time_never_goes_backwards_in_a_conversation() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);

    for conversation in world.both(&ada, &bob).await {
        let send = async |second| {
            let message = world.send_at(conversation, &ada, "Hi", second);
            message.await.created_at
        };

        assert_eq!(send(20).await, at(20));
        assert_eq!(send(15).await, at(20));
        assert_eq!(send(21).await, at(21));
    }
}

#[tokio::test]
async fn a_repeat_answers_the_first_message_and_other_content_is_refused() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);

    for conversation in world.both(&ada, &bob).await {
        let send = async |by, message| world.try_send(conversation, by, &message).await;
        let first = send(ada.id, numbered("Hi", 1)).await.unwrap();

        let repeat = send(ada.id, numbered("Hi", 1)).await.unwrap();
        let reused = send(ada.id, numbered("Hello", 1)).await;
        let of_bob = send(bob.id, numbered("Hello", 1)).await.unwrap();
        let other_id = send(ada.id, numbered("Hi", 2)).await.unwrap();
        let deleted = world
            .conversations()
            .delete_message(conversation, first.message.id, at(11))
            .await;
        let of_tombstone = send(ada.id, numbered("Hello", 1)).await.unwrap();

        assert!(!repeat.is_new);
        assert_eq!(repeat.message, first.message);
        assert_eq!(repeat.membership, first.membership);
        assert!(matches!(reused, Err(SendError::ClientMessageIdReused)));
        assert!(of_bob.is_new && other_id.is_new);
        // Refused sends leave no gap.
        assert_eq!(of_bob.message.seq.get(), 2);
        assert_eq!(other_id.message.seq.get(), 3);
        assert!(deleted.unwrap().is_some() && !of_tombstone.is_new);
        assert_eq!(of_tombstone.message.id, first.message.id);
        assert_eq!(
            of_tombstone.message.body,
            MessageBody::Deleted { at: at(11) }
        );
    }
    // In another conversation the same id is another message's.
    let cyd = world.member("cyd").await;
    let other = ConversationId::Chat(world.open(&ada, &cyd).await);
    let elsewhere = world.try_send(other, ada.id, &numbered("Hi", 1)).await;
    assert!(elsewhere.unwrap().is_new);
}

#[tokio::test]
async fn strangers_and_those_who_are_gone_send_nothing() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let eve = world.admin("eve").await;
    let mut conversations = Vec::from(world.both(&ada, &bob).await);
    let unknown = [
        ConversationId::Chat(ChatId::try_from(i64::MAX).unwrap()),
        ConversationId::Group(GroupId::try_from(i64::MAX).unwrap()),
    ];

    for conversation in conversations.iter().chain(&unknown) {
        let by_eve = world.try_send(*conversation, eve.id, &text("Hi")).await;
        assert!(matches!(by_eve, Err(SendError::NotFound)));
        let by_nobody = world
            .try_send(*conversation, unknown_user(), &text("Hi"))
            .await;
        assert!(matches!(by_nobody, Err(SendError::SenderGone)));
    }
    world.accounts.delete(bob.id, &by(11)).await.unwrap();
    conversations.extend(unknown);
    for conversation in conversations {
        let by_bob = world.try_send(conversation, bob.id, &text("Hi")).await;
        assert!(matches!(by_bob, Err(SendError::SenderGone)));
    }
    assert_eq!(world.number("SELECT sum(last_seq)::bigint FROM chats"), 0);
    assert_eq!(
        world.number("SELECT sum(last_seq)::bigint FROM group_chats"),
        0
    );
}

#[tokio::test]
async fn to_who_is_gone_nothing_new_is_sent_but_a_repeat_is_answered() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let [chat, group] = world.both(&ada, &bob).await;
    for conversation in [chat, group] {
        let first = world
            .try_send(conversation, ada.id, &numbered("Hi", 1))
            .await;
        assert!(first.unwrap().is_new);
    }

    world.accounts.delete(bob.id, &by(11)).await.unwrap();

    let new = world.try_send(chat, ada.id, &text("Bob?")).await;
    let numbered_new = world.try_send(chat, ada.id, &numbered("Bob?", 2)).await;
    let reused = world.try_send(chat, ada.id, &numbered("Bob?", 1)).await;
    let repeat = world
        .try_send(chat, ada.id, &numbered("Hi", 1))
        .await
        .unwrap();
    let in_group = world.try_send(group, ada.id, &text("Bob?")).await.unwrap();
    assert!(matches!(new, Err(SendError::RecipientDeleted)));
    assert!(matches!(numbered_new, Err(SendError::RecipientDeleted)));
    assert!(matches!(reused, Err(SendError::ClientMessageIdReused)));
    assert!(!repeat.is_new);
    assert_eq!(content(&repeat.message).as_deref(), Some("Hi"));
    assert!(in_group.is_new);
}
