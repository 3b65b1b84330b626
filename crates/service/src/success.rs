//! The success metrics of the plan, for administrators: gathered here, made into numbers in `domain::success`.

use std::{collections::HashMap, time::Duration};

use domain::{
    StreamId, StreamingMethod, Timestamp,
    recording::RecordingFacts,
    success::{Copies, KEPT, Material, Measured, Period, Report},
};

use crate::{Actor, Error, Everlight};

/// Longer than this after a service no copy is waited for.
const SETTLED_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Debug)]
pub struct Success<'a>(pub(crate) &'a Everlight);

impl Success<'_> {
    pub async fn report(&self, actor: &Actor, period: Period) -> Result<Report, Error> {
        actor.must_be_administrator()?;
        let now = self.0.now();
        Ok(self.0.material(period.begin(now), now).await?.report(period, now))
    }
}

impl Everlight {
    async fn material(&self, since: Timestamp, now: Timestamp) -> Result<Material, Error> {
        let mut copies: HashMap<StreamId, Vec<RecordingFacts>> = HashMap::new();
        // A recording is there some moments before its first picture.
        let begun = Timestamp(since.millis().saturating_sub(24 * 60 * 60 * 1000));
        for recording in self.store.recordings_since(begun).await? {
            copies.entry(recording.stream_id).or_default().push(recording.facts);
        }
        let mut material = Material { measured: self.store.measured_since(since).await?, ..Material::default() };
        for stream in self.store.all_streams().await? {
            if stream.created_at >= since {
                material.created += 1;
                material.by_phone += u64::from(stream.details.method == StreamingMethod::PhoneBrowser);
                material.with_backup += u64::from(stream.backup);
            }
            if let (Some(live), Some(ended)) = (stream.facts.first_live_at, stream.facts.ended_at)
                && live >= since
            {
                let copies = Copies::of(copies.get(&stream.id).into_iter().flatten());
                let settled = now.since(ended) > SETTLED_AFTER;
                material.recorded.push(if settled { copies.settled() } else { copies });
            }
            if let Some((at, feedback)) = &stream.facts.feedback
                && *at >= since
            {
                material.rated.push(feedback.stars);
            }
        }
        Ok(material)
    }

    /// Keeps something that was measured. Whatever was measured has happened all the same when that fails.
    pub(crate) async fn measured(&self, measured: Measured) {
        match self.store.insert_measured(self.now(), measured).await {
            Ok(true) => {}
            Ok(false) => tracing::warn!(?measured, "more was measured today than is kept"),
            Err(error) => tracing::error!(?measured, %error, "what was measured could not be kept"),
        }
    }

    pub(crate) async fn forget_measured(&self) -> Result<(), Error> {
        let kept_from =
            Timestamp(self.now().millis().saturating_sub(i64::try_from(KEPT.as_millis()).unwrap_or(i64::MAX)));
        self.store.delete_measured_before(kept_from).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        RecordingId,
        feedback::Feedback,
        recording::{Proof, RecordingEvent, RecordingSource, Verdict},
        stream::StreamEvent,
    };

    use super::*;
    use crate::testing::Installation;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    async fn recorded(at: &Installation, stream: StreamId, source: RecordingSource, verdict: Option<Verdict>) {
        let now = at.running.now();
        let id = RecordingId::from_parts(u64::try_from(now.millis()).unwrap(), rand::random());
        let copy = at.store.ensure_recording(id, stream, source, now).await.unwrap();
        if let Some(verdict) = verdict {
            let checked = RecordingEvent::Checked { at: now, verdict };
            at.store.record_recording_event(copy.id, &checked).await.unwrap();
        }
    }

    #[tokio::test]
    async fn the_numbers_are_of_what_happened_in_the_period() {
        let at = Installation::new().await;
        let report = async |period| at.running.success().report(&at.actor, period).await.unwrap();
        let stream = at.create().await;
        let empty = report(Period::Month).await;
        assert_eq!(empty.creation.slow.unwrap().n, 1, "the service that was just made");
        assert_eq!((empty.any_copy, empty.satisfaction), (None, None));
        assert_eq!(empty.by_phone.unwrap().value, 1.0);
        assert_eq!(empty.with_backup.unwrap().value, 1.0);

        let now = || at.running.now();
        at.running.happened(stream, &StreamEvent::MediaFlowing { at: now() }).await.unwrap();
        at.pass(Duration::from_secs(60));
        at.running.happened(stream, &StreamEvent::Ended { at: now() }).await.unwrap();
        let feedback = Feedback { stars: 4.try_into().unwrap(), remarks: Default::default() };
        at.running.happened(stream, &StreamEvent::Rated { at: now(), feedback }).await.unwrap();
        let proof = Proof { duration_ms: 1, bytes: 1, has_video: true, has_audio: true, decoded: true, hole_ms: 0 };
        recorded(&at, stream, RecordingSource::Server, Some(Verdict::Ready { proof })).await;
        recorded(&at, stream, RecordingSource::Phone, None).await;
        let waiting = report(Period::Month).await;
        assert_eq!(waiting.complete_copy, None, "a copy is still to come");
        assert_eq!(waiting.satisfaction.unwrap().value, 4.0);

        at.pass(2 * DAY);
        let settled = report(Period::Month).await;
        assert_eq!(settled.complete_copy.map(|found| (found.n, found.value)), Some((1, 1.0)));
        assert_eq!(settled.two_copies.map(|found| (found.n, found.value)), Some((1, 0.0)));

        at.pass(60 * DAY);
        let later = report(Period::Month).await;
        assert_eq!((later.creation.slow, later.complete_copy, later.satisfaction), (None, None, None));
        let year = report(Period::Year).await;
        assert_eq!((year.creation.slow.unwrap().n, year.complete_copy.unwrap().n), (1, 1));
    }

    #[tokio::test]
    async fn what_was_measured_is_forgotten_after_a_year() {
        let at = Installation::new().await;
        at.create().await;
        let kept = async || {
            at.running.forget_measured().await.unwrap();
            at.store.measured_since(Timestamp(0)).await.unwrap().len()
        };
        at.pass(365 * DAY);
        assert_eq!(kept().await, 1);
        at.pass(3 * DAY);
        assert_eq!(kept().await, 0);
    }
}
