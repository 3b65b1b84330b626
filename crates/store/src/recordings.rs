//! Copies of recordings, and the merge of what happens to them.

use domain::{
    RecordingId, StreamId, Timestamp,
    recording::{Cut, RecordingEvent, RecordingFacts, RecordingSource},
};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError,
    merge::FactsTable,
    row,
    streams::{name, named},
};

#[derive(Debug, Clone)]
pub struct Recording {
    pub id: RecordingId,
    pub stream_id: StreamId,
    pub source: RecordingSource,
    pub facts: RecordingFacts,
    /// What those who watch are shown of it, where that is not all.
    pub cut: Option<Cut>,
    /// When its file begins, on the server's clock, where that is known.
    pub starts_at: Option<Timestamp>,
}

impl Store {
    /// The stream's copy at `source`, made with `id` when there is none yet.
    pub async fn ensure_recording(
        &self,
        id: RecordingId,
        stream: StreamId,
        source: RecordingSource,
        at: Timestamp,
    ) -> Result<Recording, StoreError> {
        sqlx::query(
            "INSERT INTO recordings (id, stream_id, source, created_at, facts, version) VALUES ($1, $2, $3, $4, $5, 0)
             ON CONFLICT (stream_id, source) DO NOTHING",
        )
        .bind(id.to_string())
        .bind(stream.to_string())
        .bind(name(&source))
        .bind(at.millis())
        .bind(row::to_json(&RecordingFacts::default()))
        .execute(&self.pool)
        .await?;
        let found = sqlx::query("SELECT * FROM recordings WHERE stream_id = $1 AND source = $2")
            .bind(stream.to_string())
            .bind(name(&source))
            .fetch_one(&self.pool)
            .await?;
        recording(&found)
    }

    pub async fn recording(&self, id: RecordingId) -> Result<Option<Recording>, StoreError> {
        sqlx::query("SELECT * FROM recordings WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?
            .as_ref()
            .map(recording)
            .transpose()
    }

    pub async fn recordings_of(&self, stream: StreamId) -> Result<Vec<Recording>, StoreError> {
        sqlx::query("SELECT * FROM recordings WHERE stream_id = $1 ORDER BY source")
            .bind(stream.to_string())
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(recording)
            .collect()
    }

    /// Those that were begun after `since`, the oldest first.
    pub async fn recordings_since(&self, since: Timestamp) -> Result<Vec<Recording>, StoreError> {
        sqlx::query("SELECT * FROM recordings WHERE created_at > $1 ORDER BY created_at, id")
            .bind(since.millis())
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(recording)
            .collect()
    }

    /// What those who watch are shown of it. Whether there was such a copy.
    pub async fn set_cut(&self, id: RecordingId, cut: Option<&Cut>) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE recordings SET cut = $2 WHERE id = $1")
            .bind(id.to_string())
            .bind(cut.map(row::to_json))
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    pub async fn set_recording_start(&self, id: RecordingId, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE recordings SET starts_at = $2 WHERE id = $1")
            .bind(id.to_string())
            .bind(at.millis())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Merges an event into the copy's facts. `None` when there is no such copy.
    pub async fn record_recording_event(
        &self,
        id: RecordingId,
        event: &RecordingEvent,
    ) -> Result<Option<Recording>, StoreError> {
        let merged =
            self.merge_facts(FACTS, id.to_string(), |facts: RecordingFacts| facts.apply(event.clone())).await?;
        merged.map(|merged| Ok(Recording { facts: merged.facts, ..recording(&merged.row)? })).transpose()
    }
}

const FACTS: FactsTable = FactsTable {
    select: "SELECT * FROM recordings WHERE id = $1",
    update: "UPDATE recordings SET facts = $3, version = $2 + 1 WHERE id = $1 AND version = $2",
};

fn recording(found: &AnyRow) -> Result<Recording, StoreError> {
    Ok(Recording {
        id: row::parsed(found, "id")?,
        stream_id: row::parsed(found, "stream_id")?,
        source: named(found, "source")?,
        facts: row::json(found, "facts")?,
        cut: match row::optional_text(found, "cut")? {
            None => None,
            Some(cut) => Some(serde_json::from_str(&cut).map_err(|_| StoreError::Corrupt { column: "cut" })?),
        },
        starts_at: row::optional_timestamp(found, "starts_at")?,
    })
}
