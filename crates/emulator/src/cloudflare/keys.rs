//! Signed playback: tokens made by the API, and signing keys.

use axum::extract::{Path, State};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Account;
use super::envelope::{ApiError, Reply, body, ok};
use crate::rsa::RsaKey;
use crate::world::{Shared, World};
use crate::{clock, ids};

/// A token that the API gave out.
pub(super) struct Token {
    text: String,
    /// Of a video or a live input.
    pub(super) subject: String,
    /// Unix seconds.
    expires: i64,
    pub(super) downloadable: bool,
}

pub(super) struct SigningKey {
    id: String,
    created: Timestamp,
    key: RsaKey,
}

impl Account {
    /// Whom a signed token opens, and whether for downloads: one of ours, or one signed with a key of ours.
    pub(super) fn opened_by(&self, text: &str) -> Option<(String, bool)> {
        let now = clock::unix();
        if let Some(token) = self.tokens.iter().find(|token| token.text == text) {
            return (token.expires > now).then(|| (token.subject.clone(), token.downloadable));
        }
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        let header: Value = serde_json::from_slice(&decode(header)?).ok()?;
        let claims: Value = serde_json::from_slice(&decode(claims)?).ok()?;
        let signature = decode(signature)?;
        let key = self.keys.iter().find(|key| claims["kid"] == *key.id)?;
        let valid = header["alg"] == "RS256"
            && header["kid"] == *key.id
            && key.key.verifies(signed.as_bytes(), &signature)
            && claims["exp"].as_i64().is_some_and(|expires| expires > now)
            && claims["nbf"].as_i64().is_none_or(|from| from <= now);
        valid.then(|| (claims["sub"].as_str().unwrap_or_default().to_owned(), claims["downloadable"] == true))
    }
}

#[derive(Deserialize)]
struct Wanted {
    exp: Option<i64>,
    #[serde(default)]
    downloadable: bool,
}

const HOUR: i64 = 3600;

pub(super) async fn token(State(world): State<Shared>, Path((_, id)): Path<(String, String)>, bytes: Bytes) -> Reply {
    let Wanted { exp, downloadable } = body(&bytes)?;
    let now = clock::unix();
    let expires = exp.unwrap_or(now + HOUR);
    if expires > now + 24 * HOUR {
        return Err(ApiError::BadRequest("exp must be within 24 hours".into()));
    }
    let mut state = world.state();
    let account = &mut state.cloudflare;
    if account.video(&id).is_none() && account.input(&id).is_none() {
        return Err(ApiError::NotFound);
    }
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(json!({ "alg": "RS256", "kid": "emulator" }));
    let claims = part(json!({ "sub": id, "kid": "emulator", "exp": expires, "downloadable": downloadable }));
    let text = format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(ids::alphanumeric(64)));
    account.tokens.push(Token { text: text.clone(), subject: id, expires, downloadable });
    Ok(ok(json!({ "token": text })))
}

impl World {
    /// A new key as it is shown, private half and all, this once.
    pub(crate) fn cloudflare_signing_key(&self) -> Result<Value, rcgen::Error> {
        let key = RsaKey::generate()?;
        let (id, created) = (ids::hex(32), clock::now());
        let pem = STANDARD.encode(key.pkcs1_pem());
        let jwk = STANDARD.encode(key.jwk(&id).to_string());
        let shown = json!({ "id": id, "created": clock::micros(created), "pem": pem, "jwk": jwk });
        self.state().cloudflare.keys.push(SigningKey { id, created, key });
        Ok(shown)
    }
}

pub(super) async fn create(State(world): State<Shared>) -> Reply {
    Ok(ok(world.cloudflare_signing_key().map_err(|error| ApiError::BadRequest(error.to_string()))?))
}

/// The keys themselves are shown once, when they are made.
pub(super) async fn list(State(world): State<Shared>) -> Reply {
    let state = world.state();
    let shown = state.cloudflare.keys.iter().map(|key| json!({ "id": key.id, "created": clock::micros(key.created) }));
    Ok(ok(shown.collect()))
}

pub(super) async fn delete(State(world): State<Shared>, Path((_, id)): Path<(String, String)>) -> Reply {
    let mut state = world.state();
    let keys = &mut state.cloudflare.keys;
    let at = keys.iter().position(|key| key.id == id).ok_or(ApiError::NotFound)?;
    keys.remove(at);
    Ok(ok(json!("")))
}
