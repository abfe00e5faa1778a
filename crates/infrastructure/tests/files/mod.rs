//! Files in a folder, and in a bucket of a server made for the test.

mod bucket;
mod plan;

use std::collections::HashSet;
use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use alumx_application::ports::{FileStore, FileStoreError, Upload};
use alumx_domain::account::AccountRepository;
use alumx_domain::clock::Timestamp;
use alumx_domain::file::{DeploymentId, FileKey, FileReferences, Folder, Sha256};
use alumx_domain::resume::{FileName, NewResume, ResumeKind, ResumeRepository, ResumeWriteError};
use alumx_infrastructure::files::{ObjectFileStore, PgFileReferences, Spool};
use alumx_infrastructure::resume::PgResumeRepository;
use chrono::TimeDelta;
use diesel::prelude::*;

use crate::support::{World, at, by};

pub fn upload(bytes: &[u8]) -> Upload {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    Upload {
        file,
        size: bytes.len() as u64,
        sha256: Sha256([0; 32]),
    }
}

/// A future that yields all bytes of a file, or of a part.
pub async fn read(
    store: &ObjectFileStore,
    key: &FileKey,
    range: Option<std::ops::Range<u64>>,
) -> Result<Vec<u8>, FileStoreError> {
    use futures_util::TryStreamExt;
    let stream = store.open(key, range).await?;
    stream
        .try_fold(Vec::new(), |mut all, bytes| async move {
            all.extend_from_slice(&bytes);
            Ok(all)
        })
        .await
}

pub async fn keys(store: &ObjectFileStore) -> HashSet<FileKey> {
    use futures_util::TryStreamExt;
    let files: Vec<_> = store.list().try_collect().await.unwrap();
    files.into_iter().map(|file| file.key).collect()
}

/// The number of a database.
pub fn deployment(number: u128) -> DeploymentId {
    DeploymentId::try_from(&*format!("{number:032x}")).unwrap()
}

fn local(folder: &Path) -> ObjectFileStore {
    ObjectFileStore::local(folder).unwrap()
}

#[tokio::test]
async fn a_file_in_a_folder_is_read_whole_and_in_part_until_it_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let store = local(folder.path());
    // Of several parts, and of one.
    let large: Vec<u8> = (0..=255).cycle().take(700_000).collect();

    let first = store
        .put(Folder::Resumes, "pdf", upload(&large))
        .await
        .unwrap();
    let second = store
        .put(Folder::Images, "png", upload(b"small"))
        .await
        .unwrap();

    assert_eq!(read(&store, &first, None).await.unwrap(), large);
    assert_eq!(
        read(&store, &first, Some(300_000..300_003)).await.unwrap(),
        large[300_000..300_003]
    );
    assert_eq!(store.size(&second).await.unwrap(), 5);
    assert_eq!(keys(&store).await, HashSet::from([first.clone(), second]));
    store.delete(&first).await.unwrap();
    store.delete(&first).await.unwrap();
    let gone = store.open(&first, None).await.err();
    assert!(matches!(gone, Some(FileStoreError::NotFound)));
    assert_eq!(keys(&store).await.len(), 1);
}

#[tokio::test]
async fn what_a_cut_off_write_left_is_no_file_and_is_removed_when_it_is_old() {
    let folder = tempfile::tempdir().unwrap();
    let store = local(folder.path());
    let key = store
        .put(Folder::Images, "png", upload(b"whole"))
        .await
        .unwrap();
    let staged = folder.path().join(format!("{key}#1"));
    std::fs::write(&staged, "half").unwrap();
    let modified = Timestamp::from(std::fs::metadata(&staged).unwrap().modified().unwrap());

    assert_eq!(keys(&store).await, HashSet::from([key.clone()]));
    let young = store
        .remove_unfinished(modified - TimeDelta::hours(1))
        .await;
    assert_eq!(young.unwrap(), 0);
    let old = store
        .remove_unfinished(modified + TimeDelta::hours(1))
        .await;

    assert_eq!(old.unwrap(), 1);
    assert!(!staged.exists());
    assert_eq!(read(&store, &key, None).await.unwrap(), b"whole");
}

#[tokio::test]
async fn an_upload_that_is_dropped_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::new(folder.path().to_owned());

    let writer = spool
        .start()
        .await
        .unwrap()
        .write(&vec![7; 300_000])
        .await
        .unwrap();
    assert_eq!(writer.size(), 300_000);
    drop(writer);
    let whole = spool.start().await.unwrap().write(b"abc").await.unwrap();
    let whole = whole.finish().await.unwrap();

    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!((whole.size, &*whole.sha256.to_string()), (3, abc));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

