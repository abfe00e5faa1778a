//! The URLs of images: what clients see, and what they may name.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use alumx_domain::job_post::{ImageFile, PostImage, PostImages};
use alumx_domain::text::InvalidValue;

use crate::http::public_url::base;
use crate::http::{FieldError, Problem, ProblemCode};
use crate::openapi::BASE_PATH;

/// Makes and reads URLs of uploaded images.
pub struct Links {
    base: String,
}

impl FromRequest for Links {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(base(request).map(|base| Self { base }))
    }
}

/// The code of an image that was not uploaded to the post.
pub fn unknown_image(position: usize) -> FieldError {
    let unknown = InvalidValue::new("unknown_image", "names no image uploaded to this post");
    FieldError::new(format!("imageUrls[{position}]"), unknown)
}

/// The name in the path of an uploaded image; `None` if the path is none of an image.
pub fn name_in(path: &str) -> Option<&str> {
    path.strip_prefix(BASE_PATH)?.strip_prefix("/images/")
}

impl Links {
    /// The absolute URL of an image.
    pub fn url(&self, image: &PostImage) -> String {
        match image {
            PostImage::Linked(url) => url.to_string(),
            PostImage::Uploaded(file) => {
                format!("{}{BASE_PATH}/images/{}", self.base, file.name())
            }
        }
    }

    /// The images, of which those whose URL is one of this service are uploads.
    ///
    /// # Errors
    /// 422 if such a URL can't be one of an image.
    pub fn recognised(&self, images: &PostImages) -> Result<PostImages, Problem> {
        let mut wrong = Vec::new();
        let mut known = Vec::new();
        for (position, image) in images.as_slice().iter().enumerate() {
            match self.upload(image).map(ImageFile::named) {
                None => known.push(image.clone()),
                Some(Ok(file)) => known.push(PostImage::Uploaded(file)),
                Some(Err(_)) => wrong.push(unknown_image(position)),
            }
        }
        if !wrong.is_empty() {
            return Err(Problem::new(ProblemCode::InvalidFields).fields(wrong));
        }
        // As many as there were.
        PostImages::try_from(known).map_err(|_| Problem::new(ProblemCode::Internal))
    }

    /// The name of the upload that a link leads to.
    ///
    /// The service may be reached under several names. So whatever the host, a path that only an
    /// upload can have names one: taken for a link elsewhere, its file would be deleted.
    fn upload<'a>(&self, image: &'a PostImage) -> Option<&'a str> {
        let PostImage::Linked(url) = image else {
            return None;
        };
        if let Some((start, path)) = url.split_at_checked(self.base.len())
            && start.eq_ignore_ascii_case(&self.base)
        {
            return name_in(path);
        }
        let (_, after_scheme) = url.split_once("://")?;
        let path = &after_scheme[after_scheme.find('/')?..];
        name_in(path).filter(|name| ImageFile::named(name).is_ok())
    }
}
