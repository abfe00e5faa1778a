//! What stays and what goes when an account is deleted.

use alumx_domain::account::{
    Account, AccountChangeError, AccountRepository, Identifier, SessionRepository, UserId,
};
use alumx_domain::user::{
    DirectoryFilter, DirectoryOrder, DocumentFormat, Patch, ProfileDocument, ProfileList,
    ProfilePatch, UserRepository, Whose,
};
use alumx_infrastructure::account::PgAccountRepository;

use crate::support::{World, by, list, new_account, page, set, value};

impl World {
    async fn delete(&self, id: UserId) {
        self.accounts.delete(id, &by(9)).await.unwrap();
    }

    /// A group whose participants joined in this order; the first is its owner.
    fn group(&self, name: &str, participants: &[(&Account, &str)]) {
        let rows: Vec<_> = (1..)
            .zip(participants)
            .map(|(second, (user, role))| {
                let id = user.id;
                format!("((SELECT group_id FROM g), {id}, '{role}', to_timestamp({second}), 0)")
            })
            .collect();
        self.execute(&format!(
            "WITH g AS (INSERT INTO group_chats (group_name, owner_id, participant_count, created_at, last_activity_at)
                        VALUES ('{name}', {}, {}, now(), now()) RETURNING group_id)
             INSERT INTO group_chat_participants (group_id, user_id, role, joined_at, last_read_seq)
             VALUES {}",
            participants[0].0.id,
            rows.len(),
            rows.join(", ")
        ));
    }

    /// The owner of a group by the group itself and by its participants, who must agree.
    fn owner(&self, group: &str) -> i64 {
        let owner = self.number(&format!(
            "SELECT owner_id FROM group_chats WHERE group_name = '{group}'"
        ));
        let participant = self.number(&format!(
            "SELECT user_id FROM group_chat_participants JOIN group_chats USING (group_id)
             WHERE group_name = '{group}' AND role = 'OWNER'"
        ));
        assert_eq!(owner, participant);
        owner
    }

    fn chat(&self, first: &Account, second: &Account) {
        let (first, second) = (first.id, second.id);
        self.execute(&format!(
            "WITH c AS (INSERT INTO chats (user1_id, user2_id, last_seq, created_at, last_activity_at)
                        VALUES (least({first}, {second}), greatest({first}, {second}), 1, now(), now())
                        RETURNING chat_id)
             INSERT INTO messages (chat_id, seq, sender_id, content, created_at)
             SELECT chat_id, 1, {first}, 'Hello', now() FROM c"
        ));
    }

    /// A post with these likes and comments, counted as they should be.
    fn post(&self, author: &Account, likes: &[&Account], comments: &[&Account]) {
        self.execute(&format!(
            "INSERT INTO job_posts (author_id, title, employment_type, description, like_count,
                 comment_count, created_at, updated_at)
             VALUES ({}, 'Job', 'FULL_TIME', repeat('x', 50), {}, {}, now(), now())",
            author.id,
            likes.len(),
            comments.len()
        ));
        self.execute(
            "INSERT INTO job_post_images (post_id, position, image_url)
             SELECT max(post_id), 0, 'https://example.org/image.png' FROM job_posts",
        );
        for user in likes {
            self.execute(&format!(
                "INSERT INTO job_post_likes (post_id, user_id, created_at)
                 SELECT max(post_id), {}, now() FROM job_posts",
                user.id
            ));
        }
        for user in comments {
            self.execute(&format!(
                "INSERT INTO job_post_comments (post_id, user_id, content, created_at, updated_at)
                 SELECT max(post_id), {}, 'Nice', now(), now() FROM job_posts",
                user.id
            ));
        }
    }
}

#[tokio::test]
async fn the_row_stays_as_an_empty_tombstone() {
    let world = World::new();
    let everything = ProfilePatch {
        about: set("I count."),
        current_company: set("Engine"),
        current_role: set("Analyst"),
        location: set("London"),
        department: set("Maths"),
        graduation_year: Patch::Set(1901.try_into().unwrap()),
        linkedin_url: set("https://example.org/l"),
        github_url: set("https://example.org/g"),
        portfolio_url: set("https://example.org/p"),
        ..list(ProfileList::Skills, &["maths"])
    };
    let ada = world.person("ada", "Ada Lovelace", everything).await.id;
    world
        .patch(ada, list(ProfileList::Education, &["BSc"]))
        .await;
    let reason = Some(value("spam"));
    world.accounts.suspend(ada, reason, &by(3)).await.unwrap();

    world.delete(ada).await;

    let filled = world.texts(&format!(
        "SELECT string_agg(key, ' ' ORDER BY key) FROM users u, jsonb_each(to_jsonb(u))
         WHERE u.id = {ada} AND value NOT IN ('null', 'false')"
    ));
    let kept = "created_at deleted_at id revision updated_at";
    assert_eq!(filled, [Some(kept.to_owned())]);
    let deleted = "SELECT extract(epoch FROM deleted_at)::bigint FROM users";
    assert_eq!(world.number(deleted), 9);
}

