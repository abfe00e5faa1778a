//! `alumx import` and `alumx export`.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Output;

use alumx_infrastructure::testing::{TestDatabase, execute, number};
use tempfile::TempDir;

use crate::support::{alumx, run, stderr, stdout};

/// A migrated database and a folder with a list of so many students.
fn school(students: usize) -> (TestDatabase, TempDir) {
    let (database, folder) = (TestDatabase::new(), tempfile::tempdir().unwrap());
    let mut list = "name,email,role,username\n".to_owned();
    for n in 1..=students {
        writeln!(list, "Student {n},s{n}@example.org,STUDENT,student{n}").unwrap();
    }
    fs::write(folder.path().join("users.csv"), list).unwrap();
    (database, folder)
}

/// The arguments of an import of this folder's list; `DIR` stands for the folder.
fn arguments(database: &TestDatabase, folder: &Path, more: &[&str]) -> Vec<String> {
    let first = ["import", "DIR/users.csv", "--database-url", database.url()];
    let all = first.iter().chain(more);
    let here = folder.to_str().unwrap();
    all.map(|text| text.replace("DIR", here)).collect()
}

fn import(database: &TestDatabase, folder: &Path, more: &[&str]) -> Output {
    let arguments = arguments(database, folder, more);
    run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The tokens in a file of invitations.
fn tokens(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().skip(1);
    lines
        .filter_map(|line| Some(line.split_once(',')?.1.to_owned()))
        .collect()
}

/// How many accounts can be claimed with these.
fn claimable(database: &TestDatabase, tokens: &[String]) -> i64 {
    let hashes = tokens.iter().map(|token| format!("sha256('{token}')"));
    let hashes = hashes.collect::<Vec<_>>().join(",");
    let query = format!("SELECT count(*) FROM invitations WHERE token_hash IN ({hashes})");
    number(&mut database.connect(), &query)
}

#[test]
fn an_import_that_is_killed_has_whole_batches_and_is_ended_by_a_repeat() {
    let (database, folder) = school(2500);
    let folder = folder.path();
    let mut blocker = database.connect();
    // Somebody who registers just now under a name of the second batch keeps it waiting.
    execute(&mut blocker, "BEGIN");
    let taken = "INSERT INTO users (username, name, email, role, created_at, updated_at)
                 VALUES ('student1500', 'X', 'x@example.org', 'STUDENT', now(), now())";
    execute(&mut blocker, taken);
    let killed = arguments(&database, folder, &["--invitations", "DIR/first.csv"]);
    let killed: Vec<&str> = killed.iter().map(String::as_str).collect();
    let mut child = alumx(&killed).spawn().unwrap();
    let waiting = "SELECT count(*) FROM pg_locks mine JOIN pg_locks other
                   ON other.transactionid = mine.transactionid AND NOT other.granted
                   WHERE mine.pid = pg_backend_pid() AND mine.granted";
    while number(&mut blocker, waiting) == 0 {
        assert!(child.try_wait().unwrap().is_none(), "it ended too early");
        std::thread::yield_now();
    }

    child.kill().unwrap();
    child.wait().unwrap();
    execute(&mut blocker, "ROLLBACK");

    let first = tokens(&folder.join("first.csv"));
    // The lock of its last transaction goes with its connection.
    let again = import(&database, folder, &["--invitations", "DIR/second.csv"]);
    assert!(again.status.success(), "{}", stderr(&again));
    let told = stdout(&again);
    assert!(
        told.contains("1500 added, 0 updated, 1000 unchanged, 1500 invited"),
        "{told}"
    );
    assert_eq!(
        number(&mut database.connect(), "SELECT count(*) FROM users"),
        2500
    );
    let both = [first, tokens(&folder.join("second.csv"))].concat();
    assert_eq!(claimable(&database, &both), 2500);

    let renewed = import(
        &database,
        folder,
        &["--reinvite", "--invitations", "DIR/third.csv"],
    );
    assert!(renewed.status.success(), "{}", stderr(&renewed));
    assert_eq!(claimable(&database, &both), 0);
    assert_eq!(
        claimable(&database, &tokens(&folder.join("third.csv"))),
        2500
    );
}

#[test]
fn refused_rows_are_written_and_make_a_failure_while_good_ones_go_in() {
    let (database, folder) = school(3);
    let folder = folder.path();
    let mut list = fs::read_to_string(folder.join("users.csv")).unwrap();
    list.push_str("Bad,=x,STUDENT,\n");
    fs::write(folder.join("users.csv"), list).unwrap();

    let done = import(&database, folder, &["--errors", "DIR/errors.csv"]);

    assert!(!done.status.success());
    assert!(stdout(&done).contains("3 added"), "{}", stdout(&done));
    assert!(
        stderr(&done).contains("1 rows were refused"),
        "{}",
        stderr(&done)
    );
    let errors = fs::read_to_string(folder.join("errors.csv")).unwrap();
    assert_eq!(
        errors,
        "line,email,reason\n5,'=x,email must be an email address\n"
    );
}

#[test]
fn a_dry_run_keeps_nothing() {
    let (database, folder) = school(3);

    let done = import(&database, folder.path(), &["--dry-run"]);

    assert!(
        stdout(&done).contains("Dry run: 3 added"),
        "{}",
        stdout(&done)
    );
    assert_eq!(
        number(&mut database.connect(), "SELECT count(*) FROM users"),
        0
    );
}

#[test]
fn bad_files_and_flags_are_told_in_one_sentence() {
    let (database, folder) = school(1);
    let folder = folder.path();
    let reinvite = import(&database, folder, &["--reinvite"]);
    assert!(
        stderr(&reinvite).contains("--invitations"),
        "{}",
        stderr(&reinvite)
    );

    fs::write(
        folder.join("users.csv"),
        b"name,email,role\nAndr\xe9,a@example.org,STUDENT\n",
    )
    .unwrap();
    let latin = import(&database, folder, &[]);
    assert!(
        stderr(&latin).contains("line 2: not UTF-8"),
        "{}",
        stderr(&latin)
    );

    fs::remove_file(folder.join("users.csv")).unwrap();
    let missing = import(&database, folder, &[]);
    assert!(
        stderr(&missing).contains("can't read"),
        "{}",
        stderr(&missing)
    );
}

#[test]
fn users_are_written_out_as_csv_and_as_json_lines() {
    let (database, folder) = school(3);
    let folder = folder.path();
    import(&database, folder, &[]);
    let export =
        |more: &[&str]| run(&[&["export", "--database-url", database.url()], more].concat());

    let csv = stdout(&export(&[]));
    let file = folder.join("users.jsonl");
    let file = file.to_str().unwrap();
    let written = export(&["--format", "jsonl", "--output", file]);
    let again = export(&["--output", file]);

    assert!(csv.starts_with("name,email,username,role,"), "{csv}");
    assert_eq!(csv.lines().count(), 4);
    assert!(written.status.success(), "{}", stderr(&written));
    assert_eq!(fs::read_to_string(file).unwrap().lines().count(), 3);
    assert!(!again.status.success(), "no file is overwritten");
}
