//! Buses between instances: over PostgreSQL, and over NATS where a `nats-server` is installed.

use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use alumx_application::realtime::{EventBus, Received, Signal};
use alumx_infrastructure::event_bus::{NatsBus, NatsError, PostgresBus};
use alumx_infrastructure::testing::TestDatabase;
use diesel::prelude::*;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(30);

fn signal(n: i64) -> Signal {
    Signal::AccountChanged(n.try_into().unwrap())
}

async fn receive(bus: &dyn EventBus) -> Received {
    timeout(PATIENCE, bus.receive()).await.unwrap()
}

/// Receives so many signals, however they were packed.
async fn receive_all(bus: &dyn EventBus, count: usize) -> Vec<Signal> {
    let mut all = Vec::new();
    while all.len() < count {
        match receive(bus).await {
            Received::Signals(signals) => all.extend(signals),
            Received::Lost => panic!("nothing may be lost"),
        }
    }
    all
}

/// Cuts the connections of all buses on this schema; how many there were.
fn cut(database: &TestDatabase) -> usize {
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE application_name = 'alumx bus'
                 AND query LIKE '%' || md5(current_schema()) || '%'";
    let cut = diesel::sql_query(sql).execute(&mut database.connect());
    cut.unwrap()
}

#[tokio::test]
async fn what_one_instance_sends_the_others_receive_in_order_and_itself_not() {
    let database = TestDatabase::empty();
    let (one, two) = (
        PostgresBus::start(database.url()).unwrap(),
        PostgresBus::start(database.url()).unwrap(),
    );

    (1..=5_000).for_each(|n| one.send(signal(n)));
    let received = receive_all(&two, 5_000).await;
    two.send(signal(7));

    assert!(received.into_iter().eq((1..=5_000).map(signal)));
    assert_eq!(receive(&one).await, Received::Signals(vec![signal(7)]));
}

#[tokio::test]
async fn schemas_do_not_hear_each_other() {
    let (here, there) = (TestDatabase::empty(), TestDatabase::empty());
    let stranger = PostgresBus::start(there.url()).unwrap();
    let listener = PostgresBus::start(there.url()).unwrap();
    let other = PostgresBus::start(here.url()).unwrap();

    other.send(signal(1));
    stranger.send(signal(2));

    assert_eq!(receive(&listener).await, Received::Signals(vec![signal(2)]));
}

#[tokio::test]
async fn a_cut_bus_mends_itself_and_says_so() {
    let database = TestDatabase::empty();
    let (one, two) = (
        PostgresBus::start(database.url()).unwrap(),
        PostgresBus::start(database.url()).unwrap(),
    );
    one.send(signal(1));
    assert_eq!(receive(&two).await, Received::Signals(vec![signal(1)]));

    assert!(cut(&database) >= 2);

    assert_eq!(receive(&one).await, Received::Lost);
    assert_eq!(receive(&two).await, Received::Lost);
    one.send(signal(2));
    assert_eq!(receive(&two).await, Received::Signals(vec![signal(2)]));
}

/// Cuts the connections over which buses tell, of all schemas: they can't be told apart, and none
/// of them loses anything by it.
fn cut_tellers(database: &TestDatabase) -> usize {
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE application_name = 'alumx bus' AND query LIKE 'SELECT pg_notify%'";
    let cut = diesel::sql_query(sql).execute(&mut database.connect());
    cut.unwrap()
}

#[tokio::test]
async fn what_is_told_over_a_cut_connection_is_told_again_and_once() {
    let database = TestDatabase::empty();
    let (one, two) = (
        PostgresBus::start(database.url()).unwrap(),
        PostgresBus::start(database.url()).unwrap(),
    );

    for n in 1..=20 {
        one.send(signal(n));
        assert_eq!(receive(&two).await, Received::Signals(vec![signal(n)]));
        assert!(cut_tellers(&database) >= 1);
    }
}

#[tokio::test]
async fn a_bus_starts_without_its_database() {
    let bus = PostgresBus::start("postgres://nobody@127.0.0.1:1/nowhere").unwrap();

    bus.send(signal(1));
}

