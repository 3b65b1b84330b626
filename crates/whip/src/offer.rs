//! What a server requires of an offer (RFC 9725 §4.2 and §4.4; draft-ietf-wish-whep for viewers).

use crate::candidate::Candidate;
use crate::credentials::Credentials;
use crate::sdp::{attribute, is_token, lines};

/// Who sends the offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A WHIP client: `sendonly`, or `sendrecv` which is answered by `recvonly`.
    Publisher,
    /// A WHEP player: `recvonly`, or `sendrecv` which is answered by `sendonly`.
    Viewer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Audio,
    Video,
}

/// The DTLS role that the offerer takes (RFC 8842 §5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setup {
    Actpass,
    Active,
    /// FFmpeg offers it: the server must then be the DTLS client.
    Passive,
}

/// An m-section that is to be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    pub kind: Kind,
    pub mid: String,
    /// Encoding names of `a=rtpmap`, as written, in order of preference.
    pub codecs: Vec<String>,
}

impl Media {
    /// Encoding names are compared without case (RFC 4855 §3).
    pub fn offers(&self, codec: &str) -> bool {
        self.codecs.iter().any(|it| it.eq_ignore_ascii_case(codec))
    }
}

/// An offer that passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The description, to be handed to the WebRTC stack: CRLF lines, a session name that is not empty, in `BUNDLE` only
    /// mids that exist (FFmpeg always lists two), and no `urn:3gpp:video-orientation`, so that it cannot be accepted.
    pub sdp: String,
    pub credentials: Credentials,
    pub setup: Setup,
    pub media: Vec<Media>,
    /// Candidates that came with the offer. Those which cannot be read are left out: more may be trickled.
    pub candidates: Vec<Candidate>,
    /// The offerer claims to be ICE-lite, which RFC 9725 §4.4.5 does not allow; tolerated where it runs checks all the same.
    pub ice_lite: bool,
}

impl Offer {
    pub fn audio(&self) -> Option<&Media> {
        self.media.iter().find(|it| it.kind == Kind::Audio)
    }

    pub fn video(&self) -> Option<&Media> {
        self.media.iter().find(|it| it.kind == Kind::Video)
    }
}

/// Why an offer is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// The body is not a session description: `400`.
    #[error("not a session description: {0}")]
    Malformed(&'static str),
    /// It is one, but not one that can be served: `422`. The whole request is refused, there is no partial success
    /// (RFC 9725 §4.4.3).
    #[error("{0}")]
    Unprocessable(&'static str),
}

impl OfferError {
    pub fn status(self) -> u16 {
        match self {
            Self::Malformed(_) => 400,
            Self::Unprocessable(_) => 422,
        }
    }
}

/// Judges the body of a `POST`.
///
/// # Errors
/// [`OfferError`] with the status to answer and a sentence for the problem's detail.
pub fn check(sdp: &str, role: Role) -> Result<Offer, OfferError> {
    let (session, sections) = split(sdp)?;
    let bundle = bundle_of(&session);
    let used: Vec<&Section> = sections.iter().filter(|it| it.in_use).collect();
    let first = used.first().ok_or(OfferError::Unprocessable("there is no media section"))?;

    let media = used.iter().map(|section| section.media(role)).collect::<Result<Vec<_>, _>>()?;
    for (kind, problem) in [(Kind::Audio, "more than one audio section"), (Kind::Video, "more than one video section")]
    {
        if media.iter().filter(|it| it.kind == kind).count() > 1 {
            return Err(OfferError::Unprocessable(problem));
        }
    }
    if media.len() > 1 {
        if media[0].mid == media[1].mid {
            return Err(OfferError::Malformed("two sections have the same mid"));
        }
        if !media.iter().all(|it| bundle.contains(&it.mid.as_str())) {
            return Err(OfferError::Unprocessable("the sections are not in one BUNDLE group"));
        }
    }
    if role == Role::Publisher {
        one_stream(&used)?;
    }

    let find = |name: &str| first.value(name).or_else(|| value_in(&session, name));
    let credentials = find("ice-ufrag")
        .zip(find("ice-pwd"))
        .and_then(|(ufrag, pwd)| Credentials::new(ufrag, pwd))
        .ok_or(OfferError::Malformed("ice-ufrag and ice-pwd are missing or invalid"))?;
    if find("fingerprint").is_none() {
        return Err(OfferError::Unprocessable("there is no DTLS fingerprint"));
    }
    let setup = match find("setup") {
        // RFC 4145 §4: the default. Peers that leave it out take either role.
        Some("actpass") | None => Setup::Actpass,
        Some("active") => Setup::Active,
        Some("passive") => Setup::Passive,
        Some(_) => return Err(OfferError::Unprocessable("setup is none of actpass, active, passive")),
    };
    let candidates = sections
        .iter()
        .flat_map(|section| &section.lines)
        .filter(|line| line.starts_with("a=candidate:"))
        .filter_map(|line| Candidate::parse(line).ok())
        .collect();
    let mids: Vec<&str> = sections.iter().filter_map(|it| it.value("mid")).collect();
    Ok(Offer {
        sdp: tidy(sdp, &mids),
        credentials,
        setup,
        media,
        candidates,
        ice_lite: session.contains(&"a=ice-lite") || first.lines.contains(&"a=ice-lite"),
    })
}

struct Section<'a> {
    media: &'a str,
    lines: Vec<&'a str>,
    /// Port 0 means that the section is not used, unless it shares another one's port (RFC 9143 §6).
    in_use: bool,
}

