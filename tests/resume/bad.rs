//! Bodies that are no upload of a resume; nothing of them is left behind.

use alumx_tests::{Answer, App, Setup, StoreKind};
use reqwest::Method;

use super::{archive, files_in, multipart, pdf, send_multipart, upload};

#[tokio::test]
async fn what_is_neither_pdf_nor_docx_is_refused_by_its_content() {
    let app = App::start();
    let ada = app.someone().await;
    for bytes in [
        &b"\x89PNG\r\n\x1a\n renamed"[..],
        b"plain text",
        b"%PDF",
        b"%PDF-1.7 without an end",
        &archive(&["readme.txt"]),
        &archive(&["word/document.xml"]),
        b"PK\x03\x04 cut off",
    ] {
        let answer = upload(&ada, "cv.pdf", bytes).await;
        answer.assert_problem(415, "unsupported_media_type");
    }
    assert_eq!(files_in(app.files.path()), 0);
}

#[tokio::test]
async fn a_body_is_one_file_and_nothing_else() {
    let app = App::start();
    let ada = app.someone().await;
    let path = ada.path("/resume");
    let pdf = pdf(100);
    for (body, status, code, fields) in [
        (multipart(&[]), 422, "invalid_fields", vec!["file:required"]),
        (
            multipart(&[("file", "", b"")]),
            422,
            "invalid_fields",
            vec!["file:required"],
        ),
        (
            multipart(&[("file", "", &pdf), ("file", "", &pdf)]),
            422,
            "invalid_fields",
            vec!["file:duplicate"],
        ),
        (
            multipart(&[("note", "", b"x"), ("file", "", &pdf)]),
            422,
            "invalid_fields",
            vec!["note:unknown_field"],
        ),
        (b"no multipart".to_vec(), 400, "malformed_body", vec![]),
        (b"".to_vec(), 400, "malformed_body", vec![]),
        (
            b"--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n%PDF-".to_vec(),
            400,
            "malformed_body",
            vec![],
        ),
    ] {
        let text = String::from_utf8_lossy(&body).into_owned();
        let answer = send_multipart(&ada, Method::PUT, &path, body).await;
        assert_eq!(answer.status.as_u16(), status, "{text} {answer:?}");
        answer.assert_problem(status, code);
        assert_eq!(answer.field_errors(), fields, "{text}");
        assert!(!answer.body.to_string().contains("JSON"), "{answer:?}");
    }
    for (content_type, status) in [
        ("application/pdf", 415),
        ("multipart/mixed; boundary=b", 415),
        ("multipart/form-data", 400),
        ("multipart/form-data; boundary=other", 400),
    ] {
        let body = multipart(&[("file", "", &pdf)]);
        let request = ada.request(Method::PUT, &path).body(body);
        let answer = Answer::of(request.header("content-type", content_type)).await;
        assert_eq!(answer.status.as_u16(), status, "{content_type} {answer:?}");
    }
    assert_eq!(files_in(app.files.path()), 0);
}

#[tokio::test]
async fn without_room_nothing_is_taken_and_the_rest_goes_on() {
    let app = App::start_as(Setup {
        store: StoreKind::Full,
        ..Setup::default()
    });
    let ada = app.someone().await;

    let refused = upload(&ada, "cv.pdf", &pdf(100)).await;

    refused.assert_problem(507, "insufficient_storage");
    let resume = ada.get(&ada.path("/resume")).await;
    resume.assert_problem(404, "not_found");
    assert_eq!(files_in(app.files.path()), 0);
}
