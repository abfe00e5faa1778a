//! The demo network's chats and groups.

use alumx_domain::account::UserId;
use alumx_domain::chat::ChatRepository;
use alumx_domain::group_chat::GroupChatRepository;
use alumx_domain::page::{PageRequest, PageSize};
use alumx_domain::text::lower_case;
use alumx_infrastructure::chat::PgChatRepository;
use alumx_infrastructure::demo::DemoPlan;
use alumx_infrastructure::group_chat::PgGroupChatRepository;
use alumx_infrastructure::testing::TestDatabase;

use super::{PLAN, count, fill_with, now, rows};

/// The two families of tables: conversations, their key, and messages.
const FAMILIES: [(&str, &str, &str); 2] = [
    ("chats", "chat_id", "messages"),
    ("group_chats", "group_id", "group_messages"),
];

#[test]
fn there_are_as_many_conversations_and_messages_as_were_asked_for() {
    let database = TestDatabase::new();

    let summary = fill_with(&database, &PLAN);

    assert_eq!((summary.chats, summary.groups), (150, 15));
    assert_eq!(summary.messages, 6000);
    let counted = |table| u64::try_from(count(&database, table)).unwrap();
    assert_eq!(counted("chats"), summary.chats);
    assert_eq!(counted("group_chats"), summary.groups);
    assert_eq!(counted("group_chat_participants"), summary.participants);
    assert_eq!(
        (counted("messages"), counted("group_messages")),
        (3000, 3000)
    );
}

#[test]
fn messages_are_numbered_without_gaps_in_the_order_of_time() {
    let database = TestDatabase::new();
    fill_with(&database, &PLAN);
    let now = now().to_rfc3339();

    for (conversations, key, messages) in FAMILIES {
        for broken in [
            format!(
                "{conversations} c WHERE last_seq <> (SELECT count(*) FROM {messages} m
                     WHERE m.{key} = c.{key} AND m.seq BETWEEN 1 AND c.last_seq)"
            ),
            format!("{messages} m JOIN {conversations} c USING ({key}) WHERE m.seq > c.last_seq"),
            format!(
                "{conversations} c WHERE last_activity_at <> coalesce((SELECT m.created_at
                     FROM {messages} m WHERE m.{key} = c.{key} AND m.seq = c.last_seq), c.created_at)"
            ),
            format!(
                "(SELECT {key}, created_at < lag(created_at) OVER w OR id < lag(id) OVER w AS back
                  FROM {messages} WINDOW w AS (PARTITION BY {key} ORDER BY seq)) t WHERE back"
            ),
            format!(
                "{messages} m JOIN {conversations} c USING ({key})
                 WHERE m.created_at < c.created_at OR m.created_at > '{now}'"
            ),
            format!("{messages} WHERE deleted_at < created_at OR deleted_at > '{now}'"),
            format!("{messages} WHERE client_message_id IS NULL"),
        ] {
            assert_eq!(count(&database, &broken), 0, "{broken}");
        }
        assert!(
            count(
                &database,
                &format!("{messages} WHERE deleted_at IS NOT NULL")
            ) > 0
        );
    }
}

#[test]
fn who_writes_is_there_and_has_read_what_they_wrote() {
    let database = TestDatabase::new();
    fill_with(&database, &PLAN);

    for broken in [
        "messages m JOIN chats c USING (chat_id) WHERE sender_id NOT IN (user1_id, user2_id)",
        "messages m JOIN chats c USING (chat_id) WHERE m.seq >
            CASE sender_id WHEN user1_id THEN user1_last_read_seq ELSE user2_last_read_seq END",
        "chats c JOIN users u ON u.id IN (user1_id, user2_id) WHERE c.created_at < u.created_at",
        "group_messages m LEFT JOIN group_chat_participants p
            ON p.group_id = m.group_id AND p.user_id = m.sender_id
            WHERE p.id IS NULL OR p.joined_at > m.created_at OR p.last_read_seq < m.seq",
        "group_messages m JOIN group_chat_participants p USING (group_id)
            WHERE m.created_at < p.joined_at AND m.seq > p.last_read_seq",
        "group_chat_participants p JOIN group_chats g USING (group_id)
            JOIN users u ON u.id = p.user_id WHERE p.last_read_seq > g.last_seq
                OR p.joined_at < g.created_at OR p.joined_at < u.created_at",
    ] {
        assert_eq!(count(&database, broken), 0, "{broken}");
    }
    for unread in [
        "chats WHERE last_seq > least(user1_last_read_seq, user2_last_read_seq)",
        "group_chat_participants p JOIN group_chats g USING (group_id) WHERE last_seq > last_read_seq",
    ] {
        assert!(count(&database, unread) > 30, "{unread}");
    }
}

#[test]
fn a_group_has_one_owner_who_came_first_and_counts_its_participants() {
    let database = TestDatabase::new();
    fill_with(&database, &PLAN);

    for broken in [
        "group_chats g WHERE participant_count <>
            (SELECT count(*) FROM group_chat_participants p WHERE p.group_id = g.group_id)",
        "group_chats g WHERE owner_id IS DISTINCT FROM (SELECT string_agg(user_id::text, ',')
            FROM group_chat_participants p WHERE p.group_id = g.group_id AND role = 'OWNER')::bigint",
        "(SELECT joined_at < lag(joined_at) OVER w OR role = 'OWNER' AND row_number() OVER w > 1
            AS back FROM group_chat_participants
            WINDOW w AS (PARTITION BY group_id ORDER BY id)) t WHERE back",
        "group_chats g WHERE membership_version <> 1 + (SELECT count(*)
            FROM group_chat_participants p WHERE p.group_id = g.group_id AND joined_at > g.created_at)",
    ] {
        assert_eq!(count(&database, broken), 0, "{broken}");
    }
}

#[test]
fn a_large_network_has_large_groups_and_hot_ones() {
    let database = TestDatabase::new();
    fill_with(&database, &DemoPlan { users: 800, ..PLAN });

    assert_eq!(
        count(&database, "group_chats WHERE participant_count = 200"),
        2
    );
    assert_eq!(
        count(
            &database,
            "group_chats WHERE participant_count BETWEEN 40 AND 60"
        ),
        1
    );
    assert!(count(&database, "group_chats WHERE participant_count <= 15") > 30);
    assert!(count(&database, "chats WHERE last_seq > 60") > 5);
    assert!(count(&database, "chats WHERE last_seq < 20") > 100);
}

#[test]
fn messages_are_folded_for_the_search_as_if_they_had_been_sent() {
    let database = TestDatabase::new();
    fill_with(&database, &PLAN);

    for (_, _, messages) in FAMILIES {
        let column = |name| {
            rows(
                &database,
                &format!("SELECT coalesce({name}, '') AS line FROM {messages} ORDER BY id"),
            )
        };
        let folded: Vec<_> = column("content")
            .iter()
            .map(|text| lower_case(text))
            .collect();

        assert_eq!(column("content_folded"), folded);
    }
}

#[tokio::test]
async fn the_example_has_a_chat_and_a_group_to_look_at() {
    let database = TestDatabase::new();
    fill_with(&database, &PLAN);
    let example = UserId::try_from(1).unwrap();
    let limit = PageSize::default();

    let page = PageRequest { after: None, limit };
    let chats = PgChatRepository::new(database.db())
        .list(example, page)
        .await;
    let page = PageRequest { after: None, limit };
    let groups = PgGroupChatRepository(database.db())
        .list(example, page)
        .await;

    assert!(!chats.unwrap().items.is_empty());
    assert!(!groups.unwrap().items.is_empty());
}
