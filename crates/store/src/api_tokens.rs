//! Tokens for programs, by their SHA-256.

use domain::{Timestamp, access::Scope};

use crate::{Store, StoreError, row};

impl Store {
    pub async fn insert_api_token(
        &self,
        hash: &str,
        name: &str,
        scope: Scope,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO api_tokens (token_hash, name, scope, created_at) VALUES ($1, $2, $3, $4)")
            .bind(hash)
            .bind(name)
            .bind(scope.to_string())
            .bind(at.millis())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The name and reach of the token with this hash, if it was made and not revoked.
    pub async fn api_token(&self, hash: &str) -> Result<Option<(String, Scope)>, StoreError> {
        sqlx::query("SELECT name, scope FROM api_tokens WHERE token_hash = $1 AND revoked_at IS NULL")
            .bind(hash)
            .fetch_optional(&self.pool)
            .await?
            .map(|found| Ok((row::text(&found, "name")?, row::parsed(&found, "scope")?)))
            .transpose()
    }

    /// How many were good until now.
    pub async fn revoke_api_tokens(&self, name: &str, at: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query("UPDATE api_tokens SET revoked_at = $2 WHERE name = $1 AND revoked_at IS NULL")
            .bind(name)
            .bind(at.millis())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }
}
