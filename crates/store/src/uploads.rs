//! What phones deliver: the takes of their safety copies.

use domain::{StreamId, Timestamp, UploadId};
use serde::{Deserialize, Serialize};
use sqlx::{Row as _, any::AnyRow};

use crate::{
    Store, StoreError, row,
    streams::{name, named},
};

/// What became of a take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TakeFate {
    /// It was not here yet, or not all of it, when the copy was last made.
    Waiting,
    /// The copy was last made with it in mind. Its file stays.
    Kept,
    /// It is in the copy and nowhere else: its file goes.
    Used,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRow {
    pub id: UploadId,
    pub stream_id: StreamId,
    /// The phone's own name for it.
    pub take: String,
    /// On the server's clock.
    pub started_at: Timestamp,
    /// `None` until the phone knows it.
    pub length: Option<u64>,
    pub fate: TakeFate,
}

impl Store {
    /// The upload of this take of the stream, made as `new` when there is none yet.
    pub async fn ensure_upload(&self, new: &UploadRow, at: Timestamp) -> Result<UploadRow, StoreError> {
        sqlx::query(
            "INSERT INTO uploads (id, stream_id, take, started_at, length, created_at, fate)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (stream_id, take) DO NOTHING",
        )
        .bind(new.id.to_string())
        .bind(new.stream_id.to_string())
        .bind(new.take.clone())
        .bind(new.started_at.millis())
        .bind(new.length.map(signed))
        .bind(at.millis())
        .bind(name(&new.fate))
        .execute(&self.pool)
        .await?;
        let found = sqlx::query("SELECT * FROM uploads WHERE stream_id = $1 AND take = $2")
            .bind(new.stream_id.to_string())
            .bind(new.take.clone())
            .fetch_one(&self.pool)
            .await?;
        upload(&found)
    }

    pub async fn upload(&self, id: UploadId) -> Result<Option<UploadRow>, StoreError> {
        let found =
            sqlx::query("SELECT * FROM uploads WHERE id = $1").bind(id.to_string()).fetch_optional(&self.pool).await?;
        found.as_ref().map(upload).transpose()
    }

    /// In the order in which they were filmed.
    pub async fn uploads_of(&self, stream: StreamId) -> Result<Vec<UploadRow>, StoreError> {
        sqlx::query("SELECT * FROM uploads WHERE stream_id = $1 ORDER BY started_at, id")
            .bind(stream.to_string())
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(upload)
            .collect()
    }

    /// Keeps the length once it is known; it never changes after.
    pub async fn set_upload_length(&self, id: UploadId, length: u64) -> Result<(), StoreError> {
        sqlx::query("UPDATE uploads SET length = $2 WHERE id = $1 AND length IS NULL")
            .bind(id.to_string())
            .bind(signed(length))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Notes what became of takes: of all of them or of none.
    pub async fn set_fates(&self, fates: &[(UploadId, TakeFate)]) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        for (id, fate) in fates {
            sqlx::query("UPDATE uploads SET fate = $2 WHERE id = $1")
                .bind(id.to_string())
                .bind(name(fate))
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    pub async fn delete_upload(&self, id: UploadId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM uploads WHERE id = $1").bind(id.to_string()).execute(&self.pool).await?;
        Ok(())
    }
}

fn signed(length: u64) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

fn upload(found: &AnyRow) -> Result<UploadRow, StoreError> {
    let length = found.try_get::<Option<i64>, _>("length")?;
    Ok(UploadRow {
        id: row::parsed(found, "id")?,
        stream_id: row::parsed(found, "stream_id")?,
        take: row::text(found, "take")?,
        started_at: row::timestamp(found, "started_at")?,
        length: length
            .map(|length| u64::try_from(length).map_err(|_| StoreError::Corrupt { column: "length" }))
            .transpose()?,
        fate: named(found, "fate")?,
    })
}
