//! Uploaded images of posts.
//!
//! As with resumes, a file is stored before a row names it and deleted after none does any more.

use alumx_domain::account::Caller;
use alumx_domain::file::Folder;
use alumx_domain::job_post::{ImageFile, JobPostId, JobPostWriteError, PostImage, PostImages};

use super::{JobPostError, JobPostService};
use crate::file::discard;
use crate::ports::{CleanImage, Upload};

impl JobPostService {
    /// Refuses who may not add images to the post, and a post that has as many as it may, before
    /// anything of a file is read.
    pub async fn check_image(&self, caller: Caller, id: JobPostId) -> Result<(), JobPostError> {
        let post = self.changeable(caller, id).await?;
        if post.images.as_slice().len() < PostImages::MAX {
            return Ok(());
        }
        Err(JobPostError::TooManyImages)
    }

    /// Appends an upload to the images of a post, for its author; answers its position.
    pub async fn add_image(
        &self,
        caller: Caller,
        id: JobPostId,
        upload: Upload,
    ) -> Result<(usize, PostImage), JobPostError> {
        self.check_image(caller, id).await?;
        let CleanImage { upload, format } = self.cleaner.clean(upload).await?;
        let extension = format.into();
        let key = self.files.put(Folder::Images, extension, upload).await?;
        let file = ImageFile::try_from(key.clone()).map_err(|_| JobPostError::UnnamableImage)?;
        let now = self.clock.now();
        let appended = self.posts.append_image(id, caller.user, &file, now).await;
        match appended {
            Ok(position) => Ok((position, PostImage::Uploaded(file))),
            // The answer may have been lost after the row was added, which then needs the file.
            Err(JobPostWriteError::Repository(error)) => Err(error.into()),
            Err(refused) => {
                discard(&*self.files, [key]).await;
                Err(refused.into())
            }
        }
    }

    /// Takes an image off a post, for its author; the rest moves up.
    pub async fn remove_image(
        &self,
        caller: Caller,
        id: JobPostId,
        position: usize,
    ) -> Result<(), JobPostError> {
        self.changeable(caller, id).await?;
        let (writer, now) = (caller.user, self.clock.now());
        let unused = self.posts.remove_image(id, writer, position, now).await?;
        discard(&*self.files, unused).await;
        Ok(())
    }
}
