//! One backup after the other: when it is time, and after each service, as soon as its recording is finished.

use std::{collections::HashSet, time::Duration};

use super::{BackupKey, Made, Place, make};
use crate::config::Config;

/// How often it is looked whether a recording was finished. One is backed up once two looks found the same: what is finished
/// a moment later, such as the phone's copy, comes along.
const LOOK: Duration = Duration::from_secs(20);

/// Makes them for as long as the program runs. One that fails is said, tried again when it is time, and does not end it.
pub async fn make_every(
    every: Duration,
    config: &Config,
    to: &Place,
    key: &BackupKey,
    keep: Option<usize>,
) -> anyhow::Result<()> {
    turns(every, LOOK, &config.database_url, async || make(config, to, key, keep).await).await
}

pub(super) async fn turns(
    every: Duration,
    look: Duration,
    database_url: &str,
    make: impl AsyncFn() -> anyhow::Result<Made>,
) -> anyhow::Result<()> {
    let mut hours = tokio::time::interval(every);
    hours.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut looks = tokio::time::interval(look);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut finished = Finished::default();
    loop {
        let due = tokio::select! {
            _ = hours.tick() => true,
            _ = looks.tick() => finished.look(database_url).await,
        };
        if !due {
            continue;
        }
        // Before the backup: what is finished while it is made is not taken to be in it.
        finished.now(database_url).await;
        match make().await {
            Ok(made) => eprintln!("{made}"),
            Err(error) => eprintln!("everlight: the backup failed: {error:#}"),
        }
    }
}

/// The finished recordings, as they were at the last backup and at the last look.
#[derive(Default)]
struct Finished {
    backed_up: HashSet<String>,
    seen: HashSet<String>,
}

impl Finished {
    /// Whether there are some that are in no backup, the same as at the look before.
    async fn look(&mut self, database_url: &str) -> bool {
        let Some(now) = read(database_url).await else { return false };
        let settled = now == self.seen;
        self.seen = now;
        settled && !self.seen.is_subset(&self.backed_up)
    }

    async fn now(&mut self, database_url: &str) {
        if let Some(now) = read(database_url).await {
            self.seen.clone_from(&now);
            self.backed_up = now;
        }
    }
}

/// `None`: it cannot be told just now, which the backup itself will say.
async fn read(database_url: &str) -> Option<HashSet<String>> {
    store::upkeep::finished_recordings(database_url).await.ok()
}
