//! Tests only: a database of one test's own. SQLite in a file, or PostgreSQL where `EVERLIGHT_TEST_POSTGRES` names a
//! server on which databases may be made (`postgres://user@host:port`); `cargo xtask test` starts one.

use std::path::Path;

use sqlx::Connection as _;

const SERVER: &str = "EVERLIGHT_TEST_POSTGRES";

/// The address of a new, empty database. `folder` holds it if it is a file.
///
/// # Panics
/// If there is a server and it makes none: the test cannot be set up.
pub async fn url(folder: &Path) -> String {
    match std::env::var(SERVER) {
        Ok(server) => on(&server).await.expect("the server of EVERLIGHT_TEST_POSTGRES makes databases"),
        Err(_) => format!("sqlite://{}?mode=rwc", folder.join("test.db").display()),
    }
}

/// Whether the run is about PostgreSQL.
#[must_use]
pub fn is_postgres() -> bool {
    std::env::var_os(SERVER).is_some()
}

/// The first column of what a query finds.
///
/// # Panics
/// If it cannot be asked.
pub async fn texts(url: &str, query: &'static str) -> Vec<String> {
    sqlx::any::install_default_drivers();
    let mut connection = sqlx::AnyConnection::connect(url).await.expect("the database of the test can be reached");
    sqlx::query_scalar(query).fetch_all(&mut connection).await.expect("the query of the test is one")
}

async fn on(server: &str) -> Result<String, sqlx::Error> {
    let name = format!("test_{}", uuid::Uuid::new_v4().simple());
    let mut connection = sqlx::PgConnection::connect(&format!("{server}/postgres")).await?;
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await?;
    connection.close().await?;
    Ok(format!("{server}/{name}"))
}
