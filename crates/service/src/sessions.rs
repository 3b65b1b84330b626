//! WHIP and WHEP sessions that stand: what a later `PATCH` or `DELETE` is judged by (RFC 9725 §4.3).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{Route, StreamId, stream::Stream};
use media::{IceCredentials, SessionId};
use whip::{
    credentials::Credentials,
    etag::EntityTag,
    fragment::{Fragment, Section, SessionIce},
    offer::Role,
    patch::{Decision, PatchError, Request},
};

use crate::{Everlight, places::Place};

#[derive(Debug, Clone)]
struct Session {
    stream: StreamId,
    role: Role,
    /// Of the stream's link, when the session was let in.
    link_generation: i64,
    etag: EntityTag,
    /// The client's.
    credentials: Credentials,
    /// Kind and mid of the offer's first media section, which a restart's answer names.
    section: (&'static str, String),
    /// Who watches has a place of their network's, as long as the session stands.
    _seat: Option<Arc<Place>>,
}

#[derive(Default)]
pub(crate) struct Sessions {
    standing: Mutex<HashMap<SessionId, Session>>,
}

/// What to answer a `PATCH` with.
#[derive(Debug, PartialEq, Eq)]
pub enum Patched {
    /// `204`.
    Taken,
    /// `200`: our new credentials and candidates, and the new entity tag.
    Restarted { fragment: String, etag: String },
}

/// Why a `PATCH` was refused.
#[derive(Debug, thiserror::Error)]
pub enum PatchRefusal {
    #[error(transparent)]
    Request(#[from] PatchError),
    #[error("there is no such session, or it is over")]
    Unknown,
    /// The answer of the provider that has the session.
    #[error("the provider refused it (status {0})")]
    Provider(u16),
    #[error("the media gateway is not running")]
    Stopped,
}

impl From<media::SessionError> for PatchRefusal {
    fn from(error: media::SessionError) -> Self {
        match error {
            media::SessionError::Unknown => Self::Unknown,
            media::SessionError::Stopped => Self::Stopped,
        }
    }
}

impl Sessions {
    /// Remembers a session of the stream, as it was when the session was let in, and returns its entity tag.
    pub(crate) fn add(
        &self,
        stream: &Stream,
        role: Role,
        offer: &whip::offer::Offer,
        answer: &media::Answer,
        seat: Option<Place>,
    ) -> EntityTag {
        let etag = etag(&answer.ice);
        let section = offer.media.first().map_or(("audio", "0".to_owned()), |media| {
            let kind = match media.kind {
                whip::offer::Kind::Audio => "audio",
                whip::offer::Kind::Video => "video",
            };
            (kind, media.mid.clone())
        });
        let credentials = offer.credentials.clone();
        let session = Session {
            stream: stream.id,
            role,
            link_generation: stream.link_generation,
            etag: etag.clone(),
            credentials,
            section,
            _seat: seat.map(Arc::new),
        };
        self.standing().insert(answer.session, session);
        etag
    }

    /// Whether the session is one of this stream's.
    pub(crate) fn is_of(&self, session: SessionId, stream: StreamId) -> bool {
        self.standing().get(&session).is_some_and(|known| known.stream == stream)
    }

    /// Those who film with a link that was replaced.
    pub(crate) fn former_publishers_of(&self, stream: &Stream) -> Vec<SessionId> {
        let standing = self.standing();
        let of_stream = standing.iter().filter(|(_, known)| known.stream == stream.id && known.role == Role::Publisher);
        let former = of_stream.filter(|(_, known)| known.link_generation < stream.link_generation);
        former.map(|(session, _)| *session).collect()
    }

    pub(crate) fn of(&self, stream: StreamId, role: Role) -> Vec<SessionId> {
        let standing = self.standing();
        let found = standing.iter().filter(|(_, known)| known.stream == stream && known.role == role);
        found.map(|(session, _)| *session).collect()
    }

    pub(crate) fn remove(&self, session: SessionId) {
        self.standing().remove(&session);
    }

