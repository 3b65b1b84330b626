//! The latest rehearsal of each stream.

use domain::{StreamId, rehearsal::Rehearsal};

use crate::{Store, StoreError, row};

impl Store {
    /// Replaces the one before.
    pub async fn set_rehearsal(&self, stream: StreamId, rehearsal: &Rehearsal) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO rehearsals (stream_id, rehearsal) VALUES ($1, $2)
             ON CONFLICT (stream_id) DO UPDATE SET rehearsal = excluded.rehearsal",
        )
        .bind(stream.to_string())
        .bind(row::to_json(rehearsal))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    pub async fn rehearsal(&self, stream: StreamId) -> Result<Option<Rehearsal>, StoreError> {
        let found = sqlx::query("SELECT rehearsal FROM rehearsals WHERE stream_id = $1")
            .bind(stream.to_string())
            .fetch_optional(&self.pool)
            .await?;
        found.map(|found| row::json(&found, "rehearsal")).transpose()
    }
}
