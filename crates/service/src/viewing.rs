//! Mourners: what their page shows, and the live picture. Everything goes through one gate, [`Viewing::admit`]: whoever
//! has the link's slug, says the passcode where there is one, and comes while it is shown.

use std::net::IpAddr;

use domain::{
    Route, Slug, Token,
    document::{OtherService, RecordingCopy, RecordingSources, WatchDocument, WatchPhase},
    privacy::Passcode,
    recording::RecordingStatus,
    stream::{Media, Stream, StreamState},
};

use media::SessionId;
use subtle::ConstantTimeEq as _;
use whip::{offer::Role, patch::Request};

use crate::{
    Error, Everlight,
    direct::{Asker, DirectError},
    events::StreamNews,
    keys,
    publishing::Published,
    sessions::{PatchRefusal, Patched},
    time,
};

#[derive(Debug)]
pub struct Viewing<'a>(pub(crate) &'a Everlight);

/// The proof that whoever asks may watch this stream, just now. Only [`Viewing::admit`] makes one, and nothing of a
/// stream is given to mourners without one.
#[derive(Debug)]
pub struct Admission {
    stream: Stream,
}

impl Admission {
    pub(crate) const fn stream(&self) -> &Stream {
        &self.stream
    }
}

impl Viewing<'_> {
    /// The gate. `pass` is what [`Viewing::enter`] gave, if the browser has it.
    pub async fn admit(&self, slug: &Slug, pass: Option<&Token>) -> Result<Admission, Error> {
        let stream = self.stream(slug).await?;
        if stream.privacy.is_over(&stream.facts, self.0.now()) {
            return Err(Error::NoLongerShown);
        }
        if let Some(hash) = &stream.privacy.passcode {
            let expected = keys::sha256(&self.0.keys.viewer_pass(stream.id, hash));
            let knows = pass.is_some_and(|pass| keys::sha256(pass).ct_eq(&expected).into());
            if !knows {
                return Err(Error::PasscodeNeeded);
            }
        }
        Ok(Admission { stream })
    }

    /// Takes a passcode and gives the pass that the browser keeps. Nobody may call this more often than people type.
    pub async fn enter(&self, slug: &Slug, passcode: &str) -> Result<Token, Error> {
        let stream = self.stream(slug).await?;
        let wrong = || Error::Invalid("That is not the passcode of this service.".into());
        // A service without a passcode needs no pass: nothing is given away by a link that asks for one.
        let hash = stream.privacy.passcode.as_ref().ok_or_else(wrong)?;
        let passcode = Passcode::parse(passcode).map_err(|_| wrong())?;
        if self.0.keys.passcode_matches(stream.id, hash, &passcode) {
            Ok(self.0.keys.viewer_pass(stream.id, hash))
        } else {
            Err(wrong())
        }
    }

    pub async fn document(&self, Admission { stream }: &Admission) -> Result<WatchDocument, Error> {
        let memorial = self.0.store.memorial(stream.memorial_id).await?.ok_or(Error::NotFound)?;
        let document = self.0.document(stream).await?;
        let shown = recordings(stream, &document.recording_sources);
        let phase = phase(stream);
        let own = shown.iter().find(|copy| copy.ours).map(|copy| &copy.url);
        let download = own
            .filter(|_| stream.privacy.downloads)
            .map(|url| format!("{url}{}download=true", if url.contains('?') { '&' } else { '?' }));
        let recordings: Vec<_> = shown.into_iter().map(|copy| copy.url).collect();
        let until = stream.privacy.until(&stream.facts);
        let elsewhere = self.0.provider_hls(stream).await;
        Ok(WatchDocument {
            slug: stream.slug.clone(),
            name: memorial.details.name.as_str().to_owned(),
            // Under the page's own address, where its pass is sent to.
            portrait: memorial.portrait.map(|portrait| format!("/watch/{}/portrait/{portrait}.jpg", stream.slug)),
            title: document.title,
            description: document.description,
            scheduled_start_time: document.scheduled_start_time,
            scheduled_local: document.scheduled_start_time.and_then(|at| time::local(at, &stream.details.time_zone)),
            phase,
            recording_url: recordings.first().cloned(),
            recordings,
            live_hls: elsewhere.clone().filter(|_| !document.capabilities.gateway),
            overflow_hls: elsewhere.filter(|_| document.capabilities.gateway),
            webrtc: document.capabilities.whep,
            hls: document.capabilities.gateway && document.capabilities.hls,
            download,
            until: until.and_then(|until| time::day(until, &stream.details.time_zone)),
            others: self.others(stream).await?,
        })
    }

    /// The memorial's other services that may be mentioned here. Where they lead there is a gate of their own.
    async fn others(&self, stream: &Stream) -> Result<Vec<OtherService>, Error> {
        let now = self.0.now();
        let others = self.0.store.streams_of(stream.memorial_id).await?.into_iter();
        Ok(others
            .filter(|other| other.id != stream.id && other.privacy.listed && !other.privacy.is_over(&other.facts, now))
            .map(|other| OtherService {
                phase: phase(&other),
                slug: other.slug,
                title: other.details.title.into(),
                scheduled_local: other
                    .details
                    .scheduled_start_time
                    .and_then(|at| time::local(at, &other.details.time_zone)),
            })
            .collect())
    }

    /// News of a stream, for a mourner's page.
    pub fn follow(&self, admission: &Admission) -> StreamNews {
        StreamNews::new(admission.stream.id, self.0.events.subscribe())
    }

    /// Starts a viewer's WebRTC session (WHEP), for somebody of this network.
    pub async fn view(
        &self,
        Admission { stream }: &Admission,
        network: IpAddr,
        offer: &str,
    ) -> Result<Published, ViewError> {
        let checked = whip::offer::check(offer, Role::Viewer)?;
        match stream.route {
            Route::Embedded | Route::Relay => {}
            Route::Direct if stream.facts.media.is_none() || stream.facts.ended_at.is_some() => {
                return Err(DirectError::NotLive.into());
            }
            Route::Direct => return Ok(self.0.open_direct(stream, Asker::Viewer(network), offer).await?),
            // What comes by an encoder plays over HLS only.
            Route::Encoder => return Err(DirectError::NotLive.into()),
        }
        let offer = checked;
        let seat = self.0.seats.take(network).ok_or(ViewError::NetworkFull)?;
        let answer = self.0.gateway.view(stream.id, &offer.sdp).await?;
        let etag = self.0.sessions.add(stream, Role::Viewer, &offer, &answer, Some(seat));
        // Closed before it was remembered: nobody will say so again, and its place would be taken for ever.
        if self.0.gateway.check(answer.session).await.is_err() {
            self.0.sessions.remove(answer.session);
        }
        Ok(Published { session: answer.session, sdp: answer.sdp, etag })
    }

    pub async fn patch(
        &self,
        Admission { stream }: &Admission,
        session: SessionId,
        request: Request<'_>,
    ) -> Result<Patched, PatchRefusal> {
        self.0.patch_at(stream, session, request).await
    }

    /// Ends a viewer's session. Whether there was one.
    pub async fn hang_up(&self, Admission { stream }: &Admission, session: SessionId) -> Result<bool, Error> {
        Ok(self.0.hang_up(stream.id, session).await || self.0.hang_up_direct(stream.id, session).await?)
    }

    /// The live picture for players without WebRTC.
    pub fn hls(&self, admission: &Admission) -> Result<std::sync::Arc<recorder::HlsLive>, Error> {
        self.0.archive.hls(admission.stream.id).ok_or(Error::NotFound)
    }

    async fn stream(&self, slug: &Slug) -> Result<Stream, Error> {
        self.0.store.stream_by_slug(slug).await?.ok_or(Error::NotFound)
    }
}

