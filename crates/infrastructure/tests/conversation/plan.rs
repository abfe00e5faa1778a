//! Whether a page of a large network reads the few rows that it shows and not the whole table.

use alumx_domain::account::UserId;
use alumx_domain::chat::ChatRepository;
use alumx_domain::conversation::{ConversationId, ConversationRepository, MessagesFrom, Seq};
use alumx_domain::group_chat::GroupChatRepository;
use alumx_infrastructure::chat::PgChatRepository;
use alumx_infrastructure::conversation::PgConversationRepository;
use alumx_infrastructure::db::Db;
use alumx_infrastructure::group_chat::PgGroupChatRepository;

use super::{seq, size, text};
use crate::support::{World, at, page, value};

/// User 1 has 3,000 chats, ten of them unread, and is in forty groups of 2,000; user 3001 is in
/// five hundred. One chat and one group have 10,000 messages, each other conversation has one.
const NETWORK: &[&str] = &[
    "INSERT INTO users (username, name, email, role, created_at, updated_at)
     SELECT 'user' || n, 'User', 'user' || n || '@example.org', 'ALUMNI', now(), now()
     FROM generate_series(1, 3001) n",
    "INSERT INTO chats (user1_id, user2_id, last_seq, user1_last_read_seq, created_at, last_activity_at)
     SELECT 1, n, 1, CASE WHEN n % 300 = 0 THEN 0 ELSE 1 END, now(), to_timestamp(n * 7919 % 10007)
     FROM generate_series(2, 3001) n",
    "INSERT INTO chats (user1_id, user2_id, last_seq, created_at, last_activity_at)
     SELECT n, n + 1 + k * 7, 1, now(), to_timestamp(n) FROM generate_series(2, 2900) n, generate_series(0, 2) k",
    "INSERT INTO messages (chat_id, seq, sender_id, content, content_folded, created_at)
     SELECT chat_id, 1, user1_id, 'Hello', 'hello', now() FROM chats",
    "WITH made AS (
         INSERT INTO group_chats (group_name, owner_id, participant_count, last_seq, created_at, last_activity_at)
         SELECT 'Group', 2 + n, 2, 1, now(), to_timestamp(n * 7919 % 10007) FROM generate_series(0, 1999) n
         RETURNING group_id, owner_id
     )
     INSERT INTO group_chat_participants (group_id, user_id, role, joined_at, last_read_seq)
     SELECT group_id, owner_id, 'OWNER', now(), 0 FROM made
     UNION ALL SELECT group_id, CASE WHEN owner_id % 50 = 0 THEN 1 ELSE owner_id + 1 END, 'MEMBER', now(), 0 FROM made",
    "INSERT INTO group_chat_participants (group_id, user_id, role, joined_at, last_read_seq)
     SELECT group_id, 3001, 'MEMBER', now(), 0 FROM group_chats WHERE group_id % 4 = 0",
    "INSERT INTO group_messages (group_id, seq, sender_id, content, content_folded, created_at)
     SELECT group_id, 1, owner_id, 'Hello', 'hello', now() FROM group_chats",
    "WITH large AS (UPDATE chats SET last_seq = 10000 WHERE chat_id = 1 RETURNING *)
     INSERT INTO messages (chat_id, seq, sender_id, content, content_folded, created_at)
     SELECT chat_id, n, user1_id, 'word' || n % 5, 'word' || n % 5, now() FROM large, generate_series(2, 10000) n",
    "WITH large AS (UPDATE group_chats SET last_seq = 10000 WHERE group_id = 1 RETURNING *)
     INSERT INTO group_messages (group_id, seq, sender_id, content, content_folded, created_at)
     SELECT group_id, n, owner_id, 'word' || n % 5, 'word' || n % 5, now() FROM large, generate_series(2, 10000) n",
    "ANALYZE users, chats, messages, group_chats, group_chat_participants, group_messages",
];

const TABLES: &str =
    "('chats', 'messages', 'group_chats', 'group_chat_participants', 'group_messages')";

/// A large network, seen through one connection, so that what it has read is told after each
/// query.
struct Large {
    world: World,
    db: Db,
}

impl Large {
    fn new() -> Self {
        let world = World::new();
        for statement in NETWORK {
            world.execute(statement);
        }
        let db = world.single_db();
        Self { world, db }
    }

    async fn told(&self) -> (i64, i64) {
        let sum = async |what| self.world.statistic(&self.db, what, TABLES).await;
        (
            sum("seq_scan").await,
            sum("seq_tup_read + COALESCE(idx_tup_fetch, 0)").await,
        )
    }

    /// Runs it more often than PostgreSQL plans anew before it may keep a plan; each time it reads
    /// at most so many rows, and no table as a whole.
    async fn reads(&self, what: &str, most: i64, run: impl AsyncFn()) {
        for n in 0..8 {
            let before = self.told().await;
            run().await;
            let after = self.told().await;
            assert_eq!(after.0, before.0, "{what}, run {n}: a whole table was read");
            let rows = after.1 - before.1;
            assert!(rows <= most, "{what}, run {n}: {rows} rows were read");
        }
    }
}

