//! The board of the day: how each service stands, and what needs somebody now.

use serde::{Deserialize, Serialize};

use crate::{
    MemorialId, StreamId, StreamingMethod,
    document::LocalTime,
    rehearsal::RehearsalVerdict,
    stream::{PlannedLength, StreamState},
};

/// Nobody is alarmed by a picture that is away for a moment.
const PICTURE_MISSED_AFTER_S: u64 = 15;
const SOUND_MISSED_AFTER_S: u64 = 60;
/// From here on somebody should have opened the link, and rehearsed.
const PREPARED_BEFORE_MIN: i64 = 60;
/// A service may begin late without anybody being told.
const LATE_AFTER_MIN: i64 = 5;
/// So long after its planned end a service that is still on air may have been forgotten.
const FORGOTTEN_AFTER_MIN: i64 = 30;

/// One service on the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TodayRow {
    pub stream: StreamId,
    pub memorial: MemorialId,
    /// Of the person who is remembered.
    pub name: String,
    pub title: String,
    pub scheduled_local: Option<LocalTime>,
    pub standing: Standing,
    /// The gravest first.
    pub alerts: Vec<Alert>,
    pub light: Light,
}

/// What is known of a service at this moment. Ages are coarse, so that a board is sent again only when it reads
/// differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    pub status: StreamState,
    pub method: StreamingMethod,
    /// Whether this server sees the picture. Where it goes past it, nothing is known of what arrives.
    pub through_server: bool,
    /// What keeps it from being recorded or shown, in words for people.
    pub trouble: Option<String>,
    /// Whether it ever was on air.
    pub begun: bool,
    /// Until its time; below zero after it. `None`: no time is set.
    pub minutes_to_start: Option<i64>,
    pub planned_length: PlannedLength,
    pub link_opened: bool,
    pub rehearsal: Option<RehearsalVerdict>,
    /// Since the newest picture and the newest sound that can be heard; `None` while nobody sends.
    pub picture_away_s: Option<u64>,
    pub sound_away_s: Option<u64>,
    pub minutes_saved: u64,
    pub watching: usize,
    /// Copies that were checked and hold all of the service.
    pub complete_copies: usize,
    /// Copies that are still being made.
    pub pending_copies: usize,
}

/// What somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "alert")]
pub enum Alert {
    NoPicture {
        seconds: u64,
    },
    NotBegun {
        minutes_late: i64,
    },
    Trouble {
        reason: String,
    },
    NoCopy,
    NoSound {
        seconds: u64,
    },
    RehearsalFailed,
    LinkNotOpened,
    NotRehearsed,
    /// Still on air, long after its time.
    NotEnded {
        minutes_over: i64,
    },
    OneCopy,
}

impl Alert {
    /// Whether something is being lost at this moment, or is lost already.
    pub const fn is_grave(&self) -> bool {
        matches!(self, Self::NoPicture { .. } | Self::NotBegun { .. } | Self::Trouble { .. } | Self::NoCopy)
    }
}

/// The colour of a row. Never alone: words say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Light {
    /// Nothing is to be done yet.
    Quiet,
    Good,
    Attention,
    Alarm,
}

impl Standing {
    /// The gravest first.
    pub fn alerts(&self) -> Vec<Alert> {
        let mut alerts = match self.status {
            StreamState::Ended | StreamState::Recorded => self.alerts_after(),
            _ if self.begun => self.alerts_on_air(),
            _ => self.alerts_before(),
        };
        if let Some(reason) = &self.trouble {
            alerts.push(Alert::Trouble { reason: reason.clone() });
        }
        alerts.sort_by_key(|alert| !alert.is_grave());
        alerts
    }

    pub fn light(&self) -> Light {
        let alerts = self.alerts();
        if alerts.iter().any(Alert::is_grave) {
            Light::Alarm
        } else if !alerts.is_empty() {
            Light::Attention
        } else if self.status == StreamState::Live || (self.status.is_over() && self.complete_copies > 0) {
            Light::Good
        } else {
            Light::Quiet
        }
    }

    fn alerts_before(&self) -> Vec<Alert> {
        let Some(minutes) = self.minutes_to_start.filter(|minutes| *minutes <= PREPARED_BEFORE_MIN) else {
            return Vec::new();
        };
        let mut alerts = Vec::new();
        if minutes <= -LATE_AFTER_MIN {
            alerts.push(Alert::NotBegun { minutes_late: -minutes });
        }
        if self.method == StreamingMethod::PhoneBrowser {
            if !self.link_opened {
                alerts.push(Alert::LinkNotOpened);
            }
            match self.rehearsal {
                Some(RehearsalVerdict::NotReady) => alerts.push(Alert::RehearsalFailed),
                None if self.link_opened => alerts.push(Alert::NotRehearsed),
                _ => {}
            }
        }
        alerts
    }

    fn alerts_on_air(&self) -> Vec<Alert> {
        let mut alerts = Vec::new();
        let missed = |away: Option<u64>, after: u64| away.filter(|away| self.through_server && *away >= after);
        if let Some(seconds) = missed(self.picture_away_s, PICTURE_MISSED_AFTER_S) {
            alerts.push(Alert::NoPicture { seconds });
        } else if let Some(seconds) = missed(self.sound_away_s, SOUND_MISSED_AFTER_S) {
            alerts.push(Alert::NoSound { seconds });
        }
        let over = self.minutes_to_start.map_or(0, |minutes| -minutes - i64::from(self.planned_length.minutes()));
        if over >= FORGOTTEN_AFTER_MIN {
            alerts.push(Alert::NotEnded { minutes_over: over });
        }
        alerts
    }

