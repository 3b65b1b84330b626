//! The direct route: the phone's and the viewers' session descriptions go through here to a provider, their media do not.
//! The provider's addresses are secrets (whoever has the one for publishing can publish), so browsers only ever see ours.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use domain::{
    StreamId,
    stream::{Stream, StreamEvent},
};
use media::SessionId;
use reqwest::{Method, StatusCode, header};
use secrecy::{ExposeSecret as _, SecretString};
use whip::{etag::EntityTag, offer::Role, patch::Request};

use crate::{
    Error, Everlight,
    cloud::LiveHost,
    publishing::Published,
    sessions::{PatchRefusal, Patched},
};

/// Session descriptions are some kilobytes.
const ANSWER_LIMIT: usize = 256 * 1024;
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Sessions at the provider, by the names that we gave them. A restart forgets them; whoever has one gets a 404 and makes
/// another.
#[derive(Default)]
pub(crate) struct Direct {
    standing: Mutex<HashMap<SessionId, Standing>>,
}

#[derive(Clone)]
struct Standing {
    stream: StreamId,
    asker: Asker,
    /// Of the stream's link, when the session was let in.
    link_generation: i64,
    since: Instant,
    address: SecretString,
}

/// Whose session it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asker {
    Publisher,
    /// Of this network.
    Viewer(IpAddr),
}

impl Asker {
    const fn role(self) -> Role {
        match self {
            Self::Publisher => Role::Publisher,
            Self::Viewer(_) => Role::Viewer,
        }
    }
}

/// Why a provider's side of a session did not come about. Says nothing of its address.
#[derive(Debug, thiserror::Error)]
pub enum DirectError {
    #[error("nobody is live there yet")]
    NotLive,
    #[error("the provider refused the session (status {0})")]
    Refused(u16),
    #[error("the provider does not answer")]
    NoAnswer,
    #[error("the provider answered with something else than a session")]
    NotASession,
}

impl Direct {
    fn standing(&self) -> MutexGuard<'_, HashMap<SessionId, Standing>> {
        // Consistent between any two statements: a panic elsewhere leaves it usable.
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those that anybody has a session of.
    pub(crate) fn streams(&self) -> Vec<StreamId> {
        self.standing().values().map(|known| known.stream).collect()
    }

    /// The sessions of a stream are nothing to us any more.
    pub(crate) fn forget(&self, stream: StreamId) {
        self.standing().retain(|_, known| known.stream != stream);
    }

    pub(crate) fn publishers_of(&self, stream: StreamId) -> Vec<SessionId> {
        self.of(stream, Role::Publisher)
    }

    /// Those who film with a link that was replaced.
    pub(crate) fn former_publishers_of(&self, stream: &Stream) -> Vec<SessionId> {
        let standing = self.standing();
        let of_stream =
            standing.iter().filter(|(_, known)| known.stream == stream.id && known.asker == Asker::Publisher);
        let former = of_stream.filter(|(_, known)| known.link_generation < stream.link_generation);
        former.map(|(session, _)| *session).collect()
    }

    pub(crate) fn of(&self, stream: StreamId, role: Role) -> Vec<SessionId> {
        let standing = self.standing();
        let found = standing.iter().filter(|(_, known)| known.stream == stream && known.asker.role() == role);
        found.map(|(session, _)| *session).collect()
    }

    /// The oldest viewer of a network that has more than `most`.
    fn surplus(&self, network: IpAddr, most: usize) -> Option<(StreamId, SessionId)> {
        let standing = self.standing();
        let of_network = || standing.iter().filter(|(_, known)| known.asker == Asker::Viewer(network));
        if of_network().count() <= most {
            return None;
        }
        of_network().min_by_key(|(_, known)| known.since).map(|(session, known)| (known.stream, *session))
    }
}

