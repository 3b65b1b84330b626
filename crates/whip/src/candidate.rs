//! ICE candidates as SDP writes them (RFC 8839 §5.1).

use std::fmt;
use std::net::IpAddr;

use crate::credentials::is_ice_char;
use crate::sdp::is_token;

/// One `candidate:` attribute. Unknown transports, types and extensions are kept: whether a candidate can be *used* is for
/// the ICE agent to say (RFC 9725 §4.3.2: a server silently drops the ones that it cannot use).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub foundation: String,
    /// 1 for RTP, and the only one with `rtcp-mux`.
    pub component: u16,
    /// As written; compare with [`Candidate::is_udp`].
    pub transport: String,
    pub priority: u32,
    /// An IP address, or an mDNS name (`….local`) in which a browser hides one.
    pub address: String,
    pub port: u16,
    /// `host`, `srflx`, `prflx`, `relay`, or one that is not known yet.
    pub kind: String,
    /// Where a `srflx`, `prflx` or `relay` candidate came from.
    pub related: Option<(String, u16)>,
    /// What follows, pair by pair: `tcptype`, `generation`, `ufrag`, `network-cost`, …
    pub extensions: Vec<(String, String)>,
}

/// The text is not a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an ICE candidate")]
pub struct CandidateError;

impl Candidate {
    /// Reads `candidate:…`, with or without `a=` before it.
    pub fn parse(text: &str) -> Result<Self, CandidateError> {
        Self::read(text).ok_or(CandidateError)
    }

    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("a=").unwrap_or(text);
        let mut words = text.strip_prefix("candidate:")?.split_ascii_whitespace();
        let foundation = words.next().filter(|it| it.len() <= 32 && it.bytes().all(is_ice_char))?.to_owned();
        let component = words.next()?.parse().ok().filter(|it| (1..=256).contains(it))?;
        let transport = words.next().filter(|it| is_token(it))?.to_owned();
        let priority = words.next()?.parse().ok()?;
        let address = words.next().filter(|it| is_token(it))?.to_owned();
        let port = words.next()?.parse().ok()?;
        if words.next()? != "typ" {
            return None;
        }
        let kind = words.next().filter(|it| is_token(it))?.to_owned();

        let mut extensions = Vec::new();
        while let Some(name) = words.next() {
            let value = words.next()?;
            if !is_token(name) || !is_token(value) {
                return None;
            }
            extensions.push((name.to_owned(), value.to_owned()));
        }
        let related = match extensions.as_slice() {
            [(raddr, address), (rport, port), ..] if raddr == "raddr" && rport == "rport" => {
                Some((address.clone(), port.parse().ok()?))
            }
            _ => None,
        };
        if related.is_some() {
            extensions.drain(..2);
        }
        Some(Self { foundation, component, transport, priority, address, port, kind, related, extensions })
    }

    pub fn is_udp(&self) -> bool {
        self.transport.eq_ignore_ascii_case("udp")
    }

    /// `None` for an mDNS name.
    pub fn ip(&self) -> Option<IpAddr> {
        self.address.parse().ok()
    }

    /// The value of an extension such as `ufrag`.
    pub fn extension(&self, name: &str) -> Option<&str> {
        self.extensions.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// `candidate:…`, without `a=`: the form in which browsers and str0m take it.
impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { foundation, component, transport, priority, address, port, kind, .. } = self;
        write!(f, "candidate:{foundation} {component} {transport} {priority} {address} {port} typ {kind}")?;
        if let Some((address, port)) = &self.related {
            write!(f, " raddr {address} rport {port}")?;
        }
        self.extensions.iter().try_for_each(|(name, value)| write!(f, " {name} {value}"))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_browsers_write_is_read_and_written_back() {
        for text in [
            "candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1",
            "candidate:3471623853 1 udp 2122194687 198.51.100.2 61765 typ srflx raddr 192.0.2.1 rport 61764 generation 0",
            "candidate:473322822 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active generation 0",
            "candidate:0 1 UDP 2122252543 8f54a1f0-0d2a-4f4d-a3a3-a8b8f6f7d9e2.local 50000 typ host",
            "candidate:2154773085 1 udp 2122265343 fdff:2642:12a6::1 65500 typ host",
            "candidate:9 1 sctp 7 192.0.2.1 9 typ future",
        ] {
            assert_eq!(Candidate::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn fields_are_read() {
        let text = "a=candidate:1 1 UDP 100 10.0.0.1 5000 typ relay raddr 10.0.0.2 rport 6 ufrag abcd";
        let candidate = Candidate::parse(text).unwrap();
        assert!(candidate.is_udp());
        assert_eq!(candidate.ip(), "10.0.0.1".parse().ok());
        assert_eq!(candidate.related, Some(("10.0.0.2".into(), 6)));
        assert_eq!(candidate.extension("ufrag"), Some("abcd"));
        assert_eq!(candidate.extension("tcptype"), None);
    }

    #[test]
    fn what_is_not_a_candidate_is_refused() {
        for text in [
            "",
            "candidate:",
            "candidate:1 1 udp 100 10.0.0.1 5000",
            "candidate:1 1 udp 100 10.0.0.1 5000 host typ",
            "candidate:1 0 udp 100 10.0.0.1 5000 typ host",
            "candidate:1 257 udp 100 10.0.0.1 5000 typ host",
            "candidate:1 1 udp 4294967296 10.0.0.1 5000 typ host",
            "candidate:1 1 udp 100 10.0.0.1 65536 typ host",
            "candidate:1 1 udp 100 10.0.0.1 5000 typ host generation",
            "candidate:1,2 1 udp 100 10.0.0.1 5000 typ host",
        ] {
            assert_eq!(Candidate::parse(text), Err(CandidateError), "{text}");
        }
    }

    pub(crate) fn any_candidate() -> impl Strategy<Value = Candidate> {
        let extension = ("[a-z][a-z-]{0,11}", "[!-~]{1,12}").prop_filter("reserved", |(name, _)| name != "raddr");
        (
            ("[A-Za-z0-9+/]{1,32}", 1..=256u16, "(udp|tcp|UDP)", any::<u32>()),
            ("[0-9a-f.:]{1,40}", any::<u16>(), "(host|srflx|prflx|relay)"),
            prop::option::of(("[0-9a-f.:]{1,40}", any::<u16>())),
            prop::collection::vec(extension, 0..4),
        )
            .prop_map(
                |((foundation, component, transport, priority), (address, port, kind), related, extensions)| {
                    Candidate { foundation, component, transport, priority, address, port, kind, related, extensions }
                },
            )
    }

    proptest! {
        #[test]
        fn every_candidate_survives_writing_and_reading(candidate in any_candidate()) {
            prop_assert_eq!(Candidate::parse(&candidate.to_string()), Ok(candidate));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}") {
            let _ = Candidate::parse(&text);
            let _ = Candidate::parse(&format!("candidate:{text}"));
        }
    }
}