fn resume(n: u128) -> NewResume {
    NewResume {
        file_name: FileName::new("cv.pdf", ResumeKind::Pdf),
        kind: ResumeKind::Pdf,
        key: FileKey::new(Folder::Resumes, n, "pdf"),
        size: 9,
        sha256: Sha256([7; 32]),
    }
}

#[tokio::test]
async fn a_resume_is_replaced_whole_and_answers_the_file_before() {
    let world = World::new();
    let ada = world.member("ada").await;
    let resumes = PgResumeRepository(world.database.db());

    let first = resumes.replace(ada.id, &resume(1), at(2)).await.unwrap();
    let second = resumes.replace(ada.id, &resume(2), at(3)).await.unwrap();

    assert_eq!((first.resume.version, first.old), (1, None));
    assert_eq!(
        (second.resume.version, second.old),
        (2, Some(resume(1).key))
    );
    assert_eq!(resumes.find(ada.id).await.unwrap(), Some(second.resume));
    assert_eq!(resumes.delete(ada.id).await.unwrap(), Some(resume(2).key));
    assert_eq!(resumes.delete(ada.id).await.unwrap(), None);
    assert_eq!(resumes.find(ada.id).await.unwrap(), None);
    let again = resumes.replace(ada.id, &resume(3), at(4)).await.unwrap();
    assert_eq!(again.resume.version, 1);
}

#[tokio::test]
async fn a_deleted_account_answers_its_files_and_gets_no_more() {
    let world = World::new();
    let ada = world.member("ada").await;
    let resumes = PgResumeRepository(world.database.db());
    resumes.replace(ada.id, &resume(1), at(2)).await.unwrap();

    let remains = world.accounts.delete(ada.id, &by(3)).await.unwrap();

    assert_eq!(remains.unused_files, [resume(1).key]);
    let late = resumes.replace(ada.id, &resume(2), at(4)).await;
    assert!(matches!(late, Err(ResumeWriteError::OwnerGone)));
}

#[tokio::test]
async fn files_that_rows_name_are_known() {
    let world = World::new();
    let ada = world.member("ada").await;
    let resumes = PgResumeRepository(world.database.db());
    resumes.replace(ada.id, &resume(1), at(2)).await.unwrap();
    let image = |n| FileKey::new(Folder::Images, n, "png");
    let sql = format!(
        "WITH post AS (INSERT INTO job_posts (author_id, title, employment_type, description, created_at, updated_at)
             VALUES ({}, 'Job', 'FULL_TIME', repeat('d', 50), now(), now()) RETURNING post_id)
         INSERT INTO job_post_images SELECT post_id, 0, '/api/v1/images/{}' FROM post",
        ada.id,
        image(5).name()
    );
    diesel::sql_query(sql)
        .execute(&mut world.database.connect())
        .unwrap();
    let asked = [resume(1).key, resume(2).key, image(5), image(6)];

    let used = PgFileReferences(world.database.db())
        .referenced(&asked)
        .await;

    assert_eq!(used.unwrap(), HashSet::from([resume(1).key, image(5)]));
}

#[tokio::test]
async fn a_store_says_whose_files_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let store = local(folder.path());
    assert_eq!(store.owner().await.unwrap(), None);

    store.set_owner(deployment(1)).await.unwrap();
    store.set_owner(deployment(2)).await.unwrap();

    assert_eq!(store.owner().await.unwrap(), Some(deployment(2)));
    assert!(keys(&store).await.is_empty());
    std::fs::write(folder.path().join(".alumx-owner"), "somebody").unwrap();
    let unknown = store.owner().await;
    assert!(matches!(unknown, Err(FileStoreError::Unexpected(_))));
}

#[tokio::test]
async fn a_database_has_one_number_and_no_other_has_it() {
    let (one, other) = (World::new(), World::new());
    let number = async |world: &World| {
        let references = PgFileReferences(world.database.db());
        references.deployment().await.unwrap()
    };

    assert_eq!(number(&one).await, number(&one).await);
    assert_ne!(number(&one).await, number(&other).await);
    let second = diesel::sql_query("INSERT INTO deployment DEFAULT VALUES");
    assert!(second.execute(&mut one.database.connect()).is_err());
}

#[test]
fn a_new_folder_is_closed_to_everybody_else_and_one_that_was_there_stays_as_it_was() {
    let parent = tempfile::tempdir().unwrap();
    let there = parent.path().join("there");
    std::fs::create_dir(&there).unwrap();
    std::fs::set_permissions(&there, Permissions::from_mode(0o750)).unwrap();

    for (name, wanted) in [("new/files", 0o700), ("there", 0o750)] {
        let folder = parent.path().join(name);
        local(&folder);

        let mode = std::fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, wanted, "{name}");
    }
}
