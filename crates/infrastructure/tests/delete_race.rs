//! An account deleted while other sessions write as its user, or for it.

use std::sync::Arc;

use alumx_domain::account::{AccountRepository, SessionRepository, UserId};
use alumx_domain::file::{FileKey, Folder, Sha256};
use alumx_domain::group_chat::{GrantableRole, GroupChangeError, GroupChatRepository, GroupId};
use alumx_domain::job_post::{JobPostId, JobPostRepository, JobPostWriteError};
use alumx_domain::resume::{FileName, NewResume, ResumeKind, ResumeRepository, ResumeWriteError};
use alumx_domain::user::{ProfileList, ProfileUpdateError, UserRepository};
use alumx_infrastructure::account::{PgAccountRepository, PgSessionRepository};
use alumx_infrastructure::db::Db;
use alumx_infrastructure::group_chat::PgGroupChatRepository;
use alumx_infrastructure::job_post::PgJobPostRepository;
use alumx_infrastructure::resume::PgResumeRepository;
use alumx_infrastructure::user::PgUserRepository;
use tokio::task::JoinSet;

use crate::job_post::job;
use crate::support::{World, at, by, hash_of, list, new_session};

/// How often each write is tried at most; they end when the user is gone.
const TRIES: u32 = 10_000;

/// What the user does, or others do for it.
#[derive(Clone)]
struct Writes {
    db: Db,
    owner: UserId,
    user: UserId,
    username: String,
    post: JobPostId,
    group: GroupId,
}

impl Writes {
    /// Write number `n` of each kind; whether the user was still there.
    async fn write(&self, kind: u32, n: u32) -> bool {
        match kind {
            0 => {
                of_board(PgJobPostRepository::new(self.db.clone()).insert(
                    self.user,
                    &job("Job"),
                    at(2),
                ))
                .await
            }
            1 => {
                let posts = PgJobPostRepository::new(self.db.clone());
                of_board(posts.like(self.post, self.user, at(2))).await
                    && of_board(posts.unlike(self.post, self.user)).await
            }
            2 => self.resume(n).await,
            3 => self.profile(n).await,
            4 => {
                let sessions = PgSessionRepository(self.db.clone());
                let session = new_session(u64::from(n) + (self.user.raw().cast_unsigned() << 32));
                let hash = hash_of(&self.username);
                let opened = sessions.open(self.user, &hash, &session).await;
                opened.unwrap().is_some()
            }
            _ => self.place().await,
        }
    }

    async fn resume(&self, n: u32) -> bool {
        let id = (u128::from(self.user.raw().cast_unsigned()) << 64) + u128::from(n);
        let new = NewResume {
            file_name: FileName::new("cv.pdf", ResumeKind::Pdf),
            kind: ResumeKind::Pdf,
            key: FileKey::new(Folder::Resumes, id, "pdf"),
            size: 9,
            sha256: Sha256([7; 32]),
        };
        let resumes = PgResumeRepository(self.db.clone());
        match resumes.replace(self.user, &new, at(2)).await {
            Ok(_) => true,
            Err(ResumeWriteError::OwnerGone) => false,
            Err(error) => panic!("{error:?}"),
        }
    }

    async fn profile(&self, n: u32) -> bool {
        let users = PgUserRepository::new(self.db.clone());
        let patch = list(ProfileList::Skills, &[&format!("Skill {n}")]);
        match users.update(self.user, patch, None, at(2)).await {
            Ok(_) => true,
            Err(ProfileUpdateError::NotFound) => false,
            Err(error) => panic!("{error:?}"),
        }
    }

    async fn place(&self) -> bool {
        let groups = PgGroupChatRepository(self.db.clone());
        let member = GrantableRole::Member;
        let placed = groups.place(self.group, self.owner, self.user, member, at(2));
        match placed.await {
            Ok(_) => {}
            Err(GroupChangeError::UnknownUser) => return false,
            Err(error) => panic!("{error:?}"),
        }
        let removed = groups.remove(self.group, self.owner, self.user).await;
        let fine = !matches!(removed, Err(GroupChangeError::Repository(_)));
        assert!(fine, "{removed:?}");
        true
    }
}

async fn of_board<T: std::fmt::Debug>(
    done: impl Future<Output = Result<T, JobPostWriteError>>,
) -> bool {
    match done.await {
        Ok(_) => true,
        Err(JobPostWriteError::WriterGone) => false,
        Err(error) => panic!("{error:?}"),
    }
}

fn assert_nothing_left(world: &World, user: UserId) {
    for (table, column) in [
        ("job_posts", "author_id"),
        ("job_post_likes", "user_id"),
        ("resume", "user_id"),
        ("user_profile_entries", "user_id"),
        ("user_search", "user_id"),
        ("profile_documents", "user_id"),
        ("sessions", "user_id"),
        ("group_chat_participants", "user_id"),
    ] {
        let left = format!("SELECT count(*) FROM {table} WHERE {column} = {user}");
        assert_eq!(world.number(&left), 0, "{table}");
    }
}

#[tokio::test]
async fn nothing_that_is_added_meanwhile_stays_and_nothing_fails_but_for_want_of_the_user() {
    let world = World::new();
    let ada = world.member("ada").await;
    let post = world.job(&ada, 1, job("Job")).await;
    let cyd = world.member("cyd").await;
    let group = world.group_of(&ada, &[&cyd]).await;
    let db = world.wide_db();
    let accounts = Arc::new(PgAccountRepository::new(db.clone()));

    for round in 0..5 {
        let username = format!("bob{round}");
        let bob = world.member(&username).await;
        let writes = Writes {
            db: db.clone(),
            owner: ada.id,
            user: bob.id,
            username,
            post,
            group,
        };
        let mut tasks = JoinSet::new();
        for kind in 0..6 {
            let writes = writes.clone();
            tasks.spawn(async move {
                for n in 0..TRIES {
                    if !writes.write(kind, n).await {
                        return;
                    }
                }
                panic!("the user is never gone for writes of kind {kind}");
            });
        }
        let begun = format!(
            "SELECT count(*) FROM job_posts WHERE author_id = {}",
            bob.id
        );
        while world.number(&begun) < 3 {
            tokio::task::yield_now().await;
        }
        accounts.delete(bob.id, &by(9)).await.unwrap();
        while let Some(task) = tasks.join_next().await {
            task.unwrap();
        }

        assert_nothing_left(&world, bob.id);
    }
    let counts = "SELECT like_count + participant_count::bigint FROM job_posts, group_chats";
    assert_eq!(world.number(counts), 2);
}