fn large_ones() -> [(ConversationId, UserId); 2] {
    [
        (ConversationId::Chat(1.try_into().unwrap()), user(1)),
        (ConversationId::Group(1.try_into().unwrap()), user(2)),
    ]
}

fn user(id: i64) -> UserId {
    id.try_into().unwrap()
}

#[tokio::test]
async fn a_page_of_chats_or_groups_reads_what_it_shows() {
    let large = Large::new();
    let chats = PgChatRepository::new(large.db.clone());
    let groups = PgGroupChatRepository(large.db.clone());
    let conversations = PgConversationRepository::new(large.db.clone());
    let first = chats.list(user(1), page(None, 20)).await.unwrap();
    assert_eq!(first.items.len(), 20);

    for after in [None, first.next] {
        let inbox = async || drop(chats.list(user(1), page(after, 20)).await.unwrap());
        // Two index ranges, and for each chat its row, its last message and the users.
        large.reads("chats", 120, inbox).await;
    }
    // All forty groups are looked at.
    let inbox = async || {
        let list = groups.list(user(1), page(None, 20)).await.unwrap();
        assert_eq!(list.items.len(), 20);
    };
    large.reads("groups", 300, inbox).await;
    // The list of all groups is walked until twenty are met: a quarter of them are the viewer's.
    let inbox = async || {
        let list = groups.list(user(3001), page(None, 20)).await.unwrap();
        assert_eq!(list.items.len(), 20);
    };
    large.reads("very many groups", 600, inbox).await;
    let unread = async || {
        let totals = conversations.unread_totals(user(1)).await.unwrap();
        assert_eq!(
            (totals.chat_messages, totals.group_messages),
            (9 + 1 + 9999, 40)
        );
    };
    large.reads("unread totals", 120, unread).await;
}

#[tokio::test]
async fn a_page_of_messages_reads_what_it_shows_and_a_search_until_it_is_full() {
    let large = Large::new();
    let conversations = PgConversationRepository::new(large.db.clone());

    for (conversation, reader) in large_ones() {
        for from in [
            MessagesFrom::Newest,
            MessagesFrom::Before(seq(5000)),
            MessagesFrom::After(seq(5000)),
        ] {
            let list = async |search: Option<&str>| {
                let search = search.map(value);
                let list =
                    conversations.list_messages(conversation, reader, from, search, size(20));
                assert_eq!(list.await.unwrap().unwrap().items.len(), 20);
            };
            large.reads("messages", 30, async || list(None).await).await;
            let found = async || list(Some("WORD3")).await;
            large.reads("found messages", 120, found).await;
        }
        // What isn't there is looked for in the whole conversation, and in no other.
        let missing = async || {
            let newest = MessagesFrom::Newest;
            let search = Some(value("missing"));
            let list = conversations.list_messages(conversation, reader, newest, search, size(20));
            assert!(list.await.unwrap().unwrap().items.is_empty());
        };
        large.reads("missing messages", 10_010, missing).await;
    }
}

#[tokio::test]
async fn a_step_reads_a_few_rows() {
    let large = Large::new();
    let conversations = PgConversationRepository::new(large.db.clone());

    for (conversation, reader) in large_ones() {
        let send = async || {
            let message = text("Hi");
            let sent = conversations.send(conversation, reader, &message, at(10));
            sent.await.unwrap();
        };
        large.reads("send", 20, send).await;
        let mark = async || {
            let marked = conversations.mark_read(conversation, reader, Seq::ZERO);
            marked.await.unwrap();
        };
        large.reads("mark read", 20, mark).await;
        let after = async || {
            let after = conversations.messages_after(conversation, seq(5000), size(20));
            assert_eq!(after.await.unwrap().len(), 20);
        };
        large.reads("messages after", 20, after).await;
        let members = async || drop(conversations.members(conversation).await.unwrap());
        large.reads("members", 10, members).await;
    }
}

#[tokio::test]
async fn very_many_groups_are_listed_in_the_same_order() {
    let large = Large::new();
    let groups = PgGroupChatRepository(large.db.clone());
    let mut listed = Vec::new();
    let mut after = None;

    loop {
        let list = groups.list(user(3001), page(after, 60)).await.unwrap();
        listed.extend(list.items.iter().map(|group| group.id.raw()));
        after = list.next;
        if after.is_none() {
            break;
        }
    }

    let expected = large.world.texts(
        "SELECT group_id::text FROM group_chats g JOIN group_chat_participants p USING (group_id)
         WHERE user_id = 3001 ORDER BY last_activity_at DESC, g.group_id DESC",
    );
    let expected = expected.into_iter().flatten();
    let expected: Vec<i64> = expected.map(|id| id.parse().unwrap()).collect();
    assert_eq!(expected.len(), 500);
    assert_eq!(listed, expected);
}
