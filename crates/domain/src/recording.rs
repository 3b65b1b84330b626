//! One copy of a stream's recording, and its life: expected → capturing → processing → ready, short, missing or
//! deleted.
//!
//! Like the stream ([`crate::stream`]) a recording keeps *facts* and derives its status from them. Facts only ever merge,
//! so events may come twice, late or in any order and the end is the same.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    merge::{earliest, latest},
};

/// Where a copy lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordingSource {
    /// The master: written by Everlight as the picture arrives.
    Server,
    /// The safety copy that the phone keeps.
    Phone,
    Cloudflare,
    Mux,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordingStatus {
    /// Nothing has arrived yet.
    Expected,
    /// Being written.
    Capturing,
    /// Complete on disk; being made into one file and checked.
    Processing,
    /// Checked: plays, lasts as long as the service was on air, and has no hole.
    Ready,
    /// Plays, but is not all of it: less than 99 % of the time on air, with a hole, or without the picture or the sound that
    /// another copy has.
    Short,
    /// There is none, or it does not play.
    Missing,
    Deleted,
}

/// What the check of a finished copy found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Proof {
    pub duration_ms: u64,
    pub bytes: u64,
    pub has_video: bool,
    pub has_audio: bool,
    /// Decoded from beginning to end, not only parsed. `false` where no decoder is installed.
    pub decoded: bool,
    /// The longest time without a new picture (milliseconds).
    #[serde(default)]
    pub hole_ms: u64,
}

impl Proof {
    /// How much of the service it holds: the length of its picture and of its sound, less a hole, added (milliseconds).
    /// By this, of two copies the better one is told.
    pub const fn holds_ms(&self) -> u64 {
        let hole = if self.has_hole() { self.hole_ms } else { 0 };
        self.duration_ms.saturating_sub(hole) * (self.has_video as u64 + self.has_audio as u64)
    }

    /// Whether something is missing in the middle, however small a share of the service it is.
    pub const fn has_hole(&self) -> bool {
        self.hole_ms > LONGEST_STEP_MS
    }
}

/// What a copy is judged against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole {
    pub on_air_ms: u64,
    pub has_video: bool,
    pub has_audio: bool,
}

impl Whole {
    /// The service was as long as it was on air, and had whatever any of its copies has.
    pub fn of(on_air_ms: u64, copies: impl IntoIterator<Item = Proof>) -> Self {
        let nothing = Self { on_air_ms, has_video: false, has_audio: false };
        copies.into_iter().fold(nothing, |whole, proof| Self {
            has_video: whole.has_video || proof.has_video,
            has_audio: whole.has_audio || proof.has_audio,
            ..whole
        })
    }
}

/// The result of the last check. Ordered: of two checks at the same moment, the better result counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "verdict")]
pub enum Verdict {
    /// In words for people.
    Missing {
        reason: String,
    },
    Short {
        proof: Proof,
    },
    Ready {
        proof: Proof,
    },
}

/// All that is known of one copy.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RecordingFacts {
    pub capturing_since: Option<Timestamp>,
    pub processing_since: Option<Timestamp>,
    /// The latest check and when it was made.
    pub checked: Option<(Timestamp, Verdict)>,
    pub deleted_at: Option<Timestamp>,
    /// Where it lies, for a copy that a provider holds, and when that was learnt.
    pub hosted: Option<(Timestamp, Hosted)>,
    /// What is to be shown of it and is not yet, and since when.
    pub pending_cut: Option<(Timestamp, Option<PendingCut>)>,
}

/// A copy that a provider holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hosted {
    /// The provider's id of it: a video at Cloudflare, an asset at Mux.
    pub id: String,
    /// One file that every browser plays.
    pub mp4: Option<String>,
    pub hls: Option<String>,
    /// Whether these addresses play with a token only. What was made before there were tokens plays without.
    #[serde(default)]
    pub signed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordingEvent {
    Capturing {
        at: Timestamp,
    },
    Processing {
        at: Timestamp,
    },
    Checked {
        at: Timestamp,
        verdict: Verdict,
    },
    Deleted {
        at: Timestamp,
    },
    Hosted {
        at: Timestamp,
        hosted: Hosted,
    },
    /// `None`: what was asked for is shown.
    Trimmed {
        at: Timestamp,
        pending: Option<PendingCut>,
    },
}

