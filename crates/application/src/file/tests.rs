//! Which files are swept, and whose they must be.

use alumx_domain::clock::MockClock;
use alumx_domain::file::{DeploymentId, Folder, MockFileReferences};
use futures_util::StreamExt;
use futures_util::stream;

use std::sync::Mutex;

use super::*;
use crate::ports::{MockFileStore, StoredFile};

fn at(hour: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::hours(hour)
}

fn key(n: usize) -> FileKey {
    FileKey::new(Folder::Images, n as u128, "png")
}

/// A store of files that were stored at these hours.
fn store(hours: Vec<i64>) -> MockFileStore {
    let mut store = MockFileStore::new();
    let files = hours.into_iter().enumerate().map(|(n, hour)| StoredFile {
        key: key(n),
        stored_at: at(hour),
    });
    let files: Vec<_> = files.collect();
    store
        .expect_list()
        .returning(move || stream::iter(files.clone().into_iter().map(Ok)).boxed());
    store
}

/// A service at hour 48 in whose database the keys with these numbers are used.
fn service(store: MockFileStore, used: Vec<usize>) -> FileService {
    let mut clock = MockClock::new();
    clock.expect_now().return_const(at(48));
    let mut references = MockFileReferences::new();
    references
        .expect_deployment()
        .returning(|| Ok(deployment(1)));
    references.expect_referenced().returning(move |keys| {
        assert!(keys.len() <= FileService::BATCH);
        let used = used.iter().map(|n| key(*n));
        Ok(used.filter(|key| keys.contains(key)).collect())
    });
    FileService::new(Arc::new(store), Arc::new(references), Arc::new(clock))
}

fn plan(delete: bool) -> SweepPlan {
    SweepPlan {
        grace: TimeDelta::hours(24),
        delete,
        claim: Claim::Careful,
    }
}

fn deployment(number: u128) -> DeploymentId {
    DeploymentId::try_from(&*format!("{number:032x}")).unwrap()
}

/// Has the store say whose files it holds, and keep what it is told.
fn owned(store: &mut MockFileStore, owner: Option<u128>) {
    let owner = Arc::new(Mutex::new(owner.map(deployment)));
    let kept = owner.clone();
    store
        .expect_owner()
        .returning(move || Ok(*owner.lock().unwrap()));
    store.expect_set_owner().returning(move |new| {
        *kept.lock().unwrap() = Some(new);
        Ok(())
    });
}

#[tokio::test]
async fn only_old_files_without_use_are_found_and_nothing_is_deleted_unasked() {
    let service = service(store(vec![0, 23, 24, 47, 0]), vec![1]);
    let mut found = Vec::new();

    let swept = service
        .sweep(plan(false), &mut |key| found.push(key.clone()))
        .await
        .unwrap();

    assert_eq!(found, [key(0), key(4)]);
    let expected = Swept {
        files: 5,
        orphans: 2,
        ..Swept::default()
    };
    assert_eq!(swept, expected);
}

#[tokio::test]
async fn what_is_found_is_deleted_and_a_failure_does_not_stop_the_rest() {
    let mut store = store(vec![0; 3]);
    owned(&mut store, Some(1));
    store.expect_remove_unfinished().returning(|before| {
        assert_eq!(before, at(24));
        Ok(7)
    });
    store.expect_delete().times(3).returning(|deleted| {
        if *deleted == key(0) {
            return Err(FileStoreError::Unavailable("away".into()));
        }
        Ok(())
    });

    let swept = service(store, vec![]).sweep(plan(true), &mut |_| {}).await;

    let expected = Swept {
        files: 3,
        orphans: 3,
        deleted: 2,
        unfinished: 7,
    };
    assert_eq!(swept.unwrap(), expected);
}

#[tokio::test]
async fn many_files_are_asked_about_in_batches() {
    let service = service(store(vec![0; 1100]), (0..1100).collect());

    let swept = service.sweep(plan(false), &mut |_| {}).await.unwrap();

    assert_eq!((swept.files, swept.orphans), (1100, 0));
}

#[tokio::test]
async fn without_the_database_nothing_is_deleted() {
    let mut store = store(vec![0]);
    owned(&mut store, Some(1));
    store.expect_remove_unfinished().returning(|_| Ok(0));
    let mut references = MockFileReferences::new();
    references
        .expect_deployment()
        .returning(|| Ok(deployment(1)));
    references
        .expect_referenced()
        .returning(|_| Err(RepositoryError::Unavailable("away".to_owned())));
    let mut clock = MockClock::new();
    clock.expect_now().return_const(at(48));
    let service = FileService::new(Arc::new(store), Arc::new(references), Arc::new(clock));

    let swept = service.sweep(plan(true), &mut |_| {}).await;

    assert!(matches!(swept, Err(SweepError::Repository(_))));
}

#[tokio::test]
async fn nothing_is_deleted_that_may_be_anothers() {
    use Claim::{Careful, TakeOver, Unowned};
    for (owner, used, claim, refused) in [
        (Some(1), vec![], Careful, None),
        (None, vec![0, 1], Careful, None),
        (None, vec![0], Careful, Some("unclaimed")),
        (None, vec![0], Unowned, None),
        (None, vec![0], TakeOver, None),
        (Some(2), vec![0, 1], Careful, Some("foreign")),
        (Some(2), vec![0, 1], Unowned, Some("foreign")),
        (Some(2), vec![0, 1], TakeOver, None),
    ] {
        let mut store = store(vec![0, 0]);
        owned(&mut store, owner);
        if refused.is_none() {
            store.expect_remove_unfinished().returning(|_| Ok(0));
            store.expect_delete().returning(|_| Ok(()));
        }
        let plan = SweepPlan {
            claim,
            ..plan(true)
        };
        let orphans = 2 - used.len();

        let swept = service(store, used).sweep(plan, &mut |_| {}).await;

        let told = match &swept {
            Ok(_) => None,
            Err(SweepError::Foreign) => Some("foreign"),
            Err(SweepError::Unclaimed) => Some("unclaimed"),
            Err(error) => panic!("{error}"),
        };
        assert_eq!(told, refused, "{owner:?} {claim:?}");
        let deleted = swept.map_or(0, |swept| swept.deleted);
        assert_eq!(deleted, if told.is_none() { orphans } else { 0 });
    }
}

#[tokio::test]
async fn of_two_who_claim_at_once_one_is_refused() {
    let mut store = store(vec![]);
    let mut answers = [None, Some(deployment(2))].into_iter();
    store
        .expect_owner()
        .returning(move || Ok(answers.next().flatten()));
    store.expect_set_owner().returning(|_| Ok(()));

    let claimed = service(store, vec![]).claim(Claim::Careful).await;

    assert!(matches!(claimed, Err(SweepError::Foreign)));
}
