//! The audit log: what writes it, that it only grows, and how it is read.

use alumx_domain::account::{AccountRepository, Role, SessionRepository, UserId};
use alumx_domain::audit::{
    AuditEntry, AuditEvent, AuditEvent::*, AuditFilter, AuditKey, AuditRepository, Occasion,
};
use alumx_domain::page::Page;
use alumx_infrastructure::audit::PgAuditRepository;
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::support::{
    World, at, by, hash_of, new_account, new_session, new_token, page, token, unknown_user, value,
};

impl World {
    fn audit(&self) -> PgAuditRepository {
        PgAuditRepository(self.database.db())
    }

    /// The events about a user, oldest first.
    async fn events(&self, target: UserId) -> Vec<AuditEvent> {
        let filter = AuditFilter {
            target: Some(target),
            ..AuditFilter::default()
        };
        let listed = self.audit().list(&filter, page(None, 100)).await.unwrap();
        listed.items.iter().rev().map(|entry| entry.event).collect()
    }
}

fn from(actor: UserId, second: i64) -> Occasion {
    Occasion {
        actor: Some(actor),
        ip_address: "2001:db8::1".parse().ok(),
        request_id: Some(value("request-1")),
        ..by(second)
    }
}

#[tokio::test]
async fn every_step_writes_what_it_did() {
    let world = World::new();
    let (account, session) = (new_account("ada"), new_session(1));
    let (ada, first) = world.accounts.register(&account, &session).await.unwrap();
    let (id, own) = (ada.id, from(ada.id, 5));
    let second = world.sign_in(&ada, 2).await;
    let admin = world.admin("root").await;
    let by_admin = from(admin.id, 6);

    world.sessions.note_refused(Some(id), &by(4)).await.unwrap();
    assert!(world.sessions.end(id, second, &own).await.unwrap());
    world.sign_in(&ada, 3).await;
    world.sessions.end_others(id, first, &own).await.unwrap();
    let (old, new) = (hash_of("ada"), hash_of("new"));
    let changed = world.accounts.change_password(id, &old, &new, first, &own);
    assert!(changed.await.unwrap());
    let role = Role::Professor;
    world.accounts.set_role(id, role, &by_admin).await.unwrap();
    world.accounts.suspend(id, None, &by_admin).await.unwrap();
    world.accounts.lift_suspension(id, &by_admin).await.unwrap();
    world.accounts.delete(id, &by_admin).await.unwrap();

    let expected = [
        Registered,
        SignedIn,
        SignedIn,
        SignInFailed,
        SessionEnded,
        OtherSessionsEnded,
        PasswordChanged,
        RoleChanged,
        Suspended,
        SuspensionLifted,
        AccountDeleted,
    ];
    assert_eq!(world.events(id).await, expected);
    assert_eq!(world.events(admin.id).await, [AccountCreated]);
    let (log, all) = (world.audit(), AuditFilter::default());
    let mut newest = log.list(&all, page(None, 4)).await.unwrap();
    let role_change = newest.items.pop().unwrap();
    assert_eq!(role_change.role, Some(role));
    assert_eq!(role_change.occasion, by_admin);
}

#[tokio::test]
async fn what_was_not_done_is_not_written() {
    let world = World::new();
    let ada = world.admin("ada").await;
    let session = world.sign_in(&ada, 1).await;
    let before = world.events(ada.id).await;
    let (id, own) = (ada.id, from(ada.id, 5));

    world
        .accounts
        .insert(&new_account("ada"))
        .await
        .unwrap_err();
    let opened = world
        .sessions
        .open(id, &hash_of("x"), &new_session(2))
        .await;
    assert_eq!(opened.unwrap(), None);
    world.accounts.delete(id, &own).await.unwrap_err();
    world.accounts.suspend(id, None, &own).await.unwrap_err();
    world.accounts.lift_suspension(id, &own).await.unwrap();
    world
        .accounts
        .set_role(id, Role::Admin, &own)
        .await
        .unwrap();
    world.sessions.end_others(id, session, &own).await.unwrap();
    let none = world.accounts.delete(unknown_user(), &own).await;
    none.unwrap_err();

    assert_eq!(world.events(id).await, before);
    assert_eq!(world.events(unknown_user()).await, []);
}

