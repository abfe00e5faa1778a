//! Whether a page of a large job board reads indexes and not the whole table.

use alumx_domain::account::UserId;
use alumx_domain::job_post::{EmploymentType, FeedFilter, FeedOrder, JobPostRepository};
use alumx_infrastructure::db::Db;
use alumx_infrastructure::job_post::PgJobPostRepository;
use diesel::RunQueryDsl;
use diesel::dsl::sql;
use diesel::sql_types::BigInt;

use crate::support::{World, at, page, value};

/// Twenty thousand posts, a minute apart, a tenth of them expired.
const BOARD: [&str; 3] = [
    "INSERT INTO job_posts (author_id, title, company, location, employment_type, description,
         expires_at, like_count, comment_count, created_at, updated_at)
     SELECT 1, 'Engineer ' || n, 'Company ' || md5((n % 500)::text), 'City ' || n % 100,
            (ARRAY['FULL_TIME', 'PART_TIME', 'CONTRACT'])[1 + n % 3], repeat('word' || n % 700 || ' ', 10),
            CASE WHEN n % 10 = 0 THEN to_timestamp(1) END, n % 17, n % 5, to_timestamp(n * 60), now()
     FROM generate_series(1, 20000) n",
    "INSERT INTO job_post_search
     SELECT post_id, lower(company), lower(location), to_tsvector('job_post_words', title || ' ' || description)
     FROM job_posts",
    "ANALYZE users, job_posts, job_post_search",
];

/// A crowded board on a single connection, and somebody who reads it.
async fn board() -> (World, UserId, Db, PgJobPostRepository) {
    let world = World::new();
    let ada = world.member("ada").await;
    for statement in BOARD {
        world.execute(statement);
    }
    let db = world.single_db();
    let posts = PgJobPostRepository::new(db.clone());
    (world, ada.id, db, posts)
}

#[tokio::test]
async fn a_page_of_all_is_not_planned_anew_each_time() {
    let (_world, ada, db, posts) = board().await;
    let planned_once = "(SELECT count(*) FROM pg_prepared_statements
                         WHERE statement LIKE '%AS rank%' AND generic_plans > 0)";

    for order in [FeedOrder::Newest, FeedOrder::Top] {
        for _ in 0..7 {
            let filter = FeedFilter::default();
            let list = posts.feed(ada, &filter, order, page(None, 20), at(9_000_000));
            assert_eq!(list.await.unwrap().items.len(), 20);
        }
    }

    let told = move |conn: &mut diesel::PgConnection| {
        diesel::select(sql::<BigInt>(planned_once)).get_result::<i64>(conn)
    };
    assert_eq!(db.run(told).await.unwrap(), 2);
}

/// Filters that let through many posts, few, or none.
fn filters() -> Vec<FeedFilter> {
    let only = |change: fn(&mut FeedFilter)| {
        let mut filter = FeedFilter::default();
        change(&mut filter);
        filter
    };
    vec![
        FeedFilter::default(),
        only(|f| f.include_expired = true),
        only(|f| f.search = Some(value("engineer"))),
        only(|f| f.search = Some(value("word77"))),
        only(|f| f.search = Some(value("nothing"))),
        only(|f| f.company = Some(value("28dd2c"))),
        only(|f| f.location = Some(value("city 7"))),
        only(|f| f.location = Some(value("nowhere"))),
        only(|f| f.employment_type = Some(EmploymentType::PartTime)),
        only(|f| f.employment_type = Some(EmploymentType::Internship)),
        only(|f| f.author = Some(1.try_into().unwrap())),
        only(|f| f.author = Some(2.try_into().unwrap())),
        only(|f| f.from = Some(at(1_199_000))),
        only(|f| f.to = Some(at(6000))),
        only(|f| {
            f.search = Some(value("engineer -word3"));
            f.employment_type = Some(EmploymentType::Contract);
        }),
    ]
}

#[tokio::test]
async fn no_page_reads_the_whole_table() {
    let (world, ada, db, posts) = board().await;
    let tables = "('job_posts', 'job_post_search')";
    let scans = async || world.statistic(&db, "seq_scan", tables).await;

    for filter in filters() {
        for order in [FeedOrder::Newest, FeedOrder::Top] {
            let mut after = None;
            // More pages than PostgreSQL plans anew before it may keep a plan.
            for _ in 0..8 {
                let before = scans().await;
                let list = posts.feed(ada, &filter, order, page(after, 20), at(9_000_000));
                let list = list.await.unwrap();
                assert_eq!(scans().await, before, "{filter:?} {order:?}");
                after = list.next;
                if after.is_none() {
                    break;
                }
            }
        }
    }
}
