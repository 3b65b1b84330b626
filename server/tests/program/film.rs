//! Somebody who films while the program dies, and what of it is on the disk.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::{
    peers::{Client, ClientConfig, PUBLISHER, TestCodec},
    support::Running,
};

/// Pictures that are sent in a second.
const RATE: u64 = 30;
/// What each picture begins with after its first byte; its number follows, in ten digits.
const PICTURE: &[u8] = &[0x10, 0x20, 0x9d, 0x01, 0x2a];

/// A service that is filmed again after each death.
#[derive(Default)]
pub struct Filmed {
    phone: Option<Client>,
    /// The numbers of what was sent until the last death.
    sent: Vec<u64>,
    /// Parts of the recording that were looked at.
    known: BTreeSet<PathBuf>,
    pub pictures: usize,
    /// The most pictures before a death that are not on the disk.
    lost: u64,
}

impl Filmed {
    pub async fn go_live(&mut self, at: &Running, stream: &str, token: &str) {
        let phone = Client::new(ClientConfig { video: Some(TestCodec::Vp8), ..PUBLISHER });
        let request = at.http.post(format!("{}/whip/{stream}", at.url)).bearer_auth(token);
        let request = request.header("content-type", "application/sdp").body(phone.offer.clone());
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 201, "{}", at.log());
        phone.answer(&answer.text().await.unwrap());
        self.phone = Some(phone);
    }

    /// At the moment of death.
    pub fn hang_up(&mut self) {
        self.sent = self.phone.take().map(|phone| phone.report().video_sent).unwrap_or_default();
    }

    /// Whether what was sent until the last death is on the disk: all of it, from the first picture that is there until a second
    /// before the end.
    pub fn compare(&mut self, data_dir: &Path) {
        let sent = std::mem::take(&mut self.sent);
        let new: Vec<PathBuf> = parts(&data_dir.join("recordings")).filter(|part| !self.known.contains(part)).collect();
        let there: BTreeSet<u64> = new.iter().flat_map(|part| numbers(&std::fs::read(part).unwrap())).collect();
        self.known.extend(new);
        self.pictures += there.len();
        let Some(last) = sent.last().copied() else { return };
        let long = last - sent[0] > RATE;
        assert!(!long || !there.is_empty(), "a second was filmed, and nothing is there");
        let Some(first) = there.first() else { return };
        let missing: Vec<u64> = sent.iter().copied().filter(|n| n > first && !there.contains(n)).collect();
        self.lost = self.lost.max(missing.first().map_or(0, |first| last + 1 - first));
        assert!(missing.iter().all(|n| n + RATE > last), "of {first} to {last}, {missing:?} are not on the disk");
    }
}

impl std::fmt::Display for Filmed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (parts, lost) = (self.known.len(), self.lost * 1000 / RATE);
        write!(
            f,
            "a service filmed all the while has {} pictures in {parts} parts, {lost} ms lost at the most",
            self.pictures
        )
    }
}

fn parts(recordings: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let folders = std::fs::read_dir(recordings).into_iter().flatten().flatten().map(|entry| entry.path());
    let files = folders.flat_map(|folder| std::fs::read_dir(folder).into_iter().flatten().flatten());
    files.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|extension| extension == "mp4"))
}

/// Of the pictures in a file.
fn numbers(file: &[u8]) -> Vec<u64> {
    let length = PICTURE.len() + 10;
    let found = file.windows(length).filter(|window| window.starts_with(PICTURE));
    found.filter_map(|window| std::str::from_utf8(&window[PICTURE.len()..]).ok()?.parse().ok()).collect()
}
