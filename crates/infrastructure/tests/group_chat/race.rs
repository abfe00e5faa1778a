//! Whatever is done to a group at once, it has one owner, counts its participants right, and is
//! never too full.

use std::sync::Arc;

use alumx_domain::account::UserId;
use alumx_domain::conversation::{ConversationId, ConversationRepository, SendError};
use alumx_domain::group_chat::GrantableRole::Member;
use alumx_domain::group_chat::{
    GroupChangeError, GroupChatRepository, GroupRefusal, ParticipantRole, Placement,
};
use alumx_infrastructure::conversation::PgConversationRepository;
use alumx_infrastructure::group_chat::PgGroupChatRepository;
use tokio::task::JoinSet;

use super::new_group;
use crate::conversation::text;
use crate::support::{World, at, members};

#[tokio::test]
async fn the_last_place_is_taken_once() {
    let world = World::new();
    let users = members(&world, 507).await;
    let others: Vec<UserId> = users[1..499].iter().map(|user| user.id).collect();
    let groups = Arc::new(PgGroupChatRepository(world.wide_db()));
    let owner = users[0].id;
    let group = groups.create(&new_group(owner, &others), at(5)).await;
    let group = group.unwrap().result.id;
    let mut tasks = JoinSet::new();

    for user in users[499..].iter().map(|user| user.id) {
        let groups = groups.clone();
        tasks.spawn(async move { groups.place(group, owner, user, Member, at(6)).await });
    }
    let placed = tasks.join_all().await;

    let added = placed.iter().filter(|placed| placed.is_ok()).count();
    assert_eq!(added, 1);
    for refused in placed.iter().filter_map(|placed| placed.as_ref().err()) {
        assert!(matches!(refused, GroupChangeError::Full), "{refused:?}");
    }
    let group = groups.find(group, owner).await.unwrap().unwrap();
    assert_eq!(group.participant_count, 500);
    assert_eq!(
        world.number("SELECT count(*) FROM group_chat_participants"),
        500
    );
}

#[tokio::test]
async fn who_is_added_many_times_at_once_comes_in_once() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let cyd = world.member("cyd").await;
    let group = world.group_of(&ada, &[&bob]).await;
    let groups = Arc::new(PgGroupChatRepository(world.wide_db()));
    let mut tasks = JoinSet::new();

    for _ in 0..12 {
        let groups = groups.clone();
        tasks.spawn(async move {
            let placed = groups.place(group, ada.id, cyd.id, Member, at(6)).await;
            placed.unwrap().result
        });
    }
    let placed = tasks.join_all().await;

    let added = placed
        .iter()
        .filter(|placed| matches!(placed, Placement::Added(_)));
    assert_eq!(added.count(), 1);
    assert_eq!(world.roles(group, &ada).await.len(), 3);
    assert_eq!(world.version(group), 2);
}

#[tokio::test]
async fn a_group_handed_to_two_at_once_has_one_owner() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let cyd = world.member("cyd").await;
    let groups = PgGroupChatRepository(world.wide_db());

    for _ in 0..10 {
        let group = world.group_of(&ada, &[&bob, &cyd]).await;

        let (to_bob, to_cyd) = tokio::join!(
            groups.hand_over(group, ada.id, bob.id),
            groups.hand_over(group, ada.id, cyd.id)
        );

        assert!(to_bob.is_ok() != to_cyd.is_ok(), "{to_bob:?} {to_cyd:?}");
        let roles = world.roles(group, &ada).await;
        let owners = roles
            .iter()
            .filter(|(_, role)| *role == ParticipantRole::Owner);
        assert_eq!(owners.count(), 1);
    }
}

#[tokio::test]
async fn a_group_is_handed_to_who_leaves_or_is_removed_or_not_at_all() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let cyd = world.member("cyd").await;
    let groups = PgGroupChatRepository(world.wide_db());

    for round in 0..12 {
        let group = world.group_of(&ada, &[&bob, &cyd]).await;
        let admin = alumx_domain::group_chat::GrantableRole::Admin;
        world.place(group, &ada, cyd.id, admin).await.unwrap();
        let by = if round % 2 == 0 { bob.id } else { cyd.id };

        let (handed, gone) = tokio::join!(
            groups.hand_over(group, ada.id, bob.id),
            groups.remove(group, by, bob.id)
        );

        match (handed, gone) {
            (Ok(_), Err(GroupChangeError::Refused(refusal))) => {
                let fixed = [GroupRefusal::OwnerMustHandOver, GroupRefusal::OwnerIsFixed];
                assert!(fixed.contains(&refusal));
                assert_eq!(world.roles(group, &ada).await.len(), 3);
            }
            (Err(GroupChangeError::Refused(GroupRefusal::NotAParticipant)), Ok(_)) => {
                assert_eq!(world.roles(group, &ada).await.len(), 2);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn who_writes_while_a_group_is_deleted_finds_it_gone() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let db = world.wide_db();
    let groups = PgGroupChatRepository(db.clone());
    let conversations = Arc::new(PgConversationRepository::new(db));

    for _ in 0..10 {
        let group = world.group_of(&ada, &[&bob]).await;
        let mut tasks = JoinSet::new();
        for n in 0..30 {
            let conversations = conversations.clone();
            let sender = if n % 2 == 0 { ada.id } else { bob.id };
            tasks.spawn(async move {
                let message = text("Hi");
                let conversation = ConversationId::Group(group);
                conversations
                    .send(conversation, sender, &message, at(10))
                    .await
            });
        }
        groups.delete(group, ada.id).await.unwrap();
        for sent in tasks.join_all().await {
            let fine = matches!(sent, Ok(_) | Err(SendError::NotFound));
            assert!(fine, "{sent:?}");
        }
    }
    assert_eq!(world.number("SELECT count(*) FROM group_messages"), 0);
    assert_eq!(
        world.number("SELECT count(*) FROM group_chat_participants"),
        0
    );
}
