//! Changes of a group, each with its refusals. Who may do what is tested in the domain.

use alumx_domain::account::AccountRepository;
use alumx_domain::conversation::ConversationRepository;
use alumx_domain::conversation::{ConversationId, MembershipVersion, UnreadTotals};
use alumx_domain::group_chat::GrantableRole::{Admin, Member};
use alumx_domain::group_chat::{
    GroupChangeError, GroupChatRepository, GroupRefusal, ParticipantRole, Placement,
};

use crate::support::{World, at, by, unknown_user, value};

fn refusal<T: std::fmt::Debug>(done: Result<T, GroupChangeError>) -> GroupRefusal {
    match done {
        Err(GroupChangeError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn not_found<T>(done: &Result<T, GroupChangeError>) -> bool {
    matches!(done, Err(GroupChangeError::NotFound))
}

#[tokio::test]
async fn who_is_placed_comes_in_with_nothing_unread_or_gets_another_role() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let cyd = world.member("cyd").await;
    let group = world.group_of(&ada, &[&bob]).await;
    world.send(ConversationId::Group(group), &ada, "Hi").await;

    let added = world.place(group, &ada, cyd.id, Member).await.unwrap();
    let repeat = world.place(group, &ada, cyd.id, Member).await.unwrap();
    let changed = world.place(group, &ada, cyd.id, Admin).await.unwrap();

    let Placement::Added(participant) = added.result else {
        panic!("{added:?}");
    };
    assert_eq!(
        (participant.user.id, participant.role),
        (cyd.id, ParticipantRole::Member)
    );
    assert_eq!(
        (participant.joined_at, participant.last_read_seq.get()),
        (at(6), 1)
    );
    assert_eq!(repeat.result, Placement::Unchanged(participant.clone()));
    let changed_to = ParticipantRole::Admin;
    let expected = Placement::Changed(alumx_domain::group_chat::Participant {
        role: changed_to,
        ..participant
    });
    assert_eq!(changed.result, expected);
    let versions = [added.membership, repeat.membership, changed.membership];
    assert_eq!(versions, [2, 2, 3].map(MembershipVersion));
    let unread = world.conversations().unread_totals(cyd.id).await.unwrap();
    assert_eq!(unread, UnreadTotals::default());
    assert_eq!(world.roles(group, &cyd).await.len(), 3);
}

#[tokio::test]
async fn who_is_not_there_is_told_only_to_who_may_place_somebody() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let (eve, gone) = (world.admin("eve").await, world.member("gone").await);
    world.accounts.delete(gone.id, &by(2)).await.unwrap();
    let group = world.group_of(&ada, &[&bob]).await;

    for user in [gone.id, unknown_user()] {
        let by_owner = world.place(group, &ada, user, Member).await;
        let by_member = world.place(group, &bob, user, Member).await;
        let by_stranger = world.place(group, &eve, user, Member).await;

        assert!(matches!(by_owner, Err(GroupChangeError::UnknownUser)));
        assert_eq!(refusal(by_member), GroupRefusal::NotGroupAdmin);
        assert!(not_found(&by_stranger));
    }
    assert_eq!(world.version(group), 1);
}

#[tokio::test]
async fn who_leaves_or_is_removed_finds_nothing_and_comes_back_with_nothing_unread() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let group = world.group_of(&ada, &[&bob]).await;
    let conversation = ConversationId::Group(group);
    let groups = world.groups();
    world.send(conversation, &bob, "Hi").await;

    let removed = groups.remove(group, ada.id, bob.id).await.unwrap();
    world.send(conversation, &ada, "Bob?").await;

    assert_eq!(removed, MembershipVersion(2));
    assert_eq!(groups.find(group, bob.id).await.unwrap(), None);
    let states = world.conversations().states(bob.id).await.unwrap();
    assert_eq!(states, []);
    let again = groups.remove(group, ada.id, bob.id).await;
    assert_eq!(refusal(again), GroupRefusal::NotAParticipant);
    world.place(group, &ada, bob.id, Member).await.unwrap();
    let unread = world.conversations().unread_totals(bob.id).await.unwrap();
    assert_eq!(unread, UnreadTotals::default());
    assert_eq!(world.read_all(conversation, &bob).await.len(), 2);
    let left = groups.remove(group, bob.id, bob.id).await.unwrap();
    assert_eq!(left, MembershipVersion(4));
    let owner = groups.remove(group, ada.id, ada.id).await;
    assert_eq!(refusal(owner), GroupRefusal::OwnerMustHandOver);
    assert_eq!(
        world.roles(group, &ada).await,
        [(ada.id, ParticipantRole::Owner)]
    );
}

