//! Camera and microphone.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MediaStream, MediaStreamTrack};

use super::js::{call, call_async, get, object};
use crate::components::browser_streamer::{
    choices::{Choices, Device, Picture, Quality, Sound},
    problem::Problem,
};

/// Opens the camera that looks away from the person, and the microphone, in one question: asking twice mutes the first on
/// iOS. What is asked for is ideal, not demanded, so that a laptop works too; should a browser refuse it all the same, any
/// camera and microphone will do.
pub async fn open(camera: &Camera, choices: &Choices) -> Result<MediaStream, Problem> {
    let window = web_sys::window().ok_or(Problem::Unknown)?;
    if !window.is_secure_context() {
        return Err(Problem::InsecurePage);
    }
    if get(&window, "RTCPeerConnection").is_undefined() {
        return Err(Problem::NoWebRtc);
    }
    let devices = get(&window.navigator(), "mediaDevices");
    if get(&devices, "getUserMedia").is_undefined() {
        return Err(Problem::NoCameraAccess);
    }
    let any = object(&[("video", &true.into()), ("audio", &true.into())]);
    let chosen = choices.microphone.as_deref();
    let mut stream = call_async(&devices, "getUserMedia", &[&wanted(camera, chosen, choices)]).await;
    // A microphone that was chosen another day may be gone.
    if chosen.is_some() && is_overconstrained(&stream) {
        stream = call_async(&devices, "getUserMedia", &[&wanted(camera, None, choices)]).await;
    }
    if is_overconstrained(&stream) {
        stream = call_async(&devices, "getUserMedia", &[&any]).await;
    }
    stream.map_err(|error| classify(&name(&error)))?.dyn_into().map_err(|_| Problem::Unknown)
}

fn ideal(value: &JsValue) -> JsValue {
    object(&[("ideal", value)])
}

fn is_overconstrained(opened: &Result<JsValue, JsValue>) -> bool {
    opened.as_ref().is_err_and(|error| name(error) == "OverconstrainedError")
}

fn wanted(camera: &Camera, microphone: Option<&str>, choices: &Choices) -> JsValue {
    object(&[("video", &picture(camera, choices.quality)), ("audio", &sound(microphone, choices))])
}

/// A microphone that is wished for only is not the one that Chromium opens.
fn sound(microphone: Option<&str>, choices: &Choices) -> JsValue {
    let voice = (choices.sound == Sound::Voice).into();
    let microphone = microphone.map_or(JsValue::UNDEFINED, |id| object(&[("exact", &id.into())]));
    object(&[
        ("deviceId", &microphone),
        ("echoCancellation", &voice),
        ("noiseSuppression", &voice),
        ("autoGainControl", &voice),
    ])
}

fn picture(camera: &Camera, quality: Quality) -> JsValue {
    let Picture { width, height, rate, .. } = quality.picture();
    let (choice, value) = match camera {
        Camera::Facing(facing) => ("facingMode", ideal(&(*facing).into())),
        // Wished for only, another camera that fits the size better would win.
        Camera::Device(id) => ("deviceId", object(&[("exact", &id.into())])),
    };
    object(&[
        (choice, &value),
        ("width", &ideal(&width.into())),
        ("height", &ideal(&height.into())),
        ("frameRate", &ideal(&rate.into())),
    ])
}

/// Which camera.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Camera {
    /// `environment` looks away from the person, `user` at them.
    Facing(&'static str),
    Device(String),
}

/// Opens a camera alone: the microphone that is open stays.
pub async fn open_camera(camera: &Camera, quality: Quality) -> Option<MediaStreamTrack> {
    let devices = get(&web_sys::window()?.navigator(), "mediaDevices");
    let wanted = object(&[("video", &picture(camera, quality))]);
    let stream = call_async(&devices, "getUserMedia", &[&wanted]).await.ok()?;
    tracks(stream.unchecked_ref()).into_iter().next()
}

/// Opens a microphone alone: the camera that is open stays. That which was chosen, or else any.
pub async fn open_microphone(choices: &Choices) -> Option<MediaStreamTrack> {
    let devices = get(&web_sys::window()?.navigator(), "mediaDevices");
    let open = async |microphone| {
        let wanted = object(&[("audio", &sound(microphone, choices))]);
        call_async(&devices, "getUserMedia", &[&wanted]).await
    };
    let chosen = choices.microphone.as_deref();
    let mut stream = open(chosen).await;
    if chosen.is_some() && stream.is_err() {
        stream = open(None).await;
    }
    tracks(stream.ok()?.unchecked_ref()).into_iter().next()
}

/// The cameras and microphones there are. Empty ids are those of a browser that does not tell.
pub async fn devices() -> [Vec<Device>; 2] {
    let mut found = [Vec::new(), Vec::new()];
    let Some(window) = web_sys::window() else { return found };
    let devices = get(&window.navigator(), "mediaDevices");
    let Ok(list) = call_async(&devices, "enumerateDevices", &[]).await else { return found };
    for device in js_sys::Array::from(&list).iter() {
        let text = |name: &str| get(&device, name).as_string().unwrap_or_default();
        let (of_kind, word) = match text("kind").as_str() {
            "videoinput" => (&mut found[0], "Camera "),
            "audioinput" => (&mut found[1], "Microphone "),
            _ => continue,
        };
        let label = Some(text("label")).filter(|label| !label.is_empty());
        let label = label.unwrap_or_else(|| [word, &(of_kind.len() + 1).to_string()].concat());
        of_kind.push(Device { id: text("deviceId"), label });
    }
    found
}

/// Calls `on_change` when a device comes or goes, where the browser tells; for as long as the page lives.
pub fn on_device_change(on_change: &js_sys::Function) {
    let Some(window) = web_sys::window() else { return };
    let devices = get(&window.navigator(), "mediaDevices");
    let _ = call(&devices, "addEventListener", &[&"devicechange".into(), on_change]);
}

/// What a track says of itself: `deviceId`, `facingMode`.
pub fn setting(track: &MediaStreamTrack, name: &str) -> String {
    let settings = call(track, "getSettings", &[]).unwrap_or(JsValue::UNDEFINED);
    get(&settings, name).as_string().unwrap_or_default()
}

/// The track of a kind.
pub fn track(stream: &MediaStream, kind: &str) -> Option<MediaStreamTrack> {
    tracks(stream).into_iter().find(|track| track.kind() == kind)
}

fn name(error: &JsValue) -> String {
    get(error, "name").as_string().unwrap_or_default()
}

/// W3C Media Capture and Streams §10.2; the second names are those of older browsers.
fn classify(name: &str) -> Problem {
    match name {
        "NotAllowedError" | "PermissionDeniedError" => Problem::Denied,
        "SecurityError" => Problem::NoCameraAccess,
        "NotFoundError" | "DevicesNotFoundError" | "OverconstrainedError" => Problem::Missing,
        "NotReadableError" | "TrackStartError" => Problem::Busy,
        "AbortError" => Problem::Interrupted,
        _ => Problem::Unknown,
    }
}

/// The tracks of a stream.
pub fn tracks(stream: &MediaStream) -> Vec<MediaStreamTrack> {
    stream.get_tracks().iter().filter_map(|it| it.dyn_into().ok()).collect()
}

/// Switches camera and microphone off.
pub fn close(stream: &MediaStream) {
    for track in tracks(stream) {
        track.stop();
    }
}
