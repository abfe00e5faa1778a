//! Resumes of the demo network: each is there, as its owner would have uploaded it.

use alumx_application::ports::FileStore;
use alumx_domain::resume::{ResumeKind, ResumeRepository};
use alumx_infrastructure::resume::PgResumeRepository;
use aws_lc_rs::digest::{SHA256, digest};
use futures_util::TryStreamExt;

use super::*;

#[tokio::test]
async fn every_twentieth_has_a_resume_whose_file_is_stored() {
    let database = TestDatabase::new();
    let (_folder, store) = store();

    let summary = fill(database.url(), &PLAN, &store, now(), &mut |_| {}).unwrap();

    assert_eq!(summary.resumes, 15);
    assert_eq!(count(&database, "resume"), 15);
    let resumes = PgResumeRepository(database.db());
    for person in profiles(&PgUserRepository::new(database.db()), 1..=300).await {
        let resume = resumes.find(person.id).await.unwrap();
        assert_eq!(resume.is_some(), person.id.raw() % 20 == 1);
        let Some(resume) = resume else { continue };
        assert_eq!(*resume.file_name, format!("{}.pdf", &*person.name));
        assert_eq!((resume.kind, resume.version), (ResumeKind::Pdf, 1));
        assert!((person.created_at..=now()).contains(&resume.uploaded_at));
        let file = store.open(&resume.key, None).await.unwrap();
        let file: Vec<_> = file.try_collect().await.unwrap();
        let file = file.concat();
        assert!(file.starts_with(b"%PDF-"));
        assert_eq!(file.len() as u64, resume.size);
        assert_eq!(digest(&SHA256, &file).as_ref(), resume.sha256.0);
    }
    let stored: Vec<_> = store.list().try_collect().await.unwrap();
    assert_eq!(stored.len(), 15);
}

#[test]
fn the_same_seed_makes_the_same_resumes_again() {
    let made = |seed| {
        let database = TestDatabase::new();
        fill_with(&database, &DemoPlan { users: 50, seed });
        rows(
            &database,
            "SELECT concat_ws(' ', user_id, file_name, encode(sha256, 'hex'), uploaded_at) AS line
             FROM resume ORDER BY user_id",
        )
    };

    assert_eq!(made(7), made(7));
    assert_ne!(made(7), made(8));
}
