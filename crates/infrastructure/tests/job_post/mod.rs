//! The job board: posts, counts under races, the feed's filters, pages and plans.

mod feed;
mod paging;
mod plan;
mod post;
mod race;

use alumx_domain::account::{Account, UserId};
use alumx_domain::job_post::{
    EmploymentType, FeedFilter, FeedKey, FeedOrder, JobPost, JobPostId, JobPostRepository,
    NewJobPost, PostImages,
};
use alumx_infrastructure::job_post::PgJobPostRepository;

use crate::support::{World, at, page, value};

/// A job with nothing but what it must have.
pub fn job(title: &str) -> NewJobPost {
    NewJobPost {
        title: value(title),
        company: None,
        location: None,
        employment_type: EmploymentType::FullTime,
        description: value(&"d".repeat(50)),
        apply_url: None,
        expires_at: None,
        images: PostImages::default(),
    }
}

fn unknown_post() -> JobPostId {
    JobPostId::try_from(i64::MAX).unwrap()
}

impl World {
    fn posts(&self) -> PgJobPostRepository {
        PgJobPostRepository::new(self.database.db())
    }

    /// A job posted at this second.
    pub async fn job(&self, author: &Account, second: i64, job: NewJobPost) -> JobPostId {
        let post = self.posts().insert(author.id, &job, at(second)).await;
        post.unwrap().id
    }

    async fn find(&self, id: JobPostId) -> JobPost {
        let viewer = UserId::try_from(1).unwrap();
        self.posts().find(id, viewer).await.unwrap().unwrap()
    }

    /// The likes and comments of a post as it counts them, and as they are.
    async fn counts(&self, id: JobPostId) -> [i64; 4] {
        let post = self.find(id).await;
        let rows = |table: &str| {
            self.number(&format!(
                "SELECT count(*) FROM {table} WHERE post_id = {id}"
            ))
        };
        [
            post.like_count.into(),
            rows("job_post_likes"),
            post.comment_count.into(),
            rows("job_post_comments"),
        ]
    }

    /// The first hundred of the feed at second 100, by title.
    async fn feed(&self, filter: &FeedFilter, order: FeedOrder) -> Vec<String> {
        let viewer = UserId::try_from(1).unwrap();
        let posts = self.posts();
        let list = posts.feed(viewer, filter, order, page(None, 100), at(100));
        titles(&list.await.unwrap().items)
    }
}

fn titles(posts: &[JobPost]) -> Vec<String> {
    posts.iter().map(|post| post.title.to_string()).collect()
}

/// All pages of this size, and after each of them what `between` does.
async fn paged(
    world: &World,
    order: FeedOrder,
    size: i64,
    mut between: impl AsyncFnMut(usize),
) -> Vec<String> {
    let viewer = UserId::try_from(1).unwrap();
    let mut all = Vec::new();
    let mut after: Option<FeedKey> = None;
    for n in 0.. {
        let filter = FeedFilter::default();
        let posts = world.posts();
        let list = posts.feed(viewer, &filter, order, page(after, size), at(100));
        let list = list.await.unwrap();
        all.extend(titles(&list.items));
        between(n).await;
        after = list.next;
        if after.is_none() {
            break;
        }
    }
    all
}
