//! Numbers stay gapless, repeats stay one message and nobody waits for each other forever,
//! whoever writes, reads, leaves and goes at once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use alumx_domain::account::{Account, AccountChangeError, AccountRepository, UserId};
use alumx_domain::chat::{ChatRepository, OpenChatError};
use alumx_domain::conversation::{
    ConversationId, ConversationRepository, DeleteMessageError, MarkReadError, NewMessage,
    SendError, Sent, Seq,
};
use alumx_domain::group_chat::{GrantableRole, GroupChangeError, GroupChatRepository, GroupId};
use alumx_domain::page::PageSize;
use alumx_infrastructure::account::PgAccountRepository;
use alumx_infrastructure::chat::PgChatRepository;
use alumx_infrastructure::conversation::PgConversationRepository;
use alumx_infrastructure::db::Db;
use alumx_infrastructure::group_chat::PgGroupChatRepository;
use tokio::task::JoinSet;

use super::{numbered, seq, text};
use crate::support::{World, at, by, members, value};

/// The numbers stored in a conversation, in order.
fn numbers(world: &World, conversation: ConversationId) -> Vec<i64> {
    let stored = match conversation {
        ConversationId::Chat(id) => format!("FROM messages WHERE chat_id = {id}"),
        ConversationId::Group(id) => format!("FROM group_messages WHERE group_id = {id}"),
    };
    let numbers = world.texts(&format!("SELECT seq::text AS number {stored} ORDER BY seq"));
    let numbers = numbers.into_iter().flatten();
    numbers.map(|number| number.parse().unwrap()).collect()
}

fn up_to(last: i64) -> Vec<i64> {
    (1..=last).collect()
}

fn last_seq(world: &World, conversation: ConversationId) -> i64 {
    world.number(&match conversation {
        ConversationId::Chat(id) => format!("SELECT last_seq FROM chats WHERE chat_id = {id}"),
        ConversationId::Group(id) => {
            format!("SELECT last_seq FROM group_chats WHERE group_id = {id}")
        }
    })
}

/// All these sends at once, from many connections.
async fn send_all(
    db: &Db,
    conversation: ConversationId,
    sends: impl IntoIterator<Item = (UserId, NewMessage)>,
) -> Vec<Result<Sent, SendError>> {
    let conversations = Arc::new(PgConversationRepository::new(db.clone()));
    let mut tasks = JoinSet::new();
    for (sender, message) in sends {
        let conversations = conversations.clone();
        tasks.spawn(async move {
            conversations
                .send(conversation, sender, &message, at(10))
                .await
        });
    }
    tasks.join_all().await
}

#[tokio::test]
async fn two_hundred_sends_at_once_get_the_numbers_1_to_200_each_once() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let db = world.wide_db();

    for conversation in world.both(&ada, &bob).await {
        let senders = [ada.id, bob.id].into_iter().cycle().take(200);
        let sends = senders.map(|sender| (sender, text("Hi")));

        let sent = send_all(&db, conversation, sends).await;

        let told: BTreeSet<i64> = sent
            .into_iter()
            .map(|sent| sent.unwrap().message.seq.get())
            .collect();
        assert_eq!(told, (1..=200).collect());
        assert_eq!(numbers(&world, conversation), up_to(200));
        assert_eq!(last_seq(&world, conversation), 200);
    }
}

#[tokio::test]
async fn who_asks_for_what_comes_after_a_number_misses_nothing_committed_later() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let db = world.wide_db();

    for conversation in world.both(&ada, &bob).await {
        let done = AtomicBool::new(false);
        let sending = async {
            let sends = (0..200).map(|_| (ada.id, text("Hi")));
            let sent = send_all(&db, conversation, sends).await;
            assert!(sent.iter().all(Result::is_ok));
            done.store(true, Ordering::Release);
        };
        let asking = async {
            let conversations = PgConversationRepository::new(world.database.db());
            let limit = PageSize::try_from(7).unwrap();
            let (mut seen, mut last) = (Vec::new(), Seq::ZERO);
            loop {
                let finished = done.load(Ordering::Acquire);
                let new = conversations.messages_after(conversation, last, limit);
                let new = new.await.unwrap();
                last = new.last().map_or(last, |message| message.seq);
                seen.extend(new.iter().map(|message| message.seq.get()));
                if finished && new.is_empty() {
                    return seen;
                }
            }
        };

        let ((), seen) = tokio::join!(sending, asking);

        assert_eq!(seen, up_to(200));
    }
}

