//! Memorials.

use domain::{
    MemorialId, Timestamp,
    memorial::{Memorial, MemorialDetails},
    stream::StreamFacts,
};
use sqlx::any::AnyRow;

use crate::{Store, StoreError, row};

/// A memorial with what the list shows of its streams.
#[derive(Debug, Clone)]
pub struct MemorialEntry {
    pub memorial: Memorial,
    pub streams: u32,
    pub on_air: bool,
}

const COLUMNS: &str = "id, name, born, died, time_zone, created_at, archived_at";

impl Store {
    pub async fn insert_memorial(&self, memorial: &Memorial) -> Result<(), StoreError> {
        let details = &memorial.details;
        sqlx::query(
            "INSERT INTO memorials (id, name, born, died, time_zone, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(memorial.id.to_string())
        .bind(details.name.as_str())
        .bind(details.born.map(|date| date.to_string()))
        .bind(details.died.map(|date| date.to_string()))
        .bind(details.time_zone.as_str())
        .bind(memorial.created_at.millis())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Whether there was such a memorial.
    pub async fn update_memorial(&self, id: MemorialId, details: &MemorialDetails) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE memorials SET name = $2, born = $3, died = $4, time_zone = $5 WHERE id = $1")
            .bind(id.to_string())
            .bind(details.name.as_str())
            .bind(details.born.map(|date| date.to_string()))
            .bind(details.died.map(|date| date.to_string()))
            .bind(details.time_zone.as_str())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Whether there was such a memorial.
    pub async fn archive_memorial(&self, id: MemorialId, at: Option<Timestamp>) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE memorials SET archived_at = $2 WHERE id = $1")
            .bind(id.to_string())
            .bind(at.map(Timestamp::millis))
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    pub async fn memorial(&self, id: MemorialId) -> Result<Option<Memorial>, StoreError> {
        sqlx::query("SELECT id, name, born, died, time_zone, created_at, archived_at FROM memorials WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?
            .as_ref()
            .map(memorial)
            .transpose()
    }

    /// Newest first.
    pub async fn memorials(&self, archived: bool) -> Result<Vec<MemorialEntry>, StoreError> {
        let condition = if archived { "IS NOT NULL" } else { "IS NULL" };
        let found = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM memorials WHERE archived_at {condition} ORDER BY id DESC"
        )))
        .fetch_all(&self.pool)
        .await?;
        let streams = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT memorial_id, facts FROM streams JOIN memorials ON memorials.id = memorial_id
             WHERE archived_at {condition}"
        )))
        .fetch_all(&self.pool)
        .await?;
        let mut counts = std::collections::HashMap::<MemorialId, (u32, bool)>::new();
        for stream in &streams {
            let (count, on_air) = counts.entry(row::parsed(stream, "memorial_id")?).or_default();
            *count += 1;
            *on_air |= row::json::<StreamFacts>(stream, "facts")?.state().is_on_air();
        }
        found
            .iter()
            .map(|found| {
                let memorial = memorial(found)?;
                let (streams, on_air) = counts.get(&memorial.id).copied().unwrap_or_default();
                Ok(MemorialEntry { memorial, streams, on_air })
            })
            .collect()
    }
}

fn memorial(found: &AnyRow) -> Result<Memorial, StoreError> {
    Ok(Memorial {
        id: row::parsed(found, "id")?,
        details: MemorialDetails {
            name: row::checked(found, "name")?,
            born: row::optional(found, "born")?,
            died: row::optional(found, "died")?,
            time_zone: row::parsed(found, "time_zone")?,
        },
        created_at: row::timestamp(found, "created_at")?,
        archived_at: row::optional_timestamp(found, "archived_at")?,
    })
}
