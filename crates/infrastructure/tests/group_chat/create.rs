//! Making and finding a group.

use alumx_domain::account::AccountRepository;
use alumx_domain::conversation::{ConversationId, MembershipVersion};
use alumx_domain::group_chat::{CreateGroupError, GroupChatRepository, GroupId, ParticipantRole};

use super::new_group;
use crate::support::{World, at, by, members, page, unknown_user};

#[tokio::test]
async fn a_group_is_made_whole_with_its_members_in_their_order() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let cyd = world.member("cyd").await;

    let made = world.groups();
    let made = made
        .create(&new_group(bob.id, &[cyd.id, ada.id]), at(5))
        .await;
    let made = made.unwrap();

    let group = made.result;
    assert_eq!(made.membership, MembershipVersion(1));
    assert_eq!((&*group.name, group.participant_count), ("Group", 3));
    assert_eq!(
        (group.owner.id, group.viewer_role),
        (bob.id, ParticipantRole::Owner)
    );
    assert_eq!((group.created_at, group.last_activity_at), (at(5), at(5)));
    assert_eq!(
        (group.last_message.clone(), group.position.unread_count()),
        (None, 0)
    );
    let found = world.groups().find(group.id, bob.id).await.unwrap();
    assert_eq!(found, Some(group.clone()));
    let roles = [
        (bob.id, ParticipantRole::Owner),
        (cyd.id, ParticipantRole::Member),
        (ada.id, ParticipantRole::Member),
    ];
    assert_eq!(world.roles(group.id, &ada).await, roles);
}

#[tokio::test]
async fn all_who_are_not_there_are_told_at_once_and_nothing_is_made() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let gone = world.member("gone").await;
    world.accounts.delete(gone.id, &by(2)).await.unwrap();
    let groups = world.groups();

    let unknown = [unknown_user(), bob.id, gone.id];
    let unknown = groups.create(&new_group(ada.id, &unknown), at(5)).await;
    let by_gone = groups.create(&new_group(gone.id, &[ada.id]), at(5)).await;

    match unknown {
        Err(CreateGroupError::UnknownUsers(users)) => {
            assert_eq!(users, [unknown_user(), gone.id]);
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(by_gone, Err(CreateGroupError::OwnerGone)));
    assert_eq!(world.number("SELECT count(*) FROM group_chats"), 0);
}

#[tokio::test]
async fn a_group_begins_with_up_to_500() {
    let world = World::new();
    let users = members(&world, 500).await;
    let others: Vec<_> = users[1..].iter().map(|user| user.id).collect();

    let made = world.groups();
    let made = made.create(&new_group(users[0].id, &others), at(5)).await;

    let group = made.unwrap().result;
    assert_eq!(group.participant_count, 500);
    let mut after = None;
    let mut listed = Vec::new();
    loop {
        let list = world.groups();
        let list = list.list_participants(group.id, users[7].id, page(after, 99));
        let list = list.await.unwrap().unwrap();
        listed.extend(list.items.iter().map(|participant| participant.user.id));
        after = list.next;
        if after.is_none() {
            break;
        }
    }
    let expected: Vec<_> = users.iter().map(|user| user.id).collect();
    assert_eq!(listed, expected);
}

#[tokio::test]
async fn a_group_is_seen_by_its_participants_alone() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let eve = world.admin("eve").await;
    let id = world.group_of(&ada, &[&bob]).await;
    let last = world.send(ConversationId::Group(id), &bob, "Hi").await;
    let groups = world.groups();

    let of_ada = groups.find(id, ada.id).await.unwrap().unwrap();
    let of_bob = groups.find(id, bob.id).await.unwrap().unwrap();

    assert_eq!(of_ada.last_message, Some(last));
    assert_eq!(of_ada.last_message, of_bob.last_message);
    assert_eq!(
        (
            of_ada.position.unread_count(),
            of_bob.position.unread_count()
        ),
        (1, 0)
    );
    assert_eq!(of_bob.viewer_role, ParticipantRole::Member);
    let unknown = GroupId::try_from(i64::MAX).unwrap();
    for (group, viewer) in [(id, eve.id), (unknown, ada.id)] {
        assert_eq!(groups.find(group, viewer).await.unwrap(), None);
        let participants = groups.list_participants(group, viewer, page(None, 5)).await;
        assert!(participants.unwrap().is_none());
        assert!(
            groups
                .find_participant(group, viewer)
                .await
                .unwrap()
                .is_none()
        );
    }
    let mut each = groups
        .find_for_each(id, &[bob.id, eve.id, ada.id])
        .await
        .unwrap();
    each.sort_by_key(|(viewer, _)| viewer.raw());
    assert_eq!(each, [(ada.id, of_ada), (bob.id, of_bob)]);
}
