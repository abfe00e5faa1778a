//! The images of a post: links to elsewhere, and files that were uploaded to it.

use strum::{EnumIter, EnumString, IntoStaticStr};

use crate::file::{FileKey, Folder};
use crate::text::InvalidValue;
use crate::user::WebUrl;

/// What kind of image an uploaded one is, by its content. Its `snake_case` name ends file names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum ImageFormat {
    Png,
    Jpeg,
    Gif,
    Webp,
}

impl ImageFormat {
    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
        }
    }
}

/// The file of an uploaded image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageFile {
    key: FileKey,
    format: ImageFormat,
}

impl ImageFile {
    /// The largest upload, in bytes.
    pub const MAX_SIZE: u64 = 5 * 1024 * 1024;

    /// The file named so, if a file could have this name.
    pub fn named(name: &str) -> Result<Self, InvalidValue> {
        let folder: &str = Folder::Images.into();
        FileKey::try_from(format!("{folder}/{name}"))?.try_into()
    }

    /// Where it lies.
    pub const fn key(&self) -> &FileKey {
        &self.key
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.key.name()
    }

    /// What it is.
    pub const fn format(&self) -> ImageFormat {
        self.format
    }
}

impl TryFrom<FileKey> for ImageFile {
    type Error = InvalidValue;

    fn try_from(key: FileKey) -> Result<Self, InvalidValue> {
        let ending = key.name().rsplit_once('.').map(|(_, ending)| ending);
        let format = ending.and_then(|ending| ending.parse().ok());
        match format {
            Some(format) if key.folder() == Folder::Images => Ok(Self { key, format }),
            _ => Err(InvalidValue::new("invalid_image", "must name an image")),
        }
    }
}

/// An image of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PostImage {
    /// One that lies elsewhere.
    Linked(WebUrl),
    /// One that was uploaded to this post and goes with it.
    Uploaded(ImageFile),
}

impl PostImage {
    /// Its file, if it was uploaded.
    pub fn file(&self) -> Option<&ImageFile> {
        match self {
            Self::Linked(_) => None,
            Self::Uploaded(file) => Some(file),
        }
    }
}

/// The images of a post, in order: at most ten.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostImages(Vec<PostImage>);

impl PostImages {
    /// The most images of one post.
    pub const MAX: usize = 10;

    /// The images.
    pub fn as_slice(&self) -> &[PostImage] {
        &self.0
    }

    /// Adds an image and answers its position; `None` if there are ten.
    pub fn append(&mut self, image: PostImage) -> Option<usize> {
        let position = self.0.len();
        (position < Self::MAX).then(|| {
            self.0.push(image);
            position
        })
    }

    /// Takes an image out, so that the rest moves up; `None` if there is none at `position`.
    pub fn remove(&mut self, position: usize) -> Option<PostImage> {
        (position < self.0.len()).then(|| self.0.remove(position))
    }

    /// The files of images that are here and not in `new`: nothing needs them any more.
    pub fn files_missing_in(&self, new: &Self) -> Vec<FileKey> {
        let gone = self.0.iter().filter(|image| !new.0.contains(image));
        gone.filter_map(PostImage::file)
            .map(|file| file.key.clone())
            .collect()
    }

    /// The positions in `new` of files that are not images here: an upload is an image of the post
    /// that it was uploaded to and of no other.
    pub fn unknown_in(&self, new: &Self) -> Vec<usize> {
        let unknown = |image: &PostImage| image.file().is_some() && !self.0.contains(image);
        let positions = new.0.iter().enumerate();
        positions
            .filter(|(_, image)| unknown(image))
            .map(|(position, _)| position)
            .collect()
    }
}

impl TryFrom<Vec<PostImage>> for PostImages {
    type Error = InvalidValue;

    fn try_from(images: Vec<PostImage>) -> Result<Self, InvalidValue> {
        if images.len() > Self::MAX {
            let message = format!("must have at most {} items", Self::MAX);
            return Err(InvalidValue::new("too_many_items", message));
        }
        Ok(Self(images))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(text: &str) -> PostImage {
        let url = format!("https://example.org/{text}");
        PostImage::Linked(url.try_into().unwrap())
    }

    fn upload(n: u128) -> PostImage {
        let key = FileKey::new(Folder::Images, n, "png");
        PostImage::Uploaded(key.try_into().unwrap())
    }

    fn images(images: &[PostImage]) -> PostImages {
        images.to_vec().try_into().unwrap()
    }

    #[test]
    fn only_images_are_named() {
        let name = FileKey::new(Folder::Images, 1, "webp").name().to_owned();

        let file = ImageFile::named(&name).unwrap();

        assert_eq!((file.name(), file.format()), (&*name, ImageFormat::Webp));
        for wrong in [
            name.replace("webp", "pdf"),
            format!("../{name}"),
            String::new(),
        ] {
            assert!(ImageFile::named(&wrong).is_err(), "{wrong}");
        }
        let resume = FileKey::new(Folder::Resumes, 1, "png");
        assert!(ImageFile::try_from(resume).is_err());
    }

    #[test]
    fn a_post_has_at_most_ten_images() {
        let many = |n| PostImages::try_from(vec![link("a"); n]);

        assert_eq!(many(10).unwrap().as_slice().len(), 10);
        assert_eq!(many(11).unwrap_err().code, "too_many_items");
        assert_eq!(many(9).unwrap().append(upload(1)), Some(9));
        let mut full = many(10).unwrap();
        assert_eq!((full.append(upload(1)), full), (None, many(10).unwrap()));
    }

    #[test]
    fn the_rest_moves_up() {
        let mut some = images(&[upload(1), link("a"), link("b")]);

        assert_eq!(some.remove(0), Some(upload(1)));
        assert_eq!(some, images(&[link("a"), link("b")]));
        assert_eq!(some.remove(2), None);
    }

    #[test]
    fn a_file_goes_when_its_last_mention_goes_and_comes_from_nowhere_else() {
        let old = images(&[upload(1), link("a"), upload(2), upload(2)]);
        let new = images(&[upload(3), link("b"), upload(2)]);

        let gone = FileKey::new(Folder::Images, 1, "png");
        assert_eq!(old.files_missing_in(&new), [gone]);
        assert_eq!(old.unknown_in(&new), [0]);
        assert_eq!(old.files_missing_in(&old), []);
    }
}
