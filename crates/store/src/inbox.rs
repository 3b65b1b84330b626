//! Webhooks: stored before they are answered, applied once.

use domain::{Provider, Timestamp};

use crate::{
    Store, StoreError, row,
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

    /// What was received and not applied yet, the oldest first.
    pub async fn waiting_in_inbox(&self, limit: u32) -> Result<Vec<InboxEntry>, StoreError> {
        sqlx::query("SELECT * FROM webhook_inbox WHERE applied_at IS NULL ORDER BY received_at LIMIT $1")
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(|found| {
                Ok(InboxEntry {
                    provider: named(found, "provider")?,
                    event_key: row::text(found, "event_key")?,
                    kind: row::text(found, "kind")?,
                    object: row::optional(found, "object")?,
                })
            })
            .collect()
    }

    /// How many were received and not applied yet.
    pub async fn inbox_depth(&self) -> Result<u64, StoreError> {
        let counted = sqlx::query("SELECT COUNT(*) AS waiting FROM webhook_inbox WHERE applied_at IS NULL");
        let waiting = row::number(&counted.fetch_one(&self.pool).await?, "waiting")?;
        u64::try_from(waiting).map_err(|_| StoreError::Corrupt { column: "waiting" })
    }

    pub async fn applied(&self, entries: &[InboxEntry], at: Timestamp) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        for entry in entries {
            sqlx::query("UPDATE webhook_inbox SET applied_at = $3 WHERE provider = $1 AND event_key = $2")
                .bind(name(&entry.provider))
                .bind(&entry.event_key)
                .bind(at.millis())
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
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
