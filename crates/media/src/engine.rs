//! Everything between the socket and the recorder, as a function of bytes and time: no socket, no clock, no thread.
//!
//! Each input (a packet, a request, time that has passed) is given together with `now`, and leaves packets in
//! [`Engine::transmits`]. The thread around it is in [`crate::gateway`].

mod events;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::StreamId;
use recorder::VideoCodec;
use str0m::Input;
use str0m::ice::StunMessage;
use str0m::net::{Protocol, Receive, Transmit};
use tokio::sync::mpsc;

use crate::fanout::FanOut;
use crate::ice::IceCredentials;
use crate::ingest::Ingest;
use crate::limits::Limits;
use crate::offer::{Choice, Kind, NoCommonCodec, Offer, Side};
use crate::peer::{self, Identity, Peer, Role, Way};
use crate::session::{
    Answer, CloseReason, IceRestart, LostReason, MediaEvent, PublishError, Publisher, SessionError, SessionId,
    StreamStats, ViewError,
};
use crate::sink::Recording;
use crate::timers::Timers;
use crate::viewer::Viewer;

/// The best that browsers, players and recorders have in common comes first.
const PREFERENCE: [VideoCodec; 3] = [VideoCodec::H264, VideoCodec::Vp8, VideoCodec::Vp9];
/// How often publishers are looked after.
const TICK: Duration = Duration::from_millis(100);
/// A publisher of which nothing has come for this long is lost, and gives way to another at once.
const SILENT: Duration = Duration::from_secs(2);
/// A session of which nothing at all has come for this long is over. Consent would have expired after 30 s
/// (RFC 7675 §5.1), and until then the client may restart ICE.
const GONE: Duration = Duration::from_secs(30);
/// Publishers of one stream that are not connected yet.
const MOST_WAITING: usize = 3;

/// What all handles may read.
pub(crate) type SharedStats = Arc<Mutex<HashMap<StreamId, StreamStats>>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct PeerId(u64);

pub(crate) struct Engine {
    identity: Identity,
    limits: Limits,
    events: mpsc::UnboundedSender<MediaEvent>,
    stats: SharedStats,
    peers: HashMap<PeerId, Peer>,
    streams: HashMap<StreamId, Stream>,
    sessions: HashMap<SessionId, PeerId>,
    /// How a first packet finds its peer: by our ICE user name.
    ufrags: HashMap<String, PeerId>,
    /// How every other packet does.
    ways: HashMap<Way, PeerId>,
    timers: Timers<PeerId>,
    tick: Option<Instant>,
    last_id: u64,
    /// Packets to be sent, in order.
    pub(crate) transmits: Vec<Transmit>,
}

struct Stream {
    /// The publisher that is recorded and watched.
    active: Option<PeerId>,
    /// Of these, whichever is connected will be. More than one: a request that was lost in a dead spot and given up by its
    /// client may come after the one that took its place.
    waiting: Vec<PeerId>,
    viewers: Vec<PeerId>,
    /// When the newest frame is to be seen, on this machine's clock.
    latest: Option<Instant>,
    fan_out: FanOut,
    stats: StreamStats,
}

impl Engine {
    pub(crate) fn new(
        identity: Identity,
        limits: Limits,
        events: mpsc::UnboundedSender<MediaEvent>,
        stats: SharedStats,
    ) -> Self {
        Self {
            identity,
            limits,
            events,
            stats,
            peers: HashMap::new(),
            streams: HashMap::new(),
            sessions: HashMap::new(),
            ufrags: HashMap::new(),
            ways: HashMap::new(),
            timers: Timers::new(),
            tick: None,
            last_id: 0,
            transmits: Vec::new(),
        }
    }

    // Requests

    pub(crate) fn publish(
        &mut self,
        now: Instant,
        stream: StreamId,
        publisher: Publisher,
        recording: Recording,
        offer: &str,
    ) -> Result<Answer, PublishError> {
        let offer = Offer::parse(offer, Side::Publisher)?;
        let choice = offer.choose(&PREFERENCE).map_err(|NoCommonCodec(_)| PublishError::UnsupportedCodecs)?;
        let publishing = self.streams.values().filter(|stream| stream.has_publisher()).count();
        let taking_over = self.streams.get(&stream).is_some_and(Stream::has_publisher);
        if !taking_over && publishing >= self.limits.publishers {
            return Err(PublishError::Full);
        }
        let negotiated = peer::negotiate(&self.identity, Some(publisher), &offer, &choice, now)?;

        let video = choice.video.as_ref().zip(peer::mid(&offer, Kind::Video)).map(|((codec, _), mid)| (mid, *codec));
        let role = Role::Publisher(Box::new(Ingest::new(recording, video, choice.audio.is_some())));
        let (id, answer) = self.admit(now, stream, role, offer, choice, negotiated);
        let Stream { active, waiting, .. } = self.streams.entry(stream).or_insert_with(|| Stream::new(now));
        // Whoever published before and has gone quiet makes room at once, a living one when the new one is connected.
        let quiet = |id: &PeerId| self.peers.get(id).is_none_or(|peer| peer.is_silent(now));
        let oldest = (waiting.len() >= MOST_WAITING).then(|| waiting.remove(0));
        waiting.push(id);
        let replaced: Vec<PeerId> = active.filter(quiet).into_iter().chain(oldest).collect();
        for id in replaced {
            self.close(id, CloseReason::Replaced, now);
        }
        self.drive(id, now);
        Ok(answer)
    }