impl Everlight {
    /// Starts a session at the provider.
    pub(crate) async fn open_direct(
        &self,
        stream: &Stream,
        asker: Asker,
        offer: &str,
    ) -> Result<Published, DirectError> {
        let provisions = self.store.provisions_of(stream.id).await.map_err(|_| DirectError::NoAnswer)?;
        let host = self.cloud.live_host().ok_or(DirectError::NoAnswer)?;
        let object = provisions.iter().find(|at| at.provider == host.provider()).and_then(|at| at.facts.object());
        let (live, object): (&dyn LiveHost, _) = host.live().zip(object).ok_or(DirectError::NoAnswer)?;
        let endpoint = match asker {
            Asker::Publisher => live.whip(object).await,
            Asker::Viewer(_) => live.whep(object, self.opened_until(stream)).await,
        };
        let endpoint = endpoint.map_err(|failure| {
            tracing::warn!(stream.id = %stream.id, %failure, "the provider's address for WebRTC is not known");
            DirectError::NoAnswer
        })?;
        let answer = send(Method::POST, &endpoint, Some((whip::SDP, offer.as_bytes())), None).await?;
        let session = SessionId::random();
        let address = answer.location.ok_or(DirectError::NotASession)?;
        let standing = Standing {
            stream: stream.id,
            asker,
            link_generation: stream.link_generation,
            since: Instant::now(),
            address,
        };
        self.direct.standing().insert(session, standing);
        // The media pass us by: that a session was made is all that can be known here, and not whether it still is. So
        // nobody is refused for those who may be gone: of one network the oldest are ended.
        match asker {
            Asker::Publisher => {
                let flowing = StreamEvent::MediaFlowing { at: self.now() };
                self.happened(stream.id, &flowing).await.map_err(|_| DirectError::NoAnswer)?;
            }
            Asker::Viewer(network) => {
                while let Some((stream, oldest)) = self.direct.surplus(network, self.settings.viewers_per_network) {
                    self.hang_up_direct(stream, oldest).await.map_err(|_| DirectError::NoAnswer)?;
                }
            }
        }
        let etag = answer
            .etag
            .unwrap_or_else(|| EntityTag::new(session.to_string()).expect("hexadecimal digits may stand in a tag"));
        Ok(Published { session, sdp: answer.body, etag })
    }

    /// A `PATCH` goes to the provider as it came.
    pub(crate) async fn patch_direct(
        &self,
        stream: StreamId,
        session: SessionId,
        request: &Request<'_>,
    ) -> Result<Patched, PatchRefusal> {
        let known = self.direct.standing().get(&session).filter(|known| known.stream == stream).cloned();
        let address = known.ok_or(PatchRefusal::Unknown)?.address;
        let body = (request.content_type.unwrap_or(whip::SDP_FRAGMENT), request.body);
        match send(Method::PATCH, &address, Some(body), request.if_match).await {
            Ok(answer) if answer.body.is_empty() => Ok(Patched::Taken),
            Ok(answer) => Ok(Patched::Restarted {
                fragment: answer.body,
                etag: answer.etag.map(|etag| etag.to_string()).unwrap_or_default(),
            }),
            Err(DirectError::Refused(status)) => Err(PatchRefusal::Provider(status)),
            Err(_) => Err(PatchRefusal::Stopped),
        }
    }

    /// Ends a session at the provider. Whether there was one.
    pub(crate) async fn hang_up_direct(&self, stream: StreamId, session: SessionId) -> Result<bool, Error> {
        let known = {
            let mut standing = self.direct.standing();
            let ours = standing.get(&session).is_some_and(|known| known.stream == stream);
            if ours { standing.remove(&session) } else { None }
        };
        let Some(known) = known else { return Ok(false) };
        if known.asker == Asker::Publisher && self.direct.publishers_of(stream).is_empty() {
            self.happened(stream, &StreamEvent::MediaLost { at: self.now() }).await?;
        }
        if let Err(error) = send(Method::DELETE, &known.address, None, None).await {
            tracing::debug!(stream.id = %stream, %error, "a session at the provider could not be ended; it ends by itself");
        }
        Ok(true)
    }

    /// Ends every session of a stream that is over.
    pub(crate) async fn end_direct(self: &Arc<Self>, stream: StreamId) -> Result<(), Error> {
        for session in self.direct.publishers_of(stream) {
            self.hang_up_direct(stream, session).await?;
        }
        self.direct.forget(stream);
        Ok(())
    }
}