#[tokio::test]
async fn what_changes_nothing_is_written_once() {
    let world = World::new();
    let ada = world.member("ada").await;
    let (admin, session) = (world.admin("root").await, world.sign_in(&ada, 1).await);
    let (id, own, by_admin) = (ada.id, from(ada.id, 5), from(admin.id, 6));

    for _ in 0..2 {
        let role = world.accounts.set_role(id, Role::Professor, &by_admin);
        role.await.unwrap();
        world.sessions.end(id, session, &own).await.unwrap();
        world.sessions.end_others(id, session, &own).await.unwrap();
    }
    for reason in [None, None, Some("spam"), Some("spam"), None] {
        let reason = reason.map(value);
        world.accounts.suspend(id, reason, &by_admin).await.unwrap();
    }
    for _ in 0..2 {
        world.accounts.lift_suspension(id, &by_admin).await.unwrap();
    }

    let expected = [
        AccountCreated,
        SignedIn,
        SessionEnded,
        RoleChanged,
        Suspended,
        Suspended,
        Suspended,
        SuspensionLifted,
    ];
    assert_eq!(world.events(id).await, expected);
}

#[tokio::test]
async fn a_stolen_refresh_token_is_written_with_whose_it_was() {
    let world = World::new();
    let ada = world.member("ada").await;
    world.sign_in(&ada, 1).await;
    for second in [10_i64, 30] {
        let next = new_token(second.unsigned_abs());
        let by = from(ada.id, second);
        world.sessions.rotate(token(1), &next, &by).await.unwrap();
    }

    let events = world.events(ada.id).await;

    assert_eq!(events, [AccountCreated, SignedIn, RefreshTokenReplayed]);
}

