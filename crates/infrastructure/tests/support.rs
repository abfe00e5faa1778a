//! What the tests build their worlds with.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::mpsc;

use alumx_domain::account::{
    Account, AccountRepository, NewAccount, NewRefreshToken, NewSession, PasswordHash,
    RefreshTokenHash, Role, SessionId, UserId,
};
use alumx_domain::audit::Occasion;
use alumx_domain::clock::Timestamp;
use alumx_domain::page::{PageRequest, PageSize};
use alumx_domain::user::{ListEntries, Patch, Profile, ProfileList, ProfilePatch, UserRepository};
use alumx_infrastructure::account::{PgAccountRepository, PgSessionRepository};
use alumx_infrastructure::db::{Db, DbSettings};
use alumx_infrastructure::testing::TestDatabase;
use alumx_infrastructure::user::PgUserRepository;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};

/// The repositories on a schema of their own.
pub struct World {
    pub accounts: PgAccountRepository,
    pub sessions: PgSessionRepository,
    pub users: PgUserRepository,
    pub database: TestDatabase,
}

impl World {
    pub fn new() -> Self {
        let database = TestDatabase::new();
        Self {
            accounts: PgAccountRepository::new(database.db()),
            sessions: PgSessionRepository(database.db()),
            users: PgUserRepository::new(database.db()),
            database,
        }
    }

    /// Another pool on the same schema, wide enough for a real race.
    pub fn wide_db(&self) -> Db {
        self.db_of(8)
    }

    /// One of a single connection, which remembers what it did: its statistics and its plans.
    pub fn single_db(&self) -> Db {
        self.db_of(1)
    }

    fn db_of(&self, connections: u32) -> Db {
        let settings = DbSettings {
            connections,
            ..DbSettings::new(self.database.url())
        };
        Db::new(&settings).unwrap()
    }

    /// The sum of a statistic of these tables (as SQL: columns of `pg_stat_user_tables`, names in
    /// parentheses), with all that this [`single_db`](Self::single_db) has done.
    pub async fn statistic(&self, db: &Db, what: &str, tables: &str) -> i64 {
        let flush = |conn: &mut PgConnection| {
            diesel::sql_query("SELECT pg_stat_force_next_flush()").execute(conn)
        };
        db.run(flush).await.unwrap();
        self.number(&format!(
            "SELECT sum({what})::bigint FROM pg_stat_user_tables
             WHERE schemaname = current_schema() AND relname IN {tables}"
        ))
    }

    /// An alumnus, made at second 1.
    pub async fn member(&self, username: &str) -> Account {
        self.accounts.insert(&new_account(username)).await.unwrap()
    }

    pub async fn admin(&self, username: &str) -> Account {
        let account = NewAccount {
            role: Role::Admin,
            ..new_account(username)
        };
        self.accounts.insert(&account).await.unwrap()
    }

    /// A user with a profile.
    pub async fn person(&self, username: &str, name: &str, patch: ProfilePatch) -> Account {
        let account = NewAccount {
            name: value(name),
            ..new_account(username)
        };
        let account = self.accounts.insert(&account).await.unwrap();
        self.patch(account.id, patch).await;
        account
    }

    /// The profile after the patch, applied at second 2.
    pub async fn patch(&self, id: UserId, patch: ProfilePatch) -> Profile {
        self.users.update(id, patch, None, at(2)).await.unwrap()
    }

    /// A session of an account made by [`new_account`], with the token of this number.
    pub async fn sign_in(&self, account: &Account, number: u64) -> SessionId {
        use alumx_domain::account::SessionRepository;
        let hash = hash_of(&account.username.to_lowercase());
        let session = self
            .sessions
            .open(account.id, &hash, &new_session(number))
            .await;
        session.unwrap().unwrap()
    }

    /// Runs a statement past the ports.
    pub fn execute(&self, statement: &str) {
        self.try_execute(statement).unwrap();
    }

    pub fn try_execute(&self, statement: &str) -> QueryResult<usize> {
        diesel::sql_query(statement).execute(&mut self.database.connect())
    }

