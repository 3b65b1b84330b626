//! News between instances: PostgreSQL's LISTEN and NOTIFY. A message is lost when the connection is, so whoever listens is
//! told of that and takes everything as changed.

use sqlx::postgres::PgListener;

use crate::{Engine, Store, StoreError};

const CHANNEL: &str = "everlight";

/// What was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    Message(String),
    /// The connection was lost and is back: what was said in between was not heard.
    Gap,
}

/// Hears what all instances say, this one among them.
pub struct Listener(PgListener);

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").finish_non_exhaustive()
    }
}

impl Listener {
    /// A connection of its own, to a `postgres://…`.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let mut listener = PgListener::connect(url).await?;
        listener.listen(CHANNEL).await?;
        Ok(Self(listener))
    }

    /// # Errors
    /// When the connection is lost and cannot be made again: then another one has to be tried for.
    pub async fn next(&mut self) -> Result<Heard, StoreError> {
        let heard = self.0.try_recv().await?;
        Ok(heard.map_or(Heard::Gap, |heard| Heard::Message(heard.payload().to_owned())))
    }
}

impl Store {
    /// Says something to all instances; nothing where there can be only one.
    pub async fn say(&self, messages: &[String]) -> Result<(), StoreError> {
        if self.engine == Engine::Sqlite {
            return Ok(());
        }
        for message in messages {
            sqlx::query("SELECT CAST(pg_notify($1, $2) AS TEXT)")
                .bind(CHANNEL)
                .bind(message)
                .execute(&self.pool)
                .await?;
        }
        Ok(())
    }
}
