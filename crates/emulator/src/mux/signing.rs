//! Signing keys, and the tokens of signed playback (RS256; docs.mux.com, "Secure video playback").

use axum::extract::{Path, State};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::reply::{ApiError, Reply, created, deleted, ok};
use super::{Environment, PlaybackId, Policy};
use crate::rsa::RsaKey;
use crate::world::{Shared, World};
use crate::{clock, ids};

pub(super) struct SigningKey {
    id: String,
    created: i64,
    key: RsaKey,
}

impl SigningKey {
    fn show(&self) -> Value {
        json!({ "id": self.id, "created_at": self.created.to_string() })
    }
}

impl Environment {
    /// Whether this playback id may be used with this token, or with none.
    pub(super) fn may_play(&self, id: &PlaybackId, token: Option<&str>) -> bool {
        id.policy == Policy::Public || token.is_some_and(|token| self.verify(&id.id, token).is_some())
    }

    fn verify(&self, playback_id: &str, token: &str) -> Option<()> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        let header: Value = serde_json::from_slice(&decode(header)?).ok()?;
        let claims: Value = serde_json::from_slice(&decode(claims)?).ok()?;
        // In the claims with Mux's own SDK, in the header with most libraries.
        let kid = claims["kid"].as_str().or(header["kid"].as_str())?;
        let key = self.keys.iter().find(|key| key.id == kid)?;
        let good = header["alg"] == "RS256"
            && claims["sub"] == playback_id
            && claims["aud"] == "v"
            && claims["exp"].as_i64().is_some_and(|expires| expires > clock::unix())
            && key.key.verifies(signed.as_bytes(), &decode(signature)?);
        good.then_some(())
    }
}

impl World {
    /// A new key as it is shown, and its private half, which is shown this once.
    pub(crate) fn mux_signing_key(&self) -> Result<(Value, String), rcgen::Error> {
        let key = RsaKey::generate()?;
        let private = STANDARD.encode(key.pkcs1_pem());
        let key = SigningKey { id: ids::alphanumeric(44), created: clock::unix(), key };
        let shown = key.show();
        self.state().mux.keys.push(key);
        Ok((shown, private))
    }
}

pub(super) async fn create(State(world): State<Shared>) -> Reply {
    let (mut shown, private) = world.mux_signing_key().map_err(|error| ApiError::invalid(error.to_string()))?;
    shown["private_key"] = json!(private);
    Ok(created(shown))
}

pub(super) async fn list(State(world): State<Shared>) -> Reply {
    Ok(ok(world.state().mux.keys.iter().map(SigningKey::show).collect()))
}

pub(super) async fn get(State(world): State<Shared>, Path(id): Path<String>) -> Reply {
    let state = world.state();
    state.mux.keys.iter().find(|key| key.id == id).map(|key| ok(key.show())).ok_or(ApiError::NotFound)
}

pub(super) async fn delete(State(world): State<Shared>, Path(id): Path<String>) -> Reply {
    let mut state = world.state();
    let at = state.mux.keys.iter().position(|key| key.id == id).ok_or(ApiError::NotFound)?;
    state.mux.keys.remove(at);
    Ok(deleted())
}
