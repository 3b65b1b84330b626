//! A throw-away PostgreSQL for the tests: the installed package's programs on a cluster of our own, in a temporary folder,
//! reached by a socket in it, and gone afterwards, however this program ends.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};

use crate::command::{answer, quiet};
use crate::step::Step;
use crate::tools;

/// Tells `crates/testdb` where to make databases.
pub const SERVER: &str = "EVERLIGHT_TEST_POSTGRES";
/// Where Debian's and Homebrew's packages put what is not on PATH; below it is a folder for each version.
const HOMES: [&str; 2] = ["/usr/lib/postgresql", "/opt/homebrew/opt"];
/// A cluster that takes longer to come up never will.
const PATIENCE: Duration = Duration::from_secs(60);
/// Ends the server when our end of its standard input is closed, also when we were killed. Signals that the terminal
/// sends to everybody (Ctrl-C) are not for it: it ends with us.
const WATCHED: &str = r#"trap '' INT TERM HUP; "$@" & server=$!; read -r _; kill -QUIT "$server"; wait "$server""#;

pub struct Cluster {
    process: Child,
    folder: PathBuf,
    programs: PathBuf,
}

impl Cluster {
    pub fn start(step: &Step) -> Result<Self> {
        let programs = programs(step)?;
        let folder = env::temp_dir().join(format!("everlight-postgres-{}", std::process::id()));
        drop(fs::remove_dir_all(&folder));
        fs::create_dir(&folder)?;
        match Self::start_in(step, &programs, &folder) {
            Ok(process) => Ok(Self { process, folder, programs }),
            Err(error) => {
                drop(fs::remove_dir_all(&folder));
                Err(error)
            }
        }
    }

    fn start_in(step: &Step, programs: &Path, folder: &Path) -> Result<Child> {
        let owner = Owner::of_cluster()?;
        owner.give(folder)?;
        step.note("making the cluster");
        let data = folder.join("data");
        let mut initdb = owner.command(programs.join("initdb"), folder);
        initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        // Text in the order of a language, in which signs come before digits, as on many servers.
        initdb.args(["--locale-provider=icu", "--icu-locale=en-US", "--pgdata"]);
        quiet(step, initdb.arg(&data))?;

        step.note("starting it");
        let log = folder.join("log");
        let mut server = owner.command("sh", folder);
        server.args(["-c", WATCHED, "sh"]).arg(programs.join("postgres")).arg("-D").arg(&data).arg("-k").arg(folder);
        // No port; and nothing that is written needs to outlive the machine.
        for setting in ["listen_addresses=", "max_connections=300", "fsync=off", "synchronous_commit=off"] {
            server.args(["-c", setting]);
        }
        let (out, err) = (fs::File::create(&log)?, fs::OpenOptions::new().append(true).open(&log)?);
        let mut process = server.stdin(Stdio::piped()).stdout(out).stderr(err).spawn()?;
        let started = Instant::now();
        let mut ready = Command::new(programs.join("pg_isready"));
        ready.arg("-q").arg("-h").arg(folder).stdin(Stdio::null());
        while !ready.status().context("pg_isready cannot be started")?.success() {
            if process.try_wait()?.is_some() || started.elapsed() > PATIENCE {
                drop(process.stdin.take());
                process.wait()?;
                bail!("PostgreSQL did not start:\n{}", fs::read_to_string(&log).unwrap_or_default());
            }
            sleep(Duration::from_millis(50));
        }
        Ok(process)
    }

    /// Tells the end-to-end tests where it is, and what to talk to it with.
    pub fn environment(&self, command: &mut Command) {
        command.env(SERVER, self.url()).env("PSQL_PATH", self.programs.join("psql"));
    }

    /// As the tests want it: a database's name can be put at its end.
    pub fn url(&self) -> String {
        format!("postgres://postgres@{}", self.folder.display().to_string().replace('/', "%2F"))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // Whatever it says: it has ended, and its folder goes.
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The folder of `initdb` and `postgres`; on Debian as root they are installed.
fn programs(step: &Step) -> Result<PathBuf> {
    if let Some(found) = installed() {
        return Ok(found);
    }
    tools::install_without_cluster(step)?;
    installed().context(
        "PostgreSQL is missing: `apt install postgresql`, or `brew install postgresql@17`. Its half of the tests did not run.",
    )
}

fn installed() -> Option<PathBuf> {
    let on_path = env::var_os("PATH").map(|path| env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    let mut versions: Vec<PathBuf> = HOMES
        .iter()
        .filter_map(|home| fs::read_dir(home).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    // The newest first: `15` before `9`, `postgresql@17` before `postgresql@16`.
    versions.sort_by_key(|bin| std::cmp::Reverse(version(bin)));
    versions
        .into_iter()
        .chain(on_path)
        .find(|bin| ["initdb", "postgres", "pg_isready"].iter().all(|program| bin.join(program).is_file()))
}

fn version(bin: &Path) -> u32 {
    let name = bin.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let digits: String = name.chars().rev().take_while(char::is_ascii_digit).collect();
    digits.chars().rev().collect::<String>().parse().unwrap_or(0)
}

/// Whom the cluster belongs to. `initdb` refuses root: then it is the user that the package made.
struct Owner(Option<(u32, u32)>);

impl Owner {
    fn of_cluster() -> Result<Self> {
        if answer("id", &["-u"]).as_deref() != Some("0") {
            return Ok(Self(None));
        }
        let number = |which| answer("id", &[which, "postgres"]).and_then(|id| id.parse().ok());
        let ids = number("-u").zip(number("-g")).context("there is no user “postgres” to start PostgreSQL as")?;
        ensure!(ids.0 != 0, "the user “postgres” is root, which PostgreSQL refuses");
        Ok(Self(Some(ids)))
    }

    #[cfg(unix)]
    fn give(&self, folder: &Path) -> Result<()> {
        if let Some((user, group)) = self.0 {
            std::os::unix::fs::chown(folder, Some(user), Some(group))?;
        }
        Ok(())
    }

    #[cfg(not(unix))]
    fn give(&self, _: &Path) -> Result<()> {
        Ok(())
    }

    fn command(&self, program: impl AsRef<OsStr>, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).env_remove("PGHOST").env_remove("PGPORT");
        #[cfg(unix)]
        if let Some((user, group)) = self.0 {
            use std::os::unix::process::CommandExt as _;
            command.uid(user).gid(group);
        }
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_versions_are_known_by_their_folder() {
        assert_eq!(version(Path::new("/usr/lib/postgresql/15/bin")), 15);
        assert_eq!(version(Path::new("/usr/lib/postgresql/9/bin")), 9);
        assert_eq!(version(Path::new("/opt/homebrew/opt/postgresql@17/bin")), 17);
        assert_eq!(version(Path::new("/opt/homebrew/opt/other/bin")), 0);
    }
}
