//! `application/trickle-ice-sdpfrag` (RFC 8840): what a `PATCH` carries, and what a restart returns.

use std::fmt;

use crate::candidate::Candidate;
use crate::credentials::Credentials;
use crate::sdp::{attribute, is_token, lines};

/// The ICE attributes that belong to the whole session (RFC 8839 §5.3, §5.6; RFC 8840 §4.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionIce {
    pub lite: bool,
    /// Words of `a=ice-options`.
    pub options: Vec<String>,
    /// Milliseconds of `a=ice-pacing`.
    pub pacing: Option<u32>,
}

impl SessionIce {
    /// Of a whole description or of a fragment: the lines before the first `m=`.
    pub fn of_description(sdp: &str) -> Self {
        let mut ice = Self::default();
        for (name, value) in lines(sdp).take_while(|line| !line.starts_with("m=")).filter_map(attribute) {
            ice.take(name, value);
        }
        ice
    }

    fn take(&mut self, name: &str, value: &str) {
        match name {
            "ice-lite" => self.lite = true,
            "ice-options" => {
                self.options = value.split_ascii_whitespace().filter(|it| is_token(it)).map(str::to_owned).collect();
            }
            "ice-pacing" => self.pacing = value.parse().ok(),
            _ => {}
        }
    }
}

/// One pseudo m-section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What follows `m=`; only its place among the sections matters to the receiver.
    pub media: String,
    pub mid: String,
    pub candidates: Vec<Candidate>,
    pub end_of_candidates: bool,
}

/// An SDP fragment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fragment {
    pub ice: SessionIce,
    /// Mids of `a=group:BUNDLE`; empty when there is no such line.
    pub bundle: Vec<String>,
    /// Of the session, or of the first section that has its own: with `BUNDLE` there is one transport (RFC 9725 §4.4.1).
    pub credentials: Option<Credentials>,
    pub sections: Vec<Section>,
}

/// Why a body is no SDP fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FragmentError {
    #[error("a line is not of the form x=…")]
    Line,
    #[error("ice-ufrag and ice-pwd do not come as a valid pair")]
    Credentials,
    #[error("a section has no mid")]
    MissingMid,
    #[error("candidates stand before the first section")]
    OutsideSection,
    #[error("a candidate is malformed")]
    Candidate,
    #[error("the fragment is empty")]
    Empty,
}

impl Fragment {
    /// Reads a fragment. Tolerated, because deployed peers send it: any line end, candidates glued together by commas
    /// (`candidates.join()` in a client's restart), an empty candidate for the end of candidates, unknown lines.
    ///
    /// # Errors
    /// [`FragmentError`], which a server answers with `400`.
    pub fn parse(text: &str) -> Result<Self, FragmentError> {
        let mut reader = Reader::default();
        for line in lines(text) {
            for line in line.split(",a=candidate:").enumerate().map(unglue) {
                reader.line(&line)?;
            }
        }
        reader.finish()
    }

    /// All candidates, whichever section they stand in.
    pub fn candidates(&self) -> impl Iterator<Item = &Candidate> {
        self.sections.iter().flat_map(|section| &section.candidates)
    }
}

/// Gives back the prefix that splitting took away, and drops the comma that `join` left at the start of a line.
fn unglue((at, piece): (usize, &str)) -> std::borrow::Cow<'_, str> {
    if at == 0 { piece.trim_start_matches(',').into() } else { ["a=candidate:", piece].concat().into() }
}

