//! The board of the day.

use domain::today::TodayRow;
use leptos::prelude::*;

use super::ApiError;

#[server]
pub async fn load_today() -> Result<Vec<TodayRow>, ApiError> {
    use super::request::{actor, everlight};
    Ok(everlight().today(&actor()?).await?)
}
