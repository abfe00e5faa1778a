//! How a service starts: its ports as the test chose them, on a thread of its own.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use alumx_api::server::{HttpOptions, serve};
use alumx_api::services::{Files, ServiceOptions, Services};
use alumx_application::realtime::EventBus;
use alumx_infrastructure::db::{Db, DbSettings};
use alumx_infrastructure::event_bus::{InProcessBus, PostgresBus};
use alumx_infrastructure::testing::TestDatabase;
use alumx_infrastructure::token::JwtIssuer;

use crate::failing::FailingBus;
use crate::store::ClosedStore;
use crate::{App, ManualClock, SECRET, Setup, StoreKind, or_panic};

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

impl App {
    /// A service on an empty database.
    pub fn start() -> Self {
        Self::start_as(Setup::default())
    }

    /// A service set up like this, on an empty database.
    pub fn start_as(setup: Setup) -> Self {
        Self::start_on(Stored::new(), Arc::new(ManualClock::new()), setup)
    }

    /// Another instance of the same service, on the same database and with the same time.
    #[must_use]
    pub fn another(&self) -> Self {
        Self::start_on(self.stored(), self.clock.clone(), self.setup.clone())
    }

    /// A service whose database is away: another instance of this one that can't reach it.
    #[must_use]
    pub fn another_without_database(&self) -> Self {
        let settings = DbSettings {
            connections: 1,
            wait_timeout: Duration::from_millis(200),
            ..DbSettings::new("postgres://nobody@127.0.0.1:1/nowhere")
        };
        let (clock, setup) = (self.clock.clone(), self.setup.clone());
        Self::start_with(&settings, self.stored(), clock, setup)
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
        let services = Services::new(
            or_panic(Db::new(settings)),
            or_panic(JwtIssuer::new(&SECRET.to_vec().into(), &[])),
            setup.bus(settings),
            clock.clone(),
            &setup.files(&files),
            &setup.options(),
        );
        let stop = run(or_panic(services), listener, setup.http_options());
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30));
        Self {
            root,
            clock,
            database,
            files,
            http: or_panic(http.build()),
            users: AtomicU64::new(0),
            stop,
            setup,
        }
    }
}

impl Setup {
    fn bus(&self, settings: &DbSettings) -> Arc<dyn EventBus> {
        if self.bus {
            Arc::new(or_panic(PostgresBus::start(&settings.url)))
        } else if self.failing {
            Arc::new(FailingBus)
        } else {
            Arc::new(InProcessBus::new())
        }
    }

    fn files(&self, folder: &tempfile::TempDir) -> Files {
        match self.store {
            StoreKind::Folder => or_panic(Files::local(folder.path())),
            kind => Files::new(Arc::new(ClosedStore(kind)), folder.path()),
        }
    }

    fn options(&self) -> ServiceOptions {
        let mut options = ServiceOptions {
            password_hashers: 2,
            live: self.live,
            hardening: self.hardening.clone(),
            ..ServiceOptions::default()
        };
        options.limits.body_timeout = self.body_timeout;
        options.limits.upload_timeout = self.upload_timeout;
        options
    }

    fn http_options(&self) -> HttpOptions {
        HttpOptions {
            workers: 1,
            connections: 1000,
            header_timeout: self.hardening.header_timeout,
            shutdown_timeout: Duration::from_secs(1),
            taken_within: self.taken_within,
        }
    }
}

/// Serves on a thread of its own until it is told to stop.
fn run(services: Services, listener: TcpListener, options: HttpOptions) -> ServerHandle {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let system = actix_web::rt::System::new();
        system.block_on(async move {
            let server = or_panic(serve(services, listener, options));
            or_panic(sender.send(server.handle()));
            or_panic(server.await);
        });
    });
    or_panic(receiver.recv())
}