#[tokio::test]
async fn the_same_id_at_once_from_20_connections_stores_one_message() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let db = world.wide_db();

    for conversation in world.both(&ada, &bob).await {
        for (n, by_both) in (1..).zip([false, true, true]) {
            let senders = if by_both {
                [ada.id, bob.id]
            } else {
                [ada.id; 2]
            };
            let sends = senders.into_iter().cycle().take(20);
            let sends = sends.map(|sender| (sender, numbered("Hi", n)));

            let sent = send_all(&db, conversation, sends).await;

            let sent: Vec<Sent> = sent.into_iter().map(Result::unwrap).collect();
            let new = sent.iter().filter(|sent| sent.is_new).count();
            let ids: BTreeSet<i64> = sent.iter().map(|sent| sent.message.id.raw()).collect();
            let expected = if by_both { 2 } else { 1 };
            assert_eq!((new, ids.len()), (expected, expected));
        }
        assert_eq!(numbers(&world, conversation), up_to(5));
        assert_eq!(last_seq(&world, conversation), 5);
    }
}

#[tokio::test]
async fn once_a_removal_is_answered_nothing_of_the_removed_is_stored() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let db = world.wide_db();
    let groups = PgGroupChatRepository(db.clone());

    for _ in 0..10 {
        let group = world.group_of(&ada, &[&bob]).await;
        let conversation = ConversationId::Group(group);
        let sends = (0..40).map(|n| (if n % 4 == 0 { ada.id } else { bob.id }, text("Hi")));
        let removing = async {
            // In the middle of it, as far as that can be told.
            while last_seq(&world, conversation) < 5 {
                tokio::task::yield_now().await;
            }
            groups.remove(group, ada.id, bob.id).await.unwrap();
            last_seq(&world, conversation)
        };

        let (sent, at_removal) = tokio::join!(send_all(&db, conversation, sends), removing);

        let mut stored = 0;
        for sent in sent {
            match sent {
                Ok(sent) => {
                    let late = sent.message.seq.get() > at_removal;
                    assert!(!late || sent.message.sender.id == ada.id);
                    stored += 1;
                }
                Err(error) => assert!(matches!(error, SendError::NotFound), "{error:?}"),
            }
        }
        assert_eq!(numbers(&world, conversation), up_to(stored));
        assert_eq!(last_seq(&world, conversation), stored);
    }
}

#[tokio::test]
async fn once_an_account_is_deleted_nothing_comes_from_it_or_to_it() {
    let world = World::new();
    let ada = world.member("ada").await;
    let db = world.wide_db();
    let accounts = PgAccountRepository::new(db.clone());

    for round in 0..6 {
        let bob = world.member(&format!("bob{round}")).await;
        let conversation = world.both(&ada, &bob).await[round % 2];
        let in_group = matches!(conversation, ConversationId::Group(_));
        let sends = (0..40).map(|n| (if n % 2 == 0 { ada.id } else { bob.id }, text("Hi")));
        let deleting = async {
            while last_seq(&world, conversation) < 5 {
                tokio::task::yield_now().await;
            }
            accounts.delete(bob.id, &by(11)).await.unwrap();
            last_seq(&world, conversation)
        };

        let (sent, at_deletion) = tokio::join!(send_all(&db, conversation, sends), deleting);

        let mut stored = 0;
        for sent in sent {
            match sent {
                Ok(sent) => {
                    let late = sent.message.seq.get() > at_deletion;
                    assert!(!late || in_group && sent.message.sender.id == ada.id);
                    stored += 1;
                }
                Err(error) => assert!(!matches!(error, SendError::Repository(_)), "{error:?}"),
            }
        }
        assert_eq!(numbers(&world, conversation), up_to(stored));
    }
}

#[tokio::test]
async fn read_positions_that_race_end_at_the_furthest() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let db = world.wide_db();

    for conversation in world.both(&ada, &bob).await {
        for _ in 0..30 {
            world.send(conversation, &ada, "Hi").await;
        }
        let conversations = Arc::new(PgConversationRepository::new(db.clone()));
        let mut tasks = JoinSet::new();
        for number in 1..=30 {
            let conversations = conversations.clone();
            tasks.spawn(async move {
                let marked = conversations.mark_read(conversation, bob.id, seq(number));
                let position = marked.await.unwrap().0;
                assert!(position.last_read_seq >= seq(number));
            });
        }
        tasks.join_all().await;

        let marked = world.conversations();
        let marked = marked.mark_read(conversation, bob.id, Seq::ZERO).await;
        assert_eq!(marked.unwrap().0.last_read_seq, seq(30));
    }
}

/// What everybody does in the storm, at once.
struct Storm {
    conversations: PgConversationRepository,
    groups: PgGroupChatRepository,
    chats: PgChatRepository,
    accounts: PgAccountRepository,
    users: Vec<UserId>,
    rooms: Vec<GroupId>,
}

