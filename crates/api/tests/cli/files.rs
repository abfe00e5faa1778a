//! Files: what a crash leaves of them, and the sweep.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Service, folder, run, stderr, stdout};

fn age(file: &Path, seconds: u64) {
    let then = SystemTime::now() - Duration::from_secs(seconds);
    let file = File::options().write(true).open(file).unwrap();
    file.set_modified(then).unwrap();
}

/// A file in the store that nothing refers to.
fn orphan(resumes: &Path, digit: &str, seconds: u64) -> PathBuf {
    let path = resumes.join(format!("{}.pdf", digit.repeat(32)));
    fs::write(&path, "%PDF-1.7 %%EOF").unwrap();
    age(&path, seconds);
    path
}

#[tokio::test]
async fn a_sweep_shows_old_files_without_use_and_deletes_them_if_told_to() {
    let folder = folder();
    let data = folder.path().to_str().unwrap();
    let service = Service::start(folder.path());
    let ada = service.member("ada").await;
    let pdf = "%PDF-1.7 of ada %%EOF";
    service.upload(&ada, pdf).await.unwrap();
    let resumes = folder.path().join("files/resumes");
    let used = fs::read_dir(&resumes).unwrap().next().unwrap().unwrap();
    age(&used.path(), 48 * 3600);
    let old = orphan(&resumes, "0", 25 * 3600);
    let young = orphan(&resumes, "1", 3600);
    let sweep = |more: &[&str]| {
        let output = run(&[&["files", "sweep", "--data-dir", data], more].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        stdout(&output)
    };

    let dry = sweep(&[]);

    assert!(dry.contains(&"0".repeat(32)), "{dry}");
    assert!(!dry.contains(&"1".repeat(32)), "{dry}");
    assert!(dry.contains("3 files, 1 of them without use, 0 deleted"));
    assert!(dry.contains("--delete"), "{dry}");
    assert!(old.exists());
    let swept = sweep(&["--delete"]);
    assert!(swept.contains("3 files, 1 of them without use, 1 deleted"));
    assert_eq!((old.exists(), young.exists()), (false, true));
    let swept = sweep(&["--delete", "--grace", "30m"]);
    assert!(swept.contains("2 files, 1 of them without use, 1 deleted"));
    assert_eq!((young.exists(), used.path().exists()), (false, true));
    let path = format!("/users/{}/resume/file", ada.0);
    let kept = service.get_as(&ada.1, &path).await;
    assert_eq!(kept.text().await.unwrap(), pdf);
}

#[tokio::test]
async fn a_sweep_deletes_nothing_where_another_database_keeps_its_files() {
    let folder = folder();
    let data = folder.path().to_str().unwrap();
    let service = Service::start(folder.path());
    let ada = service.member("ada").await;
    service.upload(&ada, "%PDF-1.7 %%EOF").await.unwrap();
    let files = folder.path().join("files");
    let old = orphan(&files.join("resumes"), "0", 25 * 3600);
    let marker = files.join(".alumx-owner");
    let ours = fs::read_to_string(&marker).unwrap();
    let sweep = |more: &[&str]| {
        let arguments = ["files", "sweep", "--data-dir", data, "--delete"];
        run(&[&arguments, more].concat())
    };

    fs::write(&marker, "00000000-0000-0000-0000-000000000001").unwrap();
    let foreign = sweep(&[]);
    fs::remove_file(&marker).unwrap();
    let unclaimed = sweep(&["--files-dir", files.to_str().unwrap()]);

    for (refused, why) in [
        (foreign, "belong to another"),
        (unclaimed, "nothing says whose"),
    ] {
        let told = stderr(&refused);
        assert!(!refused.status.success(), "{told}");
        assert!(told.contains(why) && told.contains("--take-over"), "{told}");
    }
    assert!(old.exists() && !marker.exists());
    let taken = sweep(&["--take-over"]);
    assert!(taken.status.success(), "{}", stderr(&taken));
    assert_eq!(fs::read_to_string(&marker).unwrap(), ours);
    assert!(!old.exists());
}

/// One user who uploads until the service is gone, and what was acknowledged last.
struct Uploader {
    user: (i64, String),
    acknowledged: Value,
    /// The file of version n is at n - 1. The last one may not have been acknowledged.
    sent: Vec<String>,
}

impl Uploader {
    async fn new(service: &Service, username: &str) -> Self {
        Self {
            user: service.member(username).await,
            acknowledged: Value::Null,
            sent: Vec::new(),
        }
    }

    async fn upload(&mut self, service: &Service, on_answer: impl Fn()) {
        loop {
            let filling = "x".repeat(1000 * (1 + self.sent.len() % 300));
            let pdf = format!(
                "%PDF-1.7 {:?} {} {filling} %%EOF",
                self.user,
                self.sent.len()
            );
            self.sent.push(pdf);
            let sent = self.sent.last().unwrap();
            let Some(answer) = service.upload(&self.user, sent).await else {
                return;
            };
            self.acknowledged = answer;
            on_answer();
        }
    }

    async fn assert_nothing_lost(&self, service: &Service) {
        let path = format!("/users/{}/resume", self.user.0);
        let resume = service.get_as(&self.user.1, &path).await;
        let resume: Value = resume.json().await.unwrap();
        let version = |resume: &Value| usize::try_from(resume["version"].as_u64().unwrap());
        let (now, then) = (
            version(&resume).unwrap(),
            version(&self.acknowledged).unwrap(),
        );
        assert!(now == then || now == then + 1, "{now} {then}");
        if now == then {
            assert_eq!(resume, self.acknowledged);
        }
        let file = service.get_as(&self.user.1, &format!("{path}/file")).await;
        let tag = format!("\"{}\"", resume["sha256"].as_str().unwrap());
        assert_eq!(file.headers()["etag"], tag.as_str());
        assert!(
            file.text().await.unwrap() == self.sent[now - 1],
            "another file"
        );
    }
}

#[tokio::test]
async fn every_resume_that_was_acknowledged_survives_a_kill() {
    let folder = folder();
    for round in 0..2 {
        let service = Service::start(folder.path());
        let mut uploaders = Vec::new();
        for n in 0..4 {
            uploaders.push(Uploader::new(&service, &format!("user{round}{n}")).await);
        }
        let answers = AtomicUsize::new(0);
        let on_answer = || {
            if answers.fetch_add(1, Ordering::Relaxed) == 40 {
                service.signal(Signal::KILL);
            }
        };

        let uploads = uploaders.iter_mut();
        join_all(uploads.map(|uploader| uploader.upload(&service, on_answer))).await;

        assert!(!service.wait());
        let again = Service::start(folder.path());
        for uploader in &uploaders {
            uploader.assert_nothing_lost(&again).await;
        }
        again.signal(Signal::TERM);
        assert!(again.wait());
    }
}
