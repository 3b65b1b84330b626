//! What the streamer's page shows, as a state machine: an event comes in, the next state and at most one task come out.

use super::problem::Problem;

/// Times are milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The link is open; nothing was asked of the person yet. Also what the server renders.
    Idle,
    AskingForCamera,
    Preview,
    /// Sending for some seconds to a recording that is thrown away.
    Rehearsing,
    /// What came of the rehearsal is shown.
    Rehearsed,
    /// Towards the first picture. With a problem, attempts go on all the same.
    Connecting {
        problem: Option<Problem>,
    },
    OnAir {
        since: u64,
        link: Link,
        confirming_end: bool,
    },
    /// The person has ended the service; the server is being told. `failing`: it could not be told yet.
    Ending {
        since: u64,
        until: u64,
        failing: bool,
    },
    Ended {
        since: u64,
        until: u64,
    },
    Problem(Problem),
}

/// How the way to the server is while on air.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    Steady,
    Lost { problem: Option<Problem> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    // The person
    StartCamera,
    GoLive,
    Rehearse,
    /// Back to the camera, from a rehearsal.
    BackToCamera,
    /// Gives up before the first picture.
    Cancel,
    AskEnd,
    KeepStreaming,
    ConfirmEnd,
    TryAgain,
    // The device
    CameraReady,
    CameraFailed(Problem),
    /// The camera was taken away or switched off.
    CameraLost,
    RehearsalOver,
    /// The page was opened again after the service had ended; there is something to show or to deliver still.
    WasEnded {
        since: u64,
        until: u64,
    },
    // The server and the way to it
    LinkRefused(Problem),
    Connected,
    /// An attempt failed or the connection was lost; it is being mended.
    Reconnecting(Option<Problem>),
    Refused(Problem),
    EndAccepted,
    EndFailed,
}

/// What to do besides showing the new state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    CheckLink,
    OpenCamera,
    Rehearse,
    StopRehearsal,
    Publish,
    RetryNow,
    StopPublishing,
    /// Stop, switch the camera off, and tell the server that the service is over.
    EndService,
    CloseCamera,
}

