//! The job board.

mod comment;
mod feed;
pub mod image;
mod like;
mod post;
mod strangers;

pub use image::png;

use alumx_tests::User;
use reqwest::Method;
use serde_json::{Value, json};

/// A job with nothing but what it must have.
pub fn job(title: &str) -> Value {
    json!({"title": title, "employmentType": "FULL_TIME", "description": "d".repeat(50)})
}

/// The job with other fields.
pub fn job_with(fields: &Value) -> Value {
    let mut job = job("Programmer");
    for (name, value) in fields.as_object().cloned().unwrap_or_default() {
        job[name] = value;
    }
    job
}

/// Posts a job and answers its path.
pub async fn posted(user: &User<'_>, body: &Value) -> String {
    let answer = user.send_json(Method::POST, "/job-posts", body).await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    format!("/job-posts/{}", answer.body["id"])
}

/// The titles on a page.
fn titles(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().cloned().unwrap_or_default();
    let title = |post: &Value| post["title"].as_str().unwrap_or_default().to_owned();
    items.iter().map(title).collect()
}