#[derive(Default)]
struct Reader {
    fragment: Fragment,
    /// Credentials of the session, then of each section.
    ufrag: Option<String>,
    pwd: Option<String>,
    in_section: bool,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), FragmentError> {
        if line.is_empty() {
            return Ok(());
        }
        let mut characters = line.chars();
        if !characters.next().is_some_and(|it| it.is_ascii_lowercase()) || characters.next() != Some('=') {
            return Err(FragmentError::Line);
        }
        if let Some(media) = line.strip_prefix("m=") {
            self.close()?;
            self.in_section = true;
            let section = Section {
                media: media.trim().to_owned(),
                mid: String::new(),
                candidates: Vec::new(),
                end_of_candidates: false,
            };
            self.fragment.sections.push(section);
            return Ok(());
        }
        let Some((name, value)) = attribute(line) else { return Ok(()) };
        match name {
            "ice-ufrag" => self.ufrag = Some(value.to_owned()),
            "ice-pwd" => self.pwd = Some(value.to_owned()),
            "group" => {
                if let Some(mids) = value.strip_prefix("BUNDLE") {
                    self.fragment.bundle =
                        mids.split_ascii_whitespace().filter(|it| is_token(it)).map(str::to_owned).collect();
                }
            }
            "mid" if is_token(value) => {
                if let Some(section) = self.fragment.sections.last_mut() {
                    section.mid = value.to_owned();
                }
            }
            "candidate" if value.is_empty() => self.section()?.end_of_candidates = true,
            "candidate" => {
                let candidate = Candidate::parse(line).map_err(|_| FragmentError::Candidate)?;
                self.section()?.candidates.push(candidate);
            }
            // Before the first section it says the same of all of them, none of which is listed: nothing to add.
            "end-of-candidates" => {
                if let Some(section) = self.fragment.sections.last_mut() {
                    section.end_of_candidates = true;
                }
            }
            _ if !self.in_section => self.fragment.ice.take(name, value),
            _ => {}
        }
        Ok(())
    }

    fn section(&mut self) -> Result<&mut Section, FragmentError> {
        self.fragment.sections.last_mut().ok_or(FragmentError::OutsideSection)
    }

    /// Ends the session part or a section: what was read of it must be whole.
    fn close(&mut self) -> Result<(), FragmentError> {
        let credentials = match (self.ufrag.take(), self.pwd.take()) {
            (None, None) => None,
            (Some(ufrag), Some(pwd)) => Some(Credentials::new(&ufrag, &pwd).ok_or(FragmentError::Credentials)?),
            _ => return Err(FragmentError::Credentials),
        };
        if self.fragment.credentials.is_none() {
            self.fragment.credentials = credentials;
        }
        if self.fragment.sections.last().is_some_and(|section| section.mid.is_empty()) {
            return Err(FragmentError::MissingMid);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Fragment, FragmentError> {
        self.close()?;
        if self.fragment.credentials.is_none() && self.fragment.sections.is_empty() {
            return Err(FragmentError::Empty);
        }
        Ok(self.fragment)
    }
}

/// The body, in CRLF lines.
impl fmt::Display for Fragment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.bundle.is_empty() {
            write!(f, "a=group:BUNDLE {}\r\n", self.bundle.join(" "))?;
        }
        if self.ice.lite {
            f.write_str("a=ice-lite\r\n")?;
        }
        if !self.ice.options.is_empty() {
            write!(f, "a=ice-options:{}\r\n", self.ice.options.join(" "))?;
        }
        if let Some(pacing) = self.ice.pacing {
            write!(f, "a=ice-pacing:{pacing}\r\n")?;
        }
        // In the first section, as RFC 9725 prints it; of the session where there is none.
        let credentials = self
            .credentials
            .as_ref()
            .map_or(String::new(), |it| format!("a=ice-ufrag:{}\r\na=ice-pwd:{}\r\n", it.ufrag(), it.pwd()));
        if self.sections.is_empty() {
            f.write_str(&credentials)?;
        }
        for (at, section) in self.sections.iter().enumerate() {
            write!(f, "m={}\r\na=mid:{}\r\n", section.media, section.mid)?;
            if at == 0 {
                f.write_str(&credentials)?;
            }
            section.candidates.iter().try_for_each(|candidate| write!(f, "a={candidate}\r\n"))?;
            if section.end_of_candidates {
                f.write_str("a=end-of-candidates\r\n")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::candidate::tests::any_candidate;

    /// RFC 9725 §4.3.2, as its example prints it: credentials in the section.
    const TRICKLE: &str = "a=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n\
        a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n\
        a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1\r\n\
        a=candidate:3471623853 1 udp 2122194687 198.51.100.2 61765 typ host generation 0 ufrag EsAw network-id 2\r\n\
        a=end-of-candidates\r\n";

    /// RFC 9725 §4.3.3: credentials of the session.
    const RESTART: &str = "a=ice-lite\r\na=ice-options:trickle ice2\r\na=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n\
        a=mid:0\r\na=ice-ufrag:289b31b754eaa438\r\na=ice-pwd:0b66f472495ef0ccac7bda653ab6be49ea13114472a5d10a\r\n\
        a=candidate:1 1 udp 2130706431 198.51.100.1 39132 typ host\r\na=end-of-candidates\r\n";

    #[test]
    fn s9_the_trickle_example_is_read() {
        let fragment = Fragment::parse(TRICKLE).unwrap();
        assert_eq!(fragment.credentials.as_ref().unwrap().ufrag(), "EsAw");
        assert_eq!(fragment.bundle, ["0", "1"]);
        assert_eq!(fragment.sections[0].mid, "0");
        assert_eq!(fragment.candidates().count(), 2);
        assert!(fragment.sections[0].end_of_candidates);
    }

    #[test]
    fn c13_the_restart_example_is_read() {
        let fragment = Fragment::parse(RESTART).unwrap();
        assert_eq!(fragment.credentials.as_ref().unwrap().ufrag(), "289b31b754eaa438");
        assert!(fragment.ice.lite);
        assert_eq!(fragment.ice.options, ["trickle", "ice2"]);
        assert_eq!(SessionIce::of_description(RESTART), fragment.ice);
    }

    #[test]
    fn any_line_end_and_glued_candidates_are_read_alike() {
        let expected = Fragment::parse(TRICKLE);
        let glued = TRICKLE.replace("network-id 1\r\na=", "network-id 1,a=");
        let joined = TRICKLE.replace("network-id 1\r\na=", "network-id 1\r\n,a=");
        for text in [TRICKLE.replace("\r\n", "\n"), TRICKLE.replace("\r\n", "\r"), glued, joined] {
            assert_eq!(Fragment::parse(&text), expected, "{text:?}");
        }
    }

    #[test]
    fn an_empty_candidate_ends_them() {
        let text = "m=audio 9 X 0\r\na=mid:0\r\na=candidate:\r\n";
        assert!(Fragment::parse(text).unwrap().sections[0].end_of_candidates);
    }

    #[test]
    fn s11_malformed_fragments_are_refused() {
        let pwd = "a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1";
        for (text, error) in [
            ("", FragmentError::Empty),
            ("\r\n\r\n", FragmentError::Empty),
            ("a=ice-lite\r\n", FragmentError::Empty),
            ("hello", FragmentError::Line),
            ("{\"candidate\":1}", FragmentError::Line),
            ("a=ice-ufrag:EsAw\r\n", FragmentError::Credentials),
            (pwd, FragmentError::Credentials),
            ("a=ice-ufrag:E\r\na=ice-pwd:short\r\n", FragmentError::Credentials),
            ("m=audio 9 X 0\r\n", FragmentError::MissingMid),
            ("m=audio 9 X 0\r\na=mid:0\r\nm=video 9 X 0\r\n", FragmentError::MissingMid),
            ("a=candidate:1 1 udp 1 10.0.0.1 5 typ host\r\n", FragmentError::OutsideSection),
            ("m=audio 9 X 0\r\na=mid:0\r\na=candidate:1 1 udp\r\n", FragmentError::Candidate),
        ] {
            assert_eq!(Fragment::parse(text), Err(error), "{text:?}");
        }
    }

    fn any_fragment() -> impl Strategy<Value = Fragment> {
        let token = "[A-Za-z0-9]{1,8}";
        let ice = (any::<bool>(), prop::collection::vec(token, 0..3), prop::option::of(any::<u32>()))
            .prop_map(|(lite, options, pacing)| SessionIce { lite, options, pacing });
        let credentials = ("[A-Za-z0-9+/]{4,12}", "[A-Za-z0-9+/]{22,32}")
            .prop_map(|(ufrag, pwd)| Credentials::new(&ufrag, &pwd).expect("the strategy keeps to the lengths"));
        // A comma before `a=candidate:` cannot be told from the known bug, so extensions here hold no comma.
        let candidate = any_candidate().prop_map(|mut candidate| {
            candidate.extensions.retain(|(_, value)| !value.contains(','));
            candidate
        });
        let section = (
            "(audio|video) 9 UDP/TLS/RTP/SAVPF [0-9]{1,3}",
            token,
            prop::collection::vec(candidate, 0..4),
            any::<bool>(),
        )
            .prop_map(|(media, mid, candidates, end)| Section {
                media,
                mid,
                candidates,
                end_of_candidates: end,
            });
        (ice, prop::collection::vec(token, 0..3), credentials, prop::collection::vec(section, 0..3)).prop_map(
            |(ice, bundle, credentials, sections)| Fragment { ice, bundle, credentials: Some(credentials), sections },
        )
    }

    proptest! {
        #[test]
        fn every_fragment_survives_writing_and_reading(fragment in any_fragment(), line_end in "(\r\n|\n|\r)") {
            let text = fragment.to_string().replace("\r\n", &line_end);
            prop_assert_eq!(Fragment::parse(&text), Ok(fragment));
        }

        #[test]
        fn every_fragment_survives_the_comma_bug(fragment in any_fragment(), glue in "(\r\n)?,") {
            let mut text = String::new();
            for line in fragment.to_string().lines() {
                let after_candidate = text.lines().last().is_some_and(|it| it.contains("a=candidate:"));
                text.push_str(match line.starts_with("a=candidate:") && after_candidate {
                    true => &glue,
                    false => "\r\n",
                });
                text.push_str(line);
            }
            prop_assert_eq!(Fragment::parse(&text), Ok(fragment));
        }

        #[test]
        fn any_text_is_read_or_refused(lines in prop::collection::vec("(a=|m=|,a=)?(candidate:|mid:|ice-ufrag:|ice-pwd:)?.{0,30}", 0..8)) {
            let _ = Fragment::parse(&lines.join("\n"));
        }
    }
}
