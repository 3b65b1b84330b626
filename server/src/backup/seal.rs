//! Files that only the holder of the key can read, and that nobody can change unnoticed: XChaCha20-Poly1305 in pieces of
//! a megabyte, each sealed in its place (STREAM), so that none can be left out, repeated or moved.

use std::io::{self, Read, Write};
use std::path::Path;

use aead_stream::{DecryptorBE32, EncryptorBE32};
use anyhow::Context as _;
use chacha20poly1305::XChaCha20Poly1305;
use domain::Token;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

const MAGIC: &[u8; 12] = b"everlight 1\n";
const PIECE: usize = 1024 * 1024;
const TAG: usize = 16;
/// 24 bytes less those that STREAM counts with.
const NONCE: usize = 19;

/// 32 random bytes, as 64 hexadecimal digits in a file.
#[derive(Clone)]
pub struct BackupKey([u8; 32]);

/// What went in, in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    pub size: u64,
    pub sha256: String,
}

#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("it cannot be read or written: {0}")]
    Io(#[from] io::Error),
    #[error("it is damaged, or was sealed with another key")]
    Damaged,
}

impl std::fmt::Debug for BackupKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BackupKey")
    }
}

impl BackupKey {
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| {
            format!("The backup's key cannot be read from {}; “everlight backup-key” makes one", file.display())
        })?;
        crate::start::parse_key(text.trim())
            .map(Self)
            .with_context(|| format!("{} does not hold a key: 64 hexadecimal digits are expected", file.display()))
    }

    /// Makes a key in a file that only its owner may read. One that is there is never replaced.
    pub fn make(file: &Path) -> anyhow::Result<()> {
        let key: [u8; 32] = rand::random();
        crate::start::write_secret(file, Token::from_bytes(key).expose())
            .with_context(|| format!("The key cannot be written to {}", file.display()))
    }

    /// A name for this content that says nothing of it to whoever has no key.
    pub fn name(&self, content: &Content) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(b"name");
        mac.update(content.sha256.as_bytes());
        hex(&mac.finalize().into_bytes())
    }

    /// How long a file is once so many bytes are sealed in it.
    pub const fn sealed_size(size: u64) -> u64 {
        let pieces = if size == 0 { 1 } else { size.div_ceil(PIECE as u64) };
        (MAGIC.len() + NONCE) as u64 + size + pieces * TAG as u64
    }

    pub fn seal(&self, mut from: impl Read, mut to: impl Write) -> io::Result<Content> {
        let nonce: [u8; NONCE] = rand::random();
        to.write_all(MAGIC)?;
        to.write_all(&nonce)?;
        let mut sealer = EncryptorBE32::<XChaCha20Poly1305>::new((&self.0).into(), (&nonce).into());
        let full = |_| io::Error::other("the file is larger than can be sealed");
        let mut tally = Tally::default();
        let mut piece = read_piece(&mut from, PIECE)?;
        // Whether a piece is the last is known once there is none after it.
        loop {
            tally.take(&piece);
            let next = if piece.len() < PIECE { Vec::new() } else { read_piece(&mut from, PIECE)? };
            if next.is_empty() {
                to.write_all(&sealer.encrypt_last(piece.as_slice()).map_err(full)?)?;
                return Ok(tally.content());
            }
            to.write_all(&sealer.encrypt_next(piece.as_slice()).map_err(full)?)?;
            piece = next;
        }
    }

    /// Writes only what is known to be right, piece by piece; whether all of it came is known at the end.
    pub fn open(&self, mut from: impl Read, mut to: impl Write) -> Result<Content, SealError> {
        let head = read_piece(&mut from, MAGIC.len() + NONCE)?;
        let nonce: &[u8; NONCE] =
            head.strip_prefix(MAGIC.as_slice()).and_then(|nonce| nonce.try_into().ok()).ok_or(SealError::Damaged)?;
        let mut opener = DecryptorBE32::<XChaCha20Poly1305>::new((&self.0).into(), nonce.into());
        let damaged = |_| SealError::Damaged;
        let mut tally = Tally::default();
        let mut piece = read_piece(&mut from, PIECE + TAG)?;
        loop {
            let next = if piece.len() < PIECE + TAG { Vec::new() } else { read_piece(&mut from, PIECE + TAG)? };
            if next.is_empty() {
                let plain = opener.decrypt_last(piece.as_slice()).map_err(damaged)?;
                tally.take(&plain);
                to.write_all(&plain)?;
                return Ok(tally.content());
            }
            let plain = opener.decrypt_next(piece.as_slice()).map_err(damaged)?;
            tally.take(&plain);
            to.write_all(&plain)?;
            piece = next;
        }
    }
}

