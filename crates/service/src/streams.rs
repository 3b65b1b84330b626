//! Streams of a memorial: create, show, edit, delete, and the streamer's link.

use std::time::{Duration, Instant};

use domain::{
    Action, MemorialId, Slug, StreamId, StreamingMethod, Token,
    audit::Deed,
    document::{Installation, StreamDocument},
    memorial::Memorial,
    privacy::Privacy,
    provision::{ProvisionEvent, ProvisionState},
    stream::{Description, InvalidStream, Stream, StreamDetails, StreamEvent, StreamFacts, Title},
    success::{Measured, Millis},
};

use crate::{
    Actor, Error, Everlight, cloud::Ingest, events::StreamNews, memorials::found, privacy::PrivacyForm,
    stream_document::whip_path, time,
};

/// How long a person waits for a provider before they are told that the service is being prepared.
const LONGEST_WAIT: Duration = Duration::from_millis(2500);

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
    /// In minutes; empty means the usual hour.
    pub length: String,
    pub time_zone: String,
    /// `phone-browser` or `encoder`.
    pub method: String,
    /// Whether a second, independent copy is wanted.
    pub backup: bool,
    pub privacy: PrivacyForm,
    /// Chosen by whoever submits: the same twice makes one stream of the memorial. May be empty.
    pub submission: String,
}

