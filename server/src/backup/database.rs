//! The database as one file, taken while it is in use, and back.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, bail, ensure};
use store::{Engine, Store, upkeep};
use tokio::process::Command;

/// Writes all of the database, as it is at one moment, into a new file.
pub async fn dump(url: &str, into: &Path) -> anyhow::Result<()> {
    match Engine::of(url) {
        Engine::Sqlite => upkeep::copy_sqlite(url, into).await.context("The database cannot be copied"),
        Engine::Postgres => {
            let mut dump = tool("pg_dump", url)?;
            dump.args(["--format=custom", "--no-owner", "--no-privileges", "--file"]).arg(into);
            run("pg_dump", dump).await
        }
    }
}

/// Whether there is nothing yet where the database would come to.
pub async fn is_vacant(url: &str) -> anyhow::Result<bool> {
    match Engine::of(url) {
        Engine::Sqlite => {
            let file = sqlite_file(url)?;
            // What an earlier database left beside it would be taken for a part of the restored one.
            Ok(["", "-wal", "-journal"].iter().all(|ending| !Path::new(&format!("{}{ending}", file.display())).exists()))
        }
        Engine::Postgres => upkeep::is_empty_postgres(url).await.context(
            "The database of DATABASE_URL cannot be looked at. PostgreSQL must run, and hold an empty database of that name",
        ),
    }
}

/// Brings a dump back, and looks whether all is in order.
pub async fn load(url: &str, from: &Path) -> anyhow::Result<()> {
    match Engine::of(url) {
        Engine::Sqlite => {
            upkeep::check_sqlite(from).await.context("The database of the backup is not in order")?;
            let file = sqlite_file(url)?;
            if let Some(folder) = file.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let half = file.with_extension("half");
            std::fs::copy(from, &half)?;
            std::fs::File::open(&half)?.sync_all()?;
            std::fs::rename(&half, &file)?;
            super::place::sync_folder(&file)?;
        }
        Engine::Postgres => {
            let mut restore = tool("pg_restore", url)?;
            restore.args(["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]).arg(from);
            run("pg_restore", restore).await?;
        }
    }
    // Also brings the schema of an earlier version up to date.
    let store = Store::open(url).await.context("The restored database cannot be opened")?;
    store.close().await;
    Ok(())
}

/// Where a SQLite database lies.
pub fn sqlite_file(url: &str) -> anyhow::Result<std::path::PathBuf> {
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
    let path = path.split('?').next().unwrap_or_default();
    ensure!(!path.is_empty() && path != ":memory:", "DATABASE_URL names no file");
    Ok(path.into())
}

/// A program of PostgreSQL for this database. The password goes by the environment: lists of processes show arguments.
fn tool(program: &str, url: &str) -> anyhow::Result<Command> {
    let mut address = url::Url::parse(url).context("DATABASE_URL cannot be read")?;
    let mut command = Command::new(program);
    if let Some(password) = address.password() {
        let password = percent_decoded(password);
        command.env("PGPASSWORD", password);
        // Only addresses that cannot have one refuse to lose it.
        let _ = address.set_password(None);
    }
    command.arg("--no-password").arg("--dbname").arg(address.as_str()).stdin(Stdio::null());
    Ok(command)
}

fn percent_decoded(text: &str) -> String {
    // As a form's value, in which a plus sign would be a space.
    let form = format!("p={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(form.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

async fn run(program: &str, mut command: Command) -> anyhow::Result<()> {
    let output = match command.kill_on_drop(true).output().await {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            bail!(
                "{program} is missing: a PostgreSQL database is copied and brought back with PostgreSQL's own programs. On \
                 Debian: apt install postgresql-client, of the server's version or later"
            )
        }
        output => output.with_context(|| format!("{program} cannot be started"))?,
    };
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program}: {}", said.trim());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_no_argument() {
        let command = tool("pg_dump", "postgres://ever:hunter%2B2%40x+y@db.example/everlight?sslmode=require").unwrap();
        let command = command.as_std();
        let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy().into_owned()).collect();
        assert_eq!(arguments[2], "postgres://ever@db.example/everlight?sslmode=require");
        let password = command.get_envs().find(|(name, _)| *name == "PGPASSWORD").and_then(|(_, value)| value).unwrap();
        assert_eq!(password, "hunter+2@x+y");
    }

    #[test]
    fn the_file_of_a_sqlite_address_is_found() {
        assert_eq!(sqlite_file("sqlite://data/everlight.db?mode=rwc").unwrap(), Path::new("data/everlight.db"));
        assert_eq!(sqlite_file("sqlite:///var/lib/e.db").unwrap(), Path::new("/var/lib/e.db"));
        assert_eq!(sqlite_file("sqlite:e.db").unwrap(), Path::new("e.db"));
        assert!(sqlite_file("sqlite::memory:").is_err());
    }
}