impl Storm {
    /// Nothing of it fails but by the rules: no deadlock, no broken constraint.
    async fn user(&self, n: usize) {
        let me = self.users[n];
        for step in 0..11 {
            let other = self.users[(n + step + 1) % self.users.len()];
            let group = self.rooms[(n + step) % self.rooms.len()];
            let chat = self.chats.open(me, other, at(9)).await;
            match chat {
                Ok((chat, _)) => self.write(ConversationId::Chat(chat.id), me).await,
                Err(OpenChatError::Repository(error)) => panic!("{error:?}"),
                Err(_) => {}
            }
            self.write(ConversationId::Group(group), me).await;
            self.change(group, me, other, step).await;
        }
        if n.is_multiple_of(3) {
            let deleted = self.accounts.delete(me, &by(12)).await;
            let fine = matches!(deleted, Ok(_) | Err(AccountChangeError::NotFound));
            assert!(fine, "{deleted:?}");
        }
    }

    async fn write(&self, conversation: ConversationId, me: UserId) {
        let message = text("Hi");
        let sent = self.conversations.send(conversation, me, &message, at(10));
        match sent.await {
            Err(SendError::Repository(error)) => panic!("{error:?}"),
            Err(_) => {}
            Ok(sent) => {
                let seq = sent.message.seq;
                let marked = self.conversations.mark_read(conversation, me, seq).await;
                let fine = !matches!(marked, Err(MarkReadError::Repository(_)));
                assert!(fine, "{marked:?}");
                let id = sent.message.id;
                let deleted = self
                    .conversations
                    .delete_message(conversation, me, id, at(11));
                // Somebody may have put this one out in between.
                let deleted = deleted.await;
                let fine = !matches!(deleted, Err(DeleteMessageError::Repository(_)));
                assert!(fine, "{deleted:?}");
            }
        }
    }

    async fn change(&self, group: GroupId, me: UserId, other: UserId, step: usize) {
        let groups = &self.groups;
        let role = [GrantableRole::Admin, GrantableRole::Member][step % 2];
        let done = match step % 6 {
            0 => groups.hand_over(group, me, other).await.map(drop),
            1 => groups.remove(group, me, other).await.map(drop),
            2 => groups.remove(group, me, me).await.map(drop),
            3 => groups.rename(group, me, &value("Storm")).await.map(drop),
            _ => groups.place(group, me, other, role, at(10)).await.map(drop),
        };
        let fine = !matches!(done, Err(GroupChangeError::Repository(_)));
        assert!(fine, "{done:?}");
    }
}

#[tokio::test]
async fn in_a_storm_of_everything_nobody_waits_forever_and_every_count_stays_right() {
    let world = World::new();
    let users = members(&world, 12).await;
    let everybody: Vec<&Account> = users[1..].iter().collect();
    let mut rooms = Vec::new();
    for owner in [0, 0, 0, 0] {
        rooms.push(world.group_of(&users[owner], &everybody).await);
    }
    let db = world.wide_db();
    let storm = Arc::new(Storm {
        conversations: PgConversationRepository::new(db.clone()),
        groups: PgGroupChatRepository(db.clone()),
        chats: PgChatRepository::new(db.clone()),
        accounts: PgAccountRepository::new(db),
        users: users.iter().map(|user| user.id).collect(),
        rooms,
    });
    let mut tasks = JoinSet::new();

    for n in 0..users.len() {
        let storm = storm.clone();
        tasks.spawn(async move { storm.user(n).await });
    }
    tasks.join_all().await;

    let wrong = [
        "SELECT count(*) FROM group_chats g WHERE participant_count <>
             (SELECT count(*) FROM group_chat_participants p WHERE p.group_id = g.group_id)",
        "SELECT count(*) FROM group_chats g WHERE last_seq <>
             (SELECT count(*) FROM group_messages m WHERE m.group_id = g.group_id)",
        "SELECT count(*) FROM chats c WHERE last_seq <>
             (SELECT count(*) FROM messages m WHERE m.chat_id = c.chat_id)",
        "SELECT count(*) FROM group_chat_participants p JOIN group_chats g USING (group_id)
             WHERE p.last_read_seq > g.last_seq",
        "SELECT count(*) FROM group_chat_participants p JOIN users u ON u.id = p.user_id
             WHERE u.deleted_at IS NOT NULL",
        "SELECT count(*) FROM chats c JOIN users u ON u.id IN (c.user1_id, c.user2_id)
             WHERE closed <> EXISTS (SELECT FROM users d
                 WHERE d.id IN (c.user1_id, c.user2_id) AND d.deleted_at IS NOT NULL)",
    ];
    for query in wrong {
        assert_eq!(world.number(query), 0, "{query}");
    }
}
