//! Streams of a memorial: create, show, edit, delete, and the streamer's link.

use domain::{
    MemorialId, Slug, StreamId, StreamingMethod, Token,
    capabilities::Route,
    document::{RecordingCopy, RecordingSources, StreamDocument},
    recording::{RecordingSource, RecordingStatus, Verdict},
    stream::{Description, InvalidStream, Stream, StreamDetails, StreamEvent, StreamFacts, StreamState, Title},
};

use crate::{Actor, Error, Everlight, events::StreamNews, memorials::found, time};

#[derive(Debug)]
pub struct Streams<'a>(pub(crate) &'a Everlight);

/// The fields of the form, as they were typed.
#[derive(Debug, Clone, Default)]
pub struct StreamForm {
    pub title: String,
    pub description: String,
    /// Local to `time_zone`; both empty mean "no time yet".
    pub date: String,
    pub time: String,
    pub time_zone: String,
    /// `phone-browser` or `encoder`.
    pub method: String,
}

impl StreamForm {
    fn parse(self) -> Result<StreamDetails, InvalidStream> {
        let time_zone = self.time_zone.trim().parse()?;
        Ok(StreamDetails {
            title: Title::try_from(self.title)?,
            description: Description::try_from(self.description)?,
            scheduled_start_time: time::moment(&self.date, &self.time, &time_zone)?,
            time_zone,
            method: match self.method.as_str() {
                "phone-browser" => StreamingMethod::PhoneBrowser,
                "encoder" => StreamingMethod::Encoder,
                _ => return Err(InvalidStream::Method),
            },
        })
    }
}

/// What a person needs to film. Contains the secret.
#[derive(Debug)]
pub struct StreamerAccess {
    /// With the token in the fragment, which browsers do not send to servers.
    pub link: String,
    pub whip_url: String,
    pub token: Token,
}

impl Streams<'_> {
    pub async fn create(&self, actor: &Actor, memorial: MemorialId, form: StreamForm) -> Result<StreamDocument, Error> {
        self.0.memorials().get(actor, memorial).await?;
        let details = form.parse()?;
        let (millis, random) = self.0.id_parts();
        let now = self.0.now();
        let stream = Stream {
            id: StreamId::from_parts(millis, random),
            memorial_id: memorial,
            slug: Slug::from_random(rand::random()),
            details,
            route: Route::Embedded,
            link_generation: 0,
            created_at: now,
            // The embedded route needs nothing of anybody: it is ready at once.
            facts: StreamFacts::default().apply(StreamEvent::Provisioned { at: now }),
        };
        self.0.store.insert_stream(&stream).await?;
        self.0.document(&stream).await
    }

    pub async fn of_memorial(&self, _actor: &Actor, memorial: MemorialId) -> Result<Vec<StreamDocument>, Error> {
        let mut documents = Vec::new();
        for stream in self.0.store.streams_of(memorial).await? {
            documents.push(self.0.document(&stream).await?);
        }
        Ok(documents)
    }

    pub async fn get(&self, _actor: &Actor, id: StreamId) -> Result<StreamDocument, Error> {
        let stream = self.0.store.stream(id).await?.ok_or(Error::NotFound)?;
        self.0.document(&stream).await
    }

    pub async fn edit(&self, _actor: &Actor, id: StreamId, form: StreamForm) -> Result<(), Error> {
        found(self.0.store.update_stream(id, &form.parse()?).await?)?;
        self.0.events.changed(id);
        Ok(())
    }

    /// Deletes the stream with its recordings, for good. Not while it is on air: that is ended first.
    pub async fn delete(&self, _actor: &Actor, id: StreamId) -> Result<(), Error> {
        let stream = self.0.store.stream(id).await?.ok_or(Error::NotFound)?;
        // Also while the phone is away, or the disk is full: what was recorded so far is not thrown away by mistake.
        if stream.facts.first_live_at.is_some() && stream.facts.ended_at.is_none() {
            return Err(Error::Invalid("This service is on air. Please end it first.".into()));
        }
        self.0.forget_recordings(id).await?;
        found(self.0.store.delete_stream(id).await?)?;
        self.0.events.changed(id);
        Ok(())
    }

    pub async fn access(&self, _actor: &Actor, id: StreamId) -> Result<StreamerAccess, Error> {
        let stream = self.0.store.stream(id).await?.ok_or(Error::NotFound)?;
        let token = self.0.keys.streamer_token(id, stream.link_generation);
        let site = &self.0.settings.public_url;
        Ok(StreamerAccess {
            link: format!("{site}/go/{id}#{}", token.expose()),
            whip_url: format!("{site}{}", whip_path(id)),
            token,
        })
    }

    /// Makes a new link; the old one stops working at once, also for somebody who is filming with it now.
    pub async fn replace_link(&self, _actor: &Actor, id: StreamId) -> Result<(), Error> {
        found(self.0.store.replace_link(id).await?)?;
        for session in self.0.sessions.publishers_of(id) {
            self.0.hang_up(id, session).await;
        }
        self.0.events.changed(id);
        Ok(())
    }

    /// News of a stream, for staff who look at it.
    pub async fn follow(&self, actor: &Actor, id: StreamId) -> Result<StreamNews, Error> {
        let news = StreamNews::new(id, self.0.events.subscribe());
        self.get(actor, id).await?;
        Ok(news)
    }
}

