//! What lies at providers, opened to those who may see it: by addresses that are signed here for each of them, and are
//! worth nothing some hours later. What plays there without a token is never given to those who watch a private service.

use domain::{
    Provider, Route, Timestamp,
    privacy::OPENED_FOR,
    recording::{Hosted, RecordingSource},
    stream::Stream,
};
use store::{Provision, Recording};

use super::LivePicture;
use crate::Everlight;

impl Everlight {
    /// Until when somebody who watches a stream just now is let in at a provider.
    pub(crate) fn opened_until(&self, stream: &Stream) -> Timestamp {
        stream.privacy.opened_until(&stream.facts, self.now())
    }

    /// The same for ourselves and for staff, for whom there is no last day.
    pub(crate) fn opened_for_us(&self) -> Timestamp {
        self.now().plus(OPENED_FOR)
    }

    /// Whether there is a key for what plays with a token only.
    pub(crate) fn opens(&self, source: RecordingSource) -> bool {
        self.cloud.host_of(source).is_some_and(|host| host.signs())
    }

    /// The address of a provider's copy, opened until then. `None`: it cannot be opened.
    pub(crate) fn open(
        &self,
        source: RecordingSource,
        address: &str,
        signed: bool,
        until: Timestamp,
    ) -> Option<String> {
        if signed { self.cloud.host_of(source)?.sign(address, until, false) } else { Some(address.to_owned()) }
    }

    /// Where a copy that plays with a token only can be watched until then, or be had as a file.
    pub(crate) fn signed_address(&self, recording: &Recording, until: Timestamp, keep: bool) -> Option<String> {
        let (_, Hosted { mp4, signed: true, .. }) = recording.facts.hosted.as_ref()? else { return None };
        self.cloud.host_of(recording.source)?.sign(mp4.as_deref()?, until, keep)
    }

    /// Where a provider plays the live picture that it gets, by an encoder or by us, to those who watch. Nowhere, if the service is
    /// private and the picture cannot be closed again there; and while nobody films there is none.
    pub(crate) async fn provider_hls(&self, stream: &Stream) -> Option<String> {
        let is_shown = matches!(stream.route, Route::Encoder | Route::Relay);
        if !is_shown || stream.facts.first_live_at.is_none() || stream.facts.ended_at.is_some() {
            return None;
        }
        let (host, object) = self.live_object(stream).await.ok().flatten()?;
        let LivePicture { hls, signed } = self.cloud.picture(host.as_ref(), &object, self.now()).await?;
        if signed {
            host.sign(&hls, self.opened_until(stream), false)
        } else {
            (!stream.privacy.is_private()).then_some(hls)
        }
    }

