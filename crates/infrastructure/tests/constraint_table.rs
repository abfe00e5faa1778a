//! Each constraint of the database, and what it refuses.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection as _;

use crate::support::World;

/// One row of each table, but for `deployment`, which has its own.
const ROWS: &str = "
    INSERT INTO users (username, name, email, role, created_at, updated_at)
        SELECT name, name, name || '@example.org', 'ALUMNI', now(), now()
        FROM unnest('{ada,bob}'::text[]) AS name;
    INSERT INTO user_profile_entries VALUES (1, 'skills', 0, 'Rust');
    INSERT INTO sessions (user_id, created_at, last_used_at, expires_at) VALUES (1, now(), now(), now());
    INSERT INTO refresh_tokens VALUES (sha256('1'), 1, now());
    INSERT INTO invitations VALUES (1, sha256('1'), now(), now());
    INSERT INTO resume (user_id, file_name, file_type, file_url, file_size, sha256, version, uploaded_at)
        VALUES (1, 'cv.pdf', 'application/pdf', 'cv', 1, sha256(''), 1, now());
    INSERT INTO job_posts (author_id, title, employment_type, description, created_at, updated_at)
        VALUES (1, 'Job', 'CONTRACT', repeat('d', 50), now(), now());
    INSERT INTO job_post_images VALUES (1, 0, 'https://example.org/');
    INSERT INTO job_post_comments (post_id, user_id, content, created_at, updated_at)
        VALUES (1, 1, 'Nice', now(), now());
    INSERT INTO job_post_likes (post_id, user_id, created_at) VALUES (1, 1, now());
    INSERT INTO chats (user1_id, user2_id, last_seq, created_at, last_activity_at)
        VALUES (1, 2, 1, now(), now());
    INSERT INTO messages (chat_id, seq, sender_id, content, content_folded, created_at)
        VALUES (1, 1, 1, 'Hi', 'hi', now());
    BEGIN;
    INSERT INTO group_chats (group_name, owner_id, participant_count, created_at, last_activity_at)
        VALUES ('Group', 1, 1, now(), now());
    INSERT INTO group_chat_participants (group_id, user_id, role, joined_at, last_read_seq)
        VALUES (1, 1, 'OWNER', now(), 0);
    COMMIT;
    INSERT INTO group_messages (group_id, seq, sender_id, content, content_folded, created_at)
        VALUES (1, 1, 1, 'Hi', 'hi', now());";

/// Table, constraint, and what the row is changed to.
const CHANGES: &[(&str, &str, &str)] = &[
    ("users", "username_is_valid", "username = 'a b'"),
    ("users", "name_is_valid", "name = ''"),
    ("users", "email_is_valid", "email = 'ada'"),
    ("users", "role_is_known", "role = 'GUEST'"),
    ("users", "about_is_valid", "about = ''"),
    ("users", "current_company_is_valid", "current_company = ''"),
    ("users", "role_current_is_valid", "role_current = ''"),
    ("users", "location_is_valid", "location = ''"),
    ("users", "department_is_valid", "department = ''"),
    (
        "users",
        "graduation_year_is_plausible",
        "graduation_year = 1899",
    ),
    (
        "users",
        "linkedin_url_is_web",
        "linkedin_url = 'javascript:0'",
    ),
    ("users", "github_url_is_web", "github_url = 'javascript:0'"),
    (
        "users",
        "portfolio_url_is_web",
        "portfolio_url = 'javascript:0'",
    ),
    (
        "users",
        "suspension_reason_is_valid",
        "suspension_reason = 'spam'",
    ),
    ("users", "a_living_user_is_whole", "email = NULL"),
    ("users", "a_tombstone_is_empty", "deleted_at = now()"),
    (
        "user_profile_entries",
        "position_is_in_list",
        "position = 100",
    ),
    ("user_profile_entries", "value_is_valid", "value = ''"),
    ("sessions", "user_agent_is_valid", "user_agent = ''"),
    ("sessions", "ip_address_is_valid", "ip_address = '1'"),
    ("refresh_tokens", "token_hash_is_sha256", "token_hash = ''"),
    (
        "invitations",
        "invitation_hash_is_sha256",
        "token_hash = ''",
    ),
    ("deployment", "there_is_one_deployment", "only_one = FALSE"),
    ("resume", "file_name_is_valid", "file_name = ''"),
    ("resume", "file_size_is_positive", "file_size = 0"),
    ("resume", "sha256_is_whole", "sha256 = ''"),
    ("resume", "version_is_positive", "version = 0"),
    ("job_posts", "title_is_valid", "title = ''"),
    ("job_posts", "company_is_valid", "company = ''"),
    ("job_posts", "location_is_valid", "location = ''"),
    (
        "job_posts",
        "employment_type_is_known",
        "employment_type = 'NONE'",
    ),
    (
        "job_posts",
        "description_is_valid",
        "description = repeat('d', 49)",
    ),
    (
        "job_posts",
        "apply_url_is_web",
        "apply_url = 'javascript:0'",
    ),
    (
        "job_posts",
        "like_count_is_not_negative",
        "like_count = -1, comment_count = 1",
    ),
    (
        "job_posts",
        "comment_count_is_not_negative",
        "comment_count = -1, like_count = 3",
    ),
    ("job_post_images", "at_most_ten_images", "position = 10"),
    ("job_post_images", "image_url_is_valid", "image_url = ''"),
    ("job_post_comments", "content_is_valid", "content = ''"),
    ("chats", "pair_is_ordered", "user1_id = 2, user2_id = 1"),
    ("chats", "last_seq_is_not_negative", "last_seq = -1"),
    (
        "chats",
        "user1_reads_what_is_there",
        "user1_last_read_seq = 2",
    ),
    (
        "chats",
        "user2_reads_what_is_there",
        "user2_last_read_seq = -1",
    ),
    ("messages", "seq_is_positive", "seq = 0"),
    ("messages", "content_is_valid", "content = ''"),
    (
        "messages",
        "only_a_deleted_message_is_empty",
        "deleted_at = now()",
    ),
    (
        "messages",
        "a_deleted_message_is_not_found",
        "content = NULL, deleted_at = now()",
    ),
    ("group_chats", "group_name_is_valid", "group_name = ''"),
    ("group_chats", "last_seq_is_not_negative", "last_seq = -1"),
    (
        "group_chats",
        "at_most_500_participants",
        "participant_count = 501",
    ),
    (
        "group_chats",
        "membership_version_is_positive",
        "membership_version = 0",
    ),
    ("group_chat_participants", "role_is_known", "role = 'GUEST'"),
    (
        "group_chat_participants",
        "last_read_seq_is_not_negative",
        "last_read_seq = -1",
    ),
    ("group_messages", "seq_is_positive", "seq = 0"),
    ("group_messages", "content_is_valid", "content = ''"),
    (
        "group_messages",
        "only_a_deleted_group_message_is_empty",
        "deleted_at = now()",
    ),
    (
        "group_messages",
        "a_deleted_group_message_is_not_found",
        "content = NULL, deleted_at = now()",
    ),
];

