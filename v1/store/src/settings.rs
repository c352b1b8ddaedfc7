//! Small settings of this peer that are no facts, e.g. whether its GPU is rented out.

use crate::{Store, StoreError};

impl Store {
    /// Stores a setting, new or changed. The name has 1 to 100 characters.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_setting(&self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
            .bind(name)
            .bind(value)
            .execute(self.pool())
            .await?;
        Ok(())
    }

    /// The setting of this name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(sqlx::query_scalar("SELECT value FROM settings WHERE name = ?").bind(name).fetch_optional(self.pool()).await?)
    }
}
