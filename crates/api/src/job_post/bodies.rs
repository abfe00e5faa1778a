//! JSON of posts.

use alumx_domain::job_post::{
    EmploymentType, Expiry, JobPost, JobPostId, JobPostPatch, NewJobPost, PostDescription,
    PostImage, PostImages, PostTitle,
};
use alumx_domain::user::{Patch, ShortText, WebUrl};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::image_urls::take_images;
use super::links::Links;
use crate::http::time::{rfc3339, rfc3339_option};
use crate::http::{FieldError, Fields, JsonBody};
use crate::user::UserRefResponse;

/// How somebody would be employed: the schema of `EmploymentType`, which knows no OpenAPI.
#[derive(ToSchema)]
#[schema(as = EmploymentType, rename_all = "SCREAMING_SNAKE_CASE", example = "FULL_TIME")]
#[expect(dead_code, reason = "the schema of EmploymentType")]
pub enum EmploymentTypeName {
    FullTime,
    PartTime,
    Contract,
    Internship,
}

/// A job as its author posted it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = JobPost, example = json!({
    "id": 7,
    "author": {
        "id": 1, "username": "ada.lovelace", "name": "Ada Lovelace", "role": "ALUMNI",
        "deleted": false
    },
    "title": "Programmer of engines",
    "company": "Analytical Engines Ltd",
    "location": "London",
    "employmentType": "FULL_TIME",
    "description": "Write programs for an engine that weaves algebraic patterns.",
    "applyUrl": "https://engines.example.org/jobs/7",
    "expiresAt": "2026-03-31T00:00:00Z",
    "images": [{"position": 0, "url": "https://engines.example.org/mill.png"}],
    "likeCount": 2,
    "commentCount": 1,
    "likedByMe": true,
    "createdAt": "2026-01-31T09:30:00.123456Z",
    "updatedAt": "2026-01-31T09:30:00.123456Z"
}))]
pub struct JobPostResponse {
    #[schema(value_type = i64, minimum = 1)]
    id: JobPostId,
    author: UserRefResponse,
    #[schema(value_type = String)]
    title: PostTitle,
    #[schema(value_type = Option<String>, required = true)]
    company: Option<ShortText>,
    #[schema(value_type = Option<String>, required = true)]
    location: Option<ShortText>,
    #[schema(value_type = EmploymentTypeName)]
    employment_type: &'static str,
    #[schema(value_type = String)]
    description: PostDescription,
    #[schema(value_type = Option<String>, required = true, format = "uri")]
    apply_url: Option<WebUrl>,
    /// From when on the feed leaves it out; null if never.
    #[schema(required = true)]
    #[serde(serialize_with = "rfc3339_option")]
    expires_at: Option<DateTime<Utc>>,
    #[schema(max_items = 10)]
    images: Vec<ImageResponse>,
    #[schema(minimum = 0)]
    like_count: i32,
    #[schema(minimum = 0)]
    comment_count: i32,
    /// Whether the caller likes it.
    liked_by_me: bool,
    #[serde(serialize_with = "rfc3339")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "rfc3339")]
    updated_at: DateTime<Utc>,
}

/// An image of a post.
#[derive(Serialize, ToSchema)]
#[schema(as = JobPostImage, example = json!({
    "position": 0, "url": "https://engines.example.org/mill.png"
}))]
pub struct ImageResponse {
    /// From 0.
    #[schema(minimum = 0, maximum = 9)]
    position: usize,
    #[schema(format = "uri")]
    url: String,
}

impl ImageResponse {
    /// The image at this position.
    pub fn new(position: usize, image: &PostImage, links: &Links) -> Self {
        let url = links.url(image);
        Self { position, url }
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl JobPostResponse {
    /// The post, its images under absolute URLs.
    pub fn new(post: JobPost, links: &Links) -> Self {
        let images = post.images.as_slice().iter().enumerate();
        Self {
            id: post.id,
            images: images
                .map(|(position, image)| ImageResponse::new(position, image, links))
                .collect(),
            author: post.author.into(),
            title: post.title,
            company: post.company,
            location: post.location,
            employment_type: post.employment_type.into(),
            description: post.description,
            apply_url: post.apply_url,
            expires_at: post.expires_at,
            like_count: post.like_count,
            comment_count: post.comment_count,
            liked_by_me: post.liked_by_viewer,
            created_at: post.created_at,
            updated_at: post.updated_at,
        }
    }
}

/// A job to be posted.
#[derive(ToSchema)]
#[schema(as = NewJobPost, rename_all = "camelCase", example = json!({
    "title": "Programmer of engines",
    "company": "Analytical Engines Ltd",
    "location": "London",
    "employmentType": "FULL_TIME",
    "description": "Write programs for an engine that weaves algebraic patterns.",
    "applyUrl": "https://engines.example.org/jobs/7",
    "imageUrls": ["https://engines.example.org/mill.png"]
}))]
#[expect(dead_code, reason = "documents what NewJobPostBody reads")]
struct NewJobPostFields {
    #[schema(min_length = 1, max_length = 150)]
    title: String,
    #[schema(max_length = 150)]
    company: Option<String>,
    #[schema(max_length = 150)]
    location: Option<String>,
    #[schema(value_type = EmploymentTypeName)]
    employment_type: String,
    #[schema(min_length = 50, max_length = 5000)]
    description: String,
    /// http or https.
    #[schema(format = "uri", max_length = 2048)]
    apply_url: Option<String>,
    /// In the future.
    expires_at: Option<DateTime<Utc>>,
    /// http or https, in order.
    #[schema(max_items = 10)]
    image_urls: Option<Vec<String>>,
}