    pub(crate) fn view(&mut self, now: Instant, stream: StreamId, offer: &str) -> Result<Answer, ViewError> {
        let offer = Offer::parse(offer, Side::Viewer)?;
        let live = self.streams.get(&stream).filter(|stream| stream.active.is_some()).ok_or(ViewError::NotLive)?;
        let viewers = self.peers.values().filter(|peer| !peer.is_publisher()).count();
        if live.viewers.len() >= self.limits.viewers_per_stream || viewers >= self.limits.viewers {
            return Err(ViewError::Full);
        }
        let wanted = live.stats.codec.as_ref().map_or(PREFERENCE.as_slice(), std::slice::from_ref);
        let choice = offer.choose(wanted).map_err(|NoCommonCodec(_)| ViewError::NoCommonCodec)?;
        let negotiated = peer::negotiate(&self.identity, None, &offer, &choice, now)?;

        let video = choice.video.as_ref().map(|(_, format)| format.payload_type);
        let audio = choice.audio.as_ref().map(|format| format.payload_type);
        let role = Role::Viewer(Viewer::new(
            choice.video.as_ref().map(|(codec, _)| *codec),
            peer::mid(&offer, Kind::Video).zip(video),
            peer::mid(&offer, Kind::Audio).zip(audio),
        ));
        let (id, answer) = self.admit(now, stream, role, offer, choice, negotiated);
        if let Some(stream) = self.streams.get_mut(&stream) {
            stream.viewers.push(id);
        }
        self.drive(id, now);
        Ok(answer)
    }

    /// Takes a peer in. The caller adds it to its stream and drives it.
    fn admit(
        &mut self,
        now: Instant,
        stream: StreamId,
        role: Role,
        offer: Offer,
        choice: Choice,
        negotiated: peer::Negotiated,
    ) -> (PeerId, Answer) {
        self.last_id += 1;
        let id = PeerId(self.last_id);
        let (sdp, ice) = (negotiated.sdp.clone(), negotiated.ice.clone());
        let peer = Peer::new(stream, role, offer, choice, negotiated, now);
        let session = peer.session;
        self.sessions.insert(session, id);
        self.ufrags.insert(ice.ufrag.clone(), id);
        self.peers.insert(id, peer);
        self.tick.get_or_insert(now + TICK);
        (id, Answer { session, sdp, ice })
    }

    pub(crate) fn restart_ice(
        &mut self,
        session: SessionId,
        theirs: IceCredentials,
    ) -> Result<IceRestart, SessionError> {
        let id = *self.sessions.get(&session).ok_or(SessionError::Unknown)?;
        let peer = self.peers.get_mut(&id).filter(|peer| peer.closing.is_none()).ok_or(SessionError::Unknown)?;
        if let Some(unused) = peer.restart.take() {
            self.ufrags.remove(&unused.ours.ufrag);
        }
        let ice = peer.prepare_restart(theirs);
        self.ufrags.insert(ice.ufrag.clone(), id);
        let candidates = self.identity.candidates.iter().map(str0m::Candidate::to_sdp_string).collect();
        Ok(IceRestart { ice, candidates })
    }

    pub(crate) fn exists(&self, session: SessionId) -> bool {
        self.sessions.get(&session).and_then(|id| self.peers.get(id)).is_some_and(|peer| peer.closing.is_none())
    }

    pub(crate) fn hang_up(&mut self, session: SessionId, now: Instant) -> Result<(), SessionError> {
        let id = *self.sessions.get(&session).ok_or(SessionError::Unknown)?;
        self.close(id, CloseReason::HungUp, now);
        Ok(())
    }

    pub(crate) fn end_stream(&mut self, stream: StreamId, now: Instant) {
        let Some(Stream { active, waiting, viewers, .. }) = self.streams.get(&stream) else { return };
        let all: Vec<PeerId> = active.iter().chain(waiting).chain(viewers).copied().collect();
        for id in all {
            self.close(id, CloseReason::StreamEnded, now);
        }
    }

    pub(crate) fn end_all(&mut self, now: Instant) {
        let streams: Vec<StreamId> = self.streams.keys().copied().collect();
        for stream in streams {
            self.end_stream(stream, now);
        }
    }

    // The network

