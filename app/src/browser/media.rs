//! Camera and microphone.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MediaStream, MediaStreamTrack};

use super::js::{call_async, get, object};
use crate::components::browser_streamer::problem::Problem;

/// Opens the camera that looks away from the person, and the microphone, in one question: asking twice mutes the first on
/// iOS. What is asked for is ideal, not demanded, so that a laptop works too; should a browser refuse it all the same, any
/// camera and microphone will do.
pub async fn open() -> Result<MediaStream, Problem> {
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
    let stream = match call_async(&devices, "getUserMedia", &[&wanted()]).await {
        Err(error) if name(&error) == "OverconstrainedError" => call_async(&devices, "getUserMedia", &[&any]).await,
        result => result,
    };
    stream.map_err(|error| classify(&name(&error)))?.dyn_into().map_err(|_| Problem::Unknown)
}

/// 720p at 30 frames, what H.264 level 3.1 allows. Sound as the room gives it: echo cancellation and its companions are
/// made for calls, and harm music and a distant voice.
fn wanted() -> JsValue {
    let ideal = |value: &JsValue| object(&[("ideal", value)]);
    let video = object(&[
        ("facingMode", &ideal(&"environment".into())),
        ("width", &ideal(&1280.into())),
        ("height", &ideal(&720.into())),
        ("frameRate", &ideal(&30.into())),
    ]);
    let audio = object(&[
        ("echoCancellation", &false.into()),
        ("noiseSuppression", &false.into()),
        ("autoGainControl", &false.into()),
    ]);
    object(&[("video", &video), ("audio", &audio)])
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