/// A NATS of this test; it goes with the value.
struct NatsServer {
    port: u16,
    process: Child,
}

impl NatsServer {
    /// `None` if none is installed.
    fn start(port: u16) -> Option<Self> {
        let mut command = Command::new("nats-server");
        command.args(["-a", "127.0.0.1", "-p", &port.to_string()]);
        let process = command.stderr(Stdio::null()).spawn().ok()?;
        Some(Self { port, process })
    }

    fn bus(&self) -> NatsBus {
        bus_at(self.port)
    }
}

fn bus_at(port: u16) -> NatsBus {
    let url = format!("nats://127.0.0.1:{port}");
    NatsBus::start(&url.into(), "alumx.test").unwrap()
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[tokio::test]
async fn nats_carries_signals_and_a_restart_of_it_is_noticed() {
    let port = free_port();
    let Some(server) = NatsServer::start(port) else {
        eprintln!("no nats-server is installed: not tested");
        return;
    };
    let (one, two) = (server.bus(), server.bus());

    (1..=5_000).for_each(|n| one.send(signal(n)));
    let received = receive_all(&two, 5_000).await;
    assert!(received.into_iter().eq((1..=5_000).map(signal)));
    two.send(signal(7));
    assert_eq!(receive(&one).await, Received::Signals(vec![signal(7)]));

    drop(server);
    let _server = NatsServer::start(port);
    assert_eq!(receive(&one).await, Received::Lost);
    assert_eq!(receive(&two).await, Received::Lost);
    one.send(signal(8));
    // Each also tells the other of a loss, unless that one was not back yet.
    let mut told = receive(&two).await;
    while told != Received::Signals(vec![signal(8)]) {
        assert!(matches!(told, Received::Lost) || told == Received::Signals(vec![Signal::Lost]));
        told = receive(&two).await;
    }
}

/// A way to a port that can be cut.
struct Wire {
    port: u16,
    ends: Arc<Mutex<Vec<TcpStream>>>,
}

impl Wire {
    fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let here = listener.local_addr().unwrap().port();
        let ends = Arc::new(Mutex::new(Vec::new()));
        let kept = ends.clone();
        // It ends with the test binary.
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                // While nobody is there, the near end is closed, and its client tries again.
                let Ok(far) = TcpStream::connect(("127.0.0.1", port)) else {
                    continue;
                };
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    thread::spawn(move || std::io::copy(&mut from, &mut to).ok());
                }
                kept.lock().unwrap().extend([near, far]);
            }
        });
        Self { port: here, ends }
    }

    fn cut(&self) {
        for end in self.ends.lock().unwrap().drain(..) {
            end.shutdown(Shutdown::Both).ok();
        }
    }
}

#[tokio::test]
async fn a_cut_of_one_alone_is_told_to_the_others_too_as_what_it_had_sent_may_be_gone() {
    let Some(server) = NatsServer::start(free_port()) else {
        eprintln!("no nats-server is installed: not tested");
        return;
    };
    let wire = Wire::to(server.port);
    let (one, two) = (bus_at(wire.port), server.bus());
    one.send(signal(1));
    assert_eq!(receive(&two).await, Received::Signals(vec![signal(1)]));

    wire.cut();

    assert_eq!(receive(&one).await, Received::Lost);
    let lost = Received::Signals(vec![Signal::Lost]);
    assert_eq!(receive(&two).await, lost);
    one.send(signal(2));
    assert_eq!(receive(&two).await, Received::Signals(vec![signal(2)]));
}

#[test]
fn a_url_or_subject_that_is_none_is_refused_without_telling_it() {
    let start = |url: &str, subject: &str| NatsBus::start(&url.to_owned().into(), subject).err();

    let error = start("http://me:secret@host:x", "alumx").unwrap();
    assert!(matches!(error, NatsError::InvalidUrl));
    assert!(!error.to_string().contains("secret"));
    for subject in ["", "a..b", "a b", "a.*", ">"] {
        let error = start("nats://127.0.0.1:1", subject);
        assert!(
            matches!(error, Some(NatsError::InvalidSubject)),
            "{subject}"
        );
    }
}