impl State {
    /// What comes next. An event that does not fit, because it comes late or twice, changes nothing.
    pub fn on(self, event: Event, now: u64) -> (Self, Option<Task>) {
        let unchanged = (self, None);
        match (self, event) {
            (
                Self::Idle
                | Self::Preview
                | Self::Rehearsing
                | Self::Rehearsed
                | Self::Connecting { .. }
                | Self::AskingForCamera,
                Event::LinkRefused(problem),
            ) => (Self::Problem(problem), Some(Task::CloseCamera)),

            (Self::Idle, Event::StartCamera) => (Self::AskingForCamera, Some(Task::OpenCamera)),
            (Self::AskingForCamera, Event::CameraReady) => (Self::Preview, None),
            (Self::AskingForCamera, Event::CameraFailed(problem)) => (Self::Problem(problem), None),
            // Deleted after its end: there is nothing to wait for.
            (Self::Ended { .. }, Event::LinkRefused(problem @ Problem::StreamUnknown)) => {
                (Self::Problem(problem), None)
            }
            (Self::Idle | Self::Problem(_), Event::WasEnded { since, until }) => (Self::Ended { since, until }, None),
            // Nothing is at stake yet: it is opened anew, or whatever keeps that from working gets its own card.
            (Self::Preview | Self::Rehearsed, Event::CameraLost) => (Self::AskingForCamera, Some(Task::OpenCamera)),
            (Self::Rehearsing | Self::Connecting { .. }, Event::CameraLost) => {
                (Self::Problem(Problem::Interrupted), Some(Task::CloseCamera))
            }
            (Self::Problem(problem), Event::TryAgain) if problem.is_about_link() => (Self::Idle, Some(Task::CheckLink)),
            (Self::Problem(_), Event::TryAgain) => (Self::AskingForCamera, Some(Task::OpenCamera)),

            (Self::Preview | Self::Rehearsed, Event::Rehearse) => (Self::Rehearsing, Some(Task::Rehearse)),
            (Self::Rehearsing, Event::RehearsalOver) => (Self::Rehearsed, None),
            (Self::Rehearsing, Event::BackToCamera) => (Self::Preview, Some(Task::StopRehearsal)),
            (Self::Rehearsed, Event::BackToCamera) => (Self::Preview, None),
            (Self::Preview | Self::Rehearsed, Event::GoLive) => {
                (Self::Connecting { problem: None }, Some(Task::Publish))
            }
            (Self::Connecting { .. }, Event::Cancel) => (Self::Preview, Some(Task::StopPublishing)),
            (Self::Connecting { .. }, Event::TryAgain) => (self, Some(Task::RetryNow)),
            (Self::Connecting { .. }, Event::Reconnecting(problem)) => (Self::Connecting { problem }, None),
            (Self::Connecting { .. }, Event::Connected) => {
                (Self::OnAir { since: now, link: Link::Steady, confirming_end: false }, None)
            }
            (Self::Connecting { .. } | Self::OnAir { .. }, Event::Refused(problem)) => {
                (Self::Problem(problem), Some(Task::CloseCamera))
            }

            (Self::OnAir { since, confirming_end, .. }, Event::Connected) => {
                (Self::OnAir { since, link: Link::Steady, confirming_end }, None)
            }
            (Self::OnAir { since, confirming_end, .. }, Event::Reconnecting(problem)) => {
                (Self::OnAir { since, link: Link::Lost { problem }, confirming_end }, None)
            }
            (Self::OnAir { .. }, Event::TryAgain) => (self, Some(Task::RetryNow)),
            (Self::OnAir { since, link, .. }, Event::AskEnd) => {
                (Self::OnAir { since, link, confirming_end: true }, None)
            }
            (Self::OnAir { since, link, .. }, Event::KeepStreaming) => {
                (Self::OnAir { since, link, confirming_end: false }, None)
            }
            (Self::OnAir { since, confirming_end: true, .. }, Event::ConfirmEnd) => {
                (Self::Ending { since, until: now, failing: false }, Some(Task::EndService))
            }

            (Self::Ending { since, until, .. }, Event::EndFailed) => {
                (Self::Ending { since, until, failing: true }, None)
            }
            (Self::Ending { since, until, .. }, Event::EndAccepted) => (Self::Ended { since, until }, None),
            _ => unchanged,
        }
    }

    /// How long the service has been, or was, on air, in seconds.
    pub fn seconds_on_air(self, now: u64) -> Option<u64> {
        match self {
            Self::OnAir { since, .. } => Some(now.saturating_sub(since) / 1000),
            Self::Ending { since, until, .. } | Self::Ended { since, until } => {
                Some(until.saturating_sub(since) / 1000)
            }
            _ => None,
        }
    }

    /// Whether the camera's picture is on the page.
    pub fn shows_picture(self) -> bool {
        matches!(self, Self::Preview | Self::Rehearsing | Self::Connecting { .. } | Self::OnAir { .. })
    }
}

