//! From what was measured to the page.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Measured, Period};
use crate::{
    Timestamp,
    feedback::Stars,
    recording::{RecordingFacts, Verdict as Judged},
    software::Software,
    statistics::{Estimate, quantile, share, stars},
};

/// What became of one service's recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Copies {
    /// That play.
    pub playable: u64,
    /// That hold all of the service.
    pub complete: u64,
    /// That are still being made ready: until they are, the service is not counted.
    pub unjudged: u64,
}

impl Copies {
    /// Also of copies that were deleted since: they had been made.
    pub fn of<'a>(copies: impl IntoIterator<Item = &'a RecordingFacts>) -> Self {
        copies.into_iter().fold(Self::default(), |sum, copy| match &copy.checked {
            Some((_, Judged::Ready { .. })) => Self { playable: sum.playable + 1, complete: sum.complete + 1, ..sum },
            Some((_, Judged::Short { .. })) => Self { playable: sum.playable + 1, ..sum },
            Some((_, Judged::Missing { .. })) => sum,
            None => Self { unjudged: sum.unjudged + 1, ..sum },
        })
    }

    /// When there was time enough: a copy that nobody has made ready is none.
    #[must_use]
    pub const fn settled(self) -> Self {
        Self { unjudged: 0, ..self }
    }
}

/// Everything that the numbers are made of.
#[derive(Debug, Clone, Default)]
pub struct Material {
    pub measured: Vec<Measured>,
    /// Of the services that were on air and are over.
    pub recorded: Vec<Copies>,
    pub rated: Vec<Stars>,
    /// Of the services that were created: filmed with a phone, and with a second copy.
    pub created: u64,
    pub by_phone: u64,
    pub with_backup: u64,
}

/// How long something takes, in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Times {
    pub median: Option<Estimate>,
    /// The target is for this one: nineteen of twenty are faster.
    pub slow: Option<Estimate>,
    /// How many took up to half a second, up to a whole one, and so on; the last ones took longer.
    pub spread: [u64; Self::STEPS],
}

impl Times {
    pub const STEP_MS: u32 = 500;
    pub const STEPS: usize = 11;

    fn of(mut times: Vec<u32>) -> Self {
        let mut spread = [0; Self::STEPS];
        for time in &times {
            let step = (time / Self::STEP_MS) as usize;
            spread[step.min(Self::STEPS - 1)] += 1;
        }
        Self { median: quantile(&mut times, 0.5), slow: quantile(&mut times, 0.95), spread }
    }
}

/// One browser's version on one system's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// `None`: none of those that are known.
    pub software: Option<Software>,
    pub connection: Times,
    /// How often somebody went live with it, and got a minute of picture and sound across.
    pub tries: u64,
    pub minutes: u64,
}

/// The page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub period: Period,
    pub since: Timestamp,
    pub creation: Times,
    pub connection: Times,
    pub software: Vec<Row>,
    /// Shares of the services that have a copy that plays, one that is complete, and two that are.
    pub any_copy: Option<Estimate>,
    pub complete_copy: Option<Estimate>,
    pub two_copies: Option<Estimate>,
    /// Share of the versions of phones with which it worked at least once.
    pub compatibility: Option<Estimate>,
    pub satisfaction: Option<Estimate>,
    /// How often one star was given, two, and so on.
    pub stars: [u64; 5],
    pub by_phone: Option<Estimate>,
    pub with_backup: Option<Estimate>,
}

impl Material {
    pub fn report(self, period: Period, now: Timestamp) -> Report {
        let (mut creations, mut connections) = (Vec::new(), Vec::new());
        let mut rows: BTreeMap<Option<Software>, (Vec<u32>, u64, u64)> = BTreeMap::new();
        for measured in self.measured {
            match measured {
                Measured::Creation(time) => creations.push(time.get()),
                Measured::Connection(time, software) => {
                    connections.push(time.get());
                    rows.entry(software).or_default().0.push(time.get());
                }
                Measured::Minute(works, software) => {
                    let (_, tries, minutes) = rows.entry(Some(software)).or_default();
                    *tries += 1;
                    *minutes += u64::from(works);
                }
            }
        }
        let software = rows.into_iter().map(|(software, (times, tries, minutes))| Row {
            software,
            connection: Times::of(times),
            tries,
            minutes,
        });
        let software: Vec<Row> = software.collect();
        let mobile = |row: &&Row| row.tries > 0 && row.software.is_some_and(Software::is_mobile);
        let versions = software.iter().filter(mobile);
        let judged: Vec<_> = self.recorded.iter().filter(|copies| copies.unjudged == 0).collect();
        let of_judged = |with: fn(&Copies) -> bool| {
            share(judged.iter().filter(|copies| with(copies)).count() as u64, judged.len() as u64)
        };
        let mut counts = [0; 5];
        for stars in self.rated {
            counts[usize::from(stars.number()) - 1] += 1;
        }
        Report {
            period,
            since: period.begin(now),
            creation: Times::of(creations),
            connection: Times::of(connections),
            any_copy: of_judged(|copies| copies.playable > 0),
            complete_copy: of_judged(|copies| copies.complete > 0),
            two_copies: of_judged(|copies| copies.complete > 1),
            compatibility: share(
                versions.clone().filter(|row| row.minutes > 0).count() as u64,
                versions.count() as u64,
            ),
            satisfaction: stars(counts),
            stars: counts,
            by_phone: share(self.by_phone, self.created),
            with_backup: share(self.with_backup, self.created),
            software,
        }
    }
}
