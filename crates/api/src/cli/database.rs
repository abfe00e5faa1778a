//! The database that a command works on.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use alumx_infrastructure::db::{Db, DbSettings, Migrations, ReplicaSettings};
use alumx_infrastructure::embedded::{Options, Server, StartError};
use secrecy::{ExposeSecret, SecretSlice};

use super::{Failure, database_url};
use crate::settings::DatabaseSettings;

/// A database, and the PostgreSQL that AlumX runs for it, if it does.
pub struct Database {
    url: String,
    data_dir: PathBuf,
    server: Option<Server>,
}

/// Who may use a PostgreSQL of AlumX's own that another command already runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// Nobody: two services must not share a data folder.
    Refuse,
    /// This command: it only does something in the database.
    Attach,
    /// The same, for a command that reads what is there: where nothing is, nothing is made.
    AttachToExisting,
}

impl Database {
    /// Finds or starts the database.
    pub fn open(settings: &DatabaseSettings, sharing: Sharing) -> Result<Self, Failure> {
        let data_dir = settings
            .data_dir
            .clone()
            .map_or_else(default_data_dir, Ok)?;
        if let Some(url) = &settings.database_replica_url {
            database_url::check("database_replica_url", "DATABASE_REPLICA_URL", url)?;
        }
        if let Some(url) = &settings.database_url {
            database_url::check("database_url", "DATABASE_URL", url)?;
            if let Some(url) = &settings.database_pooler_url {
                database_url::check("database_pooler_url", "ALUMX_DATABASE_POOLER_URL", url)?;
            }
            return Ok(Self {
                url: url.expose_secret().to_owned(),
                data_dir,
                server: None,
            });
        }
        if settings.database_pooler_url.is_some() {
            return Err(
                "setting `database_pooler_url`: expected only with `database_url` \
                        (DATABASE_URL), the PostgreSQL behind the pooler"
                    .into(),
            );
        }
        let options = Options {
            bin_dir: settings.postgres_bin_dir.clone(),
            download: settings.postgres_download,
            registry: settings.postgres_registry.clone(),
            ..Options::new(&data_dir)
        };
        if sharing == Sharing::AttachToExisting && !Server::has_data(&data_dir) {
            let shown = data_dir.display();
            return Err(format!("no data of AlumX are in {shown}").into());
        }
        match Server::start(&options) {
            Ok(server) => {
                let url = server.database_url().to_owned();
                Ok(Self {
                    url,
                    data_dir,
                    server: Some(server),
                })
            }
            Err(StartError::InUse(folder)) if sharing != Sharing::Refuse => {
                let running = Server::url_of_running(&folder);
                let url = running.ok_or("the PostgreSQL of this data folder is just starting")?;
                Ok(Self {
                    url,
                    data_dir,
                    server: None,
                })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Brings the schema up to date.
    pub fn migrate(&self) -> Result<(), Failure> {
        for name in self.migrations()?.up()? {
            tracing::info!(migration = name, "migrated the database");
        }
        Ok(())
    }

    /// The schema, locked against others who would change it.
    pub fn migrations(&self) -> Result<Migrations, Failure> {
        Ok(Migrations::lock(&self.url)?)
    }

    /// A pool of connections.
    pub fn connect(&self, settings: &DatabaseSettings) -> Result<Db, Failure> {
        Ok(Db::new(&self.pool(settings)?)?)
    }

    fn pool(&self, settings: &DatabaseSettings) -> Result<DbSettings, Failure> {
        Ok(DbSettings {
            url: self.url.clone(),
            pooled: false,
            connections: settings.database_connections,
            queue: usize::try_from(settings.database_queue)?,
            wait_timeout: settings.database_wait,
            statement_timeout: settings.statement_timeout,
        })
    }

    /// A pool for the service: through the pooler if there is one, and one to the replica if there
    /// is one.
    pub fn connect_to_serve(&self, settings: &DatabaseSettings) -> Result<Db, Failure> {
        let mut primary = self.pool(settings)?;
        if let Some(pooler) = &settings.database_pooler_url {
            pooler.expose_secret().clone_into(&mut primary.url);
            primary.pooled = true;
        }
        Ok(match &settings.database_replica_url {
            None => Db::new(&primary)?,
            Some(url) => {
                let url = url.expose_secret().to_owned();
                let lag = settings.database_replica_lag;
                let primary_url = self.url.clone();
                let replica = ReplicaSettings {
                    url,
                    lag,
                    primary_url,
                };
                Db::with_replica(&primary, &replica)?
            }
        })
    }

    /// Its URL; it may hold a password.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether AlumX runs this PostgreSQL by itself.
    pub fn is_own(&self) -> bool {
        self.server.is_some()
    }

    /// The folder of all data.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The signing secret kept in the data folder, made if there is none.
    pub fn kept_secret(&self) -> Result<SecretSlice<u8>, Failure> {
        let path = self.data_dir.join("token-secret");
        let bad = |error| format!("can't keep the token secret in {}: {error}", path.display());
        match fs::read(&path) {
            Ok(secret) => Ok(secret.into()),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let secret = alumx_infrastructure::token::new_secret();
                // Under another name first, so that a crash leaves no half a secret.
                let part = path.with_extension("part");
                let mut options = fs::OpenOptions::new();
                options.write(true).create(true).truncate(true).mode(0o600);
                let mut file = options.open(&part).map_err(bad)?;
                file.write_all(secret.expose_secret()).map_err(bad)?;
                file.sync_all().map_err(bad)?;
                fs::rename(&part, &path).map_err(bad)?;
                Ok(secret)
            }
            Err(error) => Err(bad(error).into()),
        }
    }

    /// Stops what was started.
    pub fn close(self) {
        if let Some(server) = self.server {
            server.stop();
        }
    }
}

fn default_data_dir() -> Result<PathBuf, Failure> {
    if rustix::process::geteuid().is_root() {
        // Root's home is closed to the user that PostgreSQL runs as.
        return Ok("/var/lib/alumx".into());
    }
    let set = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    set("XDG_DATA_HOME")
        .or_else(|| Some(set("HOME")?.join(".local/share")))
        .map(|base| base.join("alumx"))
        .ok_or_else(|| "HOME is not set: name a folder with --data-dir or ALUMX_DATA_DIR".into())
}