#[tokio::test]
async fn a_group_is_handed_over_to_a_participant() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let eve = world.member("eve").await;
    let group = world.group_of(&ada, &[&bob]).await;
    let groups = world.groups();
    let hand_over = |actor, user| groups.hand_over(group, actor, user);

    let to_nobody = hand_over(ada.id, eve.id).await;
    let by_member = hand_over(bob.id, bob.id).await;
    let to_oneself = hand_over(ada.id, ada.id).await.unwrap();
    let handed = hand_over(ada.id, bob.id).await.unwrap();

    assert_eq!(refusal(to_nobody), GroupRefusal::NotAParticipant);
    assert_eq!(refusal(by_member), GroupRefusal::NotGroupOwner);
    assert_eq!(to_oneself.membership, MembershipVersion(1));
    assert_eq!(to_oneself.result.viewer_role, ParticipantRole::Owner);
    assert_eq!(handed.membership, MembershipVersion(2));
    assert_eq!(handed.result.owner.id, bob.id);
    assert_eq!(handed.result.viewer_role, ParticipantRole::Admin);
    let roles = [
        (ada.id, ParticipantRole::Admin),
        (bob.id, ParticipantRole::Owner),
    ];
    assert_eq!(world.roles(group, &ada).await, roles);
}

#[tokio::test]
async fn a_group_is_renamed_and_deleted_with_all_that_was_written() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let group = world.group_of(&ada, &[&bob]).await;
    let other = world.group_of(&ada, &[&bob]).await;
    world.send(ConversationId::Group(group), &bob, "Hi").await;
    world.send(ConversationId::Group(other), &bob, "Hi").await;
    let groups = world.groups();
    let name = value("Reunion");

    let by_member = groups.rename(group, bob.id, &name).await;
    let renamed = groups.rename(group, ada.id, &name).await.unwrap();
    let deleted_by_member = groups.delete(group, bob.id).await;
    let deleted = groups.delete(group, ada.id).await.unwrap();

    assert_eq!(refusal(by_member), GroupRefusal::NotGroupAdmin);
    assert_eq!(
        (&*renamed.result.name, renamed.membership.0),
        ("Reunion", 1)
    );
    assert_eq!(refusal(deleted_by_member), GroupRefusal::NotGroupOwner);
    assert_eq!(deleted, MembershipVersion(1));
    assert_eq!(groups.find(group, ada.id).await.unwrap(), None);
    let rows =
        "SELECT (SELECT count(*) FROM group_messages) + count(*) FROM group_chat_participants";
    assert_eq!(world.number(rows), 1 + 2);
}

#[tokio::test]
async fn of_a_group_that_one_is_not_in_one_changes_nothing_nor_learns_of_it() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let eve = world.admin("eve").await;
    let group = world.group_of(&ada, &[&bob]).await;
    let unknown = i64::MAX.try_into().unwrap();
    let groups = world.groups();

    for (group, actor) in [(group, eve.id), (unknown, ada.id)] {
        assert!(not_found(
            &groups.rename(group, actor, &value("Mine")).await
        ));
        assert!(not_found(&groups.delete(group, actor).await));
        assert!(not_found(&groups.remove(group, actor, bob.id).await));
        assert!(not_found(&groups.remove(group, actor, actor).await));
        assert!(not_found(&groups.hand_over(group, actor, actor).await));
        let place = groups.place(group, actor, actor, Admin, at(6));
        assert!(not_found(&place.await));
    }
    assert_eq!(world.version(group), 1);
}

#[tokio::test]
async fn a_deleted_account_leaves_its_groups_and_they_tell() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let cyd = world.member("cyd").await;
    let owned = world.group_of(&ada, &[&bob, &cyd]).await;
    let joined = world.group_of(&bob, &[&ada]).await;
    let alone = world.group_of(&ada, &[&bob]).await;
    world.groups().remove(alone, ada.id, bob.id).await.unwrap();

    let remains = world.accounts.delete(ada.id, &by(9)).await.unwrap();

    let mut departures = remains.departures;
    departures.sort_by_key(|departure| departure.group.raw());
    let told: Vec<_> = departures
        .iter()
        .map(|departure| (departure.group, departure.heir, departure.membership.0))
        .collect();
    assert_eq!(
        told,
        [
            (owned, Some(bob.id), 2),
            (joined, None, 2),
            (alone, None, 3)
        ]
    );
    let roles = [
        (bob.id, ParticipantRole::Owner),
        (cyd.id, ParticipantRole::Member),
    ];
    assert_eq!(world.roles(owned, &cyd).await, roles);
    assert_eq!(world.roles(joined, &bob).await.len(), 1);
    assert_eq!((world.version(owned), world.version(joined)), (2, 2));
    assert_eq!(world.number("SELECT count(*) FROM group_chats"), 2);
}
