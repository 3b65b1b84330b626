//! People who sign in, and their sessions.

use domain::{EmailAddress, Role, Timestamp, UserId};

use crate::{Engine, Store, StoreError, row};

#[derive(Debug, Clone)]
pub struct UserRow {
    pub id: UserId,
    pub email: String,
    pub password_hash: String,
    pub role: Role,
}

#[derive(Debug, Clone)]
pub struct SessionRow {
    pub user: UserRow,
    /// The second step is still to come: it opens nothing.
    pub waiting: bool,
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A session as its owner sees it among the others.
#[derive(Debug, Clone)]
pub struct SessionEntry {
    /// Names it, and opens nothing.
    pub token_hash: String,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub agent: String,
}

impl Store {
    pub async fn user_count(&self) -> Result<i64, StoreError> {
        let found = sqlx::query("SELECT COUNT(*) AS users FROM users").fetch_one(&self.pool).await?;
        row::number(&found, "users")
    }

    pub async fn insert_user(
        &self,
        id: UserId,
        email: &EmailAddress,
        password_hash: &str,
        role: Role,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO users (id, email, password_hash, role, created_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(id.to_string())
            .bind(email.as_str())
            .bind(password_hash)
            .bind(role.to_string())
            .bind(at.millis())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Inserts the first user, an administrator, and only if there is none: two set-ups at once make one administrator.
    pub async fn insert_first_user(
        &self,
        id: UserId,
        email: &EmailAddress,
        password_hash: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        // SQLite has one writer at a time; in PostgreSQL two would not see each other's row.
        if self.engine == Engine::Postgres {
            sqlx::query("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE").execute(&mut *transaction).await?;
        }
        let done = sqlx::query(
            "INSERT INTO users (id, email, password_hash, role, created_at)
             SELECT $1, $2, $3, 'administrator', $4 WHERE NOT EXISTS (SELECT 1 FROM users)",
        )
        .bind(id.to_string())
        .bind(email.as_str())
        .bind(password_hash)
        .bind(at.millis())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    pub async fn user_by_email(&self, email: &EmailAddress) -> Result<Option<UserRow>, StoreError> {
        sqlx::query("SELECT id, email, password_hash, role FROM users WHERE email = $1")
            .bind(email.as_str())
            .fetch_optional(&self.pool)
            .await?
            .as_ref()
            .map(user)
            .transpose()
    }

    pub async fn insert_session(
        &self,
        token_hash: &str,
        user: UserId,
        agent: &str,
        waiting: bool,
        at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO sessions (token_hash, user_id, created_at, last_seen_at, expires_at, agent, waiting)
             VALUES ($1, $2, $3, $3, $4, $5, $6)",
        )
        .bind(token_hash)
        .bind(user.to_string())
        .bind(at.millis())
        .bind(expires_at.millis())
        .bind(agent)
        .bind(i64::from(waiting))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    pub async fn session(&self, token_hash: &str) -> Result<Option<SessionRow>, StoreError> {
        sqlx::query(
            "SELECT users.id AS id, email, password_hash, role, waiting, last_seen_at, expires_at
             FROM sessions JOIN users ON users.id = sessions.user_id WHERE token_hash = $1",
        )
        .bind(token_hash)
        .fetch_optional(&self.pool)
        .await?
        .map(|found| {
            Ok(SessionRow {
                user: user(&found)?,
                waiting: row::number(&found, "waiting")? != 0,
                last_seen_at: row::timestamp(&found, "last_seen_at")?,
                expires_at: row::timestamp(&found, "expires_at")?,
            })
        })
        .transpose()
    }

    pub async fn touch_session(&self, token_hash: &str, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE sessions SET last_seen_at = $2 WHERE token_hash = $1")
            .bind(token_hash)
            .bind(at.millis())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    pub async fn delete_session(&self, token_hash: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sessions WHERE token_hash = $1").bind(token_hash).execute(&self.pool).await?;
        Ok(())
    }

    /// Of one person, the latest used first.
    pub async fn sessions_of(&self, user: UserId, now: Timestamp) -> Result<Vec<SessionEntry>, StoreError> {
        sqlx::query(
            "SELECT token_hash, created_at, last_seen_at, agent FROM sessions WHERE user_id = $1 AND expires_at > $2 AND waiting = 0
             ORDER BY last_seen_at DESC, token_hash",
        )
        .bind(user.to_string())
        .bind(now.millis())
        .fetch_all(&self.pool)
        .await?
        .iter()
        .map(|found| {
            Ok(SessionEntry {
                token_hash: row::text(found, "token_hash")?,
                created_at: row::timestamp(found, "created_at")?,
                last_seen_at: row::timestamp(found, "last_seen_at")?,
                agent: row::text(found, "agent")?,
            })
        })
        .collect()
    }

    /// Whether this person had such a session.
    pub async fn delete_session_of(&self, user: UserId, token_hash: &str) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND token_hash = $2")
            .bind(user.to_string())
            .bind(token_hash)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Every session of a person but one.
    pub async fn delete_other_sessions(&self, user: UserId, kept: &str) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND token_hash <> $2")
            .bind(user.to_string())
            .bind(kept)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }

    pub async fn set_password(&self, user: UserId, password_hash: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE users SET password_hash = $2 WHERE id = $1")
            .bind(user.to_string())
            .bind(password_hash)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    pub async fn delete_expired_sessions(&self, now: Timestamp, idle_since: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM sessions WHERE expires_at < $1 OR last_seen_at < $2")
            .bind(now.millis())
            .bind(idle_since.millis())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }
}

pub(crate) fn user(found: &sqlx::any::AnyRow) -> Result<UserRow, StoreError> {
    Ok(UserRow {
        id: row::parsed(found, "id")?,
        email: row::text(found, "email")?,
        password_hash: row::text(found, "password_hash")?,
        role: row::parsed(found, "role")?,
    })
}
