//! The recording as a stream of FLV tags: part after part, each through an ffmpeg of its own, as it grows.

use std::path::{Path, PathBuf};
use std::time::Duration;

use recorder::{FollowError, PartFollower, Piece, part_numbers};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStdin, ChildStdout};
use tokio::sync::{mpsc, watch};
use tokio_util::task::AbortOnDropHandle;

use crate::canvas::Canvas;
use crate::encoder::{Encoder, EncoderError, SHIFT, last_words};
use crate::error::PushError;
use crate::flv::{FlvReader, FlvTag};
use crate::position::Position;

/// How often a file that may have grown is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Tags that may wait for the connection: about five seconds of picture and sound.
const WAITING: usize = 400;

/// What to read, and with what.
#[derive(Debug, Clone)]
pub(crate) struct SourceConfig {
    pub(crate) ffmpeg: PathBuf,
    pub(crate) dir: PathBuf,
    /// Whether no more parts will come, and those that there are do not grow any more.
    pub(crate) complete: watch::Receiver<bool>,
}

/// A tag, and where it is from.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) part: u32,
    /// On the recording's clock; what an encoder needs to start up may be from before its beginning.
    pub(crate) time_ms: i64,
    pub(crate) tag: FlvTag,
}

impl Item {
    pub(crate) fn position(&self) -> Position {
        Position { part: self.part, time_ms: u64::try_from(self.time_ms).unwrap_or(0) }
    }
}

/// The stream from a position on. It ends when the recording does, or with an error.
#[derive(Debug)]
pub(crate) struct Source {
    items: mpsc::Receiver<Result<Item, PushError>>,
    _task: AbortOnDropHandle<()>,
}

impl Source {
    pub(crate) fn start(config: SourceConfig, from: Position) -> Self {
        let (sender, items) = mpsc::channel(WAITING);
        let task = tokio::spawn(async move {
            if let Err(error) = run(config, from, &sender).await {
                // Nobody listens: the connection went first.
                let _ = sender.send(Err(error)).await;
            }
        });
        Self { items, _task: AbortOnDropHandle::new(task) }
    }

    /// The next tag; `None` when all was sent. Cancel safe.
    pub(crate) async fn next(&mut self) -> Option<Result<Item, PushError>> {
        self.items.recv().await
    }
}

type Items = mpsc::Sender<Result<Item, PushError>>;

