//! One connection to a provider, from the handshake to its end.

use std::io;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use crate::connection::Stream;
use crate::error::PushError;
use crate::flv::FlvData;
use crate::ingest::Ingest;
use crate::ledger::Ledger;
use crate::pacer::Pacer;
use crate::position::Position;
use crate::rtmp::{Message, Publisher, RtmpError, RtmpEvent};
use crate::source::{Item, Source};
use crate::status::{PushState, PushStatus};
use crate::timestamps::{Timestamps, Track};

/// The connection is given up when nothing can be written for so long.
const STALL: Duration = Duration::from_secs(10);
/// From the handshake until media may be sent.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long to wait for the provider to close the connection, once the stream is ended.
const FAREWELL: Duration = Duration::from_secs(5);
/// The status tells of progress in steps of so much media, in milliseconds.
const TELL_EVERY_MS: u64 = 500;
/// No more is taken from the source while so many bytes wait to be written.
const ENOUGH: usize = 128 << 10;

pub(crate) struct Session<'a> {
    host: String,
    publisher: Publisher,
    source: &'a mut Source,
    status: &'a watch::Sender<PushStatus>,
    ledger: Ledger,
    timestamps: Timestamps,
    pacer: Pacer,
    opened: Instant,
    /// To be written.
    out: BytesMut,
    /// Written, and perhaps still held back by TLS.
    unflushed: bool,
    /// When writing last got on, or began.
    wrote: Instant,
    phase: Phase,
    /// What comes next, held back by the pacer.
    next: Option<Item>,
    audio_configuration: Option<Bytes>,
    video_configuration: Option<Bytes>,
    /// What the status last told of.
    told: Position,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Opening,
    Sending,
    /// The stream is ended; the provider may close the connection.
    Ended(Instant),
}

impl<'a> Session<'a> {
    /// `first` is what was taken from the source already.
    pub(crate) fn new(
        ingest: &Ingest,
        first: Item,
        source: &'a mut Source,
        start: Position,
        status: &'a watch::Sender<PushStatus>,
    ) -> Result<Self, PushError> {
        let mut out = BytesMut::new();
        let publisher = Publisher::new(ingest, &mut out).map_err(refused)?;
        let mut ledger = Ledger::new(start);
        ledger.overhead(out.len());
        let now = Instant::now();
        Ok(Self {
            host: ingest.url.host.clone(),
            publisher,
            source,
            status,
            ledger,
            timestamps: Timestamps::default(),
            pacer: Pacer::new(Duration::ZERO),
            opened: now,
            out,
            unflushed: false,
            wrote: now,
            phase: Phase::Opening,
            next: Some(first),
            audio_configuration: None,
            video_configuration: None,
            told: start,
        })
    }

    /// All before this has arrived.
    pub(crate) fn arrived(&self) -> Position {
        self.ledger.arrived()
    }

    /// Runs until all is sent and the stream is ended in good order, or something fails.
    pub(crate) async fn run(&mut self, stream: Box<dyn Stream>) -> Result<(), PushError> {
        let (mut reader, mut writer) = split(stream);
        let mut inbox = vec![0; 16 << 10];
        loop {
            let writing = !self.out.is_empty() || self.unflushed;
            let room = self.phase == Phase::Sending && self.out.len() < ENOUGH;
            let due = self.next.as_ref().filter(|_| room).map(|item| self.due(item));
            let limit = match self.phase {
                Phase::Opening => self.opened + PATIENCE,
                Phase::Ended(at) if !writing => at + FAREWELL,
                Phase::Sending | Phase::Ended(_) => self.wrote + STALL,
            };
            let limited = writing || self.phase != Phase::Sending;
            tokio::select! {
                count = reader.read(&mut inbox) => match (count, self.phase) {
                    (Ok(count @ 1..), _) => self.received(&inbox[..count])?,
                    // It read to the end of what was written, and closed then.
                    (_, Phase::Ended(_)) if !writing => break,
                    (Ok(_), _) => {
                        // It had time enough to read everything, and closed in good order: it wanted more.
                        if !writing && self.wrote.elapsed() >= STALL {
                            self.ledger.all_arrived();
                            self.report();
                        }
                        return Err(PushError::Closed);
                    }
                    (Err(error), _) => return Err(PushError::Lost(error)),
                },
                result = write(&mut writer, &mut self.out), if writing => {
                    self.unflushed = result.map_err(PushError::Lost)? == Wrote::Some;
                    self.wrote = Instant::now();
                    if !self.unflushed && matches!(self.phase, Phase::Ended(_)) {
                        let shut = timeout(FAREWELL, writer.shutdown()).await;
                        shut.map_err(|_| PushError::Closed)?.map_err(PushError::Lost)?;
                        self.phase = Phase::Ended(Instant::now());
                    }
                }
                item = self.source.next(), if room && self.next.is_none() => match item {
                    Some(item) => self.next = Some(item?),
                    None => self.end()?,
                },
                () = sleep_until(due.unwrap_or(limit)), if due.is_some() => self.send_next()?,
                () = sleep_until(limit), if limited => match self.phase {
                    // Many servers leave closing to us.
                    Phase::Ended(_) if !writing => break,
                    Phase::Sending | Phase::Ended(_) => return Err(PushError::Stalled { seconds: STALL.as_secs() }),
                    Phase::Opening => {
                        return Err(PushError::NoAnswer { host: self.host.clone(), seconds: PATIENCE.as_secs() });
                    }
                },
            }
        }
        self.ledger.all_arrived();
        self.report();
        Ok(())
    }

