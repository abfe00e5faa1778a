//! The disk of the files is full: nothing is half-stored, and all else goes on.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use reqwest::Method;
use rustix::fs::statvfs;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Service, alumx, folder};

const MIB: usize = 1024 * 1024;

/// The smallest picture that there is.
const PNG: &[u8] =
    b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\
    \x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\x0d\x49\x44\x41\x54\x78\
    \x9c\x63\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99\x3d\x1d\x00\x00\x00\x00\x49\
    \x45\x4e\x44\xae\x42\x60\x82";

/// A disk of 2 MiB, taken away with this value.
struct Disk(TempDir);

impl Disk {
    /// `None`, and a word about it, where this process may not mount one.
    fn mounted() -> Option<Self> {
        let folder = folder();
        let path = folder.path().as_os_str();
        let options = ["-t", "tmpfs", "-o", "size=2m", "tmpfs"].map(OsStr::new);
        match system("mount", options.into_iter().chain([path])) {
            Ok(done) if done.status.success() => Some(Self(folder)),
            refused => {
                eprintln!("a full disk is not tested: this process can't mount one: {refused:?}");
                None
            }
        }
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// The blocks in use, of files without a name as well.
    fn used(&self) -> u64 {
        let disk = statvfs(self.path()).unwrap();
        disk.f_blocks - disk.f_bfree
    }

    /// All files with a name.
    fn files(&self) -> Vec<PathBuf> {
        let (mut folders, mut files) = (vec![self.path().to_owned()], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let list = if path.is_dir() {
                    &mut folders
                } else {
                    &mut files
                };
                list.push(path);
            }
        }
        files.sort();
        files
    }

    /// Leaves so many bytes of it, in whole blocks.
    fn fill_but(&self, left: usize) -> PathBuf {
        let disk = statvfs(self.path()).unwrap();
        let free = usize::try_from(disk.f_bfree * disk.f_frsize).unwrap();
        let ballast = self.path().join("ballast");
        fs::write(&ballast, vec![1; free - left]).unwrap();
        ballast
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // At once from the tree, and for good when the last process lets go of it.
        let path = self.path().as_os_str();
        if let Err(error) = system("umount", [OsStr::new("-l"), path]) {
            eprintln!("{} is still mounted: {error}", self.path().display());
        }
    }
}

fn system<'a>(
    command: &str,
    arguments: impl IntoIterator<Item = &'a OsStr>,
) -> std::io::Result<Output> {
    Command::new(command).args(arguments).output()
}

fn pdf(size: usize) -> Vec<u8> {
    let mut pdf = b"%PDF-1.7\n".to_vec();
    pdf.resize(size - 6, b'x');
    pdf.extend(b"\n%%EOF");
    pdf
}

/// Somebody who sends files.
struct Sender<'a> {
    service: &'a Service,
    id: i64,
    token: String,
}

impl<'a> Sender<'a> {
    async fn new(service: &'a Service, username: &str) -> Self {
        let (id, token) = service.member(username).await;
        Self { service, id, token }
    }

    /// The status of the answer to a file, and the answer.
    async fn send(&self, method: Method, path: &str, file: &[u8]) -> (u16, Value) {
        let head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n";
        let url = format!("{}/api/v1{path}", self.service.root);
        let request = self.service.http.request(method, url);
        let answer = request
            .header("content-type", "multipart/form-data; boundary=b")
            .bearer_auth(&self.token)
            .body([head.as_bytes(), file, b"\r\n--b--\r\n"].concat())
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn resume(&self, file: &[u8]) -> (u16, Value) {
        self.send(Method::PUT, &self.resume_path(), file).await
    }

    fn resume_path(&self) -> String {
        format!("/users/{}/resume", self.id)
    }

    async fn get(&self, path: &str) -> reqwest::Response {
        let url = format!("{}/api/v1{path}", self.service.root);
        let request = self.service.http.get(url).bearer_auth(&self.token);
        request.send().await.unwrap()
    }
}

fn assert_full((status, problem): &(u16, Value)) {
    assert_eq!(
        (*status, &problem["code"]),
        (507, &json!("insufficient_storage")),
        "{problem}"
    );
}

fn job() -> Value {
    json!({
        "title": "Analyst", "employmentType": "FULL_TIME",
        "description": "Someone who knows what an engine does and what it never will.",
    })
}

/// Reads Ada's resume, which is `kept`, and writes what is no file.
async fn assert_all_else_goes_on(service: &Service, ada: &Sender<'_>, kept: &[u8]) {
    let read = ada.get(&format!("{}/file", ada.resume_path())).await;
    assert_eq!(read.bytes().await.unwrap(), kept);
    assert_eq!(service.get("/readyz").await.status(), 200);
    let posted = service.post_as(&ada.token, "/job-posts", &job()).await;
    assert!(posted.is_some());
}

#[tokio::test]
async fn a_full_disk_is_a_507_that_leaves_nothing_and_passes() {
    let Some(disk) = Disk::mounted() else { return };
    let data = folder();
    let service = Service::spawn(
        alumx(&["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data.path())
            .arg("--files-dir")
            .arg(disk.path()),
    );
    let ada = Sender::new(&service, "ada").await;
    let bob = Sender::new(&service, "bob").await;
    let small = pdf(10_000);
    let post = service.post_as(&ada.token, "/job-posts", &job()).await;
    let images = format!("/job-posts/{}/images", post.unwrap()["id"]);
    assert_eq!(ada.resume(&small).await.0, 201);
    let (files, used) = (disk.files(), disk.used());

    // It fills while the file arrives, and while the whole file is stored.
    for size in [3 * MIB, 3 * MIB / 2] {
        for sender in [&ada, &bob] {
            assert_full(&sender.resume(&pdf(size)).await);
            assert_eq!((disk.files(), disk.used()), (files.clone(), used), "{size}");
        }
    }
    // There is room for a part of a small file, and for nothing.
    for left in [8_192, 0] {
        let ballast = disk.fill_but(left);
        let filled = (disk.files(), disk.used());
        for sender in [&ada, &bob] {
            assert_full(&sender.resume(&small).await);
        }
        if left == 0 {
            assert_full(&ada.send(Method::POST, &images, PNG).await);
        }
        assert_eq!((disk.files(), disk.used()), filled, "{left}");
        assert_all_else_goes_on(&service, &ada, &small).await;
        assert_eq!(bob.get(&bob.resume_path()).await.status(), 404);
        fs::remove_file(ballast).unwrap();
    }

    let again = ada.resume(&small).await;
    assert_eq!((again.0, &again.1["version"]), (200, &json!(2)));
    assert_eq!(bob.resume(&small).await.0, 201);
    let image = ada.send(Method::POST, &images, PNG).await;
    assert_eq!(
        (image.0, &image.1["position"]),
        (201, &json!(0)),
        "{image:?}"
    );
}
