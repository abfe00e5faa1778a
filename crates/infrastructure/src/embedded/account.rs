//! Who runs PostgreSQL: it refuses root, so root hands it to `postgres`, else to `nobody`.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, fchown, lchown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::StartError;

/// The user that PostgreSQL's processes run as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    name: String,
    /// `None` for an ordinary user, whose processes simply inherit it.
    switch: Option<Ids>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ids {
    user: u32,
    group: u32,
}

impl Account {
    /// Whoever runs this process, or a stand-in for root: the one that owns `cluster` already, if
    /// it exists, for PostgreSQL insists on owning its data.
    pub fn choose(cluster: &Path) -> Result<Self, StartError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self {
                name: String::from("the current user"),
                switch: None,
            });
        }
        let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let owner = fs::symlink_metadata(cluster)
            .ok()
            .filter(|folder| folder.uid() != 0)
            .map(|folder| Self::switching(&folder.uid().to_string(), folder.uid(), folder.gid()));
        owner
            .or_else(|| {
                ["postgres", "_postgres", "nobody"]
                    .iter()
                    .find_map(|n| named(&passwd, n))
            })
            .ok_or(StartError::NoAccount)
    }

    fn switching(name: &str, user: u32, group: u32) -> Self {
        Self {
            name: name.to_owned(),
            switch: Some(Ids { user, group }),
        }
    }

    /// A command that will run as this user, in a process group of its own (so that Ctrl-C
    /// reaches only the service) and untouched by settings that were meant for other servers.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.process_group(0).current_dir("/").env("LC_ALL", "C");
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        if let Some(Ids { user, group }) = self.switch {
            // The standard library drops root's supplementary groups along with the user.
            command.uid(user).gid(group);
        }
        command
    }

    /// Gives a folder that we have just made to this user, and never what a link points to.
    pub fn own(&self, path: &Path) -> io::Result<()> {
        match self.switch {
            Some(Ids { user, group }) => lchown(path, Some(user), Some(group)),
            None => Ok(()),
        }
    }

    /// Gives an open file to this user.
    pub fn own_open(&self, file: &File) -> io::Result<()> {
        match self.switch {
            Some(Ids { user, group }) => fchown(file, Some(user), Some(group)),
            None => Ok(()),
        }
    }

    /// Fails with the first folder on the way to `path` that this user may not pass.
    pub fn check_reach(&self, path: &Path) -> Result<(), StartError> {
        let closed = self.switch.and_then(|ids| closed_folder(path, ids));
        closed.map_or(Ok(()), |folder| {
            Err(StartError::Unreachable {
                account: self.name.clone(),
                folder,
            })
        })
    }

    /// The mode of a data folder: private, unless another user has to pass through.
    pub fn folder_mode(&self) -> u32 {
        if self.switch.is_some() { 0o711 } else { 0o700 }
    }
}

fn closed_folder(path: &Path, ids: Ids) -> Option<PathBuf> {
    let mut folders: Vec<&Path> = path.ancestors().collect();
    folders.reverse();
    let closed = |folder: &&Path| {
        fs::metadata(folder).is_ok_and(|meta| {
            let shift = match () {
                () if meta.uid() == ids.user => 6,
                () if meta.gid() == ids.group => 3,
                () => 0,
            };
            meta.is_dir() && (meta.mode() >> shift) & 1 == 0
        })
    };
    folders.into_iter().find(closed).map(Path::to_owned)
}

fn named(passwd: &str, name: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let found = fields.next() == Some(name);
        let (user, group) = (id(fields.nth(1)?)?, id(fields.next()?)?);
        (found && user != 0).then(|| Account::switching(name, user, group))
    })
}

/// macOS writes `nobody` as -2.
fn id(text: &str) -> Option<u32> {
    text.parse()
        .ok()
        .or_else(|| text.parse::<i32>().ok().map(i32::cast_unsigned))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn accounts_are_read_from_the_user_list() {
        let passwd = "# users\nroot:x:0:0::/:/bin/sh\nnobody:*:-2:-2:x:/:/bin/false\n\
                      postgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\n";

        assert_eq!(
            named(passwd, "postgres"),
            Some(Account::switching("postgres", 101, 104))
        );
        assert_eq!(
            named(passwd, "nobody"),
            Some(Account::switching("nobody", u32::MAX - 1, u32::MAX - 1))
        );
        assert_eq!(named(passwd, "root"), None);
        assert_eq!(named(passwd, "alumx"), None);
    }

    #[test]
    fn a_closed_folder_on_the_way_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let (closed, inner) = (
            folder.path().join("closed"),
            folder.path().join("closed/inner"),
        );
        fs::create_dir_all(&inner).unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).unwrap();
        fs::set_permissions(&inner, fs::Permissions::from_mode(0o755)).unwrap();
        let stranger = Ids {
            user: u32::MAX - 7,
            group: u32::MAX - 7,
        };

        fs::set_permissions(&closed, fs::Permissions::from_mode(0o711)).unwrap();
        assert_eq!(closed_folder(&inner, stranger), None);

        fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(closed_folder(&inner, stranger), Some(closed.clone()));
        let meta = fs::metadata(&closed).unwrap();
        assert_eq!(
            closed_folder(
                &inner,
                Ids {
                    user: meta.uid(),
                    group: meta.gid()
                }
            ),
            None
        );
    }
}
