//! The success metrics, for administrators.

use domain::success::Report;
use leptos::prelude::*;

use super::ApiError;

/// `period`: see [`domain::success::Period::named`].
#[server]
pub async fn load_numbers(period: Option<String>) -> Result<Report, ApiError> {
    use super::request::{actor, everlight, set_status};
    let period = domain::success::Period::named(&period.unwrap_or_default());
    everlight().success().report(&actor()?, period).await.map_err(ApiError::from).inspect_err(set_status)
}
