//! The files of a service on this server. They are known by the beginnings of their names, which are ids: also what was half
//! made when the program stopped is found.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use domain::{
    RecordingId, StreamId,
    deletion::{Thing, ThingKind},
    recording::RecordingSource,
};

/// The beginnings of names, below the folder of the recordings, that nothing but this service's files have.
pub(super) fn stems(
    place: RecordingSource,
    stream: StreamId,
    copies: impl Iterator<Item = RecordingId>,
) -> BTreeSet<String> {
    match place {
        RecordingSource::Server => {
            copies.map(|id| id.to_string()).chain([stream.to_string(), format!("rehearsals/{stream}")]).collect()
        }
        RecordingSource::Phone => copies.map(|id| format!("phone/{id}")).chain([format!("takes/{stream}")]).collect(),
        RecordingSource::Cloudflare | RecordingSource::Mux => BTreeSet::new(),
    }
}

/// What is there under these names.
pub(super) fn found(folder: &Path, stems: &BTreeSet<String>) -> io::Result<BTreeSet<Thing>> {
    let mut things = BTreeSet::new();
    for stem in stems {
        let (below, beginning) = stem.rsplit_once('/').unwrap_or(("", stem));
        let entries = match fs::read_dir(folder.join(below)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            // Names that are no text are not ours.
            let Ok(name) = entry?.file_name().into_string() else { continue };
            if name.starts_with(beginning) {
                let id = PathBuf::from(below).join(name).display().to_string();
                things.insert(Thing { kind: ThingKind::File, id });
            }
        }
    }
    Ok(things)
}

/// What is not there has been removed.
pub(super) fn remove(folder: &Path, things: &BTreeSet<Thing>) -> io::Result<()> {
    for thing in things {
        let path = folder.join(&thing.id);
        let removed = match fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => fs::remove_dir_all(&path),
            Ok(_) => fs::remove_file(&path),
            Err(error) => Err(error),
        };
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_of_the_service_is_found_and_nothing_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let (stream, ours, others) = (
            StreamId::from_parts(1, [1; 10]),
            RecordingId::from_parts(1, [2; 10]),
            RecordingId::from_parts(1, [3; 10]),
        );
        let write = |name: String| {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, b"x").unwrap();
        };
        for name in ["{id}/part-0001.mp4", "{id}.mp4", "{id}.cut.mp4", "{id}.filled.mp4"] {
            write(name.replace("{id}", &ours.to_string()));
            write(name.replace("{id}", &others.to_string()));
        }
        write(format!("rehearsals/{stream}/rehearsal.mp4"));
        write(format!("{stream}.fetched"));
        let stems = stems(RecordingSource::Server, stream, [ours].into_iter());
        let there = found(folder.path(), &stems).unwrap();
        assert_eq!(there.len(), 6, "{there:?}");
        remove(folder.path(), &there).unwrap();
        remove(folder.path(), &there).unwrap();
        assert!(found(folder.path(), &stems).unwrap().is_empty());
        let left = found(folder.path(), &[others.to_string()].into()).unwrap();
        assert_eq!(left.len(), 4, "{left:?}");
    }
}
