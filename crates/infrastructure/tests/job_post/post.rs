//! Posts, comments and likes, one at a time.

use alumx_domain::account::AccountRepository;
use alumx_domain::job_post::{
    CommentText, Expiry, JobPost, JobPostPatch, JobPostRepository, JobPostWriteError, NewJobPost,
    PostImage, PostImages,
};
use alumx_domain::user::Patch;

use super::{job, unknown_post};
use crate::support::{World, at, by, page, unknown_user, value};

fn everything() -> NewJobPost {
    NewJobPost {
        company: Some(value("Engines")),
        location: Some(value("London")),
        apply_url: Some(value("https://example.org/apply")),
        expires_at: Some(Expiry::after(at(1), at(9)).unwrap()),
        images: links(&["9", "8", "7", "6", "5", "4", "3", "2", "1", "0"]),
        ..job("Programmer")
    }
}

fn links(names: &[&str]) -> PostImages {
    let link = |name| PostImage::Linked(value(&format!("https://example.org/{name}")));
    let links: Vec<_> = names.iter().map(link).collect();
    links.try_into().unwrap()
}

#[tokio::test]
async fn every_field_is_stored_and_read_back() {
    let world = World::new();
    let ada = world.member("ada").await;

    let post = world.posts().insert(ada.id, &everything(), at(2)).await;

    let post = post.unwrap();
    assert_eq!(
        post.author.identity.as_ref().unwrap().username,
        ada.username
    );
    assert_eq!(post.images, everything().images);
    assert_eq!(post.expires_at, Some(at(9)));
    assert_eq!((post.created_at, post.updated_at), (at(2), at(2)));
    assert_eq!(world.find(post.id).await, post);
}

#[tokio::test]
async fn a_patch_is_stored_with_what_is_searched() {
    let world = World::new();
    let ada = world.member("ada").await;
    let id = world.job(&ada, 1, everything()).await;
    let old = world.find(id).await;
    let patch = JobPostPatch {
        title: Some(value("Painter")),
        company: Patch::Clear,
        location: Patch::Set(value("Paris")),
        apply_url: Patch::Clear,
        expires_at: Patch::Clear,
        images: Some(links(&["new"])),
        ..JobPostPatch::default()
    };

    let new = world.posts().update(id, ada.id, patch.clone(), at(3)).await;

    let new: JobPost = new.unwrap().post;
    assert_eq!(new, old.patched(patch, at(3)));
    assert_eq!(world.find(id).await, new);
    let found = |condition: &str| {
        world.number(&format!(
            "SELECT count(*) FROM job_post_search WHERE {condition}"
        ))
    };
    assert_eq!(
        found("terms @@ 'painter' AND location = 'paris' AND company IS NULL"),
        1
    );
    assert_eq!(found("terms @@ 'programmer'"), 0);
}

#[tokio::test]
async fn a_deleted_post_takes_everything_with_it() {
    let world = World::new();
    let ada = world.member("ada").await;
    let id = world.job(&ada, 1, everything()).await;
    let posts = world.posts();
    let text: CommentText = value("Nice");
    posts.like(id, ada.id, at(2)).await.unwrap();
    posts
        .insert_comment(id, ada.id, &text, at(2))
        .await
        .unwrap();

    assert_eq!(posts.delete(id).await.unwrap(), Some(vec![]));
    assert_eq!(posts.delete(id).await.unwrap(), None);

    for table in [
        "job_posts",
        "job_post_images",
        "job_post_likes",
        "job_post_comments",
        "job_post_search",
    ] {
        assert_eq!(
            world.number(&format!("SELECT count(*) FROM {table}")),
            0,
            "{table}"
        );
    }
    assert!(posts.list_likes(id, page(None, 9)).await.unwrap().is_none());
    assert!(
        posts
            .list_comments(id, page(None, 9))
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn nothing_is_written_on_what_is_not_there_or_as_somebody_gone() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let id = world.job(&ada, 1, job("Job")).await;
    world.accounts.delete(bob.id, &by(2)).await.unwrap();
    let posts = world.posts();
    let text: CommentText = value("Nice");
    let patch = JobPostPatch::default;

    for gone in [bob.id, unknown_user()] {
        let results = [
            posts.insert(gone, &job("Job"), at(3)).await.err(),
            posts.update(id, gone, patch(), at(3)).await.err(),
            posts.like(id, gone, at(3)).await.err(),
            posts.unlike(id, gone).await.err(),
            posts.insert_comment(id, gone, &text, at(3)).await.err(),
        ];
        for result in results {
            assert!(
                matches!(result, Some(JobPostWriteError::WriterGone)),
                "{result:?}"
            );
        }
        assert!(
            posts
                .list_by_author(gone, ada.id, page(None, 9))
                .await
                .unwrap()
                .is_none()
        );
    }
    let nowhere = [
        posts
            .update(unknown_post(), ada.id, patch(), at(3))
            .await
            .err(),
        posts.like(unknown_post(), ada.id, at(3)).await.err(),
        posts.unlike(unknown_post(), ada.id).await.err(),
        posts
            .insert_comment(unknown_post(), ada.id, &text, at(3))
            .await
            .err(),
    ];
    for result in nowhere {
        assert!(
            matches!(result, Some(JobPostWriteError::NotFound)),
            "{result:?}"
        );
    }
    assert_eq!(world.counts(id).await, [0, 0, 0, 0]);
}
