//! The schema, and the way to it and back.

use std::thread;

use alumx_domain::repository::Violation;
use alumx_domain::user::ProfileList;
use alumx_infrastructure::db::Migrations;
use alumx_infrastructure::testing::TestDatabase;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;
use strum::IntoEnumIterator;

/// Tables, columns, constraints and indexes of the schema, in an order of their own.
fn schema(database: &TestDatabase) -> Vec<String> {
    texts(
        database,
        "SELECT line FROM (
             SELECT format('column %s.%s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                        a.attnotnull, pg_get_expr(d.adbin, d.adrelid)) AS line
             FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
             LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
             WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
               AND a.attnum > 0 AND NOT a.attisdropped
             UNION ALL
             SELECT format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
             FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
             UNION ALL
             SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema()
             UNION ALL
             SELECT format('trigger %s', pg_get_triggerdef(t.oid))
             FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
             WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal
             UNION ALL
             SELECT format('function %s %s', proname, prosrc)
             FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
         ) lines WHERE line NOT LIKE '%__diesel_schema_migrations%' ORDER BY line",
    )
}

fn texts(database: &TestDatabase, query: &str) -> Vec<String> {
    sql::<Text>(query).load(&mut database.connect()).unwrap()
}

fn tables(database: &TestDatabase) -> Vec<String> {
    texts(
        database,
        "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()",
    )
}

#[test]
fn up_down_and_up_again_makes_the_same_schema() {
    let database = TestDatabase::empty();
    let mut migrations = Migrations::lock(database.url()).unwrap();

    let up = migrations.up().unwrap();
    let first = schema(&database);
    let down = migrations.down(usize::MAX).unwrap();
    let left = tables(&database);
    let again = migrations.up().unwrap();

    assert!(first.len() > 200, "{}", first.len());
    assert_eq!(schema(&database), first);
    assert_eq!(again, up);
    assert_eq!(down, up.into_iter().rev().collect::<Vec<_>>());
    assert_eq!(left, ["__diesel_schema_migrations"]);
}

#[test]
fn each_migration_can_be_taken_back_alone() {
    let database = TestDatabase::empty();
    let mut migrations = Migrations::lock(database.url()).unwrap();
    let up = migrations.up().unwrap();

    for n in (0..up.len()).rev() {
        let whole = schema(&database);

        let down = migrations.down(1).unwrap();
        let applied = migrations.state().unwrap();
        let lacking = schema(&database);

        assert_eq!(down, up[n..=n]);
        let applied = applied.iter().map(|migration| migration.applied);
        assert_eq!(applied.filter(|applied| *applied).count(), n);
        assert!(lacking.len() < whole.len());
        // Up again from here comes to the same, and then down to where we were.
        assert_eq!(migrations.up().unwrap().len(), up.len() - n);
        migrations.down(up.len() - n - 1).unwrap();
        assert_eq!(schema(&database), whole);
        migrations.down(1).unwrap();
        assert_eq!(schema(&database), lacking);
    }
    assert_eq!(migrations.down(1).unwrap(), Vec::<String>::new());
}

#[test]
fn of_many_who_migrate_at_once_one_does_it() {
    let database = TestDatabase::empty();
    let total = Migrations::lock(database.url())
        .and_then(|mut migrations| migrations.state())
        .unwrap()
        .len();

    let counts: Vec<usize> = thread::scope(|scope| {
        let migrate = || Migrations::lock(database.url())?.up();
        let racers: Vec<_> = (0..6).map(|_| scope.spawn(migrate)).collect();
        racers
            .into_iter()
            .map(|racer| racer.join().unwrap().unwrap().len())
            .collect()
    });

    let mut expected = vec![0; 5];
    expected.push(total);
    let mut counts = counts;
    counts.sort_unstable();
    assert_eq!(counts, expected);
}

#[test]
fn every_violation_is_the_name_of_a_constraint() {
    let database = TestDatabase::new();
    let names = texts(
        &database,
        "SELECT conname::text FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
         UNION ALL
         SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         WHERE i.indisunique AND c.relnamespace = current_schema()::regnamespace",
    );

    for violation in Violation::iter() {
        let name: &str = violation.into();
        assert!(names.iter().any(|known| known == name), "{name}");
    }
}

#[test]
fn the_tables_that_others_rely_on_exist() {
    let database = TestDatabase::new();
    let tables = tables(&database);
    let mut expected: Vec<String> = ProfileList::all()
        .map(|list| format!("user_{}", list.key()))
        .collect();
    expected.extend(
        [
            "users",
            "resume",
            "job_posts",
            "job_post_images",
            "job_post_comments",
            "job_post_likes",
            "chats",
            "messages",
            "group_chats",
            "group_chat_participants",
            "group_messages",
        ]
        .map(str::to_owned),
    );

    assert_eq!(expected.len(), 23);
    for table in expected {
        assert!(tables.contains(&table), "{table}");
    }
}
