//! A WebRTC client for tests: str0m over a real UDP socket, in a thread of its own.

#![expect(dead_code, reason = "each test file uses its own part of this")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper of tests fails as a test does")]

pub mod bridge;

use std::collections::BTreeSet;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use domain::StreamId;
use media::{Answer, FrameSink, Gateway, GatewayConfig, Limits, MediaEvent, Publisher, Recording};
use recorder::{Frame, Payload, Pushed};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::media::{Direction, KeyframeRequestKind, MediaKind, MediaTime, Mid};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, IceConnectionState, Input, Output, Rtc, RtcConfig};
use tokio::sync::mpsc::UnboundedReceiver;

/// What a client has seen so far.
#[derive(Debug, Default, Clone)]
pub struct Report {
    pub connected: bool,
    pub closed: bool,
    /// The numbers of the frames, which are also in them.
    pub video_sent: Vec<u64>,
    pub key_sent: u64,
    pub restarts: u64,
    /// Of the video track, in the order of arrival: (sequence, RTP time, begins a key frame).
    pub video: Vec<(u64, u64, bool)>,
    pub audio: Vec<(u64, u64)>,
}

impl Report {
    /// Sequence numbers of video between the first and the last that never came.
    pub fn missing(&self) -> u64 {
        let seen: BTreeSet<u64> = self.video.iter().map(|(sequence, ..)| *sequence).collect();
        match (seen.first(), seen.last()) {
            (Some(first), Some(last)) => last - first + 1 - seen.len() as u64,
            _ => 0,
        }
    }
}

enum Command {
    Answer(String),
    RestartIce(Sender<String>),
    Pause(bool),
    /// A viewer says that it has lost something.
    WantKeyFrame,
    /// Goes silent at once: no more packets in or out.
    Vanish,
    Close,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestCodec {
    H264,
    Vp8,
    Vp9,
    All,
}

#[derive(Debug, Clone, Copy)]
pub struct ClientConfig {
    pub sends: bool,
    pub video: Option<TestCodec>,
    pub audio: bool,
    /// One of so many RTP packets is lost on the way out (publisher) or in (viewer). 0: none.
    pub lose_one_in: u64,
    /// How loud it says that its sound is, in decibels; `None`: it does not say.
    pub level: Option<i8>,
    /// Bytes of an ordinary video frame. A key frame has five times as many.
    pub frame: usize,
}

pub const PUBLISHER: ClientConfig = ClientConfig {
    sends: true,
    video: Some(TestCodec::H264),
    audio: true,
    lose_one_in: 0,
    level: Some(-30),
    frame: 2500,
};
pub const VIEWER: ClientConfig = ClientConfig {
    sends: false,
    video: Some(TestCodec::All),
    audio: true,
    lose_one_in: 0,
    level: Some(-30),
    frame: 2500,
};

/// Dropping it makes it vanish.
pub struct Client {
    commands: Sender<Command>,
    report: Arc<Mutex<Report>>,
    pub offer: String,
}

impl Client {
    pub fn new(config: ClientConfig) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(2))).unwrap();
        let local = socket.local_addr().unwrap();
        let mut rtc = RtcConfig::new().clear_codecs().enable_opus(true, false).set_rtp_mode(!config.sends);
        if let Some(codec) = config.video {
            rtc = rtc
                .enable_h264(matches!(codec, TestCodec::H264 | TestCodec::All))
                .enable_vp8(matches!(codec, TestCodec::Vp8 | TestCodec::All))
                .enable_vp9(matches!(codec, TestCodec::Vp9 | TestCodec::All));
        }
        let mut rtc = rtc.build(Instant::now());
        rtc.add_local_candidate(Candidate::host(local, "udp").unwrap());
        let direction = if config.sends { Direction::SendOnly } else { Direction::RecvOnly };
        let mut api = rtc.sdp_api();
        // Both of one media stream, as WHIP has it.
        let stream = || Some("stream".to_owned());
        let audio = config.audio.then(|| api.add_media(MediaKind::Audio, direction, stream(), None, None));
        let video = config.video.map(|_| api.add_media(MediaKind::Video, direction, stream(), None, None));
        let (offer, pending) = api.apply().unwrap();

        let (commands, receiver) = channel();
        let report = Arc::new(Mutex::new(Report::default()));
        let worker = Worker {
            socket,
            local,
            rtc,
            config,
            pending: Some(pending),
            commands: receiver,
            report: report.clone(),
            audio,
            video,
            want_key: true,
            paused: false,
            packets: 0,
            restarting: false,
        };
        thread::spawn(move || worker.run());
        Self { commands, report, offer: offer.to_sdp_string() }
    }

    pub fn answer(&self, sdp: &str) {
        self.commands.send(Command::Answer(sdp.to_owned())).unwrap();
    }

    /// Begins an ICE restart and gives the new offer.
    pub fn restart_ice(&self) -> String {
        let (reply, offer) = channel();
        self.commands.send(Command::RestartIce(reply)).unwrap();
        offer.recv().unwrap()
    }

    pub fn pause(&self, paused: bool) {
        self.commands.send(Command::Pause(paused)).unwrap();
    }

    pub fn want_key_frame(&self) {
        self.commands.send(Command::WantKeyFrame).unwrap();
    }

    pub fn vanish(&self) {
        self.commands.send(Command::Vanish).unwrap();
    }

    pub fn close(&self) {
        self.commands.send(Command::Close).unwrap();
    }

    pub fn report(&self) -> Report {
        self.report.lock().unwrap().clone()
    }

    pub async fn until(&self, what: &str, met: impl Fn(&Report) -> bool) -> Report {
        eventually(what, || Some(self.report()).filter(|report| met(report))).await
    }
}

