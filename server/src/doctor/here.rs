//! What can be found on this computer: folders, disk, database, key, ffmpeg.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use store::upkeep::{self, Examined};

use super::report::{Finding, Verdict};
use crate::{config::Config, start};

/// Below this the recordings of a few hours do not fit.
const SCARCE: u64 = 5 * GIGABYTE;
const TOO_LITTLE: u64 = 500 * 1024 * 1024;
const GIGABYTE: u64 = 1024 * 1024 * 1024;
/// A disk that needs longer to take a few bytes for good will not keep up with several services.
const SLOW_WRITE: Duration = Duration::from_millis(500);
const SLOW_DATABASE: Duration = Duration::from_millis(200);
/// What makes one file of parts with different codecs.
const OLDEST_FFMPEG: (u32, u32) = (5, 1);

pub fn disk(data_dir: &Path) -> Vec<Finding> {
    // The folder may be made by the first start; the disk is that of what is there.
    let there = data_dir.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let mut findings =
        vec![if data_dir.exists() { written(write_and_read(data_dir), data_dir) } else { to_be_made(there) }];
    if let Some((free, total)) = space(there) {
        findings.push(room(free, total));
    }
    findings
}

fn write_and_read(data_dir: &Path) -> std::io::Result<Duration> {
    let file = data_dir.join(format!(".doctor-{}", std::process::id()));
    let started = Instant::now();
    let tried = (|| {
        let mut written = File::create(&file)?;
        written.write_all(b"everlight")?;
        written.sync_all()?;
        let read = fs::read(&file)?;
        if read == b"everlight" { Ok(started.elapsed()) } else { Err(std::io::Error::other("it reads differently")) }
    })();
    drop(fs::remove_file(&file));
    tried
}

fn to_be_made(there: &Path) -> Finding {
    let check = "data directory";
    if is_writable(there) {
        Verdict::Good.of(check, format!("The first start makes it, in {}.", there.display()))
    } else {
        Verdict::Bad.of(check, format!("It is not there, and cannot be made in {}.", there.display()))
    }
}

fn written(tried: std::io::Result<Duration>, data_dir: &Path) -> Finding {
    let folder = data_dir.display();
    match tried {
        Ok(took) if took > SLOW_WRITE => Verdict::Notice.of(
            "data directory",
            format!(
                "{folder} takes {} ms for a small write: recordings of several services may not keep up.",
                took.as_millis()
            ),
        ),
        Ok(took) => {
            Verdict::Good.of("data directory", format!("{folder} can be written to ({} ms).", took.as_millis()))
        }
        Err(error) => Verdict::Bad.of("data directory", format!("{folder} cannot be written to: {error}.")),
    }
}

