//! When something takes the camera or the microphone away: a call, another app, the lock screen. Noticed, told, and mended
//! by a fresh capture; browsers go on saying that the old one is alive.
//!
//! A state machine: it is told what happened and answers what to do. Times are milliseconds.

/// iOS mutes a track for a moment when a camera starts: shorter ones are not told.
const MUTE_GRACE_MS: u64 = 2_000;
/// Between attempts that the browser refused.
const RETRY_MS: u64 = 3_000;
/// For a capture from its start until pictures go out.
const HEAL_TIMEOUT_MS: u64 = 15_000;

/// What is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    Camera,
    Microphone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The browser says that nothing comes from the device at the moment …
    Muted(Lost),
    /// … and now it does again.
    Unmuted(Lost),
    /// For good: the capture has to be opened anew.
    Ended(Lost),
    /// The page went behind others, or the screen was locked.
    Hidden,
    Visible {
        /// Whether the tracks still say that they are alive.
        alive: bool,
    },
    /// No new picture has gone out for some time, though nothing says why.
    Stalled,
    /// The person wants it back.
    Resume,
    /// Pictures and sound go out again.
    Healed,
    HealFailed,
    Tick,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Open what is lost anew, put it in place of the old, and confirm that something goes out.
    Heal(Lost),
}

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interruption {
    pub lost: Lost,
    /// An attempt is running.
    pub healing: bool,
}

/// Bytes that a connection has sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    pub video: u64,
    pub audio: u64,
}

