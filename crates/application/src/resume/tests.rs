//! Rights, and the order in which files and rows change, over mocked ports.

use alumx_domain::account::{MockAccountRepository, Role};
use alumx_domain::clock::{MockClock, Timestamp};
use alumx_domain::file::{FileKey, Sha256};
use alumx_domain::resume::{MockResumeRepository, ResumeKind};
use futures_util::StreamExt;
use futures_util::stream;
use mockall::Sequence;

use super::*;
use crate::ports::{MockFileStore, MockResumeInspector};
use crate::testing::{account, caller_as as caller, user};

fn key(n: u128) -> FileKey {
    FileKey::new(Folder::Resumes, n, "pdf")
}

fn upload() -> Upload {
    Upload {
        file: std::fs::File::open("/dev/null").unwrap(),
        size: 9,
        sha256: Sha256([1; 32]),
    }
}

fn resume(key: FileKey) -> Resume {
    Resume {
        user: user(1),
        file_name: FileName::new("cv.pdf", ResumeKind::Pdf),
        kind: ResumeKind::Pdf,
        key,
        size: 9,
        sha256: Sha256([1; 32]),
        version: 1,
        uploaded_at: Timestamp::UNIX_EPOCH,
    }
}

/// Ports of which whatever isn't expected fails the test.
struct Ports {
    resumes: MockResumeRepository,
    accounts: MockAccountRepository,
    files: MockFileStore,
    inspector: MockResumeInspector,
}

impl Ports {
    fn new() -> Self {
        Self {
            resumes: MockResumeRepository::new(),
            accounts: MockAccountRepository::new(),
            files: MockFileStore::new(),
            inspector: MockResumeInspector::new(),
        }
    }

    /// Ports over which an upload is a PDF and is stored under key 2, first of all.
    fn storing(order: &mut Sequence) -> Self {
        let mut ports = Self::new();
        ports
            .inspector
            .expect_kind()
            .returning(|_| Ok(Some(ResumeKind::Pdf)));
        ports
            .files
            .expect_put()
            .times(1)
            .in_sequence(order)
            .returning(|folder, extension, _| {
                assert_eq!((folder, extension), (Folder::Resumes, "pdf"));
                Ok(key(2))
            });
        ports
    }

    fn deletes(&mut self, deleted: u128, order: &mut Sequence) {
        self.files
            .expect_delete()
            .withf(move |which| *which == key(deleted))
            .times(1)
            .in_sequence(order)
            .returning(|_| Ok(()));
    }

    fn service(self) -> ResumeService {
        let mut clock = MockClock::new();
        clock.expect_now().return_const(Timestamp::UNIX_EPOCH);
        ResumeService::new(
            Arc::new(self.resumes),
            Arc::new(self.accounts),
            Arc::new(self.files),
            Arc::new(self.inspector),
            Arc::new(clock),
        )
    }

    async fn upload(self) -> Result<Resume, ResumeError> {
        let service = self.service();
        let me = caller(1, Role::Student);
        service.upload(me, user(1), upload(), "../cv.pdf").await
    }
}

#[tokio::test]
async fn the_file_is_stored_then_the_row_changed_then_the_old_file_deleted() {
    let mut order = Sequence::new();
    let mut ports = Ports::storing(&mut order);
    ports
        .resumes
        .expect_replace()
        .times(1)
        .in_sequence(&mut order)
        .returning(|_, new, _| {
            assert_eq!((&new.key, &*new.file_name), (&key(2), "cv.pdf"));
            let (resume, old) = (resume(key(2)), Some(key(1)));
            Ok(Replaced { resume, old })
        });
    ports.deletes(1, &mut order);

    assert_eq!(ports.upload().await.unwrap().key, key(2));
}

#[tokio::test]
async fn what_is_no_document_is_not_stored() {
    let mut ports = Ports::new();
    ports.inspector.expect_kind().returning(|_| Ok(None));

    assert!(matches!(
        ports.upload().await,
        Err(ResumeError::UnknownKind)
    ));
}