    /// The providers of which those who watch a private service are shown nothing.
    pub(crate) fn kept_back(
        &self,
        stream: &Stream,
        provisions: &[Provision],
        recordings: &[Recording],
    ) -> Vec<Provider> {
        if !stream.privacy.is_private() {
            return Vec::new();
        }
        let is_public = |source| {
            let mut hosted =
                recordings.iter().filter(|copy| copy.source == source).filter_map(|copy| copy.facts.hosted.as_ref());
            hosted.any(|(_, hosted)| !hosted.signed)
        };
        let providers = provisions.iter().map(|provision| provision.provider);
        providers.filter(|provider| !self.opens(provider.source()) || is_public(provider.source())).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::{
        RecordingId, Slug, StreamId, Token,
        document::WatchDocument,
        recording::{Proof, RecordingEvent, Verdict},
        stream::StreamEvent,
    };

    use super::*;
    use crate::{
        Error, cloud::LivePicture, privacy::PrivacyForm, recordings::Place, streams::StreamForm, testing::Installation,
    };

    const MUX: usize = 1;
    const ADDRESS: &str = "https://stream.mux.com/p/highest.mp4";

    fn passcode() -> PrivacyForm {
        PrivacyForm { passcode: "white rose".into(), ..PrivacyForm::default() }
    }

    async fn service(at: &Installation, method: &str, privacy: PrivacyForm) -> (StreamId, Slug) {
        let form = StreamForm {
            title: "Funeral".into(),
            time_zone: "Europe/London".into(),
            method: method.into(),
            backup: true,
            privacy,
            ..StreamForm::default()
        };
        let document = at.running.streams().create(&at.actor, at.memorial, form).await.unwrap();
        (document.id, document.slug)
    }

    /// A service that is over, of which nothing is left but the copy at Mux.
    async fn left_at_mux(at: &Installation, privacy: PrivacyForm, signed: bool) -> (StreamId, Slug, RecordingId) {
        let (id, slug) = service(at, "phone-browser", privacy).await;
        let now = at.running.now();
        let (millis, random) = at.running.id_parts();
        let new = RecordingId::from_parts(millis, random);
        let copy = at.store.ensure_recording(new, id, RecordingSource::Mux, now).await.unwrap();
        let hosted = Hosted { id: "a".into(), mp4: Some(ADDRESS.into()), hls: None, signed };
        let proof = Proof { duration_ms: 1_000, bytes: 3, has_video: true, has_audio: true, decoded: true, hole_ms: 0 };
        for event in [
            RecordingEvent::Hosted { at: now, hosted },
            RecordingEvent::Checked { at: now, verdict: Verdict::Ready { proof } },
        ] {
            at.running.recording_happened(&copy, &event).await.unwrap();
        }
        for event in [
            StreamEvent::MediaFlowing { at: now },
            StreamEvent::Ended { at: Timestamp(now.millis() + 1_000) },
            StreamEvent::Recorded { at: now },
        ] {
            at.running.happened(id, &event).await.unwrap();
        }
        (id, slug, copy.id)
    }

    async fn pass(at: &Installation, slug: &Slug) -> Option<Token> {
        at.running.viewing().enter(slug, "white rose").await.ok()
    }

    async fn shown(at: &Installation, slug: &Slug) -> WatchDocument {
        let viewing = at.running.viewing();
        let pass = pass(at, slug).await;
        viewing.document(&viewing.admit(slug, pass.as_ref()).await.unwrap()).await.unwrap()
    }

    async fn given(at: &Installation, slug: &Slug, id: RecordingId) -> Result<Place, Error> {
        let pass = pass(at, slug).await;
        let admission = at.running.viewing().admit(slug, pass.as_ref()).await?;
        at.running.recordings().file_for_viewer(&admission, id, false).await
    }

    #[tokio::test]
    async fn without_a_key_a_private_service_is_not_shown_from_elsewhere() {
        let at = Installation::new().await;
        for privacy in [passcode(), PrivacyForm { needs_approval: true, ..PrivacyForm::default() }] {
            let (id, slug, copy) = left_at_mux(&at, privacy, false).await;
            at.running.streams().approve(&at.actor, id, true).await.unwrap();
            assert_eq!(shown(&at, &slug).await.recordings, Vec::<String>::new());
            assert!(matches!(given(&at, &slug, copy).await, Err(Error::NotFound)));
            let document = at.running.streams().get(&at.actor, id).await.unwrap();
            assert_eq!(document.kept_back, [Provider::Cloudflare, Provider::Mux]);
            assert_eq!(document.recording_sources.mux.unwrap().url.as_deref(), Some(ADDRESS), "staff see it");
        }
        let (id, slug, _) = left_at_mux(&at, PrivacyForm::default(), false).await;
        assert_eq!(shown(&at, &slug).await.recordings, [ADDRESS]);
        assert_eq!(at.running.streams().get(&at.actor, id).await.unwrap().kept_back, []);
    }

    #[tokio::test]
    async fn what_was_made_before_there_was_a_key_stays_what_it_is() {
        let at = Installation::new().await;
        at.hosts[MUX].world().signs = true;
        let (id, slug, copy) = left_at_mux(&at, passcode(), false).await;
        assert!(shown(&at, &slug).await.recordings.is_empty() && given(&at, &slug, copy).await.is_err());
        assert!(at.running.streams().get(&at.actor, id).await.unwrap().kept_back.contains(&Provider::Mux));
    }

    #[tokio::test]
    async fn with_a_key_it_is_opened_for_some_hours_and_never_past_the_last_day() {
        let at = Installation::new().await;
        at.hosts[MUX].world().signs = true;
        for privacy in [passcode(), PrivacyForm::default()] {
            let (id, slug, copy) = left_at_mux(&at, privacy, true).await;
            let document = shown(&at, &slug).await;
            assert_eq!(document.recordings, [format!("/watch/{slug}/recordings/{copy}.mp4")]);
            assert_eq!(document.download, None);
            let stream = at.store.stream(id).await.unwrap().unwrap();
            let until = async || match given(&at, &slug, copy).await.unwrap() {
                Place::There(address) => {
                    address.strip_prefix(&format!("{ADDRESS}?until=")).unwrap().parse::<i64>().unwrap()
                }
                here => panic!("{here:?}"),
            };
            let (first, hour) = (until().await, 60 * 60 * 1000);
            assert!((5 * hour..=6 * hour).contains(&(first - at.running.now().millis())), "{first}");
            let last = stream.privacy.until(&stream.facts).unwrap();
            at.pass(last.since(at.running.now()) - Duration::from_secs(60));
            assert_eq!(until().await, last.millis());
            at.pass(Duration::from_secs(61));
            assert!(matches!(given(&at, &slug, copy).await, Err(Error::NoLongerShown)));
        }
    }

    #[tokio::test]
    async fn nobody_is_let_in_before_the_gate() {
        let at = Installation::new().await;
        at.hosts[MUX].world().signs = true;
        let (_, slug, _) = left_at_mux(&at, passcode(), true).await;
        assert!(matches!(at.running.viewing().admit(&slug, None).await, Err(Error::PasscodeNeeded)));
        let waiting = PrivacyForm { needs_approval: true, ..PrivacyForm::default() };
        let (_, slug, copy) = left_at_mux(&at, waiting, true).await;
        assert!(shown(&at, &slug).await.recordings.is_empty());
        assert!(matches!(given(&at, &slug, copy).await, Err(Error::NotFound)), "it is not approved");
    }

    #[tokio::test]
    async fn a_key_that_was_taken_away_opens_nothing() {
        let at = Installation::new().await;
        let (id, slug, copy) = left_at_mux(&at, PrivacyForm::default(), true).await;
        assert!(shown(&at, &slug).await.recordings.is_empty() && given(&at, &slug, copy).await.is_err());
        let document = at.running.streams().get(&at.actor, id).await.unwrap();
        assert_eq!(document.recording_sources.mux.unwrap().url, None);
    }

    #[tokio::test]
    async fn what_is_sent_on_can_be_watched_there_as_well() {
        let mut at = Installation::new().await;
        at.hosts[0].world().picture =
            Some(LivePicture { hls: "https://x/i/manifest/video.m3u8".into(), signed: false });
        for (privacy, expected) in [(PrivacyForm::default(), true), (passcode(), false)] {
            let (id, slug) = service(&at, "phone-browser", privacy).await;
            at.make_objects(id).await;
            assert_eq!(shown(&at, &slug).await.overflow_hls, None, "nobody films");
            at.running.happened(id, &StreamEvent::MediaFlowing { at: at.running.now() }).await.unwrap();
            let document = shown(&at, &slug).await;
            assert_eq!((document.live_hls, document.overflow_hls.is_some()), (None, expected));
            assert!(document.webrtc && document.hls, "here first");
        }
    }

    #[tokio::test]
    async fn the_live_picture_of_an_encoder_is_opened_likewise() {
        let at = Installation::new().await;
        tokio::spawn(std::sync::Arc::clone(&at.running).reconcile_forever());
        let picture = |signed| Some(LivePicture { hls: "https://x/i/manifest/video.m3u8".into(), signed });
        for (signs, signed, privacy, expected) in [
            (false, false, PrivacyForm::default(), true),
            (false, false, passcode(), false),
            (true, false, passcode(), false),
            (false, true, PrivacyForm::default(), false),
            (true, true, PrivacyForm::default(), true),
            (true, true, passcode(), true),
        ] {
            {
                let mut cloudflare = at.hosts[0].world();
                (cloudflare.signs, cloudflare.picture) = (signs, picture(signed));
            }
            let private = !privacy.passcode.is_empty();
            let (id, slug) = service(&at, "encoder", privacy).await;
            at.running.happened(id, &StreamEvent::MediaFlowing { at: at.running.now() }).await.unwrap();
            let live = shown(&at, &slug).await.live_hls;
            assert_eq!(live.is_some(), expected, "{signs} {signed} {private}");
            assert_eq!(live.is_some_and(|live| live.contains("?until=")), expected && signed);
        }
    }
}
