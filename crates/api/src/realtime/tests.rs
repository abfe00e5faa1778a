//! What is logged of the telling names the request that caused it.

use std::future::{pending, poll_fn};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use alumx_application::authentication::Authenticator;
use alumx_application::ports::{MockTokenIssuer, Realtime};
use alumx_application::realtime::{ConversationSignal, EventBus, News, Received, Signal};
use alumx_domain::account::{Caller, MockSessionRepository, Role};
use alumx_domain::chat::MockChatRepository;
use alumx_domain::clock::{MockClock, Timestamp};
use alumx_domain::conversation::{
    ConversationEvent, ConversationId, ConversationState, Happening, Members, MembershipVersion,
    Message, MessageBody, MockConversationRepository, ReadPosition, Seq,
};
use alumx_domain::group_chat::MockGroupChatRepository;
use alumx_domain::repository::RepositoryError;
use alumx_domain::user::UserRef;
use async_trait::async_trait;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{Live, LiveOptions, LivePorts};
use crate::metrics::LiveMetrics;

/// What was logged. Other tests log too, so that lines are looked for by what is in them.
#[derive(Clone, Default)]
struct Logs(Arc<Mutex<Vec<u8>>>);

impl Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Logs {
    /// Begins to log, on all threads.
    fn start() -> Self {
        let logs = Self::default();
        let writer = logs.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || writer.clone());
        tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
        logs
    }

    /// How many lines say this of this request.
    fn count(&self, request: &str, said: &str) -> usize {
        let logged = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let lines = logged.lines();
        lines
            .filter(|line| line.contains(request) && line.contains(said))
            .count()
    }
}

/// A bus that logs what it is to send, and tells what another instance has sent.
struct LoggingBus(Mutex<UnboundedReceiver<Signal>>);

#[async_trait]
impl EventBus for LoggingBus {
    fn send(&self, signal: Signal) {
        tracing::info!("a bus sends {signal:?}");
    }

    async fn receive(&self) -> Received {
        match poll_fn(|context| self.0.lock().unwrap().poll_recv(context)).await {
            Some(signal) => Received::Signals(vec![signal]),
            None => pending().await,
        }
    }
}

fn conversation() -> ConversationId {
    ConversationId::Chat(5.try_into().unwrap())
}

fn seq(number: i64) -> Seq {
    number.try_into().unwrap()
}

fn message(number: i64) -> Message {
    Message {
        id: number.try_into().unwrap(),
        conversation: conversation(),
        seq: seq(number),
        sender: UserRef {
            id: 2.try_into().unwrap(),
            identity: None,
        },
        body: MessageBody::Deleted {
            at: Timestamp::UNIX_EPOCH,
        },
        client_message_id: None,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

/// One conversation with one message that was told, and two after it each time it is asked; each
/// question fails at first. Before the fourth message is told, another instance tells of the seventh.
fn conversations(elsewhere: UnboundedSender<Signal>) -> MockConversationRepository {
    let mut conversations = MockConversationRepository::new();
    conversations.expect_states().returning(|_| {
        Ok(vec![ConversationState {
            conversation: conversation(),
            position: ReadPosition {
                last_read_seq: seq(1),
                last_seq: seq(1),
            },
            membership: MembershipVersion::default(),
        }])
    });
    conversations.expect_members().returning(|_| {
        Ok(Some(Members {
            users: vec![1.try_into().unwrap()],
            version: MembershipVersion::default(),
            last_seq: seq(1),
        }))
    });
    let mut fails = false;
    conversations
        .expect_messages_after()
        .returning(move |_, after, _| {
            fails = !fails;
            if fails && after == seq(3) {
                let seventh = ConversationSignal {
                    conversation: conversation(),
                    membership: MembershipVersion::default(),
                    news: News::MessageCreated { seq: seq(7) },
                };
                elsewhere.send(Signal::Conversation(seventh)).unwrap();
            }
            if fails {
                return Err(RepositoryError::Unavailable("away".to_owned()));
            }
            Ok([1, 2].map(|more| message(after.get() + more)).into())
        });
    conversations
}

fn live() -> Live {
    let sessions = Arc::new(MockSessionRepository::new());
    let clock = Arc::new(MockClock::new());
    let tokens = Arc::new(MockTokenIssuer::new());
    let (elsewhere, told) = unbounded_channel();
    let ports = LivePorts {
        conversations: Arc::new(conversations(elsewhere)),
        chats: Arc::new(MockChatRepository::new()),
        groups: Arc::new(MockGroupChatRepository::new()),
        bus: Arc::new(LoggingBus(Mutex::new(told))),
        authenticator: Arc::new(Authenticator::new(tokens, sessions, clock.clone())),
        clock,
        metrics: LiveMetrics::default(),
    };
    Live::start(ports, LiveOptions::default()).unwrap()
}

#[tokio::test]
async fn what_is_logged_of_the_telling_names_the_request_that_caused_it() {
    let logs = Logs::start();
    let live = live();
    let caller = Caller {
        user: 1.try_into().unwrap(),
        role: Role::Alumni,
        session: 1.try_into().unwrap(),
    };
    let (_, mut told) = live.connect(caller, Arc::default()).await;
    assert!(told.recv().await.unwrap().contains("ready"));

    // Before each, one message is missing; the second waits until the first is told.
    for (id, number) in [("one-request", 3), ("another-request", 5)] {
        let request = tracing::info_span!("request", id);
        request.in_scope(|| {
            live.publish(ConversationEvent {
                conversation: conversation(),
                membership: MembershipVersion::default(),
                happening: Happening::MessageCreated(Box::new(message(number))),
            });
        });
    }
    for number in 2..=7 {
        let frame = told.recv().await.unwrap();
        assert!(frame.contains(&format!(r#""seq":{number},"#)), "{frame}");
    }

    for (id, number) in [("one-request", 3), ("another-request", 5)] {
        assert_eq!(logs.count(id, "nothing new is told live: "), 1, "{id}");
        let sent = format!("MessageCreated {{ seq: Seq({number}) }}");
        assert_eq!(logs.count(id, &sent), 1, "{id}");
    }
    let of_another = "told by another instance";
    assert_eq!(logs.count(of_another, "nothing new is told live: "), 1);
}
