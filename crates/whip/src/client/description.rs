//! The ICE part of the two descriptions: what a fragment says of ours, and how theirs changes by a restart.

use crate::candidate::Candidate;
use crate::credentials::Credentials;
use crate::fragment::{Fragment, Section, SessionIce};
use crate::sdp::{attribute, lines};

/// What fragments repeat of our offer.
#[derive(Debug, Clone)]
pub(super) struct LocalIce {
    ice: SessionIce,
    bundle: Vec<String>,
    credentials: Credentials,
    /// The offerer-tagged m-line, the only one that fragments speak of (RFC 9725 §4.3.2).
    media: String,
    mid: String,
}

impl LocalIce {
    /// `None` if the text is no usable offer.
    pub(super) fn of_offer(sdp: &str) -> Option<Self> {
        let (mut media, mut mid, mut ufrag, mut pwd) = (None, None, None, None);
        let mut bundle = Vec::new();
        for line in lines(sdp) {
            if let Some(line) = line.strip_prefix("m=") {
                if media.is_some() {
                    break;
                }
                media = Some(line);
            }
            match attribute(line) {
                Some(("mid", value)) => mid = Some(value),
                Some(("ice-ufrag", value)) => ufrag = Some(value),
                Some(("ice-pwd", value)) => pwd = Some(value),
                Some(("group", value)) => {
                    let mids = value.strip_prefix("BUNDLE").unwrap_or_default();
                    bundle = mids.split_ascii_whitespace().map(str::to_owned).collect();
                }
                _ => {}
            }
        }
        Some(Self {
            ice: SessionIce::of_description(sdp),
            bundle,
            credentials: Credentials::new(ufrag?, pwd?)?,
            media: media?.to_owned(),
            mid: mid?.to_owned(),
        })
    }

    pub(super) fn fragment(&self, candidates: Vec<Candidate>, end_of_candidates: bool) -> Fragment {
        Fragment {
            ice: self.ice.clone(),
            bundle: self.bundle.clone(),
            credentials: Some(self.credentials.clone()),
            sections: vec![Section { media: self.media.clone(), mid: self.mid.clone(), candidates, end_of_candidates }],
        }
    }

    /// Whether a candidate belongs to the tagged m-line and to this ICE session, not to the one before a restart.
    pub(super) fn owns(&self, candidate: &Candidate, mid: Option<&str>) -> bool {
        mid.is_none_or(|it| it == self.mid)
            && candidate.extension("ufrag").is_none_or(|it| it == self.credentials.ufrag())
    }
}

/// The answer with the fragment's credentials, and its candidates in place of all former ones; everything else stays as it
/// was negotiated (RFC 9725 §4.3.3).
pub(super) fn with_ice(answer: &str, fragment: &Fragment) -> String {
    let mut sdp = String::with_capacity(answer.len() + 256);
    let mut sections = 0;
    let add_candidates = |sdp: &mut String| {
        for candidate in fragment.candidates() {
            *sdp += &format!("a={candidate}\r\n");
        }
        sdp.push_str("a=end-of-candidates\r\n");
    };
    for line in lines(answer) {
        if line.starts_with("m=") {
            sections += 1;
            if sections == 2 {
                add_candidates(&mut sdp);
            }
        }
        match (attribute(line), &fragment.credentials) {
            (Some(("candidate" | "end-of-candidates", _)), _) => continue,
            (Some((name @ "ice-ufrag", _)), Some(new)) => push_attribute(&mut sdp, name, new.ufrag()),
            (Some((name @ "ice-pwd", _)), Some(new)) => push_attribute(&mut sdp, name, new.pwd()),
            _ => {
                sdp.push_str(line);
                sdp.push_str("\r\n");
            }
        }
    }
    if sections == 1 {
        add_candidates(&mut sdp);
    }
    sdp
}

fn push_attribute(sdp: &mut String, name: &str, value: &str) {
    for part in ["a=", name, ":", value, "\r\n"] {
        sdp.push_str(part);
    }
}
