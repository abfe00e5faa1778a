//! Processes of the binary.

use std::fs::Permissions;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use reqwest::Response;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

pub const SECRET: &str = "a secret of the command line's tests";

/// A folder for data, open to the user that PostgreSQL runs as.
pub fn folder() -> TempDir {
    let folder = tempfile::Builder::new()
        .prefix("alumx-cli-")
        .tempdir_in("/tmp")
        .unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    folder
}

/// The binary with these arguments and nothing of this process' settings.
pub fn alumx(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_alumx"));
    command.args(arguments).stdin(Stdio::null());
    for (name, _) in std::env::vars() {
        if name.starts_with("ALUMX_") || name == "DATABASE_URL" {
            command.env_remove(name);
        }
    }
    command
}

/// Runs to the end.
pub fn run(arguments: &[&str]) -> Output {
    alumx(arguments).output().unwrap()
}

/// Runs to the end with something on standard input.
pub fn run_with_input(arguments: &[&str], input: &str) -> Output {
    let mut command = alumx(arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A service that is ready; killed if the test forgets it.
pub struct Service {
    child: Child,
    pub root: String,
    pub announced: String,
    pub http: reqwest::Client,
}

impl Service {
    /// On a data folder.
    pub fn start(data: &Path) -> Self {
        let data = data.to_str().unwrap();
        Self::spawn(&mut alumx(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--data-dir",
            data,
        ]))
    }

    pub fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut announced = String::new();
        while !announced.contains("Stop it with Ctrl-C.") {
            let line = lines
                .next()
                .expect("the service ended before it was ready")
                .unwrap();
            announced.push_str(&line);
            announced.push('\n');
        }
        let api = announced
            .lines()
            .find_map(|line| line.trim().strip_prefix("API"))
            .unwrap();
        let root = api.trim().strip_suffix("/api/v1").unwrap().to_owned();
        Self {
            child,
            root,
            announced,
            http: client(),
        }
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Its process, for what the system knows of it.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// The memory that it takes.
    pub fn resident_bytes(&self) -> u64 {
        let status = format!("/proc/{}/status", self.process());
        let status = std::fs::read_to_string(status).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.unwrap().trim().trim_end_matches(" kB");
        1024 * kib.parse::<u64>().unwrap()
    }

    /// Waits for its end and tells whether it was a success.
    pub fn wait(mut self) -> bool {
        self.child.wait().unwrap().success()
    }

    pub async fn get(&self, path: &str) -> Response {
        self.http
            .get(format!("{}{path}", self.root))
            .send()
            .await
            .unwrap()
    }

    pub async fn post(&self, path: &str, body: &Value) -> Response {
        self.http
            .post(format!("{}{path}", self.root))
            .json(body)
            .send()
            .await
            .unwrap()
    }

    pub async fn register(&self, username: &str) -> u16 {
        self.post("/api/v1/auth/register", &registration(username))
            .await
            .status()
            .as_u16()
    }

    /// A new user: id and access token.
    pub async fn member(&self, username: &str) -> (i64, String) {
        let answer = self
            .post("/api/v1/auth/register", &registration(username))
            .await;
        let body: Value = answer.json().await.unwrap();
        let token = body["accessToken"].as_str().unwrap().to_owned();
        (body["user"]["id"].as_i64().unwrap(), token)
    }

    /// Uploads a resume; `None` if the service ended meanwhile.
    pub async fn upload(&self, (user, token): &(i64, String), pdf: &str) -> Option<Value> {
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"cv.pdf\"\r\n\r\n\
             {pdf}\r\n--b--\r\n"
        );
        let request = self
            .http
            .put(format!("{}/api/v1/users/{user}/resume", self.root))
            .header("content-type", "multipart/form-data; boundary=b")
            .bearer_auth(token)
            .body(body);
        let answer = request.send().await.ok()?;
        assert!(answer.status().is_success(), "{answer:?}");
        answer.json().await.ok()
    }

    /// GET as somebody, of what must be there.
    pub async fn get_as(&self, token: &str, path: &str) -> Response {
        let request = self.http.get(format!("{}/api/v1{path}", self.root));
        let answer = request.bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer
    }

    /// The same; `None` if the service is gone.
    pub async fn try_get_as(&self, token: &str, path: &str) -> Option<Value> {
        let request = self.http.get(format!("{}/api/v1{path}", self.root));
        let answer = request.bearer_auth(token).send().await.ok()?;
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.ok()
    }

    /// POST as somebody, which must succeed; `None` if the service is gone.
    pub async fn post_as(&self, token: &str, path: &str, body: &Value) -> Option<Value> {
        let request = self.http.post(format!("{}/api/v1{path}", self.root));
        let answer = request.bearer_auth(token).json(body).send().await.ok()?;
        assert!(answer.status().is_success(), "{answer:?}");
        answer.json().await.ok()
    }

    pub async fn login(&self, identifier: &str, password: &str) -> Response {
        let body = json!({"identifier": identifier, "password": password});
        self.post("/api/v1/auth/login", &body).await
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client that gives up on what hangs.
pub fn client() -> reqwest::Client {
    let builder = reqwest::Client::builder().timeout(Duration::from_secs(30));
    builder.build().unwrap()
}

pub fn registration(username: &str) -> Value {
    json!({
        "username": username, "name": "Ada", "email": format!("{username}@example.org"),
        "password": "first-programmer", "role": "ALUMNI",
    })
}
