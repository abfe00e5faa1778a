//! What end-to-end tests share: a whole service on a port and a schema of its own, a clock that
//! the test turns, and users who talk to it over HTTP.

mod answer;
mod failing;
mod raw;
mod store;

pub use answer::Answer;
pub use store::StoreKind;

use std::net::TcpListener;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use alumx_api::hardening::Hardening;
use alumx_api::http::rate_limit::Rates;
use alumx_api::realtime::LiveOptions;
use alumx_api::server::{HttpOptions, serve};
use alumx_api::services::{Files, ServiceOptions, Services};
use alumx_application::realtime::EventBus;
use alumx_domain::clock::{Clock, Timestamp};
use alumx_infrastructure::db::{Db, DbSettings};
use alumx_infrastructure::event_bus::{InProcessBus, PostgresBus};
use alumx_infrastructure::testing::TestDatabase;
use alumx_infrastructure::token::JwtIssuer;
use chrono::TimeDelta;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

/// What every user of [`App::user`] signs in with.
pub const PASSWORD: &str = "correct horse battery";

/// What access tokens of [`App`] are signed with.
pub const SECRET: &[u8] = b"a secret of the end-to-end tests alone";

/// A clock that stands still until the test turns it.
pub struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    /// Turns the clock.
    ///
    /// # Panics
    /// If another thread panicked while it turned the clock.
    pub fn advance(&self, by: TimeDelta) {
        *lock(&self.0) += by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *lock(&self.0)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// What outlives an instance.
struct Stored {
    database: Arc<TestDatabase>,
    files: Arc<tempfile::TempDir>,
}

impl Stored {
    fn new() -> Self {
        Self {
            database: Arc::new(TestDatabase::new()),
            files: Arc::new(or_panic(tempfile::tempdir())),
        }
    }
}

/// A service that runs until it is dropped.
pub struct App {
    /// `http://127.0.0.1:…`
    pub root: String,
    /// Its time.
    pub clock: Arc<ManualClock>,
    /// Its database, shared with further instances.
    pub database: Arc<TestDatabase>,
    /// Its files, shared with further instances.
    pub files: Arc<tempfile::TempDir>,
    http: reqwest::Client,
    users: AtomicU64,
    stop: actix_web::dev::ServerHandle,
    setup: Setup,
}

/// What can be chosen about a service.
#[derive(Clone)]
pub struct Setup {
    /// Whether it tells other instances on its database what happens, and hears them.
    pub bus: bool,
    /// Whether what tells clients fails as soon as something happens.
    pub failing: bool,
    /// What is told live.
    pub live: LiveOptions,
    /// What files are stored in.
    pub store: StoreKind,
    /// What keeps it safe.
    pub hardening: Hardening,
    /// How long it waits for a body, and for more of an upload.
    pub body_timeout: Duration,
    /// How long what it sent may wait for a client to take it.
    pub taken_within: Duration,
    /// How long it waits for all of an upload.
    pub upload_timeout: Duration,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            bus: false,
            failing: false,
            store: StoreKind::Folder,
            // Tests come more often than people.
            hardening: unlimited(),
            live: LiveOptions::default(),
            body_timeout: Duration::from_secs(30),
            taken_within: Duration::from_secs(20),
            upload_timeout: Duration::from_mins(5),
        }
    }
}

/// What keeps a service safe, but for limits of how often one may come.
pub fn unlimited() -> Hardening {
    Hardening {
        rates: Rates::off(),
        ..Hardening::default()
    }
}

impl App {
    /// A service on an empty database.
    pub fn start() -> Self {
        Self::start_as(Setup::default())
    }

    /// A service set up like this, on an empty database.
    pub fn start_as(setup: Setup) -> Self {
        let now = Timestamp::from_timestamp(1_800_000_000, 0).unwrap_or_default();
        let clock = Arc::new(ManualClock(Mutex::new(now)));
        Self::start_on(Stored::new(), clock, setup)
    }

    /// Another instance of the same service, on the same database and with the same time.
    #[must_use]
    pub fn another(&self) -> Self {
        Self::start_on(self.stored(), self.clock.clone(), self.setup.clone())
    }

    fn stored(&self) -> Stored {
        Stored {
            database: self.database.clone(),
            files: self.files.clone(),
        }
    }

    fn start_on(stored: Stored, clock: Arc<ManualClock>, setup: Setup) -> Self {
        // Few connections: many services run at the same time.
        let settings = DbSettings {
            connections: 3,
            ..DbSettings::new(stored.database.url())
        };
        Self::start_with(&settings, stored, clock, setup)
    }

