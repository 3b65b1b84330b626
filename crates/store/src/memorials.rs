//! Memorials.

use domain::{
    Grant, HomeId, MemorialId, Timestamp, UserId,
    audit::AuditEntry,
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

/// Which memorials somebody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visible {
    All,
    /// Of a funeral home, and those that this person was invited to.
    OfHome(HomeId, Option<UserId>),
    /// That this person was invited to.
    OfMember(UserId),
}

const COLUMNS: &str = "id, name, born, died, time_zone, created_at, archived_at, home_id,
    (SELECT portraits.id FROM portraits WHERE portraits.memorial_id = memorials.id) AS portrait_id";

impl Store {
    pub async fn insert_memorial(&self, memorial: &Memorial) -> Result<(), StoreError> {
        let details = &memorial.details;
        sqlx::query(
            "INSERT INTO memorials (id, name, born, died, time_zone, created_at, home_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(memorial.id.to_string())
        .bind(details.name.as_str())
        .bind(details.born.map(|date| date.to_string()))
        .bind(details.died.map(|date| date.to_string()))
        .bind(details.time_zone.as_str())
        .bind(memorial.created_at.millis())
        .bind(memorial.home.map(|home| home.to_string()))
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

    /// Deletes a memorial that has no services any more, its family's links with it, and writes down who wanted it, all at
    /// once. Whether there was such a memorial; a service of it that there still is, is an error.
    pub async fn delete_memorial(&self, id: MemorialId, entry: &AuditEntry) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("DELETE FROM invitations WHERE gives = $1")
            .bind(Grant::Family(id).to_string())
            .execute(&mut *transaction)
            .await?;
        let done =
            sqlx::query("DELETE FROM memorials WHERE id = $1").bind(id.to_string()).execute(&mut *transaction).await?;
        if done.rows_affected() != 1 {
            return Ok(false);
        }
        crate::audit::insert(&mut transaction, entry).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Says whose staff look after a memorial. Whether there was such a memorial.
    pub async fn assign_memorial(&self, id: MemorialId, home: Option<HomeId>) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE memorials SET home_id = $2 WHERE id = $1")
            .bind(id.to_string())
            .bind(home.map(|home| home.to_string()))
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    pub async fn memorial(&self, id: MemorialId) -> Result<Option<Memorial>, StoreError> {
        sqlx::query(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM memorials WHERE id = $1")))
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?
            .as_ref()
            .map(memorial)
            .transpose()
    }

    /// Newest first.
    pub async fn memorials(&self, visible: Visible, archived: bool) -> Result<Vec<MemorialEntry>, StoreError> {
        let archived = if archived { "archived_at IS NOT NULL" } else { "archived_at IS NULL" };
        let invited = "memorials.id IN (SELECT members.memorial_id FROM members WHERE user_id = $2)";
        let (condition, home, user) = match visible {
            Visible::All => ("$1 = '' AND $2 = ''".to_owned(), None, None),
            Visible::OfHome(home, user) => (format!("(home_id = $1 OR {invited})"), Some(home), user),
            Visible::OfMember(user) => (format!("$1 = '' AND {invited}"), None, Some(user)),
        };
        let (home, user) = (
            home.map(|home| home.to_string()).unwrap_or_default(),
            user.map(|user| user.to_string()).unwrap_or_default(),
        );
        let found = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM memorials WHERE {archived} AND {condition} ORDER BY id DESC"
        )))
        .bind(&home)
        .bind(&user)
        .fetch_all(&self.pool)
        .await?;
        let streams = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT streams.memorial_id AS memorial_id, facts FROM streams JOIN memorials ON memorials.id = memorial_id
             WHERE {archived} AND {condition}"
        )))
        .bind(&home)
        .bind(&user)
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
        home: row::optional(found, "home_id")?,
        details: MemorialDetails {
            name: row::checked(found, "name")?,
            born: row::optional(found, "born")?,
            died: row::optional(found, "died")?,
            time_zone: row::parsed(found, "time_zone")?,
        },
        portrait: row::optional(found, "portrait_id")?,
        created_at: row::timestamp(found, "created_at")?,
        archived_at: row::optional_timestamp(found, "archived_at")?,
    })
}
