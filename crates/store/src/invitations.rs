//! Links that are used once: invitations and new passwords.

use domain::{Grant, InvitationId, MemorialId, Role, Timestamp, UserId};
use sqlx::{AnyConnection, any::AnyRow};

use crate::{Store, StoreError, row};

#[derive(Debug, Clone)]
pub struct InvitationRow {
    pub id: InvitationId,
    pub gives: Grant,
    /// For whom it was made, in the words of whoever made it.
    pub label: String,
    pub invited_by: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// What comes of a link when it is used.
#[derive(Debug)]
pub enum Acceptance<'a> {
    NewUser {
        id: UserId,
        email: &'a str,
        password_hash: &'a str,
        role: Role,
        family_of: Option<MemorialId>,
    },
    /// Somebody who has an account, and has just proved it: another role, or another memorial.
    Known {
        id: UserId,
        role: Option<Role>,
        family_of: Option<MemorialId>,
    },
    Password {
        id: UserId,
        password_hash: &'a str,
    },
}

const OPEN: &str = "used_at IS NULL AND withdrawn_at IS NULL";
const COLUMNS: &str = "id, gives, label, invited_by, created_at, expires_at";

impl Store {
    pub async fn insert_invitation(&self, invitation: &InvitationRow, token_hash: &str) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO invitations (id, token_hash, gives, label, invited_by, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(invitation.id.to_string())
        .bind(token_hash)
        .bind(invitation.gives.to_string())
        .bind(&invitation.label)
        .bind(&invitation.invited_by)
        .bind(invitation.created_at.millis())
        .bind(invitation.expires_at.millis())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// One that was not used, withdrawn or forgotten.
    pub async fn open_invitation(&self, id: InvitationId, now: Timestamp) -> Result<Option<InvitationRow>, StoreError> {
        self.one_invitation("id", &id.to_string(), now).await
    }

    pub async fn invitation_by_token(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<InvitationRow>, StoreError> {
        self.one_invitation("token_hash", token_hash, now).await
    }

    async fn one_invitation(
        &self,
        column: &'static str,
        value: &str,
        now: Timestamp,
    ) -> Result<Option<InvitationRow>, StoreError> {
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM invitations WHERE {column} = $1 AND expires_at > $2 AND {OPEN}"
        )))
        .bind(value)
        .bind(now.millis())
        .fetch_optional(&self.pool)
        .await?
        .as_ref()
        .map(invitation)
        .transpose()
    }

    /// Those that are still open and give this, the newest first.
    pub async fn open_invitations(&self, gives: Grant, now: Timestamp) -> Result<Vec<InvitationRow>, StoreError> {
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM invitations WHERE gives = $1 AND expires_at > $2 AND {OPEN} ORDER BY id DESC"
        )))
        .bind(gives.to_string())
        .bind(now.millis())
        .fetch_all(&self.pool)
        .await?
        .iter()
        .map(invitation)
        .collect()
    }

    /// Whether it was open.
    pub async fn withdraw_invitation(&self, id: InvitationId, at: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query(sqlx::AssertSqlSafe(format!(
            "UPDATE invitations SET withdrawn_at = $2 WHERE id = $1 AND {OPEN}"
        )))
        .bind(id.to_string())
        .bind(at.millis())
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Withdraws all open links that give this.
    pub async fn withdraw_invitations_giving(&self, gives: Grant, at: Timestamp) -> Result<(), StoreError> {
        withdraw_giving(&mut *self.pool.acquire().await?, gives, at).await
    }

    /// Withdraws the open links to one memorial that somebody gave.
    pub async fn withdraw_family_invitations(
        &self,
        memorial: MemorialId,
        by: UserId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "UPDATE invitations SET withdrawn_at = $3 WHERE gives = $1 AND invited_by = $2 AND {OPEN}"
        )))
        .bind(Grant::Family(memorial).to_string())
        .bind(by.to_string())
        .bind(at.millis())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Uses a link: once, whoever else uses it at the same moment. Whether it was open.
    pub async fn use_invitation(
        &self,
        id: InvitationId,
        now: Timestamp,
        acceptance: &Acceptance<'_>,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let used = sqlx::query(sqlx::AssertSqlSafe(format!(
            "UPDATE invitations SET used_at = $2 WHERE id = $1 AND expires_at > $2 AND {OPEN}"
        )))
        .bind(id.to_string())
        .bind(now.millis())
        .execute(&mut *transaction)
        .await?;
        if used.rows_affected() != 1 {
            return Ok(false);
        }
        let (user, family_of) = match acceptance {
            Acceptance::NewUser { id, email, password_hash, role, family_of } => {
                sqlx::query(
                    "INSERT INTO users (id, email, password_hash, role, created_at) VALUES ($1, $2, $3, $4, $5)",
                )
                .bind(id.to_string())
                .bind(*email)
                .bind(*password_hash)
                .bind(role.to_string())
                .bind(now.millis())
                .execute(&mut *transaction)
                .await?;
                (id, *family_of)
            }
            Acceptance::Known { id, role, family_of } => {
                if let Some(role) = role {
                    sqlx::query("UPDATE users SET role = $2 WHERE id = $1")
                        .bind(id.to_string())
                        .bind(role.to_string())
                        .execute(&mut *transaction)
                        .await?;
                }
                // Whoever gave one did so to somebody who saw less; and whoever proved the password needs no other.
                withdraw_giving(&mut transaction, Grant::Password(*id), now).await?;
                (id, *family_of)
            }
            Acceptance::Password { id, password_hash } => {
                sqlx::query("UPDATE users SET password_hash = $2 WHERE id = $1")
                    .bind(id.to_string())
                    .bind(*password_hash)
                    .execute(&mut *transaction)
                    .await?;
                sqlx::query("DELETE FROM sessions WHERE user_id = $1")
                    .bind(id.to_string())
                    .execute(&mut *transaction)
                    .await?;
                withdraw_giving(&mut transaction, Grant::Password(*id), now).await?;
                (id, None)
            }
        };
        if let Some(memorial) = family_of {
            sqlx::query(
                "INSERT INTO members (memorial_id, user_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            )
            .bind(memorial.to_string())
            .bind(user.to_string())
            .bind(now.millis())
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(true)
    }
}

async fn withdraw_giving(connection: &mut AnyConnection, gives: Grant, at: Timestamp) -> Result<(), StoreError> {
    sqlx::query(sqlx::AssertSqlSafe(format!("UPDATE invitations SET withdrawn_at = $2 WHERE gives = $1 AND {OPEN}")))
        .bind(gives.to_string())
        .bind(at.millis())
        .execute(connection)
        .await?;
    Ok(())
}

fn invitation(found: &AnyRow) -> Result<InvitationRow, StoreError> {
    Ok(InvitationRow {
        id: row::parsed(found, "id")?,
        gives: row::parsed(found, "gives")?,
        label: row::text(found, "label")?,
        invited_by: row::text(found, "invited_by")?,
        created_at: row::timestamp(found, "created_at")?,
        expires_at: row::timestamp(found, "expires_at")?,
    })
}
