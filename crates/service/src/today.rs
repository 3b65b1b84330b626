//! The board of the day, for staff: every service that is about now, and what needs somebody.

use std::time::Duration;

use crate::{Actor, Error, Everlight, events::AnyNews, lost_phone::is_waited_for, system, time};
use domain::{
    Timestamp,
    recording::RecordingStatus,
    stream::{Media, Stream, StreamState},
    today::{Standing, TodayRow},
};

/// Days begin at different moments around the world: no day of any zone is further away.
const A_DAY_ANYWHERE: Duration = Duration::from_secs(36 * 60 * 60);
/// A service without a time is not on the board for ever.
const UNPLANNED_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// A service stays on the board after its end: its copies are still being made.
const SEEN_AFTER: Duration = Duration::from_secs(12 * 60 * 60);
/// Ages are told in steps of so many seconds.
const STEP_S: u64 = 5;

impl Everlight {
    /// The services of today, each in the day of its own place: in the order of their times.
    pub async fn today(&self, actor: &Actor) -> Result<Vec<TodayRow>, Error> {
        actor.must_be_staff()?;
        let now = self.now();
        let (from, until) = (before(now, A_DAY_ANYWHERE), now.plus(A_DAY_ANYWHERE));
        let memorials = self.memorials().list(actor, false).await?;
        let mut rows = Vec::new();
        for stream in self.store.streams_around(from, until, before(now, UNPLANNED_FOR)).await? {
            let Some(entry) = memorials.iter().find(|entry| entry.memorial.id == stream.memorial_id) else { continue };
            if !is_of_today(&stream, now) {
                continue;
            }
            let standing = self.how_it_stands(&stream).await?;
            rows.push(TodayRow {
                stream: stream.id,
                memorial: stream.memorial_id,
                name: entry.memorial.details.name.as_str().to_owned(),
                title: stream.details.title.as_str().to_owned(),
                scheduled_local: stream
                    .details
                    .scheduled_start_time
                    .and_then(|at| time::local(at, &stream.details.time_zone)),
                alerts: standing.alerts(),
                light: standing.light(),
                standing,
            });
        }
        Ok(rows)
    }

    /// News for whoever looks at the board.
    pub fn follow_all(&self) -> AnyNews {
        AnyNews::new(self.events.subscribe())
    }

    async fn how_it_stands(&self, stream: &Stream) -> Result<Standing, Error> {
        let (now, facts) = (self.now(), &stream.facts);
        let copies = self.store.recordings_of(stream.id).await?;
        let with = |status| copies.iter().filter(|copy| copy.facts.status() == status).count();
        let pulse = self.pulse_of(stream.id).await?;
        let away = |at: Option<Timestamp>| match facts.media {
            _ if facts.ended_at.is_some() => None,
            Some((since, Media::Lost)) => Some(now.since(since)),
            Some((_, Media::Flowing)) => at.map(|at| now.since(at)),
            None => None,
        };
        Ok(Standing {
            status: facts.state(),
            method: stream.details.method,
            through_server: stream.route.capabilities().gateway,
            trouble: facts
                .failure()
                .filter(|_| facts.state() == StreamState::Failed)
                .map(system::in_words)
                .map(str::to_owned),
            begun: facts.first_live_at.is_some(),
            minutes_to_start: stream
                .details
                .scheduled_start_time
                .map(|at| (at.millis() - now.millis()).div_euclid(60_000)),
            planned_length: stream.details.planned_length,
            link_opened: facts.link_opened_at.is_some(),
            rehearsal: self.store.rehearsal(stream.id).await?.map(|rehearsal| rehearsal.verdict),
            picture_away_s: away(pulse.picture_at).map(in_steps),
            sound_away_s: away(pulse.heard_at).map(in_steps),
            minutes_saved: pulse.saved_ms / 60_000,
            watching: pulse.watching,
            complete_copies: with(RecordingStatus::Ready),
            pending_copies: copies.iter().filter(|copy| is_waited_for(copy, facts.ended_at, now)).count(),
        })
    }
}

fn is_of_today(stream: &Stream, now: Timestamp) -> bool {
    let (details, facts) = (&stream.details, &stream.facts);
    match (facts.ended_at, details.scheduled_start_time) {
        (Some(ended), _) if now.since(ended) < SEEN_AFTER => true,
        (None, _) if facts.first_live_at.is_some() => true,
        (_, Some(at)) => time::same_day(at, now, &details.time_zone),
        (ended, None) => ended.is_none(),
    }
}

