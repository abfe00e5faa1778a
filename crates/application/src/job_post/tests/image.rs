//! The order in which files and rows of images change, and who may change them.

use alumx_domain::file::{FileKey, Folder, Sha256};
use alumx_domain::job_post::{Changed, ImageFormat, PostImage};
use mockall::Sequence;

use super::*;
use crate::ports::{CleanImage, Upload};

fn key(n: u128) -> FileKey {
    FileKey::new(Folder::Images, n, "png")
}

fn uploaded(n: u128) -> PostImages {
    let file = key(n).try_into().unwrap();
    vec![PostImage::Uploaded(file)].try_into().unwrap()
}

fn upload() -> Upload {
    Upload {
        file: std::fs::File::open("/dev/null").unwrap(),
        size: 9,
        sha256: Sha256([1; 32]),
    }
}

/// Files of which key 1 is stored for the next image, first of all.
fn storing(order: &mut Sequence) -> (MockFileStore, MockImageCleaner) {
    let (mut files, mut cleaner) = (MockFileStore::new(), MockImageCleaner::new());
    cleaner.expect_clean().returning(|upload| {
        let format = ImageFormat::Png;
        Ok(CleanImage { upload, format })
    });
    files
        .expect_put()
        .times(1)
        .in_sequence(order)
        .returning(|folder, extension, _| {
            assert_eq!((folder, extension), (Folder::Images, "png"));
            Ok(key(1))
        });
    (files, cleaner)
}

fn deletes(files: &mut MockFileStore, deleted: u128, order: &mut Sequence) {
    files
        .expect_delete()
        .withf(move |which| *which == key(deleted))
        .times(1)
        .in_sequence(order)
        .returning(|_| Ok(()));
}

#[tokio::test]
async fn an_image_is_stored_before_a_row_names_it() {
    let mut order = Sequence::new();
    let (files, cleaner) = storing(&mut order);
    let mut posts = finding(true);
    posts
        .expect_append_image()
        .times(1)
        .in_sequence(&mut order)
        .returning(|_, _, file, _| {
            assert_eq!(*file.key(), key(1));
            Ok(4)
        });

    let added = service_with(posts, files, cleaner)
        .add_image(caller(1, Role::Alumni), post_id(), upload())
        .await;

    let (position, image) = added.unwrap();
    assert_eq!((position, image), (4, uploaded(1).as_slice()[0].clone()));
}

#[tokio::test]
async fn a_refused_image_is_deleted_and_one_whose_fate_nobody_knows_is_not() {
    for (refused, deleted) in [(true, 1), (false, 0)] {
        let mut order = Sequence::new();
        let (mut files, cleaner) = storing(&mut order);
        let mut posts = finding(true);
        posts.expect_append_image().returning(move |_, _, _, _| {
            Err(if refused {
                JobPostWriteError::TooManyImages
            } else {
                RepositoryError::Unavailable("connection lost".to_owned()).into()
            })
        });
        files.expect_delete().times(deleted).returning(|_| Ok(()));

        let added = service_with(posts, files, cleaner)
            .add_image(caller(1, Role::Alumni), post_id(), upload())
            .await;

        assert_eq!(
            matches!(added, Err(JobPostError::TooManyImages)),
            refused,
            "{added:?}"
        );
        assert!(added.is_err());
    }
}

#[tokio::test]
async fn strangers_and_admins_touch_no_image_of_others() {
    for role in [Role::Alumni, Role::Admin] {
        let service = service(finding(true));
        let stranger = caller(2, role);

        let added = service.add_image(stranger, post_id(), upload()).await;
        let removed = service.remove_image(stranger, post_id(), 0).await;

        assert!(matches!(added, Err(JobPostError::NotAllowed(_))));
        assert!(matches!(removed, Err(JobPostError::NotAllowed(_))));
    }
}

#[tokio::test]
async fn a_new_post_has_no_uploads() {
    let service = service(MockJobPostRepository::new());
    let images = uploaded(1);
    let post = NewJobPost {
        images,
        ..new_post()
    };

    let created = service.create(caller(1, Role::Alumni), &post).await;

    assert!(matches!(created, Err(JobPostError::UnknownImages(at)) if at == [0]));
}

#[tokio::test]
async fn files_that_a_step_leaves_without_use_are_deleted_after_it() {
    let mut order = Sequence::new();
    let mut posts = finding(true);
    let mut files = MockFileStore::new();
    posts
        .expect_update()
        .times(1)
        .in_sequence(&mut order)
        .returning(|_, _, _, _| {
            let (post, unused) = (post(), vec![key(1)]);
            Ok(Changed { post, unused })
        });
    deletes(&mut files, 1, &mut order);
    posts
        .expect_remove_image()
        .times(1)
        .in_sequence(&mut order)
        .returning(|_, _, position, _| {
            assert_eq!(position, 3);
            Ok(Some(key(2)))
        });
    deletes(&mut files, 2, &mut order);
    posts
        .expect_delete()
        .times(1)
        .in_sequence(&mut order)
        .returning(|_| Ok(Some(vec![key(3), key(4)])));
    deletes(&mut files, 3, &mut order);
    deletes(&mut files, 4, &mut order);
    let service = service_with(posts, files, MockImageCleaner::new());
    let ada = caller(1, Role::Alumni);

    let updated = service
        .update(ada, post_id(), JobPostPatch::default())
        .await;
    let removed = service.remove_image(ada, post_id(), 3).await;
    let deleted = service.delete(ada, post_id()).await;

    assert!(updated.is_ok() && removed.is_ok() && deleted.is_ok());
}