#[test]
fn nobody_changes_or_deletes_what_is_written() {
    let world = World::new();
    world.execute("INSERT INTO audit_log (event, created_at) VALUES ('SIGNED_IN', now())");

    for statement in [
        "UPDATE audit_log SET actor_id = 1",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
    ] {
        let refused = world.try_execute(statement).unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
    assert_eq!(world.number("SELECT count(*) FROM audit_log"), 1);
}

#[test]
fn only_what_is_older_than_the_transaction_says_can_be_deleted() {
    let world = World::new();
    world.execute(
        "INSERT INTO audit_log (event, created_at)
         SELECT 'SIGNED_IN', now() - n * INTERVAL '1 hour' FROM generate_series(10, 50, 10) n",
    );
    let mut conn = world.database.connect();
    let mut execute = |statement: &str| diesel::sql_query(statement).execute(&mut conn);
    let kept = |hours: i64, statement: &str| {
        format!(
            "DO $$ BEGIN
                 PERFORM set_config('alumx.audit_retention',
                     (now() - {hours} * INTERVAL '1 hour')::text, TRUE);
                 {statement};
             END $$"
        )
    };
    let old = |hours: i64| {
        format!("DELETE FROM audit_log WHERE created_at < now() - {hours} * INTERVAL '1 hour'")
    };

    let everything = "DELETE FROM audit_log";
    for (hours, statement) in [
        (35, everything),
        (35, &old(25)),
        // What is younger than a day never goes.
        (-1, everything),
        (-1, &old(5)),
        (
            35,
            "UPDATE audit_log SET event = 'X' WHERE created_at < now() - INTERVAL '2 days'",
        ),
        (35, "TRUNCATE audit_log"),
    ] {
        let refused = execute(&kept(hours, statement)).unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{statement}: {refused}");
    }
    assert_eq!(world.number("SELECT count(*) FROM audit_log"), 5);
    execute(&kept(35, &old(35))).unwrap();
    assert_eq!(world.number("SELECT count(*) FROM audit_log"), 3);
    // What a transaction said holds for no later one on its connection.
    let refused = execute(&old(25)).unwrap_err().to_string();
    assert!(refused.contains("append-only"), "{refused}");
}

#[tokio::test]
async fn old_entries_are_forgotten_some_at_a_time_the_oldest_first() {
    let world = World::new();
    world.execute(
        "INSERT INTO audit_log (event, created_at)
         SELECT 'SIGNED_IN', to_timestamp(n) FROM generate_series(1, 2500) n
         UNION ALL SELECT 'SIGNED_IN', now()",
    );

    let mut forgotten = Vec::new();
    for _ in 0..4 {
        forgotten.push(world.audit().forget_some(at(2001)).await.unwrap());
        let oldest = "SELECT min(extract(epoch FROM created_at))::bigint FROM audit_log";
        forgotten.push(usize::try_from(world.number(oldest)).unwrap());
    }

    assert_eq!(forgotten, [1000, 1001, 1000, 2001, 0, 2001, 0, 2001]);
    assert_eq!(world.number("SELECT count(*) FROM audit_log"), 501);
    let later = at(10_000_000_000);
    assert_eq!(world.audit().forget_some(later).await.unwrap(), 500);
    assert_eq!(world.number("SELECT count(*) FROM audit_log"), 1);
}

#[tokio::test]
async fn pages_go_from_the_newest_to_the_oldest_through_equal_times() {
    let world = World::new();
    for second in [3, 1, 3, 2, 3] {
        let by = by(second);
        world.sessions.note_refused(None, &by).await.unwrap();
    }
    let (mut seen, mut after) = (Vec::new(), None);

    loop {
        let filter = AuditFilter::default();
        let Page { items, next } = world.audit().list(&filter, page(after, 2)).await.unwrap();
        seen.extend(items.iter().map(AuditEntry::key));
        after = next;
        if after.is_none() {
            break;
        }
    }

    let mut sorted = seen.clone();
    sorted.sort_by_key(|AuditKey { at, id }| std::cmp::Reverse((*at, id.raw())));
    assert_eq!((seen.len(), &seen), (5, &sorted));
}

#[tokio::test]
async fn filters_hold_together_and_the_end_of_a_time_is_out() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    for (user, second) in [(&ada, 10), (&ada, 20), (&bob, 20), (&ada, 30)] {
        let by = from(user.id, second);
        let noted = world.sessions.note_refused(Some(user.id), &by);
        noted.await.unwrap();
    }
    let count = async |filter: AuditFilter| {
        let listed = world.audit().list(&filter, page(None, 100)).await;
        listed.unwrap().items.len()
    };
    let all = AuditFilter::default;

    let of_event = AuditFilter {
        event: Some(SignInFailed),
        ..all()
    };
    assert_eq!(count(of_event).await, 4);
    let of_ada = AuditFilter {
        actor: Some(ada.id),
        ..all()
    };
    assert_eq!(count(of_ada).await, 3);
    let of_both = AuditFilter {
        actor: Some(ada.id),
        target: Some(bob.id),
        ..all()
    };
    assert_eq!(count(of_both).await, 0);
    let between = AuditFilter {
        from: Some(at(20)),
        to: Some(at(30)),
        ..all()
    };
    assert_eq!(count(between).await, 2);
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

#[test]
fn each_filter_reads_an_index_of_its_own() {
    let world = World::new();
    world.execute(
        "INSERT INTO audit_log (event, actor_id, target_id, created_at)
         SELECT 'E' || n % 20, n % 500, n % 500, to_timestamp(n) FROM generate_series(1, 20000) n",
    );
    world.execute("ANALYZE audit_log");

    for (condition, index) in [
        ("event = 'E7'", "audit_log_by_event"),
        ("actor_id = 7", "audit_log_by_actor"),
        ("target_id = 7", "audit_log_by_target"),
        ("created_at < to_timestamp(9000)", "audit_log_by_time"),
    ] {
        let query = format!(
            "EXPLAIN SELECT * FROM audit_log WHERE {condition}
             ORDER BY created_at DESC, id DESC LIMIT 20"
        );
        let plan: Vec<Line> = diesel::sql_query(query)
            .load(&mut world.database.connect())
            .unwrap();
        let plan: String = plan.into_iter().map(|row| row.line + "\n").collect();
        assert!(plan.contains(index) && !plan.contains("Sort"), "{plan}");
    }
}
