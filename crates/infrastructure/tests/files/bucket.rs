//! A bucket, on a server that knows just enough of S3.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use alumx_application::ports::{FileStore, FileStoreError};
use alumx_domain::file::Folder;
use alumx_infrastructure::files::{ObjectFileStore, S3Options};

use super::{deployment, keys, read, upload};

type Objects = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// Serves until the test process ends; answers where.
fn bucket() -> (String, Objects) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let objects = Objects::default();
    let served = objects.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let objects = served.clone();
            std::thread::spawn(move || serve(stream, &objects));
        }
    });
    (endpoint, objects)
}

fn store(endpoint: String, prefix: Option<&str>) -> ObjectFileStore {
    ObjectFileStore::s3(&S3Options {
        bucket: "files".to_owned(),
        endpoint: Some(endpoint),
        region: "us-east-1".to_owned(),
        access_key: "key".into(),
        secret_key: "secret".into(),
        prefix: prefix.map(str::to_owned),
    })
    .unwrap()
}

/// One request, whose connection is closed behind it.
fn serve(stream: TcpStream, objects: &Objects) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let mut first = lines.first()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let header = |name: &str| {
        let prefix = format!("{name}: ");
        let line = lines
            .iter()
            .find(|line| line.to_lowercase().starts_with(&prefix));
        line.map(|line| line[prefix.len()..].to_owned())
    };
    assert!(header("authorization")?.starts_with("AWS4-HMAC-SHA256 Credential=key/"));
    let length = header("content-length").and_then(|text| text.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let (status, head, body) = answer(&method, &target, header("range"), body, objects);
    let mut stream = reader.into_inner();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\nETag: \"e\"\r\n\
         Last-Modified: Tue, 24 Nov 2026 08:00:00 GMT\r\n{head}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    if method != "HEAD" {
        stream.write_all(&body).ok()?;
    }
    Some(())
}

fn answer(
    method: &str,
    target: &str,
    range: Option<String>,
    body: Vec<u8>,
    objects: &Objects,
) -> (&'static str, String, Vec<u8>) {
    let mut objects = objects.lock().unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let key = path
        .trim_start_matches("/files")
        .trim_matches('/')
        .to_owned();
    let nothing = ("404 Not Found", String::new(), Vec::new());
    match method {
        "PUT" => {
            objects.insert(key, body);
            ("200 OK", String::new(), Vec::new())
        }
        "GET" if query.contains("list-type=2") => {
            let entry = |(key, bytes): (&String, &Vec<u8>)| {
                format!(
                    "<Contents><Key>{key}</Key><LastModified>2026-11-24T08:00:00.000Z</LastModified>\
                     <ETag>e</ETag><Size>{}</Size></Contents>",
                    bytes.len()
                )
            };
            let entries: String = objects.iter().map(entry).collect();
            let list = format!(
                "<?xml version=\"1.0\"?><ListBucketResult><Name>files</Name>\
                 <IsTruncated>false</IsTruncated>{entries}</ListBucketResult>"
            );
            ("200 OK", String::new(), list.into_bytes())
        }
        "GET" | "HEAD" => match (objects.get(&key), range) {
            (None, _) => nothing,
            (Some(bytes), None) => ("200 OK", String::new(), bytes.clone()),
            (Some(bytes), Some(range)) => {
                let (first, last) = range.trim_start_matches("bytes=").split_once('-').unwrap();
                let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
                let head = format!("Content-Range: bytes {first}-{last}/{}\r\n", bytes.len());
                ("206 Partial Content", head, bytes[first..=last].to_vec())
            }
        },
        "DELETE" => {
            objects.remove(&key);
            ("204 No Content", String::new(), Vec::new())
        }
        "POST" if query.contains("delete") => {
            let text = String::from_utf8(body).unwrap();
            for part in text.split("<Key>").skip(1) {
                objects.remove(part.split("</Key>").next().unwrap());
            }
            let done = b"<?xml version=\"1.0\"?><DeleteResult></DeleteResult>".to_vec();
            ("200 OK", String::new(), done)
        }
        _ => ("501 Not Implemented", String::new(), Vec::new()),
    }
}

#[tokio::test]
async fn a_file_in_a_bucket_is_stored_read_listed_and_deleted() {
    let (endpoint, objects) = bucket();
    let store = store(endpoint, None);
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();

    let key = store
        .put(Folder::Resumes, "pdf", upload(&bytes))
        .await
        .unwrap();

    assert_eq!(objects.lock().unwrap().get(&key.to_string()), Some(&bytes));
    assert_eq!(read(&store, &key, None).await.unwrap(), bytes);
    assert_eq!(
        read(&store, &key, Some(10..20)).await.unwrap(),
        bytes[10..20]
    );
    assert_eq!(store.size(&key).await.unwrap(), 100_000);
    assert_eq!(keys(&store).await, [key.clone()].into());
    store.delete(&key).await.unwrap();
    assert!(objects.lock().unwrap().is_empty());
    let gone = store.size(&key).await;
    assert!(matches!(gone, Err(FileStoreError::NotFound)), "{gone:?}");
}

#[tokio::test]
async fn a_part_of_a_bucket_has_files_and_an_owner_of_its_own() {
    let (endpoint, objects) = bucket();
    let ours = store(endpoint.clone(), Some("school/files"));
    let whole = store(endpoint, None);
    let deployment = deployment(7);

    let key = ours
        .put(Folder::Resumes, "pdf", upload(b"ours"))
        .await
        .unwrap();
    ours.set_owner(deployment).await.unwrap();

    let names: Vec<String> = objects.lock().unwrap().keys().cloned().collect();
    let owner = "school/files/.alumx-owner".to_owned();
    assert_eq!(names, [owner, format!("school/files/{key}")]);
    assert_eq!(ours.owner().await.unwrap(), Some(deployment));
    assert_eq!(read(&ours, &key, None).await.unwrap(), b"ours");
    assert_eq!(keys(&ours).await, [key.clone()].into());
    assert_eq!(whole.owner().await.unwrap(), None);
    assert!(keys(&whole).await.is_empty());
    ours.delete(&key).await.unwrap();
    assert_eq!(objects.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_bucket_that_is_away_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let away = store(format!("http://{}", listener.local_addr().unwrap()), None);
    drop(listener);

    let put = away.put(Folder::Resumes, "pdf", upload(b"x")).await;

    assert!(
        matches!(put, Err(FileStoreError::Unavailable(_))),
        "{put:?}"
    );
}
