//! The safety copy: `MediaRecorder` writes what camera and microphone give, a few seconds at a time, straight into the
//! [`Vault`]. It is the only copy that is made before the way to the server.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use js_sys::{Math, Reflect};
use wasm_bindgen::{JsValue, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, MediaStream};

use super::device;
use super::events::construct;
use super::js::{call, get, now_ms, object};
use super::vault::{Vault, is_full, size};
use crate::components::browser_streamer::{
    pieces::take_name,
    safety_copy::{MIN_FREE, SafetyCopy},
};

/// A crash costs no more than this.
const PIECE_MS: u32 = 3_000;
/// Pieces that may wait for the storage: a minute.
const MOST_WAITING: usize = 20;
/// A piece that the storage does not take is tried so often,
const WRITE_TRIES: u32 = 10;
/// after this time each.
const WRITE_AGAIN_MS: u32 = 1_000;
const AUDIO_BITRATE: u32 = 128_000;
/// The free room is looked at with every so many pieces.
const LOOK_EVERY: u32 = 5;
/// For the last piece of a take, after it was asked for.
const LAST_PIECE_CHECKS: u32 = 40;
const CHECK_MS: u32 = 50;

/// What a browser may be able to record, the best for a phone first: H.264 is made by hardware. Safari's WebM turns
/// pictures, so that its MP4 goes before.
const FORMATS: [&str; 5] = [
    "video/webm;codecs=h264,opus",
    "video/mp4;codecs=avc1.42E01F,mp4a.40.2",
    "video/mp4",
    "video/webm;codecs=vp8,opus",
    "video/webm",
];

/// Records from [`Keeper::start`] on, and stops when dropped.
pub struct Keeper(Rc<Inner>);

struct Inner {
    stream: MediaStream,
    vault: Vault,
    /// Added to this phone's clock it gives the server's.
    clock_offset: Rc<Cell<i64>>,
    take: RefCell<Option<Take>>,
    waiting: RefCell<VecDeque<Piece>>,
    writing: Cell<bool>,
    written: Cell<u64>,
    pieces: Cell<u32>,
    broken: Cell<bool>,
    report: Box<dyn Fn(SafetyCopy)>,
}

struct Take {
    recorder: JsValue,
    stopped: Rc<Cell<bool>>,
    _listeners: [Closure<dyn FnMut(Event)>; 2],
}

struct Piece {
    take: Rc<str>,
    offset: u64,
    blob: JsValue,
}

/// The best format that this browser records.
pub fn format() -> Option<&'static str> {
    let class = get(&js_sys::global(), "MediaRecorder");
    FORMATS
        .into_iter()
        .find(|format| call(&class, "isTypeSupported", &[&(*format).into()]).is_ok_and(|it| it.is_truthy()))
}

impl Keeper {
    pub fn new(
        stream: MediaStream,
        vault: Vault,
        clock_offset: Rc<Cell<i64>>,
        report: impl Fn(SafetyCopy) + 'static,
    ) -> Self {
        Self(Rc::new(Inner {
            stream,
            vault,
            clock_offset,
            take: RefCell::default(),
            waiting: RefCell::default(),
            writing: Cell::new(false),
            written: Cell::new(0),
            pieces: Cell::new(0),
            broken: Cell::new(false),
            report: Box::new(report),
        }))
    }

    /// Begins a take of the tracks that the stream holds now, with so many bits a second for the picture.
    pub fn start(&self, bitrate: u32) {
        if self.0.broken.get() || self.0.take.borrow().is_some() {
            return;
        }
        if self.0.begin(bitrate).is_none() {
            self.0.give_up(SafetyCopy::Impossible);
        }
    }

