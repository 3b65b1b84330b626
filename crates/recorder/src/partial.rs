//! Files that are not whole yet.

use std::fs::{self, File};
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::finalize::{FinalizeError, beside};

const SUFFIX: &str = "partial";
const SCRATCH: &str = "scratch";
/// The same in earlier versions, of takes.
const SCRATCH_OF_TAKES: &str = "takes";

/// A file that is being written next to its place, and goes unless it is put there.
#[derive(Debug)]
pub(crate) struct Partial {
    path: PathBuf,
}

impl Partial {
    /// With a name of its own: two that make the same file at once do not write into each other's.
    pub(crate) fn beside(out: &Path) -> Self {
        Self { path: of_its_own(out, SUFFIX) }
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

fn of_its_own(out: &Path, suffix: &str) -> PathBuf {
    let random = RandomState::new().hash_one(out);
    beside(out, &format!("{random:016x}.{suffix}"))
}

/// A folder that goes when it is no longer needed.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// With a name of its own, and empty: what a program that was killed has left would be taken for ours.
    pub(crate) fn beside(out: &Path) -> Result<Self, FinalizeError> {
        let path = of_its_own(out, SCRATCH);
        fs::create_dir_all(&path).map_err(|source| FinalizeError::Write { path: path.clone(), source })?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Removes files and scratch folders that are not whole and were written to last before this moment, and says how many. Whoever makes a file
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
        let suffix = path.extension().and_then(|suffix| suffix.to_str());
        if !suffix.is_some_and(|suffix| [SUFFIX, SCRATCH, SCRATCH_OF_TAKES].contains(&suffix)) {
            continue;
        }
        // It may be put in its place at this moment, or be removed by another.
        let Ok(written) = last_written(&path) else { continue };
        if written < left_alone_since {
            let gone = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            match gone {
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

/// Of a folder, the newest of all that is in it.
fn last_written(path: &Path) -> io::Result<SystemTime> {
    let about = fs::metadata(path)?;
    let mut newest = about.modified()?;
    if about.is_dir() {
        for entry in fs::read_dir(path)? {
            newest = newest.max(last_written(&entry?.path())?);
        }
    }
    Ok(newest)
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
    fn a_scratch_folder_stays_for_as_long_as_something_is_written_in_it() {
        let dir = tempfile::tempdir().unwrap();
        let since = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let before = since - Duration::from_secs(1);
        for (name, written) in [("1.mp4.00ff.scratch", before), ("2.mp4.takes", before), ("3.mp4.00ff.scratch", since)]
        {
            fs::create_dir_all(dir.path().join(name).join("hole-0")).unwrap();
            File::create(dir.path().join(name).join("hole-0/part")).unwrap().set_modified(written).unwrap();
            for folder in ["hole-0", ""] {
                File::open(dir.path().join(name).join(folder)).unwrap().set_modified(before).unwrap();
            }
        }
        assert_eq!(remove_partial_files(dir.path(), since).unwrap(), 2);
        assert!(dir.path().join("3.mp4.00ff.scratch").exists());
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
