//! The command line.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use clap::{Parser, Subcommand};

use crate::{
    backup::{self, BackupKey},
    config::{Config, ConfigError},
    doctor, serve, start,
};

/// Streams memorial services from a phone's browser.
#[derive(Debug, Parser)]
#[command(name = "everlight", version)]
pub struct Command {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Starts the server. Everything it needs to know stands in the environment (see .env.example).
    Serve,
    /// Looks at everything that a service needs and says what is wrong. Ends with 1 if anything is.
    Doctor {
        /// For programs.
        #[arg(long)]
        json: bool,
    },
    /// Makes and changes administrators.
    Admin {
        #[command(subcommand)]
        action: AdminAction,
    },
    /// Makes and revokes tokens for programs that create services.
    Token {
        #[command(subcommand)]
        action: TokenAction,
    },
    /// Copies everything (database, secret key, recordings) to another place, sealed; also while the server runs.
    Backup {
        /// Where backups are kept: a folder, not in the data directory and best not on this computer, or s3://bucket/folder with
        /// the access of EVERLIGHT_S3_….
        #[arg(long)]
        to: String,
        /// The file that holds the key, made by `everlight backup-key`. Keep a copy of it elsewhere.
        #[arg(long)]
        key: PathBuf,
        /// Goes on, with this much time between (30m, 1h, 1d), and besides after each service, once its recording is finished.
        #[arg(long, value_parser = duration)]
        every: Option<Duration>,
        /// How many backups there may be: older ones are forgotten.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        keep: Option<u32>,
    },
    /// Makes the key that backups are sealed with. Without it they can be read by nobody.
    BackupKey { file: PathBuf },
    /// Brings a backup back, into an empty data directory and an empty database.
    Restore {
        /// Where the backups are: a folder, or s3://bucket/folder.
        #[arg(long)]
        from: String,
        /// The file that holds the key.
        #[arg(long)]
        key: PathBuf,
        /// Which one; the newest, if none is named.
        #[arg(long)]
        backup: Option<String>,
        /// Only reads it from beginning to end, and says whether it is whole.
        #[arg(long)]
        check: bool,
    },
}

#[derive(Debug, Subcommand)]
enum TokenAction {
    /// Makes a token and prints it: it is shown this once.
    Create {
        /// What the token is for.
        #[arg(long)]
        name: String,
        /// The name of a funeral home: the token then reaches its memorials only.
        #[arg(long)]
        home: Option<String>,
    },
    /// Makes every token of this name worthless.
    Revoke {
        #[arg(long)]
        name: String,
    },
}

#[derive(Debug, Subcommand)]
enum AdminAction {
    /// Makes an administrator. The password is read from standard input, where no list of processes shows it.
    Create {
        /// E-mail address to sign in with.
        #[arg(long)]
        email: String,
    },
}

/// Of the runtime's threads, in bytes; what is not used costs nothing.
const STACK: usize = 8 << 20;

pub fn run(command: Command) -> anyhow::Result<()> {
    let config = Config::load();
    // Rendering a page takes a deep stack where nothing is optimised.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build();
    let runtime = runtime.context("The asynchronous runtime could not be started")?;
    runtime.block_on(async {
        match command.action {
            Action::Doctor { json } => examine(config, json).await,
            Action::Serve => serve::serve(config?).await,
            Action::Admin { action: AdminAction::Create { email } } => create_administrator(&config?, &email).await,
            Action::Token { action: TokenAction::Create { name, home } } => {
                create_token(&config?, &name, home.as_deref()).await
            }
            Action::Token { action: TokenAction::Revoke { name } } => revoke_tokens(&config?, &name).await,
            Action::Backup { to, key, every, keep } => back_up(&config?, &to, &key, every, keep).await,
            Action::BackupKey { file } => make_backup_key(&file),
            Action::Restore { from, key, backup: name, check } => {
                restore(&config?, &from, &key, &backup::Wanted { name, check_only: check }).await
            }
        }
    })
}

async fn back_up(
    config: &Config,
    to: &str,
    key: &Path,
    every: Option<Duration>,
    keep: Option<u32>,
) -> anyhow::Result<()> {
    let (key, keep) = (BackupKey::read(key)?, keep.and_then(|keep| usize::try_from(keep).ok()));
    let to = backup::Place::parse(to, config)?;
    match every {
        Some(every) => backup::make_every(every, config, &to, &key, keep).await,
        None => backup::make(config, &to, &key, keep).await.map(|made| eprintln!("{made}")),
    }
}

fn make_backup_key(file: &Path) -> anyhow::Result<()> {
    BackupKey::make(file)?;
    eprintln!("{} is the key. Keep a copy where the end of this computer cannot reach it.", file.display());
    Ok(())
}

async fn restore(config: &Config, from: &str, key: &Path, wanted: &backup::Wanted) -> anyhow::Result<()> {
    let from = backup::Place::parse(from, config)?;
    let done = backup::restore(config, &from, &BackupKey::read(key)?, wanted).await?;
    eprintln!("{done}");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this is for whoever called the program")]
async fn examine(config: Result<Config, ConfigError>, json: bool) -> anyhow::Result<()> {
    let findings = doctor::examine(config).await;
    println!("{}", if json { doctor::json(&findings) } else { doctor::text(&findings) });
    anyhow::ensure!(doctor::all_is_well(&findings), "not everything that a service needs is there");
    Ok(())
}

async fn create_administrator(config: &Config, email: &str) -> anyhow::Result<()> {
    let mut password = String::new();
    std::io::stdin().read_to_string(&mut password).context("The password could not be read from standard input")?;
    let password = password.trim_end_matches(['\r', '\n']).to_owned();
    let everlight = start::offline(config).await?;
    everlight.accounts().create_administrator(email, password).await?;
    eprintln!("{email} may now sign in.");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this is for whoever called the program")]
async fn create_token(config: &Config, name: &str, home: Option<&str>) -> anyhow::Result<()> {
    let everlight = start::offline(config).await?;
    println!("{}", everlight.accounts().create_api_token(name, home).await?.expose());
    Ok(())
}

async fn revoke_tokens(config: &Config, name: &str) -> anyhow::Result<()> {
    let everlight = start::offline(config).await?;
    match everlight.accounts().revoke_api_tokens(name).await? {
        0 => anyhow::bail!("There is no token with the name {name}."),
        count => eprintln!("{count} revoked."),
    }
    Ok(())
}

/// A number and a unit: `30m`.
fn duration(text: &str) -> Result<Duration, String> {
    let unit = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 60 * 60,
        Some('d') => 24 * 60 * 60,
        _ => 0,
    };
    let number = text.get(..text.len().saturating_sub(1)).and_then(|number| number.parse::<u64>().ok());
    match number.and_then(|number| number.checked_mul(unit)) {
        Some(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        _ => Err("a number and a unit are expected, such as 30m, 1h or 1d".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_a_number_and_a_unit() {
        assert_eq!(duration("30m"), Ok(Duration::from_secs(1800)));
        assert_eq!(duration("1h"), Ok(Duration::from_secs(3600)));
        for wrong in ["", "h", "1", "0h", "-1h", "1.5h", "1 h", "99999999999999999999d", "é"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