    fn standing(&self) -> MutexGuard<'_, HashMap<SessionId, Session>> {
        // The map is consistent between any two statements: a panic elsewhere leaves it usable.
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Everlight {
    /// Hands a `PATCH` to whoever has the session: our gateway, or a provider.
    pub(crate) async fn patch_at(
        &self,
        stream: &Stream,
        id: SessionId,
        request: Request<'_>,
    ) -> Result<Patched, PatchRefusal> {
        if stream.route == Route::Direct {
            self.patch_direct(stream.id, id, &request).await
        } else {
            self.patch_session(stream.id, id, request).await
        }
    }

    /// Adds a client's candidates to its session, or restarts its ICE.
    pub(crate) async fn patch_session(
        &self,
        stream: StreamId,
        id: SessionId,
        request: Request<'_>,
    ) -> Result<Patched, PatchRefusal> {
        let known = self.sessions.standing().get(&id).filter(|known| known.stream == stream).cloned();
        let session = known.ok_or(PatchRefusal::Unknown)?;
        let current = whip::patch::Session { etag: &session.etag, credentials: &session.credentials, restart: true };
        match whip::patch::decide(request, current)? {
            Decision::Trickle { candidates, .. } => {
                // An ICE-lite agent answers checks from wherever they come: it has no use for candidates.
                tracing::debug!(candidates = candidates.len(), "trickled");
                self.gateway.check(id).await?;
                Ok(Patched::Taken)
            }
            Decision::Restart { credentials, .. } => {
                let remote =
                    IceCredentials { ufrag: credentials.ufrag().to_owned(), pwd: credentials.pwd().to_owned() };
                let restarted = self.gateway.restart_ice(id, remote).await?;
                let etag = etag(&restarted.ice);
                if let Some(known) = self.sessions.standing().get_mut(&id) {
                    known.etag = etag.clone();
                    known.credentials = credentials;
                }
                Ok(Patched::Restarted {
                    fragment: restart_fragment(&session.section, &restarted),
                    etag: etag.to_string(),
                })
            }
        }
    }
}

/// Our credentials and all of our candidates, on the offerer-tagged m-line (RFC 9725 §4.3.3).
fn restart_fragment((kind, mid): &(&'static str, String), restarted: &media::IceRestart) -> String {
    let candidates =
        restarted.candidates.iter().filter_map(|text| whip::candidate::Candidate::parse(text).ok()).collect();
    Fragment {
        ice: SessionIce { lite: true, ..SessionIce::default() },
        bundle: vec![mid.clone()],
        credentials: Credentials::new(&restarted.ice.ufrag, &restarted.ice.pwd),
        sections: vec![Section {
            media: format!("{kind} 9 UDP/TLS/RTP/SAVPF 0"),
            mid: mid.clone(),
            candidates,
            end_of_candidates: true,
        }],
    }
    .to_string()
}

/// Names an ICE session by our half of it, which changes with every restart and is no secret (the password is).
fn etag(ice: &IceCredentials) -> EntityTag {
    EntityTag::new(ice.ufrag.clone()).expect("user name fragments are letters and digits, which entity tags may hold")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{places::Places, testing::Installation};

    #[tokio::test]
    async fn who_watches_has_a_place_until_the_session_is_over() {
        let at = Installation::new().await;
        let stream = at.store.stream(at.create().await).await.unwrap().unwrap();
        let (sessions, places, network) = (Sessions::default(), Places::new(1), [192, 0, 2, 1].into());
        let offer = include_str!("../../media/tests/fixtures/chromium-156-viewer.sdp");
        let offer = whip::offer::check(offer, Role::Viewer).unwrap();
        let ice = IceCredentials { ufrag: "abcd".into(), pwd: "0123456789012345678901".into() };
        let answer = media::Answer { session: SessionId::random(), sdp: String::new(), ice };
        sessions.add(&stream, Role::Viewer, &offer, &answer, places.take(network));
        assert!(sessions.is_of(answer.session, stream.id) && places.take(network).is_none());
        sessions.remove(answer.session);
        assert!(places.take(network).is_some());
    }
}
