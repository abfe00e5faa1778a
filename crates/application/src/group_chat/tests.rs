//! What failures mean and what clients are told, over a mocked store.

use alumx_domain::clock::Timestamp;
use alumx_domain::conversation::{ReadPosition, Seq};
use alumx_domain::group_chat::MockGroupChatRepository;
use alumx_domain::page::PageSize;
use mockall::predicate::eq;

use super::*;
use crate::testing::{Listener, MEMBERS, Told, by, caller, clock, group_id, user, value};

fn service(groups: MockGroupChatRepository) -> (GroupChatService, Arc<Listener>) {
    let listener = Arc::new(Listener::default());
    let service = GroupChatService::new(Arc::new(groups), listener.clone(), Arc::new(clock()));
    (service, listener)
}

fn group() -> GroupChat {
    GroupChat {
        id: group_id(),
        name: value("Engines"),
        owner: by(1),
        viewer_role: ParticipantRole::Owner,
        participant_count: 2,
        last_message: None,
        position: ReadPosition {
            last_read_seq: Seq::ZERO,
            last_seq: Seq::ZERO,
        },
        created_at: Timestamp::UNIX_EPOCH,
        last_activity_at: Timestamp::UNIX_EPOCH,
    }
}

fn among_members<T>(result: T) -> GroupChange<T> {
    GroupChange {
        result,
        membership: MEMBERS,
    }
}

fn participant(role: ParticipantRole) -> Participant {
    Participant {
        id: ParticipantId::try_from(1).unwrap(),
        user: by(2),
        role,
        joined_at: Timestamp::UNIX_EPOCH,
        last_read_seq: Seq::ZERO,
    }
}

fn events(happenings: impl IntoIterator<Item = Happening>) -> Vec<Told> {
    let event = |happening| {
        Told::Event(ConversationEvent {
            conversation: ConversationId::Group(group_id()),
            membership: MEMBERS,
            happening,
        })
    };
    happenings.into_iter().map(event).collect()
}

/// A store in which no change succeeds.
fn refusing(failure: fn() -> GroupChangeError) -> MockGroupChatRepository {
    let mut groups = MockGroupChatRepository::new();
    groups
        .expect_rename()
        .returning(move |_, _, _| Err(failure()));
    groups.expect_delete().returning(move |_, _| Err(failure()));
    groups
        .expect_place()
        .returning(move |_, _, _, _, _| Err(failure()));
    groups
        .expect_remove()
        .returning(move |_, _, _| Err(failure()));
    groups
        .expect_hand_over()
        .returning(move |_, _, _| Err(failure()));
    groups
}

#[tokio::test]
async fn a_new_group_has_its_maker_as_owner_and_is_told() {
    let expected = NewGroup {
        name: value("Engines"),
        owner: user(1),
        members: FirstMembers::of(user(1), vec![user(3), user(2)]).unwrap(),
    };
    let mut groups = MockGroupChatRepository::new();
    groups
        .expect_create()
        .with(eq(expected), eq(Timestamp::UNIX_EPOCH))
        .once()
        .returning(|_, _| Ok(among_members(group())));
    let (service, listener) = service(groups);

    let users = [3, 1, 2, 3].map(user).to_vec();
    let made = service.create(caller(1), value("Engines"), users).await;

    assert_eq!(made.unwrap(), group());
    assert_eq!(listener.told(), events([Happening::GroupCreated]));
}

#[tokio::test]
async fn a_group_of_nobody_else_is_refused_and_nothing_is_written() {
    let (service, listener) = service(MockGroupChatRepository::new());

    let users = vec![user(1), user(1)];
    let alone = service.create(caller(1), value("Engines"), users).await;

    assert!(
        matches!(alone, Err(GroupChatError::InvalidMembers(wrong)) if wrong.code == "required")
    );
    assert_eq!(listener.told(), []);
}

#[tokio::test]
async fn a_group_that_could_not_be_made_says_why_and_is_not_told() {
    for known in [true, false] {
        let mut groups = MockGroupChatRepository::new();
        groups.expect_create().returning(move |_, _| {
            Err(if known {
                CreateGroupError::OwnerGone
            } else {
                CreateGroupError::UnknownUsers(vec![user(2)])
            })
        });
        let (service, listener) = service(groups);

        let users = vec![user(2)];
        match service.create(caller(1), value("Engines"), users).await {
            Err(GroupChatError::CallerGone) => assert!(known),
            Err(GroupChatError::UnknownUsers(users)) => assert!(!known && users == [user(2)]),
            other => panic!("{other:?}"),
        }
        assert_eq!(listener.told(), []);
    }
}

#[tokio::test]
async fn renaming_and_deleting_are_told() {
    let mut groups = MockGroupChatRepository::new();
    groups
        .expect_rename()
        .with(eq(group_id()), eq(user(1)), eq(group().name))
        .once()
        .returning(|_, _, _| Ok(among_members(group())));
    groups
        .expect_delete()
        .with(eq(group_id()), eq(user(1)))
        .once()
        .returning(|_, _| Ok(MEMBERS));
    let (service, listener) = service(groups);

    let renamed = service.rename(caller(1), group_id(), &group().name).await;
    let told_of_name = listener.told();
    let deleted = service.delete(caller(1), group_id()).await;

    assert_eq!(renamed.unwrap(), group());
    assert_eq!(told_of_name, events([Happening::GroupUpdated]));
    assert!(deleted.is_ok());
    assert_eq!(listener.told(), events([Happening::GroupDeleted]));
}

