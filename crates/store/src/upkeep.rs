//! What an operator does with the database as a whole: look at it without changing it, and copy it while it is in use.

use std::{
    collections::HashSet,
    path::Path,
    str::FromStr as _,
    time::{Duration, Instant},
};

use sqlx::{Connection as _, Row as _, sqlite::SqliteConnectOptions};

use crate::{Engine, StoreError};

/// How a database is, as somebody finds who changes nothing in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// From asking to the answer, without connecting.
    pub latency: Duration,
    /// Changes to the schema that the next start makes.
    pub pending: usize,
    /// Changes that a later version of this program has made.
    pub unknown: usize,
}

/// Looks whether the database answers, may be written to, and whose schema it has. Nothing is created or migrated.
pub async fn examine(url: &str) -> Result<Examined, StoreError> {
    match Engine::of(url) {
        Engine::Sqlite => {
            let options =
                SqliteConnectOptions::from_str(url)?.create_if_missing(false).busy_timeout(Duration::from_secs(5));
            let mut connection = sqlx::SqliteConnection::connect_with(&options).await?;
            let started = Instant::now();
            // Takes the lock of a writer, which a read-only file or folder does not give.
            sqlx::raw_sql("BEGIN IMMEDIATE; CREATE TABLE examination (x); ROLLBACK").execute(&mut connection).await?;
            let latency = started.elapsed();
            let found =
                sqlx::query("PRAGMA quick_check(1)").fetch_one(&mut connection).await?.try_get::<String, _>(0)?;
            if found != "ok" {
                return Err(StoreError::Corrupt { column: "database file" });
            }
            let applied = "SELECT version FROM _sqlx_migrations WHERE success";
            let versions = sqlx::query_scalar::<_, i64>(applied).fetch_all(&mut connection).await.unwrap_or_default();
            Ok(judged(latency, &versions))
        }
        Engine::Postgres => {
            let mut connection = sqlx::PgConnection::connect(url).await?;
            let started = Instant::now();
            sqlx::raw_sql("BEGIN; CREATE TABLE examination (x INT); ROLLBACK").execute(&mut connection).await?;
            let latency = started.elapsed();
            let applied = "SELECT version FROM _sqlx_migrations WHERE success";
            let versions = sqlx::query_scalar::<_, i64>(applied).fetch_all(&mut connection).await.unwrap_or_default();
            Ok(judged(latency, &versions))
        }
    }
}

/// The recordings that lie on this server and are finished: made into one file and checked. Nothing is created or migrated.
pub async fn finished_recordings(url: &str) -> Result<HashSet<String>, StoreError> {
    // By the facts, as serde writes them.
    let finished =
        r#"SELECT id FROM recordings WHERE source IN ('server', 'phone') AND facts NOT LIKE '%"checked":null%'"#;
    let found: Vec<String> = match Engine::of(url) {
        Engine::Sqlite => {
            let options =
                SqliteConnectOptions::from_str(url)?.create_if_missing(false).busy_timeout(Duration::from_secs(5));
            let mut connection = sqlx::SqliteConnection::connect_with(&options).await?;
            let found = sqlx::query_scalar(finished).fetch_all(&mut connection).await?;
            connection.close().await?;
            found
        }
        Engine::Postgres => {
            let mut connection = sqlx::PgConnection::connect(url).await?;
            let found = sqlx::query_scalar(finished).fetch_all(&mut connection).await?;
            connection.close().await?;
            found
        }
    };
    Ok(found.into_iter().collect())
}

fn judged(latency: Duration, applied: &[i64]) -> Examined {
    let ours: Vec<i64> = crate::MIGRATIONS.iter().map(|migration| migration.version).collect();
    Examined {
        latency,
        pending: ours.iter().filter(|version| !applied.contains(version)).count(),
        unknown: applied.iter().filter(|version| !ours.contains(version)).count(),
    }
}

/// Writes a consistent copy of a SQLite database into a new file, while others go on writing, and checks the copy.
pub async fn copy_sqlite(url: &str, into: &Path) -> Result<(), StoreError> {
    let options = SqliteConnectOptions::from_str(url)?.create_if_missing(false).busy_timeout(Duration::from_secs(30));
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await?;
    sqlx::query("VACUUM INTO $1").bind(into.display().to_string()).execute(&mut connection).await?;
    connection.close().await?;
    check_sqlite(into).await
}

/// Whether every page, index and reference of a database that nobody uses is in order.
pub async fn check_sqlite(file: &Path) -> Result<(), StoreError> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true).immutable(true);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await?;
    let found = sqlx::query("PRAGMA integrity_check(1)").fetch_one(&mut connection).await?.try_get::<String, _>(0)?;
    let dangling = sqlx::query("PRAGMA foreign_key_check").fetch_optional(&mut connection).await?;
    if found != "ok" || dangling.is_some() {
        return Err(StoreError::Corrupt { column: "database file" });
    }
    Ok(connection.close().await?)
}

/// Whether a PostgreSQL database holds nothing yet.
pub async fn is_empty_postgres(url: &str) -> Result<bool, StoreError> {
    let mut connection = sqlx::PgConnection::connect(url).await?;
    let tables =
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')";
    Ok(sqlx::query_scalar::<_, i64>(tables).fetch_one(&mut connection).await? == 0)
}