    /// The number that a query answers.
    pub fn number(&self, query: &str) -> i64 {
        sql::<BigInt>(query)
            .get_result(&mut self.database.connect())
            .unwrap()
    }

    /// Returns when somebody waits for the connection of this process.
    pub async fn until_waited_for(&self, pid: i32) {
        let waiting = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE {pid} = ANY(pg_blocking_pids(pid))"
        );
        while self.number(&waiting) == 0 {
            tokio::task::yield_now().await;
        }
    }

    /// The one column of texts that a query answers.
    pub fn texts(&self, query: &str) -> Vec<Option<String>> {
        sql::<Nullable<Text>>(query)
            .load(&mut self.database.connect())
            .unwrap()
    }
}

/// A query that keeps its connection until it is released. Returns when it has started.
pub async fn occupy(db: &Db) -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel();
    let (start, started) = tokio::sync::oneshot::channel();
    let db = db.clone();
    tokio::spawn(async move {
        db.run(move |_| {
            start.send(()).ok();
            released.recv().ok();
            Ok(())
        })
        .await
    });
    started.await.unwrap();
    release
}

/// Which of PostgreSQL's processes serves this connection.
pub fn backend_pid(conn: &mut PgConnection) -> i32 {
    diesel::select(sql::<Integer>("pg_backend_pid()"))
        .get_result(conn)
        .unwrap()
}

/// So many users: `user0`, `user1`, …
pub async fn members(world: &World, count: usize) -> Vec<Account> {
    let mut members = Vec::new();
    for n in 0..count {
        members.push(world.member(&format!("user{n}")).await);
    }
    members
}

/// So many seconds after the beginning of time.
pub fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(second, 0).unwrap()
}

/// A value of the domain out of a valid text.
pub fn value<T: TryFrom<String, Error: Debug>>(text: &str) -> T {
    text.to_owned().try_into().unwrap()
}

pub fn set<T: TryFrom<String, Error: Debug>>(text: &str) -> Patch<T> {
    Patch::Set(value(text))
}

/// An alumnus whose address is `username@example.org`.
pub fn new_account(username: &str) -> NewAccount {
    NewAccount {
        username: value(username),
        name: value(username),
        email: value(&format!("{username}@example.org")),
        role: Role::Alumni,
        password_hash: hash_of(&username.to_lowercase()),
        created_at: at(1),
    }
}

pub fn hash_of(username: &str) -> PasswordHash {
    PasswordHash::from_phc(format!("hash of the password of {username}"))
}

pub fn token(number: u64) -> RefreshTokenHash {
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&number.to_be_bytes());
    RefreshTokenHash(hash)
}

/// A refresh token that expires at second 1000.
pub fn new_token(number: u64) -> NewRefreshToken {
    NewRefreshToken {
        hash: token(number),
        expires_at: at(1000),
    }
}

/// A session opened at second 1.
pub fn new_session(number: u64) -> NewSession {
    NewSession {
        user_agent: None,
        ip_address: None,
        token: new_token(number),
        created_at: at(1),
        request_id: None,
    }
}

/// Something that is done at this second, by nobody who is known.
pub fn by(second: i64) -> Occasion {
    Occasion {
        actor: None,
        at: at(second),
        ip_address: None,
        request_id: None,
    }
}

pub fn unknown_user() -> UserId {
    UserId::try_from(i64::MAX).unwrap()
}

pub fn page<K>(after: Option<K>, limit: i64) -> PageRequest<K> {
    PageRequest {
        after,
        limit: PageSize::try_from(limit).unwrap(),
    }
}

pub fn entries(list: ProfileList, items: &[&str]) -> ListEntries {
    let items = items.iter().map(|item| (*item).to_owned()).collect();
    list.parse(items).unwrap()
}

/// A patch of one list.
pub fn list(list: ProfileList, items: &[&str]) -> ProfilePatch {
    ProfilePatch {
        lists: BTreeMap::from([(list, entries(list, items))]),
        ..ProfilePatch::default()
    }
}
