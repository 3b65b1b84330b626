//! SQLite and PostgreSQL behind the same queries.
//!
//! Values come in and go out as types of `domain`; a row that does not parse is an error that names its column, never a
//! guess. What changes from several sides at once (the facts of streams and recordings) is written by compare-and-swap
//! on a version, so that merges are never lost.

mod accounts;
mod api_tokens;
mod audit;
mod deletions;
mod inbox;
mod instances;
mod invitations;
mod measurements;
mod memorials;
mod merge;
mod news;
mod people;
mod portraits;
mod provisions;
mod recordings;
mod rehearsals;
mod row;
mod second_factors;
mod stored_files;
mod stream_hosts;
mod streams;
pub mod upkeep;
mod uploads;

use std::path::Path;

use sqlx::any::AnyPoolOptions;

pub use accounts::{SessionEntry, SessionRow, UserRow};
pub use deletions::Deletion;
pub use inbox::{InboxEntry, Waiting};
pub use instances::InstanceRow;
pub use invitations::{Acceptance, InvitationRow};
pub use memorials::{MemorialEntry, Visible};
pub use news::{Heard, Listener};
pub use people::HomeRow;
pub use provisions::Provision;
pub use recordings::Recording;
pub use second_factors::FactorRow;
pub use stored_files::StoredFile;
pub use streams::Submission;
pub use uploads::{TakeFate, UploadRow};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

#[derive(Debug, Clone)]
pub struct Store {
    pool: sqlx::AnyPool,
    engine: Engine,
}

/// What keeps the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// By the beginning of a database's address.
    #[must_use]
    pub fn of(url: &str) -> Self {
        if url.starts_with("sqlite:") { Self::Sqlite } else { Self::Postgres }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("database migration: {0}")]
    Migration(sqlx::migrate::MigrateError),
    #[error(
        "this database has been used by a later version of Everlight. Please start that one, or restore the backup from \
         before the update"
    )]
    Newer,
    /// A stored value that our own code would not have written.
    #[error("the stored {column} cannot be read")]
    Corrupt { column: &'static str },
    /// Somebody else wrote again and again between our reading and writing.
    #[error("too many writers at once")]
    Contended,
}

impl StoreError {
    /// Whether the write was refused because such a thing exists already.
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.is_unique_violation())
    }
}

impl Store {
    /// Opens `sqlite:…` or `postgres:…` and brings the schema up to date.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let engine = Engine::of(url);
        let sqlite = engine == Engine::Sqlite;
        let pool = AnyPoolOptions::new()
            .max_connections(if sqlite { 4 } else { 16 })
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if sqlite {
                        // FULL: a committed write outlives a power cut (NORMAL may lose the last ones in WAL mode).
                        for pragma in [
                            "PRAGMA busy_timeout = 5000",
                            "PRAGMA journal_mode = WAL",
                            "PRAGMA synchronous = FULL",
                            "PRAGMA foreign_keys = ON",
                        ] {
                            sqlx::query(pragma).execute(&mut *connection).await?;
                        }
                    }
                    Ok(())
                })
            })
            .connect(url)
            .await?;
        MIGRATIONS.run(&pool).await.map_err(|error| match error {
            sqlx::migrate::MigrateError::VersionMissing(_) => StoreError::Newer,
            error => StoreError::Migration(error),
        })?;
        let mut transaction = pool.begin().await?;
        if !sqlite {
            // Programs that start at once would replace the same trigger at once, which PostgreSQL refuses.
            sqlx::query("SELECT 1 AS locked FROM pg_advisory_xact_lock(7413)").execute(&mut *transaction).await?;
        }
        for trigger in if sqlite { audit::SQLITE_TRIGGERS } else { audit::POSTGRES_TRIGGERS } {
            sqlx::query(trigger).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(Self { pool, engine })
    }

    /// The same database by one connection of its own: for what must not wait until others have done with theirs.
    pub async fn apart(&self, url: &str) -> Result<Self, StoreError> {
        let pool = AnyPoolOptions::new().max_connections(1).connect(url).await?;
        Ok(Self { pool, engine: self.engine })
    }

    /// The address of the SQLite database in a file, made when it is missing.
    pub fn sqlite_url(file: &Path) -> String {
        format!("sqlite://{}?mode=rwc", file.display())
    }

    /// Answers when the database does.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }
}