/// A job to be posted, checked.
pub struct NewJobPostBody(pub NewJobPost);

/// A change of a post: what is named is changed; null clears a field that may be empty; the images
/// are replaced whole.
#[derive(ToSchema)]
#[schema(as = JobPostPatch, rename_all = "camelCase", example = json!({
    "title": "Programmer of engines, part time", "employmentType": "PART_TIME", "location": null
}))]
#[expect(dead_code, reason = "documents what JobPostPatchBody reads")]
struct JobPostPatchFields {
    #[schema(nullable = false, min_length = 1, max_length = 150)]
    title: Option<String>,
    #[schema(max_length = 150)]
    company: Option<String>,
    #[schema(max_length = 150)]
    location: Option<String>,
    #[schema(nullable = false, value_type = Option<EmploymentTypeName>)]
    employment_type: Option<String>,
    #[schema(nullable = false, min_length = 50, max_length = 5000)]
    description: Option<String>,
    /// http or https.
    #[schema(format = "uri", max_length = 2048)]
    apply_url: Option<String>,
    /// In the future.
    expires_at: Option<DateTime<Utc>>,
    /// http or https, in order; uploaded images stay whose URL is named.
    #[schema(nullable = false, max_items = 10)]
    image_urls: Option<Vec<String>>,
}

/// A change of a post, checked.
pub struct JobPostPatchBody(pub JobPostPatch);

macro_rules! schema_of {
    ($body:ty, $fields:ty) => {
        impl utoipa::PartialSchema for $body {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                <$fields as utoipa::PartialSchema>::schema()
            }
        }

        impl ToSchema for $body {
            fn name() -> std::borrow::Cow<'static, str> {
                <$fields as ToSchema>::name()
            }

            fn schemas(
                schemas: &mut Vec<(
                    String,
                    utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>,
                )>,
            ) {
                <$fields as ToSchema>::schemas(schemas);
            }
        }
    };
}

schema_of!(NewJobPostBody, NewJobPostFields);
schema_of!(JobPostPatchBody, JobPostPatchFields);

impl JsonBody for NewJobPostBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        let title = fields.take("title");
        let company = fields.take("company");
        let location = fields.take("location");
        let employment_type = fields.take("employmentType");
        let description = fields.take("description");
        let apply_url = fields.take("applyUrl");
        let expires_at = take_expiry(fields);
        let images = take_images(fields, true);
        Some(Self(NewJobPost {
            title: title?,
            company: company?,
            location: location?,
            employment_type: employment_type?,
            description: description?,
            apply_url: apply_url?,
            expires_at: match expires_at? {
                Patch::Set(expiry) => Some(expiry),
                Patch::Keep | Patch::Clear => None,
            },
            images: match images? {
                Patch::Set(images) => images,
                Patch::Keep | Patch::Clear => PostImages::default(),
            },
        }))
    }
}

impl JsonBody for JobPostPatchBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        let title = fields.take_if_named::<PostTitle>("title");
        let company = fields.take("company");
        let location = fields.take("location");
        let employment_type = fields.take_if_named::<EmploymentType>("employmentType");
        let description = fields.take_if_named::<PostDescription>("description");
        let apply_url = fields.take("applyUrl");
        let expires_at = take_expiry(fields);
        let images = take_images(fields, false);
        Some(Self(JobPostPatch {
            title: title?,
            company: company?,
            location: location?,
            employment_type: employment_type?,
            description: description?,
            apply_url: apply_url?,
            expires_at: expires_at?,
            images: match images? {
                Patch::Set(images) => Some(images),
                Patch::Keep | Patch::Clear => None,
            },
        }))
    }
}

fn take_expiry(fields: &mut Fields) -> Option<Patch<Expiry>> {
    match fields.take::<Patch<DateTime<Utc>>>("expiresAt")? {
        Patch::Keep => Some(Patch::Keep),
        Patch::Clear => Some(Patch::Clear),
        Patch::Set(at) => match Expiry::after(fields.now(), at) {
            Ok(expiry) => Some(Patch::Set(expiry)),
            Err(wrong) => {
                fields.refuse(FieldError::new("expiresAt", wrong));
                None
            }
        },
    }
}
