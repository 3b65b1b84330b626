//! The board of the day.

use domain::today::TodayRow;
use leptos::prelude::*;

use super::ApiError;

#[server]
pub async fn load_today() -> Result<Vec<TodayRow>, ApiError> {
    use super::request::{actor, everlight, set_status};
    everlight().today(&actor()?).await.map_err(ApiError::from).inspect_err(set_status)
}