impl StreamForm {
    fn parse(self) -> Result<StreamDetails, InvalidStream> {
        let time_zone = self.time_zone.trim().parse()?;
        Ok(StreamDetails {
            title: Title::try_from(self.title)?,
            description: Description::try_from(self.description)?,
            scheduled_start_time: time::moment(&self.date, &self.time, &time_zone)?,
            planned_length: self.length.parse()?,
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
    /// For a service that an encoder sends to a provider.
    pub encoder: Option<Ingest>,
}

impl Streams<'_> {
    pub async fn create(&self, actor: &Actor, memorial: MemorialId, form: StreamForm) -> Result<StreamDocument, Error> {
        let asked = Instant::now();
        let memorial = self.0.memorial_for(actor, Action::CreateStream, memorial).await?;
        let submission = form.submission(&self.0.keys, memorial.id);
        let backup = form.backup;
        let privacy = form.privacy.clone();
        let details = form.parse()?;
        let route = self.0.cloud.route(details.method);
        let (millis, random) = self.0.id_parts();
        let now = self.0.now();
        let mut facts = StreamFacts::default();
        if route.capabilities().gateway {
            // This server takes the picture: nothing of anybody else is needed, and the copies elsewhere may come later.
            facts = facts.apply(StreamEvent::Provisioned { at: now });
        }
        let id = StreamId::from_parts(millis, random);
        let stream = Stream {
            id,
            privacy: self.0.privacy(id, &Privacy::default(), &privacy, &details)?,
            memorial_id: memorial.id,
            slug: Slug::from_random(rand::random()),
            details,
            route,
            backup,
            link_generation: 0,
            created_at: now,
            facts,
        };
        let (providers, title) = (self.0.cloud.wanted(stream.route, stream.backup), title_there(&memorial, &stream));
        match self.0.store.insert_stream(&stream, submission.as_ref(), &providers, &title).await {
            Err(error) if error.is_duplicate() => {
                let first = self.0.submitted_before(submission.as_ref()).await?.ok_or(error)?;
                return self.0.document(&first).await;
            }
            inserted => inserted?,
        }
        self.0.wait_until_usable(&stream).await?;
        self.0.note(actor, Deed::StreamCreated, self.0.in_words(&stream).await?).await?;
        let document = self.get(actor, stream.id).await?;
        self.0.measured(Measured::Creation(Millis::of(asked.elapsed()))).await;
        Ok(document)
    }

    /// Tries again at once what a provider did not do; asks for the backup if the service had none.
    pub async fn retry_providers(&self, actor: &Actor, id: StreamId) -> Result<(), Error> {
        self.0.stream_for(actor, Action::EditStream, id).await?;
        found(self.0.store.want_backup(id).await?)?;
        let stream = self.0.store.stream(id).await?.ok_or(Error::NotFound)?;
        self.0.want_copies(&stream).await?;
        for provider in self.0.cloud.wanted(stream.route, true) {
            self.0.record_provision(id, provider, ProvisionEvent::Healed { at: self.0.now() }).await?;
        }
        self.0.wake_cloud(id);
        Ok(())
    }

    /// A name for one submission of the form.
    pub fn new_submission(&self) -> String {
        crate::keys::hex(&rand::random::<[u8; 16]>())
    }

    /// What this installation can do.
    pub fn installation(&self, _actor: &Actor) -> Installation {
        let cloud = &self.0.cloud;
        Installation {
            phone_route: cloud.route(StreamingMethod::PhoneBrowser),
            encoder_route: cloud.route(StreamingMethod::Encoder),
            providers: cloud.accounts.hosts.iter().map(|host| host.provider()).collect(),
        }
    }

    pub async fn of_memorial(&self, actor: &Actor, memorial: MemorialId) -> Result<Vec<StreamDocument>, Error> {
        self.0.memorial_for(actor, Action::View, memorial).await?;
        let mut documents = Vec::new();
        for stream in self.0.store.streams_of(memorial).await? {
            documents.push(self.0.document(&stream).await?);
        }
        Ok(documents)
    }

    pub async fn get(&self, actor: &Actor, id: StreamId) -> Result<StreamDocument, Error> {
        let stream = self.0.stream_for(actor, Action::View, id).await?;
        self.0.document(&stream).await
    }

    pub async fn edit(&self, actor: &Actor, id: StreamId, form: StreamForm) -> Result<(), Error> {
        let stream = self.0.stream_for(actor, Action::EditStream, id).await?;
        let privacy = form.privacy.clone();
        let details = form.parse()?;
        let privacy = self.0.privacy(id, &stream.privacy, &privacy, &details)?;
        if details.method != stream.details.method && self.0.cloud.route(details.method) != stream.route {
            return Err(Error::Invalid(
                "How a service is filmed cannot be changed any more. Please create another service, and delete this one."
                    .into(),
            ));
        }
        found(self.0.store.update_stream(id, &details).await?)?;
        found(self.0.store.update_privacy(id, &privacy).await?)?;
        if privacy.needs_approval && !stream.privacy.needs_approval {
            // What was approved was something else: the recording of a service that was not hidden.
            found(self.0.store.approve(id, None).await?)?;
        }
        self.0.events.changed(id);
        if privacy.passcode != stream.privacy.passcode {
            self.0.hang_up_viewers(id).await?;
        }
        self.0.note(actor, Deed::StreamEdited, self.0.in_words(&stream).await?).await
    }

    /// Shows the recording to those who watch, or hides it from them.
    pub async fn approve(&self, actor: &Actor, id: StreamId, shown: bool) -> Result<(), Error> {
        let stream = self.0.stream_for(actor, Action::Approve, id).await?;
        let at = shown.then(|| self.0.now());
        found(self.0.store.approve(id, at).await?)?;
        self.0.events.changed(id);
        let deed = if shown { Deed::RecordingShown } else { Deed::RecordingHidden };
        self.0.note(actor, deed, self.0.in_words(&stream).await?).await
    }

    /// The last day on which it can be watched; empty means the usual time after the end.
    pub async fn show_until(&self, actor: &Actor, id: StreamId, date: &str) -> Result<(), Error> {
        let stream = self.0.stream_for(actor, Action::Approve, id).await?;
        let until = time::end_of_day(date, &stream.details.time_zone)?;
        found(self.0.store.set_available_until(id, until).await?)?;
        self.0.events.changed(id);
        self.0.note(actor, Deed::LastDayChanged, self.0.in_words(&stream).await?).await
    }

    /// Deletes the stream with its recordings, for good. Not while it is on air: that is ended first.
    pub async fn delete(&self, actor: &Actor, id: StreamId) -> Result<(), Error> {
        let mut stream = self.0.stream_for(actor, Action::DeleteStream, id).await?;
        if is_on_air(&stream) {
            return Err(Error::Invalid("This service is on air. Please end it first.".into()));
        }
        // Whoever changed its last day at this moment did not keep it from being deleted.
        while !self.0.delete_for_good(&stream, actor.name(), "").await? {
            stream = self.0.store.stream(id).await?.ok_or(Error::NotFound)?;
        }
        Ok(())
    }

    pub async fn access(&self, actor: &Actor, id: StreamId) -> Result<StreamerAccess, Error> {
        let stream = self.0.stream_for(actor, Action::Film, id).await?;
        self.0.note(actor, Deed::LinkShown, self.0.in_words(&stream).await?).await?;
        let token = self.0.keys.streamer_token(id, stream.link_generation);
        let site = &self.0.settings.public_url;
        Ok(StreamerAccess {
            link: format!("{site}/go/{id}#{}", token.expose()),
            whip_url: format!("{site}{}", whip_path(id)),
            encoder: self.0.encoder_access(&stream).await?,
            token,
        })
    }

    /// Makes a new link; the old one stops working at once, also for somebody who is filming with it now.
    pub async fn replace_link(&self, actor: &Actor, id: StreamId) -> Result<(), Error> {
        let stream = self.0.stream_for(actor, Action::Film, id).await?;
        found(self.0.store.replace_link(id).await?)?;
        self.0.rotate_encoder_key(id).await?;
        let replaced = self.0.store.stream(id).await?.ok_or(Error::NotFound)?;
        self.0.hang_up_former_publishers(&replaced).await?;
        // Another instance may have the picture: it hears of it, and does the same.
        self.0.events.changed(id);
        self.0.note(actor, Deed::LinkReplaced, self.0.in_words(&stream).await?).await
    }

    /// News of a stream, for staff who look at it.
    pub async fn follow(&self, actor: &Actor, id: StreamId) -> Result<StreamNews, Error> {
        let news = StreamNews::new(id, self.0.events.subscribe());
        self.get(actor, id).await?;
        Ok(news)
    }
}

impl Everlight {
    /// Notes that each provider on the way of a stream that was made already is to hold a copy: when a backup is wanted
    /// after all, or an account was added. May be called again.
    pub(crate) async fn want_copies(&self, stream: &Stream) -> Result<(), Error> {
        let memorial = self.store.memorial(stream.memorial_id).await?.ok_or(Error::NotFound)?;
        let title = title_there(&memorial, stream);
        for provider in self.cloud.wanted(stream.route, stream.backup) {
            self.store.ensure_provision(stream.id, provider, &title).await?;
        }
        Ok(())
    }

    /// Waits, for a short time, for the provider without which nobody can go live. When that says no, the stream is
    /// taken back: nothing is left behind, here or there.
    async fn wait_until_usable(&self, stream: &Stream) -> Result<(), Error> {
        let mut news = StreamNews::new(stream.id, self.events.subscribe());
        self.wake_cloud(stream.id);
        if stream.facts.ready_at.is_some() {
            return Ok(());
        }
        let _ = tokio::time::timeout(LONGEST_WAIT, async {
            while self.store.stream(stream.id).await?.is_some_and(|stream| stream.facts.ready_at.is_none()) {
                if self.refusal(stream).await?.is_some() || !news.next().await {
                    break;
                }
            }
            Ok::<_, Error>(())
        })
        .await;
        let Some(reason) = self.refusal(stream).await? else { return Ok(()) };
        for provision in self.store.provisions_of(stream.id).await? {
            self.record_provision(stream.id, provision.provider, ProvisionEvent::Unwanted { at: self.now() }).await?;
        }
        self.store.delete_stream(stream.id).await?;
        self.wake_cloud(stream.id);
        Err(Error::Invalid(format!("{reason} No service was created.")))
    }

    /// Why nobody can go live, when the provider that is needed for it said no.
    async fn refusal(&self, stream: &Stream) -> Result<Option<String>, Error> {
        for provision in self.store.provisions_of(stream.id).await? {
            let needed = self
                .cloud
                .host(provision.provider)
                .is_some_and(|host| self.is_needed_to_go_live(stream, host.as_ref()));
            if needed && let ProvisionState::NotAvailable { reason } = provision.facts.state() {
                return Ok(Some(reason));
            }
        }
        Ok(None)
    }

    /// Merges an event into a stream and tells everybody who follows it.
    pub(crate) async fn happened(&self, id: StreamId, event: &StreamEvent) -> Result<Option<Stream>, Error> {
        let Some((stream, changed)) = self.store.record_event(id, event).await? else { return Ok(None) };
        if changed {
            tracing::info!(stream.id = %id, stream.state = ?stream.facts.state(), "stream changed");
            self.events.changed(id);
            self.wake_cloud(id);
        }
        Ok(Some(stream))
    }
}

/// What people at a provider's dashboard see.
fn title_there(memorial: &Memorial, stream: &Stream) -> String {
    format!("{}: {}", memorial.details.name.as_str(), stream.details.title.as_str())
}

/// Also while the phone is away, or the disk is full: what was recorded so far is not thrown away by mistake.
pub(crate) const fn is_on_air(stream: &Stream) -> bool {
    stream.facts.first_live_at.is_some() && stream.facts.ended_at.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Installation;

    /// A service that runs late is not cut off, and its phone may come back.
    #[tokio::test]
    async fn a_link_goes_on_working_while_its_service_is_on_air() {
        use domain::{Timestamp, stream::Window};
        let at = Installation::new().await;
        let id = at.create().await;
        let stream = at.running.store.stream(id).await.unwrap().unwrap();
        let details = StreamDetails { scheduled_start_time: Some(Timestamp(0)), ..stream.details.clone() };
        let late = Timestamp(7 * 60 * 60 * 1000);
        let stream = Stream { details, ..stream };
        assert_eq!(stream.window(late), Window::TooLate);
        let facts = stream.facts.clone().apply(StreamEvent::MediaFlowing { at: Timestamp(1) });
        assert_eq!(Stream { facts, ..stream }.window(late), Window::Open);
    }

    /// Also while the phone is away or the disk is full: what was recorded so far is not thrown away by mistake.
    #[tokio::test]
    async fn a_service_that_has_begun_is_ended_before_it_can_be_deleted() {
        let at = Installation::new().await;
        let stream = at.create().await;
        let delete = async || at.running.streams().delete(&at.actor, stream).await;
        let moment = |add: i64| domain::Timestamp(at.running.now().millis() + add);
        for event in [
            StreamEvent::MediaFlowing { at: moment(1) },
            StreamEvent::MediaLost { at: moment(2) },
            StreamEvent::Failed { at: moment(3), reason: domain::stream::Failure::DiskFull },
        ] {
            at.running.happened(stream, &event).await.unwrap();
            assert!(matches!(delete().await, Err(Error::Invalid(_))), "{event:?}");
        }
        at.running.happened(stream, &StreamEvent::Ended { at: moment(4) }).await.unwrap();
        delete().await.unwrap();
        assert!(matches!(at.running.streams().get(&at.actor, stream).await, Err(Error::NotFound)));
    }
}