/// Up to `length` bytes; fewer only at the end.
fn read_piece(from: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    let mut piece = Vec::with_capacity(length);
    from.take(length as u64).read_to_end(&mut piece)?;
    Ok(piece)
}

/// Counts and hashes what passes.
#[derive(Default)]
struct Tally {
    size: u64,
    hash: Sha256,
}

impl Tally {
    fn take(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        self.hash.update(bytes);
    }

    fn content(self) -> Content {
        Content { size: self.size, sha256: hex(&self.hash.finalize()) }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: BackupKey = BackupKey([7; 32]);

    fn sealed(plain: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::new();
        KEY.seal(plain, &mut sealed).unwrap();
        sealed
    }

    fn opened(key: &BackupKey, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut plain = Vec::new();
        key.open(sealed, &mut plain).map(|_| plain)
    }

    fn some(length: usize) -> Vec<u8> {
        (0..length).map(|n| u8::try_from(n % 251).unwrap()).collect()
    }

    #[test]
    fn what_is_sealed_comes_back_whatever_its_length() {
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 17] {
            let plain = some(length);
            let mut bytes = Vec::new();
            let content = KEY.seal(plain.as_slice(), &mut bytes).unwrap();
            assert_eq!(content, Content { size: length as u64, sha256: hex(&Sha256::digest(&plain)) });
            assert_eq!(bytes.len() as u64, BackupKey::sealed_size(length as u64));
            assert_eq!(opened(&KEY, &bytes).unwrap(), plain, "{length}");
        }
    }

    #[test]
    fn nothing_of_it_can_be_seen_and_the_same_twice_looks_different() {
        let plain = b"secret ".repeat(1000);
        let (once, twice) = (sealed(&plain), sealed(&plain));
        assert!(!once.windows(7).any(|window| window == b"secret "));
        assert_ne!(once[MAGIC.len()..], twice[MAGIC.len()..]);
    }

    #[test]
    fn a_changed_byte_a_lost_end_or_another_key_is_noticed() {
        let whole = sealed(&some(PIECE + 100));
        let at_the_seam = MAGIC.len() + NONCE + PIECE + TAG;
        for at in [0, MAGIC.len(), MAGIC.len() + NONCE, at_the_seam - 1, at_the_seam, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            assert!(matches!(opened(&KEY, &changed), Err(SealError::Damaged)), "byte {at}");
        }
        for length in [0, 5, MAGIC.len() + NONCE, 100, at_the_seam, whole.len() - 1] {
            assert!(matches!(opened(&KEY, &whole[..length]), Err(SealError::Damaged)), "cut at {length}");
        }
        assert!(matches!(opened(&BackupKey([8; 32]), &whole), Err(SealError::Damaged)));
    }

    #[test]
    fn pieces_that_change_places_are_noticed() {
        let mut swapped = sealed(&some(3 * PIECE));
        let (first, second) = (MAGIC.len() + NONCE, MAGIC.len() + NONCE + PIECE + TAG);
        for at in 0..PIECE + TAG {
            swapped.swap(first + at, second + at);
        }
        assert!(matches!(opened(&KEY, &swapped), Err(SealError::Damaged)));
    }

    #[test]
    fn a_key_is_made_once_and_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup.key");
        assert!(BackupKey::read(&file).unwrap_err().to_string().contains("backup-key"));
        BackupKey::make(&file).unwrap();
        let key = BackupKey::read(&file).unwrap();
        assert!(BackupKey::make(&file).is_err());
        assert_eq!(BackupKey::read(&file).unwrap().0, key.0);
    }
}