#[tokio::test]
async fn nobody_finds_a_deleted_user_any_more() {
    let world = World::new();
    let patch = list(ProfileList::Skills, &["maths"]);
    let ada = world.person("ada", "Ada Lovelace", patch).await;
    let session = world.sign_in(&ada, 1).await;
    let profile = world.users.find(ada.id).await.unwrap().unwrap();
    let document = ProfileDocument {
        head: (&profile).into(),
        text: "ada".to_owned(),
    };
    let kept = world
        .users
        .keep_documents(DocumentFormat(1), vec![document]);
    kept.await.unwrap();

    world.delete(ada.id).await;

    let identifier = Identifier::Username(ada.username.clone());
    let credentials = world.accounts.find_credentials(&identifier).await.unwrap();
    let by_id = world.accounts.find_credentials_by_id(ada.id).await.unwrap();
    assert!(credentials.is_none() && by_id.is_none());
    assert_eq!(world.accounts.find(ada.id).await.unwrap(), None);
    assert_eq!(world.users.find(ada.id).await.unwrap(), None);
    let whose = Whose::Username(ada.username.clone());
    let by_name = world.users.find_document(&whose, DocumentFormat(1)).await;
    assert_eq!(by_name.unwrap(), None);
    assert!(world.sessions.find_caller(session).await.unwrap().is_none());
    let everybody = DirectoryFilter::default();
    let listed = world
        .users
        .list(&everybody, DirectoryOrder::Newest, page(None, 9))
        .await;
    assert_eq!(listed.unwrap().items, []);
    for table in [
        "sessions",
        "refresh_tokens",
        "user_profile_entries",
        "user_search",
        "profile_documents",
    ] {
        let rows = world.number(&format!("SELECT count(*) FROM {table}"));
        assert_eq!(rows, 0, "{table}");
    }
}

#[tokio::test]
async fn the_names_of_a_deleted_user_are_free_again() {
    let world = World::new();
    let first = world.member("ada").await;

    world.delete(first.id).await;
    let second = world.accounts.insert(&new_account("ADA")).await.unwrap();
    world.delete(second.id).await;

    assert!(second.id != first.id);
    assert_eq!(world.number("SELECT count(*) FROM users"), 2);
}

#[tokio::test]
async fn posts_comments_likes_and_resume_go_and_are_not_counted_any_more() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    world.post(&ada, &[&bob], &[&bob, &ada]);
    world.post(&bob, &[&ada, &bob], &[&ada, &bob, &ada]);
    world.post(&bob, &[&bob], &[&ada]);
    world.post(&bob, &[&bob], &[]);
    world.execute(&format!(
        "INSERT INTO resume (user_id, file_name, file_type, file_url, file_size, sha256, version, uploaded_at)
         SELECT id, 'cv.pdf', 'application/pdf', 'resumes/' || lpad(id::text, 32, '0') || '.pdf', 1, sha256(''), 1, now()
         FROM users WHERE id IN ({}, {})",
        ada.id, bob.id
    ));

    world.delete(ada.id).await;

    let rows = |table: &str, user: &str, id: UserId| {
        world.number(&format!("SELECT count(*) FROM {table} WHERE {user} = {id}"))
    };
    for (table, user, of_bob) in [
        ("job_posts", "author_id", 3),
        ("job_post_likes", "user_id", 3),
        ("job_post_comments", "user_id", 1),
        ("resume", "user_id", 1),
    ] {
        assert_eq!(rows(table, user, ada.id), 0, "{table}");
        assert_eq!(rows(table, user, bob.id), of_bob, "{table}");
    }
    assert_eq!(world.number("SELECT count(*) FROM job_post_images"), 3);
    let counts =
        world.texts("SELECT like_count || ' ' || comment_count FROM job_posts ORDER BY post_id");
    let counts: Vec<_> = counts.into_iter().flatten().collect();
    assert_eq!(counts, ["1 1", "1 0", "1 0"]);
}

