//! One `RTCPeerConnection` that sends a camera and a microphone.

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Event, MediaStream, MediaStreamTrack, RtcPeerConnection, RtcPeerConnectionState};
use whip::client::Connection;
use whip::link::IceServer;

use super::js::{call, call_async, get, object, same};
use super::media;
use crate::components::browser_streamer::spare::Uplink;

/// What the connection tells its owner.
#[derive(Debug)]
pub enum PeerEvent {
    State(Connection),
    /// As in SDP; empty after the last one.
    Candidate {
        candidate: String,
        mid: Option<String>,
    },
}

/// Bytes that went out, and how easily.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sent {
    pub video: u64,
    pub audio: u64,
    pub uplink: Uplink,
}

/// Closed when dropped.
#[derive(Debug)]
pub struct Peer {
    connection: RtcPeerConnection,
    /// Kind of the track, and its sender.
    senders: Vec<(String, JsValue)>,
    /// Called by the browser for as long as the connection lives.
    _listeners: [Closure<dyn FnMut(Event)>; 2],
}

impl Peer {
    /// Makes a connection that sends every track of the stream: by `addTransceiver` and not `addTrack`, whose offers some
    /// browsers make `sendrecv`.
    /// The picture takes at most `bitrate`.
    pub fn new(
        stream: &MediaStream,
        bitrate: u32,
        on_event: impl Fn(PeerEvent) + Clone + 'static,
    ) -> Result<Self, JsValue> {
        let connection = RtcPeerConnection::new_with_configuration(configuration(&[]).unchecked_ref())?;
        let mut senders = Vec::new();
        for track in media::tracks(stream) {
            let is_video = track.kind() == "video";
            let encodings = if is_video {
                Array::of1(&object(&[("maxBitrate", &bitrate.into())]))
            } else {
                Array::of1(&object(&[]))
            };
            let init = object(&[
                ("direction", &"sendonly".into()),
                ("streams", &Array::of1(stream)),
                ("sendEncodings", &encodings),
            ]);
            let transceiver = call(&connection, "addTransceiver", &[&track, &init])?;
            senders.push((track.kind(), get(&transceiver, "sender")));
            if is_video {
                prefer_h264(&transceiver);
                keep_resolution(get(&transceiver, "sender"));
            }
        }

        let state = {
            let (connection, on_event) = (connection.clone(), on_event.clone());
            Closure::<dyn FnMut(Event)>::new(move |_| {
                on_event(PeerEvent::State(match connection.connection_state() {
                    RtcPeerConnectionState::Connected => Connection::Connected,
                    RtcPeerConnectionState::Disconnected => Connection::Disconnected,
                    RtcPeerConnectionState::Failed => Connection::Failed,
                    RtcPeerConnectionState::Closed => Connection::Closed,
                    _ => Connection::Pending,
                }));
            })
        };
        let candidate = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            let candidate = get(&event, "candidate");
            on_event(PeerEvent::Candidate {
                candidate: get(&candidate, "candidate").as_string().unwrap_or_default(),
                mid: get(&candidate, "sdpMid").as_string(),
            });
        });
        connection.set_onconnectionstatechange(Some(state.as_ref().unchecked_ref()));
        connection.set_onicecandidate(Some(candidate.as_ref().unchecked_ref()));
        Ok(Self { connection, senders, _listeners: [state, candidate] })
    }

    /// Asks for an offer; it comes as the future's outcome and is not set. `iceRestart` as an option is understood by
    /// browsers that lack `restartIce()`.
    pub fn create_offer(&self, restart: bool) -> impl Future<Output = Option<String>> + 'static {
        let connection = self.connection.clone();
        async move {
            let options = object(&[("iceRestart", &restart.into())]);
            let offer = call_async(&connection, "createOffer", &[&options]).await.ok()?;
            get(&offer, "sdp").as_string()
        }
    }

    /// The browser queues this behind what was asked of it before; the outcome says whether it was accepted.
    pub fn set_description(&self, local: bool, sdp: &str) -> impl Future<Output = bool> + 'static {
        let (method, kind) = if local { ("setLocalDescription", "offer") } else { ("setRemoteDescription", "answer") };
        let description = object(&[("type", &kind.into()), ("sdp", &sdp.into())]);
        let promise = call(&self.connection, method, &[&description]);
        async move {
            let Ok(promise) = promise else { return false };
            let Ok(promise) = promise.dyn_into::<js_sys::Promise>() else { return false };
            JsFuture::from(promise).await.is_ok()
        }
    }

    /// The future ends when the browser has swapped the tracks; one that refuses keeps the old one.
    pub fn replace(&self, track: &MediaStreamTrack) -> impl Future<Output = ()> + use<> {
        let kind = track.kind();
        let sender = self.senders.iter().find(|(of, _)| *of == kind).map(|(_, sender)| sender.clone());
        let track = same(track);
        async move {
            if let Some(sender) = sender {
                let _ = call_async(&sender, "replaceTrack", &[&track]).await;
            }
        }
    }

    /// From now on the picture takes at most so many bits a second; a browser that refuses goes on as before.
    pub fn limit(&self, bitrate: u32) {
        let Some((_, sender)) = self.senders.iter().find(|(kind, _)| kind == "video") else { return };
        let Ok(parameters) = call(sender, "getParameters", &[]) else { return };
        let encoding = get(&get(&parameters, "encodings"), "0");
        let _ = Reflect::set(&encoding, &"maxBitrate".into(), &bitrate.into());
        let sender = sender.clone();
        spawn_local(async move {
            let _ = call_async(&sender, "setParameters", &[&parameters]).await;
        });
    }

    /// What the browser counts.
    pub fn sent(&self) -> impl Future<Output = Option<Sent>> + use<> {
        let connection = self.connection.clone();
        async move {
            let report = call_async(&connection, "getStats", &[]).await.ok()?;
            let mut sent = Sent::default();
            for entry in Array::from(&call(&report, "values", &[]).ok()?).iter() {
                let text = |name: &str| get(&entry, name).as_string().unwrap_or_default();
                // Counts are far below 2⁵³, and never negative.
                let number = |name: &str| get(&entry, name).as_f64().unwrap_or(0.0) as u64;
                match (text("type").as_str(), text("kind").as_str()) {
                    ("outbound-rtp", "video") => {
                        sent.video += number("bytesSent");
                        sent.uplink.limits_picture |= text("qualityLimitationReason") == "bandwidth";
                    }
                    ("outbound-rtp", "audio") => sent.audio += number("bytesSent"),
                    ("remote-inbound-rtp", _) => {
                        let seconds = get(&entry, "roundTripTime").as_f64();
                        let millis = seconds.map(|it| (it * 1000.0) as u64);
                        sent.uplink.round_trip_ms = sent.uplink.round_trip_ms.max(millis);
                    }
                    _ => {}
                }
            }
            Some(sent)
        }
    }

    /// A browser that refuses the servers goes on without them.
    pub fn set_ice_servers(&self, servers: &[IceServer]) {
        let _ = call(&self.connection, "setConfiguration", &[&configuration(servers)]);
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.connection.set_onconnectionstatechange(None);
        self.connection.set_onicecandidate(None);
        self.connection.close();
    }
}

