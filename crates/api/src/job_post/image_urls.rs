//! The images that a body names.

use alumx_domain::job_post::{ImageFile, PostImage, PostImages};
use alumx_domain::text::InvalidValue;
use alumx_domain::user::{Patch, WebUrl};
use serde_json::Value;

use super::links::{name_in, unknown_image};
use crate::http::{FieldError, Fields, FromJson};

/// Every wrong URL is told by its position.
pub fn take_images(fields: &mut Fields, null_is_none: bool) -> Option<Patch<PostImages>> {
    let items = match fields.take_value("imageUrls") {
        None => return Some(Patch::Keep),
        Some(Value::Null) if null_is_none => return Some(Patch::Keep),
        Some(Value::Array(items)) => items,
        Some(_) => {
            let wrong = InvalidValue::new("invalid_type", "must be an array of strings");
            fields.refuse(FieldError::new("imageUrls", wrong));
            return None;
        }
    };
    if items.len() > PostImages::MAX {
        let message = format!("must have at most {} items", PostImages::MAX);
        let wrong = InvalidValue::new("too_many_items", message);
        fields.refuse(FieldError::new("imageUrls", wrong));
        return None;
    }
    let mut images = Vec::with_capacity(items.len());
    let mut whole = true;
    for (position, item) in items.into_iter().enumerate() {
        match image(item, position) {
            Ok(image) => images.push(image),
            Err(wrong) => {
                whole = false;
                fields.refuse(wrong);
            }
        }
    }
    if whole {
        PostImages::try_from(images).ok().map(Patch::Set)
    } else {
        None
    }
}

/// An upload by its path, or anything by its URL.
fn image(item: Value, position: usize) -> Result<PostImage, FieldError> {
    if let Some(name) = item.as_str().and_then(|text| name_in(text.trim())) {
        let file = ImageFile::named(name).map_err(|_| unknown_image(position))?;
        return Ok(PostImage::Uploaded(file));
    }
    WebUrl::from_json(Some(item))
        .map(PostImage::Linked)
        .map_err(|wrong| FieldError::new(format!("imageUrls[{position}]"), wrong))
}
