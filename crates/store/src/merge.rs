//! Facts that several sides change at once: read, merged and written by compare-and-swap on the row's version.

use serde::{Serialize, de::DeserializeOwned};
use sqlx::any::AnyRow;

use crate::{Store, StoreError, row};

/// How often a compare-and-swap is tried again before it is given up.
const ATTEMPTS: usize = 16;

/// Where facts stand: a table with `id`, `facts` and `version`.
pub(crate) struct FactsTable {
    /// `$1` is the id.
    pub(crate) select: &'static str,
    /// `$1` is the id, `$2` the version that was read, `$3` the facts.
    pub(crate) update: &'static str,
}

/// What a merge came to.
pub(crate) struct Merged<F> {
    /// The row as it was read.
    pub(crate) row: AnyRow,
    pub(crate) facts: F,
    pub(crate) changed: bool,
}

impl Store {
    /// `None` when there is no such row.
    pub(crate) async fn merge_facts<F>(
        &self,
        table: FactsTable,
        id: String,
        merge: impl Fn(F) -> F,
    ) -> Result<Option<Merged<F>>, StoreError>
    where
        F: Serialize + DeserializeOwned + Clone + PartialEq,
    {
        for _ in 0..ATTEMPTS {
            let found = sqlx::query(table.select).bind(id.clone()).fetch_optional(&self.pool).await?;
            let Some(found) = found else { return Ok(None) };
            let known: F = row::json(&found, "facts")?;
            let merged = merge(known.clone());
            if merged == known {
                return Ok(Some(Merged { row: found, facts: known, changed: false }));
            }
            let swapped = sqlx::query(table.update)
                .bind(id.clone())
                .bind(row::number(&found, "version")?)
                .bind(row::to_json(&merged))
                .execute(&self.pool)
                .await?;
            if swapped.rows_affected() == 1 {
                return Ok(Some(Merged { row: found, facts: merged, changed: true }));
            }
        }
        Err(StoreError::Contended)
    }
}
