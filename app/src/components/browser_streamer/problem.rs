//! What can go wrong on the way to being live, in words for the person who holds the phone.

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
}

/// Of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    pub title: &'static str,
    pub what_to_do: &'static str,
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

    pub fn words(self) -> Words {
        let (title, what_to_do) = match self {
            Self::LinkIncomplete => (
                "This link is not complete",
                "Part of the link is missing. Open it again from the message you received, or copy the whole link.",
            ),
            Self::LinkWrong => (
                "This link does not work",
                "It may have been replaced by a newer one. Ask the person who sent it to you for the current link.",
            ),
            Self::LinkOfAnotherStream => (
                "This link belongs to another service",
                "Ask the person who sent it to you for the link to this service.",
            ),
            Self::LinkExpired => (
                "This link has ended",
                "The service is over, or the link was only good for a certain time. Ask the person who sent it to you if \
                 you still need to stream.",
            ),
            Self::LinkTooEarly => (
                "This link does not work yet",
                "It works from one day before the service. Please open it again then: you can also rehearse from that \
                 time on.",
            ),
            Self::StreamUnknown => {
                ("We cannot find this service", "It may have been removed. Ask the person who sent you the link.")
            }
            Self::InsecurePage => (
                "This page is not secure",
                "Browsers allow the camera on secure pages only. Open the link with https:// at its beginning.",
            ),
            Self::NoCameraAccess => (
                "The camera cannot be used here",
                "This often happens inside another app, such as a messenger. Open the link in Safari or Chrome instead.",
            ),
            Self::NoWebRtc => {
                ("This browser cannot stream", "Open the link in a current version of Safari, Chrome, Edge or Firefox.")
            }
            Self::Denied => (
                "The camera and microphone are not allowed",
                "Allow both for this page: tap the icon beside the address, then the camera and microphone settings. On an \
                 iPhone, Settings, then the browser, then Camera and Microphone. Then try again.",
            ),
            Self::Missing => {
                ("No camera or no microphone was found", "Connect one, or open the link on a phone. Then try again.")
            }
            Self::Busy => (
                "The camera or microphone is in use",
                "Close other apps and pages that use them, such as a call. Then try again.",
            ),
            Self::Interrupted => ("The camera was interrupted", "Something else needed it for a moment. Try again."),
            Self::Unknown => (
                "The camera could not be started",
                "Try again. If it still does not work, close the browser and open the link once more.",
            ),
            Self::ServerFull => (
                "There is no room at the moment",
                "Other services are being streamed right now. We keep trying, and go on as soon as there is room.",
            ),
            Self::DiskFull => (
                "The server has no room for a recording",
                "Please tell the person who sent you the link. We keep trying, and go on as soon as there is room.",
            ),
            Self::ServerFault => {
                ("The server has a problem", "We keep trying. If it takes long, tell the person who sent you the link.")
            }
            Self::Refused(_) => (
                "The server did not accept the stream",
                "Try again. If it still does not work, tell the person who sent you the link.",
            ),
            Self::NetworkDown => (
                "No connection to the server",
                "Check that this device is online, by Wi-Fi or mobile data. We keep trying.",
            ),
            Self::NoPath => (
                "The picture does not get through",
                "This network seems to block video. Switch from Wi-Fi to mobile data, or the other way round. We keep \
                 trying.",
            ),
        };
        Words { title, what_to_do }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Problem; 20] = [
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
    ];

    #[test]
    fn every_problem_says_what_to_do_in_plain_words() {
        for problem in ALL {
            let Words { title, what_to_do } = problem.words();
            assert!(!title.ends_with('.') && what_to_do.ends_with('.'), "{problem:?}");
            let text = format!("{title} {what_to_do}").to_lowercase();
            for jargon in ["whip", "webrtc", "sdp", "ice", "token", "ingest", "error", "udp"] {
                assert!(
                    !text.split(|it: char| !it.is_alphanumeric()).any(|word| word == jargon),
                    "{problem:?}: {jargon}"
                );
            }
        }
    }

    #[test]
    fn every_problem_is_told_apart() {
        let mut titles: Vec<_> = ALL.iter().map(|it| it.words().title).collect();
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
