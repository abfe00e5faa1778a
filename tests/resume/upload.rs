//! Uploading, replacing and deleting.

use alumx_tests::{Answer, App, PASSWORD};
use reqwest::Method;
use serde_json::json;

use super::{MIB, archive, files_in, multipart, pdf, send_multipart, upload};

#[tokio::test]
async fn an_upload_is_version_1_and_each_replacement_one_more_until_it_is_deleted() {
    let app = App::start();
    let ada = app.someone().await;
    let path = ada.path("/resume");

    let first = upload(&ada, "cv.pdf", &pdf(100)).await;
    let docx = archive(&["[Content_Types].xml", "word/document.xml"]);
    let second = upload(&ada, "cv.docx", &docx).await;

    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(first.header("location"), format!("/api/v1{path}"));
    let expected = json!({
        "userId": ada.id, "fileName": "cv.pdf", "fileType": "application/pdf", "fileSize": 100,
        "sha256": first.body["sha256"], "version": 1, "uploadedAt": first.body["uploadedAt"],
    });
    assert_eq!(first.body, expected);
    assert_eq!(first.body["sha256"].as_str().map(str::len), Some(64));
    assert_eq!(second.status, 200, "{second:?}");
    assert_eq!(second.body["version"], 2);
    let kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    assert_eq!(second.body["fileType"], kind);
    assert_eq!(ada.get(&path).await.body, second.body);
    assert_eq!(files_in(app.files.path()), 1);

    assert_eq!(ada.send(Method::DELETE, &path).await.status, 204);
    assert_eq!(files_in(app.files.path()), 0);
    let repeat = ada.send(Method::DELETE, &path).await;
    repeat.assert_problem(404, "not_found");
    ada.get(&path).await.assert_problem(404, "not_found");
    let file = ada.get(&ada.path("/resume/file")).await;
    file.assert_problem(404, "not_found");
    let again = upload(&ada, "cv.pdf", &pdf(100)).await;
    assert_eq!(
        (again.status.as_u16(), &again.body["version"]),
        (201, &json!(1))
    );
}

#[tokio::test]
async fn five_mebibytes_are_taken_and_one_byte_more_is_not() {
    let app = App::start();
    let ada = app.someone().await;

    let most = upload(&ada, "cv.pdf", &pdf(5 * MIB)).await;
    let more = upload(&ada, "cv.pdf", &pdf(5 * MIB + 1)).await;

    assert_eq!(most.status, 201, "{most:?}");
    more.assert_problem(413, "payload_too_large");
    assert_eq!(files_in(app.files.path()), 1);
    assert_eq!(ada.get(&ada.path("/resume")).await.body, most.body);
}

#[tokio::test]
async fn names_of_files_are_only_names() {
    let app = App::start();
    let ada = app.someone().await;
    let long = format!("{}.pdf", "a".repeat(300));
    for (name, kept) in [
        ("../../etc/passwd", "passwd".to_owned()),
        ("a\\\\b.pdf", "b.pdf".to_owned()),
        ("C:\\x\\y.pdf", "y.pdf".to_owned()),
        ("a%22b%0D%0a.pdf", "a\"b.pdf".to_owned()),
        ("a\x7fb\0\r\nc\n.pdf", "abc.pdf".to_owned()),
        ("a\"b.pdf", "a".to_owned()),
        ("Grüße, Ада.pdf", "Grüße, Ада.pdf".to_owned()),
        ("", "resume.pdf".to_owned()),
        (&*long, format!("{}.pdf", "a".repeat(251))),
    ] {
        let answer = upload(&ada, name, &pdf(100)).await;

        assert_eq!(answer.body["fileName"], json!(kept), "{answer:?}");
    }
    let start = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"";
    let body = [
        start,
        &b"\xff\xfe\"\r\n\r\n"[..],
        &pdf(100),
        b"\r\n--b--\r\n",
    ]
    .concat();
    let answer = send_multipart(&ada, Method::PUT, &ada.path("/resume"), body).await;
    assert_eq!(answer.body["fileName"], "resume.pdf", "{answer:?}");
    assert_eq!(files_in(app.files.path()), 1);
}

#[tokio::test]
async fn others_read_a_resume_and_change_nothing_of_it() {
    let app = App::start();
    let (ada, bob, admin) = (app.someone().await, app.someone().await, app.admin().await);
    let path = ada.path("/resume");
    let resume = upload(&ada, "cv.pdf", &pdf(100)).await;

    for other in [&bob, &admin] {
        let body = multipart(&[("file", "", &pdf(100))]);
        let put = send_multipart(other, Method::PUT, &path, body).await;
        put.assert_problem(403, "forbidden");
        let deleted = other.send(Method::DELETE, &path).await;
        deleted.assert_problem(403, "forbidden");
        assert_eq!(other.get(&path).await.body, resume.body);
        let file = other.get(&format!("{path}/file")).await;
        assert_eq!(file.status, 200);
    }
}

#[tokio::test]
async fn nobody_comes_in_and_what_is_not_there_is_not_found() {
    let app = App::start();
    let ada = app.someone().await;
    for (method, rest) in [
        (Method::PUT, ""),
        (Method::GET, ""),
        (Method::DELETE, ""),
        (Method::GET, "/file"),
    ] {
        let path = format!("{}{rest}", ada.path("/resume"));
        let nobody = Answer::of(app.request(method.clone(), &path)).await;
        nobody.assert_problem(401, "unauthenticated");
        for (id, status, code) in [
            ("999", 404, "not_found"),
            ("0", 400, "invalid_parameter"),
            ("-1", 400, "invalid_parameter"),
            ("x", 400, "invalid_parameter"),
            ("99999999999999999999", 400, "invalid_parameter"),
        ] {
            let path = format!("/users/{id}/resume{rest}");
            let answer = ada.send(method.clone(), &path).await;
            answer.assert_problem(status, code);
        }
    }
}

#[tokio::test]
async fn of_uploads_at_the_same_time_one_stays_and_no_version_is_lost() {
    let app = App::start();
    let ada = app.someone().await;
    let files: Vec<_> = (100..104).map(pdf).collect();

    let uploads = files.iter().map(|file| upload(&ada, "cv.pdf", file));
    let mut versions = Vec::new();
    for answer in join_all(uploads).await {
        versions.push(answer.body["version"].as_i64().unwrap());
    }

    versions.sort_unstable();
    assert_eq!(versions, [1, 2, 3, 4]);
    assert_eq!(files_in(app.files.path()), 1);
    let file = ada.get(&ada.path("/resume/file")).await;
    assert_eq!(file.status, 200);
}

async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.map(Box::pin).collect();
    let mut done: Vec<_> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, done) in futures.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(output) = future.as_mut().poll(context)
            {
                *done = Some(output);
            }
        }
        if done.iter().all(Option::is_some) {
            return std::task::Poll::Ready(());
        }
        std::task::Poll::Pending
    })
    .await;
    done.into_iter().flatten().collect()
}

#[tokio::test]
async fn the_file_goes_with_the_account() {
    let app = App::start();
    let ada = app.someone().await;
    upload(&ada, "cv.pdf", &pdf(100)).await;

    let password = json!({"password": PASSWORD});
    let deleted = ada.send_json(Method::DELETE, "/me", &password).await;

    assert_eq!(deleted.status, 204);
    assert_eq!(files_in(app.files.path()), 0);
}