/// Waits for a condition. The limit is for a condition that never comes, not a measure of speed.
pub async fn eventually<T>(what: &str, mut met: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = met() {
            return value;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

struct Worker {
    socket: UdpSocket,
    local: SocketAddr,
    rtc: Rtc,
    config: ClientConfig,
    pending: Option<SdpPendingOffer>,
    commands: Receiver<Command>,
    report: Arc<Mutex<Report>>,
    audio: Option<Mid>,
    video: Option<Mid>,
    want_key: bool,
    paused: bool,
    packets: u64,
    restarting: bool,
}

impl Worker {
    fn run(mut self) {
        let start = Instant::now();
        let (mut video_frames, mut audio_frames) = (0_u64, 0_u64);
        let mut buffer = vec![0; 2000];
        loop {
            loop {
                match self.commands.try_recv() {
                    Ok(Command::Answer(sdp)) => {
                        let pending = self.pending.take().unwrap();
                        let answer = SdpAnswer::from_sdp_string(&sdp).unwrap();
                        self.rtc.sdp_api().accept_answer(pending, answer).unwrap();
                    }
                    Ok(Command::RestartIce(reply)) => {
                        let mut api = self.rtc.sdp_api();
                        api.ice_restart(true);
                        let (offer, pending) = api.apply().unwrap();
                        self.pending = Some(pending);
                        self.restarting = true;
                        reply.send(offer.to_sdp_string()).unwrap();
                    }
                    Ok(Command::Pause(paused)) => self.paused = paused,
                    Ok(Command::WantKeyFrame) => {
                        let mut api = self.rtc.direct_api();
                        if let Some(stream) = self.video.and_then(|mid| api.stream_rx_by_mid(mid, None)) {
                            stream.request_keyframe(KeyframeRequestKind::Pli);
                        }
                    }
                    Ok(Command::Close) => {
                        self.rtc.close().unwrap();
                    }
                    Ok(Command::Vanish) | Err(std::sync::mpsc::TryRecvError::Disconnected) => return,
                    Err(std::sync::mpsc::TryRecvError::Empty) => break,
                }
            }
            self.drain();
            if !self.rtc.is_alive() {
                self.report.lock().unwrap().closed = true;
                return;
            }
            if let Ok((length, source)) = self.socket.recv_from(&mut buffer) {
                let datagram = &buffer[..length];
                if (self.config.sends || !self.lose(datagram))
                    && let Ok(receive) = Receive::new(Protocol::Udp, source, self.local, datagram)
                {
                    let _ = self.rtc.handle_input(Input::Receive(Instant::now(), receive));
                }
            } else {
                let _ = self.rtc.handle_input(Input::Timeout(Instant::now()));
            }
            self.drain();

            let connected = self.report.lock().unwrap().connected;
            if self.config.sends && connected {
                let now = Instant::now();
                let elapsed = (now - start).as_millis() as u64;
                if self.video.is_some() && elapsed >= video_frames * 33 {
                    video_frames = elapsed / 33 + 1;
                    if !self.paused {
                        self.send_video(start + Duration::from_millis(33) * (video_frames as u32 - 1), video_frames);
                    }
                }
                if self.audio.is_some() && elapsed >= audio_frames * 20 {
                    audio_frames = elapsed / 20 + 1;
                    if !self.paused {
                        self.send_audio(start + Duration::from_millis(20) * (audio_frames as u32 - 1), audio_frames);
                    }
                }
            }
        }
    }

    fn drain(&mut self) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(_)) | Err(_) => return,
                Ok(Output::Transmit(transmit)) => {
                    if !self.config.sends || !self.lose(&transmit.contents) {
                        let _ = self.socket.send_to(&transmit.contents, transmit.destination);
                    }
                }
                Ok(Output::Event(event)) => self.event(event),
            }
        }
    }

    fn lose(&mut self, datagram: &[u8]) -> bool {
        let rtp =
            datagram.len() > 100 && (128..192).contains(&datagram[0]) && !(64..96).contains(&(datagram[1] & 0x7f));
        self.packets += u64::from(rtp);
        rtp && self.config.lose_one_in > 0 && self.packets.is_multiple_of(self.config.lose_one_in)
    }

    fn event(&mut self, event: Event) {
        let mut report = self.report.lock().unwrap();
        match event {
            Event::Connected => report.connected = true,
            Event::IceConnectionStateChange(IceConnectionState::Completed | IceConnectionState::Connected) => {
                report.restarts += u64::from(std::mem::take(&mut self.restarting));
            }
            Event::KeyframeRequest(_) => self.want_key = true,
            Event::Closed => report.closed = true,
            Event::RtpPacket(packet) => {
                let media = self.rtc.direct_api().stream_rx(&packet.header.ssrc).map(|stream| stream.mid());
                let (sequence, time) = (*packet.seq_no, packet.time.numer());
                if media == self.video {
                    report.video.push((sequence, time, begins_key_frame(&packet.payload)));
                } else {
                    report.audio.push((sequence, time));
                }
            }
            _ => {}
        }
    }

    fn send_video(&mut self, captured: Instant, number: u64) {
        let Some(writer) = self.video.and_then(|mid| self.rtc.writer(mid)) else { return };
        let Some(parameters) = writer.payload_params().next() else { return };
        let (pt, codec) = (parameters.pt(), parameters.spec().codec);
        let key = std::mem::take(&mut self.want_key);
        let size = if key { 5 * self.config.frame } else { self.config.frame };
        let frame = match codec {
            str0m::format::Codec::H264 => h264_frame(key, number, size),
            str0m::format::Codec::Vp8 => vp8_frame(key, number, size),
            _ => vp9_frame(key, number, size),
        };
        let time = MediaTime::new(number * 2970, str0m::media::Frequency::NINETY_KHZ);
        if writer.write(pt, captured, time, frame).is_ok() {
            let mut report = self.report.lock().unwrap();
            report.video_sent.push(number);
            report.key_sent += u64::from(key);
        }
        self.advance();
    }

    fn send_audio(&mut self, captured: Instant, number: u64) {
        let Some(writer) = self.audio.and_then(|mid| self.rtc.writer(mid)) else { return };
        let Some(pt) = writer.payload_params().next().map(str0m::format::PayloadParams::pt) else { return };
        let time = MediaTime::new(number * 960, str0m::media::Frequency::FORTY_EIGHT_KHZ);
        let writer = match self.config.level {
            Some(level) => writer.audio_level(level, false),
            None => writer,
        };
        let _ = writer.write(pt, captured, time, vec![0xf8; 60]);
        self.advance();
    }

    fn advance(&mut self) {
        let _ = self.rtc.handle_input(Input::Timeout(Instant::now()));
        self.drain();
    }
}

