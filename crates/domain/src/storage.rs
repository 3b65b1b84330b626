//! Finished recordings in object storage: which file is to be put there, and when the one on this server may go.
//!
//! Nothing tells that a file has changed; it is looked at. What is there is known by the length and the moment of the file
//! that it was made of, so that whatever made another file of the recording (a cut, a hole that was filled) need not know
//! of this.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{RecordingId, Timestamp};

/// A file of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Piece {
    Whole,
    /// The part of it that those who watch are shown, where that is not all.
    Shown,
}

impl Piece {
    pub const ALL: [Self; 2] = [Self::Whole, Self::Shown];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Shown => "shown",
        }
    }

    /// The object that is made of it now. Never the one that is there: that one stays until this one is proven.
    pub fn object(self, recording: RecordingId, now: Timestamp, salt: u32) -> String {
        format!("{}{}-{salt:08x}.mp4", self.beginning(recording), now.millis())
    }

    /// What the names of its objects begin with, and no others.
    pub fn beginning(self, recording: RecordingId) -> String {
        format!("{}/{}-", folder(recording), self.name())
    }
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where all objects of a recording are.
pub fn folder(recording: RecordingId) -> String {
    format!("recordings/{recording}")
}

/// What tells one file of the same name from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Version {
    pub bytes: u64,
    /// When it was last written to, in Unix milliseconds.
    pub modified_ms: i64,
}

/// An object that was read back and found to be the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    pub object: String,
    /// Of the file that it was made of.
    pub version: Version,
    pub sha256: [u8; 32],
    pub proven_at: Timestamp,
}

/// What keeps a file from being stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trouble {
    pub times: u32,
    pub again_at: Timestamp,
    /// In words for people.
    pub reason: String,
}

/// What is known of one file and its object.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Stored {
    pub held: Option<Held>,
    pub trouble: Option<Trouble>,
    /// Objects of earlier files may be left.
    pub unswept: bool,
}

/// What is to be done about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    Nothing,
    Put,
    /// The file here is not needed any more: its object is proven, and it has been kept for as long as was asked.
    LetGo,
}

impl Stored {
    /// `here`: the file on this server, where there is one. `keep`: for how long it stays after it was proven; for ever
    /// where that is not set.
    pub fn next(&self, here: Option<Version>, keep: Option<Duration>, now: Timestamp) -> Next {
        let Some(here) = here else { return Next::Nothing };
        match &self.held {
            Some(held) if held.version == here => {
                if keep.is_some_and(|keep| now >= held.proven_at.plus(keep)) {
                    Next::LetGo
                } else {
                    Next::Nothing
                }
            }
            _ if self.trouble.as_ref().is_some_and(|trouble| now < trouble.again_at) => Next::Nothing,
            _ => Next::Put,
        }
    }

    /// The object is proven: older ones may go.
    #[must_use]
    pub fn proven(held: Held) -> Self {
        Self { held: Some(held), trouble: None, unswept: true }
    }

    /// It did not work; what is held stays so.
    #[must_use]
    pub fn failed(self, reason: String, now: Timestamp) -> Self {
        let times = self.trouble.as_ref().map_or(0, |trouble| trouble.times).saturating_add(1);
        let again_at = now.plus(pause(times));
        Self { trouble: Some(Trouble { times, again_at, reason }), ..self }
    }
}

/// After so many failures in a row: from half a minute to an hour.
fn pause(times: u32) -> Duration {
    let doubled = 30_u64 << times.saturating_sub(1).min(7);
    Duration::from_secs(doubled.min(60 * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    const HERE: Version = Version { bytes: 3, modified_ms: 7 };

    fn held() -> Stored {
        let object = "recordings/a/whole-1.mp4".into();
        Stored::proven(Held { object, version: HERE, sha256: [1; 32], proven_at: Timestamp(1_000) })
    }

    #[test]
    fn a_file_that_is_another_than_the_one_that_is_held_is_put() {
        let now = Timestamp(2_000);
        assert_eq!(Stored::default().next(Some(HERE), None, now), Next::Put);
        assert_eq!(held().next(Some(HERE), None, now), Next::Nothing);
        for other in [Version { bytes: 4, ..HERE }, Version { modified_ms: 8, ..HERE }] {
            assert_eq!(held().next(Some(other), None, now), Next::Put);
        }
        assert_eq!(held().next(None, Some(DAY), now), Next::Nothing, "it was let go");
    }

    #[test]
    fn a_file_goes_only_when_it_is_proven_and_its_time_is_over() {
        let (kept, over) = (Timestamp(1_000).plus(DAY - Duration::from_millis(1)), Timestamp(1_000).plus(DAY));
        assert_eq!(held().next(Some(HERE), Some(DAY), kept), Next::Nothing);
        assert_eq!(held().next(Some(HERE), Some(DAY), over), Next::LetGo);
        assert_eq!(held().next(Some(HERE), None, over), Next::Nothing, "for ever");
        assert_eq!(held().next(Some(Version { bytes: 4, ..HERE }), Some(DAY), over), Next::Put, "it is not this one");
        assert_eq!(Stored::default().next(Some(HERE), Some(DAY), over), Next::Put);
    }

    #[test]
    fn what_failed_is_tried_again_later_and_later_and_what_is_held_stays() {
        let mut stored = held();
        let (other, mut now) = (Version { bytes: 4, ..HERE }, Timestamp(5_000));
        for seconds in [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600] {
            stored = stored.failed("away".into(), now);
            let again = now.plus(Duration::from_secs(seconds));
            assert_eq!(stored.next(Some(other), None, Timestamp(again.millis() - 1)), Next::Nothing);
            assert_eq!(stored.next(Some(other), None, again), Next::Put);
            now = again;
        }
        assert_eq!(stored.held, held().held);
    }

    #[test]
    fn no_two_recordings_or_files_have_objects_of_the_same_beginning() {
        let id = |n| RecordingId::from_parts(1, [n; 10]);
        let object = Piece::Whole.object(id(1), Timestamp(5), 7);
        assert_eq!(object, format!("recordings/{}/whole-5-00000007.mp4", id(1)));
        assert!(object.starts_with(&Piece::Whole.beginning(id(1))));
        assert!(!object.starts_with(&Piece::Shown.beginning(id(1))));
        assert!(!object.starts_with(&Piece::Whole.beginning(id(2))));
    }
}
