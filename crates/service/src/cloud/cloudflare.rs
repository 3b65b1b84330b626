//! Cloudflare Stream as a [`Host`].

use std::{collections::BTreeSet, path::PathBuf};

use cloudflare::{Client, DownloadState, NewLiveInput, NewUpload, Output, Playback, Video, VideoState};
use domain::{
    Provider, Timestamp,
    deletion::{Thing, ThingKind},
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Call, Failure, Host, HostedCopy, HostedState, Ingest, LiveHost, LivePicture, Mark, Order};

/// How long a publisher may be away and still continue the same recording, in seconds. The same as Mux's reconnect
/// window, so that an outage makes two recordings at both or at neither.
pub(super) const RECONNECT_SECONDS: u32 = 300;

#[derive(Debug)]
pub struct CloudflareHost {
    client: Client,
    /// The host of a stand-in, whose WebRTC addresses are called as well as Cloudflare's own.
    stand_in: Option<String>,
}

impl CloudflareHost {
    pub const fn new(client: Client, stand_in: Option<String>) -> Self {
        Self { client, stand_in }
    }

    /// The address for WebRTC of those who watch, opened until then where it plays with a token only.
    fn watched(&self, input: cloudflare::LiveInput, until: Timestamp) -> Result<SecretString, Failure> {
        let url = self.webrtc(input.whep_url)?;
        if !input.recording.require_signed_urls {
            return Ok(url);
        }
        let signed = self.client.signed(url.expose_secret(), seconds(until));
        signed.map(SecretString::from).ok_or_else(|| garbled("it plays with a token only, and there is no key for one"))
    }

    /// An address for WebRTC that is called for people: at Cloudflare, or nowhere.
    fn webrtc(&self, url: Option<SecretString>) -> Result<SecretString, Failure> {
        let url = url.ok_or_else(|| garbled("it has no address for WebRTC"))?;
        let parsed = reqwest::Url::parse(url.expose_secret()).map_err(|_| garbled("its address for WebRTC is none"))?;
        let host = parsed.host_str().unwrap_or_default();
        let theirs = parsed.scheme() == "https" && host.ends_with(".cloudflarestream.com");
        if theirs || self.stand_in.as_deref() == Some(host) {
            Ok(url)
        } else {
            Err(garbled("its address for WebRTC is at another host"))
        }
    }

    fn order(&self, order: &Order) -> NewLiveInput {
        NewLiveInput {
            name: order.title.clone(),
            mark: order.mark.stream.to_string(),
            installation: order.mark.installation.clone(),
            timeout_seconds: RECONNECT_SECONDS,
            // Always, where there is a key for tokens: a service may become private later.
            require_signed_urls: self.client.signs(),
            delete_recording_after_days: None,
            allowed_origins: Vec::new(),
        }
    }

    /// Every recording of an input, also of one that is gone.
    async fn recorded(&self, object: Option<&str>) -> Result<Vec<Video>, Failure> {
        match object {
            Some(object) => self.client.videos_by_input_query(object).await,
            None => Ok(Vec::new()),
        }
    }

    async fn copy(&self, video: Video) -> Result<HostedCopy, Failure> {
        let state = match &video.state {
            _ if video.is_ready() => HostedState::Ready,
            VideoState::Error => HostedState::Broken,
            _ => HostedState::Processing,
        };
        let mut mp4 = None;
        if state == HostedState::Ready {
            let download = match self.client.download(&video.uid).await? {
                Some(download) => download,
                None => self.client.create_download(&video.uid).await?,
            };
            mp4 = download.url.filter(|_| download.state == DownloadState::Ready);
        }
        let hls = video.playback_origin.as_deref().map(|origin| Playback::new(origin, &video.uid).hls);
        let may_read = |address: &String| self.client.may_read(address);
        let (mp4, hls) = (mp4.filter(may_read), hls.filter(may_read));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "milliseconds of a service, checked to be positive"
        )]
        let duration_ms =
            video.duration.filter(|seconds| *seconds > 0.0).map_or(0, |seconds| (seconds * 1000.0) as u64);
        Ok(HostedCopy { id: video.uid, state, duration_ms, mp4, hls, signed: video.require_signed_urls })
    }

    fn ingest_of(input: &cloudflare::LiveInput) -> Result<Ingest, Failure> {
        let url = input.rtmps.url.parse().map_err(|error: push::IngestUrlError| Failure::Garbled {
            call: outbound::Call { provider: "Cloudflare", what: "read a live input" },
            why: error.to_string(),
            repeatable: true,
        })?;
        Ok(Ingest { url, key: input.rtmps.stream_key.clone() })
    }

    async fn output_to(&self, object: &str, to: &Ingest) -> Result<Option<Output>, Failure> {
        let outputs = self.client.outputs(object).await?;
        Ok(outputs.into_iter().find(|output| output.stream_key.expose_secret() == to.key.expose_secret()))
    }
}

