//! Whether files are looked up by their indexes.

use alumx_domain::file::{FileKey, FileReferences, Folder};
use alumx_infrastructure::files::PgFileReferences;

use crate::support::World;

/// 5,000 users with a resume and a post; 20,000 images, of which every fifth was uploaded.
const NETWORK: &[&str] = &[
    "INSERT INTO users (username, name, email, role, created_at, updated_at)
     SELECT 'user' || n, 'User', 'user' || n || '@example.org', 'ALUMNI', now(), now()
     FROM generate_series(1, 5000) n",
    "INSERT INTO resume (user_id, file_name, file_type, file_url, file_size, sha256, version, uploaded_at)
     SELECT id, 'cv.pdf', 'application/pdf', 'resumes/' || lpad(to_hex(id), 32, '0') || '.pdf', 1,
         sha256(''), 1, now()
     FROM users",
    "INSERT INTO job_posts (author_id, title, employment_type, description, created_at, updated_at)
     SELECT id, 'Job', 'FULL_TIME', repeat('x', 50), now(), now() FROM users",
    "INSERT INTO job_post_images (post_id, position, image_url)
     SELECT post_id, n, CASE WHEN post_id % 5 = 0
         THEN '/api/v1/images/' || lpad(to_hex(post_id * 4 + n), 32, '0') || '.png'
         ELSE 'https://example.org/' || n END
     FROM job_posts, generate_series(0, 3) n",
    "ANALYZE users, resume, job_posts, job_post_images",
];

#[tokio::test]
async fn files_are_looked_up_by_their_indexes() {
    let world = World::new();
    for statement in NETWORK {
        world.execute(statement);
    }
    let db = world.single_db();
    let files = PgFileReferences(db.clone());
    // Few, as a table of so few rows is better read as a whole for as many as a sweep asks for.
    let keys: Vec<_> = (0..10)
        .flat_map(|n| {
            let image = FileKey::new(Folder::Images, 20_000 + n, "png");
            [FileKey::new(Folder::Resumes, 4_995 + n, "pdf"), image]
        })
        .collect();
    let scans = async || {
        world
            .statistic(&db, "seq_scan", "('resume', 'job_post_images')")
            .await
    };

    // More often than PostgreSQL plans anew before it may keep a plan.
    for run in 0..8 {
        let before = scans().await;
        let found = files.referenced(&keys).await.unwrap();
        assert_eq!(scans().await, before, "run {run}: a whole table was read");
        let resumes = found.iter().filter(|key| key.folder() == Folder::Resumes);
        assert_eq!((found.len(), resumes.count()), (10, 6), "run {run}");
    }
}