#[tokio::test]
async fn coming_in_and_another_role_are_told_and_the_same_role_is_not() {
    let (member, admin) = (ParticipantRole::Member, ParticipantRole::Admin);
    let user = user(2);
    for (placement, role, is_new, told) in [
        (
            Placement::Added(participant(member)),
            member,
            true,
            Some(Happening::ParticipantAdded { user }),
        ),
        (
            Placement::Changed(participant(admin)),
            admin,
            false,
            Some(Happening::RoleChanged { user, role: admin }),
        ),
        (Placement::Unchanged(participant(admin)), admin, false, None),
    ] {
        let mut groups = MockGroupChatRepository::new();
        groups
            .expect_place()
            .with(
                eq(group_id()),
                eq(caller(1).user),
                eq(user),
                eq(GrantableRole::Admin),
                eq(Timestamp::UNIX_EPOCH),
            )
            .return_once(move |_, _, _, _, _| Ok(among_members(placement)));
        let (service, listener) = service(groups);

        let placed = service
            .place(caller(1), group_id(), user, GrantableRole::Admin)
            .await;

        assert_eq!(placed.unwrap(), (participant(role), is_new));
        assert_eq!(listener.told(), events(told));
    }
}

#[tokio::test]
async fn removing_and_leaving_are_told() {
    for gone in [1, 2].map(user) {
        let mut groups = MockGroupChatRepository::new();
        groups
            .expect_remove()
            .with(eq(group_id()), eq(user(1)), eq(gone))
            .once()
            .returning(|_, _, _| Ok(MEMBERS));
        let (service, listener) = service(groups);

        let removed = service.remove(caller(1), group_id(), gone).await;

        assert!(removed.is_ok());
        let told = events([Happening::ParticipantRemoved { user: gone }]);
        assert_eq!(listener.told(), told);
    }
}

#[tokio::test]
async fn a_hand_over_is_told_as_two_new_roles_and_to_oneself_as_none() {
    for heir in [1, 2].map(user) {
        let mut groups = MockGroupChatRepository::new();
        groups
            .expect_hand_over()
            .with(eq(group_id()), eq(user(1)), eq(heir))
            .once()
            .returning(|_, _, _| Ok(among_members(group())));
        let (service, listener) = service(groups);

        let handed = service.hand_over(caller(1), group_id(), heir).await;

        assert_eq!(handed.unwrap(), group());
        let role = |id, role| Happening::RoleChanged {
            user: user(id),
            role,
        };
        let roles = [
            role(2, ParticipantRole::Owner),
            role(1, ParticipantRole::Admin),
        ];
        let told = if heir == user(1) {
            vec![]
        } else {
            events(roles)
        };
        assert_eq!(listener.told(), told);
    }
}

#[tokio::test]
async fn a_change_that_failed_says_why_and_is_not_told() {
    type Case = (fn() -> GroupChangeError, fn(&GroupChatError) -> bool);
    let cases: [Case; 5] = [
        (
            || GroupChangeError::NotFound,
            |e| matches!(e, GroupChatError::NotFound),
        ),
        (
            || GroupRefusal::OwnerIsFixed.into(),
            |e| matches!(e, GroupChatError::Refused(GroupRefusal::OwnerIsFixed)),
        ),
        (
            || GroupChangeError::UnknownUser,
            |e| matches!(e, GroupChatError::UnknownUser),
        ),
        (
            || GroupChangeError::Full,
            |e| matches!(e, GroupChatError::Full),
        ),
        (
            || RepositoryError::Unavailable("busy".to_owned()).into(),
            |e| matches!(e, GroupChatError::Repository(_)),
        ),
    ];
    for (failure, expected) in cases {
        let (service, listener) = service(refusing(failure));
        let (me, id, other) = (caller(1), group_id(), user(2));

        let results = [
            service.rename(me, id, &group().name).await.err(),
            service.delete(me, id).await.err(),
            service
                .place(me, id, other, GrantableRole::Member)
                .await
                .err(),
            service.remove(me, id, other).await.err(),
            service.hand_over(me, id, other).await.err(),
        ];

        for error in results {
            assert!(error.as_ref().is_some_and(expected), "{error:?}");
        }
        assert_eq!(listener.told(), []);
    }
}

#[tokio::test]
async fn groups_and_participants_are_found_as_the_caller_sees_them() {
    let page = PageRequest {
        after: Some(group().key()),
        limit: PageSize::default(),
    };
    let mut groups = MockGroupChatRepository::new();
    groups
        .expect_find()
        .returning(|_, viewer| Ok((viewer == user(1)).then(group)));
    groups
        .expect_list()
        .with(eq(user(1)), eq(page.clone()))
        .returning(|_, _| {
            Ok(Page {
                items: vec![group()],
                next: None,
            })
        });
    groups.expect_list_participants().returning(|_, viewer, _| {
        Ok((viewer == user(1)).then(|| Page {
            items: vec![participant(ParticipantRole::Member)],
            next: None,
        }))
    });
    let (service, _) = service(groups);
    let first = || PageRequest {
        after: None,
        limit: PageSize::default(),
    };

    let mine = service.group(caller(1), group_id()).await;
    let all = service.groups(caller(1), page).await;
    let members = service.participants(caller(1), group_id(), first()).await;
    let hidden = service.group(caller(9), group_id()).await;
    let nobody = service.participants(caller(9), group_id(), first()).await;

    assert_eq!(mine.unwrap(), group());
    assert_eq!(all.unwrap().items, [group()]);
    assert_eq!(members.unwrap().items.len(), 1);
    assert!(matches!(hidden, Err(GroupChatError::NotFound)));
    assert!(matches!(nobody, Err(GroupChatError::NotFound)));
}