impl Host for CloudflareHost {
    fn provider(&self) -> Provider {
        Provider::Cloudflare
    }

    fn signs(&self) -> bool {
        self.client.signs()
    }

    /// What can be kept there is always sent as a file.
    fn sign(&self, address: &str, until: Timestamp, _keep: bool) -> Option<String> {
        self.client.signed(address, seconds(until))
    }

    fn create<'a>(&'a self, order: &'a Order) -> Call<'a, String> {
        Box::pin(async move { Ok(self.client.create_live_input(&self.order(order)).await?.uid) })
    }

    fn find<'a>(&'a self, mark: &'a Mark) -> Call<'a, Vec<String>> {
        Box::pin(async move {
            let stream = mark.stream.to_string();
            let mut found = Vec::new();
            for input in self.client.live_inputs().await? {
                if !input.is_of(&mark.installation) || input.meta.mark() != Some(&stream) {
                    continue;
                }
                // The list shows no settings, and one that was ignored would mean that nothing is recorded.
                let whole = self.client.live_input(&input.uid).await?;
                if whole.enabled && whole.recording.mode.as_deref() == Some("automatic") {
                    found.push(input.uid);
                } else {
                    self.client.delete_live_input(&input.uid).await?;
                }
            }
            Ok(found)
        })
    }

    fn remove_object<'a>(&'a self, object: &'a str) -> Call<'a, ()> {
        Box::pin(self.client.delete_live_input(object))
    }

    fn held<'a>(&'a self, mark: &'a Mark, known: Option<&'a str>) -> Call<'a, BTreeSet<Thing>> {
        Box::pin(async move {
            let stream = mark.stream.to_string();
            let ours = self.client.live_inputs().await?.into_iter();
            let ours = ours.filter(|input| input.is_of(&mark.installation) && input.meta.mark() == Some(&stream));
            let there: Vec<_> = ours.map(|input| input.uid).collect();
            let mut videos = self.client.find_videos(&stream).await?;
            // Videos can still be found by the id of an input that is gone.
            let gone = known.filter(|known| there.iter().all(|input| input != known));
            for input in there.iter().map(String::as_str).chain(gone) {
                videos.extend(self.recorded(Some(input)).await?);
            }
            let things = there.into_iter().map(|id| (ThingKind::Object, id));
            let things = things.chain(videos.into_iter().map(|video| (ThingKind::Copy, video.uid)));
            Ok(things.map(|(kind, id)| Thing { kind, id }).collect())
        })
    }

    fn delete<'a>(&'a self, thing: &'a Thing) -> Call<'a, ()> {
        Box::pin(async move {
            match thing.kind {
                ThingKind::Object => self.client.delete_live_input(&thing.id).await,
                ThingKind::Copy => self.client.delete_video(&thing.id).await,
                ThingKind::File => Ok(()),
            }
        })
    }

    fn is_gone<'a>(&'a self, thing: &'a Thing) -> Call<'a, bool> {
        Box::pin(async move {
            match thing.kind {
                ThingKind::Object => answers_404(self.client.live_input(&thing.id).await.map(drop)),
                ThingKind::Copy => answers_404(self.client.video(&thing.id).await.map(drop)),
                ThingKind::File => Ok(true),
            }
        })
    }

    fn ingest<'a>(&'a self, object: &'a str) -> Call<'a, Ingest> {
        Box::pin(async move { Self::ingest_of(&self.client.live_input(object).await?) })
    }

    fn retire<'a>(&'a self, object: &'a str) -> Call<'a, ()> {
        Box::pin(async move {
            // Rotating cuts whoever still sends and makes what was handed out worthless; disabling refuses the next.
            match self.client.rotate_keys(object).await {
                Ok(_) => {}
                Err(failure) if failure.is_not_found() => return Ok(()),
                Err(failure) => return Err(failure),
            }
            self.client.set_enabled(object, false).await.map(drop)
        })
    }

    fn copies<'a>(&'a self, object: Option<&'a str>, uploaded: Option<&'a str>) -> Call<'a, Vec<HostedCopy>> {
        Box::pin(async move {
            let mut videos = self.recorded(object).await?;
            if let Some(uploaded) = uploaded {
                match self.client.video(uploaded).await {
                    Ok(video) => videos.push(video),
                    Err(failure) if failure.is_not_found() => {}
                    Err(failure) => return Err(failure),
                }
            }
            let mut copies = Vec::new();
            for video in videos {
                copies.push(self.copy(video).await?);
            }
            Ok(copies)
        })
    }

    fn find_upload<'a>(&'a self, mark: &'a Mark) -> Call<'a, Option<String>> {
        Box::pin(async move {
            let found = self.client.find_videos(&mark.stream.to_string()).await?;
            Ok(found
                .into_iter()
                .find(|video| video.live_input.is_none() && video.state != VideoState::Error)
                .map(|video| video.uid))
        })
    }

    fn upload<'a>(&'a self, order: &'a Order, file: PathBuf) -> Call<'a, String> {
        Box::pin(async move {
            let new = NewUpload {
                name: order.title.clone(),
                mark: order.mark.stream.to_string(),
                installation: order.mark.installation.clone(),
                require_signed_urls: self.client.signs(),
            };
            self.client.upload(&file, &new).await
        })
    }

    fn all<'a>(&'a self, installation: &'a str) -> Call<'a, Vec<(Mark, String)>> {
        Box::pin(async move {
            let ours = self.client.live_inputs().await?.into_iter().filter(|input| input.is_of(installation));
            Ok(ours
                .filter_map(|input| {
                    let stream = input.meta.mark()?.parse().ok()?;
                    Some((Mark { installation: installation.to_owned(), stream }, input.uid))
                })
                .collect())
        })
    }

    fn live(&self) -> Option<&dyn LiveHost> {
        Some(self)
    }
}