    fn alerts_after(&self) -> Vec<Alert> {
        match (self.complete_copies, self.pending_copies) {
            _ if !self.begun => Vec::new(),
            (0, 0) => vec![Alert::NoCopy],
            (1, 0) => vec![Alert::OneCopy],
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A service that will begin in two hours.
    fn planned() -> Standing {
        Standing {
            status: StreamState::Ready,
            method: StreamingMethod::PhoneBrowser,
            through_server: true,
            trouble: None,
            begun: false,
            minutes_to_start: Some(120),
            planned_length: PlannedLength::default(),
            link_opened: false,
            rehearsal: None,
            picture_away_s: None,
            sound_away_s: None,
            minutes_saved: 0,
            watching: 0,
            complete_copies: 0,
            pending_copies: 0,
        }
    }

    fn on_air() -> Standing {
        Standing {
            status: StreamState::Live,
            begun: true,
            minutes_to_start: Some(-10),
            link_opened: true,
            rehearsal: Some(RehearsalVerdict::Ready),
            picture_away_s: Some(0),
            sound_away_s: Some(0),
            ..planned()
        }
    }

    fn over() -> Standing {
        Standing { status: StreamState::Recorded, picture_away_s: None, complete_copies: 2, ..on_air() }
    }

    #[test]
    fn nobody_is_bothered_hours_before() {
        assert_eq!((planned().alerts(), planned().light()), (vec![], Light::Quiet));
        let no_time = Standing { minutes_to_start: None, ..planned() };
        assert_eq!(no_time.alerts(), []);
    }

    #[test]
    fn in_the_last_hour_the_link_is_opened_and_rehearsed() {
        let soon = Standing { minutes_to_start: Some(60), ..planned() };
        assert_eq!((soon.alerts(), soon.light()), (vec![Alert::LinkNotOpened], Light::Attention));
        let opened = Standing { link_opened: true, ..soon };
        assert_eq!(opened.alerts(), [Alert::NotRehearsed]);
        let failed = Standing { rehearsal: Some(RehearsalVerdict::NotReady), ..opened.clone() };
        assert_eq!(failed.alerts(), [Alert::RehearsalFailed]);
        let ready = Standing { rehearsal: Some(RehearsalVerdict::ReadyBut), ..opened };
        assert_eq!(ready.alerts(), []);
        let encoder = Standing { method: StreamingMethod::Encoder, minutes_to_start: Some(10), ..planned() };
        assert_eq!(encoder.alerts(), [], "OBS opens no link");
    }

    #[test]
    fn a_service_that_does_not_begin_is_an_alarm() {
        let late = Standing { minutes_to_start: Some(-5), ..planned() };
        assert_eq!(late.alerts(), [Alert::NotBegun { minutes_late: 5 }, Alert::LinkNotOpened]);
        assert_eq!(late.light(), Light::Alarm);
        let nearly =
            Standing { minutes_to_start: Some(-4), link_opened: true, rehearsal: on_air().rehearsal, ..planned() };
        assert_eq!(nearly.alerts(), []);
    }

    #[test]
    fn a_picture_is_missed_after_15_seconds_and_sound_after_60() {
        let picture = |away| Standing { picture_away_s: Some(away), sound_away_s: Some(away), ..on_air() };
        assert_eq!((picture(14).alerts(), picture(14).light()), (vec![], Light::Good));
        assert_eq!((picture(15).alerts(), picture(15).light()), (vec![Alert::NoPicture { seconds: 15 }], Light::Alarm));
        assert_eq!(picture(90).alerts(), [Alert::NoPicture { seconds: 90 }], "one thing at a time");
        let sound = |away| Standing { sound_away_s: Some(away), ..on_air() };
        assert_eq!((sound(59).alerts(), sound(60).alerts()), (vec![], vec![Alert::NoSound { seconds: 60 }]));
        let elsewhere = Standing { through_server: false, ..picture(90) };
        assert_eq!(elsewhere.alerts(), [], "nothing is known of it");
    }

    #[test]
    fn a_service_that_nobody_ended_is_asked_about() {
        let after = |minutes: i64| Standing { minutes_to_start: Some(-minutes), ..on_air() };
        assert_eq!((after(89).alerts(), after(90).alerts()), (vec![], vec![Alert::NotEnded { minutes_over: 30 }]));
        let long = |minutes| Standing { planned_length: PlannedLength::try_from(120).unwrap(), ..after(minutes) };
        assert_eq!((long(149).alerts(), long(150).alerts()), (vec![], vec![Alert::NotEnded { minutes_over: 30 }]));
    }

    #[test]
    fn copies_are_counted_when_none_is_being_made_any_more() {
        let copies = |complete_copies, pending_copies| Standing { complete_copies, pending_copies, ..over() };
        assert_eq!((copies(2, 0).alerts(), copies(2, 0).light()), (vec![], Light::Good));
        assert_eq!((copies(1, 1).alerts(), copies(1, 0).alerts()), (vec![], vec![Alert::OneCopy]));
        assert_eq!((copies(0, 0).alerts(), copies(0, 0).light()), (vec![Alert::NoCopy], Light::Alarm));
        let never = Standing { begun: false, ..copies(0, 0) };
        assert_eq!(never.alerts(), [], "nobody filmed");
    }

    #[test]
    fn trouble_comes_before_what_is_less_grave() {
        let trouble = Standing { trouble: Some("The disk is full.".into()), sound_away_s: Some(70), ..on_air() };
        let alerts = trouble.alerts();
        assert!(alerts[0].is_grave() && !alerts[1].is_grave(), "{alerts:?}");
        assert_eq!(trouble.light(), Light::Alarm);
    }
}