impl<'a> Section<'a> {
    fn value(&self, name: &str) -> Option<&'a str> {
        value_in(&self.lines, name)
    }

    fn media(&self, role: Role) -> Result<Media, OfferError> {
        let kind = match self.media {
            "audio" => Kind::Audio,
            "video" => Kind::Video,
            _ => return Err(OfferError::Unprocessable("a section is neither audio nor video")),
        };
        let has = |direction: &str| self.lines.contains(&direction);
        match role {
            Role::Publisher if has("a=recvonly") || has("a=inactive") => {
                return Err(OfferError::Unprocessable("a section does not send: sendonly is expected"));
            }
            Role::Viewer if has("a=sendonly") || has("a=inactive") => {
                return Err(OfferError::Unprocessable("a section does not receive: recvonly is expected"));
            }
            _ => {}
        }
        let mid =
            self.value("mid").filter(|it| is_token(it)).ok_or(OfferError::Unprocessable("a section has no mid"))?;
        let codecs = self
            .lines
            .iter()
            .filter_map(|line| attribute(line))
            .filter(|(name, _)| *name == "rtpmap")
            .filter_map(|(_, value)| value.split_once(' ')?.1.split('/').next().map(str::to_owned))
            .collect();
        Ok(Media { kind, mid: mid.to_owned(), codecs })
    }
}

fn value_in<'a>(lines: &[&'a str], name: &str) -> Option<&'a str> {
    lines.iter().filter_map(|line| attribute(line)).find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// The session's lines and the sections, if the text has the shape of a description (RFC 8866 §5).
fn split(sdp: &str) -> Result<(Vec<&str>, Vec<Section<'_>>), OfferError> {
    let mut session = Vec::new();
    let mut sections: Vec<Section> = Vec::new();
    for line in lines(sdp) {
        let bytes = line.as_bytes();
        if bytes.len() < 2 || !bytes[0].is_ascii_lowercase() || bytes[1] != b'=' {
            return Err(OfferError::Malformed("a line is not of the form x=…"));
        }
        if let Some(media) = line.strip_prefix("m=") {
            let mut words = media.split_ascii_whitespace();
            let kind = words.next().unwrap_or_default();
            let port = words.next().and_then(|it| it.split('/').next()?.parse::<u16>().ok());
            let port = port.ok_or(OfferError::Malformed("a media line has no port"))?;
            if words.clone().count() < 2 {
                return Err(OfferError::Malformed("a media line is too short"));
            }
            sections.push(Section { media: kind, lines: Vec::new(), in_use: port != 0 });
            continue;
        }
        match sections.last_mut() {
            None => session.push(line),
            Some(section) => {
                section.in_use |= line == "a=bundle-only";
                section.lines.push(line);
            }
        }
    }
    if session.first() != Some(&"v=0") {
        return Err(OfferError::Malformed("it does not start with v=0"));
    }
    if !session.iter().any(|line| line.starts_with("o=")) {
        return Err(OfferError::Malformed("it has no origin line"));
    }
    Ok((session, sections))
}

fn bundle_of<'a>(session: &[&'a str]) -> Vec<&'a str> {
    session
        .iter()
        .find_map(|line| line.strip_prefix("a=group:BUNDLE"))
        .map(|mids| mids.split_ascii_whitespace().collect())
        .unwrap_or_default()
}

/// All tracks belong to one MediaStream (RFC 9725 §4.4.2). A section that names none says nothing against it.
fn one_stream(sections: &[&Section]) -> Result<(), OfferError> {
    let mut streams = sections.iter().flat_map(|it| &it.lines).filter_map(|line| {
        let (name, value) = attribute(line)?;
        let msid = match name {
            "msid" => value,
            "ssrc" => value.split_once(" msid:")?.1,
            _ => return None,
        };
        msid.split_ascii_whitespace().next().filter(|it| *it != "-")
    });
    let first = streams.next();
    if streams.all(|it| Some(it) == first) {
        Ok(())
    } else {
        Err(OfferError::Unprocessable("the tracks belong to more than one media stream"))
    }
}

/// See [`Offer::sdp`].
fn tidy(sdp: &str, mids: &[&str]) -> String {
    let mut tidy = String::with_capacity(sdp.len() + 64);
    for line in lines(sdp) {
        if line.starts_with("a=extmap:") && line.contains("urn:3gpp:video-orientation") {
            continue;
        }
        if let Some(group) = line.strip_prefix("a=group:BUNDLE") {
            tidy.push_str("a=group:BUNDLE");
            for mid in group.split_ascii_whitespace().filter(|it| mids.contains(it)) {
                tidy.push(' ');
                tidy.push_str(mid);
            }
        } else if line.trim_end() == "s=" {
            tidy.push_str("s=-");
        } else {
            tidy.push_str(line);
        }
        tidy.push_str("\r\n");
    }
    tidy
}

#[cfg(test)]
mod tests;
