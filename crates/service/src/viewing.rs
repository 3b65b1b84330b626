//! Mourners: what their page shows, and the live picture. Whoever has the link's slug may watch.

use domain::{
    Slug,
    document::{WatchDocument, WatchPhase},
    recording::RecordingStatus,
    stream::{Media, Stream, StreamState},
};

use media::SessionId;
use whip::{offer::Role, patch::Request};

use crate::{
    Error, Everlight,
    events::StreamNews,
    publishing::Published,
    sessions::{PatchRefusal, Patched},
    time,
};

#[derive(Debug)]
pub struct Viewing<'a>(pub(crate) &'a Everlight);

impl Viewing<'_> {
    pub async fn document(&self, slug: &Slug) -> Result<WatchDocument, Error> {
        let stream = self.stream(slug).await?;
        let memorial = self.0.store.memorial(stream.memorial_id).await?.ok_or(Error::NotFound)?;
        let document = self.0.document(&stream).await?;
        let sources = document.recording_sources;
        let copies = [sources.server, sources.cloudflare, sources.mux, sources.phone].into_iter().flatten();
        // One that is complete before one that is not.
        let complete = copies.clone().filter(|copy| copy.status == RecordingStatus::Ready);
        let recording_url = complete.chain(copies).find_map(|copy| copy.url).map(|url| format!("{url}?link={slug}"));
        Ok(WatchDocument {
            slug: stream.slug.clone(),
            name: memorial.details.name.as_str().to_owned(),
            title: document.title,
            description: document.description,
            scheduled_start_time: document.scheduled_start_time,
            scheduled_local: document.scheduled_start_time.and_then(|at| time::local(at, &stream.details.time_zone)),
            phase: phase(&stream),
            recording_url,
        })
    }

    /// News of a stream, for a mourner's page.
    pub async fn follow(&self, slug: &Slug) -> Result<StreamNews, Error> {
        let news = self.0.events.subscribe();
        Ok(StreamNews::new(self.stream(slug).await?.id, news))
    }

    /// Starts a viewer's WebRTC session (WHEP).
    pub async fn view(&self, slug: &Slug, offer: &str) -> Result<Published, ViewError> {
        let stream = self.stream(slug).await?;
        let offer = whip::offer::check(offer, Role::Viewer)?;
        let answer = self.0.gateway.view(stream.id, &offer.sdp).await?;
        let etag = self.0.sessions.add(stream.id, Role::Viewer, &offer, &answer);
        Ok(Published { answer, etag })
    }

    pub async fn patch(
        &self,
        slug: &Slug,
        session: SessionId,
        request: Request<'_>,
    ) -> Result<Result<Patched, PatchRefusal>, Error> {
        let stream = self.stream(slug).await?;
        Ok(self.0.patch_session(stream.id, session, request).await)
    }

    /// Ends a viewer's session. Whether there was one.
    pub async fn hang_up(&self, slug: &Slug, session: SessionId) -> Result<bool, Error> {
        let stream = self.stream(slug).await?;
        Ok(self.0.hang_up(stream.id, session).await)
    }

    /// The live picture for players without WebRTC.
    pub async fn hls(&self, slug: &Slug) -> Result<std::sync::Arc<recorder::HlsLive>, Error> {
        let stream = self.stream(slug).await?;
        self.0.archive.hls(stream.id).ok_or(Error::NotFound)
    }

    pub(crate) async fn stream(&self, slug: &Slug) -> Result<Stream, Error> {
        self.0.store.stream_by_slug(slug).await?.ok_or(Error::NotFound)
    }
}

/// Why a viewer's session was not started.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    #[error(transparent)]
    Service(#[from] Error),
    #[error(transparent)]
    Offer(#[from] whip::offer::OfferError),
    #[error(transparent)]
    Media(#[from] media::ViewError),
}

fn phase(stream: &Stream) -> WatchPhase {
    match stream.facts.state() {
        // Staff have something to mend; for those who watch it counts whether there is a picture.
        StreamState::Failed => match stream.facts.media {
            None => WatchPhase::Before,
            Some((_, Media::Flowing)) => WatchPhase::Live,
            Some((_, Media::Lost)) => WatchPhase::Interrupted,
        },
        state => state.into(),
    }
}
