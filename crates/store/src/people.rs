//! Funeral homes, who works there, and the families of memorials.

use domain::{HomeId, HomeName, MemorialId, Role, Timestamp, UserId};

use crate::{Store, StoreError, UserRow, accounts::user, row};

#[derive(Debug, Clone)]
pub struct HomeRow {
    pub id: HomeId,
    pub name: HomeName,
}

impl Store {
    pub async fn insert_home(&self, home: &HomeRow, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO homes (id, name, created_at) VALUES ($1, $2, $3)")
            .bind(home.id.to_string())
            .bind(home.name.as_str())
            .bind(at.millis())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Whether there was such a home.
    pub async fn rename_home(&self, id: HomeId, name: &HomeName) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE homes SET name = $2 WHERE id = $1")
            .bind(id.to_string())
            .bind(name.as_str())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// By name.
    pub async fn homes(&self) -> Result<Vec<HomeRow>, StoreError> {
        sqlx::query("SELECT id, name FROM homes ORDER BY name, id")
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(|found| Ok(HomeRow { id: row::parsed(found, "id")?, name: row::checked(found, "name")? }))
            .collect()
    }

    pub async fn home(&self, id: HomeId) -> Result<Option<HomeRow>, StoreError> {
        sqlx::query("SELECT id, name FROM homes WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?
            .map(|found| Ok(HomeRow { id: row::parsed(&found, "id")?, name: row::checked(&found, "name")? }))
            .transpose()
    }

    /// By e-mail address.
    pub async fn users_with_role(&self, role: Role) -> Result<Vec<UserRow>, StoreError> {
        sqlx::query("SELECT id, email, password_hash, role FROM users WHERE role = $1 ORDER BY email")
            .bind(role.to_string())
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(user)
            .collect()
    }

    pub async fn user(&self, id: UserId) -> Result<Option<UserRow>, StoreError> {
        sqlx::query("SELECT id, email, password_hash, role FROM users WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?
            .as_ref()
            .map(user)
            .transpose()
    }

    /// The family of a memorial, by e-mail address.
    pub async fn members_of(&self, memorial: MemorialId) -> Result<Vec<UserRow>, StoreError> {
        sqlx::query(
            "SELECT users.id AS id, email, password_hash, role FROM members JOIN users ON users.id = user_id
             WHERE memorial_id = $1 ORDER BY email",
        )
        .bind(memorial.to_string())
        .fetch_all(&self.pool)
        .await?
        .iter()
        .map(user)
        .collect()
    }

    pub async fn is_member(&self, memorial: MemorialId, user: UserId) -> Result<bool, StoreError> {
        let found = sqlx::query("SELECT 1 AS found FROM members WHERE memorial_id = $1 AND user_id = $2")
            .bind(memorial.to_string())
            .bind(user.to_string())
            .fetch_optional(&self.pool)
            .await?;
        Ok(found.is_some())
    }

    /// The funeral homes of the memorials that somebody was invited to, one for each memorial.
    pub async fn homes_of_memberships(&self, user: UserId) -> Result<Vec<Option<HomeId>>, StoreError> {
        sqlx::query("SELECT home_id FROM members JOIN memorials ON memorials.id = memorial_id WHERE user_id = $1")
            .bind(user.to_string())
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(|found| row::optional(found, "home_id"))
            .collect()
    }

    /// Whether there was such a member.
    pub async fn remove_member(&self, memorial: MemorialId, user: UserId) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM members WHERE memorial_id = $1 AND user_id = $2")
            .bind(memorial.to_string())
            .bind(user.to_string())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes a person's role away: their sessions and the links that they gave end with it. Whoever is family of a
    /// memorial as well stays that; anybody else's account is deleted.
    pub async fn remove_staff(&self, user: UserId, at: Timestamp) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        let id = user.to_string();
        sqlx::query("UPDATE users SET role = 'family' WHERE id = $1").bind(&id).execute(&mut *transaction).await?;
        sqlx::query("DELETE FROM sessions WHERE user_id = $1").bind(&id).execute(&mut *transaction).await?;
        sqlx::query(
            "UPDATE invitations SET withdrawn_at = $2
             WHERE (invited_by = $1 OR gives = $3) AND used_at IS NULL AND withdrawn_at IS NULL",
        )
        .bind(&id)
        .bind(at.millis())
        .bind(domain::Grant::Password(user).to_string())
        .execute(&mut *transaction)
        .await?;
        sqlx::query("DELETE FROM users WHERE id = $1 AND id NOT IN (SELECT user_id FROM members)")
            .bind(&id)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }
}
