//! What comes out of a peer, and what it does to the others: frames, requests for key frames, its beginning and end.

use std::sync::PoisonError;
use std::time::Instant;

use domain::StreamId;
use recorder::{Payload, Pushed, VideoCodec};
use str0m::Event;
use str0m::media::MediaData;

use super::{Engine, PeerId};
use crate::keyframe::Need;
use crate::peer::{Peer, Role};
use crate::session::{CloseReason, LostReason, MediaEvent};

impl Engine {
    /// Takes everything out of a peer after something was put in.
    pub(super) fn drive(&mut self, id: PeerId, now: Instant) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let mut events = Vec::new();
        let next = peer.poll(&mut self.transmits, &mut events);
        for event in events {
            self.event(id, event, now);
        }
        match next {
            Some(at) => self.timers.set(id, at),
            None => self.remove(id, now),
        }
    }

    fn event(&mut self, id: PeerId, event: Event, now: Instant) {
        match event {
            Event::Connected => self.connected(id, now),
            Event::MediaData(data) => self.media(id, data, now),
            Event::KeyframeRequest(_) => {
                if let Some(peer) = self.peers.get(&id) {
                    self.want_key_frame(peer.stream, Need::Repair, now);
                }
            }
            Event::IceConnectionStateChange(state) => {
                if let Some(peer) = self.peers.get(&id) {
                    tracing::debug!(session = %peer.session, ?state, "ICE");
                }
            }
            _ => {}
        }
    }

    fn connected(&mut self, id: PeerId, now: Instant) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        peer.connected = true;
        let (session, stream_id, codec) = (peer.session, peer.stream, peer.video_codec());
        let Some(stream) = self.streams.get_mut(&stream_id) else { return };
        match &mut peer.role {
            Role::Viewer(_) => {
                stream.stats.viewers += 1;
                let viewers = stream.stats.viewers;
                self.tell(MediaEvent::ViewerJoined { stream: stream_id, session, viewers });
                self.want_key_frame(stream_id, Need::Joined, now);
            }
            Role::Publisher(ingest) => {
                let Some(at) = stream.waiting.iter().position(|waiting| *waiting == id) else { return };
                stream.waiting.remove(at);
                let before = stream.active.replace(id);
                stream.stats.connected = true;
                stream.stats.codec = codec;
                if let Some(latest) = stream.latest {
                    ingest.begin_after(latest, now);
                }
                stream.fan_out.publisher_changed(ingest.recording.origin);
                ingest.recording.sink.publisher_changed();
                let viewers = stream.viewers.clone();
                if let Some(before) = before {
                    self.close(before, CloseReason::Replaced, now);
                }
                for viewer in viewers {
                    self.publisher_changed(viewer, codec, now);
                }
                self.tell(MediaEvent::Connected { stream: stream_id, session });
                self.request_key_frame(id, now);
            }
        }
    }

    /// A viewer stays for the next publisher if it can show what that one sends.
    fn publisher_changed(&mut self, viewer: PeerId, codec: Option<VideoCodec>, now: Instant) {
        let Some(Peer { role: Role::Viewer(state), .. }) = self.peers.get_mut(&viewer) else { return };
        state.waits_for_key = true;
        if codec.is_some() && state.codec.is_some() && state.codec != codec {
            self.close(viewer, CloseReason::CodecChanged, now);
        }
    }

    fn media(&mut self, id: PeerId, data: MediaData, now: Instant) {
        let Some(Peer { role: Role::Publisher(ingest), stream: stream_id, .. }) = self.peers.get_mut(&id) else {
            return;
        };
        let stream_id = *stream_id;
        let Some(stream) = self.streams.get_mut(&stream_id).filter(|stream| stream.active == Some(id)) else { return };

        let ingested = ingest.frame(data);
        stream.latest = stream.latest.max(Some(ingest.recording.origin + ingested.frame.time));
        let stats = &mut stream.stats;
        stats.bytes += ingested.data.len() as u64;
        stats.packets_lost += ingested.lost;
        match ingested.frame.payload {
            Payload::Audio => {
                stats.audio_frames += 1;
                stats.last_audio_at = Some(now);
                // Silence from the beginning is counted from there.
                if ingested.heard || stats.last_heard_at.is_none() {
                    stats.last_heard_at = Some(now);
                }
            }
            Payload::Video { key, .. } => {
                stats.video_frames += 1;
                stats.key_frames += u64::from(key);
                if key && stats.key_frames == 1 {
                    // The moment from which viewers can be shown something. `cargo xtask bench` reads this line.
                    tracing::debug!(stream = %stream_id, "the first key frame");
                }
                stats.last_video_at = Some(now);
            }
        }
        let outgoing = if stream.viewers.is_empty() {
            None
        } else {
            stream.fan_out.packetize(&ingested.frame, ingested.data, now)
        };
        match ingest.recording.sink.push(ingested.frame) {
            Pushed::Accepted => {}
            Pushed::Dropped => stats.dropped += 1,
            Pushed::DroppedNeedKeyframe => {
                stats.dropped += 1;
                ingest.requests.want(Need::Recording);
            }
        }
        let viewers = if outgoing.is_some() { stream.viewers.clone() } else { Vec::new() };
        let over_tcp = ingest.over_tcp;
        if !std::mem::replace(&mut ingest.flowing, true) {
            self.tell(MediaEvent::Flowing { stream: stream_id, over_tcp });
        }
        let Some(outgoing) = outgoing else { return };
        for viewer in viewers {
            if let Some(Peer { role: Role::Viewer(state), rtc, connected: true, closing: None, .. }) =
                self.peers.get_mut(&viewer)
                && state.write(rtc, &outgoing, now)
            {
                self.drive(viewer, now);
            }
        }
    }

    fn want_key_frame(&mut self, stream: StreamId, need: Need, now: Instant) {
        let Some(id) = self.streams.get(&stream).and_then(|stream| stream.active) else { return };
        if let Some(Peer { role: Role::Publisher(ingest), .. }) = self.peers.get_mut(&id) {
            ingest.requests.want(need);
            self.request_key_frame(id, now);
        }
    }

    pub(super) fn close(&mut self, id: PeerId, reason: CloseReason, now: Instant) {
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.close(reason);
            self.drive(id, now);
        }
    }

    fn remove(&mut self, id: PeerId, now: Instant) {
        let Some(peer) = self.peers.remove(&id) else { return };
        self.timers.remove(id);
        self.sessions.remove(&peer.session);
        self.ufrags.remove(&peer.ufrag);
        if let Some(restart) = &peer.restart {
            self.ufrags.remove(&restart.ours.ufrag);
        }
        for way in &peer.ways {
            if self.ways.get(way) == Some(&id) {
                self.ways.remove(way);
            }
        }

        let reason = peer.closing.unwrap_or(CloseReason::Peer);
        let (session, stream_id) = (peer.session, peer.stream);
        let Some(stream) = self.streams.get_mut(&stream_id) else { return };
        let mut events = Vec::new();
        match &peer.role {
            Role::Viewer(_) => {
                stream.viewers.retain(|viewer| *viewer != id);
                if peer.connected {
                    stream.stats.viewers -= 1;
                    events.push(MediaEvent::ViewerLeft { stream: stream_id, session, viewers: stream.stats.viewers });
                } else {
                    events.push(MediaEvent::SessionClosed { stream: stream_id, session, reason });
                }
            }
            Role::Publisher(ingest) => {
                if stream.active == Some(id) {
                    stream.active = None;
                    stream.stats.connected = false;
                    if ingest.flowing {
                        events.push(MediaEvent::Lost { stream: stream_id, reason: LostReason::Closed });
                    }
                }
                stream.waiting.retain(|waiting| *waiting != id);
                events.push(MediaEvent::SessionClosed { stream: stream_id, session, reason });
            }
        }
        if !stream.has_publisher() && stream.viewers.is_empty() {
            self.streams.remove(&stream_id);
            self.stats.lock().unwrap_or_else(PoisonError::into_inner).remove(&stream_id);
        }
        for event in events {
            self.tell(event);
        }
        tracing::debug!(%session, ?reason, at = ?now, "a session is over");
    }

    pub(super) fn tell(&self, event: MediaEvent) {
        tracing::debug!(?event, "media");
        // Nobody listening is no reason to stop.
        let _ = self.events.send(event);
    }
}
