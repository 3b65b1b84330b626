//! SDP as lines (RFC 8866 §5): the session's and each medium's attributes, not yet understood.

use super::OfferError::{self, Malformed};

/// The session part of an SDP, or one media part: its `m=` line and its attributes.
pub(super) struct Section<'a> {
    pub(super) head: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> Section<'a> {
    pub(super) fn split(text: &'a str) -> Result<Vec<Self>, OfferError> {
        let mut sections = vec![Self { head: "", attributes: Vec::new() }];
        let mut lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
        if lines.next() != Some("v=0") {
            return Err(Malformed("it does not begin with v=0"));
        }
        for line in lines {
            let (name, value) = line.split_once('=').ok_or(Malformed("a line has no ="))?;
            match name {
                "m" => sections.push(Self { head: value, attributes: Vec::new() }),
                "a" => {
                    let attribute = value.split_once(':').unwrap_or((value, ""));
                    sections.last_mut().expect("there is always the session's section").attributes.push(attribute);
                }
                _ if name.len() == 1 => {}
                _ => return Err(Malformed("a line does not begin with one letter and =")),
            }
        }
        Ok(sections)
    }

    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.attributes.iter().filter(move |(known, _)| *known == name).map(|(_, value)| *value)
    }

    pub(super) fn value(&self, name: &str) -> Option<&'a str> {
        self.values(name).next()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// Whether its bundle takes in all of these (RFC 9143 §7.1).
    pub(super) fn bundles<'m>(&self, mut wanted: impl Iterator<Item = &'m str>) -> bool {
        let bundle = self.values("group").find_map(|group| group.strip_prefix("BUNDLE ")).unwrap_or_default();
        wanted.all(|mid| bundle.split_ascii_whitespace().any(|bundled| bundled == mid))
    }
}
