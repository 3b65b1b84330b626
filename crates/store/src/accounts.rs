//! People who sign in, and their sessions.

use domain::{EmailAddress, Timestamp, UserId};

use crate::{Engine, Store, StoreError, row};

#[derive(Debug, Clone)]
pub struct UserRow {
    pub id: UserId,
    pub email: String,
    pub password_hash: String,
}

#[derive(Debug, Clone)]
pub struct SessionRow {
    pub user: UserRow,
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
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
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO users (id, email, password_hash, created_at) VALUES ($1, $2, $3, $4)")
            .bind(id.to_string())
            .bind(email.as_str())
            .bind(password_hash)
            .bind(at.millis())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Inserts the first user, and only if there is none: two set-ups at once make one administrator.
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
            "INSERT INTO users (id, email, password_hash, created_at)
             SELECT $1, $2, $3, $4 WHERE NOT EXISTS (SELECT 1 FROM users)",
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
        sqlx::query("SELECT id, email, password_hash FROM users WHERE email = $1")
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
        at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO sessions (token_hash, user_id, created_at, last_seen_at, expires_at) VALUES ($1, $2, $3, $3, $4)",
        )
        .bind(token_hash)
        .bind(user.to_string())
        .bind(at.millis())
        .bind(expires_at.millis())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    pub async fn session(&self, token_hash: &str) -> Result<Option<SessionRow>, StoreError> {
        sqlx::query(
            "SELECT users.id AS id, email, password_hash, last_seen_at, expires_at
             FROM sessions JOIN users ON users.id = sessions.user_id WHERE token_hash = $1",
        )
        .bind(token_hash)
        .fetch_optional(&self.pool)
        .await?
        .map(|found| {
            Ok(SessionRow {
                user: user(&found)?,
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

    pub async fn delete_expired_sessions(&self, now: Timestamp, idle_since: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM sessions WHERE expires_at < $1 OR last_seen_at < $2")
            .bind(now.millis())
            .bind(idle_since.millis())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }
}

fn user(found: &sqlx::any::AnyRow) -> Result<UserRow, StoreError> {
    Ok(UserRow {
        id: row::parsed(found, "id")?,
        email: row::text(found, "email")?,
        password_hash: row::text(found, "password_hash")?,
    })
}
