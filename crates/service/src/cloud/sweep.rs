//! Objects with our mark that belong to no stream: made by a call whose answer was lost, after everybody had given up on
//! it. They are found by looking at everything there is, slowly.

use std::{sync::Arc, time::Duration};

use domain::Timestamp;

use super::{Failure, Host};
use crate::{Error, Everlight};

const EVERY: Duration = Duration::from_secs(60 * 60);

impl Everlight {
    /// Runs for as long as the program.
    pub async fn sweep_forever(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(EVERY);
        loop {
            ticks.tick().await;
            match self.lease("orphans at providers", EVERY / 2).await {
                Ok(true) => {}
                Ok(false) => continue,
                Err(error) => {
                    tracing::error!(%error, "whose turn it is to look for orphans cannot be read");
                    continue;
                }
            }
            for host in &self.cloud.accounts.hosts {
                match self.sweep(host.as_ref()).await {
                    Ok(Ok(())) => {}
                    Ok(Err(failure)) => tracing::warn!(%failure, "orphans could not be looked for; it is tried again"),
                    Err(error) => tracing::error!(%error, "orphans could not be looked for"),
                }
            }
        }
    }

    /// Removes every object of ours that no stream has.
    pub(crate) async fn sweep(&self, host: &dyn Host) -> Result<Result<(), Failure>, Error> {
        let there = match host.all(&self.cloud.installation).await {
            Ok(there) => there,
            Err(failure) => return Ok(Err(failure)),
        };
        // Read after the list: what was made in between is known here.
        let known = self.store.all_provisions().await?;
        for (mark, object) in there {
            let of_stream = known.iter().find(|at| at.stream_id == mark.stream && at.provider == host.provider());
            let orphan = match of_stream {
                None => true,
                Some(at) => at.facts.object().is_some_and(|kept| kept != object) && settled(at.facts.asked, self.now()),
            };
            if !orphan {
                continue;
            }
            tracing::warn!(stream.id = %mark.stream, provider = host.provider().name(), %object, "an orphan is removed");
            // The object only, never a recording: after a restore from a backup we may know less than the provider.
            if let Err(failure) = host.remove_object(&object).await {
                return Ok(Err(failure));
            }
        }
        Ok(Ok(()))
    }
}

fn settled(asked: Option<Timestamp>, now: Timestamp) -> bool {
    asked.is_none_or(|asked| now >= asked.plus(domain::provision::SETTLING))
}
