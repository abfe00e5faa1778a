//! Messages of chats that wait at the same time are stored together.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::mpsc;

use alumx_domain::account::{Account, AccountRepository, UserId};
use alumx_domain::chat::ChatId;
use alumx_domain::conversation::ConversationId::{self, Chat};
use alumx_domain::conversation::{ConversationRepository, NewMessage, SendError, Sent};
use alumx_domain::repository::RepositoryError;
use alumx_infrastructure::conversation::PgConversationRepository;
use alumx_infrastructure::db::{Db, DbSettings};
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::{PgConnection, RunQueryDsl, sql_query};
use tokio::task::{JoinHandle, LocalSet, yield_now};

use super::{content, numbered, text};
use crate::support::{World, at, by, members, occupy};

type Answer = Result<Sent, SendError>;

/// Sends that wait for connections all of which are busy until the sender of the channel is
/// dropped.
struct Jam {
    conversations: Rc<PgConversationRepository>,
    waiting: Rc<Cell<usize>>,
    busy: Vec<mpsc::Sender<()>>,
}

impl Jam {
    /// Of a database with two connections.
    async fn new(world: &World) -> Self {
        let settings = DbSettings {
            connections: 2,
            ..DbSettings::new(world.database.url())
        };
        let db = Db::new(&settings).unwrap();
        let busy = [occupy(&db).await, occupy(&db).await];
        Self {
            conversations: Rc::new(PgConversationRepository::new(db)),
            waiting: Rc::default(),
            busy: busy.into(),
        }
    }

    async fn send(&self, chat: ChatId, sender: UserId, message: NewMessage) -> JoinHandle<Answer> {
        let (conversations, waiting) = (self.conversations.clone(), self.waiting.clone());
        let before = waiting.get();
        let sending = tokio::task::spawn_local(async move {
            waiting.update(|n| n + 1);
            let sent = conversations.send(Chat(chat), sender, &message, at(10));
            sent.await
        });
        while self.waiting.get() == before {
            yield_now().await;
        }
        sending
    }

    /// Sends all of these before any can be stored; the answers in their order.
    async fn send_all(&mut self, sends: Vec<(ChatId, UserId, NewMessage)>) -> Vec<Answer> {
        let mut sendings = Vec::new();
        for (chat, sender, message) in sends {
            sendings.push(self.send(chat, sender, message).await);
        }
        self.dissolve();
        let mut answers = Vec::new();
        for sending in sendings {
            answers.push(sending.await.unwrap());
        }
        answers
    }

    fn dissolve(&mut self) {
        self.busy.clear();
    }
}

/// A world with Ada, and others each of whom has a chat with her.
async fn chats(count: usize) -> (World, Account, Vec<(Account, ChatId)>) {
    let world = World::new();
    let ada = world.member("ada").await;
    let mut chats = Vec::new();
    for other in members(&world, count).await {
        let chat = world.open(&other, &ada).await;
        chats.push((other, chat));
    }
    (world, ada, chats)
}

/// How many transactions wrote the messages.
fn transactions(world: &World) -> i64 {
    world.number("SELECT count(DISTINCT xmin::text) FROM messages")
}

#[tokio::test]
async fn what_waits_is_stored_by_one_statement_and_each_is_told_of_its_own() {
    let (world, ada, chats) = chats(20).await;
    let mut jam = Jam::new(&world).await;
    let jammed = async {
        let mut sendings = Vec::new();
        for (n, (other, chat)) in chats.iter().enumerate() {
            let sender = if n % 2 == 0 { &ada } else { other };
            let message = numbered(&format!("Grüße {n}, 'О\\, {{NULL}}\""), 1);
            let sending = jam.send(*chat, sender.id, message.clone()).await;
            sendings.push((n, sender, *chat, message, sending));
        }
        jam.dissolve();

        for (n, sender, chat, message, sending) in sendings {
            let sent = sending.await.unwrap().unwrap();
            assert!(sent.is_new);
            let sent = sent.message;
            assert_eq!((sent.conversation, sent.seq.get()), (Chat(chat), 1));
            assert_eq!(content(&sent).as_deref(), Some(&*message.content));
            assert_eq!(sent.client_message_id, message.client_message_id);
            assert_eq!(sent.created_at, at(10));
            let identity = sent.sender.identity.clone().unwrap();
            assert_eq!(identity.username, sender.username);
            let stored = world.read_all(Chat(chat), &chats[n].0).await;
            assert_eq!(stored, [(1, Some(message.content.to_string()))]);
        }
    };
    LocalSet::new().run_until(jammed).await;

    assert_eq!(transactions(&world), 1);
    let read = "SELECT count(*) FROM chats JOIN messages USING (chat_id) WHERE
         CASE sender_id WHEN user1_id THEN user1_last_read_seq ELSE user2_last_read_seq END = 1
         AND user1_last_read_seq + user2_last_read_seq = 1 AND last_activity_at = messages.created_at";
    assert_eq!(world.number(read), 20);
    let reused = numbered("Hi", 1);
    let again = world.try_send(Chat(chats[0].1), ada.id, &reused).await;
    assert!(matches!(again, Err(SendError::ClientMessageIdReused)));
}

