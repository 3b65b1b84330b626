//! What the success metrics are made of.

use domain::{
    Timestamp,
    software::Software,
    success::{Measured, Millis, day},
};
use sqlx::any::AnyRow;

use crate::{Store, StoreError, row};

/// Of each kind and day: no installation has as many, and nobody can fill the disk with inventions.
const MOST_OF_A_DAY: i64 = 2_000;

impl Store {
    /// Keeps it with its day. Whether there was room.
    pub async fn insert_measured(&self, at: Timestamp, measured: Measured) -> Result<bool, StoreError> {
        let (kind, value, software) = match measured {
            Measured::Creation(time) => ("creation", time.get().into(), None),
            Measured::Connection(time, software) => ("connection", time.get().into(), software),
            Measured::Minute(works, software) => ("minute", i64::from(works), Some(software)),
        };
        let done = sqlx::query(
            "INSERT INTO measurements (at, kind, value, software) SELECT $1, $2, $3, $4
             WHERE (SELECT COUNT(*) FROM measurements WHERE kind = $2 AND at = $1) < $5",
        )
        .bind(day(at).millis())
        .bind(kind)
        .bind(value)
        .bind(software.map(|software| software.to_string()))
        .bind(MOST_OF_A_DAY)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    pub async fn measured_since(&self, since: Timestamp) -> Result<Vec<Measured>, StoreError> {
        sqlx::query("SELECT kind, value, software FROM measurements WHERE at >= $1")
            .bind(since.millis())
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(measured)
            .collect()
    }

    /// Forgets what is older.
    pub async fn delete_measured_before(&self, before: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM measurements WHERE at < $1").bind(before.millis()).execute(&self.pool);
        Ok(done.await?.rows_affected())
    }
}

fn measured(found: &AnyRow) -> Result<Measured, StoreError> {
    let value = row::number(found, "value")?;
    let time = || {
        let time = u64::try_from(value).ok().and_then(|ms| Millis::try_from(ms).ok());
        time.ok_or(StoreError::Corrupt { column: "value" })
    };
    let software = row::optional::<Software>(found, "software")?;
    match row::text(found, "kind")?.as_str() {
        "creation" => Ok(Measured::Creation(time()?)),
        "connection" => Ok(Measured::Connection(time()?, software)),
        "minute" => Ok(Measured::Minute(value == 1, software.ok_or(StoreError::Corrupt { column: "software" })?)),
        _ => Err(StoreError::Corrupt { column: "kind" }),
    }
}