    /// When the item may be sent.
    fn due(&self, item: &Item) -> Instant {
        let wait = match item.tag.data.is_media() {
            true => self.pacer.wait(item.position().time(), self.opened.elapsed()),
            false => Duration::ZERO,
        };
        Instant::now() + wait
    }

    fn received(&mut self, bytes: &[u8]) -> Result<(), PushError> {
        let before = self.out.len();
        let events = self.publisher.input(bytes, &mut self.out).map_err(refused)?;
        self.queued(before, None);
        for event in events {
            match event {
                RtmpEvent::Publishing => {
                    self.phase = Phase::Sending;
                    self.wrote = Instant::now();
                    self.status.send_modify(|status| status.state = PushState::Sending);
                }
                RtmpEvent::Acknowledged(count) => {
                    self.ledger.acknowledge(count);
                    self.report();
                }
            }
        }
        Ok(())
    }

    fn send_next(&mut self) -> Result<(), PushError> {
        let Some(item) = self.next.take() else { return Ok(()) };
        let position = item.position();
        match item.tag.data {
            FlvData::Script(data) => self.send_description(Track::Video, Message::Metadata(data)),
            FlvData::Audio { configuration: true, data } => match changed(&mut self.audio_configuration, &data) {
                true => self.send_description(Track::Audio, Message::Audio(data)),
                false => Ok(()),
            },
            FlvData::Video { configuration: true, data, .. } => match changed(&mut self.video_configuration, &data) {
                true => self.send_description(Track::Video, Message::Video(data)),
                false => Ok(()),
            },
            FlvData::Audio { data, .. } => {
                let timestamp = self.timestamps.map(item.part, Track::Audio, item.time_ms);
                self.send_media(Message::Audio(data), timestamp, position)
            }
            FlvData::Video { data, .. } => {
                let timestamp = self.timestamps.map(item.part, Track::Video, item.time_ms);
                self.send_media(Message::Video(data), timestamp, position)
            }
        }
    }

    /// What describes a track has no time of its own: it goes before what it describes.
    fn send_description(&mut self, track: Track, message: Message) -> Result<(), PushError> {
        let before = self.out.len();
        self.publisher.message(message, self.timestamps.last(track), &mut self.out).map_err(refused)?;
        self.queued(before, None);
        Ok(())
    }

    fn send_media(&mut self, message: Message, timestamp: u32, position: Position) -> Result<(), PushError> {
        let before = self.out.len();
        self.publisher.message(message, timestamp, &mut self.out).map_err(refused)?;
        self.queued(before, Some(position));
        self.pacer.sent(position.time(), self.opened.elapsed());
        self.status.send_if_modified(|status| {
            status.sent_until = status.sent_until.max(position);
            let step = position.time_ms.abs_diff(self.told.time_ms);
            let tell = step >= TELL_EVERY_MS || position.part != self.told.part;
            if tell {
                self.told = position;
            }
            tell
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), PushError> {
        let before = self.out.len();
        self.publisher.end(&mut self.out).map_err(refused)?;
        self.queued(before, None);
        self.unflushed = true;
        self.phase = Phase::Ended(Instant::now());
        Ok(())
    }

    /// Something was put into `out`, which had `before` bytes.
    fn queued(&mut self, before: usize, position: Option<Position>) {
        let bytes = self.out.len() - before;
        if before == 0 && !self.unflushed {
            self.wrote = Instant::now();
        }
        match position {
            Some(position) => self.ledger.media(bytes, position),
            None => self.ledger.overhead(bytes),
        }
    }

    fn report(&self) {
        let arrived = self.ledger.arrived();
        self.status.send_modify(|status| status.arrived_until = status.arrived_until.max(arrived));
    }
}

/// Whether a decoder's configuration is another than the last one. Every part has its own; most are the same.
fn changed(known: &mut Option<Bytes>, data: &Bytes) -> bool {
    known.replace(data.clone()).as_ref() != Some(data)
}

fn refused(error: RtmpError) -> PushError {
    match error {
        RtmpError::Refused(reason) => PushError::Refused(reason),
        RtmpError::Protocol(reason) => PushError::Protocol(reason),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Wrote {
    Some,
    /// All that was written is on its way.
    Flushed,
}

/// Writes some of `out`, or brings on its way what TLS holds back. Cancel safe.
async fn write(writer: &mut (impl AsyncWrite + Unpin), out: &mut BytesMut) -> io::Result<Wrote> {
    if out.is_empty() {
        writer.flush().await?;
        return Ok(Wrote::Flushed);
    }
    match writer.write(out).await? {
        0 => Err(io::ErrorKind::WriteZero.into()),
        count => {
            out.advance(count);
            Ok(Wrote::Some)
        }
    }
}
