//! What a mourner's page shows, for whoever is let in at their gate.

use domain::document::WatchDocument;
use leptos::prelude::*;

use super::ApiError;

#[server]
pub async fn load_watch_page(slug: String) -> Result<WatchDocument, ApiError> {
    use super::request::{everlight, set_status, viewer_pass};
    let document = match slug.parse() {
        Ok(slug) => async {
            let everlight = everlight();
            let admission = everlight.viewing().admit(&slug, viewer_pass(&everlight).as_ref()).await?;
            everlight.viewing().document(&admission).await
        }
        .await
        .map_err(ApiError::from),
        Err(_) => Err(ApiError::NotFound),
    };
    document.inspect_err(set_status)
}