async fn run(config: SourceConfig, from: Position, items: &Items) -> Result<(), PushError> {
    let mut at = from;
    let mut canvas = None;
    loop {
        // Asked first: a part that appears between the two questions is found the next time.
        let complete = *config.complete.borrow();
        let dir = config.dir.clone();
        let known = canvas;
        let (part, first) = blocking(move || {
            let parts = part_numbers(&dir)?;
            let canvas = known.or_else(|| find_canvas(&dir, &parts));
            Ok((parts.into_iter().find(|part| *part >= at.part), canvas))
        })
        .await?;
        canvas = first;
        match part {
            Some(part) => {
                let from = if part == at.part { at.time() } else { Duration::ZERO };
                // Fixed from the first part on that is sent, also where it has no picture.
                let canvas = *canvas.get_or_insert(Canvas::DEFAULT);
                match send_part(&config, part, from, canvas, items).await {
                    Err(PushError::Recording(error)) => {
                        tracing::error!(%error, part, "the rest of a part is not pushed");
                        wait_for_successor(&config, part).await?;
                    }
                    result => result?,
                }
                at = Position { part: part + 1, time_ms: 0 };
            }
            None if complete => return Ok(()),
            None => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
}

/// The size of the recording's first picture.
fn find_canvas(dir: &Path, parts: &[u32]) -> Option<Canvas> {
    let video = |part: &u32| PartFollower::open(dir, *part, Duration::ZERO, SHIFT).video().ok()??;
    parts.iter().find_map(video).map(Canvas::of)
}

/// Reading files blocks, and holds up nothing here.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FollowError> + Send + 'static,
) -> Result<T, PushError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => Ok(result?),
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Whether the part will not grow any more.
async fn is_closed(config: &SourceConfig, part: u32) -> Result<bool, PushError> {
    if *config.complete.borrow() {
        return Ok(true);
    }
    let dir = config.dir.clone();
    blocking(move || Ok(part_numbers(&dir)?.last().is_some_and(|last| *last > part))).await
}

async fn wait_for_successor(config: &SourceConfig, part: u32) -> Result<(), PushError> {
    while !is_closed(config, part).await? {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

/// Hands out the pieces of one part, and waits for them.
struct Pieces<'a> {
    config: &'a SourceConfig,
    part: u32,
    follower: Option<PartFollower>,
}

impl Pieces<'_> {
    /// The next piece; `None` at the part's end.
    async fn next(&mut self) -> Result<Option<Piece>, PushError> {
        loop {
            // Asked first: what is written afterwards is found by the next look.
            let closed = is_closed(self.config, self.part).await?;
            let Some(mut follower) = self.follower.take() else { return Ok(None) };
            let (follower, piece) = blocking(move || {
                let piece = follower.next_piece()?;
                let last = if closed && piece.is_none() { follower.last_piece()? } else { None };
                Ok((follower, piece.or(last)))
            })
            .await?;
            match piece {
                Some(piece) => {
                    self.follower = Some(follower);
                    return Ok(Some(piece));
                }
                None if closed => return Ok(None),
                None => {
                    self.follower = Some(follower);
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            }
        }
    }
}

/// Sends one part to its end.
async fn send_part(
    config: &SourceConfig,
    part: u32,
    from: Duration,
    canvas: Canvas,
    items: &Items,
) -> Result<(), PushError> {
    let follower = PartFollower::open(&config.dir, part, from, SHIFT);
    let mut pieces = Pieces { config, part, follower: Some(follower) };
    // A part in which nothing was written needs no ffmpeg.
    let Some(Piece::Init { bytes: init, video }) = pieces.next().await? else { return Ok(()) };
    let Some(Piece::Fragment { bytes: first, start, .. }) = pieces.next().await? else { return Ok(()) };

    let encoder = Encoder::start(&config.ffmpeg, canvas.picture(video), canvas, start)?;
    let Encoder { mut child, input, output, complaints } = encoder;
    let said = AbortOnDropHandle::new(tokio::spawn(last_words(complaints)));
    let feeding = feed(input, [init, first], &mut pieces);
    let reading = read(output, part, items);
    tokio::pin!(feeding, reading);
    let mut fed = None;
    let read = loop {
        tokio::select! {
            result = &mut feeding, if fed.is_none() => fed = Some(result),
            // Its output ends when it ends, whether there is more to feed or not.
            result = &mut reading => break result,
        }
    };
    read?;
    let status = child.wait().await.map_err(EncoderError::Pipe)?;
    if !status.success() || fed.is_none() {
        let said = said.await.unwrap_or_default();
        return Err(EncoderError::Stopped { status, said }.into());
    }
    fed.unwrap_or(Ok(()))
}

/// Writes the pieces to ffmpeg, and closes its input at the part's end.
async fn feed(mut input: ChildStdin, begin: [bytes::Bytes; 2], pieces: &mut Pieces<'_>) -> Result<(), PushError> {
    for bytes in begin {
        // That it reads no more shows better in how it ends.
        if input.write_all(&bytes).await.is_err() {
            return Ok(());
        }
    }
    while let Some(piece) = pieces.next().await? {
        let (Piece::Init { bytes, .. } | Piece::Fragment { bytes, .. }) = piece;
        if input.write_all(&bytes).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// Reads FLV from ffmpeg until it ends.
async fn read(mut output: ChildStdout, part: u32, items: &Items) -> Result<(), PushError> {
    let mut reader = FlvReader::default();
    let mut buffer = vec![0; 64 << 10];
    let shift = i64::try_from(SHIFT.as_millis()).unwrap_or(0);
    loop {
        match output.read(&mut buffer).await.map_err(EncoderError::Pipe)? {
            0 => return Ok(()),
            count => reader.push(&buffer[..count]),
        }
        while let Some(tag) = reader.next_tag().map_err(EncoderError::Output)? {
            let item = Item { part, time_ms: i64::from(tag.time_ms) - shift, tag };
            if items.send(Ok(item)).await.is_err() {
                return Ok(());
            }
        }
    }
}
