//! What only the instance knows that has a stream: who watches, when the last picture came. It writes it down every other
//! second, for the pages that others show.

use std::time::Instant;

use domain::{StreamId, Timestamp, hosting::Pulse};

use super::{Home, Instances};
use crate::{Error, Everlight};

impl Everlight {
    /// How the stream is doing: now, where it is here, and a moment ago where it is elsewhere.
    pub(crate) async fn pulse_of(&self, stream: StreamId) -> Result<Pulse, Error> {
        match self.home(stream).await? {
            Home::There(_) => Ok(self.store.pulse(stream).await?.unwrap_or_default()),
            Home::Here | Home::Nowhere => Ok(self.pulse_here(stream)),
        }
    }

    pub(super) async fn tell_pulses(&self, instances: &Instances) -> Result<(), Error> {
        for stream in self.running() {
            self.store.set_pulse(stream, instances.me, &self.pulse_here(stream)).await?;
        }
        Ok(())
    }

    fn pulse_here(&self, stream: StreamId) -> Pulse {
        let stats = self.gateway.stats(stream).unwrap_or_default();
        let (now, instant) = (self.now(), Instant::now());
        let moment = |at: Instant| {
            let ago = instant.saturating_duration_since(at).as_millis();
            Timestamp(now.millis().saturating_sub(i64::try_from(ago).unwrap_or(i64::MAX)))
        };
        Pulse {
            at: now,
            watching: stats.viewers,
            saved_ms: self.archive.saved_ms(stream),
            picture_at: stats.last_video_at.map(moment),
            heard_at: stats.last_heard_at.map(moment),
        }
    }
}