impl RecordingFacts {
    /// Takes an event in. Commutative, associative, idempotent.
    #[must_use]
    pub fn apply(mut self, event: RecordingEvent) -> Self {
        match event {
            RecordingEvent::Capturing { at } => earliest(&mut self.capturing_since, at),
            RecordingEvent::Processing { at } => earliest(&mut self.processing_since, at),
            RecordingEvent::Checked { at, verdict } => latest(&mut self.checked, (at, verdict)),
            RecordingEvent::Deleted { at } => earliest(&mut self.deleted_at, at),
            RecordingEvent::Hosted { at, hosted } => latest(&mut self.hosted, (at, hosted)),
            RecordingEvent::Trimmed { at, pending } => latest(&mut self.pending_cut, (at, pending)),
        }
        self
    }

    pub fn status(&self) -> RecordingStatus {
        match self {
            Self { deleted_at: Some(_), .. } => RecordingStatus::Deleted,
            Self { checked: Some((_, Verdict::Ready { .. })), .. } => RecordingStatus::Ready,
            Self { checked: Some((_, Verdict::Short { .. })), .. } => RecordingStatus::Short,
            Self { checked: Some((_, Verdict::Missing { .. })), .. } => RecordingStatus::Missing,
            Self { processing_since: Some(_), .. } => RecordingStatus::Processing,
            Self { capturing_since: Some(_), .. } => RecordingStatus::Capturing,
            _ => RecordingStatus::Expected,
        }
    }

    pub fn proof(&self) -> Option<Proof> {
        match &self.checked {
            Some((_, Verdict::Ready { proof } | Verdict::Short { proof })) => Some(*proof),
            _ => None,
        }
    }

    pub fn pending_cut(&self) -> Option<&PendingCut> {
        self.pending_cut.as_ref().and_then(|(_, pending)| pending.as_ref())
    }
}

/// What those who watch are shown of a recording: its beginning and its end are taken off. The original stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cut {
    pub begin_ms: u64,
    pub end_ms: u64,
}

/// A part that somebody asked for and that is not shown: the file of it takes minutes where the service took hours.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "state")]
pub enum PendingCut {
    Making {
        cut: Cut,
    },
    /// In words for people.
    Failed {
        reason: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCut {
    #[error(
        "Please write the time as the player shows it: minutes and seconds, for example 2:30, or 1:02:30 with hours."
    )]
    Time,
    #[error("Nothing would be left: the end must come after the beginning.")]
    Nothing,
}

impl Cut {
    /// Of two moments as people type them; an empty one means the recording's own beginning or end. `None` when nothing
    /// is taken off a recording of this length.
    pub fn parse(begin: &str, end: &str, length_ms: u64) -> Result<Option<Self>, InvalidCut> {
        let moment = |text: &str, empty| match text.trim() {
            "" => Ok(empty),
            text => clock_ms(text).ok_or(InvalidCut::Time),
        };
        let cut = Self { begin_ms: moment(begin, 0)?, end_ms: moment(end, length_ms)?.min(length_ms) };
        match cut {
            Self { begin_ms, end_ms } if begin_ms >= end_ms => Err(InvalidCut::Nothing),
            Self { begin_ms: 0, end_ms } if end_ms == length_ms => Ok(None),
            cut => Ok(Some(cut)),
        }
    }
}

/// `45`, `2:30`, `1:02:30`: seconds, minutes and seconds, hours too.
fn clock_ms(text: &str) -> Option<u64> {
    let parts: Vec<&str> = text.split(':').collect();
    if parts.len() > 3 {
        return None;
    }
    let mut seconds = 0_u64;
    for (place, part) in parts.iter().enumerate() {
        let digits = (1..=5).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        let number = part.parse::<u64>().ok().filter(|number| digits && (place == 0 || *number < 60))?;
        seconds = seconds * 60 + number;
    }
    Some(seconds * 1000)
}

