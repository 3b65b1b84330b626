//! What can go wrong on the way to being live, in words for the person who holds the phone.

use super::words::Word;

/// Each says what happened and what to do; see [`Problem::words`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The link has no token.
    LinkIncomplete,
    LinkWrong,
    LinkOfAnotherStream,
    LinkExpired,
    LinkTooEarly,
    StreamUnknown,

    InsecurePage,
    NoCameraAccess,
    NoWebRtc,
    Denied,
    Missing,
    Busy,
    Interrupted,
    Unknown,

    ServerFull,
    /// Its disk.
    DiskFull,
    ServerFault,
    /// The status code, for the person who is asked for help.
    Refused(u16),
    NetworkDown,
    NoPath,
    /// Somebody went live with another phone.
    TakenOver,
}

/// Of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    pub title: Word,
    pub what_to_do: Word,
}

impl Problem {
    /// Whether it is about camera and microphone: trying again then asks for them again.
    pub fn is_about_capture(self) -> bool {
        use Problem::{Busy, Denied, InsecurePage, Interrupted, Missing, NoCameraAccess, NoWebRtc, Unknown};
        matches!(self, InsecurePage | NoCameraAccess | NoWebRtc | Denied | Missing | Busy | Interrupted | Unknown)
    }

    /// Whether it is about the link: trying again then asks the server about it again.
    pub fn is_about_link(self) -> bool {
        use Problem::{LinkExpired, LinkIncomplete, LinkOfAnotherStream, LinkTooEarly, LinkWrong, StreamUnknown};
        matches!(self, LinkIncomplete | LinkWrong | LinkOfAnotherStream | LinkExpired | LinkTooEarly | StreamUnknown)
    }

    /// What the server's answer about a link means; `None` for a good link, and for answers that say nothing about it.
    pub fn of_link_check(status: u16) -> Option<Self> {
        match status {
            401 => Some(Self::LinkWrong),
            403 => Some(Self::LinkOfAnotherStream),
            404 => Some(Self::StreamUnknown),
            410 => Some(Self::LinkExpired),
            425 => Some(Self::LinkTooEarly),
            _ => None,
        }
    }

    pub const fn words(self) -> Words {
        let (title, what_to_do) = match self {
            Self::LinkIncomplete => (Word::LinkIncomplete, Word::LinkIncompleteWhat),
            Self::LinkWrong => (Word::LinkWrong, Word::LinkWrongWhat),
            Self::LinkOfAnotherStream => (Word::LinkOfAnother, Word::LinkOfAnotherWhat),
            Self::LinkExpired => (Word::LinkEnded, Word::LinkEndedWhat),
            Self::LinkTooEarly => (Word::LinkTooEarly, Word::LinkTooEarlyWhat),
            Self::StreamUnknown => (Word::ServiceUnknown, Word::ServiceUnknownWhat),
            Self::InsecurePage => (Word::PageInsecure, Word::PageInsecureWhat),
            Self::NoCameraAccess => (Word::NoCameraHere, Word::NoCameraHereWhat),
            Self::NoWebRtc => (Word::CannotStream, Word::CannotStreamWhat),
            Self::Denied => (Word::Denied, Word::DeniedWhat),
            Self::Missing => (Word::DeviceMissing, Word::DeviceMissingWhat),
            Self::Busy => (Word::DeviceBusy, Word::DeviceBusyWhat),
            Self::Interrupted => (Word::DeviceInterrupted, Word::DeviceInterruptedWhat),
            Self::Unknown => (Word::DeviceUnknown, Word::DeviceUnknownWhat),
            Self::ServerFull => (Word::ServerFull, Word::ServerFullWhat),
            Self::DiskFull => (Word::DiskFull, Word::DiskFullWhat),
            Self::ServerFault => (Word::ServerFault, Word::ServerFaultWhat),
            Self::Refused(_) => (Word::Refused, Word::RefusedWhat),
            Self::NetworkDown => (Word::NetworkDown, Word::NetworkDownWhat),
            Self::NoPath => (Word::NoPath, Word::NoPathWhat),
            Self::TakenOver => (Word::TakenOver, Word::TakenOverWhat),
        };
        Words { title, what_to_do }
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::say;
    use super::*;

    const ALL: [Problem; 21] = [
        Problem::LinkIncomplete,
        Problem::LinkWrong,
        Problem::LinkOfAnotherStream,
        Problem::LinkExpired,
        Problem::LinkTooEarly,
        Problem::StreamUnknown,
        Problem::InsecurePage,
        Problem::NoCameraAccess,
        Problem::NoWebRtc,
        Problem::Denied,
        Problem::Missing,
        Problem::Busy,
        Problem::Interrupted,
        Problem::Unknown,
        Problem::ServerFull,
        Problem::DiskFull,
        Problem::ServerFault,
        Problem::Refused(422),
        Problem::NetworkDown,
        Problem::NoPath,
        Problem::TakenOver,
    ];

    #[test]
    fn every_problem_says_what_to_do() {
        for problem in ALL {
            let Words { title, what_to_do } = problem.words();
            assert!(!say(title).ends_with('.') && say(what_to_do).ends_with('.'), "{problem:?}");
        }
    }

    #[test]
    fn every_problem_is_told_apart() {
        let mut titles: Vec<_> = ALL.iter().map(|it| say(it.words().title)).collect();
        titles.sort_unstable();
        titles.dedup();
        assert_eq!(titles.len(), ALL.len());
    }

    #[test]
    fn the_servers_answer_about_a_link_is_understood() {
        assert_eq!(Problem::of_link_check(204), None);
        assert_eq!(Problem::of_link_check(401), Some(Problem::LinkWrong));
        assert_eq!(Problem::of_link_check(403), Some(Problem::LinkOfAnotherStream));
        assert_eq!(Problem::of_link_check(404), Some(Problem::StreamUnknown));
        assert_eq!(Problem::of_link_check(410), Some(Problem::LinkExpired));
        assert_eq!(Problem::of_link_check(425), Some(Problem::LinkTooEarly));
        assert_eq!(Problem::of_link_check(503), None, "says nothing about the link");
    }
}
