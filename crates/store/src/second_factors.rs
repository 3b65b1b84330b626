//! The second step at sign-in.

use domain::{Timestamp, UserId};

use crate::{Store, StoreError, row};

#[derive(Debug, Clone)]
pub struct FactorRow {
    /// Encrypted.
    pub secret: String,
    pub confirmed: bool,
    /// The step whose code was used last.
    pub last_step: i64,
}

impl Store {
    pub async fn second_factor(&self, user: UserId) -> Result<Option<FactorRow>, StoreError> {
        sqlx::query("SELECT secret, confirmed_at, last_step FROM second_factors WHERE user_id = $1")
            .bind(user.to_string())
            .fetch_optional(&self.pool)
            .await?
            .map(|found| {
                Ok(FactorRow {
                    secret: row::text(&found, "secret")?,
                    confirmed: row::optional_timestamp(&found, "confirmed_at")?.is_some(),
                    last_step: row::number(&found, "last_step")?,
                })
            })
            .transpose()
    }

    /// Puts another secret in the place of one that was not confirmed. Whether that was so.
    pub async fn begin_second_factor(&self, user: UserId, secret: &str) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO second_factors (user_id, secret, last_step) VALUES ($1, $2, 0)
             ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret WHERE second_factors.confirmed_at IS NULL",
        )
        .bind(user.to_string())
        .bind(secret)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// From now on it is asked for. Whether it was not before.
    pub async fn confirm_second_factor(
        &self,
        user: UserId,
        step: i64,
        recovery: &[String],
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let confirmed = sqlx::query(
            "UPDATE second_factors SET confirmed_at = $2, last_step = $3 WHERE user_id = $1 AND confirmed_at IS NULL",
        )
        .bind(user.to_string())
        .bind(at.millis())
        .bind(step)
        .execute(&mut *transaction)
        .await?;
        if confirmed.rows_affected() != 1 {
            return Ok(false);
        }
        for code in recovery {
            sqlx::query("INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)")
                .bind(user.to_string())
                .bind(code)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Uses up a step's code: once, whoever else tries at the same moment. Whether it was not used before.
    pub async fn use_step(&self, user: UserId, step: i64) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE second_factors SET last_step = $2 WHERE user_id = $1 AND last_step < $2")
            .bind(user.to_string())
            .bind(step)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Uses up a code for whoever lost their phone. Whether it was one.
    pub async fn use_recovery_code(&self, user: UserId, hash: &str) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1 AND code_hash = $2")
            .bind(user.to_string())
            .bind(hash)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Whether there was one.
    pub async fn remove_second_factor(&self, user: UserId) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1")
            .bind(user.to_string())
            .execute(&mut *transaction)
            .await?;
        let done = sqlx::query("DELETE FROM second_factors WHERE user_id = $1")
            .bind(user.to_string())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}