/// An access unit that only looks like one, with its number in it.
fn h264_frame(key: bool, number: u64, size: usize) -> Vec<u8> {
    let mut frame = Vec::new();
    let mut unit = |header: u8, length: usize| {
        frame.extend([0, 0, 0, 1, header]);
        frame.extend(format!("{number:010}").bytes());
        frame.resize(frame.len() + length, 0x55);
    };
    if key {
        unit(0x67, 10);
        unit(0x68, 4);
        unit(0x65, size);
    } else {
        unit(0x41, size);
    }
    frame
}

fn vp8_frame(key: bool, number: u64, size: usize) -> Vec<u8> {
    let mut frame = vec![u8::from(!key), 0x10, 0x20, 0x9d, 0x01, 0x2a];
    frame.extend(format!("{number:010}").bytes());
    frame.resize(size, 0x55);
    frame
}

fn vp9_frame(key: bool, number: u64, size: usize) -> Vec<u8> {
    // Frame marker 2, profile 0, shown; frame_type 0 is a key frame, which is followed by the sync code and 64x64.
    let mut frame = if key { vec![0x82, 0x49, 0x83, 0x42, 0x00, 0x03, 0xf0, 0x03, 0xf0] } else { vec![0x86] };
    frame.extend(format!("{number:010}").bytes());
    frame.resize(size, 0x55);
    frame
}

