//! What a mourner's page shows. Open to everybody who has the link.

use domain::document::WatchDocument;
use leptos::prelude::*;

use super::ApiError;

#[server]
pub async fn load_watch_page(slug: String) -> Result<WatchDocument, ApiError> {
    use super::request::{everlight, set_status};
    let document = match slug.parse() {
        Ok(slug) => everlight().viewing().document(&slug).await.map_err(ApiError::from),
        Err(_) => Err(ApiError::NotFound),
    };
    document.inspect_err(set_status)
}
