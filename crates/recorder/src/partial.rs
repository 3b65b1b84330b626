//! Files that are not whole yet.

use std::fs::{self, File};
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::finalize::beside;

const SUFFIX: &str = "partial";

/// A file that is being written next to its place, and goes unless it is put there.
#[derive(Debug)]
pub(crate) struct Partial {
    path: PathBuf,
}

impl Partial {
    /// With a name of its own: two that make the same file at once do not write into each other's.
    pub(crate) fn beside(out: &Path) -> Self {
        let random = RandomState::new().hash_one(out);
        Self { path: beside(out, &format!("{random:016x}.{SUFFIX}")) }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts it in its place, also through a power failure.
    pub(crate) fn put(self, out: &Path) -> io::Result<()> {
        fs::rename(&self.path, out)?;
        match out.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            Some(parent) => File::open(parent)?.sync_all(),
            None => Ok(()),
        }
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // There is none any more when it was put in its place.
        let _ = fs::remove_file(&self.path);
    }
}

/// Removes files that are not whole and were written to last before this moment, and says how many. Whoever makes a file
/// writes to it all the time: one that was left alone for long is of a program that is dead.
///
/// # Errors
/// When the folder cannot be read, or a file cannot be removed. No folder holds nothing.
pub fn remove_partial_files(folder: &Path, left_alone_since: SystemTime) -> io::Result<usize> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut removed = 0;
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != SUFFIX) {
            continue;
        }
        // It may be put in its place at this moment, or be removed by another.
        let Ok(written) = fs::metadata(&path).and_then(|file| file.modified()) else { continue };
        if written < left_alone_since {
            match fs::remove_file(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                gone => {
                    gone?;
                    removed += 1;
                }
            }
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_a_dead_program_left_is_removed_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let since = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let before = since - Duration::from_secs(1);
        for (name, written) in [
            ("1.mp4.00ff.partial", before),
            // Of earlier versions.
            ("2.mp4.partial", before),
            ("3.mp4.00ff.partial", since),
            ("4.mp4", before),
        ] {
            File::create(dir.path().join(name)).unwrap().set_modified(written).unwrap();
        }
        assert_eq!(remove_partial_files(dir.path(), since).unwrap(), 2);
        assert_eq!(remove_partial_files(dir.path(), since).unwrap(), 0);
        for left in ["3.mp4.00ff.partial", "4.mp4"] {
            assert!(dir.path().join(left).exists(), "{left}");
        }
        assert_eq!(remove_partial_files(&dir.path().join("none"), since).unwrap(), 0);
    }

    #[test]
    fn it_has_a_name_of_its_own_and_goes_unless_it_is_put_in_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("1.mp4");
        let [one, other] = [Partial::beside(&out), Partial::beside(&out)];
        assert_ne!(one.path(), other.path());
        for partial in [&one, &other] {
            fs::write(partial.path(), b"x").unwrap();
        }
        one.put(&out).unwrap();
        drop(other);
        let names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["1.mp4"]);
    }
}
