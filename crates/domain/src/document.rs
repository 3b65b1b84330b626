//! The document of a stream, as the JSON API returns it and as the pages read it. Field names are stable; there is no
//! secret in it.

use serde::{Deserialize, Serialize};

use crate::{
    Capabilities, MemorialId, Provider, RecordingId, Route, Slug, StreamId, StreamingMethod, TimeZoneName, Timestamp,
    feedback::Feedback,
    privacy::PrivacyDocument,
    provision::ProvisionState,
    recording::{Cut, PendingCut, Proof, RecordingSource, RecordingStatus},
    rehearsal::Rehearsal,
    stream::{PlannedLength, StreamState},
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamDocument {
    pub id: StreamId,
    pub memorial_id: MemorialId,
    pub slug: Slug,
    pub title: String,
    pub description: String,
    pub scheduled_start_time: Option<Timestamp>,
    pub scheduled_local: Option<LocalTime>,
    #[serde(rename = "plannedMinutes", default)]
    pub planned_length: PlannedLength,
    pub time_zone: TimeZoneName,
    pub status: StreamState,
    /// Why the state is `failed`, in words for people.
    pub failure: Option<String>,
    /// What staff should know of the server's disk before the service, in words for people.
    #[serde(default)]
    pub disk_warning: Option<String>,
    pub streaming_method: StreamingMethod,
    pub route: Route,
    pub capabilities: Capabilities,
    /// Same-origin addresses.
    pub whip_url: String,
    pub watch_url: String,
    pub created_at: Timestamp,
    pub live_started_at: Option<Timestamp>,
    pub live_ended_at: Option<Timestamp>,
    pub recording_sources: RecordingSources,
    pub preferred_recording_source: Option<RecordingSource>,
    /// The latest one on the phone, if there was any.
    #[serde(default)]
    pub rehearsal: Option<Rehearsal>,
    /// What whoever filmed said of how it went.
    #[serde(default)]
    pub feedback: Option<Feedback>,
    /// Whether a second provider gets the picture while it is live.
    pub simulcast_enabled: bool,
    pub cloudflare_input_id: Option<String>,
    pub mux_live_stream_id: Option<String>,
    /// How it stands with each provider that the service is to be recorded at.
    pub cloud: Vec<CloudPlace>,
    /// The providers of which those who watch are shown nothing, for the service is private and what plays there cannot be
    /// closed again.
    #[serde(default)]
    pub kept_back: Vec<Provider>,
    /// Who may watch, and until when.
    #[serde(default)]
    pub privacy: PrivacyDocument,
}

impl StreamDocument {
    /// Whether the part that those who watch are to be shown is being made.
    pub fn is_being_trimmed(&self) -> bool {
        let ours = self.recording_sources.server.as_ref();
        ours.is_some_and(|copy| matches!(copy.pending_cut, Some(PendingCut::Making { .. })))
    }
}

/// A provider that holds, or is to hold, a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CloudPlace {
    pub provider: Provider,
    pub provision: ProvisionState,
    /// What keeps it just now, in words for people.
    pub trouble: Option<String>,
}

/// What this installation can do, for whoever makes a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Installation {
    pub phone_route: Route,
    pub encoder_route: Route,
    /// Where recordings are kept besides on this server, the first by itself, the others as a backup.
    pub providers: Vec<Provider>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RecordingSources {
    pub server: Option<RecordingCopy>,
    pub phone: Option<RecordingCopy>,
    pub cloudflare: Option<RecordingCopy>,
    pub mux: Option<RecordingCopy>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordingCopy {
    pub id: RecordingId,
    pub status: RecordingStatus,
    /// Where it plays, once it does.
    pub url: Option<String>,
    pub proof: Option<Proof>,
    /// Why there is none, in words for people.
    pub reason: Option<String>,
    /// What those who watch are shown of it, where that is not all.
    #[serde(default)]
    pub cut: Option<Cut>,
    /// What is to be shown of it and is not yet.
    #[serde(default)]
    pub pending_cut: Option<PendingCut>,
    /// How it stands with object storage, in words for people, where there is one.
    #[serde(default)]
    pub storage: Option<String>,
}

/// A moment as people at the place of the service would write it. Made on the server, which knows the time zones, so
/// that server and browser render the same text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LocalTime {
    /// For people: `Tuesday, 24 November 2026, 14:30 (GMT)`.
    pub label: String,
    /// For `<input type="date">`: `2026-11-24`.
    pub date: String,
    /// For `<input type="time">`: `14:30`.
    pub time: String,
    /// For `<time datetime>`: `2026-11-24T14:30:00Z`.
    pub utc: String,
}

/// What a mourner's page is told, at first and whenever it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WatchDocument {
    pub slug: Slug,
    /// Of the person who is remembered.
    pub name: String,
    /// Where their picture is, if one was given.
    pub portrait: Option<String>,
    pub title: String,
    pub description: String,
    pub scheduled_start_time: Option<Timestamp>,
    pub scheduled_local: Option<LocalTime>,
    pub phase: WatchPhase,
    /// The best copy, once one plays.
    pub recording_url: Option<String>,
    /// Every copy that plays, the best first.
    pub recordings: Vec<String>,
    /// Where a provider plays the live picture, which this server does not have.
    pub live_hls: Option<String>,
    /// Where a provider plays it as well, for whom there is no place here.
    pub overflow_hls: Option<String>,
    /// Whether the live picture can be had by WebRTC.
    pub webrtc: bool,
    /// Whether this server plays it over HLS.
    pub hls: bool,
    /// Where the recording can be had as a file, if those who watch may keep it.
    pub download: Option<String>,
    /// The last day on which it can be watched, in words; `None` while it is not known.
    pub until: Option<String>,
    /// Other services for the same person that this one's mourners are told of, in the order of their times.
    pub others: Vec<OtherService>,
}

/// Another service for the same person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OtherService {
    pub slug: Slug,
    pub title: String,
    pub scheduled_local: Option<LocalTime>,
    pub phase: WatchPhase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WatchPhase {
    /// Not begun.
    Before,
    Live,
    /// "The picture will return."
    Interrupted,
    /// Over; the recording is being prepared.
    Ended,
    /// Over and recorded; the recording waits for the family's approval.
    Withheld,
    Recorded,
}

impl From<StreamState> for WatchPhase {
    fn from(state: StreamState) -> Self {
        match state {
            StreamState::Scheduled | StreamState::Ready => Self::Before,
            StreamState::Live => Self::Live,
            StreamState::Reconnecting | StreamState::Failed => Self::Interrupted,
            StreamState::Ended => Self::Ended,
            StreamState::Recorded => Self::Recorded,
        }
    }
}
