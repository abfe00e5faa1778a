//! A body read whole, for those who try what can be read.

use actix_web::web::Bytes;
use futures_util::Stream;

use super::{Multipart, MultipartError};

/// The name, the file's name and the bytes of each part.
pub type Parts = Vec<(String, String, Vec<u8>)>;

/// All parts of a body.
pub async fn all_parts<S, E>(mut multipart: Multipart<S>) -> Result<Parts, MultipartError>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    let mut parts = Vec::new();
    while let Some(head) = multipart.next_part().await? {
        let mut bytes = Vec::new();
        while let Some(chunk) = multipart.chunk().await? {
            bytes.extend_from_slice(&chunk);
        }
        parts.push((head.name, head.file_name, bytes));
    }
    Ok(parts)
}
