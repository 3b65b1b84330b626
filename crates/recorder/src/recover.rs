//! After a crash: cuts the torn end off the parts that a recorder left.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

use crate::directory::Directory;
use crate::read::{PartIndex, ReadError};

/// What is behind the last whole fragment is its torn successor, and no larger than this. More than that is damage of
/// another kind, and is left for somebody to look at.
const LARGEST_TAIL: u64 = 64 << 20;

/// What [`recover`] found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Parts with at least one whole fragment.
    pub parts: usize,
    /// Bytes cut off.
    pub cut: u64,
    /// Files that held no media and were removed.
    pub removed: Vec<PathBuf>,
    /// Files with more unreadable bytes than a torn write explains; not touched. What is before those bytes counts.
    pub damaged: Vec<PathBuf>,
}

/// Makes every part in `dir` end with a whole fragment. For a directory that no recorder has open.
///
/// # Errors
/// When a part cannot be read or cut.
pub fn recover(dir: &Path) -> Result<Recovered, ReadError> {
    let mut recovered = Recovered::default();
    for (_, path) in Directory::new(dir).parts().map_err(ReadError::io(dir))? {
        let index = PartIndex::read(&path)?;
        let empty = index.video.is_empty() && index.audio.is_empty();
        let tail = index.length - index.whole;
        recovered.parts += usize::from(!empty);
        if tail > LARGEST_TAIL {
            tracing::error!(path = %path.display(), tail, "a part is damaged in the middle");
            recovered.damaged.push(path);
        } else if empty {
            fs::remove_file(&path).map_err(ReadError::io(&path))?;
            recovered.cut += index.length;
            recovered.removed.push(path);
        } else if tail > 0 {
            let cut = || {
                let file = OpenOptions::new().write(true).open(&path)?;
                file.set_len(index.whole)?;
                file.sync_all()
            };
            cut().map_err(ReadError::io(&path))?;
            recovered.cut += tail;
        }
    }
    if recovered.cut > 0 {
        tracing::info!(parts = recovered.parts, bytes = recovered.cut, "a recording left by a crash was closed");
    }
    Ok(recovered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::{recording, whole_fragments};

    #[test]
    fn a_part_cut_anywhere_ends_with_a_whole_fragment() {
        let original = tempfile::tempdir().unwrap();
        let path = recording(original.path());
        let bytes = fs::read(&path).unwrap();
        // Where each fragment ends, and how many samples the file has until there.
        let fragments = whole_fragments(&path);
        assert!(fragments.len() > 3);

        let dir = tempfile::tempdir().unwrap();
        let torn = dir.path().join("part-0001.mp4");
        for length in 0..=bytes.len() {
            fs::write(&torn, &bytes[..length]).unwrap();
            let whole = fragments.iter().rfind(|(end, _)| *end <= length as u64);
            let index = PartIndex::read(&torn).unwrap();
            assert_eq!(index.video.len() + index.audio.len(), whole.map_or(0, |(_, samples)| *samples));
            // Syncing every one of thousands of files would take its time.
            let recovered_too = length % 307 == 0 || whole.is_some_and(|(end, _)| length as u64 - end < 2);
            if recovered_too {
                let recovered = recover(dir.path()).unwrap();
                assert_eq!(recovered.parts, usize::from(whole.is_some()), "cut at {length}");
                assert_eq!(torn.exists(), whole.is_some(), "cut at {length}");
                if let Some((end, _)) = whole {
                    assert_eq!(fs::metadata(&torn).unwrap().len(), *end);
                    assert_eq!(recovered.cut, length as u64 - end);
                    assert_eq!(recover(dir.path()).unwrap().cut, 0);
                }
            }
        }
    }

    #[test]
    fn a_tail_of_zeros_or_noise_is_cut() {
        let dir = tempfile::tempdir().unwrap();
        let path = recording(dir.path());
        let bytes = fs::read(&path).unwrap();
        for filler in [0, 1, 0xff] {
            let mut longer = bytes.clone();
            longer.extend_from_slice(&[filler; 4096]);
            fs::write(&path, longer).unwrap();
            assert_eq!(recover(dir.path()).unwrap().cut, 4096);
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
    }

    #[test]
    fn no_directory_is_nothing_to_recover() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(recover(&dir.path().join("none")).unwrap(), Recovered::default());
    }
}
