//! What providers hold for streams, and the merge of what is learnt of it.

use domain::{
    Provider, StreamId,
    provision::{ProvisionEvent, ProvisionFacts},
};
use sqlx::{AnyConnection, any::AnyRow};

use crate::{
    Store, StoreError,
    merge::FactsTable,
    row,
    streams::{name, named},
};

#[derive(Debug, Clone)]
pub struct Provision {
    pub stream_id: StreamId,
    pub provider: Provider,
    /// Of the stream, as people at the provider's dashboard see it.
    pub title: String,
    pub facts: ProvisionFacts,
}

impl Store {
    /// What `provider` holds for the stream; a row with no facts is made when there is none.
    pub async fn ensure_provision(
        &self,
        stream: StreamId,
        provider: Provider,
        title: &str,
    ) -> Result<Provision, StoreError> {
        insert(&mut *self.pool.acquire().await?, stream, provider, title).await?;
        let found = sqlx::query("SELECT * FROM provisions WHERE id = $1")
            .bind(id(stream, provider))
            .fetch_one(&self.pool)
            .await?;
        provision(&found)
    }

    pub async fn provisions_of(&self, stream: StreamId) -> Result<Vec<Provision>, StoreError> {
        sqlx::query("SELECT * FROM provisions WHERE stream_id = $1 ORDER BY provider")
            .bind(stream.to_string())
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(provision)
            .collect()
    }

    /// Every provision there is, in the order of their streams' creation.
    pub async fn all_provisions(&self) -> Result<Vec<Provision>, StoreError> {
        sqlx::query("SELECT * FROM provisions ORDER BY id").fetch_all(&self.pool).await?.iter().map(provision).collect()
    }

    /// The streams that a provider holds something for, or is to.
    pub async fn streams_at_providers(&self) -> Result<Vec<StreamId>, StoreError> {
        let rows = sqlx::query("SELECT DISTINCT stream_id FROM provisions").fetch_all(&self.pool).await?;
        rows.iter().map(|row| row::parsed(row, "stream_id")).collect()
    }

    /// Merges an event. `None` when there is no such provision.
    pub async fn record_provision_event(
        &self,
        stream: StreamId,
        provider: Provider,
        event: &ProvisionEvent,
    ) -> Result<Option<(Provision, bool)>, StoreError> {
        let merged =
            self.merge_facts(FACTS, id(stream, provider), |facts: ProvisionFacts| facts.apply(event.clone())).await?;
        merged
            .map(|merged| Ok((Provision { facts: merged.facts, ..provision(&merged.row)? }, merged.changed)))
            .transpose()
    }

    /// Forgets a provision of which nothing is left at the provider.
    pub async fn forget_provision(&self, stream: StreamId, provider: Provider) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM provisions WHERE id = $1").bind(id(stream, provider)).execute(&self.pool).await?;
        Ok(())
    }
}

/// Where there is none yet.
pub(crate) async fn insert(
    connection: &mut AnyConnection,
    stream: StreamId,
    provider: Provider,
    title: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO provisions (id, stream_id, provider, title, facts, version) VALUES ($1, $2, $3, $4, $5, 0)
         ON CONFLICT (stream_id, provider) DO NOTHING",
    )
    .bind(id(stream, provider))
    .bind(stream.to_string())
    .bind(name(&provider))
    .bind(title)
    .bind(row::to_json(&ProvisionFacts::default()))
    .execute(connection)
    .await?;
    Ok(())
}

const FACTS: FactsTable = FactsTable {
    select: "SELECT * FROM provisions WHERE id = $1",
    update: "UPDATE provisions SET facts = $3, version = $2 + 1 WHERE id = $1 AND version = $2",
};

fn id(stream: StreamId, provider: Provider) -> String {
    format!("{stream}:{}", name(&provider))
}

fn provision(found: &AnyRow) -> Result<Provision, StoreError> {
    Ok(Provision {
        stream_id: row::parsed(found, "stream_id")?,
        provider: named(found, "provider")?,
        title: row::text(found, "title")?,
        facts: row::json(found, "facts")?,
    })
}