    fn start_with(
        settings: &DbSettings,
        stored: Stored,
        clock: Arc<ManualClock>,
        setup: Setup,
    ) -> Self {
        let Stored { database, files } = stored;
        let listener = or_panic(TcpListener::bind("127.0.0.1:0"));
        let root = format!("http://{}", or_panic(listener.local_addr()));
        let db = or_panic(Db::new(settings));
        let tokens = or_panic(JwtIssuer::new(&SECRET.to_vec().into(), &[]));
        let mut options = ServiceOptions {
            password_hashers: 2,
            live: setup.live,
            hardening: setup.hardening.clone(),
            ..ServiceOptions::default()
        };
        options.limits.body_timeout = setup.body_timeout;
        options.limits.upload_timeout = setup.upload_timeout;
        let bus: Arc<dyn EventBus> = if setup.bus {
            Arc::new(or_panic(PostgresBus::start(&settings.url)))
        } else if setup.failing {
            Arc::new(failing::FailingBus)
        } else {
            Arc::new(InProcessBus::new())
        };
        let folder = match setup.store {
            StoreKind::Folder => or_panic(Files::local(files.path())),
            kind => Files::new(Arc::new(store::ClosedStore(kind)), files.path()),
        };
        let services = Services::new(db, tokens, bus, clock.clone(), &folder, &options);
        let services = or_panic(services);
        let header_timeout = setup.hardening.header_timeout;
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let system = actix_web::rt::System::new();
            system.block_on(async move {
                let shutdown_timeout = Duration::from_secs(1);
                let options = HttpOptions {
                    workers: 1,
                    connections: 1000,
                    header_timeout,
                    shutdown_timeout,
                    taken_within: setup.taken_within,
                };
                let server = or_panic(serve(services, listener, options));
                or_panic(sender.send(server.handle()));
                or_panic(server.await);
            });
        });
        let stop = or_panic(receiver.recv());
        let http = or_panic(
            reqwest::Client::builder()
                .timeout(Duration::from_secs(30))
                .build(),
        );
        Self {
            root,
            clock,
            database,
            files,
            http,
            users: AtomicU64::new(0),
            stop,
            setup,
        }
    }

    /// A request as nobody; `path` is below `/api/v1` unless it starts with `//`, which stands for
    /// the root.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = match path.strip_prefix("//") {
            Some(path) => format!("{}/{path}", self.root),
            None => format!("{}/api/v1{path}", self.root),
        };
        self.http.request(method, url)
    }

    /// GET as nobody.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// POST of JSON as nobody.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body)).await
    }

    /// A new user named `name`, signed in; the username is the name in lower case.
    ///
    /// # Panics
    /// If the name is taken.
    pub async fn user(&self, name: &str, role: &str) -> User<'_> {
        let username = name.to_lowercase().replace(' ', ".");
        let body = json!({
            "username": username,
            "name": name,
            "email": format!("{username}@example.org"),
            "password": PASSWORD,
            "role": role,
        });
        let answer = self.post("/auth/register", &body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
        User::signed_in(self, &answer.body)
    }

    /// A new alumnus with a name of no interest.
    pub async fn someone(&self) -> User<'_> {
        let n = self.users.fetch_add(1, Ordering::Relaxed);
        self.user(&format!("Someone{n}"), "ALUMNI").await
    }

    /// A new admin, signed in: made behind the API, which makes none.
    pub async fn admin(&self) -> User<'_> {
        use diesel::prelude::*;
        let user = self.someone().await;
        for table in ["users", "user_search"] {
            let id = if table == "users" { "id" } else { "user_id" };
            let sql = format!("UPDATE {table} SET role = 'ADMIN' WHERE {id} = {}", user.id);
            or_panic(diesel::sql_query(sql).execute(&mut self.database.connect()));
        }
        self.login(&user.username).await
    }

    /// Signs a user in once more.
    ///
    /// # Panics
    /// If that is refused.
    pub async fn login(&self, identifier: &str) -> User<'_> {
        let body = json!({"identifier": identifier, "password": PASSWORD});
        let answer = self.post("/auth/login", &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        User::signed_in(self, &answer.body)
    }
}

impl Drop for App {
    fn drop(&mut self) {
        // Sent at once; the answer would come when the server has ended.
        drop(self.stop.stop(false));
    }
}

/// A signed-in user.
pub struct User<'a> {
    /// Where.
    pub app: &'a App,
    /// The user's id.
    pub id: i64,
    /// The username.
    pub username: String,
    /// What opens the routes.
    pub access_token: String,
    /// What is exchanged for the next pair.
    pub refresh_token: String,
}

impl<'a> User<'a> {
    /// The user that a pair of tokens was issued to.
    pub fn signed_in(app: &'a App, body: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            app,
            id: body["user"]["id"].as_i64().unwrap_or_default(),
            username: text(&body["user"]["username"]),
            access_token: text(&body["accessToken"]),
            refresh_token: text(&body["refreshToken"]),
        }
    }

    /// A request as this user.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.app
            .request(method, path)
            .bearer_auth(&self.access_token)
    }

    /// Sends a request without a body.
    pub async fn send(&self, method: Method, path: &str) -> Answer {
        Answer::of(self.request(method, path)).await
    }

    /// Sends a request with JSON.
    pub async fn send_json(&self, method: Method, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(method, path).json(body)).await
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path).await
    }

    /// The path of this user below `/users`.
    pub fn path(&self, rest: &str) -> String {
        format!("/users/{}{rest}", self.id)
    }

    /// Changes the own profile.
    pub async fn patch(&self, body: Value) -> Answer {
        self.send_json(Method::PATCH, &self.path(""), &body).await
    }
}

/// What must not fail for a test to go on.
///
/// # Panics
/// If it failed.
#[track_caller]
pub fn or_panic<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}

impl App {
    /// A service whose database is away: another instance of this one that can't reach it.
    #[must_use]
    pub fn another_without_database(&self) -> Self {
        let settings = DbSettings {
            connections: 1,
            wait_timeout: Duration::from_millis(200),
            ..DbSettings::new("postgres://nobody@127.0.0.1:1/nowhere")
        };
        Self::start_with(
            &settings,
            self.stored(),
            self.clock.clone(),
            self.setup.clone(),
        )
    }
}
