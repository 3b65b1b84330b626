//! What object storage holds. Each row has one writer: the instance that has the service.

use domain::{
    RecordingId, StreamId,
    storage::{Piece, Stored},
};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, row,
    streams::{name, named},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    pub recording_id: RecordingId,
    pub piece: Piece,
    pub stored: Stored,
}

impl Store {
    pub async fn stored_file(&self, recording: RecordingId, piece: Piece) -> Result<Option<Stored>, StoreError> {
        sqlx::query("SELECT * FROM stored_files WHERE recording_id = $1 AND piece = $2")
            .bind(recording.to_string())
            .bind(name(&piece))
            .fetch_optional(&self.pool)
            .await?
            .map(|found| row::json(&found, "stored"))
            .transpose()
    }

    pub async fn stored_files_of(&self, stream: StreamId) -> Result<Vec<StoredFile>, StoreError> {
        sqlx::query(
            "SELECT stored_files.* FROM stored_files JOIN recordings ON recordings.id = stored_files.recording_id
             WHERE recordings.stream_id = $1 ORDER BY recording_id, piece",
        )
        .bind(stream.to_string())
        .fetch_all(&self.pool)
        .await?
        .iter()
        .map(stored_file)
        .collect()
    }

    pub async fn all_stored_files(&self) -> Result<Vec<StoredFile>, StoreError> {
        sqlx::query("SELECT * FROM stored_files ORDER BY recording_id, piece")
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(stored_file)
            .collect()
    }

    /// Whether there still is such a recording.
    pub async fn set_stored_file(
        &self,
        recording: RecordingId,
        piece: Piece,
        stored: &Stored,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO stored_files (recording_id, piece, stored) SELECT id, $2, $3 FROM recordings WHERE id = $1
             ON CONFLICT (recording_id, piece) DO UPDATE SET stored = excluded.stored",
        )
        .bind(recording.to_string())
        .bind(name(&piece))
        .bind(row::to_json(stored))
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    pub async fn forget_stored_file(&self, recording: RecordingId, piece: Piece) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM stored_files WHERE recording_id = $1 AND piece = $2")
            .bind(recording.to_string())
            .bind(name(&piece))
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

fn stored_file(found: &AnyRow) -> Result<StoredFile, StoreError> {
    Ok(StoredFile {
        recording_id: row::parsed(found, "recording_id")?,
        piece: named(found, "piece")?,
        stored: row::json(found, "stored")?,
    })
}