/// "Safe" needs a copy that lasts at least this share of the time on air.
pub const COMPLETE_SHARE: f64 = 0.99;

/// A new picture comes within this time (milliseconds) in a recording that is whole: the flip of a camera takes as long.
pub const LONGEST_STEP_MS: u64 = 2_000;

/// The time on air begins and ends with messages, a copy with a picture: so much (milliseconds) may lie between them,
/// however short the service was.
pub const EDGES_MS: u64 = 1_000;

/// Judges a copy that plays.
pub fn judge(proof: Proof, whole: Whole) -> Verdict {
    let Whole { on_air_ms, has_video, has_audio } = whole;
    #[expect(clippy::cast_precision_loss, reason = "durations of services are far below 2^52 ms")]
    let share = proof.duration_ms as f64 >= on_air_ms as f64 * COMPLETE_SHARE;
    let long_enough = share || proof.duration_ms + EDGES_MS >= on_air_ms;
    let nothing_lacks = (proof.has_video || !has_video) && (proof.has_audio || !has_audio);
    let complete = proof.holds_ms() > 0 && long_enough && nothing_lacks && !proof.has_hole();
    if complete { Verdict::Ready { proof } } else { Verdict::Short { proof } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn proof(duration_ms: u64) -> Proof {
        Proof { duration_ms, bytes: 1, has_video: true, has_audio: true, decoded: true, hole_ms: 40 }
    }

    fn whole(on_air_ms: u64) -> Whole {
        Whole::of(on_air_ms, [proof(0)])
    }

    fn any_event() -> impl Strategy<Value = RecordingEvent> {
        let at = || (0i64..50).prop_map(Timestamp);
        let verdict = prop_oneof![
            (0u64..9).prop_map(|duration| Verdict::Ready { proof: proof(duration) }),
            (0u64..9).prop_map(|duration| Verdict::Short { proof: proof(duration) }),
            "[ab]".prop_map(|reason| Verdict::Missing { reason }),
        ];
        let pending = prop_oneof![
            Just(None),
            (0u64..9).prop_map(|begin_ms| Some(PendingCut::Making { cut: Cut { begin_ms, end_ms: 9 } })),
            "[ab]".prop_map(|reason| Some(PendingCut::Failed { reason })),
        ];
        prop_oneof![
            at().prop_map(|at| RecordingEvent::Capturing { at }),
            at().prop_map(|at| RecordingEvent::Processing { at }),
            (at(), verdict).prop_map(|(at, verdict)| RecordingEvent::Checked { at, verdict }),
            at().prop_map(|at| RecordingEvent::Deleted { at }),
            (at(), "[vw]").prop_map(|(at, id)| RecordingEvent::Hosted {
                at,
                hosted: Hosted { id, mp4: None, hls: None, signed: false }
            }),
            (at(), pending).prop_map(|(at, pending)| RecordingEvent::Trimmed { at, pending }),
        ]
    }

    fn run(events: &[RecordingEvent]) -> RecordingFacts {
        events.iter().cloned().fold(RecordingFacts::default(), RecordingFacts::apply)
    }

    proptest! {
        #[test]
        fn any_text_is_a_cut_or_none(begin in "\\PC{0,12}", end in "[0-9:]{0,9}", length in 0u64..1 << 40) {
            if let Ok(Some(cut)) = Cut::parse(&begin, &end, length) {
                prop_assert!(cut.begin_ms < cut.end_ms && cut.end_ms <= length);
            }
        }

        #[test]
        fn any_order_and_any_repetition_end_the_same(
            events in proptest::collection::vec(any_event(), 0..12).prop_flat_map(|events| {
                let again = events.iter().chain(&events).cloned().collect::<Vec<_>>();
                (Just(events), Just(again).prop_shuffle())
            })
        ) {
            prop_assert_eq!(run(&events.0), run(&events.1));
        }
    }

    #[test]
    fn a_cut_is_what_people_type() {
        let cut = |begin, end| Cut::parse(begin, end, 3_600_000);
        let some = |begin_ms, end_ms| Ok(Some(Cut { begin_ms, end_ms }));
        assert_eq!(cut("2:30", "58:00"), some(150_000, 3_480_000));
        assert_eq!(cut("", "0:58:00"), some(0, 3_480_000));
        assert_eq!(cut(" 45 ", ""), some(45_000, 3_600_000));
        assert_eq!(cut("1", "2:00:00"), some(1_000, 3_600_000), "no later than its end");
        assert_eq!((cut("", ""), cut("0:00", "1:00:00")), (Ok(None), Ok(None)));
        for (begin, end) in [("2:30", "2:30"), ("5:00", "1:00"), ("2:00:00", "")] {
            assert_eq!(cut(begin, end), Err(InvalidCut::Nothing), "{begin} {end}");
        }
        for text in ["soon", "2:60", ":", "1:2:3:4", "-1", "+1", "1.5", "999999"] {
            assert_eq!(cut(text, ""), Err(InvalidCut::Time), "{text}");
        }
    }

    #[test]
    fn a_deleted_copy_stays_deleted() {
        let facts = run(&[
            RecordingEvent::Deleted { at: Timestamp(1) },
            RecordingEvent::Checked { at: Timestamp(9), verdict: Verdict::Ready { proof: proof(5) } },
        ]);
        assert_eq!(facts.status(), RecordingStatus::Deleted);
    }

    #[test]
    fn a_copy_is_complete_within_a_hundredth_or_a_second() {
        let complete = |duration, on_air| matches!(judge(proof(duration), whole(on_air)), Verdict::Ready { .. });
        assert!(complete(3_600_000, 3_600_000) && complete(3_564_000, 3_600_000) && !complete(3_563_000, 3_600_000));
        assert!(complete(4_000, 5_000) && !complete(3_900, 5_000));
        assert!(!complete(0, 500), "nothing is no copy");
    }

    #[test]
    fn a_copy_with_a_hole_is_not_complete_though_it_is_long_enough() {
        let complete = |hole_ms| {
            let copy = Proof { hole_ms, ..proof(3_600_000) };
            matches!(judge(copy, whole(3_600_000)), Verdict::Ready { .. })
        };
        assert!(complete(0) && complete(2_000), "the flip of a camera");
        assert!(!complete(20_000));
    }

    #[test]
    fn a_copy_without_what_another_has_is_not_complete() {
        let complete = |copy, others: &[Proof]| {
            let whole = Whole::of(60_000, others.iter().copied().chain([copy]));
            matches!(judge(copy, whole), Verdict::Ready { .. })
        };
        let both = proof(60_000);
        let silent = Proof { has_audio: false, ..both };
        let unseen = Proof { has_video: false, ..both };
        assert!(complete(both, &[silent, unseen]));
        assert!(complete(silent, &[silent]), "nobody heard anything");
        assert!(!complete(silent, &[both]) && !complete(unseen, &[both]) && !complete(unseen, &[silent]));
        assert!(!complete(Proof { has_video: false, ..silent }, &[]), "neither picture nor sound");
    }

    #[test]
    fn a_copy_with_a_hole_is_worth_less_than_one_without() {
        let holed = Proof { hole_ms: 20_000, ..proof(60_000) };
        assert!(holed.holds_ms() < proof(60_000).holds_ms() && proof(39_000).holds_ms() < holed.holds_ms());
    }

    #[test]
    fn a_short_copy_with_everything_is_worth_less_than_a_long_one_without_sound() {
        let silent = Proof { has_audio: false, ..proof(60_000) };
        assert!(proof(20_000).holds_ms() < silent.holds_ms() && silent.holds_ms() < proof(59_000).holds_ms());
    }

    #[test]
    fn a_repaired_copy_becomes_ready() {
        let facts = run(&[
            RecordingEvent::Checked { at: Timestamp(1), verdict: judge(proof(90_000), whole(100_000)) },
            RecordingEvent::Checked { at: Timestamp(2), verdict: judge(proof(99_500), whole(100_000)) },
        ]);
        assert_eq!(facts.status(), RecordingStatus::Ready);
    }
}
