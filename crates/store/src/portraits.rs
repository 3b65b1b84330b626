//! Pictures of those who are remembered.

use domain::{MemorialId, PortraitId};

use crate::{Store, StoreError, row};

impl Store {
    /// Takes the place of the one before.
    pub async fn set_portrait(&self, memorial: MemorialId, id: PortraitId, jpeg: &str) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO portraits (memorial_id, id, jpeg) VALUES ($1, $2, $3)
             ON CONFLICT (memorial_id) DO UPDATE SET id = excluded.id, jpeg = excluded.jpeg",
        )
        .bind(memorial.to_string())
        .bind(id.to_string())
        .bind(jpeg)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The memorial's picture, if this is the one that it has now.
    pub async fn portrait(&self, memorial: MemorialId, id: PortraitId) -> Result<Option<String>, StoreError> {
        sqlx::query("SELECT jpeg FROM portraits WHERE memorial_id = $1 AND id = $2")
            .bind(memorial.to_string())
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?
            .map(|found| row::text(&found, "jpeg"))
            .transpose()
    }

    /// Whether there was one.
    pub async fn remove_portrait(&self, memorial: MemorialId) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM portraits WHERE memorial_id = $1")
            .bind(memorial.to_string())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}
