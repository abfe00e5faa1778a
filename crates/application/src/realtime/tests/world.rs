//! Clients, a database, instances and a network, all of them slow and out of step.

mod client;

use std::collections::{BTreeMap, HashSet};
use std::env;

use alumx_domain::account::UserId;
use alumx_domain::conversation::ConversationEvent;

use self::client::Client;
use super::database::{Database, PLACES};
use super::user;
use crate::realtime::{
    Answer, ConversationSignal, Effect, Hub, HubLimits, Question, Signal, SocketId,
};

const USERS: usize = 5;

/// Numbers without a pattern, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    /// Takes one of these, unless there is none.
    fn take<T>(&mut self, from: &mut Vec<T>) -> Option<T> {
        let n = (!from.is_empty()).then(|| self.below(from.len()))?;
        Some(from.remove(n))
    }
}

struct World {
    seed: u64,
    dice: Dice,
    hub: Hub,
    database: Database,
    clients: BTreeMap<SocketId, Client>,
    sockets: u64,
    events: Vec<ConversationEvent>,
    questions: Vec<Question>,
    answers: Vec<Answer>,
}

impl World {
    fn new(seed: u64) -> Self {
        let limits = HubLimits {
            sockets_per_user: 3,
        };
        Self {
            seed,
            dice: Dice(seed * 0x9E37_79B9),
            hub: Hub::new(limits),
            database: Database::default(),
            clients: BTreeMap::new(),
            sockets: 0,
            events: Vec::new(),
            questions: Vec::new(),
            answers: Vec::new(),
        }
    }

    fn step(&mut self) {
        match self.dice.below(100) {
            0..8 => self.connect(),
            8..12 => self.disconnect(),
            12..35 => {
                let event = self.commit();
                self.events.push(event);
            }
            35..60 => self.tell_hub(),
            60..80 => self.look_up(),
            80..99 => self.answer(),
            _ => self.lose(),
        }
        self.act();
    }

    fn some_user(&mut self) -> UserId {
        user(i64::try_from(1 + self.dice.below(USERS)).unwrap())
    }

    /// Somebody does something in some group.
    fn commit(&mut self) -> ConversationEvent {
        let someone = self.some_user();
        let group = self.database.at(self.dice.below(PLACES));
        if !self.database.groups.contains_key(&group) {
            return self.database.create(group, &[someone]);
        }
        match self.dice.below(20) {
            0..12 => self.database.send(group),
            12..18 => self.database.place(group, someone),
            18 if self.dice.below(2) == 0 => self.database.delete(group),
            _ => self.database.update(group),
        }
    }

    fn connect(&mut self) {
        self.sockets += 1;
        let (socket, user) = (SocketId(self.sockets), self.some_user());
        self.clients.insert(socket, Client::of(user));
        self.hub.connect(socket, user, 1.try_into().unwrap());
    }

    fn disconnect(&mut self) {
        let mut sockets: Vec<SocketId> = self.clients.keys().copied().collect();
        if let Some(socket) = self.dice.take(&mut sockets) {
            self.clients.remove(&socket);
            self.hub.disconnect(socket);
        }
    }

    /// An event reaches the hub, from here or from elsewhere, a little out of order.
    fn tell_hub(&mut self) {
        if self.events.is_empty() {
            return;
        }
        let n = self.dice.below(self.events.len().min(3));
        let event = self.events.remove(n);
        if self.dice.below(2) == 0 {
            self.hub.happened(event);
        } else {
            let (signal, _) = ConversationSignal::of(event);
            self.hub.signalled(Signal::Conversation(signal));
        }
    }

    fn lose(&mut self) {
        let n = self.dice.below(self.events.len().min(5) + 1);
        self.events.drain(..n);
        self.hub.lost();
    }

    fn look_up(&mut self) {
        if let Some(question) = self.dice.take(&mut self.questions) {
            self.answers.push(self.database.find_out(question));
        }
    }

    fn answer(&mut self) {
        if let Some(answer) = self.dice.take(&mut self.answers) {
            self.hub.answer(answer);
        }
    }

    /// Does what the hub wants.
    fn act(&mut self) {
        for (_, effect) in self.hub.effects() {
            match effect {
                Effect::Ask(question) => self.questions.push(question),
                Effect::Send { to, frame } => {
                    let once: HashSet<_> = to.iter().collect();
                    assert_eq!(once.len(), to.len(), "each socket once");
                    for socket in to {
                        let client = self.clients.get_mut(&socket).expect("an open socket");
                        client.receive(&frame, &self.database);
                    }
                }
                Effect::Close(socket, _) => {
                    self.clients.remove(&socket);
                }
                Effect::Check(_) | Effect::Tell(_) | Effect::Lose => {}
            }
        }
    }

    /// Lets everything arrive.
    fn settle(&mut self) {
        while !(self.events.is_empty() && self.questions.is_empty() && self.answers.is_empty()) {
            self.tell_hub();
            self.act();
            self.look_up();
            self.answer();
            self.act();
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("see this again with WORLD_SEED={}", self.seed);
        }
    }
}

/// Which worlds are looked at: `WORLD_SEED=n` shows one again, `WORLD_SEEDS=n` takes more.
fn seeds() -> std::ops::RangeInclusive<u64> {
    let number = |name| env::var(name).ok().and_then(|text| text.parse().ok());
    match number("WORLD_SEED") {
        Some(seed) => seed..=seed,
        None => 1..=number("WORLD_SEEDS").unwrap_or(400),
    }
}

#[test]
fn whatever_happens_when_everybody_is_told_all_of_it_once_in_order_and_nothing_else() {
    for seed in seeds() {
        let mut world = World::new(seed);
        for _ in 0..4 {
            for _ in 0..150 {
                world.step();
            }
            world.settle();
            for client in world.clients.values() {
                client.check(&world.database);
            }
        }
    }
}
