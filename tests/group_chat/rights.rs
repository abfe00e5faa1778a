//! Who may do what in a group: every role, every change, every target.

use alumx_tests::{Answer, App, User};
use reqwest::Method;
use serde_json::json;

use super::{hand_over, participants, place, remove, roles};
use crate::conversation::group;

/// A group of an owner, two admins and two members, and somebody who isn't in it.
struct Cast<'a> {
    owner: User<'a>,
    admins: [User<'a>; 2],
    members: [User<'a>; 2],
    outsider: User<'a>,
}

impl<'a> Cast<'a> {
    async fn of(app: &'a App) -> Self {
        Self {
            owner: app.someone().await,
            admins: [app.someone().await, app.someone().await],
            members: [app.someone().await, app.someone().await],
            outsider: app.someone().await,
        }
    }

    async fn group(&self) -> String {
        let ([admin, other_admin], [member, other_member]) = (&self.admins, &self.members);
        let others = [admin, other_admin, member, other_member];
        let path = group(&self.owner, &others).await;
        for admin in &self.admins {
            let made = place(&self.owner, &path, admin.id, "ADMIN").await;
            assert_eq!(made.status, 200);
        }
        path
    }

    /// Owner, admin, member.
    fn actors(&self) -> [&User<'a>; 3] {
        [&self.owner, &self.admins[0], &self.members[0]]
    }

    /// Another member, another admin, the owner, somebody outside, nobody.
    fn targets(&self) -> [i64; 5] {
        let [member, admin] = [&self.members[1], &self.admins[1]];
        [member.id, admin.id, self.owner.id, self.outsider.id, 999]
    }
}

/// The status, and for problems the code.
fn told(answer: &Answer) -> String {
    match answer.body["code"].as_str() {
        Some(code) => {
            answer.assert_problem(answer.status.as_u16(), code);
            format!("{} {code}", answer.status.as_u16())
        }
        None => answer.status.as_u16().to_string(),
    }
}

const ADMIN: &str = "403 not_group_admin";
const OWNER: &str = "403 not_group_owner";
const FIXED: &str = "403 owner_is_fixed";
const NOT_FOUND: &str = "404 not_found";

#[tokio::test]
async fn owner_and_admins_place_members_and_only_the_owner_makes_and_unmakes_admins() {
    let app = App::start();
    let cast = Cast::of(&app).await;
    // By row the owner, an admin, a member; by column a member, an admin, the owner, somebody
    // outside, nobody.
    for (role, table) in [
        (
            "MEMBER",
            [
                ["200", "200", FIXED, "201", NOT_FOUND],
                ["200", OWNER, FIXED, "201", NOT_FOUND],
                [ADMIN; 5],
            ],
        ),
        (
            "ADMIN",
            [
                ["200", "200", FIXED, "201", NOT_FOUND],
                [OWNER, OWNER, FIXED, OWNER, OWNER],
                [ADMIN; 5],
            ],
        ),
    ] {
        for (actor, row) in cast.actors().into_iter().zip(table) {
            for (target, expected) in cast.targets().into_iter().zip(row) {
                let path = cast.group().await;
                let before = participants(actor, &path).await;

                let answer = place(actor, &path, target, role).await;

                assert_eq!(
                    told(&answer),
                    expected,
                    "{} places {target} as {role}",
                    actor.id
                );
                let mut after = participants(actor, &path).await;
                if answer.status.is_success() {
                    assert_eq!(answer.body["user"]["id"], target);
                    assert_eq!(answer.body["role"], role);
                    let placed = (target, role.to_owned());
                    assert!(after.contains(&placed));
                } else {
                    after.retain(|one| before.contains(one));
                    assert_eq!(after, before);
                }
            }
        }
    }
}

#[tokio::test]
async fn owner_and_admins_remove_members_and_only_the_owner_admins() {
    let app = App::start();
    let cast = Cast::of(&app).await;
    let table = [
        [
            "204",
            "204",
            "409 owner_must_hand_over",
            NOT_FOUND,
            NOT_FOUND,
        ],
        ["204", OWNER, FIXED, NOT_FOUND, NOT_FOUND],
        [ADMIN; 5],
    ];

    for (actor, row) in cast.actors().into_iter().zip(table) {
        for (target, expected) in cast.targets().into_iter().zip(row) {
            let path = cast.group().await;

            let answer = remove(actor, &path, target).await;

            assert_eq!(told(&answer), expected, "{} removes {target}", actor.id);
            let after = participants(actor, &path).await;
            let count = if answer.status == 204 { 4 } else { 5 };
            assert_eq!(after.len(), count);
        }
    }
}

#[tokio::test]
async fn everybody_but_the_owner_leaves() {
    let app = App::start();
    let cast = Cast::of(&app).await;
    let path = cast.group().await;

    for (user, expected) in
        cast.actors()
            .into_iter()
            .zip(["409 owner_must_hand_over", "204", "204"])
    {
        let answer = remove(user, &path, user.id).await;
        assert_eq!(told(&answer), expected);
    }
    for gone in [&cast.admins[0], &cast.members[0]] {
        gone.get(&path).await.assert_problem(404, "not_found");
        let again = remove(gone, &path, gone.id).await;
        again.assert_problem(404, "not_found");
    }
    assert_eq!(participants(&cast.owner, &path).await.len(), 3);
}

#[tokio::test]
async fn the_owner_hands_over_to_whom_is_in_the_group() {
    let app = App::start();
    let cast = Cast::of(&app).await;
    let table = [
        [
            "200",
            "200",
            "200",
            "422 invalid_fields",
            "422 invalid_fields",
        ],
        [OWNER; 5],
        [OWNER; 5],
    ];

    for (actor, row) in cast.actors().into_iter().zip(table) {
        for (target, expected) in cast.targets().into_iter().zip(row) {
            let path = cast.group().await;

            let answer = hand_over(actor, &path, target).await;

            assert_eq!(
                told(&answer),
                expected,
                "{} hands over to {target}",
                actor.id
            );
            let owner = cast.actors()[0].get(&path).await.body["owner"]["id"].clone();
            if answer.status == 200 {
                assert_eq!(owner, target);
            } else {
                assert_eq!(owner, cast.owner.id);
            }
            if answer.status == 422 {
                assert_eq!(answer.field_errors(), ["userId:not_a_participant"]);
            }
        }
    }
}

#[tokio::test]
async fn owner_and_admins_rename_and_the_owner_deletes() {
    let app = App::start();
    let cast = Cast::of(&app).await;
    let path = cast.group().await;
    let name = json!({"name": "Renamed"});

    for (actor, expected) in cast.actors().into_iter().zip(["200", "200", ADMIN]) {
        let renamed = actor.send_json(Method::PATCH, &path, &name).await;
        assert_eq!(told(&renamed), expected);
    }
    let [owner, admin, member] = cast.actors();
    for (actor, expected) in [(member, OWNER), (admin, OWNER), (owner, "204")] {
        let deleted = actor.send(Method::DELETE, &path).await;
        assert_eq!(told(&deleted), expected);
    }
}

#[tokio::test]
async fn a_removed_admin_of_the_group_has_no_right_left() {
    let app = App::start();
    let cast = Cast::of(&app).await;
    let path = cast.group().await;
    let [admin, other] = &cast.admins;
    remove(&cast.owner, &path, admin.id).await;

    for answer in [
        place(admin, &path, cast.outsider.id, "MEMBER").await,
        place(admin, &path, admin.id, "ADMIN").await,
        remove(admin, &path, cast.members[0].id).await,
    ] {
        answer.assert_problem(404, "not_found");
    }
    // Back in it, a member is what one is placed as.
    assert_eq!(place(other, &path, admin.id, "MEMBER").await.status, 201);
    let refused = remove(admin, &path, cast.members[0].id).await;
    refused.assert_problem(403, "not_group_admin");
    let admins = participants(admin, &path).await;
    let expected = roles([(&cast.owner, "OWNER"), (other, "ADMIN")]);
    assert!(expected.iter().all(|one| admins.contains(one)));
}
