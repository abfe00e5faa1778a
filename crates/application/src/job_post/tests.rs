//! Rights and what failures mean, over a mocked store.

mod image;

use alumx_domain::account::Role;
use alumx_domain::clock::{MockClock, Timestamp};
use alumx_domain::job_post::{EmploymentType, MockJobPostRepository, PostImages};

use super::*;
use crate::ports::{MockFileStore, MockImageCleaner};
use crate::testing::{by, caller_as as caller, user};

fn post_id() -> JobPostId {
    JobPostId::try_from(1).unwrap()
}

fn comment_id() -> CommentId {
    CommentId::try_from(1).unwrap()
}

/// A post of user 1.
fn post() -> JobPost {
    JobPost {
        id: post_id(),
        author: by(1),
        title: "Job".to_owned().try_into().unwrap(),
        company: None,
        location: None,
        employment_type: EmploymentType::FullTime,
        description: "d".repeat(50).try_into().unwrap(),
        apply_url: None,
        expires_at: None,
        images: PostImages::default(),
        like_count: 0,
        comment_count: 0,
        liked_by_viewer: false,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

fn new_post() -> NewJobPost {
    NewJobPost {
        title: post().title,
        company: None,
        location: None,
        employment_type: EmploymentType::FullTime,
        description: post().description,
        apply_url: None,
        expires_at: None,
        images: PostImages::default(),
    }
}

fn text() -> CommentText {
    "Nice".to_owned().try_into().unwrap()
}

/// A comment of user 2 on the post of user 1.
fn comment() -> Comment {
    Comment {
        id: comment_id(),
        post: post_id(),
        author: by(2),
        content: text(),
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

fn service(posts: MockJobPostRepository) -> JobPostService {
    service_with(posts, MockFileStore::new(), MockImageCleaner::new())
}

fn service_with(
    posts: MockJobPostRepository,
    files: MockFileStore,
    cleaner: MockImageCleaner,
) -> JobPostService {
    let mut clock = MockClock::new();
    clock.expect_now().return_const(Timestamp::UNIX_EPOCH);
    JobPostService::new(
        Arc::new(posts),
        Arc::new(files),
        Arc::new(cleaner),
        Arc::new(clock),
    )
}

/// A store that finds this post and comment; whatever else is asked of it fails the test.
fn finding(found: bool) -> MockJobPostRepository {
    let mut posts = MockJobPostRepository::new();
    posts
        .expect_find()
        .returning(move |_, _| Ok(found.then(post)));
    posts
        .expect_find_comment()
        .returning(move |_, _| Ok(found.then(|| (comment(), user(1)))));
    posts
}

#[tokio::test]
async fn a_student_posts_nothing_and_nothing_is_written() {
    let service = service(MockJobPostRepository::new());

    let result = service.create(caller(1, Role::Student), &new_post()).await;

    assert!(matches!(result, Err(JobPostError::StudentsDontPost)));
}

#[tokio::test]
async fn who_may_not_change_a_post_writes_nothing() {
    let patch = JobPostPatch::default;
    for (id, role) in [(2, Role::Alumni), (2, Role::Admin)] {
        let result = service(finding(true))
            .update(caller(id, role), post_id(), patch())
            .await;
        assert!(matches!(result, Err(JobPostError::NotAllowed(_))));
    }
    let result = service(finding(true))
        .delete(caller(2, Role::Professor), post_id())
        .await;
    assert!(matches!(result, Err(JobPostError::NotAllowed(_))));
}

#[tokio::test]
async fn a_stranger_learns_that_what_is_unknown_is_unknown() {
    let stranger = caller(9, Role::Student);
    let service = service(finding(false));

    let updated = service
        .update(stranger, post_id(), JobPostPatch::default())
        .await;
    let deleted = service.delete(stranger, post_id()).await;
    let edited = service
        .update_comment(stranger, post_id(), comment_id(), &text())
        .await;
    let removed = service
        .delete_comment(stranger, post_id(), comment_id())
        .await;

    assert!(matches!(updated, Err(JobPostError::NotFound)));
    assert!(matches!(deleted, Err(JobPostError::NotFound)));
    assert!(matches!(edited, Err(JobPostError::CommentNotFound)));
    assert!(matches!(removed, Err(JobPostError::CommentNotFound)));
}

#[tokio::test]
async fn the_author_and_admins_delete_a_post() {
    for (id, role) in [(1, Role::Alumni), (2, Role::Admin)] {
        let mut posts = finding(true);
        posts.expect_delete().once().returning(|_| Ok(Some(vec![])));
        assert!(
            service(posts)
                .delete(caller(id, role), post_id())
                .await
                .is_ok()
        );
    }
}

#[tokio::test]
async fn a_comment_is_changed_by_its_author_and_deleted_by_the_posts_author_too() {
    for (id, role, deletes, changes) in [
        (1, Role::Alumni, true, false),
        (2, Role::Student, true, true),
        (3, Role::Admin, true, false),
        (3, Role::Professor, false, false),
    ] {
        let mut posts = finding(true);
        posts
            .expect_delete_comment()
            .times(usize::from(deletes))
            .returning(|_, _| Ok(true));
        posts
            .expect_update_comment()
            .times(usize::from(changes))
            .returning(|_, _, _, _, _| Ok(comment()));
        let service = service(posts);
        let caller = caller(id, role);

        let deleted = service
            .delete_comment(caller, post_id(), comment_id())
            .await;
        let changed = service
            .update_comment(caller, post_id(), comment_id(), &text())
            .await;

        assert_eq!((deleted.is_ok(), changed.is_ok()), (deletes, changes));
    }
}

#[tokio::test]
async fn what_goes_between_the_look_and_the_step_is_not_found() {
    let mut posts = finding(true);
    posts.expect_delete().returning(|_| Ok(None));
    posts.expect_delete_comment().returning(|_, _| Ok(false));
    posts
        .expect_update_comment()
        .returning(|_, _, _, _, _| Err(JobPostWriteError::NotFound));
    posts
        .expect_like()
        .returning(|_, _, _| Err(JobPostWriteError::NotFound));
    posts
        .expect_insert()
        .returning(|_, _, _| Err(JobPostWriteError::WriterGone));
    let service = service(posts);
    let admin = caller(2, Role::Admin);

    let deleted = service.delete(admin, post_id()).await;
    let removed = service.delete_comment(admin, post_id(), comment_id()).await;
    let edited = service
        .update_comment(admin, post_id(), comment_id(), &text())
        .await;
    let liked = service.like(admin, post_id()).await;
    let posted = service.create(admin, &new_post()).await;

    assert!(matches!(deleted, Err(JobPostError::NotFound)));
    assert!(matches!(removed, Err(JobPostError::CommentNotFound)));
    assert!(matches!(edited, Err(JobPostError::CommentNotFound)));
    assert!(matches!(liked, Err(JobPostError::NotFound)));
    assert!(matches!(posted, Err(JobPostError::CallerGone)));
}
