//! A stream (one service) and its life: scheduled → ready → live ⇄ reconnecting → ended → recorded, and failed.
//!
//! A stream keeps *facts*, never a state: the state is derived from them in one place ([`StreamFacts::state`]). Taking an
//! event in is a merge (commutative, associative, idempotent), so events may come twice, late, in any order, or be lost
//! and replaced by a later observation, and the end is the same.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    MemorialId, Slug, StreamId, TimeZoneName, Timestamp,
    capabilities::{Route, StreamingMethod},
    feedback::Feedback,
    merge::{earliest, latest},
    privacy::Privacy,
    recording::RecordingStatus,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    pub id: StreamId,
    pub memorial_id: MemorialId,
    pub slug: Slug,
    pub details: StreamDetails,
    pub route: Route,
    /// Whether a second, independent copy was asked for.
    pub backup: bool,
    /// Counts up when the streamer's link is replaced: links of earlier generations stop working.
    pub link_generation: i64,
    pub created_at: Timestamp,
    pub privacy: Privacy,
    pub facts: StreamFacts,
}

/// Whether the link of whoever films works just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    Open,
    TooEarly,
    TooLate,
}

/// The link works this long before the service …
const OPENS_BEFORE: Duration = Duration::from_secs(24 * 60 * 60);
/// … which may take as long as it was planned to, or this long where that is less, because no service waits for its plan …
const SERVICE: Duration = Duration::from_secs(4 * 60 * 60);
/// … and this long afterwards.
const CLOSES_AFTER: Duration = Duration::from_secs(2 * 60 * 60);

impl Stream {
    /// A link that leaks months later films nothing. A service without a time has no window, and one that has begun is
    /// never cut off.
    pub fn window(&self, now: Timestamp) -> Window {
        let begun = self.facts.first_live_at.is_some();
        match self.details.scheduled_start_time {
            Some(start) if !begun && now.plus(OPENS_BEFORE) < start => Window::TooEarly,
            Some(start) if !begun && now > start.plus(self.longest() + CLOSES_AFTER) => Window::TooLate,
            _ => Window::Open,
        }
    }

    fn longest(&self) -> Duration {
        self.details.planned_length.duration().max(SERVICE)
    }
}

/// What a person types about a stream, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamDetails {
    pub title: Title,
    pub description: Description,
    pub scheduled_start_time: Option<Timestamp>,
    pub planned_length: PlannedLength,
    /// Of the place of the service: its time is shown in this zone there.
    pub time_zone: TimeZoneName,
    pub method: StreamingMethod,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidStream {
    #[error("Please give the service a title, in at most {} letters, for example “Funeral service”.", Title::MAX)]
    Title,
    #[error("The description is longer than {} letters.", Description::MAX)]
    Description,
    #[error("Please write the day and the time of the service, for example 2026-11-24 and 14:30.")]
    Time,
    #[error("Please choose how long the service will take, between {} minutes and {} hours.", PlannedLength::LEAST, PlannedLength::MOST / 60)]
    Length,
    #[error("Please write the last day on which it can be watched, for example 2026-12-24.")]
    Until,
    #[error(transparent)]
    TimeZone(#[from] crate::time::InvalidTimeZone),
    #[error("Please choose how the service is filmed: with a phone, or with OBS.")]
    Method,
}

/// How long a service is planned to take, in whole minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct PlannedLength(u16);

impl PlannedLength {
    pub const LEAST: u16 = 10;
    pub const MOST: u16 = 12 * 60;

    pub const fn minutes(self) -> u16 {
        self.0
    }

    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.0 as u64 * 60)
    }
}

/// What most services take.
impl Default for PlannedLength {
    fn default() -> Self {
        Self(60)
    }
}

impl TryFrom<u16> for PlannedLength {
    type Error = InvalidStream;

    fn try_from(minutes: u16) -> Result<Self, InvalidStream> {
        if (Self::LEAST..=Self::MOST).contains(&minutes) { Ok(Self(minutes)) } else { Err(InvalidStream::Length) }
    }
}

impl From<PlannedLength> for u16 {
    fn from(length: PlannedLength) -> Self {
        length.0
    }
}

/// As a form sends it: minutes; empty where nobody said.
impl std::str::FromStr for PlannedLength {
    type Err = InvalidStream;

    fn from_str(text: &str) -> Result<Self, InvalidStream> {
        match text.trim() {
            "" => Ok(Self::default()),
            minutes => minutes.parse::<u16>().map_err(|_| InvalidStream::Length)?.try_into(),
        }
    }
}

/// One line, trimmed, not empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Title(String);

impl Title {
    /// In characters.
    pub const MAX: usize = 120;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Title {
    type Error = InvalidStream;

    fn try_from(text: String) -> Result<Self, InvalidStream> {
        let title = text.trim();
        let fits = !title.is_empty() && title.chars().count() <= Self::MAX && !title.chars().any(char::is_control);
        if fits { Ok(Self(title.to_owned())) } else { Err(InvalidStream::Title) }
    }
}

impl From<Title> for String {
    fn from(title: Title) -> Self {
        title.0
    }
}

/// Any text, trimmed; may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Description(String);

impl Description {
    /// In characters.
    pub const MAX: usize = 2_000;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Description {
    type Error = InvalidStream;

    fn try_from(text: String) -> Result<Self, InvalidStream> {
        let text = text.trim();
        if text.chars().count() <= Self::MAX { Ok(Self(text.to_owned())) } else { Err(InvalidStream::Description) }
    }
}

impl From<Description> for String {
    fn from(description: Description) -> Self {
        description.0
    }
}

/// What people are shown and what decides what may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StreamState {
    /// Being prepared.
    Scheduled,
    /// The camera can start.
    Ready,
    /// The picture arrives.
    Live,
    /// It was live and will be again: nothing arrives at this moment.
    Reconnecting,
    /// The service is over; the recording is being made ready.
    Ended,
    /// The service is over and a recording plays.
    Recorded,
    /// Something must be done before it can go on; [`StreamFacts::failure`] says what.
    Failed,
}

impl StreamState {
    /// On air, or about to be again.
    pub const fn is_on_air(self) -> bool {
        matches!(self, Self::Live | Self::Reconnecting)
    }

