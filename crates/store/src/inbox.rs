//! Webhooks: stored before they are answered, applied once.

use domain::{Provider, Timestamp};
use sqlx::{AssertSqlSafe, any::AnyRow};

use crate::{
    Engine, Store, StoreError, row,
    streams::{name, named},
};

/// What is kept of a webhook. Its body is not: it may hold a stream's key, and the provider is asked for the truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxEntry {
    pub provider: Provider,
    /// What makes two deliveries of the same event one.
    pub event_key: String,
    pub kind: String,
    /// The provider's id of what it is about.
    pub object: Option<String>,
}

impl Store {
    /// Stores all of them, or none; those that were delivered before once only.
    pub async fn receive(&self, entries: &[InboxEntry], at: Timestamp) -> Result<(), StoreError> {
        // Always in the same order: two writers with the same events wait for each other, and not in a circle.
        let mut ordered: Vec<&InboxEntry> = entries.iter().collect();
        ordered.sort_unstable_by_key(|entry| (entry.provider.name(), entry.event_key.as_str()));
        let mut transaction = self.pool.begin().await?;
        for entry in ordered {
            sqlx::query(
                "INSERT INTO webhook_inbox (provider, event_key, kind, object, received_at) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (provider, event_key) DO NOTHING",
            )
            .bind(name(&entry.provider))
            .bind(&entry.event_key)
            .bind(&entry.kind)
            .bind(&entry.object)
            .bind(at.millis())
            .execute(&mut *transaction)
            .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// What was received and not applied yet, the oldest first. For as long as it is held, no other instance is given the
    /// same (`SKIP LOCKED`); whatever is not said to be applied waits again, also when this program dies.
    pub async fn waiting_in_inbox(&self, limit: u32) -> Result<Waiting, StoreError> {
        let waiting = "SELECT * FROM webhook_inbox WHERE applied_at IS NULL ORDER BY received_at LIMIT $1";
        // With SQLite there is one instance, and a reader that turned into a writer would be in others' way.
        if self.engine == Engine::Sqlite {
            let found = sqlx::query(waiting).bind(i64::from(limit)).fetch_all(&self.pool).await?;
            return Waiting::of(&found, self.pool.clone(), None);
        }
        let mut held = self.pool.begin().await?;
        let locked = format!("{waiting} FOR UPDATE SKIP LOCKED");
        let found = sqlx::query(AssertSqlSafe(locked)).bind(i64::from(limit)).fetch_all(&mut *held).await?;
        Waiting::of(&found, self.pool.clone(), Some(held))
    }

    /// How many were received and not applied yet.
    pub async fn inbox_depth(&self) -> Result<u64, StoreError> {
        let counted = sqlx::query("SELECT COUNT(*) AS waiting FROM webhook_inbox WHERE applied_at IS NULL");
        let waiting = row::number(&counted.fetch_one(&self.pool).await?, "waiting")?;
        u64::try_from(waiting).map_err(|_| StoreError::Corrupt { column: "waiting" })
    }

    /// Providers repeat for a day; what is older than that is only ballast.
    pub async fn forget_applied_before(&self, before: Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM webhook_inbox WHERE applied_at IS NOT NULL AND received_at < $1")
            .bind(before.millis())
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

/// What waits in the inbox, in the hands of whoever applies it.
#[derive(Debug)]
pub struct Waiting {
    pub entries: Vec<InboxEntry>,
    pool: sqlx::AnyPool,
    /// Keeps it from others.
    held: Option<sqlx::Transaction<'static, sqlx::Any>>,
}

impl Waiting {
    fn of(
        found: &[AnyRow],
        pool: sqlx::AnyPool,
        held: Option<sqlx::Transaction<'static, sqlx::Any>>,
    ) -> Result<Self, StoreError> {
        Ok(Self { entries: found.iter().map(entry).collect::<Result<_, _>>()?, pool, held })
    }

    /// All of it was applied.
    pub async fn applied(self, at: Timestamp) -> Result<(), StoreError> {
        let mut transaction = match self.held {
            Some(held) => held,
            None => self.pool.begin().await?,
        };
        for entry in &self.entries {
            sqlx::query("UPDATE webhook_inbox SET applied_at = $3 WHERE provider = $1 AND event_key = $2")
                .bind(name(&entry.provider))
                .bind(&entry.event_key)
                .bind(at.millis())
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }
}

fn entry(found: &AnyRow) -> Result<InboxEntry, StoreError> {
    Ok(InboxEntry {
        provider: named(found, "provider")?,
        event_key: row::text(found, "event_key")?,
        kind: row::text(found, "kind")?,
        object: row::optional(found, "object")?,
    })
}
