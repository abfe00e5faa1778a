//! Read positions, unread totals, and what a client catches up by.

use alumx_domain::conversation::{
    ConversationId, ConversationRepository, ConversationState, MarkReadError, Members,
    MembershipVersion, ReadPosition, Seq, UnreadTotals,
};
use alumx_domain::group_chat::GroupId;

use super::seq;
use crate::support::{World, unknown_user};

fn position(last_read_seq: i64, last_seq: i64) -> ReadPosition {
    ReadPosition {
        last_read_seq: seq(last_read_seq),
        last_seq: seq(last_seq),
    }
}

#[tokio::test]
async fn a_position_moves_forward_only_and_not_beyond_the_last_message() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let eve = world.member("eve").await;

    for (conversation, version) in world.both(&ada, &bob).await.into_iter().zip([0, 1]) {
        for _ in 0..3 {
            world.send(conversation, &ada, "Hi").await;
        }
        let conversations = world.conversations();
        let mark = |reader, number| conversations.mark_read(conversation, reader, seq(number));
        let moved = Some(MembershipVersion(version));

        assert_eq!(mark(bob.id, 2).await.unwrap(), (position(2, 3), moved));
        assert_eq!(mark(bob.id, 2).await.unwrap(), (position(2, 3), None));
        assert_eq!(mark(bob.id, 1).await.unwrap(), (position(2, 3), None));
        assert_eq!(mark(bob.id, 0).await.unwrap(), (position(2, 3), None));
        let beyond = mark(bob.id, 4).await;
        assert!(matches!(beyond, Err(MarkReadError::BeyondLast)));
        assert!(mark(bob.id, i64::MAX).await.is_err());
        assert_eq!(mark(bob.id, 3).await.unwrap(), (position(3, 3), moved));
        // Ada has read what she wrote.
        assert_eq!(mark(ada.id, 3).await.unwrap(), (position(3, 3), None));
        let stranger = mark(eve.id, 1).await;
        assert!(matches!(stranger, Err(MarkReadError::NotFound)));
    }
}

#[tokio::test]
async fn sending_moves_the_own_position_and_no_other() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);

    for conversation in world.both(&ada, &bob).await {
        world.send(conversation, &ada, "1").await;
        world.send(conversation, &bob, "2").await;
        world.send(conversation, &ada, "3").await;

        let conversations = world.conversations();
        let position_of = async |reader| {
            let marked = conversations.mark_read(conversation, reader, Seq::ZERO);
            marked.await.unwrap().0
        };
        assert_eq!(position_of(ada.id).await, position(3, 3));
        assert_eq!(position_of(bob.id).await, position(2, 3));
    }
}

#[tokio::test]
async fn totals_add_up_what_each_conversation_has_unread() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let cyd = world.member("cyd").await;
    // Bob is the second user of one chat and the first of another.
    let [chat, group] = world.both(&ada, &bob).await;
    let second = ConversationId::Chat(world.open(&bob, &cyd).await);
    let totals = async |user| world.conversations().unread_totals(user).await.unwrap();
    let unread = |chat_messages, group_messages| UnreadTotals {
        chat_messages,
        group_messages,
    };
    assert_eq!(totals(bob.id).await, unread(0, 0));

    for (conversation, by, count) in [(chat, &ada, 2), (second, &cyd, 3), (group, &ada, 4)] {
        for _ in 0..count {
            world.send(conversation, by, "Hi").await;
        }
    }

    assert_eq!(totals(bob.id).await, unread(5, 4));
    assert_eq!(totals(ada.id).await, unread(0, 0));
    assert_eq!(totals(unknown_user()).await, unread(0, 0));
    let read = world.conversations();
    read.mark_read(second, bob.id, seq(2)).await.unwrap();
    read.mark_read(group, bob.id, seq(4)).await.unwrap();
    assert_eq!(totals(bob.id).await, unread(3, 0));
}

#[tokio::test]
async fn a_client_catches_up_by_the_states_of_all_conversations() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let cyd = world.member("cyd").await;
    let [chat, group] = world.both(&ada, &bob).await;
    let second = ConversationId::Chat(world.open(&bob, &cyd).await);
    for (second_of_time, conversation) in [(20, second), (22, chat), (21, group)] {
        world
            .send_at(conversation, &bob, "Hi", second_of_time)
            .await;
    }
    world.send(chat, &ada, "Hello").await;

    let states = world.conversations().states(bob.id).await.unwrap();

    let state = |conversation, position, version| ConversationState {
        conversation,
        position,
        membership: MembershipVersion(version),
    };
    let expected = [
        state(chat, position(1, 2), 0),
        state(group, position(1, 1), 1),
        state(second, position(1, 1), 0),
    ];
    assert_eq!(states, expected);
    let none = world.conversations().states(unknown_user()).await;
    assert_eq!(none.unwrap(), []);
}

#[tokio::test]
async fn members_are_told_with_version_and_last_number() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);

    for (conversation, version) in world.both(&ada, &bob).await.into_iter().zip([0, 1]) {
        world.send(conversation, &ada, "Hi").await;

        let members = world.conversations().members(conversation).await;

        let expected = Members {
            users: vec![ada.id, bob.id],
            version: MembershipVersion(version),
            last_seq: seq(1),
        };
        assert_eq!(members.unwrap(), Some(expected));
    }
    let unknown = ConversationId::Group(GroupId::try_from(i64::MAX).unwrap());
    let unknown = world.conversations().members(unknown).await;
    assert_eq!(unknown.unwrap(), None);
}
