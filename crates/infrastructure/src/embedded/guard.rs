//! The guard: a small shell that outlives the service, however it ends, and cleans up after it.

use std::io::Write;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::account::Account;
use super::error::{StartError, io};

/// Reads process ids, the last one counts, and wakes up at the end of the file: then the service
/// is gone. A process that has ended but that nobody has waited for still takes signals, hence the
/// look into /proc.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
pid=
while read -r line; do pid=$line; done
alive() {
    kill -0 "$pid" 2>/dev/null || return 1
    if [ -r "/proc/$pid/stat" ]; then
        read -r stat <"/proc/$pid/stat"
        case $stat in *') Z '*) return 1 ;; esac
    fi
}
tick() { sleep 0.05 2>/dev/null || sleep 1; }
if [ -n "$pid" ]; then
    for signal in INT QUIT KILL; do
        alive || break
        kill -s "$signal" "$pid" 2>/dev/null
        n=0
        while [ $n -lt 160 ] && alive; do n=$((n + 1)); tick; done
    done
fi
for folder in "$@"; do
    n=0
    while ! rm -rf -- "$folder" 2>/dev/null && [ $n -lt 100 ]; do n=$((n + 1)); tick; done
done
"#;

/// Stops the last process it was told of, and removes the temporary folders, as soon as the
/// service is gone or drops this.
#[derive(Debug)]
pub struct Guard {
    account: Account,
    folders: Vec<PathBuf>,
    shell: Child,
    pipe: Option<ChildStdin>,
}

impl Guard {
    /// Starts one that will remove `folders`.
    pub fn start(account: &Account, folders: Vec<PathBuf>) -> Result<Self, StartError> {
        let (shell, pipe) = spawn(account, &folders)?;
        Ok(Self {
            account: account.clone(),
            folders,
            shell,
            pipe,
        })
    }

    /// A command that this guard watches, its output going to the end of `log`.
    ///
    /// The new process itself tells its id through the pipe before it becomes `program`: the pipe
    /// cannot end before, so there is no moment at which the service may die and leave it behind.
    pub fn command(&self, program: &Path, log: &Path) -> Result<Command, StartError> {
        let mut command = self.account.command("/bin/sh");
        command
            .args(["-c", r#"umask 077; echo $$; exec "$@" >>"$0" 2>&1"#])
            .arg(log)
            .arg(program)
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        if let Some(pipe) = &self.pipe {
            let pipe = pipe.as_fd().try_clone_to_owned();
            command.stdout(pipe.map_err(io("share the guard's pipe with", program))?);
        }
        Ok(command)
    }

    /// There is nothing to stop any more: the process has ended.
    pub fn forget(&mut self) {
        self.tell("");
    }

    /// Replaces the guard if somebody killed it.
    pub fn revive(&mut self, watched: u32) -> Result<(), StartError> {
        if matches!(self.shell.try_wait(), Ok(None)) {
            return Ok(());
        }
        tracing::warn!("PostgreSQL's guard was killed; starting another one");
        (self.shell, self.pipe) = spawn(&self.account, &self.folders)?;
        self.tell(&watched.to_string());
        Ok(())
    }

    fn tell(&mut self, line: &str) {
        if let Some(pipe) = &mut self.pipe {
            // It fails only if the guard was killed, and then `revive` makes another.
            let _ = writeln!(pipe, "{line}");
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.pipe = None;
        if let Err(error) = self.shell.wait() {
            tracing::warn!(%error, "PostgreSQL's guard cannot be waited for");
        }
    }
}

fn spawn(
    account: &Account,
    folders: &[PathBuf],
) -> Result<(Child, Option<ChildStdin>), StartError> {
    let mut shell = account
        .command("/bin/sh")
        .args(["-c", SCRIPT, "alumx-postgres-guard"])
        .args(folders)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(io("start the guard", Path::new("/bin/sh")))?;
    let pipe = shell.stdin.take();
    Ok((shell, pipe))
}