    /// One packet from the network. Anything that makes no sense is dropped without a trace. Whether it belonged to a session.
    pub(crate) fn receive(
        &mut self,
        now: Instant,
        protocol: Protocol,
        source: SocketAddr,
        destination: SocketAddr,
        packet: &[u8],
    ) -> bool {
        let Ok(receive) = Receive::new(protocol, source, destination, packet) else { return false };
        let way = (protocol, source);
        // RFC 7983 §7: below 4 is STUN, 128 to 191 is RTP or RTCP.
        let stun = packet.first().is_some_and(|first| *first < 4);
        let id = if stun { self.find_by_username(packet) } else { self.ways.get(&way).copied() };
        let Some((id, peer)) = id.and_then(|id| Some((id, self.peers.get_mut(&id)?))) else { return false };

        let input = Input::Receive(now, receive);
        if stun {
            // Proves that the sender knows the password.
            if !peer.rtc.accepts(&input) {
                return false;
            }
            if !peer.ways.contains(&way) {
                peer.ways.push(way);
            }
            // Also when it is not new: another peer may have had this address since.
            self.ways.insert(way, id);
        }
        peer.heard = now;
        if is_rtp(packet)
            && let Role::Publisher(ingest) = &mut peer.role
        {
            ingest.last_media = Some(now);
            ingest.over_tcp = protocol == Protocol::Tcp;
        }
        if let Err(error) = peer.rtc.handle_input(input) {
            tracing::debug!(session = %peer.session, %error, "a connection broke");
            peer.rtc.disconnect();
        }
        self.drive(id, now);
        true
    }

    fn find_by_username(&mut self, datagram: &[u8]) -> Option<PeerId> {
        let message = StunMessage::parse(datagram).ok()?;
        // An ICE-lite agent asks nothing, so there is nothing but requests to receive.
        let (ours, _) = message.split_username()?;
        let id = *self.ufrags.get(ours)?;
        let peer = self.peers.get_mut(&id)?;
        if peer.restart.as_ref().is_some_and(|restart| restart.ours.ufrag == ours) {
            self.ufrags.remove(&peer.ufrag);
            peer.begin_restart();
        }
        Some(id)
    }

    // Time

    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        [self.timers.next(), self.tick].into_iter().flatten().min()
    }

    pub(crate) fn timeout(&mut self, now: Instant) {
        while let Some(id) = self.timers.expired(now) {
            if let Some(peer) = self.peers.get_mut(&id) {
                if peer.rtc.handle_input(Input::Timeout(now)).is_err() {
                    peer.rtc.disconnect();
                }
                self.drive(id, now);
            }
        }
        if self.tick.is_some_and(|tick| tick <= now) {
            self.look_after(now);
            self.tick = (!self.peers.is_empty()).then_some(now + TICK);
        }
    }

    fn look_after(&mut self, now: Instant) {
        let gone: Vec<PeerId> = self
            .peers
            .iter()
            .filter(|(_, peer)| now.saturating_duration_since(peer.heard) >= GONE)
            .map(|(id, _)| *id)
            .collect();
        for id in gone {
            self.close(id, CloseReason::TimedOut, now);
        }
        let active: Vec<PeerId> = self.streams.values().filter_map(|stream| stream.active).collect();
        for id in active {
            self.request_key_frame(id, now);
            let Some(peer) = self.peers.get_mut(&id) else { continue };
            let silent = peer.is_silent(now);
            let stream = peer.stream;
            if let Role::Publisher(ingest) = &mut peer.role
                && ingest.flowing
                && silent
            {
                ingest.flowing = false;
                self.tell(MediaEvent::Lost { stream, reason: LostReason::Silent });
            }
        }
        let mut shared = self.stats.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, stream) in &self.streams {
            if shared.get(id) != Some(&stream.stats) {
                shared.insert(*id, stream.stats.clone());
            }
        }
    }

    fn request_key_frame(&mut self, id: PeerId, now: Instant) {
        if let Some(Peer { role: Role::Publisher(ingest), rtc, .. }) = self.peers.get_mut(&id)
            && ingest.request_key_frame(rtc, now)
        {
            self.drive(id, now);
        }
    }
}

impl Stream {
    fn new(now: Instant) -> Self {
        Self {
            active: None,
            waiting: Vec::new(),
            viewers: Vec::new(),
            latest: None,
            fan_out: FanOut::new(now),
            stats: StreamStats::default(),
        }
    }

    fn has_publisher(&self) -> bool {
        self.active.is_some() || !self.waiting.is_empty()
    }
}

impl Peer {
    /// Whether a publisher has sent no media for long enough to be taken for dead.
    fn is_silent(&self, now: Instant) -> bool {
        match &self.role {
            Role::Publisher(ingest) => {
                let last = ingest.last_media.unwrap_or(self.heard);
                now.saturating_duration_since(last) >= SILENT
            }
            Role::Viewer(_) => false,
        }
    }
}

/// RFC 5761 §4: on a shared port, payload types 64 to 95 are RTCP.
fn is_rtp(datagram: &[u8]) -> bool {
    matches!(datagram, [first, second, ..] if (128..192).contains(first) && !(64..96).contains(&(second & 0x7f)))
}
