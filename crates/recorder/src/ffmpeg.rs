//! Running ffmpeg on files that came from outside. What it is given may be made to do harm, so it gets nothing that it has
//! no use for: not our environment, in which providers' keys are, no files that a file names, and no endless time.

use std::ffi::OsString;
use std::io::{self, Read as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What it may need of our environment: to be found, and to trust the providers' certificates.
const ENVIRONMENT: [&str; 5] = ["PATH", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "TMPDIR"];

/// To be said before `-i`: containers that recorders of browsers and our own write, from a file and nowhere else.
const INPUT: [&str; 4] =
    ["-protocol_whitelist", "file,pipe", "-format_whitelist", "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"];

/// A small file is looked at for at most this long …
const LIMIT: Duration = Duration::from_secs(10 * 60);
/// … and a large one so much longer: slower than any machine that encodes a picture as fast as it is shown.
const BYTES_PER_SECOND: u64 = 100_000;
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// Less important than what is live.
#[cfg(unix)]
const NICENESS: i32 = 10;

/// What of our environment a program of the ffmpeg package is given. The rest is to be cleared.
pub fn environment() -> impl Iterator<Item = (&'static str, OsString)> {
    ENVIRONMENT.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)))
}

/// A process that is to leave the machine to what is live. Where that is not allowed it runs as important as we do.
#[cfg(unix)]
pub fn lower_priority(process: u32) {
    let pid = i32::try_from(process).ok().and_then(rustix::process::Pid::from_raw);
    let _ = pid.map(|pid| rustix::process::setpriority_process(Some(pid), NICENESS));
}

#[cfg(not(unix))]
pub fn lower_priority(_: u32) {}

/// `ffmpeg` without anything of ours.
pub(crate) fn bare(ffmpeg: &Path) -> Command {
    let mut command = Command::new(ffmpeg);
    command.env_clear().envs(environment());
    command
}

/// `ffmpeg -i file`, on which options of the output may follow. `input`: options of the input.
pub(crate) fn reading(ffmpeg: &Path, input: &[&str], file: &Path) -> Command {
    let mut command = bare(ffmpeg);
    command.args(["-nostdin", "-v", "error", "-y"]).args(INPUT).args(input).arg("-i").arg(file);
    command
}

/// Runs it to its end, or for as long as a file of this size may take.
pub(crate) fn run(command: &mut Command, file: &Path) -> io::Result<Output> {
    let bytes = file.metadata().map_or(0, |file| file.len());
    run_within(command, LIMIT + Duration::from_secs(bytes / BYTES_PER_SECOND))
}

fn run_within(command: &mut Command, limit: Duration) -> io::Result<Output> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    lower_priority(child.id());
    let errors = child.stderr.take();
    // Read as it comes: a pipe that is full would stop it.
    let errors = thread::spawn(move || {
        let mut said = Vec::new();
        // What was said before the pipe broke is what there is.
        let _ = errors.map(|mut errors| errors.read_to_end(&mut said));
        said
    });
    let until = Instant::now() + limit;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if Instant::now() > until {
            child.kill()?;
            child.wait()?;
            return Err(io::Error::new(io::ErrorKind::TimedOut, format!("it took longer than {} s", limit.as_secs())));
        }
        thread::sleep(LOOK_AGAIN);
    };
    Ok(Output { status, stdout: Vec::new(), stderr: errors.join().unwrap_or_default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_given_nothing_of_our_environment() {
        let command = bare(Path::new("env"));
        let given: Vec<_> = command.get_envs().map(|(name, _)| name.to_string_lossy().into_owned()).collect();
        assert!(given.contains(&"PATH".to_owned()) && given.iter().all(|name| ENVIRONMENT.contains(&name.as_str())));
        // `CARGO_MANIFEST_DIR` stands for a key: it is in the environment of every test.
        assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
        let mut child = bare(Path::new("sh"));
        child.args(["-c", "test -z \"$CARGO_MANIFEST_DIR\""]);
        assert!(run_within(&mut child, Duration::from_secs(30)).unwrap().status.success());
    }

    #[cfg(unix)]
    #[test]
    fn it_comes_after_what_is_live() {
        let mut child = bare(Path::new("sh"));
        // Until it was told so: it is told once it runs.
        child.args(["-c", "until test $(nice) -ge 10; do sleep 0.01; done"]);
        assert!(run_within(&mut child, Duration::from_secs(30)).unwrap().status.success());
    }

    #[test]
    fn one_that_hangs_is_ended() {
        let mut hanging = bare(Path::new("sleep"));
        hanging.arg("600");
        let error = run_within(&mut hanging, Duration::from_millis(50)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn a_file_that_names_another_leads_nowhere() {
        let dir = tempfile::tempdir().unwrap();
        let secret = dir.path().join("secret.mp4");
        let mut made = bare(Path::new("ffmpeg"));
        made.args(["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=64x64:duration=0.2"]).arg(&secret);
        assert!(run(&mut made, &secret).unwrap().status.success());
        let take = dir.path().join("take.webm");
        std::fs::write(&take, "ffconcat version 1.0\nfile secret.mp4\n").unwrap();

        let mut trusting = bare(Path::new("ffmpeg"));
        trusting.args(["-v", "error", "-i"]).arg(&take).args(["-f", "null", "-"]);
        assert!(run(&mut trusting, &take).unwrap().status.success(), "it would lead there");
        let output = run(reading(Path::new("ffmpeg"), &[], &take).args(["-f", "null", "-"]), &take).unwrap();
        assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
