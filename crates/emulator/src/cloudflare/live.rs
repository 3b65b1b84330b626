//! What happens at a live input when an encoder comes, goes, and stays away.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::live_inputs::Status;
use super::videos::{Video, VideoState};
use crate::ingest::Target;
use crate::ingest::flv::Kind;
use crate::ingest::show::Show;
use crate::world::World;
use crate::{clock, ids};

impl World {
    pub(crate) fn cloudflare_begin(self: &Arc<Self>, uid: &str, id: u64) -> Option<Show> {
        let (show, before) = {
            let mut state = self.state();
            let input = state.cloudflare.input(uid).filter(|input| input.live.is_current(id))?;
            input.live.epoch += 1;
            let before = input.status.as_ref().map(|status| status.state);
            input.status = Some(Status { state: "connected", reason: None, since: clock::now() });
            let connection = input.live.connection.as_mut()?;
            connection.begun = true;
            let feed = Arc::clone(&connection.feed);
            input.start_outputs(self, &feed);
            let mut fresh = None;
            let show = input.recording.automatic.then(|| {
                let show = input.live.show.get_or_insert_with(|| {
                    let mut video = Video::new(ids::hex(32), VideoState::Live);
                    video.live_input = Some(uid.to_owned());
                    video.creator.clone_from(&input.default_creator);
                    video.require_signed_urls = input.recording.require_signed_urls;
                    let name = input.meta["name"].as_str().unwrap_or("Live").to_owned();
                    video.meta = json!({ "name": format!("{name} {}", clock::now().strftime("%d %b %y %H:%M UTC")) });
                    let show = Show::new(video.uid.clone(), self.folder(&video.uid));
                    fresh = Some(video);
                    show
                });
                show.parts += 1;
                show.clone()
            });
            state.cloudflare.videos.extend(fresh);
            (show, before)
        };
        // A publisher who takes over from another does not connect the input anew.
        if before != Some("connected") {
            self.notify(uid, "live_input.connected", None);
        }
        show
    }

    pub(crate) fn cloudflare_leave(self: &Arc<Self>, uid: &str, id: u64) {
        let (waits, epoch) = {
            let mut state = self.state();
            let Some(input) = state.cloudflare.input(uid).filter(|input| input.live.is_current(id)) else { return };
            let begun = input.live.connection.take().is_some_and(|connection| connection.begun);
            if !begun {
                return;
            }
            input.live.epoch += 1;
            if input.status.as_ref().is_some_and(|status| status.state == "connected") {
                let reason = Some("clientDisconnect");
                input.status = Some(Status { state: "disconnected", reason, since: clock::now() });
            }
            let timing = &self.config.timing;
            let asked = input.recording.timeout_seconds.map(Duration::from_secs);
            (timing.scaled(asked.unwrap_or(timing.default_timeout)), input.live.epoch)
        };
        self.notify(uid, "live_input.disconnected", None);
        let (world, uid) = (Arc::clone(self), uid.to_owned());
        tokio::spawn(async move {
            tokio::time::sleep(waits).await;
            let show = {
                let mut state = world.state();
                let input = state.cloudflare.input(&uid).filter(|input| input.live.epoch == epoch);
                input.and_then(|input| input.live.end_show())
            };
            if let Some(show) = show {
                world.cloudflare_finish(show);
            }
        });
    }

    /// Makes a video of a show that is over.
    pub(super) fn cloudflare_finish(self: &Arc<Self>, show: Show) {
        let world = Arc::clone(self);
        tokio::spawn(async move {
            let uid = show.id.clone();
            let result = show.finish().await;
            if let Some(video) = world.state().cloudflare.video(&uid) {
                video.state = VideoState::Processing;
            }
            tokio::time::sleep(world.config.timing.processing).await;
            world.cloudflare_processed(
                &uid,
                result.map_err(|error| {
                    tracing::warn!(%error, "a recording could not be made");
                    VideoState::Error {
                        code: "ERR_MALFORMED_VIDEO",
                        text: "The video was deemed to be corrupted or malformed.",
                    }
                }),
            );
        });
    }

    /// A publisher sends what this provider does not take.
    pub(crate) fn unsupported(&self, target: &Target, kind: Kind) {
        let Target::Cloudflare(uid) = target else { return };
        if let Some(input) = self.state().cloudflare.input(uid) {
            input.status = Some(Status { state: "errored", reason: Some("badRequest"), since: clock::now() });
        }
        let (code, message) = match kind {
            Kind::Audio => ("ERR_UNSUPPORTED_AUDIO_CODEC", "Unsupported audio codec."),
            Kind::Video => ("ERR_UNSUPPORTED_VIDEO_CODEC", "Unsupported video codec."),
        };
        let errored = json!({ "error": { "code": code, "message": message }, "video_codec": "", "audio_codec": "" });
        self.notify(uid, "live_input.errored", Some(errored));
    }

    /// A notification to everybody whose policy asks for it.
    fn notify(&self, input: &str, event: &str, errored: Option<Value>) {
        let state = self.state();
        for webhook in state.cloudflare.notifications(&self.config.cloudflare.account_id, input, event, errored) {
            // Fails only when the emulator stops.
            let _ = self.webhooks.send(webhook);
        }
    }
}
