//! Whoever films: going live, staying live, ending the service. Their link's token opens one stream and nothing else.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    Action, RecordingId, Route, StreamId, StreamingMethod, Token,
    audit::Deed,
    feedback::Feedback,
    stream::{Stream, StreamEvent, StreamState, Window},
    success::Connected,
};
use media::{Publisher, SessionId};
use recorder::{RecordError, Recorder};
use serde::Serialize;
use subtle::ConstantTimeEq as _;
use tracing::Instrument as _;
use whip::{etag::EntityTag, offer::Role, patch::Request};

use crate::{
    Actor, Error, Everlight, agent,
    direct::{Asker, DirectError},
    instances::Home,
    keys,
    sessions::{PatchRefusal, Patched},
};

#[derive(Debug)]
pub struct Publishing<'a>(pub(crate) &'a Arc<Everlight>);

/// Why somebody may not publish, or cannot just now.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("a token is needed")]
    NoToken,
    #[error("this token does not open this stream")]
    WrongToken,
    #[error("this service is not here any more")]
    Deleted,
    #[error("the service is over")]
    Over,
    #[error("this link works from 24 hours before the service")]
    TooEarly,
    #[error("the time of this service has passed")]
    TooLate,
    #[error(transparent)]
    Offer(#[from] whip::offer::OfferError),
    #[error(transparent)]
    Media(#[from] media::PublishError),
    /// Services that are on air go on.
    #[error("the disk of the server is too full to begin")]
    NoSpace,
    /// Told to a phone that would go on by itself.
    #[error("another phone films this service now")]
    TakenOver,
    #[error("this service is sent by an encoder, to another address")]
    ByEncoder,
    #[error(transparent)]
    Direct(#[from] DirectError),
    #[error("the recorder could not be started")]
    Recorder(#[from] RecordError),
    #[error(transparent)]
    Service(#[from] Error),
}

impl From<store::StoreError> for Refusal {
    fn from(error: store::StoreError) -> Self {
        Self::Service(error.into())
    }
}

/// What the streamer's page shows once its link was found good.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GoDocument {
    /// Of the person who is remembered.
    pub name: String,
    pub title: String,
    pub status: StreamState,
}

/// A session that was just started.
#[derive(Debug)]
pub struct Published {
    pub session: SessionId,
    /// `application/sdp`.
    pub sdp: String,
    pub etag: EntityTag,
}

impl Publishing<'_> {
    /// The stream that this token opens. An unknown stream is refused like a wrong token: ids are not told apart from
    /// outside. Only whoever had the last link of a service that was deleted hears that, so that a phone forgets its copy, too:
    /// of one that is merely unknown here (a backup from before it was restored) the phone's may be the only copy.
    pub(crate) async fn authorize(&self, id: StreamId, token: Option<&str>) -> Result<Stream, Refusal> {
        authorize(self.0, id, token).await
    }

    /// As [`Self::authorize`], for a service that is not over.
    pub(crate) async fn authorize_open(&self, id: StreamId, token: Option<&str>) -> Result<Stream, Refusal> {
        let stream = self.authorize(id, token).await?;
        if stream.facts.ended_at.is_some() {
            return Err(Refusal::Over);
        }
        self.in_window(&stream)?;
        Ok(stream)
    }

    fn in_window(&self, stream: &Stream) -> Result<(), Refusal> {
        match stream.window(self.0.now()) {
            Window::Open => Ok(()),
            Window::TooEarly => Err(Refusal::TooEarly),
            Window::TooLate => Err(Refusal::TooLate),
        }
    }

    /// Says before the camera starts whether the link is good.
    pub async fn check(&self, id: StreamId, token: Option<&str>) -> Result<GoDocument, Refusal> {
        let stream = self.authorize_open(id, token).await?;
        let memorial = self.0.store.memorial(stream.memorial_id).await?.ok_or(Error::NotFound)?;
        if stream.facts.link_opened_at.is_none() {
            self.0.happened(id, &StreamEvent::LinkOpened { at: self.0.now() }).await?;
        }
        Ok(GoDocument {
            name: memorial.details.name.as_str().to_owned(),
            title: stream.details.title.as_str().to_owned(),
            status: stream.facts.state(),
        })
    }

    /// Starts a publisher's session. Whoever has the token takes the stream over from a session that stands.
    /// `agent`: what the browser says that it is. `turn`: the page's name for this going live, the same for as long as it
    /// goes on by itself.
    pub async fn publish(
        &self,
        id: StreamId,
        token: Option<&str>,
        offer: &str,
        agent: &str,
        turn: Option<&str>,
    ) -> Result<Published, Refusal> {
        let stream = self.authorize_open(id, token).await?;
        self.0.must_be_here(id).await?;
        let turn = self.0.turns.ask(id, turn).ok_or(Refusal::TakenOver)?;
        // Also of one whose offer is refused: it does not work with that browser.
        self.0.try_begins(&stream, agent);
        let checked = whip::offer::check(offer, Role::Publisher)?;
        match stream.route {
            Route::Embedded | Route::Relay => {}
            Route::Direct => {
                // Android's hardware encodes another H.264 profile than Cloudflare takes, and the picture stays black.
                let smaller =
                    agent::is_android(agent).then(|| whip::codecs::without_video_codec(offer, "H264")).flatten();
                let offer = smaller.as_deref().unwrap_or(offer);
                return Ok(self.0.open_direct(&stream, Asker::Publisher, offer).await?);
            }
            Route::Encoder => return Err(Refusal::ByEncoder),
        }
        let offer = checked;
        if stream.facts.first_live_at.is_none() && self.0.settings.space.is_below_floor() {
            return Err(Refusal::NoSpace);
        }
        let _making = self.0.deletions.making.begin(id);
        let master = self.0.master(id).await?;
        let recorder = self.0.open_recorder(id, master.id)?;
        let recording = media::Recording { origin: origin(&recorder, self.0.now()), sink: Box::new(recorder) };
        let publisher = match stream.details.method {
            StreamingMethod::PhoneBrowser => Publisher::Browser,
            StreamingMethod::Encoder => Publisher::Encoder,
        };
        let answer = self.0.gateway.publish(id, publisher, recording, &offer.sdp).await?;
        self.0.turns.begin(id, answer.session, turn);
        let etag = self.0.sessions.add(&stream, Role::Publisher, &offer, &answer, None);
        Ok(Published { session: answer.session, sdp: answer.sdp, etag })
    }

    pub async fn patch(
        &self,
        id: StreamId,
        session: SessionId,
        token: Option<&str>,
        request: Request<'_>,
    ) -> Result<Result<Patched, PatchRefusal>, Refusal> {
        let stream = self.authorize(id, token).await?;
        Ok(self.0.patch_at(&stream, session, request).await)
    }

    /// Ends a session, not the service: the streamer may come back. Whether there was such a session.
    pub async fn hang_up(&self, id: StreamId, session: SessionId, token: Option<&str>) -> Result<bool, Refusal> {
        self.authorize(id, token).await?;
        self.0.try_ends(id);
        Ok(self.0.hang_up(id, session).await || self.0.hang_up_direct(id, session).await?)
    }

    /// Ends the service for good, for whoever films. Not weeks before it: a link that leaked is no way to keep it from
    /// taking place. Twice is once.
    pub async fn end(&self, id: StreamId, token: Option<&str>) -> Result<(), Refusal> {
        let stream = self.authorize(id, token).await?;
        if stream.facts.ended_at.is_some() {
            return Ok(());
        }
        self.in_window(&stream)?;
        Ok(self.0.end_for("Whoever filmed, with the link", stream).await?)
    }

    /// How long the phone took to connect. Only a number for statistics: what does not belong to somebody who has just gone
    /// live is thrown away without a word.
    pub async fn connected(&self, id: StreamId, token: Option<&str>, connected: Connected) -> Result<(), Refusal> {
        self.authorize(id, token).await?;
        self.0.connected(id, connected).await;
        Ok(())
    }

    /// What whoever filmed says of how it went.
    pub async fn rate(&self, id: StreamId, token: Option<&str>, feedback: Feedback) -> Result<(), Refusal> {
        self.authorize(id, token).await?;
        self.0.happened(id, &StreamEvent::Rated { at: self.0.now(), feedback }).await?;
        Ok(())
    }

    /// Ends the service for good, for staff.
    pub async fn end_by_staff(&self, actor: &Actor, id: StreamId) -> Result<(), Error> {
        let stream = self.0.stream_for(actor, Action::EndStream, id).await?;
        self.0.end_for(actor.name(), stream).await
    }
}

/// See [`Publishing::authorize`].
pub(crate) async fn authorize(everlight: &Everlight, id: StreamId, token: Option<&str>) -> Result<Stream, Refusal> {
    let given: Token = token.ok_or(Refusal::NoToken)?.parse().map_err(|_| Refusal::WrongToken)?;
    let opens = |generation| {
        let expected = everlight.keys.streamer_token(id, generation);
        bool::from(keys::sha256(&given).ct_eq(&keys::sha256(&expected)))
    };
    match everlight.store.stream(id).await? {
        Some(stream) if opens(stream.link_generation) => Ok(stream),
        None if everlight.store.link_of_deleted(id).await?.is_some_and(opens) => Err(Refusal::Deleted),
        _ => Err(Refusal::WrongToken),
    }
}

impl Everlight {
    /// Ends a session of the stream. Whether there was one.
    pub(crate) async fn hang_up(&self, stream: StreamId, session: SessionId) -> bool {
        if !self.sessions.is_of(session, stream) {
            return false;
        }
        self.sessions.remove(session);
        self.gateway.hang_up(session).await.is_ok()
    }

    /// Cuts whoever films, or rehearses, with a link that was replaced, by this instance or by another.
    pub(crate) async fn hang_up_former_publishers(&self, stream: &Stream) -> Result<(), Error> {
        for session in self.sessions.former_publishers_of(stream) {
            self.hang_up(stream.id, session).await;
        }
        for session in self.direct.former_publishers_of(stream) {
            self.hang_up_direct(stream.id, session).await?;
        }
        Ok(())
    }

    /// Ends the service: cuts the picture for everybody at once, then makes the recording ready. Twice is once.
    pub(crate) async fn end(self: &Arc<Self>, id: StreamId) -> Result<(), Error> {
        let Some(stream) = self.happened(id, &StreamEvent::Ended { at: self.now() }).await? else { return Ok(()) };
        self.try_ends(id);
        // Before anything that can fail: nobody is kept on air by that.
        self.gateway.end_stream(id).await;
        if let Home::There(_) = self.claim(id).await? {
            // The instance that has the picture hears of it, and makes the recording.
            return Ok(());
        }
        let cut = self.end_direct(id).await;
        self.finish_what_is_left(&stream).await?;
        cut
    }

    /// Ends the service for somebody, who may go away in the middle of it: a request that is broken off is dropped where
    /// it waits, and this is not.
    async fn end_for(self: &Arc<Self>, who: &str, stream: Stream) -> Result<(), Error> {
        let (everlight, who) = (Arc::clone(self), who.to_owned());
        let ending = async move {
            everlight.end(stream.id).await?;
            // From a page that was open since before the end; who ended it is noted.
            if stream.facts.ended_at.is_some() {
                return Ok(());
            }
            everlight.note_of(&who, Deed::StreamEnded, everlight.in_words(&stream).await?).await
        };
        let ended = tokio::spawn(ending.in_current_span()).await;
        ended.map_err(|_| Error::Internal("ending a service stopped".into()))?
    }

    pub(crate) fn open_recorder(&self, stream: StreamId, recording: RecordingId) -> Result<Recorder, RecordError> {
        let origin = u64::try_from(self.now().millis()).unwrap_or(0);
        self.archive.open(stream, self.recording_dir(recording), origin)
    }
}

/// When the recording's clock said zero, on this process's clock. A recording that was begun before a restart goes on
/// with the time that has passed since.
pub(crate) fn origin(recorder: &Recorder, now: domain::Timestamp) -> Instant {
    let begun = domain::Timestamp(i64::try_from(recorder.origin_unix_ms()).unwrap_or(0));
    let passed = now.since(begun).min(Duration::from_secs(48 * 60 * 60));
    let now = Instant::now();
    now.checked_sub(passed).unwrap_or(now)
}