    /// Ends the take, before its tracks are taken out of the stream: a recorder does not follow them.
    pub async fn stop(&self) {
        let take = self.0.take.borrow_mut().take();
        if let Some(take) = take {
            end(Rc::clone(&self.0), take).await;
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        if let Some(take) = self.0.take.borrow_mut().take() {
            spawn_local(end(Rc::clone(&self.0), take));
        }
    }
}

/// The browser gives the last piece after it was told to stop: what it calls must live until then.
async fn end(inner: Rc<Inner>, take: Take) {
    let _ = call(&take.recorder, "stop", &[]);
    for _ in 0..LAST_PIECE_CHECKS {
        if take.stopped.get() && inner.waiting.borrow().is_empty() && !inner.writing.get() {
            break;
        }
        TimeoutFuture::new(CHECK_MS).await;
    }
    for handler in ["ondataavailable", "onstop"] {
        let _ = Reflect::set(&take.recorder, &handler.into(), &JsValue::NULL);
    }
}

impl Inner {
    fn begin(self: &Rc<Self>, bitrate: u32) -> Option<()> {
        let options = object(&[
            ("mimeType", &format()?.into()),
            ("videoBitsPerSecond", &bitrate.into()),
            ("audioBitsPerSecond", &AUDIO_BITRATE.into()),
        ]);
        let recorder = construct("MediaRecorder", &[&self.stream, &options])?;
        let random = (Math::random() * f64::from(u32::MAX)) as u32;
        let started = i64::try_from(now_ms()).unwrap_or(0) + self.clock_offset.get();
        let take: Rc<str> = take_name(started, random).into();

        let (inner, offset) = (Rc::clone(self), Cell::new(0));
        let data = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            let blob = get(&event, "data");
            let length = size(&blob);
            if length > 0 {
                inner.store(Piece { take: Rc::clone(&take), offset: offset.get(), blob });
                offset.set(offset.get() + length);
            }
        });
        let stopped = Rc::new(Cell::new(false));
        let over = Rc::clone(&stopped);
        let stop = Closure::<dyn FnMut(Event)>::new(move |_| over.set(true));
        Reflect::set(&recorder, &"ondataavailable".into(), data.as_ref()).ok()?;
        Reflect::set(&recorder, &"onstop".into(), stop.as_ref()).ok()?;
        call(&recorder, "start", &[&PIECE_MS.into()]).ok()?;
        *self.take.borrow_mut() = Some(Take { recorder, stopped, _listeners: [data, stop] });
        Some(())
    }

    fn store(self: &Rc<Self>, piece: Piece) {
        if self.broken.get() {
            return;
        }
        if self.waiting.borrow().len() >= MOST_WAITING {
            // Never in memory: storage that does not keep up is none.
            return self.give_up(SafetyCopy::Broken);
        }
        self.waiting.borrow_mut().push_back(piece);
        if !self.writing.replace(true) {
            spawn_local(write(Rc::clone(self)));
        }
    }

    /// Storage may fail for a moment. None is left out: what follows would be of no use.
    async fn keep(&self, piece: &Piece) -> Result<(), SafetyCopy> {
        for _ in 0..WRITE_TRIES {
            match self.vault.append(&piece.take, piece.offset, &piece.blob).await {
                Err(why) if is_full(&why) => return Err(SafetyCopy::Full),
                Err(_) => TimeoutFuture::new(WRITE_AGAIN_MS).await,
                Ok(()) => return Ok(()),
            }
        }
        Err(SafetyCopy::Broken)
    }

    fn give_up(self: &Rc<Self>, why: SafetyCopy) {
        self.broken.set(true);
        self.waiting.borrow_mut().clear();
        if let Some(take) = self.take.borrow_mut().take() {
            spawn_local(end(Rc::clone(self), take));
        }
        (self.report)(why);
    }
}

async fn write(inner: Rc<Inner>) {
    loop {
        let Some(piece) = inner.waiting.borrow_mut().pop_front() else { break };
        let length = size(&piece.blob);
        let kept = inner.keep(&piece).await;
        if inner.broken.get() {
            break;
        }
        if let Err(why) = kept {
            inner.give_up(why);
            break;
        }
        inner.written.set(inner.written.get() + length);
        inner.pieces.set(inner.pieces.get() + 1);
        if inner.pieces.get() % LOOK_EVERY == 1 && device::free_storage().await.is_some_and(|free| free < MIN_FREE) {
            inner.give_up(SafetyCopy::Full);
            break;
        }
        (inner.report)(SafetyCopy::Keeping { bytes: inner.written.get() });
    }
    inner.writing.set(false);
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper").field("written", &self.0.written.get()).finish_non_exhaustive()
    }
}

/// Whether this browser can make a safety copy at all.
pub fn is_possible() -> bool {
    format().is_some()
}