fn before(now: Timestamp, span: Duration) -> Timestamp {
    Timestamp(now.millis() - i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
}

fn in_steps(age: Duration) -> u64 {
    age.as_secs() / STEP_S * STEP_S
}

#[cfg(test)]
mod tests {
    use domain::{
        RecordingId,
        recording::{Proof, RecordingEvent, RecordingSource, Verdict},
        stream::StreamEvent,
        today::{Alert, Light},
    };

    use super::*;
    use crate::{streams::StreamForm, testing::Installation};

    async fn planned(at: &Installation, title: &str, date: &str, clock: &str) -> domain::StreamId {
        let form = StreamForm {
            title: title.into(),
            date: date.into(),
            time: clock.into(),
            time_zone: "Europe/London".into(),
            method: "phone-browser".into(),
            ..StreamForm::default()
        };
        at.running.streams().create(&at.actor, at.memorial, form).await.unwrap().id
    }

    #[tokio::test]
    async fn the_board_has_the_services_of_the_day_in_their_order() {
        // The clock of tests stands at 1 January 1970, 00:16:40.
        let at = Installation::new().await;
        planned(&at, "Tomorrow", "1970-01-02", "10:00").await;
        planned(&at, "Burial", "1970-01-01", "15:00").await;
        planned(&at, "Funeral", "1970-01-01", "14:00").await;
        planned(&at, "No time yet", "", "").await;
        let titles = at.running.today(&at.actor).await.unwrap().into_iter().map(|row| row.title);
        assert_eq!(titles.collect::<Vec<_>>(), ["Funeral", "Burial", "No time yet"]);
    }

    #[tokio::test]
    async fn a_service_that_lost_its_picture_is_an_alarm_until_it_is_over() {
        let at = Installation::new().await;
        let stream = planned(&at, "Funeral", "1970-01-01", "01:20").await;
        for event in [
            StreamEvent::MediaFlowing { at: at.running.now() },
            StreamEvent::MediaLost { at: at.running.now().plus(Duration::from_secs(1)) },
        ] {
            at.running.happened(stream, &event).await.unwrap();
        }
        at.pass(Duration::from_secs(33));
        let row = at.running.today(&at.actor).await.unwrap().remove(0);
        assert_eq!((row.alerts, row.light), (vec![Alert::NoPicture { seconds: 30 }], Light::Alarm));

        at.running.happened(stream, &StreamEvent::Ended { at: at.running.now() }).await.unwrap();
        let row = at.running.today(&at.actor).await.unwrap().remove(0);
        assert_eq!(row.alerts, [Alert::NoCopy]);
    }

    #[tokio::test]
    async fn a_phone_that_never_brings_the_rest_of_its_copy_is_not_waited_for_for_ever() {
        let at = Installation::new().await;
        let stream = planned(&at, "Funeral", "1970-01-01", "01:20").await;
        let now = at.running.now();
        let mut copies = Vec::new();
        for source in [RecordingSource::Server, RecordingSource::Phone] {
            let (millis, random) = at.running.id_parts();
            let id = RecordingId::from_parts(millis, random);
            copies.push(at.store.ensure_recording(id, stream, source, now).await.unwrap());
        }
        let proof = Proof { duration_ms: 1_000, bytes: 3, has_video: true, has_audio: true, decoded: true, hole_ms: 0 };
        let ready = RecordingEvent::Checked { at: now, verdict: Verdict::Ready { proof } };
        at.running.recording_happened(&copies[0], &ready).await.unwrap();
        at.running.recording_happened(&copies[1], &RecordingEvent::Capturing { at: now }).await.unwrap();
        for event in
            [StreamEvent::MediaFlowing { at: now }, StreamEvent::Ended { at: now.plus(Duration::from_secs(1)) }]
        {
            at.running.happened(stream, &event).await.unwrap();
        }
        let alerts = async || at.running.today(&at.actor).await.unwrap().remove(0).alerts;
        assert_eq!(alerts().await, []);
        at.pass(Duration::from_secs(30 * 60 + 2));
        assert_eq!(alerts().await, [Alert::OneCopy]);
    }
}