/// Table, constraint, and what is added to it.
const ADDITIONS: &[(&str, &str, &str)] = &[
    (
        "audit_log",
        "event_is_valid",
        "(event, created_at) VALUES ('', now())",
    ),
    (
        "audit_log",
        "role_is_known",
        "(event, role, created_at) VALUES ('E', 'GUEST', now())",
    ),
    (
        "audit_log",
        "ip_address_is_valid",
        "(event, ip_address, created_at) VALUES ('E', '1', now())",
    ),
    (
        "audit_log",
        "request_id_is_valid",
        "(event, request_id, created_at) VALUES ('E', '', now())",
    ),
    (
        "invitations",
        "invitation_is_unique",
        "VALUES (2, sha256('1'), now(), now())",
    ),
    (
        "resume",
        "one_resume_per_user",
        "(user_id, file_name, file_type, file_url, file_size, sha256, version, uploaded_at)
         VALUES (1, 'cv.pdf', 'application/pdf', 'another', 1, sha256(''), 1, now())",
    ),
    (
        "resume",
        "file_is_stored_once",
        "(user_id, file_name, file_type, file_url, file_size, sha256, version, uploaded_at)
         VALUES (2, 'cv.pdf', 'application/pdf', 'cv', 1, sha256(''), 1, now())",
    ),
    (
        "job_post_likes",
        "one_like_per_user",
        "(post_id, user_id, created_at) VALUES (1, 1, now())",
    ),
    (
        "chats",
        "one_chat_per_pair",
        "(user1_id, user2_id, created_at, last_activity_at) VALUES (1, 2, now(), now())",
    ),
    (
        "messages",
        "seq_is_unique_in_chat",
        "(chat_id, seq, sender_id, content, created_at) VALUES (1, 1, 1, 'Hi', now())",
    ),
    (
        "group_chat_participants",
        "one_place_per_participant",
        "(group_id, user_id, role, joined_at, last_read_seq) VALUES (1, 1, 'MEMBER', now(), 0)",
    ),
    (
        "group_messages",
        "seq_is_unique_in_group",
        "(group_id, seq, sender_id, content, created_at) VALUES (1, 1, 1, 'Hi', now())",
    ),
];

/// What another constraint refuses before it: there for a foreign key to refer to.
const NEVER_FIRST: &str = "group_chat_participants role_of_participant";

#[tokio::test]
async fn each_refuses_what_its_name_says_and_none_is_forgotten_here() {
    let world = World::new();
    world.database.connect().batch_execute(ROWS).unwrap();
    let mut shown = BTreeSet::from([NEVER_FIRST.to_owned()]);

    let changes = CHANGES.iter().map(|(table, constraint, change)| {
        let first = match *table {
            "users" => " WHERE id = 1",
            _ => "",
        };
        (
            table,
            constraint,
            format!("UPDATE {table} SET {change}{first}"),
        )
    });
    let additions = ADDITIONS.iter().map(|(table, constraint, addition)| {
        (table, constraint, format!("INSERT INTO {table} {addition}"))
    });
    for (table, constraint, statement) in changes.chain(additions) {
        let refusal = world.try_execute(&statement).unwrap_err().to_string();
        let named = refusal.contains(&format!("\"{constraint}\""));
        assert!(named, "{statement}: {refusal}");
        shown.insert(format!("{table} {constraint}"));
    }

    let all = world.texts(
        "SELECT relname || ' ' || conname FROM pg_constraint JOIN pg_class c ON c.oid = conrelid
         WHERE connamespace = current_schema()::regnamespace AND contype IN ('c', 'u')
           AND NOT relispartition",
    );
    let all: BTreeSet<String> = all.into_iter().flatten().collect();
    assert_eq!(shown, all);
}
