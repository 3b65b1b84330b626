//! The audit log: it grows, and the database itself refuses to change or remove a line of it.

use domain::{
    MemorialId,
    audit::{AuditEntry, Deed},
};
use sqlx::{AnyConnection, any::AnyRow};

use crate::{Store, StoreError, row, streams};

/// What keeps the log as it is. Triggers are written differently by the two databases, and so are not in the migrations.
pub(crate) const SQLITE_TRIGGERS: [&str; 2] = [
    "CREATE TRIGGER IF NOT EXISTS audit_is_not_changed BEFORE UPDATE ON audit
     BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END",
    "CREATE TRIGGER IF NOT EXISTS audit_is_not_removed BEFORE DELETE ON audit
     BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END",
];

pub(crate) const POSTGRES_TRIGGERS: [&str; 2] = [
    "CREATE OR REPLACE FUNCTION audit_is_not_changed() RETURNS trigger LANGUAGE plpgsql AS
     $$ BEGIN RAISE EXCEPTION 'the audit log is never changed'; END $$",
    "CREATE OR REPLACE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
     FOR EACH STATEMENT EXECUTE FUNCTION audit_is_not_changed()",
];

/// Also together with what it is about, where one may not be there without the other.
pub(crate) async fn insert(connection: &mut AnyConnection, entry: &AuditEntry) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO audit (id, at, who, deed, what, memorial_id) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(&entry.id)
        .bind(entry.at.millis())
        .bind(&entry.who)
        .bind(streams::name(&entry.deed))
        .bind(&entry.what)
        .bind(entry.memorial.map(|memorial| memorial.to_string()))
        .execute(connection)
        .await?;
    Ok(())
}

impl Store {
    pub async fn insert_audit(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        insert(&mut *self.pool.acquire().await?, entry).await
    }

    /// The newest first; those before `before`, if given.
    pub async fn audit(&self, before: Option<&str>, most: u32) -> Result<Vec<AuditEntry>, StoreError> {
        sqlx::query("SELECT * FROM audit WHERE $1 IS NULL OR id < $1 ORDER BY id DESC LIMIT $2")
            .bind(before)
            .bind(i64::from(most))
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(entry)
            .collect()
    }

    /// What was done to one memorial and what belongs to it, the oldest first.
    pub async fn audit_of(&self, memorial: MemorialId) -> Result<Vec<AuditEntry>, StoreError> {
        sqlx::query("SELECT * FROM audit WHERE memorial_id = $1 ORDER BY id")
            .bind(memorial.to_string())
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(entry)
            .collect()
    }
}

fn entry(found: &AnyRow) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        id: row::text(found, "id")?,
        at: row::timestamp(found, "at")?,
        who: row::text(found, "who")?,
        deed: streams::named::<Deed>(found, "deed")?,
        what: row::text(found, "what")?,
        memorial: row::optional(found, "memorial_id")?,
    })
}