    pub const fn is_over(self) -> bool {
        matches!(self, Self::Ended | Self::Recorded)
    }
}

/// What the gateway last said about the picture. Ordered: of two reports of the same moment, "flowing" counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Media {
    Lost,
    Flowing,
}

/// Why a service that is on air needs help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// The disk is full: it is shown, but not recorded.
    DiskFull,
    /// The folder of the recordings may not be written to.
    NotWritable,
    /// The recording cannot be written, for another reason. Also what earlier versions wrote down, in sentences.
    #[serde(other)]
    NotWritten,
}

/// All that is known of a stream's life.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StreamFacts {
    pub ready_at: Option<Timestamp>,
    pub first_live_at: Option<Timestamp>,
    /// The latest report and when it was made.
    pub media: Option<(Timestamp, Media)>,
    pub ended_at: Option<Timestamp>,
    /// The latest failure and when it happened.
    pub failed: Option<(Timestamp, Failure)>,
    /// The best status any copy of the recording has reached.
    pub recorded_at: Option<Timestamp>,
    /// What whoever filmed said of it last.
    pub feedback: Option<(Timestamp, Feedback)>,
    /// The streamer's link was opened, for the first time.
    pub link_opened_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamEvent {
    /// Everything that is needed to go live exists.
    Provisioned { at: Timestamp },
    /// Picture or sound arrives.
    MediaFlowing { at: Timestamp },
    /// Nothing arrives any more.
    MediaLost { at: Timestamp },
    /// The person (or staff) ended the service. Final.
    Ended { at: Timestamp },
    /// Something failed; healed by the next [`StreamEvent::MediaFlowing`].
    Failed { at: Timestamp, reason: Failure },
    /// A copy of the recording was checked and plays.
    Recorded { at: Timestamp },
    /// Whoever filmed said how it went.
    Rated { at: Timestamp, feedback: Feedback },
    /// Somebody opened the streamer's link.
    LinkOpened { at: Timestamp },
}

impl StreamFacts {
    /// Takes an event in. Commutative, associative, idempotent.
    #[must_use]
    pub fn apply(mut self, event: StreamEvent) -> Self {
        match event {
            StreamEvent::Provisioned { at } => earliest(&mut self.ready_at, at),
            StreamEvent::MediaFlowing { at } => {
                earliest(&mut self.first_live_at, at);
                latest(&mut self.media, (at, Media::Flowing));
            }
            StreamEvent::MediaLost { at } => latest(&mut self.media, (at, Media::Lost)),
            StreamEvent::Ended { at } => earliest(&mut self.ended_at, at),
            StreamEvent::Failed { at, reason } => latest(&mut self.failed, (at, reason)),
            StreamEvent::Recorded { at } => earliest(&mut self.recorded_at, at),
            StreamEvent::Rated { at, feedback } => latest(&mut self.feedback, (at, feedback)),
            StreamEvent::LinkOpened { at } => earliest(&mut self.link_opened_at, at),
        }
        self
    }

    pub fn state(&self) -> StreamState {
        if self.ended_at.is_some() {
            return if self.recorded_at.is_some() { StreamState::Recorded } else { StreamState::Ended };
        }
        if self.failure().is_some() {
            return StreamState::Failed;
        }
        match (self.first_live_at, self.media) {
            (Some(_), Some((_, Media::Flowing))) => StreamState::Live,
            (Some(_), _) => StreamState::Reconnecting,
            (None, _) if self.ready_at.is_some() => StreamState::Ready,
            (None, _) => StreamState::Scheduled,
        }
    }

    /// What failed, if nothing has arrived since.
    pub fn failure(&self) -> Option<Failure> {
        let (failed_at, reason) = self.failed?;
        match self.media {
            Some((at, Media::Flowing)) if at > failed_at => None,
            _ => Some(reason),
        }
    }

    /// From the first picture to the end (or to `now`, while on air), in milliseconds.
    pub fn on_air_ms(&self, now: Timestamp) -> u64 {
        let Some(start) = self.first_live_at else { return 0 };
        let end = match (self.ended_at, self.media) {
            // A phone that died before somebody ended the service was on air until it was lost; what is cut after the end was
            // on air until that.
            (Some(ended), Some((lost, Media::Lost))) => lost.min(ended),
            (Some(ended), _) => ended,
            (None, _) => now,
        };
        u64::try_from(end.since(start).as_millis()).unwrap_or(u64::MAX)
    }
}

/// Whether a recording with this status is one that people can watch.
pub const fn is_playable(status: RecordingStatus) -> bool {
    matches!(status, RecordingStatus::Ready | RecordingStatus::Short)
}

#[cfg(test)]
mod tests;
