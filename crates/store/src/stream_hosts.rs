//! Which instance has which stream. Who may take one is decided by `domain::hosting`, here in a transaction that holds the
//! stream's row: of two that want it at once one gets it.

use domain::{
    InstanceId, Slug, StreamId,
    hosting::{ALIVE_FOR, Claim, Holder, Pulse, claim},
};
use sqlx::AssertSqlSafe;

use crate::{Engine, Store, StoreError, instances::holder, row};

impl Store {
    /// Takes a stream for an instance, if it may have it.
    pub async fn claim_stream(&self, stream: StreamId, me: InstanceId) -> Result<Claim, StoreError> {
        let (now, id) = (self.engine.now(), stream.to_string());
        let mut transaction = self.pool.begin().await?;
        // First: on SQLite this is what makes other writers wait.
        let free = format!(
            "INSERT INTO stream_hosts (stream_id, instance_id, since) VALUES ($1, $2, {now})
             ON CONFLICT (stream_id) DO NOTHING"
        );
        let free = sqlx::query(AssertSqlSafe(free)).bind(&id).bind(me.to_string()).execute(&mut *transaction).await?;
        if free.rows_affected() == 1 {
            transaction.commit().await?;
            return Ok(claim(me, None));
        }
        let lock = if self.engine == Engine::Postgres { " FOR UPDATE OF held" } else { "" };
        let held = format!("{} WHERE held.stream_id = $1{lock}", self.held());
        let held = sqlx::query(AssertSqlSafe(held)).bind(&id).fetch_optional(&mut *transaction).await?;
        let claimed = claim(me, held.as_ref().map(holder).transpose()?);
        if let Claim::Taken { .. } = claimed {
            let take =
                format!("UPDATE stream_hosts SET instance_id = $2, since = {now}, pulse = NULL WHERE stream_id = $1");
            sqlx::query(AssertSqlSafe(take)).bind(&id).bind(me.to_string()).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(claimed)
    }

    /// Who has the stream, dead or alive.
    pub async fn holder_of(&self, stream: StreamId) -> Result<Option<Holder>, StoreError> {
        let found = format!("{} WHERE held.stream_id = $1", self.held());
        let found = sqlx::query(AssertSqlSafe(found)).bind(stream.to_string()).fetch_optional(&self.pool).await?;
        found.as_ref().map(holder).transpose()
    }

    /// The stream that a mourner's link is of.
    pub async fn stream_of_slug(&self, slug: &Slug) -> Result<Option<StreamId>, StoreError> {
        let found = sqlx::query("SELECT id FROM streams WHERE slug = $1").bind(slug.as_str());
        found.fetch_optional(&self.pool).await?.map(|found| row::parsed(&found, "id")).transpose()
    }

    /// What an instance has.
    pub async fn streams_held_by(&self, instance: InstanceId) -> Result<Vec<StreamId>, StoreError> {
        sqlx::query("SELECT stream_id FROM stream_hosts WHERE instance_id = $1")
            .bind(instance.to_string())
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(|found| row::parsed(found, "stream_id"))
            .collect()
    }

    /// Streams whose instance is dead. Each has to be claimed: others may be about to.
    pub async fn orphaned_streams(&self) -> Result<Vec<StreamId>, StoreError> {
        let orphans = format!("{} WHERE COALESCE({} - instances.seen_at, $1) >= $1", self.held(), self.engine.now());
        sqlx::query(AssertSqlSafe(orphans))
            .bind(i64::try_from(ALIVE_FOR.as_millis()).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(|found| row::parsed(found, "stream_id"))
            .collect()
    }

    /// An instance gives a stream back.
    pub async fn release_stream(&self, stream: StreamId, me: InstanceId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM stream_hosts WHERE stream_id = $1 AND instance_id = $2")
            .bind(stream.to_string())
            .bind(me.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// What an instance tells of a stream that it has.
    pub async fn set_pulse(&self, stream: StreamId, me: InstanceId, pulse: &Pulse) -> Result<(), StoreError> {
        sqlx::query("UPDATE stream_hosts SET pulse = $3 WHERE stream_id = $1 AND instance_id = $2")
            .bind(stream.to_string())
            .bind(me.to_string())
            .bind(row::to_json(pulse))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    pub async fn pulse(&self, stream: StreamId) -> Result<Option<Pulse>, StoreError> {
        let found = sqlx::query("SELECT pulse FROM stream_hosts WHERE stream_id = $1 AND pulse IS NOT NULL")
            .bind(stream.to_string())
            .fetch_optional(&self.pool)
            .await?;
        found.map(|found| row::json(&found, "pulse")).transpose()
    }

    fn held(&self) -> String {
        format!(
            "SELECT held.stream_id, held.instance_id, {} - instances.seen_at AS silent_ms
             FROM stream_hosts held LEFT JOIN instances ON instances.id = held.instance_id",
            self.engine.now()
        )
    }
}
