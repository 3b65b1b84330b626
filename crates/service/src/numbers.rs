//! What somebody who watches the installation wants to know, in numbers.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use domain::{
    Provider, StreamId, Timestamp,
    recording::{RecordingSource, RecordingStatus},
};
use push::PushState;

use crate::{Error, Everlight};

/// Copies are counted of so many milliseconds: a day.
const RECENT_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Debug, Default)]
pub struct Numbers {
    /// Of every stream that has a publisher, viewers or a recorder now.
    pub streams: BTreeMap<StreamId, StreamNumbers>,
    /// How many copies of the last day there are of each kind.
    pub copies: HashMap<(RecordingSource, RecordingStatus), u64>,
    /// How many pushes are in each state, by the state's name.
    pub pushes: BTreeMap<(Provider, &'static str), u64>,
    /// Webhooks that were stored and not applied yet.
    pub inbox: u64,
    /// How long the database took to answer the simplest question.
    pub database: Duration,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StreamNumbers {
    pub publishing: bool,
    pub viewers: u64,
    pub received_bytes: u64,
    pub packets_lost: u64,
    pub recording: bool,
    /// Written by the recorder since it was started.
    pub written_bytes: u64,
    /// Frames that came and were not written.
    pub dropped: u64,
    /// The recorder cannot write now.
    pub failing: bool,
}

impl Everlight {
    pub async fn numbers(&self) -> Result<Numbers, Error> {
        let asked = Instant::now();
        self.store.ping().await?;
        let mut numbers = Numbers { database: asked.elapsed(), ..Numbers::default() };
        for (stream, stats) in self.gateway.all_stats() {
            let of = numbers.streams.entry(stream).or_default();
            of.publishing = stats.connected;
            of.viewers = stats.viewers as u64;
            of.received_bytes = stats.bytes;
            of.packets_lost = stats.packets_lost;
        }
        for (stream, status) in self.archive.statuses() {
            let of = numbers.streams.entry(stream).or_default();
            of.recording = true;
            of.written_bytes = status.bytes;
            of.dropped = status.dropped;
            of.failing = status.last_error.is_some();
        }
        for ((_, provider), push) in self.cloud.pushes().iter() {
            let state = push_state(&push.status().borrow().state);
            *numbers.pushes.entry((*provider, state)).or_default() += 1;
        }
        let since = Timestamp(self.now().millis().saturating_sub(RECENT_MS));
        for recording in self.store.recordings_since(since).await? {
            *numbers.copies.entry((recording.source, recording.facts.status())).or_default() += 1;
        }
        numbers.inbox = self.store.inbox_depth().await?;
        Ok(numbers)
    }
}

const fn push_state(state: &PushState) -> &'static str {
    match state {
        PushState::Waiting => "waiting",
        PushState::Connecting => "connecting",
        PushState::Sending => "sending",
        PushState::Retrying { .. } => "retrying",
        PushState::Done => "done",
        PushState::GaveUp { .. } => "gave-up",
    }
}