#[tokio::test]
async fn a_file_that_cannot_be_stored_changes_no_row() {
    let mut ports = Ports::new();
    ports
        .inspector
        .expect_kind()
        .returning(|_| Ok(Some(ResumeKind::Pdf)));
    ports
        .files
        .expect_put()
        .returning(|_, _, _| Err(FileStoreError::Full("full".into())));

    let refused = ports.upload().await;

    assert!(matches!(
        refused,
        Err(ResumeError::Files(FileStoreError::Full(_)))
    ));
}

#[tokio::test]
async fn a_file_stored_for_somebody_who_is_gone_is_deleted() {
    let mut order = Sequence::new();
    let mut ports = Ports::storing(&mut order);
    ports
        .resumes
        .expect_replace()
        .returning(|_, _, _| Err(ResumeWriteError::OwnerGone));
    ports.deletes(2, &mut order);

    assert!(matches!(ports.upload().await, Err(ResumeError::CallerGone)));
}

#[tokio::test]
async fn when_nobody_knows_whether_the_row_was_changed_both_files_stay() {
    let mut ports = Ports::storing(&mut Sequence::new());
    ports.resumes.expect_replace().returning(|_, _, _| {
        let lost = RepositoryError::Unavailable("connection lost".to_owned());
        Err(lost.into())
    });

    assert!(matches!(
        ports.upload().await,
        Err(ResumeError::Repository(_))
    ));
}

#[tokio::test]
async fn an_old_file_that_cannot_be_deleted_is_left_to_the_sweep() {
    let mut ports = Ports::storing(&mut Sequence::new());
    ports.resumes.expect_replace().returning(|_, _, _| {
        let (resume, old) = (resume(key(2)), Some(key(1)));
        Ok(Replaced { resume, old })
    });
    ports
        .files
        .expect_delete()
        .returning(|_| Err(FileStoreError::Unavailable("away".into())));

    assert!(ports.upload().await.is_ok());
}

#[tokio::test]
async fn nobody_else_changes_a_resume_not_even_an_admin() {
    for (known, role) in [
        (true, Role::Admin),
        (true, Role::Alumni),
        (false, Role::Admin),
    ] {
        let mut ports = Ports::new();
        ports
            .accounts
            .expect_find()
            .returning(move |id| Ok(known.then(|| account(id))));
        let (service, stranger) = (ports.service(), caller(2, role));

        let uploaded = service.upload(stranger, user(1), upload(), "cv").await;
        let deleted = service.delete(stranger, user(1)).await;

        let refused = |error: &ResumeError| match error {
            ResumeError::NotAllowed => known,
            ResumeError::NotFound => !known,
            _ => false,
        };
        assert!(refused(&uploaded.unwrap_err()), "{known} {role}");
        assert!(refused(&deleted.unwrap_err()), "{known} {role}");
    }
}

#[tokio::test]
async fn a_resume_is_deleted_before_its_file() {
    let mut order = Sequence::new();
    let mut ports = Ports::new();
    ports
        .resumes
        .expect_delete()
        .times(1)
        .in_sequence(&mut order)
        .returning(|_| Ok(Some(key(1))));
    ports.deletes(1, &mut order);

    let deleted = ports
        .service()
        .delete(caller(1, Role::Alumni), user(1))
        .await;

    assert!(deleted.is_ok());
}

#[tokio::test]
async fn a_file_replaced_while_it_is_opened_is_looked_up_again_and_a_lost_one_is_a_failure() {
    for now in [1, 2] {
        let mut ports = Ports::new();
        ports
            .files
            .expect_open()
            .returning(|_, _| Err(FileStoreError::NotFound));
        ports
            .resumes
            .expect_find()
            .returning(move |_| Ok(Some(resume(key(now)))));

        let opened = ports.service().open(&resume(key(1)), None).await;

        match now {
            1 => assert!(opened.is_err()),
            _ => assert!(opened.unwrap().is_none()),
        }
    }
    let mut ports = Ports::new();
    ports
        .files
        .expect_open()
        .returning(|_, _| Ok(stream::empty().boxed()));
    let opened = ports.service().open(&resume(key(1)), Some(0..1)).await;
    assert!(opened.unwrap().is_some());
}
