//! Camera and microphone: opening, flipping, muting.

use std::rc::{Rc, Weak};

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event as DomEvent, MediaStream, MediaStreamTrack};

use super::Inner;
use crate::browser::device;
use crate::browser::js::{call, call_async, get, same};
use crate::browser::media::{self, Camera};
use crate::components::browser_streamer::{
    choices::{Choices, Devices},
    interruption::{self, Lost},
    state::{Event, State},
};

/// A browser that has not answered by then may be one inside an app, which never does.
const HANGING_MS: u32 = 8_000;
/// Until it is looked again whether the camera was flipped.
const LOOK_AGAIN_MS: u32 = 100;

/// An open camera and microphone. Switched off when dropped.
#[derive(Debug)]
pub(super) struct Capture {
    /// The same for as long as the page films: its tracks change.
    pub(super) stream: MediaStream,
    pub(super) camera: Camera,
    listeners: Vec<Listener>,
}

/// A track, a name of an event, and what it calls.
type Listener = (MediaStreamTrack, &'static str, Closure<dyn FnMut(DomEvent)>);

impl Capture {
    fn new(inner: &Rc<Inner>, stream: MediaStream, camera: Camera) -> Self {
        let mut capture = Self { stream, camera, listeners: Vec::new() };
        capture.listen(&Rc::downgrade(inner));
        capture
    }

    fn listen(&mut self, inner: &Weak<Inner>) {
        self.unlisten();
        for track in media::tracks(&self.stream) {
            let lost = if track.kind() == "video" { Lost::Camera } else { Lost::Microphone };
            for (name, event) in [
                ("ended", interruption::Event::Ended(lost)),
                ("mute", interruption::Event::Muted(lost)),
                ("unmute", interruption::Event::Unmuted(lost)),
            ] {
                let inner = Weak::clone(inner);
                let called = Closure::<dyn FnMut(DomEvent)>::new(move |_| {
                    if let Some(inner) = inner.upgrade() {
                        inner.on_track(event);
                    }
                });
                let _ = track.add_event_listener_with_callback(name, called.as_ref().unchecked_ref());
                self.listeners.push((same(&track), name, called));
            }
        }
    }

    pub(super) fn unlisten(&mut self) {
        for (track, name, called) in self.listeners.drain(..) {
            let _ = track.remove_event_listener_with_callback(name, called.as_ref().unchecked_ref());
        }
    }

    /// Puts a track in the place of the one of its kind, which is stopped.
    fn swap(&self, track: &MediaStreamTrack) {
        if let Some(old) = media::track(&self.stream, &track.kind()) {
            old.stop();
            let _ = call(&self.stream, "removeTrack", &[&old]);
        }
        let _ = call(&self.stream, "addTrack", &[track]);
    }

    /// Whether both tracks say that they live.
    pub(super) fn is_alive(&self) -> bool {
        media::tracks(&self.stream).iter().all(lives)
    }

    pub(super) fn camera_lives(&self) -> bool {
        media::track(&self.stream, "video").is_some_and(|track| lives(&track))
    }
}

fn lives(track: &MediaStreamTrack) -> bool {
    get(track, "readyState").as_string().as_deref() == Some("live") && !get(track, "muted").is_truthy()
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.unlisten();
        media::close(&self.stream);
    }
}

impl Inner {
    pub(super) fn open_camera(self: &Rc<Self>) {
        // The former one first: a phone opens one camera at a time.
        self.release();
        self.signals.hanging.set(false);
        let inner = Rc::clone(self);
        spawn_local(async move {
            TimeoutFuture::new(HANGING_MS).await;
            if inner.signals.state.try_get_untracked() == Some(State::AskingForCamera) {
                inner.signals.hanging.set(true);
            }
        });
        let inner = Rc::clone(self);
        spawn_local(async move {
            let choices = inner.signals.choices.get_untracked();
            let camera = choices.camera.clone().map_or(Camera::Facing("environment"), Camera::Device);
            let stream = match media::open(&camera, &choices).await {
                Ok(stream) => stream,
                Err(problem) => return inner.on(Event::CameraFailed(problem)),
            };
            if inner.signals.state.try_get_untracked() != Some(State::AskingForCamera) {
                // The page was left, or the link refused, while the browser asked.
                return media::close(&stream);
            }
            *inner.capture.borrow_mut() = Some(Capture::new(&inner, same(&stream), camera));
            inner.on(Event::CameraReady);
            inner.show(&stream);
            inner.apply_mute();
            inner.describe_camera().await;
        });
    }

