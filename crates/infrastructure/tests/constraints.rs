//! What the database itself refuses, whoever writes.

use alumx_domain::account::Account;
use diesel::prelude::*;

use crate::support::World;

/// Why the statements were refused as one transaction; empty if they weren't.
fn refusal(world: &World, statements: &[String]) -> String {
    let done = world.database.connect().transaction(|conn| {
        statements
            .iter()
            .try_for_each(|statement| diesel::sql_query(statement).execute(conn).map(drop))
    });
    done.err()
        .map_or(String::new(), |error: diesel::result::Error| {
            error.to_string()
        })
}

fn group(owner: &Account) -> String {
    format!(
        "INSERT INTO group_chats (group_name, owner_id, participant_count, created_at, last_activity_at)
         VALUES ('Group', {}, 2, now(), now())",
        owner.id
    )
}

fn participant(user: &Account, role: &str) -> String {
    format!(
        "INSERT INTO group_chat_participants (group_id, user_id, role, joined_at, last_read_seq)
         SELECT max(group_id), {}, '{role}', now(), 0 FROM group_chats",
        user.id
    )
}

#[tokio::test]
async fn a_group_has_exactly_one_owner_who_takes_part() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let owner = participant(&ada, "OWNER");

    let alone = refusal(&world, &[group(&ada)]);
    let member = refusal(&world, &[group(&ada), participant(&ada, "MEMBER")]);
    let another = refusal(&world, &[group(&ada), participant(&bob, "OWNER")]);
    let second = [group(&ada), owner.clone(), participant(&bob, "OWNER")];
    let second = refusal(&world, &second);
    let twice = [group(&ada), owner.clone(), participant(&ada, "MEMBER")];
    let twice = refusal(&world, &twice);

    for refused in [alone, member, another] {
        assert!(refused.contains("owner_takes_part"), "{refused}");
    }
    assert!(second.contains("one_owner_per_group"), "{second}");
    assert!(twice.contains("one_place_per_participant"), "{twice}");
    let good = [group(&ada), owner, participant(&bob, "MEMBER")];
    assert_eq!(refusal(&world, &good), "");
}

#[tokio::test]
async fn an_owner_neither_leaves_nor_steps_down_without_an_heir() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let whole = [
        group(&ada),
        participant(&ada, "OWNER"),
        participant(&bob, "MEMBER"),
    ];
    assert_eq!(refusal(&world, &whole), "");
    let set_role = |role: &str, user: &Account| {
        format!(
            "UPDATE group_chat_participants SET role = '{role}' WHERE user_id = {}",
            user.id
        )
    };
    let leave = "DELETE FROM group_chat_participants WHERE role = 'OWNER'".to_owned();
    let pass_on = format!("UPDATE group_chats SET owner_id = {}", bob.id);

    let left = refusal(&world, &[leave]);
    let demoted = refusal(&world, &[set_role("ADMIN", &ada)]);
    let handed = [set_role("ADMIN", &ada), set_role("OWNER", &bob), pass_on];
    let handed = refusal(&world, &handed);

    assert!(left.contains("owner_takes_part"), "{left}");
    assert!(demoted.contains("owner_takes_part"), "{demoted}");
    assert_eq!(handed, "");
}

#[tokio::test]
async fn two_people_have_one_chat_and_nobody_has_one_alone() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await.id, world.member("bob").await.id);
    let chat = |first, second| {
        format!(
            "INSERT INTO chats (user1_id, user2_id, created_at, last_activity_at)
             VALUES ({first}, {second}, now(), now())"
        )
    };

    assert!(refusal(&world, &[chat(ada, ada)]).contains("pair_is_ordered"));
    assert!(refusal(&world, &[chat(bob, ada)]).contains("pair_is_ordered"));
    let twice = [chat(ada, bob), chat(ada, bob)];
    assert!(refusal(&world, &twice).contains("one_chat_per_pair"));
    assert_eq!(refusal(&world, &[chat(ada, bob)]), "");
}

#[tokio::test]
async fn a_message_has_its_own_number_and_only_a_deleted_one_is_empty() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await.id, world.member("bob").await.id);
    world.execute(&format!(
        "INSERT INTO chats (user1_id, user2_id, created_at, last_activity_at)
         VALUES ({ada}, {bob}, now(), now())"
    ));
    let message = |seq: i64, content: &str, id: &str, deleted: &str| {
        format!(
            "INSERT INTO messages (chat_id, seq, sender_id, content, client_message_id, created_at, deleted_at)
             SELECT chat_id, {seq}, {ada}, {content}, {id}, now(), {deleted} FROM chats"
        )
    };
    let id = "'6f9619ff-8b86-4d01-b42d-00cf4fc964ff'";

    let same_number = [
        message(1, "'a'", "NULL", "NULL"),
        message(1, "'b'", "NULL", "NULL"),
    ];
    assert!(refusal(&world, &same_number).contains("seq_is_unique_in_chat"));
    let same_id = [message(1, "'a'", id, "NULL"), message(2, "'a'", id, "NULL")];
    assert!(refusal(&world, &same_id).contains("message_is_sent_once"));
    let empty = [message(1, "NULL", "NULL", "NULL")];
    assert!(refusal(&world, &empty).contains("only_a_deleted_message_is_empty"));
    let kept = [message(1, "'a'", "NULL", "now()")];
    assert!(refusal(&world, &kept).contains("only_a_deleted_message_is_empty"));
    let good = [
        message(1, "'a'", id, "NULL"),
        message(2, "NULL", "NULL", "now()"),
    ];
    assert_eq!(refusal(&world, &good), "");
}

#[tokio::test]
async fn a_living_user_is_whole_a_tombstone_empty_and_no_row_is_removed() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await.id, world.member("bob").await.id);
    world.execute(&format!(
        "INSERT INTO chats (user1_id, user2_id, created_at, last_activity_at)
         VALUES ({ada}, {bob}, now(), now())"
    ));

    let nameless = "UPDATE users SET username = NULL".to_owned();
    assert!(refusal(&world, &[nameless]).contains("a_living_user_is_whole"));
    let named = "UPDATE users SET deleted_at = now()".to_owned();
    assert!(refusal(&world, &[named]).contains("a_tombstone_is_empty"));
    let reason = "UPDATE users SET suspension_reason = 'spam'".to_owned();
    assert!(refusal(&world, &[reason]).contains("suspension_reason_is_valid"));
    let removed = format!("DELETE FROM users WHERE id = {ada}");
    assert!(refusal(&world, &[removed]).contains("chats_user1_id_fkey"));
}

#[tokio::test]
async fn a_list_has_no_item_twice_in_any_letter_case() {
    let world = World::new();
    let ada = world.member("ada").await.id;
    let item = |list: &str, position: i64, value: &str| {
        format!(
            "INSERT INTO user_profile_entries (user_id, list, position, value)
             VALUES ({ada}, '{list}', {position}, '{value}')"
        )
    };

    let twice = [item("skills", 0, "Rust"), item("skills", 1, "RUST")];
    assert!(refusal(&world, &twice).contains("user_skills_user_id_list_lower_idx"));
    let unknown = refusal(&world, &[item("pets", 0, "Cat")]);
    assert!(unknown.contains("no partition"), "{unknown}");
    let two_lists = [item("skills", 0, "Rust"), item("tech_stack", 0, "rust")];
    assert_eq!(refusal(&world, &two_lists), "");
}