/// `max-bundle` can only be said from the start (RFC 9725 §4.4.1), and has to be repeated with every change.
fn configuration(servers: &[IceServer]) -> JsValue {
    let list = Array::new();
    for server in servers {
        let text = |it: &Option<String>| it.as_ref().map_or(JsValue::UNDEFINED, JsValue::from);
        list.push(&object(&[
            ("urls", &JsValue::from_str(&server.url)),
            ("username", &text(&server.username)),
            ("credential", &text(&server.credential)),
        ]));
    }
    object(&[("bundlePolicy", &"max-bundle".into()), ("iceServers", &list)])
}

/// H.264 first, in the form that every phone encodes in hardware and every viewer can play: packetization mode 1, and of
/// its profiles constrained baseline first. The rest keeps its order; a browser without this call keeps its own.
fn prefer_h264(transceiver: &JsValue) {
    // Older browsers compare with what they can receive, not with what they can send.
    for class in ["RTCRtpSender", "RTCRtpReceiver"] {
        let class = get(&js_sys::global(), class);
        let Ok(capabilities) = call(&class, "getCapabilities", &[&"video".into()]) else { continue };
        let mut codecs: Vec<JsValue> = Array::from(&get(&capabilities, "codecs")).to_vec();
        codecs.sort_by_key(|codec| {
            let text = |name: &str| get(codec, name).as_string().unwrap_or_default().to_ascii_lowercase();
            let parameters = text("sdpFmtpLine");
            match text("mimeType") == "video/h264" {
                true if !parameters.contains("packetization-mode=1") => 2,
                true if parameters.contains("profile-level-id=42e0") => 0,
                true => 1,
                false => 3,
            }
        });
        let codecs: Array = codecs.into_iter().collect();
        if call(transceiver, "setCodecPreferences", &[&codecs]).is_ok() {
            return;
        }
    }
}

/// A weak uplink or a hot phone costs frames, not sharpness: a lectern stands still.
fn keep_resolution(sender: JsValue) {
    let Ok(parameters) = call(&sender, "getParameters", &[]) else { return };
    let _ = Reflect::set(&parameters, &"degradationPreference".into(), &"maintain-resolution".into());
    spawn_local(async move {
        // Not every browser knows the preference; none of them needs it.
        let _ = call_async(&sender, "setParameters", &[&parameters]).await;
    });
}