    /// Puts the picture on the page. `play()` and not `autoplay`, over which some browsers lay a button of their own. It is
    /// not waited for: a page in the background plays nothing.
    pub(super) fn show(&self, stream: &MediaStream) {
        let Some(video) = self.signals.preview.get_untracked() else { return };
        video.set_muted(true);
        video.set_src_object(Some(stream));
        spawn_local(async move {
            let _ = call_async(&video, "play", &[]).await;
        });
    }

    pub(super) async fn describe_camera(&self) {
        let [cameras, microphones] = media::devices().await;
        let flippable = cameras.len() > 1;
        let open = |kind| self.capture.borrow().as_ref().and_then(|capture| media::track(&capture.stream, kind));
        let track = open("video");
        let id = |track: Option<MediaStreamTrack>| track.map(|track| media::setting(&track, "deviceId"));
        let (camera, microphone) = (id(open("video")).unwrap_or_default(), id(open("audio")).unwrap_or_default());
        self.signals.devices.try_set(Devices { cameras, microphones, camera, microphone });
        // A browser that does not tell was asked for the one that looks away, and a laptop has the other kind only.
        let front = track.is_some_and(|track| media::setting(&track, "facingMode") == "user");
        self.signals.camera.try_update(|camera| {
            camera.front = front;
            camera.flippable = flippable;
            camera.flipping = false;
        });
    }

    /// The old camera is stopped before the new one opens: a phone opens one at a time. The session goes on.
    pub(super) fn flip(self: &Rc<Self>) {
        if self.signals.camera.get_untracked().flipping || self.capture.borrow().is_none() {
            return;
        }
        self.signals.camera.update(|camera| camera.flipping = true);
        let inner = Rc::clone(self);
        spawn_local(async move {
            let other = inner.other_camera().await;
            let quality = inner.signals.choices.get_untracked().quality;
            inner.pause_keeping().await;
            let Some((stream, before)) = inner.filming() else { return inner.describe_camera().await };
            if let Some(capture) = &mut *inner.capture.borrow_mut() {
                capture.unlisten();
            }
            if let Some(old) = media::track(&stream, "video") {
                old.stop();
            }
            let opened = match media::open_camera(&other, quality).await {
                Some(track) => Some((track, other)),
                None if !inner.films(&stream) => None,
                // Back to the one that worked.
                None => media::open_camera(&before, quality).await.map(|track| (track, before)),
            };
            let Some((track, camera)) = opened else {
                if inner.films(&stream) {
                    inner.keep_listening();
                    inner.on_track(interruption::Event::Ended(Lost::Camera));
                }
                return inner.describe_camera().await;
            };
            if !inner.put(&stream, &track).await {
                return inner.describe_camera().await;
            }
            if let Some(capture) = &mut *inner.capture.borrow_mut() {
                capture.camera = camera;
            }
            // A newer wish than that for a certain camera.
            inner.signals.choices.try_update(|choices| choices.camera = None);
            inner.keep_listening();
            inner.start_keeping();
            inner.describe_camera().await;
        });
    }

    /// Phones tell which way a camera looks; elsewhere it is the next of the list.
    async fn other_camera(&self) -> Camera {
        let track = self.capture.borrow().as_ref().and_then(|capture| media::track(&capture.stream, "video"));
        let Some(track) = track else { return Camera::Facing("user") };
        match media::setting(&track, "facingMode").as_str() {
            "user" => Camera::Facing("environment"),
            "environment" => Camera::Facing("user"),
            _ => {
                let ([cameras, _], present) = (media::devices().await, media::setting(&track, "deviceId"));
                let at = cameras.iter().position(|camera| camera.id == present).unwrap_or(0);
                let next = cameras.get((at + 1) % cameras.len().max(1)).map(|camera| camera.id.clone());
                next.map_or(Camera::Facing("user"), Camera::Device)
            }
        }
    }

