//! How it stands with object storage, for staff.

use domain::storage::{Piece, Stored};
use store::{Recording, StoredFile};

use super::lies_here;
use crate::Everlight;

impl Everlight {
    /// `None`: there is nothing to be said.
    pub(crate) async fn storage_words(&self, recording: &Recording, all: &[StoredFile]) -> Option<String> {
        if !lies_here(recording) {
            return None;
        }
        let mut said = None;
        for piece in Piece::ALL {
            if piece == Piece::Shown && recording.cut.is_none() {
                continue;
            }
            let of_piece = |file: &&StoredFile| file.recording_id == recording.id && file.piece == piece;
            let stored = all.iter().find(of_piece).map(|file| &file.stored);
            if stored.is_none() && self.storage.is_none() {
                return None;
            }
            let here = super::version(&self.piece_file(recording, piece)).await.ok().flatten();
            let (words, is_there) = words(stored.unwrap_or(&Stored::default()), here);
            // What is not there yet is what matters.
            if !is_there || said.is_none() {
                said = Some(words);
            }
        }
        said
    }
}

fn words(stored: &Stored, here: Option<domain::storage::Version>) -> (String, bool) {
    let is_held = |held: &domain::storage::Held| here.is_none_or(|here| here == held.version);
    if stored.held.as_ref().is_some_and(is_held) {
        let words = match here {
            Some(_) => "Also in object storage: checked.",
            None => "In object storage: checked. It is no longer on this server.",
        };
        return (words.to_owned(), true);
    }
    let why = stored.trouble.as_ref().map_or("It is being sent.", |trouble| &trouble.reason);
    (format!("Not in object storage yet. {why}"), false)
}