struct Answer {
    body: String,
    location: Option<SecretString>,
    etag: Option<EntityTag>,
}

/// One request to an address that only we know. It is followed nowhere else: a redirect or a `Location` to another host
/// is refused, so that nobody can make this server call for them.
async fn send(
    method: Method,
    address: &SecretString,
    body: Option<(&str, &[u8])>,
    if_match: Option<&str>,
) -> Result<Answer, DirectError> {
    let no_answer = |error: reqwest::Error| {
        // Without the address, which is the secret.
        tracing::warn!(error = %error.without_url(), "the provider's WebRTC address does not answer");
        DirectError::NoAnswer
    };
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(ANSWER_WITHIN)
        .build()
        .map_err(no_answer)?;
    let base = reqwest::Url::parse(address.expose_secret()).map_err(|_| DirectError::NotASession)?;
    let mut request = client.request(method.clone(), base.clone());
    if let Some((content_type, body)) = body {
        request = request.header(header::CONTENT_TYPE, content_type).body(body.to_vec());
    }
    if let Some(tag) = if_match {
        request = request.header(header::IF_MATCH, tag);
    }
    let mut response = request.send().await.map_err(no_answer)?;
    match response.status() {
        status if status.is_success() => {}
        StatusCode::CONFLICT => return Err(DirectError::NotLive),
        status => return Err(DirectError::Refused(status.as_u16())),
    }
    let text = |name| response.headers().get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    let location = match text(header::LOCATION) {
        Some(location) => {
            let location = base.join(location).map_err(|_| DirectError::NotASession)?;
            if location.origin() != base.origin() {
                return Err(DirectError::NotASession);
            }
            Some(SecretString::from(location.to_string()))
        }
        None => None,
    };
    let etag = text(header::ETAG).and_then(EntityTag::parse);
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(no_answer)? {
        if bytes.len() + chunk.len() > ANSWER_LIMIT {
            return Err(DirectError::NotASession);
        }
        bytes.extend_from_slice(&chunk);
    }
    let body = String::from_utf8(bytes).map_err(|_| DirectError::NotASession)?;
    Ok(Answer { body, location, etag })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Installation;

    #[test]
    fn of_one_network_the_oldest_viewers_make_room_and_publishers_never_do() {
        let (direct, stream, now) = (Direct::default(), StreamId::from_parts(0, [1; 10]), Instant::now());
        let [one, other]: [IpAddr; 2] = [[192, 0, 2, 1].into(), [192, 0, 2, 2].into()];
        let begin = |asker, second| {
            let (session, since) = (SessionId::random(), now + Duration::from_secs(second));
            let address = SecretString::from("https://example.com");
            let standing = Standing { stream, asker, link_generation: 0, since, address };
            direct.standing().insert(session, standing);
            session
        };
        begin(Asker::Publisher, 0);
        let second = begin(Asker::Viewer(one), 2);
        let first = begin(Asker::Viewer(one), 1);
        begin(Asker::Viewer(other), 0);
        assert_eq!(direct.surplus(one, 2), None);
        assert_eq!(direct.surplus(one, 1), Some((stream, first)));
        direct.standing().remove(&first);
        assert_eq!(direct.surplus(one, 1), None);
        assert_eq!(direct.surplus(one, 0), Some((stream, second)));
    }

    #[tokio::test]
    async fn of_those_who_film_the_ones_with_a_former_link_are_known() {
        let at = Installation::new().await;
        let stream = at.store.stream(at.create().await).await.unwrap().unwrap();
        let direct = Direct::default();
        let begin = |asker, link_generation| {
            let (session, address) = (SessionId::random(), SecretString::from("https://example.com"));
            let standing = Standing { stream: stream.id, asker, link_generation, since: Instant::now(), address };
            direct.standing().insert(session, standing);
            session
        };
        let former = begin(Asker::Publisher, 0);
        begin(Asker::Viewer([192, 0, 2, 1].into()), 0);
        begin(Asker::Publisher, 1);
        assert_eq!(direct.former_publishers_of(&stream), []);
        assert_eq!(direct.former_publishers_of(&Stream { link_generation: 1, ..stream }), [former]);
    }
}