/// `0:07`, `12:31`, `1:02:03`.
pub fn clock(seconds: u64) -> String {
    let two = |number: u64| [(b'0' + (number / 10) as u8) as char, (b'0' + (number % 10) as u8) as char];
    let mut text = String::new();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    if hours > 0 {
        text.push_str(&hours.to_string());
        text.push(':');
        text.extend(two(minutes));
    } else {
        text.push_str(&minutes.to_string());
    }
    text.push(':');
    text.extend(two(seconds % 60));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs events a second apart.
    fn run(events: &[Event]) -> (State, Vec<Task>) {
        let mut state = State::Idle;
        let mut tasks = Vec::new();
        for (second, event) in events.iter().enumerate() {
            let (next, task) = state.on(*event, second as u64 * 1000);
            state = next;
            tasks.extend(task);
        }
        (state, tasks)
    }

    const LIVE: [Event; 4] = [Event::StartCamera, Event::CameraReady, Event::GoLive, Event::Connected];

    fn live_then(events: &[Event]) -> (State, Vec<Task>) {
        run(&[&LIVE[..], events].concat())
    }

    #[test]
    fn the_straight_way() {
        let (state, tasks) = live_then(&[Event::AskEnd, Event::ConfirmEnd, Event::EndAccepted]);
        assert_eq!(state, State::Ended { since: 3000, until: 5000 });
        assert_eq!(tasks, [Task::OpenCamera, Task::Publish, Task::EndService]);
        assert_eq!(state.seconds_on_air(99_000), Some(2), "the clock stands still afterwards");
    }

    #[test]
    fn a_camera_problem_is_tried_again() {
        let denied = [Event::StartCamera, Event::CameraFailed(Problem::Denied)];
        assert_eq!(run(&denied).0, State::Problem(Problem::Denied));
        let (state, tasks) = run(&[&denied[..], &[Event::TryAgain]].concat());
        assert_eq!(state, State::AskingForCamera);
        assert_eq!(tasks, [Task::OpenCamera, Task::OpenCamera]);
    }

    #[test]
    fn a_camera_that_is_lost_before_the_service_is_opened_anew() {
        let (state, tasks) = run(&[Event::StartCamera, Event::CameraReady, Event::CameraLost]);
        assert_eq!((state, tasks.last()), (State::AskingForCamera, Some(&Task::OpenCamera)));
        let gone = [Event::StartCamera, Event::CameraReady, Event::CameraLost, Event::CameraFailed(Problem::Missing)];
        assert_eq!(run(&gone).0, State::Problem(Problem::Missing));
    }

    #[test]
    fn a_bad_link_stops_before_the_camera_and_is_asked_about_again() {
        let refused = Event::LinkRefused(Problem::LinkExpired);
        assert_eq!(run(&[refused]).0, State::Problem(Problem::LinkExpired));
        assert_eq!(run(&[Event::StartCamera, Event::CameraReady, refused]).0, State::Problem(Problem::LinkExpired));
        let (state, tasks) = run(&[refused, Event::TryAgain]);
        assert_eq!(state, State::Idle);
        assert_eq!(tasks.last(), Some(&Task::CheckLink));
        assert_eq!(live_then(&[refused]).0, live_then(&[]).0, "who is on air is not interrupted by a late answer");
    }

    #[test]
    fn attempts_to_connect_can_be_hurried_and_given_up() {
        let connecting = [Event::StartCamera, Event::CameraReady, Event::GoLive];
        let trouble = Event::Reconnecting(Some(Problem::ServerFull));
        let (state, _) = run(&[&connecting[..], &[trouble]].concat());
        assert_eq!(state, State::Connecting { problem: Some(Problem::ServerFull) });
        let (_, tasks) = run(&[&connecting[..], &[trouble, Event::TryAgain]].concat());
        assert_eq!(tasks.last(), Some(&Task::RetryNow));
        let (state, tasks) = run(&[&connecting[..], &[trouble, Event::Cancel]].concat());
        assert_eq!((state, tasks.last()), (State::Preview, Some(&Task::StopPublishing)));
    }

    #[test]
    fn a_lost_connection_keeps_the_clock_and_the_question() {
        let lost = Event::Reconnecting(Some(Problem::NetworkDown));
        let (state, _) = live_then(&[Event::AskEnd, lost]);
        let link = Link::Lost { problem: Some(Problem::NetworkDown) };
        assert_eq!(state, State::OnAir { since: 3000, link, confirming_end: true });
        let (state, _) = live_then(&[lost, Event::Connected]);
        assert_eq!(state, State::OnAir { since: 3000, link: Link::Steady, confirming_end: false });
        let (state, tasks) = live_then(&[lost, Event::AskEnd, Event::ConfirmEnd]);
        assert!(matches!(state, State::Ending { .. }), "the service can be ended without a connection");
        assert_eq!(tasks.last(), Some(&Task::EndService));
    }

    #[test]
    fn ending_takes_two_steps() {
        assert!(matches!(live_then(&[Event::ConfirmEnd]).0, State::OnAir { .. }));
        let (state, _) = live_then(&[Event::AskEnd, Event::KeepStreaming, Event::ConfirmEnd]);
        assert!(matches!(state, State::OnAir { confirming_end: false, .. }));
    }

    #[test]
    fn an_end_that_is_not_heard_is_said_and_followed_up() {
        let (state, _) = live_then(&[Event::AskEnd, Event::ConfirmEnd, Event::EndFailed]);
        assert!(matches!(state, State::Ending { failing: true, .. }));
        let (state, _) = live_then(&[Event::AskEnd, Event::ConfirmEnd, Event::EndFailed, Event::EndAccepted]);
        assert!(matches!(state, State::Ended { .. }));
    }

    #[test]
    fn nothing_comes_back_after_the_end() {
        let end = [Event::AskEnd, Event::ConfirmEnd, Event::EndAccepted];
        let (ended, _) = live_then(&end);
        for late in
            [Event::Connected, Event::Reconnecting(None), Event::Refused(Problem::Refused(404)), Event::TryAgain]
        {
            assert_eq!(live_then(&[&end[..], &[late]].concat()).0, ended, "{late:?}");
        }
    }

    #[test]
    fn a_service_that_was_deleted_after_its_end_is_not_waited_for() {
        let end = [Event::AskEnd, Event::ConfirmEnd, Event::EndAccepted];
        let then = |problem| live_then(&[&end[..], &[Event::LinkRefused(problem)]].concat());
        let gone = State::Problem(Problem::StreamUnknown);
        assert_eq!(
            (then(Problem::StreamUnknown).0, then(Problem::StreamUnknown).1.len()),
            (gone, 3),
            "no camera to close"
        );
        assert!(matches!(then(Problem::LinkExpired).0, State::Ended { .. }), "a link ends with its service");
    }

    #[test]
    fn a_rehearsal_leads_to_the_camera_or_on_air() {
        let begun = [Event::StartCamera, Event::CameraReady, Event::Rehearse];
        let (state, tasks) = run(&begun);
        assert_eq!((state, tasks.last()), (State::Rehearsing, Some(&Task::Rehearse)));
        let (state, tasks) = run(&[&begun[..], &[Event::BackToCamera]].concat());
        assert_eq!((state, tasks.last()), (State::Preview, Some(&Task::StopRehearsal)));
        let over = [&begun[..], &[Event::RehearsalOver]].concat();
        assert_eq!(run(&over).0, State::Rehearsed);
        assert_eq!(run(&[&over[..], &[Event::BackToCamera]].concat()).0, State::Preview);
        assert_eq!(run(&[&over[..], &[Event::Rehearse]].concat()).0, State::Rehearsing);
        assert_eq!(run(&[&over[..], &[Event::GoLive]].concat()).0, State::Connecting { problem: None });
        assert_eq!(run(&[&begun[..], &[Event::CameraLost]].concat()).0, State::Problem(Problem::Interrupted));
    }

    #[test]
    fn a_page_that_is_opened_after_the_end_goes_on_with_it() {
        let ended = Event::WasEnded { since: 1, until: 2 };
        assert_eq!(run(&[ended]).0, State::Ended { since: 1, until: 2 });
        assert_eq!(run(&[Event::LinkRefused(Problem::LinkExpired), ended]).0, State::Ended { since: 1, until: 2 });
        assert_eq!(live_then(&[ended]).0, live_then(&[]).0);
    }

    #[test]
    fn the_clock_is_written() {
        for (seconds, text) in
            [(0, "0:00"), (7, "0:07"), (751, "12:31"), (3599, "59:59"), (3723, "1:02:03"), (36_000, "10:00:00")]
        {
            assert_eq!(clock(seconds), text);
        }
    }
}