#[tokio::test]
async fn groups_pass_to_the_admin_else_the_member_who_joined_first() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let (cyd, dan) = (world.member("cyd").await, world.member("dan").await);
    let (owner, admin, member) = ("OWNER", "ADMIN", "MEMBER");
    let admins = [(&ada, owner), (&bob, member), (&dan, admin), (&cyd, admin)];
    world.group("admins", &admins);
    let members = [(&ada, owner), (&cyd, member), (&bob, member)];
    world.group("members", &members);
    world.group("alone", &[(&ada, owner)]);
    world.group("of bob", &[(&bob, owner), (&ada, admin), (&cyd, member)]);

    world.delete(ada.id).await;

    assert_eq!(world.owner("admins"), dan.id.raw());
    assert_eq!(world.owner("members"), cyd.id.raw());
    assert_eq!(world.owner("of bob"), bob.id.raw());
    let groups = world.texts("SELECT group_name FROM group_chats ORDER BY group_id");
    let groups: Vec<_> = groups.into_iter().flatten().collect();
    assert_eq!(groups, ["admins", "members", "of bob"]);
    let of_ada = format!(
        "SELECT count(*) FROM group_chat_participants WHERE user_id = {}",
        ada.id
    );
    assert_eq!(world.number(&of_ada), 0);
    let roles = world.texts(
        "SELECT role FROM group_chat_participants JOIN group_chats USING (group_id)
         WHERE group_name = 'admins' ORDER BY joined_at",
    );
    let roles: Vec<_> = roles.into_iter().flatten().collect();
    assert_eq!(roles, ["MEMBER", "OWNER", "ADMIN"]);
}

#[tokio::test]
async fn messages_stay_with_their_numbers_and_contents() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    world.chat(&ada, &bob);
    world.group("group", &[(&bob, "OWNER"), (&ada, "MEMBER")]);
    world.execute(&format!(
        "INSERT INTO group_messages (group_id, seq, sender_id, content, created_at)
         SELECT group_id, 1, {}, 'Hello', now() FROM group_chats",
        ada.id
    ));

    world.delete(ada.id).await;

    for table in ["messages", "group_messages"] {
        let kept = format!(
            "SELECT count(*) FROM {table} WHERE sender_id = {} AND seq = 1 AND content = 'Hello'",
            ada.id
        );
        assert_eq!(world.number(&kept), 1, "{table}");
    }
}

#[tokio::test]
async fn a_chat_goes_when_both_are_gone() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let cyd = world.member("cyd").await;
    world.chat(&ada, &bob);
    world.chat(&bob, &cyd);

    world.delete(bob.id).await;
    let after_one = world.number("SELECT count(*) FROM chats");
    world.delete(ada.id).await;

    assert_eq!(after_one, 2);
    let left = world.number("SELECT user2_id FROM chats");
    assert_eq!(left, cyd.id.raw());
    assert_eq!(world.number("SELECT count(*) FROM messages"), 1);
}

#[tokio::test]
async fn a_chat_goes_when_both_go_at_once() {
    let world = World::new();
    let accounts = PgAccountRepository::new(world.wide_db());

    for round in 0..8 {
        let ada = world.member(&format!("ada{round}")).await;
        let bob = world.member(&format!("bob{round}")).await;
        world.chat(&ada, &bob);
        world.group("group", &[(&ada, "OWNER"), (&bob, "MEMBER")]);

        let by = by(2);
        let (first, second) =
            tokio::join!(accounts.delete(ada.id, &by), accounts.delete(bob.id, &by));

        assert!(first.is_ok() && second.is_ok());
        assert_eq!(world.number("SELECT count(*) FROM chats"), 0);
        assert_eq!(world.number("SELECT count(*) FROM group_chats"), 0);
    }
}

#[tokio::test]
async fn an_account_is_deleted_once_and_the_last_admin_never() {
    let world = World::new();
    let (ada, bob) = (world.admin("ada").await, world.admin("bob").await);

    let first = world.accounts.delete(bob.id, &by(2)).await;
    let repeat = world.accounts.delete(bob.id, &by(3)).await;
    let last = world.accounts.delete(ada.id, &by(3)).await;

    assert!(first.is_ok());
    assert!(matches!(repeat, Err(AccountChangeError::NotFound)));
    assert!(matches!(last, Err(AccountChangeError::LastAdmin)));
    assert_eq!(world.accounts.find(ada.id).await.unwrap(), Some(ada));
}
