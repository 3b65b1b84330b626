//! Camera and microphone.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MediaStream, MediaStreamTrack};

use super::js::{call, call_async, get, object};
use crate::components::browser_streamer::problem::Problem;

/// Opens the camera that looks away from the person, and the microphone, in one question: asking twice mutes the first on
/// iOS. What is asked for is ideal, not demanded, so that a laptop works too; should a browser refuse it all the same, any
/// camera and microphone will do.
pub async fn open(camera: &Camera) -> Result<MediaStream, Problem> {
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
    let stream = match call_async(&devices, "getUserMedia", &[&wanted(camera)]).await {
        Err(error) if name(&error) == "OverconstrainedError" => call_async(&devices, "getUserMedia", &[&any]).await,
        result => result,
    };
    stream.map_err(|error| classify(&name(&error)))?.dyn_into().map_err(|_| Problem::Unknown)
}

/// 720p at 30 frames, what H.264 level 3.1 allows. Sound as the room gives it: echo cancellation and its companions are
/// made for calls, and harm music and a distant voice.
fn wanted(camera: &Camera) -> JsValue {
    let audio = object(&[
        ("echoCancellation", &false.into()),
        ("noiseSuppression", &false.into()),
        ("autoGainControl", &false.into()),
    ]);
    object(&[("video", &picture(camera)), ("audio", &audio)])
}

fn picture(camera: &Camera) -> JsValue {
    let ideal = |value: &JsValue| object(&[("ideal", value)]);
    let (choice, value) = match camera {
        Camera::Facing(facing) => ("facingMode", ideal(&(*facing).into())),
        // Wished for only, another camera that fits the size better would win.
        Camera::Device(id) => ("deviceId", object(&[("exact", &id.into())])),
    };
    object(&[
        (choice, &value),
        ("width", &ideal(&1280.into())),
        ("height", &ideal(&720.into())),
        ("frameRate", &ideal(&30.into())),
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
pub async fn open_camera(camera: &Camera) -> Option<MediaStreamTrack> {
    let devices = get(&web_sys::window()?.navigator(), "mediaDevices");
    let wanted = object(&[("video", &picture(camera))]);
    let stream = call_async(&devices, "getUserMedia", &[&wanted]).await.ok()?;
    tracks(stream.unchecked_ref()).into_iter().next()
}

/// The cameras there are, by their ids. Empty ids are those of a browser that does not tell.
pub async fn cameras() -> Vec<String> {
    let Some(window) = web_sys::window() else { return Vec::new() };
    let devices = get(&window.navigator(), "mediaDevices");
    let Ok(list) = call_async(&devices, "enumerateDevices", &[]).await else { return Vec::new() };
    let text = |device: &JsValue, name: &str| get(device, name).as_string().unwrap_or_default();
    let list = js_sys::Array::from(&list);
    list.iter().filter(|device| text(device, "kind") == "videoinput").map(|device| text(&device, "deviceId")).collect()
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
