//! Resumes: uploaded, read, and made from profiles.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bad;
mod download;
mod generated;
mod json_resume;
mod slow;
mod upload;

use alumx_tests::{Answer, User};
use reqwest::Method;

pub const MIB: usize = 1024 * 1024;

/// A body of multipart/form-data with the boundary `b`; each field has a name, the rest of its
/// disposition, and its bytes.
pub fn multipart(fields: &[(&str, &str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, rest, bytes) in fields {
        let head = format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{rest}\r\n\r\n");
        body.extend(head.as_bytes());
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--b--\r\n");
    body
}

/// Sends a body with the boundary `b`.
pub async fn send_multipart(user: &User<'_>, method: Method, path: &str, body: Vec<u8>) -> Answer {
    let request = user.request(method, path);
    let request = request.header("content-type", "multipart/form-data; boundary=b");
    Answer::of(request.body(body)).await
}

/// Uploads a resume under a name.
pub async fn upload(user: &User<'_>, name: &str, bytes: &[u8]) -> Answer {
    let rest = format!("; filename=\"{name}\"");
    let body = multipart(&[("file", &rest, bytes)]);
    send_multipart(user, Method::PUT, &user.path("/resume"), body).await
}

/// A PDF of so many bytes.
pub fn pdf(size: usize) -> Vec<u8> {
    let (start, end) = (b"%PDF-1.7\n", b"\n%%EOF\n");
    let filled = size - start.len() - end.len();
    [&start[..], &vec![b'x'; filled], end].concat()
}

/// An archive of empty files with these names.
fn archive(names: &[&str]) -> Vec<u8> {
    let (mut files, mut directory) = (Vec::new(), Vec::new());
    for name in names {
        let length = u16::try_from(name.len()).unwrap().to_le_bytes();
        let at = u32::try_from(files.len()).unwrap().to_le_bytes();
        directory.extend(b"PK\x01\x02\x14\0\x14\0");
        directory.extend([0; 20]);
        directory.extend(length);
        directory.extend([0; 12]);
        directory.extend(at);
        directory.extend(name.as_bytes());
        files.extend(b"PK\x03\x04\x14\0");
        files.extend([0; 20]);
        files.extend(length);
        files.extend([0; 2]);
        files.extend(name.as_bytes());
    }
    let count = u16::try_from(names.len()).unwrap().to_le_bytes();
    let [size, at] = [&directory, &files].map(|part| u32::try_from(part.len()).unwrap());
    let mut archive = [files, directory].concat();
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend([count, count].concat());
    archive.extend([size.to_le_bytes(), at.to_le_bytes()].concat());
    archive.extend([0; 2]);
    archive
}

/// How many files there are below a folder.
pub fn files_in(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => files_in(&entry.path()),
            _ => 1,
        })
        .sum()
}
