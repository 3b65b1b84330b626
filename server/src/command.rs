//! The command line.

use std::io::Read as _;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

use crate::{config::Config, serve, start};

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

pub fn run(command: Command) -> anyhow::Result<()> {
    let config = Config::load()?;
    let runtime = tokio::runtime::Runtime::new().context("The asynchronous runtime could not be started")?;
    runtime.block_on(async {
        match command.action {
            Action::Serve => serve::serve(config).await,
            Action::Admin { action: AdminAction::Create { email } } => create_administrator(&config, &email).await,
            Action::Token { action: TokenAction::Create { name, home } } => {
                create_token(&config, &name, home.as_deref()).await
            }
            Action::Token { action: TokenAction::Revoke { name } } => revoke_tokens(&config, &name).await,
        }
    })
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
