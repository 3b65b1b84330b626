//! Everything of a memorial as one archive, for whoever may download its recordings: to keep, or to take elsewhere.

use std::{
    fs::File,
    io::{self, Write},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use domain::{
    Action, MemorialId,
    audit::{AuditEntry, Deed},
    document::StreamDocument,
    memorial::Memorial,
    recording::RecordingSource,
    storage::Piece,
    stream::is_playable,
};
use serde::Serialize;
use store::Recording;
use tokio::{runtime::Handle, sync::OwnedSemaphorePermit};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{Actor, Error, Everlight, audit::About, memorials::Memorials, recordings::Place, storage::InStorage};

/// Each keeps a thread busy for as long as somebody's line is slow.
pub(crate) const AT_ONCE: usize = 4;
/// A provider that sends nothing for so long has stopped.
const IDLE: Duration = Duration::from_secs(60);

/// An archive that is about to be written.
#[derive(Debug)]
pub struct Export {
    parts: Vec<(String, Part)>,
    _turn: OwnedSemaphorePermit,
}

/// What one file of the archive is made of.
#[derive(Debug)]
enum Part {
    Bytes(Vec<u8>),
    Here(PathBuf),
    Stored(InStorage),
    /// At a provider, by an address that is open for some hours.
    There(String),
}

/// `memorial.json`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    memorial: Memorial,
    services: Vec<StreamDocument>,
}

impl Memorials<'_> {
    /// The memorial with its picture and its services, their recordings and, for whoever may archive it, what the audit log says of it.
    pub async fn export(&self, actor: &Actor, id: MemorialId) -> Result<Export, Error> {
        let memorial = self.0.memorial_for(actor, Action::Download, id).await?;
        let turn = Arc::clone(&self.0.exporting).try_acquire_owned().map_err(|_| Error::TooMany)?;
        let mut files = Vec::new();
        let services = self.0.streams().of_memorial(actor, id).await?;
        for (number, service) in services.iter().enumerate() {
            let copies = self.0.store.recordings_of(service.id).await?;
            let name = format!("{:02} {}", number + 1, file_name(&service.title));
            files.extend(self.0.best_for_export(&copies, &name).await?);
        }
        // With its own line, so that nobody wonders whether it was noted.
        self.0.note(actor, Deed::MemorialExported, About::memorial(&memorial)).await?;
        // Its lines name those who look after the memorial.
        let log = if self.0.allowed(actor, &memorial).await?.contains(&Action::Archive) {
            Some(self.0.store.audit_of(id).await?)
        } else {
            None
        };
        let portrait = match memorial.portrait {
            Some(portrait) => Some(self.0.portraits().of_memorial(actor, id, portrait).await?),
            None => None,
        };
        let mut parts = vec![("memorial.json".to_owned(), json(&Document { memorial, services })?)];
        if let Some(log) = log {
            parts.push(("audit.json".to_owned(), json::<Vec<AuditEntry>>(&log)?));
        }
        parts.extend(portrait.map(|jpeg| ("portrait.jpg".to_owned(), Part::Bytes(jpeg))));
        parts.extend(files);
        Ok(Export { parts, _turn: turn })
    }
}

impl Everlight {
    /// Every copy that lies here or in object storage, with what of it is shown; where there is none, the best at a provider.
    async fn best_for_export(&self, copies: &[Recording], name: &str) -> Result<Vec<(String, Part)>, Error> {
        let playable = || copies.iter().filter(|copy| is_playable(copy.facts.status()));
        let mut parts = Vec::new();
        for copy in playable().filter(|copy| copy.facts.hosted.is_none()) {
            let of = if copy.source == RecordingSource::Phone { " (the phone's copy)" } else { "" };
            parts.push((format!("{name}{of}.mp4"), self.place_of(copy, Piece::Whole).await?.into()));
            if copy.cut.is_some() {
                parts.push((format!("{name} (as it is shown).mp4"), self.place_of(copy, Piece::Shown).await?.into()));
            }
        }
        if parts.is_empty() {
            let address = |copy: &Recording| {
                let (_, hosted) = copy.facts.hosted.as_ref()?;
                self.open(copy.source, hosted.mp4.as_deref()?, hosted.signed, self.opened_for_us())
            };
            let there = playable().filter_map(|copy| Some((copy.facts.proof()?.holds_ms(), address(copy)?)));
            let best = there.max_by_key(|(holds, _)| *holds);
            parts.extend(best.map(|(_, address)| (format!("{name}.mp4"), Part::There(address))));
        }
        Ok(parts)
    }
}

impl From<Place> for Part {
    fn from(place: Place) -> Self {
        match place {
            Place::Here(file) => Self::Here(file),
            Place::Stored(stored) => Self::Stored(stored),
            Place::There(address) => Self::There(address),
        }
    }
}

impl Export {
    /// Writes the archive, of which only a little is ever in memory. To be called where waiting is allowed.
    ///
    /// # Errors
    /// When a recording cannot be read, or nobody takes the archive any more: what was written is no whole archive then.
    pub fn write(self, out: impl Write) -> io::Result<()> {
        let mut archive = ZipWriter::new_stream(out);
        // A recording is as small as it gets, and may be larger than 4 GB.
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
        for (name, part) in self.parts {
            archive.start_file(name, options)?;
            match part {
                Part::Bytes(bytes) => archive.write_all(&bytes)?,
                Part::Here(file) => drop(io::copy(&mut File::open(file)?, &mut archive)?),
                Part::Stored(stored) => stored.write(&mut archive)?,
                Part::There(address) => fetch(&address, &mut archive)?,
            }
        }
        archive.finish()?.flush()
    }
}

/// Addresses may be signed: they are not repeated.
fn fetch(address: &str, out: &mut impl Write) -> io::Result<()> {
    let failed = |error: reqwest::Error| io::Error::other(error.without_url());
    let client = outbound::file_client(IDLE).map_err(io::Error::other)?;
    let here = Handle::current();
    let answer = here.block_on(client.get(address).send()).and_then(reqwest::Response::error_for_status);
    let mut response = answer.map_err(failed)?;
    while let Some(bytes) = here.block_on(response.chunk()).map_err(failed)? {
        out.write_all(&bytes)?;
    }
    Ok(())
}

fn json<T: Serialize>(value: &T) -> Result<Part, Error> {
    let text = serde_json::to_vec_pretty(value);
    text.map(Part::Bytes).map_err(|error| Error::Internal(format!("an export cannot be written: {error}")))
}

/// A title as every system takes it for a name.
fn file_name(title: &str) -> String {
    let plain = |letter: char| if letter.is_alphanumeric() || " -_".contains(letter) { letter } else { '_' };
    let name: String = title.chars().map(plain).take(60).collect();
    name.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_never_a_path() {
        for (title, name) in [
            ("Funeral service", "Funeral service"),
            ("../../etc/passwd", "______etc_passwd"),
            ("Trauerfeier – Köln", "Trauerfeier _ Köln"),
        ] {
            assert_eq!(file_name(title), name);
        }
        assert!(file_name(&"x".repeat(500)).len() <= 60);
    }
}
