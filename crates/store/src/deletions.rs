//! Services that are being deleted for good. A deletion begins in the moment in which the service's row goes, and ends in
//! the moment in which its receipt is written: neither is ever there without the other.

use domain::{
    MemorialId, StreamId, Timestamp,
    audit::AuditEntry,
    deletion::{DeletionEvent, DeletionFacts, Place},
    privacy::Privacy,
};
use sqlx::any::AnyRow;

use crate::{Store, StoreError, merge::FactsTable, row};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    pub stream_id: StreamId,
    /// The service in words.
    pub what: String,
    pub memorial_id: MemorialId,
    pub asked_at: Timestamp,
    pub facts: DeletionFacts,
}

impl Store {
    /// Deletes the stream's row, notes what is to be removed, and writes down who wanted it, all at once. `decided`: what
    /// the last day was when it was decided. Whether it was so still, and there was such a stream.
    pub async fn begin_deletion(
        &self,
        deletion: &Deletion,
        decided: &Privacy,
        entry: &AuditEntry,
    ) -> Result<bool, StoreError> {
        let id = deletion.stream_id.to_string();
        let mut transaction = self.pool.begin().await?;
        // No moment is before 1970: -1 is none.
        let last_day = decided.available_until.map_or(-1, Timestamp::millis);
        sqlx::query(
            "INSERT INTO deleted_streams (id, link_generation)
             SELECT id, link_generation FROM streams WHERE id = $1 AND COALESCE(available_until, -1) = $2",
        )
        .bind(&id)
        .bind(last_day)
        .execute(&mut *transaction)
        .await?;
        let deleted = sqlx::query("DELETE FROM streams WHERE id = $1 AND COALESCE(available_until, -1) = $2")
            .bind(&id)
            .bind(last_day)
            .execute(&mut *transaction)
            .await?;
        if deleted.rows_affected() != 1 {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO deletions (id, what, memorial_id, asked_at, facts, version) VALUES ($1, $2, $3, $4, $5, 0)",
        )
        .bind(&id)
        .bind(&deletion.what)
        .bind(deletion.memorial_id.to_string())
        .bind(deletion.asked_at.millis())
        .bind(row::to_json(&deletion.facts))
        .execute(&mut *transaction)
        .await?;
        crate::audit::insert(&mut transaction, entry).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The generation of the link that a stream had when it was deleted. `None`: it is there, or nobody here has deleted it.
    pub async fn link_of_deleted(&self, stream: StreamId) -> Result<Option<i64>, StoreError> {
        let found = sqlx::query("SELECT link_generation FROM deleted_streams WHERE id = $1")
            .bind(stream.to_string())
            .fetch_optional(&self.pool)
            .await?;
        found.as_ref().map(|found| row::number(found, "link_generation")).transpose()
    }

    /// Those that are not over, the oldest first.
    pub async fn deletions(&self) -> Result<Vec<Deletion>, StoreError> {
        sqlx::query("SELECT * FROM deletions ORDER BY asked_at, id")
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(deletion)
            .collect()
    }

    pub async fn deletion(&self, stream: StreamId) -> Result<Option<Deletion>, StoreError> {
        let found = sqlx::query(FACTS.select).bind(stream.to_string()).fetch_optional(&self.pool).await?;
        found.as_ref().map(deletion).transpose()
    }

    /// Merges what happened at one place. `None` when there is no such deletion.
    pub async fn record_deletion_event(
        &self,
        stream: StreamId,
        place: impl Into<Place>,
        event: &DeletionEvent,
    ) -> Result<Option<Deletion>, StoreError> {
        let place = place.into();
        let merge = |facts: DeletionFacts| facts.apply(place, event.clone());
        let merged = self.merge_facts(FACTS, stream.to_string(), merge).await?;
        merged.map(|merged| Ok(Deletion { facts: merged.facts, ..deletion(&merged.row)? })).transpose()
    }

    /// Writes the receipt and forgets the deletion, both or neither. Whether it was there: there is one receipt of each.
    pub async fn conclude_deletion(&self, stream: StreamId, receipt: &AuditEntry) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let done = sqlx::query("DELETE FROM deletions WHERE id = $1")
            .bind(stream.to_string())
            .execute(&mut *transaction)
            .await?;
        if done.rows_affected() != 1 {
            return Ok(false);
        }
        crate::audit::insert(&mut transaction, receipt).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

const FACTS: FactsTable = FactsTable {
    select: "SELECT * FROM deletions WHERE id = $1",
    update: "UPDATE deletions SET facts = $3, version = $2 + 1 WHERE id = $1 AND version = $2",
};

fn deletion(found: &AnyRow) -> Result<Deletion, StoreError> {
    Ok(Deletion {
        stream_id: row::parsed(found, "id")?,
        what: row::text(found, "what")?,
        memorial_id: row::parsed(found, "memorial_id")?,
        asked_at: row::timestamp(found, "asked_at")?,
        facts: row::json(found, "facts")?,
    })
}