impl LiveHost for CloudflareHost {
    fn on_air<'a>(&'a self, object: &'a str) -> Call<'a, bool> {
        Box::pin(async move { Ok(self.client.live_input(object).await?.status.is_connected()) })
    }

    fn hls<'a>(&'a self, object: &'a str) -> Call<'a, Option<LivePicture>> {
        Box::pin(async move {
            let input = self.client.live_input(object).await?;
            let signed = input.recording.require_signed_urls;
            Ok(input.playback_origin.map(|origin| LivePicture { hls: Playback::new(&origin, object).hls, signed }))
        })
    }

    fn simulcast<'a>(&'a self, object: &'a str, to: &'a Ingest) -> Call<'a, ()> {
        Box::pin(async move {
            // It may have been made by a call whose answer was lost.
            if self.output_to(object, to).await?.is_none() {
                self.client.create_output(object, &to.url.to_string(), &to.key).await?;
            }
            Ok(())
        })
    }

    fn stop_simulcast<'a>(&'a self, object: &'a str) -> Call<'a, ()> {
        Box::pin(async move {
            for output in self.client.outputs(object).await? {
                self.client.delete_output(object, &output.uid).await?;
            }
            Ok(())
        })
    }

    fn rotate<'a>(&'a self, object: &'a str) -> Call<'a, ()> {
        Box::pin(async move { self.client.rotate_keys(object).await.map(drop) })
    }

    fn whip<'a>(&'a self, object: &'a str) -> Call<'a, SecretString> {
        Box::pin(async move { self.webrtc(self.client.live_input(object).await?.whip_url) })
    }

    fn whep<'a>(&'a self, object: &'a str, until: Timestamp) -> Call<'a, SecretString> {
        Box::pin(async move { self.watched(self.client.live_input(object).await?, until) })
    }
}

/// Of a live input that is not as it should be.
fn garbled(why: &str) -> Failure {
    Failure::Garbled {
        call: outbound::Call { provider: "Cloudflare", what: "read a live input" },
        why: why.to_owned(),
        repeatable: true,
    }
}

/// Rounded down, so that nothing is open for longer than was meant.
pub(super) fn seconds(moment: Timestamp) -> i64 {
    moment.millis().div_euclid(1000)
}

/// Of a question for something by its id: whether there is no such thing.
pub(super) fn answers_404(answer: Result<(), Failure>) -> Result<bool, Failure> {
    match answer {
        Ok(()) => Ok(false),
        Err(failure) if failure.is_not_found() => Ok(true),
        Err(failure) => Err(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_cloudflares_addresses_are_called_for_people() {
        let client = || Client::new(&cloudflare::Config::new("a", "t".into())).unwrap();
        let asks = |host: &CloudflareHost, url: &str| host.webrtc(Some(url.into())).is_ok();
        let real = CloudflareHost::new(client(), None);
        assert!(asks(&real, "https://customer-x.cloudflarestream.com/s/webRTC/publish"));
        for url in [
            "http://customer-x.cloudflarestream.com/s",
            "https://cloudflarestream.com.evil.org/s",
            "https://evilcloudflarestream.com/s",
            "https://169.254.169.254/latest",
            "http://127.0.0.1/s",
            "file:///etc/passwd",
            "",
        ] {
            assert!(!asks(&real, url), "{url}");
        }
        let stand_in = CloudflareHost::new(client(), Some("127.0.0.1".into()));
        assert!(asks(&stand_in, "http://127.0.0.1:5000/s") && !asks(&stand_in, "http://127.0.0.2:5000/s"));
    }
}