/// Whether picture and sound of tracks that live leave the phone, by what was counted first and what is counted now. While the
/// connection is lost nothing can be demanded: a new one that is on its way has sent nothing, whatever the camera gives.
pub fn goes_out(steady: bool, first: Option<Counted>, now: Option<Counted>) -> bool {
    let (true, Some(first), Some(now)) = (steady, first, now) else { return true };
    let more = now.video > first.video && now.audio > first.audio;
    // A new session counts from zero.
    more || (now.video < first.video && now.video > 0)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Watch {
    hidden: bool,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Phase {
    #[default]
    Fine,
    Suspected {
        lost: Lost,
        since: u64,
    },
    Interrupted {
        lost: Lost,
        retry_at: u64,
    },
    Healing {
        lost: Lost,
        until: u64,
    },
}

impl Watch {
    pub fn shown(self) -> Option<Interruption> {
        match self.phase {
            Phase::Fine | Phase::Suspected { .. } => None,
            Phase::Interrupted { lost, .. } => Some(Interruption { lost, healing: false }),
            Phase::Healing { lost, .. } => Some(Interruption { lost, healing: true }),
        }
    }

    /// What comes next. Nothing is opened while the page is hidden: browsers refuse, or give a capture that is dead.
    pub fn on(self, event: Event, now: u64) -> (Self, Option<Task>) {
        let next = |phase| (Self { phase, ..self }, None);
        match (self.phase, event) {
            (phase, Event::Hidden) => (Self { hidden: true, phase }, None),
            (phase, Event::Visible { alive }) => {
                let seen = Self { hidden: false, phase };
                match phase {
                    Phase::Fine if alive => (seen, None),
                    // What was muted meanwhile may come back by itself, now that the page is seen.
                    Phase::Suspected { lost, .. } if alive => seen.suspect(lost, now),
                    Phase::Fine => seen.heal(Lost::Camera, now),
                    Phase::Suspected { lost, .. } | Phase::Interrupted { lost, .. } => seen.heal(lost, now),
                    Phase::Healing { .. } => (seen, None),
                }
            }
            (Phase::Fine, Event::Muted(lost)) => self.suspect(lost, now),
            (Phase::Suspected { lost, .. }, Event::Unmuted(back)) if lost == back => next(Phase::Fine),
            (Phase::Fine | Phase::Suspected { .. }, Event::Ended(lost)) => self.heal(lost, now),
            (Phase::Fine | Phase::Suspected { .. }, Event::Stalled) => self.heal(Lost::Camera, now),
            (Phase::Suspected { lost, since }, Event::Tick) if !self.hidden && now >= since + MUTE_GRACE_MS => {
                self.heal(lost, now)
            }
            // The other app has let go.
            (Phase::Interrupted { lost, .. }, Event::Unmuted(_) | Event::Resume) => self.heal(lost, now),
            (Phase::Interrupted { lost, retry_at }, Event::Tick) if !self.hidden && now >= retry_at => {
                self.heal(lost, now)
            }
            (Phase::Healing { .. }, Event::Healed) => next(Phase::Fine),
            (Phase::Healing { lost, .. }, Event::HealFailed) => {
                next(Phase::Interrupted { lost, retry_at: now + RETRY_MS })
            }
            // The question for permission may be open: the person can ask for another attempt.
            (Phase::Healing { lost, until }, Event::Tick) if now >= until => {
                next(Phase::Interrupted { lost, retry_at: now + RETRY_MS })
            }
            _ => (self, None),
        }
    }

    fn suspect(self, lost: Lost, now: u64) -> (Self, Option<Task>) {
        (Self { phase: Phase::Suspected { lost, since: now }, ..self }, None)
    }

    fn heal(self, lost: Lost, now: u64) -> (Self, Option<Task>) {
        if self.hidden {
            return (Self { phase: Phase::Interrupted { lost, retry_at: now }, ..self }, None);
        }
        (Self { phase: Phase::Healing { lost, until: now + HEAL_TIMEOUT_MS }, ..self }, Some(Task::Heal(lost)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Events with the moments at which they come; answers with what is shown, and the attempts.
    fn run(events: &[(u64, Event)]) -> (Option<Interruption>, usize) {
        let mut watch = Watch::default();
        let mut tasks = 0;
        for (at, event) in events {
            let (next, task) = watch.on(*event, *at);
            watch = next;
            tasks += usize::from(task.is_some());
        }
        (watch.shown(), tasks)
    }

    const CAMERA: Lost = Lost::Camera;
    const HEALING: Option<Interruption> = Some(Interruption { lost: CAMERA, healing: true });
    const WAITING: Option<Interruption> = Some(Interruption { lost: CAMERA, healing: false });

    #[test]
    fn a_short_mute_is_not_told() {
        assert_eq!(run(&[(0, Event::Muted(CAMERA)), (1000, Event::Tick), (1500, Event::Unmuted(CAMERA))]), (None, 0));
        assert_eq!(run(&[(0, Event::Muted(CAMERA)), (1000, Event::Tick), (2000, Event::Tick)]), (HEALING, 1));
    }

    #[test]
    fn a_track_that_ended_is_opened_anew_at_once() {
        let ended = (0, Event::Ended(CAMERA));
        assert_eq!(run(&[ended]), (HEALING, 1));
        assert_eq!(run(&[ended, (900, Event::Healed)]), (None, 1));
    }

    #[test]
    fn a_lost_microphone_costs_no_picture() {
        let (watch, task) = Watch::default().on(Event::Ended(Lost::Microphone), 0);
        assert_eq!(task, Some(Task::Heal(Lost::Microphone)));
        assert_eq!(watch.shown().map(|shown| shown.lost), Some(Lost::Microphone));
    }

    #[test]
    fn what_the_browser_refuses_is_tried_again_and_at_a_touch() {
        let refused = [(0, Event::Ended(CAMERA)), (100, Event::HealFailed)];
        assert_eq!(run(&refused), (WAITING, 1));
        assert_eq!(run(&[&refused[..], &[(1000, Event::Tick)]].concat()), (WAITING, 1));
        assert_eq!(run(&[&refused[..], &[(3100, Event::Tick)]].concat()), (HEALING, 2));
        assert_eq!(run(&[&refused[..], &[(200, Event::Resume)]].concat()), (HEALING, 2));
        assert_eq!(run(&[&refused[..], &[(200, Event::Unmuted(CAMERA))]].concat()), (HEALING, 2));
    }

    #[test]
    fn nothing_is_opened_behind_other_pages() {
        let call = [(0, Event::Hidden), (10, Event::Muted(CAMERA)), (5000, Event::Tick), (6000, Event::Ended(CAMERA))];
        assert_eq!(run(&call), (WAITING, 0));
        assert_eq!(run(&[&call[..], &[(20_000, Event::Tick)]].concat()), (WAITING, 0));
        assert_eq!(run(&[&call[..], &[(30_000, Event::Visible { alive: false })]].concat()), (HEALING, 1));
    }

    #[test]
    fn coming_back_to_a_capture_that_lives_changes_nothing() {
        assert_eq!(run(&[(0, Event::Hidden), (9000, Event::Visible { alive: true })]), (None, 0));
        assert_eq!(run(&[(0, Event::Hidden), (9000, Event::Visible { alive: false })]), (HEALING, 1));
    }

    #[test]
    fn while_the_connection_stands_picture_and_sound_have_to_go_out() {
        let sent = |video, audio| Some(Counted { video, audio });
        assert!(goes_out(true, sent(10, 10), sent(11, 11)));
        assert!(!goes_out(true, sent(10, 10), sent(10, 11)), "no picture");
        assert!(!goes_out(true, sent(10, 10), sent(11, 10)), "no sound");
        assert!(goes_out(true, sent(10, 10), sent(1, 1)), "another session");
        assert!(!goes_out(true, sent(10, 10), sent(0, 0)), "another session, that has sent nothing yet");
    }

    #[test]
    fn without_a_connection_a_camera_that_lives_is_enough() {
        let nothing = Some(Counted { video: 0, audio: 0 });
        assert!(goes_out(false, nothing, nothing));
        assert!(goes_out(true, None, nothing) && goes_out(true, nothing, None));
    }

    #[test]
    fn an_attempt_that_never_ends_is_given_up() {
        let stuck = [(0, Event::Ended(CAMERA)), (15_000, Event::Tick)];
        assert_eq!(run(&stuck), (WAITING, 1));
        assert_eq!(run(&[(0, Event::Stalled)]), (HEALING, 1));
    }
}