impl Everlight {
    /// Cuts everybody who watches: who still may comes back within a second.
    pub(crate) async fn hang_up_viewers(&self, stream: domain::StreamId) -> Result<(), Error> {
        for session in self.sessions.of(stream, Role::Viewer) {
            self.hang_up(stream, session).await;
        }
        for session in self.direct.of(stream, Role::Viewer) {
            self.hang_up_direct(stream, session).await?;
        }
        Ok(())
    }
}

/// Why a viewer's session was not started.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// What is for one network is taken. The picture can be had over HLS, which needs no place.
    #[error("too many are watching over this network; please wait a moment and try again")]
    NetworkFull,
    #[error(transparent)]
    Service(#[from] Error),
    #[error(transparent)]
    Offer(#[from] whip::offer::OfferError),
    #[error(transparent)]
    Media(#[from] media::ViewError),
    #[error(transparent)]
    Direct(#[from] DirectError),
}

/// A copy that those who watch are shown.
struct Shown {
    url: String,
    /// It lies on this server.
    ours: bool,
}

/// Where the recording plays for those who watch, the best first: complete before short, ours before those of providers.
/// Of a private service only what is at addresses of ours: here, or at a provider who opens it for some hours at a time.
/// What plays there for ever cannot be taken back once its address is known.
fn recordings(stream: &Stream, sources: &RecordingSources) -> Vec<Shown> {
    if !stream.privacy.shows_recording() {
        return Vec::new();
    }
    let slug = &stream.slug;
    let own = |url: &str| format!("/watch/{slug}{url}");
    if let Some(RecordingCopy { url, cut: Some(cut), .. }) = &sources.server {
        // What was taken off is in every other copy. The address says which part it is, so that no player mixes two.
        let url = url.iter().map(|url| format!("{}?cut={}-{}", own(url), cut.begin_ms, cut.end_ms));
        return url.map(|url| Shown { url, ours: true }).collect();
    }
    let places = [(&sources.server, true), (&sources.cloudflare, false), (&sources.mux, false), (&sources.phone, true)];
    let copies = places.into_iter().filter_map(|(copy, ours)| Some((copy.as_ref()?, ours)));
    let mut copies: Vec<_> = copies.filter_map(|(copy, ours)| Some((copy, copy.url.as_deref()?, ours))).collect();
    copies.sort_by_key(|(copy, ..)| copy.status != RecordingStatus::Ready);
    if stream.privacy.is_private() {
        copies.retain(|(_, url, _)| url.starts_with('/'));
    }
    // Under the page's own address, where its pass is sent to.
    let at = |url: &str| if url.starts_with('/') { own(url) } else { url.to_owned() };
    copies.into_iter().map(|(_, url, ours)| Shown { url: at(url), ours }).collect()
}

fn phase(stream: &Stream) -> WatchPhase {
    match stream.facts.state() {
        // Staff have something to mend; for those who watch it counts whether there is a picture.
        StreamState::Failed => match stream.facts.media {
            None => WatchPhase::Before,
            Some((_, Media::Flowing)) => WatchPhase::Live,
            Some((_, Media::Lost)) => WatchPhase::Interrupted,
        },
        StreamState::Recorded if !stream.privacy.shows_recording() => WatchPhase::Withheld,
        state => state.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::{
        RecordingId, StreamId, Timestamp,
        recording::{Proof, RecordingEvent, Verdict},
        stream::StreamEvent,
    };

    use super::*;
    use crate::{privacy::PrivacyForm, streams::StreamForm, testing::Installation};

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    async fn service(at: &Installation, privacy: PrivacyForm) -> (StreamId, Slug) {
        let form = StreamForm {
            title: "Funeral".into(),
            time_zone: "Europe/London".into(),
            method: "phone-browser".into(),
            privacy,
            ..StreamForm::default()
        };
        let document = at.running.streams().create(&at.actor, at.memorial, form).await.unwrap();
        (document.id, document.slug)
    }

    /// A service that was on air and is over, with a recording that plays.
    async fn recorded(at: &Installation, privacy: PrivacyForm) -> (StreamId, Slug, RecordingId) {
        let (id, slug) = service(at, privacy).await;
        let now = at.running.now();
        let master = at.running.master(id).await.unwrap();
        std::fs::write(at.running.recording_file(master.id), b"mp4").unwrap();
        let proof = Proof { duration_ms: 1_000, bytes: 3, has_video: true, has_audio: true, decoded: true, hole_ms: 0 };
        let checked = RecordingEvent::Checked { at: now, verdict: Verdict::Ready { proof } };
        at.running.recording_happened(&master, &checked).await.unwrap();
        for event in [
            StreamEvent::MediaFlowing { at: now },
            StreamEvent::Ended { at: Timestamp(now.millis() + 1_000) },
            StreamEvent::Recorded { at: now },
        ] {
            at.running.happened(id, &event).await.unwrap();
        }
        (id, slug, master.id)
    }

    async fn shown(at: &Installation, slug: &Slug) -> WatchDocument {
        let viewing = at.running.viewing();
        viewing.document(&viewing.admit(slug, None).await.unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn a_passcode_lets_in_and_a_new_one_shuts_out() {
        let at = Installation::new().await;
        let (id, slug) = service(&at, PrivacyForm { passcode: "White Rose".into(), ..PrivacyForm::default() }).await;
        let (_, other) = service(&at, PrivacyForm { passcode: "white rose".into(), ..PrivacyForm::default() }).await;
        let viewing = at.running.viewing();
        assert!(matches!(viewing.admit(&slug, None).await, Err(Error::PasscodeNeeded)));
        assert!(matches!(viewing.enter(&slug, "white lily").await, Err(Error::Invalid(_))));
        let pass = viewing.enter(&slug, " white-rose ").await.unwrap();
        viewing.admit(&slug, Some(&pass)).await.unwrap();
        assert!(matches!(viewing.admit(&other, Some(&pass)).await, Err(Error::PasscodeNeeded)), "another service");
        let edited = async |privacy| {
            let form = StreamForm {
                title: "Funeral".into(),
                time_zone: "Europe/London".into(),
                method: "phone-browser".into(),
                privacy,
                ..StreamForm::default()
            };
            at.running.streams().edit(&at.actor, id, form).await.unwrap();
        };
        edited(PrivacyForm::default()).await;
        viewing.admit(&slug, Some(&pass)).await.unwrap();
        // Also when it is the same one: whoever was let in says it again.
        edited(PrivacyForm { passcode: "white rose".into(), ..PrivacyForm::default() }).await;
        assert!(matches!(viewing.admit(&slug, Some(&pass)).await, Err(Error::PasscodeNeeded)));
        edited(PrivacyForm { no_passcode: true, ..PrivacyForm::default() }).await;
        viewing.admit(&slug, None).await.unwrap();
        assert!(matches!(viewing.enter(&slug, "white rose").await, Err(Error::Invalid(_))), "there is none any more");
    }

    #[tokio::test]
    async fn a_recording_is_hidden_until_it_is_approved() {
        let at = Installation::new().await;
        let (id, slug, recording) = recorded(&at, PrivacyForm { needs_approval: true, ..PrivacyForm::default() }).await;
        let viewing = at.running.viewing();
        let file = async || {
            let admission = viewing.admit(&slug, None).await.unwrap();
            at.running.recordings().file_for_viewer(&admission, recording, false).await
        };
        let document = shown(&at, &slug).await;
        assert_eq!((document.phase, document.recordings.len()), (WatchPhase::Withheld, 0));
        assert!(matches!(file().await, Err(Error::NotFound)), "not on the page alone");

        at.running.streams().approve(&at.actor, id, true).await.unwrap();
        let document = shown(&at, &slug).await;
        let address = format!("/watch/{slug}/recordings/{recording}.mp4");
        assert_eq!((document.phase, document.recordings), (WatchPhase::Recorded, vec![address]));
        file().await.unwrap();

        at.running.streams().approve(&at.actor, id, false).await.unwrap();
        assert_eq!(shown(&at, &slug).await.phase, WatchPhase::Withheld);
        assert!(file().await.is_err());
    }

    #[tokio::test]
    async fn the_file_itself_is_given_only_where_staff_said_so() {
        let at = Installation::new().await;
        for downloads in [false, true] {
            let (_, slug, recording) = recorded(&at, PrivacyForm { downloads, ..PrivacyForm::default() }).await;
            assert_eq!(shown(&at, &slug).await.download.is_some(), downloads);
            let admission = at.running.viewing().admit(&slug, None).await.unwrap();
            let kept = at.running.recordings().file_for_viewer(&admission, recording, true).await;
            assert_eq!(kept.is_ok(), downloads);
        }
    }

    #[tokio::test]
    async fn a_recording_of_another_service_is_not_given() {
        let at = Installation::new().await;
        let (_, slug, _) = recorded(&at, PrivacyForm::default()).await;
        let (_, _, other) = recorded(&at, PrivacyForm::default()).await;
        let admission = at.running.viewing().admit(&slug, None).await.unwrap();
        let given = at.running.recordings().file_for_viewer(&admission, other, false).await;
        assert!(matches!(given, Err(Error::NotFound)));
    }

    #[tokio::test]
    async fn after_the_last_day_nothing_is_shown_until_staff_extend_it() {
        let at = Installation::new().await;
        let (id, slug, _) = recorded(&at, PrivacyForm::default()).await;
        at.pass(DAY * 29);
        shown(&at, &slug).await;
        at.pass(DAY * 2);
        let admit = async || at.running.viewing().admit(&slug, None).await;
        assert!(matches!(admit().await, Err(Error::NoLongerShown)));
        at.running.streams().show_until(&at.actor, id, "1970-06-01").await.unwrap();
        assert_eq!(shown(&at, &slug).await.until.as_deref(), Some("1 June 1970"));
        at.running.streams().show_until(&at.actor, id, "1970-01-05").await.unwrap();
        assert!(matches!(admit().await, Err(Error::NoLongerShown)), "and shorten it");
    }

    #[tokio::test]
    async fn only_services_that_are_to_be_mentioned_are() {
        let at = Installation::new().await;
        let (_, slug) = service(&at, PrivacyForm::default()).await;
        service(&at, PrivacyForm::default()).await;
        let listed = PrivacyForm { listed: true, passcode: "white rose".into(), ..PrivacyForm::default() };
        let (_, graveside) = service(&at, listed).await;
        let others: Vec<_> = shown(&at, &slug).await.others.into_iter().map(|other| other.slug).collect();
        assert_eq!(others, std::slice::from_ref(&graveside));
        assert!(matches!(at.running.viewing().admit(&graveside, None).await, Err(Error::PasscodeNeeded)));
    }
}
