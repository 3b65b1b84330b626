//! The JSON API for programs.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use domain::{MemorialId, Timestamp};
use serde::Deserialize;
use serde_json::json;
use service::{Actor, Error, Everlight};

use super::reply;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateWhip {
    memorial_id: String,
    title: String,
    #[serde(default)]
    description: String,
    /// RFC 3339, or Unix milliseconds.
    scheduled_start_time: Option<serde_json::Value>,
    /// How long it will take; an hour where nothing is said.
    planned_minutes: Option<u16>,
    #[serde(default)]
    enable_mux_backup: bool,
}

/// `POST /api/streams/create-whip`, with a session or `Authorization: Bearer` and an API token.
pub async fn create_whip(
    State(everlight): State<Arc<Everlight>>,
    actor: Option<Extension<Actor>>,
    headers: HeaderMap,
    body: Result<Json<CreateWhip>, JsonRejection>,
) -> Response {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).map(|value| {
        value
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map_or("", |(_, token)| token.trim())
    });
    // Whoever sends a token is judged by the token alone.
    let actor = match bearer {
        Some(token) => everlight.accounts().authenticate_program(token).await,
        None => actor.map(|Extension(actor)| actor).ok_or(Error::SignedOut),
    };
    let actor = match actor {
        Ok(actor) => actor,
        Err(error) => return failed(&error),
    };
    let Json(wanted) = match body {
        Ok(body) => body,
        Err(rejection) => return failed(&Error::Invalid(rejection.body_text())),
    };
    match create(&everlight, &actor, wanted, &headers).await {
        Ok(stream) => (StatusCode::CREATED, Json(json!({ "success": true, "stream": stream }))).into_response(),
        Err(error) => failed(&error),
    }
}

async fn create(
    everlight: &Everlight,
    actor: &Actor,
    wanted: CreateWhip,
    headers: &HeaderMap,
) -> Result<domain::document::StreamDocument, Error> {
    let memorial: MemorialId = wanted.memorial_id.parse().map_err(|_| Error::NotFound)?;
    let zone = everlight.memorials().get(actor, memorial).await?.details.time_zone;
    let (date, time) = match wanted.scheduled_start_time {
        Some(moment) => {
            let moment = service::time::parse(&moment).ok_or_else(|| {
                Error::Invalid("scheduledStartTime is no moment, such as 2026-11-24T14:30:00Z.".into())
            })?;
            local(moment, &zone)?
        }
        None => (String::new(), String::new()),
    };
    let submission = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default().to_owned();
    let form = service::streams::StreamForm {
        title: wanted.title,
        description: wanted.description,
        date,
        time,
        length: wanted.planned_minutes.map(|minutes| minutes.to_string()).unwrap_or_default(),
        time_zone: zone.to_string(),
        method: "phone-browser".into(),
        backup: wanted.enable_mux_backup,
        submission,
        privacy: service::privacy::PrivacyForm::default(),
    };
    everlight.streams().create(actor, memorial, form).await
}

fn local(moment: Timestamp, zone: &domain::TimeZoneName) -> Result<(String, String), Error> {
    let local = service::time::local(moment, zone)
        .ok_or_else(|| Error::Invalid("scheduledStartTime is out of range.".into()))?;
    Ok((local.date, local.time))
}

fn failed(error: &Error) -> Response {
    let (status, words) = reply::status_and_words(error);
    (status, Json(json!({ "success": false, "error": words }))).into_response()
}