/// H.264: SPS in a STAP-A or an IDR; VP8: a first partition of a key frame; VP9: the start of an intra frame.
fn begins_key_frame(payload: &[u8]) -> bool {
    str0m::format::detect_h264_nalu(payload, 7)
        || str0m::format::detect_vp8_keyframe(payload)
        || str0m::format::detect_vp9_keyframe(payload)
}

/// A sink that keeps the frames.
#[derive(Debug, Clone, Default)]
pub struct Frames {
    pub frames: Arc<Mutex<Vec<Frame>>>,
    pub changes: Arc<AtomicU64>,
    pub refuse: Arc<AtomicU64>,
}

impl FrameSink for Frames {
    fn push(&mut self, frame: Frame) -> Pushed {
        let refuse = self.refuse.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok();
        if refuse {
            return Pushed::DroppedNeedKeyframe;
        }
        self.frames.lock().unwrap().push(frame);
        Pushed::Accepted
    }

    fn publisher_changed(&mut self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
    }
}

impl Frames {
    pub fn video(&self) -> Vec<(Duration, bool)> {
        let frames = self.frames.lock().unwrap();
        let video = frames.iter().filter_map(|frame| match frame.payload {
            Payload::Video { key, .. } => Some((frame.time, key)),
            Payload::Audio => None,
        });
        video.collect()
    }

    /// The numbers that the client has written into the video frames.
    pub fn numbers(&self) -> Vec<u64> {
        let frames = self.frames.lock().unwrap();
        let video = frames.iter().filter(|frame| matches!(frame.payload, Payload::Video { .. }));
        let number = |frame: &Frame| {
            let digits = frame.data.windows(10).find(|window| window.iter().all(u8::is_ascii_digit))?;
            std::str::from_utf8(digits).ok()?.parse().ok()
        };
        video.map(|frame| number(frame).unwrap()).collect()
    }

    pub fn audio(&self) -> Vec<Duration> {
        let frames = self.frames.lock().unwrap();
        frames.iter().filter(|frame| frame.payload == Payload::Audio).map(|frame| frame.time).collect()
    }

    pub fn recording(&self, origin: Instant) -> Recording {
        Recording { origin, sink: Box::new(self.clone()) }
    }

    pub async fn until(&self, count: usize) {
        eventually("video frames in the recording", || (self.video().len() >= count).then_some(())).await;
    }
}

/// A gateway and what it says.
pub struct Setup {
    pub gateway: Gateway,
    events: UnboundedReceiver<MediaEvent>,
    pub stream: StreamId,
}

impl Setup {
    pub fn new() -> Self {
        Self::with(Limits::default())
    }

    pub fn with(limits: Limits) -> Self {
        let udp = "127.0.0.1:0".parse().unwrap();
        let (gateway, events) =
            Gateway::start(&GatewayConfig { udp, tcp: media::TcpPort::At(udp), public_ips: Vec::new(), limits })
                .unwrap();
        Self { gateway, events, stream: stream(1) }
    }

    pub async fn publish(&self, client: &Client, frames: &Frames) -> Answer {
        self.publish_from(client, frames, Instant::now()).await
    }

    pub async fn publish_from(&self, client: &Client, frames: &Frames, origin: Instant) -> Answer {
        let answer = self
            .gateway
            .publish(self.stream, Publisher::Browser, frames.recording(origin), &client.offer)
            .await
            .unwrap();
        client.answer(&answer.sdp);
        answer
    }

    pub async fn view(&self, client: &Client) -> Answer {
        let answer = self.gateway.view(self.stream, &client.offer).await.unwrap();
        client.answer(&answer.sdp);
        answer
    }

    /// Skips events up to and with this one.
    pub async fn event(&mut self, wanted: impl Fn(&MediaEvent) -> bool) -> MediaEvent {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(60), self.events.recv()).await;
            let event = next.expect("the event never came").expect("the gateway runs");
            if wanted(&event) {
                return event;
            }
        }
    }
}

pub fn stream(n: u8) -> StreamId {
    StreamId::from_parts(1, [n; 10])
}
