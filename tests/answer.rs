//! What came back.

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use crate::or_panic;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body; null if there is none or it is no JSON.
    pub body: Value,
}

impl Answer {
    /// Sends a request and reads the answer.
    pub async fn of(request: RequestBuilder) -> Self {
        let (client, request) = request.build_split();
        let request = or_panic(request);
        let head = request.method() == Method::HEAD;
        let response: Response = or_panic(client.execute(request).await);
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = or_panic(response.bytes().await);
        let answer = Self {
            status,
            headers,
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
        };
        answer.whole(!head)
    }

    /// The answer, which is a problem document if something was wrong, and a whole one where there
    /// is a body.
    fn whole(self, body: bool) -> Self {
        let is_problem = self.header("content-type") == "application/problem+json";
        let wrong = self.status.is_client_error() || self.status.is_server_error();
        assert_eq!(is_problem, wrong, "{self:?}");
        for member in ["type", "title", "detail", "code", "requestId"] {
            let text = self.body[member].as_str().unwrap_or_default();
            assert!(
                !is_problem || !body || !text.is_empty(),
                "{member} is missing: {self:?}"
            );
        }
        self
    }

    /// A header as text, empty if it isn't there.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Checks that this is a whole problem document with this status and code.
    ///
    /// # Panics
    /// If it is not.
    #[track_caller]
    pub fn assert_problem(&self, status: u16, code: &str) -> &Self {
        assert_eq!(
            (self.status.as_u16(), &self.body["code"]),
            (status, &json!(code)),
            "{self:?}"
        );
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.body["status"], status);
        assert_eq!(self.body["type"], format!("/problems/{code}"));
        assert!(self.body["title"].is_string());
        assert_eq!(self.body["requestId"], self.header("x-request-id"));
        if status == 401 {
            assert_eq!(self.header("www-authenticate"), "Bearer");
        }
        self
    }

    /// The wrong fields, as `field:code`, in their order.
    pub fn field_errors(&self) -> Vec<String> {
        let errors = self.body["errors"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        errors
            .iter()
            .map(|e| format!("{}:{}", text(&e["field"]), text(&e["code"])))
            .collect()
    }

    /// Reads an answer off the wire.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        let (head, body) = bytes.split_at(end.map_or(bytes.len(), |end| end + 4));
        let head = String::from_utf8_lossy(head);
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let headers = lines.filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.parse().ok()?, value.trim().parse().ok()?))
        });
        let answer = Self {
            status: or_panic(status.unwrap_or_default().parse()),
            headers: headers.collect(),
            body: serde_json::from_slice(body).unwrap_or_default(),
        };
        answer.whole(!body.is_empty())
    }
}
