//! The instances of the program that share this database, and the work that one of them at a time does. All by the
//! database's clock: the machines' own may differ.

use std::time::Duration;

use domain::{InstanceId, hosting::Holder};
use sqlx::{AssertSqlSafe, any::AnyRow};

use crate::{Engine, Store, StoreError, row};

/// An instance, as the others know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceRow {
    pub id: InstanceId,
    /// Where the others reach it: `http://10.0.0.2:8080`.
    pub address: String,
    pub silent_for: Duration,
}

impl Engine {
    /// Now, in Unix milliseconds; inside of a transaction, too, the moment and not the transaction's beginning.
    pub(crate) const fn now(self) -> &'static str {
        match self {
            Self::Sqlite => "CAST((julianday('now') - 2440587.5) * 86400000.0 AS BIGINT)",
            Self::Postgres => "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
        }
    }
}

impl Store {
    /// An instance begins. Whichever had the same address before is not there any more, for two cannot listen there.
    pub async fn register_instance(&self, id: InstanceId, address: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM instances WHERE address = $1").bind(address).execute(&self.pool).await?;
        self.beat(id, address).await
    }

    /// An instance says that it is there.
    pub async fn beat(&self, id: InstanceId, address: &str) -> Result<(), StoreError> {
        let now = self.engine.now();
        let beat = format!(
            "INSERT INTO instances (id, address, seen_at) VALUES ($1, $2, {now})
             ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at"
        );
        sqlx::query(AssertSqlSafe(beat)).bind(id.to_string()).bind(address).execute(&self.pool).await?;
        Ok(())
    }

    /// All that have not left, dead ones among them.
    pub async fn instances(&self) -> Result<Vec<InstanceRow>, StoreError> {
        let now = self.engine.now();
        let all = format!("SELECT id, address, {now} - seen_at AS silent_ms FROM instances ORDER BY id");
        sqlx::query(AssertSqlSafe(all)).fetch_all(&self.pool).await?.iter().map(instance).collect()
    }

    /// An instance has left, or was found not to be there. One that is there after all comes back with its next beat.
    pub async fn forget_instance(&self, id: InstanceId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM instances WHERE id = $1").bind(id.to_string()).execute(&self.pool).await?;
        Ok(())
    }

    /// Whether this work is the instance's for so long from now on: nobody else has it, or it had it before.
    pub async fn lease(&self, name: &str, holder: InstanceId, time: Duration) -> Result<bool, StoreError> {
        let now = self.engine.now();
        let lease = format!(
            "INSERT INTO leases (name, holder, until) VALUES ($1, $2, {now} + $3)
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
             WHERE leases.holder = excluded.holder OR leases.until < {now}"
        );
        let taken = sqlx::query(AssertSqlSafe(lease))
            .bind(name)
            .bind(holder.to_string())
            .bind(i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 2))
            .execute(&self.pool)
            .await?;
        Ok(taken.rows_affected() == 1)
    }
}

fn instance(found: &AnyRow) -> Result<InstanceRow, StoreError> {
    let silent_ms = row::number(found, "silent_ms")?;
    Ok(InstanceRow {
        id: row::parsed(found, "id")?,
        address: row::text(found, "address")?,
        silent_for: millis(silent_ms),
    })
}

/// Whoever has a stream, of a row with `instance_id` and `silent_ms`.
pub(crate) fn holder(found: &AnyRow) -> Result<Holder, StoreError> {
    let silent_ms = row::optional_timestamp(found, "silent_ms")?;
    Ok(Holder {
        instance: row::parsed(found, "instance_id")?,
        silent_for: silent_ms.map(|silent| millis(silent.millis())),
    })
}

/// A clock that was set back makes no time negative.
fn millis(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}
