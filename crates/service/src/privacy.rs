//! Who may watch a stream: from what staff type, and for what they are shown.

use domain::{
    StreamId,
    privacy::{Passcode, Privacy, PrivacyDocument},
    stream::{Stream, StreamDetails},
};

use crate::{Error, Everlight, time};

/// Who may watch, as it was typed.
#[derive(Debug, Clone, Default)]
pub struct PrivacyForm {
    /// Empty: as it was.
    pub passcode: String,
    /// No passcode any more.
    pub no_passcode: bool,
    pub needs_approval: bool,
    pub downloads: bool,
    pub listed: bool,
    /// The last day, local to the service's time zone; empty means the usual time after the end.
    pub until: String,
}

impl Everlight {
    /// Who may watch, by what was and what was typed.
    pub(crate) fn privacy(
        &self,
        id: StreamId,
        before: &Privacy,
        form: &PrivacyForm,
        details: &StreamDetails,
    ) -> Result<Privacy, Error> {
        let passcode = match (form.no_passcode, form.passcode.trim()) {
            (true, _) => None,
            (false, "") => before.passcode.clone(),
            (false, typed) => Some(self.keys.passcode_hash(id, rand::random(), &Passcode::parse(typed)?)),
        };
        Ok(Privacy {
            passcode,
            needs_approval: form.needs_approval,
            approved_at: before.approved_at,
            available_until: time::end_of_day(&form.until, &details.time_zone)?,
            downloads: form.downloads,
            listed: form.listed,
        })
    }

    pub(crate) fn privacy_document(&self, stream: &Stream) -> PrivacyDocument {
        let (privacy, zone) = (&stream.privacy, &stream.details.time_zone);
        let until = privacy.until(&stream.facts);
        let chosen = privacy.available_until.and_then(|until| time::local(until, zone));
        PrivacyDocument {
            passcode: privacy.passcode.is_some(),
            needs_approval: privacy.needs_approval,
            approved: privacy.approved_at.is_some(),
            downloads: privacy.downloads,
            listed: privacy.listed,
            until_date: chosen.map(|local| local.date).unwrap_or_default(),
            until: until.and_then(|until| time::day(until, zone)).unwrap_or_default(),
            over: privacy.is_over(&stream.facts, self.now()),
            deleted: self
                .settings
                .delete_after
                .and_then(|after| privacy.deleted_at(&stream.facts, after))
                .and_then(|at| time::day(at, zone))
                .unwrap_or_default(),
        }
    }
}