#[tokio::test]
async fn whoever_may_not_send_is_told_so_and_stands_in_nobodys_way() {
    let (world, ada, chats) = chats(6).await;
    let [
        (bob, good),
        (_, foreign),
        (_, repeated),
        (_, reused),
        (eve, closed),
        (_, twice),
    ] = &chats[..]
    else {
        panic!("six chats");
    };
    let first = |chat: &ChatId| Chat(*chat);
    for chat in [repeated, reused] {
        let sent = world
            .try_send(first(chat), ada.id, &numbered("Hi", 1))
            .await;
        sent.unwrap();
    }
    world.accounts.delete(eve.id, &by(9)).await.unwrap();
    let unknown = ChatId::try_from(i64::MAX).unwrap();
    let mut jam = Jam::new(&world).await;

    let sends = vec![
        (*foreign, bob.id, text("Hi")),
        (*good, ada.id, text("Hi")),
        (*repeated, ada.id, numbered("Hi", 1)),
        (*reused, ada.id, numbered("Hello", 1)),
        (*closed, ada.id, text("Hi")),
        (*twice, ada.id, text("one")),
        (unknown, ada.id, text("Hi")),
        (*twice, ada.id, text("two")),
    ];
    let answers = LocalSet::new().run_until(jam.send_all(sends)).await;

    let [foreign, good, repeated, reused, closed, one, unknown, two] = &answers[..] else {
        panic!("eight answers");
    };
    assert!(matches!(foreign, Err(SendError::NotFound)));
    assert!(good.as_ref().unwrap().is_new);
    let repeated = repeated.as_ref().unwrap();
    assert_eq!((repeated.is_new, repeated.message.seq.get()), (false, 1));
    assert!(matches!(reused, Err(SendError::ClientMessageIdReused)));
    assert!(matches!(closed, Err(SendError::RecipientDeleted)));
    assert!(matches!(unknown, Err(SendError::NotFound)));
    // Who sends before being answered leaves the order open.
    let mut seqs = [one, two].map(|sent| sent.as_ref().unwrap().message.seq.get());
    seqs.sort_unstable();
    assert_eq!(seqs, [1, 2]);
    let gaps = "SELECT count(*) FROM chats c WHERE last_seq <>
         (SELECT count(*) FROM messages m WHERE m.chat_id = c.chat_id)";
    assert_eq!(world.number(gaps), 0);
}

#[tokio::test]
async fn a_chat_that_somebody_has_locked_keeps_the_others_waiting_for_nothing() {
    let (world, ada, chats) = chats(5).await;
    let mut jam = Jam::new(&world).await;
    let mut locker: PgConnection = world.database.connect();
    AnsiTransactionManager::begin_transaction(&mut locker).unwrap();
    let lock = format!(
        "SELECT FROM chats WHERE chat_id = {} FOR UPDATE",
        chats[0].1
    );
    sql_query(lock).execute(&mut locker).unwrap();

    let jammed = async {
        let mut sendings = Vec::new();
        for (_, chat) in &chats {
            sendings.push(jam.send(*chat, ada.id, text("Hi")).await);
        }
        jam.dissolve();
        let waits = sendings.remove(0);
        for sending in sendings {
            assert!(sending.await.unwrap().unwrap().is_new);
        }
        assert!(!waits.is_finished());
        AnsiTransactionManager::commit_transaction(&mut locker).unwrap();
        assert!(waits.await.unwrap().unwrap().is_new);
    };
    LocalSet::new().run_until(jammed).await;

    assert_eq!(transactions(&world), 2);
}

#[tokio::test]
async fn who_has_gone_before_it_was_stored_sent_nothing() {
    let (world, ada, chats) = chats(3).await;
    let mut jam = Jam::new(&world).await;

    let jammed = async {
        let mut sendings = Vec::new();
        for (_, chat) in &chats {
            sendings.push(jam.send(*chat, ada.id, text("Hi")).await);
        }
        let gone = sendings.remove(1);
        gone.abort();
        assert!(gone.await.unwrap_err().is_cancelled());
        jam.dissolve();
        for sending in sendings {
            sending.await.unwrap().unwrap();
        }
    };
    LocalSet::new().run_until(jammed).await;

    let stored = [0, 1, 2].map(|n| numbers(&world, Chat(chats[n].1)));
    assert_eq!(stored, [1, 0, 1]);
}

fn numbers(world: &World, chat: ConversationId) -> i64 {
    let Chat(chat) = chat else {
        panic!("a chat");
    };
    world.number(&format!(
        "SELECT count(*) FROM messages WHERE chat_id = {chat}"
    ))
}

#[tokio::test]
async fn too_many_who_wait_are_told_so_and_later_ones_are_served() {
    let (world, ada, chats) = chats(1).await;
    let chat = chats[0].1;
    let mut jam = Jam::new(&world).await;

    let jammed = async {
        let mut sendings = Vec::new();
        for _ in 0..513 {
            sendings.push(jam.send(chat, ada.id, text("Hi")).await);
        }
        let refused = sendings.pop().unwrap().await.unwrap();
        assert!(matches!(
            refused,
            Err(SendError::Repository(RepositoryError::Unavailable(_)))
        ));
        jam.dissolve();
        for sending in sendings {
            sending.await.unwrap().unwrap();
        }
        let sending = jam.send(chat, ada.id, text("Hi")).await;
        assert_eq!(sending.await.unwrap().unwrap().message.seq.get(), 513);
    };
    LocalSet::new().run_until(jammed).await;
}
