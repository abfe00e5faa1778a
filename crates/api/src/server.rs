//! The service put together: adapters behind ports, services over them, routes over those.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data};
use actix_web::{App, HttpServer, guard};
use alumx_application::account::{AccountService, TokenLifetimes};
use alumx_application::authentication::Authenticator;
use alumx_application::job_post::JobPostService;
use alumx_application::resume::generated::GeneratedResumeService;
use alumx_application::user::UserService;
use alumx_domain::clock::Clock;
use alumx_infrastructure::account::{PgAccountRepository, PgSessionRepository};
use alumx_infrastructure::db::Db;
use alumx_infrastructure::job_post::PgJobPostRepository;
use alumx_infrastructure::password::Argon2Hasher;
use alumx_infrastructure::resume::typeset::KrillaTypesetter;
use alumx_infrastructure::token::JwtIssuer;
use alumx_infrastructure::user::PgUserRepository;
use chrono::TimeDelta;
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::{Config, SwaggerUi, Url};

use crate::http::extract::RequestLimits;
use crate::http::gate::{Gate, gate};
use crate::http::route_table::RouteTable;
use crate::http::{Problem, ProblemCode};
use crate::openapi::{self, DocumentText};

/// What can be chosen about the service itself.
#[derive(Debug, Clone, Copy)]
pub struct ServiceOptions {
    /// How long tokens live.
    pub lifetimes: TokenLifetimes,
    /// How many passwords are hashed at the same time.
    pub password_hashers: usize,
    /// How many resumes are typeset at the same time.
    pub typesetters: usize,
    /// Limits of requests.
    pub limits: RequestLimits,
}

impl Default for ServiceOptions {
    /// As `alumx serve --help` documents them, with one password hashed and one resume typeset at a time.
    fn default() -> Self {
        Self {
            lifetimes: TokenLifetimes {
                access: TimeDelta::minutes(15),
                refresh: TimeDelta::days(30),
            },
            password_hashers: 1,
            typesetters: 1,
            limits: RequestLimits {
                json_body: 262_144,
                body_timeout: Duration::from_secs(30),
            },
        }
    }
}

/// All that the routes use. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    accounts: Data<AccountService>,
    users: Data<UserService>,
    job_posts: Data<JobPostService>,
    generated_resumes: Data<GeneratedResumeService>,
    clock: Data<dyn Clock>,
    gate: Data<Gate>,
    document: Data<DocumentText>,
    limits: Data<RequestLimits>,
    db: Data<Db>,
}

impl Services {
    /// Puts the service together over this database.
    ///
    /// # Errors
    /// If the routes contradict each other, which a test excludes.
    pub fn new(
        db: Db,
        tokens: JwtIssuer,
        clock: Arc<dyn Clock>,
        options: &ServiceOptions,
    ) -> io::Result<Self> {
        let accounts = Arc::new(PgAccountRepository(db.clone()));
        let sessions = Arc::new(PgSessionRepository(db.clone()));
        let users = Arc::new(PgUserRepository(db.clone()));
        let job_posts = Arc::new(PgJobPostRepository(db.clone()));
        let hasher = Arc::new(Argon2Hasher::new(options.password_hashers));
        let typesetter = Arc::new(KrillaTypesetter::new(options.typesetters));
        let tokens = Arc::new(tokens);
        let authenticator = Arc::new(Authenticator::new(
            tokens.clone(),
            sessions.clone(),
            clock.clone(),
        ));
        let accounts = AccountService::new(
            accounts,
            sessions,
            hasher,
            tokens,
            authenticator.clone(),
            clock.clone(),
            options.lifetimes,
        );
        let document = openapi::document();
        let routes = RouteTable::new(&document).map_err(io::Error::other)?;
        let document = document.to_pretty_json().map_err(io::Error::other)?;
        Ok(Self {
            accounts: Data::new(accounts),
            generated_resumes: Data::new(GeneratedResumeService::new(users.clone(), typesetter)),
            users: Data::new(UserService::new(users, clock.clone())),
            job_posts: Data::new(JobPostService::new(job_posts, clock.clone())),
            clock: Data::from(clock),
            gate: Data::new(Gate {
                routes,
                authenticator,
            }),
            document: Data::new(DocumentText(document)),
            limits: Data::new(options.limits),
            db: Data::new(db),
        })
    }

    /// The use cases of accounts, for what happens outside of requests.
    pub fn accounts(&self) -> &AccountService {
        &self.accounts
    }
}

/// How HTTP is served.
#[derive(Debug, Clone, Copy)]
pub struct HttpOptions {
    /// Threads that serve requests.
    pub workers: usize,
    /// Connections open at the same time, per thread; more wait to be accepted.
    pub connections: usize,
    /// How long requests in flight may take to end after a stop was asked for.
    pub shutdown_timeout: Duration,
}

/// Serves on `listener` until the returned server's handle stops it.
///
/// # Errors
/// If the listener can't be used.
pub fn serve(
    services: Services,
    listener: TcpListener,
    options: HttpOptions,
) -> io::Result<actix_web::dev::Server> {
    let server = HttpServer::new(move || {
        let services = services.clone();
        let (app, _) = App::new()
            .into_utoipa_app()
            .configure(openapi::routes)
            .split_for_parts();
        app.app_data(services.accounts)
            .app_data(services.users)
            .app_data(services.job_posts)
            .app_data(services.generated_resumes)
            .app_data(services.clock)
            .app_data(services.gate)
            .app_data(services.document)
            .app_data(services.limits)
            .app_data(services.db)
            .service(
                web::scope("/docs")
                    .wrap(Compress::default())
                    .service(
                        web::resource("")
                            .guard(guard::Get())
                            .to(async || web::Redirect::to("/docs/").permanent()),
                    )
                    .service(docs()),
            )
            .default_service(web::to(|| async {
                Err::<&str, _>(Problem::new(ProblemCode::NotFound))
            }))
            .wrap(from_fn(gate))
    });
    let server = server
        .workers(options.workers)
        .max_connections(options.connections)
        .client_request_timeout(Duration::from_secs(10))
        .shutdown_timeout(whole_seconds(options.shutdown_timeout))
        // The signals are for the command line, which has more to stop than this.
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}

fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// The interactive page, with all its assets from the binary and nothing from elsewhere.
fn docs() -> SwaggerUi {
    let document = format!("{}/openapi.json", openapi::BASE_PATH);
    let config = Config::new([Url::new("AlumX", &document)].map(|_| document.clone()))
        .validator_url("none")
        .persist_authorization(false)
        .try_it_out_enabled(true);
    SwaggerUi::new("/{_:.*}").config(config)
}