/// Free for us, and in all; `None` where the system does not say.
pub fn space(folder: &Path) -> Option<(u64, u64)> {
    #[cfg(unix)]
    {
        let space = rustix::fs::statvfs(folder).ok()?;
        Some((space.f_bavail * space.f_frsize, space.f_blocks * space.f_frsize))
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}

/// Whether we may make files there, as far as can be told without making one.
pub fn is_writable(folder: &Path) -> bool {
    #[cfg(unix)]
    {
        rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok()
    }
    #[cfg(not(unix))]
    {
        fs::metadata(folder).is_ok_and(|metadata| !metadata.permissions().readonly())
    }
}

fn room(free: u64, total: u64) -> Finding {
    let said = format!("{:.1} GB of {:.1} GB are free", in_gigabytes(free), in_gigabytes(total));
    match free {
        _ if free < TOO_LITTLE => Verdict::Bad.of("disk", format!("{said}: not enough for one service.")),
        _ if free < SCARCE => Verdict::Notice.of("disk", format!("{said}; an hour of a service takes about 3.5 GB.")),
        _ => Verdict::Good.of("disk", format!("{said}.")),
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown with one digit after the point")]
fn in_gigabytes(bytes: u64) -> f64 {
    bytes as f64 / GIGABYTE as f64
}

pub async fn database(config: &Config) -> Finding {
    match upkeep::examine(&config.database_url).await {
        Ok(examined) => schema(&examined),
        Err(_) if is_to_be_made(&config.database_url) => {
            Verdict::Good.of("database", "There is none yet: the first start makes it.")
        }
        // What the driver says holds neither address nor password.
        Err(error) => Verdict::Bad.of("database", format!("It cannot be used: {error}.")),
    }
}

fn is_to_be_made(url: &str) -> bool {
    crate::backup::sqlite_file(url).is_ok_and(|file| store::Engine::of(url) == store::Engine::Sqlite && !file.exists())
}

fn schema(examined: &Examined) -> Finding {
    let Examined { latency, pending, unknown } = examined;
    match (unknown, pending) {
        (0, 0) if *latency > SLOW_DATABASE => {
            Verdict::Notice.of("database", format!("It answers slowly ({} ms for a change).", latency.as_millis()))
        }
        (0, 0) => Verdict::Good.of("database", format!("It can be written to ({} ms).", latency.as_millis())),
        (0, pending) => {
            Verdict::Notice.of("database", format!("The next start brings its tables up to date ({pending} changes)."))
        }
        _ => Verdict::Bad.of(
            "database",
            "A later version of Everlight has changed its tables: please run that version, or restore a backup from before.",
        ),
    }
}

pub fn secret_key(file: &Path) -> Finding {
    let check = "secret key";
    match fs::read_to_string(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Verdict::Good.of(check, "There is none yet: the first start makes it.")
        }
        Err(error) => Verdict::Bad.of(check, format!("{} cannot be read: {error}.", file.display())),
        Ok(text) if start::parse_key(text.trim()).is_none() => Verdict::Bad
            .of(check, format!("{} does not hold a key: 64 hexadecimal digits are expected.", file.display())),
        Ok(_) if others_may_read(file) => Verdict::Bad.of(
            check,
            format!("Others on this computer may read {0}, and film with it: chmod 600 {0}", file.display()),
        ),
        Ok(_) => Verdict::Good.of(check, format!("{} is there, and only its owner reads it.", file.display())),
    }
}

fn others_may_read(file: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::metadata(file).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        false
    }
}

/// `needed`: recordings go to the cloud.
pub async fn ffmpeg(program: Option<&Path>, needed: bool) -> Finding {
    let Some(program) = program else { return no_ffmpeg(needed) };
    let mut command = tokio::process::Command::new(program);
    let output = command.arg("-version").stdin(Stdio::null()).kill_on_drop(true).output();
    match tokio::time::timeout(Duration::from_secs(10), output).await {
        Ok(Ok(output)) if output.status.success() => version(&String::from_utf8_lossy(&output.stdout)),
        Ok(Ok(output)) => Verdict::Bad.of("ffmpeg", format!("{} fails ({}).", program.display(), output.status)),
        Ok(Err(error)) => Verdict::Bad.of("ffmpeg", format!("{} cannot be started: {error}.", program.display())),
        Err(_) => Verdict::Bad.of("ffmpeg", format!("{} does not answer.", program.display())),
    }
}

fn no_ffmpeg(needed: bool) -> Finding {
    if needed {
        Verdict::Bad
            .of("ffmpeg", "It is missing: services cannot be sent to the cloud while they run. apt install ffmpeg")
    } else {
        Verdict::Notice.of("ffmpeg", "It is missing: finished recordings are not decoded when they are checked.")
    }
}

/// `ffmpeg version 5.1.6-0+deb12u1 Copyright …`, `ffmpeg version n7.1 …`.
fn version(said: &str) -> Finding {
    let word = said.split_whitespace().nth(2).unwrap_or_default();
    let mut numbers =
        word.trim_start_matches('n').split(|letter: char| !letter.is_ascii_digit()).map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), minor) => {
            let minor = minor.and_then(Result::ok).unwrap_or(0);
            if (major, minor) >= OLDEST_FFMPEG {
                Verdict::Good.of("ffmpeg", format!("Version {major}.{minor}."))
            } else {
                Verdict::Bad.of("ffmpeg", format!("Version {major}.{minor} is too old: 5.1 or later is needed."))
            }
        }
        _ => Verdict::Notice.of("ffmpeg", "It is there and does not say its version; 5.1 or later is needed."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_judged_by_what_is_free() {
        let verdict = |free| room(free, 100 * GIGABYTE).verdict;
        assert_eq!(verdict(80 * GIGABYTE), Verdict::Good);
        assert_eq!(verdict(2 * GIGABYTE), Verdict::Notice);
        assert_eq!(verdict(100 * 1024 * 1024), Verdict::Bad);
    }

    #[test]
    fn a_folder_that_is_none_is_bad_and_nothing_is_left_in_a_good_one() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        assert_eq!(disk(&folder.path().join("file"))[0].verdict, Verdict::Bad);
        assert_ne!(disk(&folder.path().join("data"))[0].verdict, Verdict::Bad);
        assert!(!folder.path().join("data").exists());
        let good = folder.path().join("good");
        fs::create_dir(&good).unwrap();
        assert_ne!(disk(&good)[0].verdict, Verdict::Bad);
        assert_eq!(fs::read_dir(good).unwrap().count(), 0);
    }

    #[test]
    fn a_schema_of_the_future_is_bad() {
        let examined = |pending, unknown| Examined { latency: Duration::from_millis(3), pending, unknown };
        assert_eq!(schema(&examined(0, 0)).verdict, Verdict::Good);
        assert_eq!(schema(&examined(2, 0)).verdict, Verdict::Notice);
        assert_eq!(schema(&examined(0, 1)).verdict, Verdict::Bad);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_may_read_is_bad() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret.key");
        assert_eq!(secret_key(&file).verdict, Verdict::Good);
        start::write_secret(&file, &"ab".repeat(32)).unwrap();
        assert_eq!(secret_key(&file).verdict, Verdict::Good);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(secret_key(&file).verdict, Verdict::Bad);
        fs::write(&file, "hunter2").unwrap();
        let finding = secret_key(&file);
        assert!(finding.verdict == Verdict::Bad && !finding.words.contains("hunter2"));
    }

    #[test]
    fn versions_of_ffmpeg_are_read_as_it_writes_them() {
        for (said, verdict) in [
            ("ffmpeg version 5.1.6-0+deb12u1 Copyright (c) 2000-2024", Verdict::Good),
            ("ffmpeg version n7.1 Copyright", Verdict::Good),
            ("ffmpeg version 8.0 Copyright", Verdict::Good),
            ("ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright", Verdict::Bad),
            ("ffmpeg version 5.0 Copyright", Verdict::Bad),
            ("ffmpeg version N-109468-gd39b34123d Copyright", Verdict::Notice),
            ("", Verdict::Notice),
        ] {
            assert_eq!(version(said).verdict, verdict, "{said}");
        }
    }

    #[tokio::test]
    async fn a_program_that_is_no_ffmpeg_is_bad() {
        assert_eq!(ffmpeg(Some(Path::new("/bin/false")), false).await.verdict, Verdict::Bad);
        assert_eq!(ffmpeg(None, true).await.verdict, Verdict::Bad);
        assert_eq!(ffmpeg(None, false).await.verdict, Verdict::Notice);
    }
}