    /// What the person chose under "More": camera and microphone are opened anew, both in one question.
    pub(super) fn choose(self: &Rc<Self>, choices: Choices) {
        device::remember(&choices);
        self.signals.choices.set(choices.clone());
        if let Some(publisher) = &*self.publisher.borrow() {
            publisher.limit(self.bitrate());
        }
        let inner = Rc::clone(self);
        spawn_local(async move {
            // One after the other; of several that wait the last one counts.
            while inner.is_flipping() {
                TimeoutFuture::new(LOOK_AGAIN_MS).await;
            }
            let outdated = inner.signals.choices.try_get_untracked().as_ref() != Some(&choices);
            let Some((stream, _)) = inner.filming().filter(|_| !outdated) else { return };
            inner.signals.camera.update(|camera| camera.flipping = true);
            if let (Some(id), Some(capture)) = (choices.camera, &mut *inner.capture.borrow_mut()) {
                capture.camera = Camera::Device(id);
            }
            if !inner.capture_anew().await && inner.films(&stream) {
                inner.on_track(interruption::Event::Ended(Lost::Camera));
            }
            inner.describe_camera().await;
        });
    }

    fn is_flipping(&self) -> bool {
        self.signals.camera.try_get_untracked().is_some_and(|camera| camera.flipping)
    }

    /// For the picture, in bits a second.
    pub(super) fn bitrate(&self) -> u32 {
        self.signals.choices.with_untracked(|choices| choices.quality.picture().bitrate)
    }

    /// The stream that films, and its camera.
    pub(super) fn filming(&self) -> Option<(MediaStream, Camera)> {
        self.capture.borrow().as_ref().map(|capture| (same(&capture.stream), capture.camera.clone()))
    }

    /// Whether this is still the stream that films: while a browser opens a camera, the service may end.
    pub(super) fn films(&self, stream: &MediaStream) -> bool {
        self.capture.borrow().as_ref().is_some_and(|capture| capture.stream == *stream)
    }

    /// Into the stream, and into what is sent. `false`: nothing films with that stream any more, and what was opened for it is
    /// switched off.
    pub(super) async fn put(&self, stream: &MediaStream, track: &MediaStreamTrack) -> bool {
        if !self.films(stream) {
            track.stop();
            return false;
        }
        if let Some(capture) = &*self.capture.borrow() {
            capture.swap(track);
        }
        let replacing = self.publisher.borrow().as_ref().map(|publisher| publisher.replace(track));
        if let Some(replacing) = replacing {
            replacing.await;
        }
        // What is in the stream is switched off with it.
        self.films(stream)
    }

    pub(super) fn keep_listening(self: &Rc<Self>) {
        if let Some(capture) = &mut *self.capture.borrow_mut() {
            capture.listen(&Rc::downgrade(self));
        }
    }

    /// Silence is sent, so that the recording goes on without a hole.
    pub(super) fn apply_mute(&self) {
        let muted = self.signals.muted.get_untracked();
        if let Some(track) = self.capture.borrow().as_ref().and_then(|capture| media::track(&capture.stream, "audio")) {
            track.set_enabled(!muted);
        }
    }

    fn on_track(self: &Rc<Self>, event: interruption::Event) {
        match self.signals.state.try_get_untracked() {
            Some(State::OnAir { .. }) => self.watch(event),
            _ if matches!(event, interruption::Event::Ended(_)) => self.on(Event::CameraLost),
            _ => {}
        }
    }

    /// The list of devices is another one: what is open may have been taken away without a word on its track.
    pub(super) async fn compare_devices(self: &Rc<Self>) {
        let before = self.signals.devices.get_untracked();
        self.describe_camera().await;
        let lost = self.signals.devices.try_with_untracked(|devices| devices.lost_since(&before)).flatten();
        // A rehearsal, and the way on air, are over in a moment: what is missing then is said there.
        let state = self.signals.state.try_get_untracked();
        if let (Some(lost), Some(State::Preview | State::Rehearsed | State::OnAir { .. })) = (lost, state) {
            self.on_track(interruption::Event::Ended(lost));
        }
    }

    pub(super) fn close_camera(&self) {
        if let Some(capture) = self.capture.take() {
            if let Some(Some(video)) = self.signals.preview.try_get_untracked() {
                // Paused first: some phones freeze when a track ends under a playing picture.
                let _ = call(&video, "pause", &[]);
                video.set_src_object(None);
            }
            spawn_local(async move { drop(capture) });
        }
    }
}