impl Everlight {
    /// Merges an event into a stream and tells everybody who follows it.
    pub(crate) async fn happened(&self, id: StreamId, event: &StreamEvent) -> Result<Option<Stream>, Error> {
        let Some((stream, changed)) = self.store.record_event(id, event).await? else { return Ok(None) };
        if changed {
            tracing::info!(stream.id = %id, stream.state = ?stream.facts.state(), "stream changed");
            self.events.changed(id);
        }
        Ok(Some(stream))
    }

    pub(crate) async fn document(&self, stream: &Stream) -> Result<StreamDocument, Error> {
        let mut sources = RecordingSources::default();
        let mut preferred = None;
        for recording in self.store.recordings_of(stream.id).await? {
            let status = recording.facts.status();
            let playable = domain::stream::is_playable(status);
            if playable {
                preferred.get_or_insert(recording.source);
            }
            let copy = RecordingCopy {
                id: recording.id,
                status,
                url: playable.then(|| format!("/recordings/{}.mp4", recording.id)),
                proof: recording.facts.proof(),
                reason: match &recording.facts.checked {
                    Some((_, Verdict::Missing { reason })) if status == RecordingStatus::Missing => {
                        Some(reason.clone())
                    }
                    _ => None,
                },
            };
            let place = match recording.source {
                RecordingSource::Server => &mut sources.server,
                RecordingSource::Phone => &mut sources.phone,
                RecordingSource::Cloudflare => &mut sources.cloudflare,
                RecordingSource::Mux => &mut sources.mux,
            };
            *place = Some(copy);
        }
        let (facts, details) = (&stream.facts, &stream.details);
        let capabilities = stream.route.capabilities();
        Ok(StreamDocument {
            id: stream.id,
            memorial_id: stream.memorial_id,
            slug: stream.slug.clone(),
            title: details.title.as_str().to_owned(),
            description: details.description.as_str().to_owned(),
            scheduled_start_time: details.scheduled_start_time,
            scheduled_local: details.scheduled_start_time.and_then(|at| time::local(at, &details.time_zone)),
            time_zone: details.time_zone.clone(),
            status: facts.state(),
            failure: (facts.state() == StreamState::Failed).then(|| facts.failure().map(str::to_owned)).flatten(),
            streaming_method: details.method,
            route: stream.route,
            capabilities,
            whip_url: whip_path(stream.id),
            watch_url: format!("{}/watch/{}", self.settings.public_url, stream.slug),
            created_at: stream.created_at,
            live_started_at: facts.first_live_at,
            live_ended_at: facts.ended_at,
            recording_sources: sources,
            preferred_recording_source: preferred,
            rehearsal: self.store.rehearsal(stream.id).await?,
            simulcast_enabled: capabilities.simulcast,
            cloudflare_input_id: None,
            mux_live_stream_id: None,
        })
    }
}

fn whip_path(id: StreamId) -> String {
    format!("/whip/{id}")
}
