//! Lists of people that come in, and users that go out.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use alumx_domain::account::{AccountRepository, Identifier, Role};
use alumx_domain::user::{ProfileList, UserRepository};
use alumx_infrastructure::export::{self, ExportFormat};
use alumx_infrastructure::import::{
    ImportError, ImportPlan, ImportProgress, ImportSummary, RefusedRow, import,
};
use chrono::TimeDelta;
use tempfile::TempDir;

use crate::support::{World, at, value};

/// Remembers what was refused.
#[derive(Default)]
struct Notes(Vec<RefusedRow>);

impl ImportProgress for Notes {
    fn advanced(&mut self, done: u64, of: u64) {
        assert!(done <= of);
    }

    fn refused(&mut self, row: &RefusedRow) -> std::io::Result<()> {
        self.0.push(row.clone());
        Ok(())
    }
}

/// A schema and a folder with a list in it.
struct School {
    world: World,
    folder: TempDir,
}

impl School {
    fn new() -> Self {
        Self {
            world: World::new(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn plan(&self) -> ImportPlan {
        ImportPlan {
            file: self.path("users.csv"),
            dry_run: false,
            update: false,
            reinvite: false,
            invitations: None,
            invitation_lifetime: TimeDelta::days(90),
        }
    }

    fn import_as(
        &self,
        plan: &ImportPlan,
        list: impl AsRef<[u8]>,
    ) -> Result<(ImportSummary, Vec<RefusedRow>), ImportError> {
        fs::write(&plan.file, list).unwrap();
        let mut notes = Notes::default();
        let summary = import(self.world.database.url(), plan, at(10), &mut notes)?;
        Ok((summary, notes.0))
    }

    fn import(&self, list: &str) -> (ImportSummary, Vec<RefusedRow>) {
        self.import_as(&self.plan(), list).unwrap()
    }

    fn users(&self) -> i64 {
        self.world.number("SELECT count(*) FROM users")
    }
}

const TWO: &str = "name,email,role,skills,graduation_year,current_role\n\
    Ada Lovelace,Ada@Example.org,alumni,Maths;Engines,1835,Analyst\n\
    \"Babbage, Charles\",charles@example.org,PROFESSOR,,,\n";

#[tokio::test]
async fn a_list_becomes_accounts_with_profiles_that_nobody_can_open() {
    let school = School::new();
    school.world.member("ada.lovelace").await;

    let (summary, refused) = school.import(&TWO.replace("1835", "1935"));

    assert_eq!((summary.added, summary.invited, refused.len()), (2, 0, 0));
    let by_email = Identifier::Email(value("ada@example.org"));
    let found = school.world.accounts.find_credentials(&by_email).await;
    let ada = found.unwrap().unwrap();
    assert_eq!(ada.password_hash, None);
    assert_eq!(&*ada.account.username, "ada.lovelace2");
    let profile = school
        .world
        .users
        .find(ada.account.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(profile.lists.get(ProfileList::Skills), ["Maths", "Engines"]);
    assert_eq!(profile.current_role, Some(value("Analyst")));
    let imported = "SELECT count(*) FROM audit_log WHERE event = 'ACCOUNT_IMPORTED'";
    assert_eq!(school.world.number(imported), 2);
}

#[test]
fn good_rows_go_in_and_each_bad_one_is_told_with_its_line() {
    let school = School::new();
    let long = "x".repeat(1_048_576);
    let list = format!(
        "name,email,role,username\n\
         Ada,ada@example.org,ALUMNI,ada\n\
         ,bob,ADMIN,b\n\
         \"Two\nlines\",cyd@example.org,STUDENT,cyd\n\
         Dan,dan@example.org,STUDENT\n\
         {long},eve@example.org,STUDENT,eve\n\
         Ada,ADA@example.org,STUDENT,ada2\n\
         Fay,fay@example.org,STUDENT,ADA\n\
         Gil,gil@example.org,STUDENT,gil\n"
    );

    let (summary, refused) = school.import(&list);

    let told: Vec<_> = refused
        .iter()
        .map(|row| (row.line, row.reason.as_str()))
        .collect();
    let lines: Vec<u64> = told.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [3, 4, 6, 7, 8, 9], "{told:?}");
    assert!(told[3].1.contains("1048576 bytes"));
    assert_eq!(told[4].1, "the same address as in line 2");
    assert!(told[5].1.contains("belongs to another"));
    assert_eq!((summary.added, summary.refused), (2, 6));
    assert_eq!(school.users(), 2);
}

#[test]
fn a_file_in_another_encoding_is_refused_whole_with_the_line() {
    let school = School::new();
    let mut latin = TWO.as_bytes().to_vec();
    latin.extend(b"Andr\xe9,andre@example.org,STUDENT,,,\n");

    let refused = school.import_as(&school.plan(), &latin).unwrap_err();

    assert!(
        refused.to_string().starts_with("line 4: not UTF-8"),
        "{refused}"
    );
    assert_eq!(school.users(), 0);
    let utf_16 = b"\xff\xfen\0a\0m\0e\0";
    let refused = school.import_as(&school.plan(), utf_16).unwrap_err();
    assert!(refused.to_string().starts_with("line 1: not UTF-8"));
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_fine() {
    let school = School::new();
    let list = format!(
        "\u{feff}{}",
        TWO.replace("1835", "1935").replace('\n', "\r\n")
    );

    let (summary, refused) = school.import(&list);

    assert_eq!((summary.added, refused), (2, Vec::new()));
}

#[test]
fn a_quotation_mark_that_nothing_closes_ends_the_import_with_its_line() {
    let school = School::new();
    let list = format!(
        "name,email,role\nAda,ada@example.org,STUDENT\n\"Bob,bob@example.org,STUDENT\n{}",
        "Cyd,cyd@example.org,STUDENT\n".repeat(400_000)
    );

    let refused = school.import_as(&school.plan(), list).unwrap_err();

    assert!(
        refused.to_string().contains("begins in line 3"),
        "{refused}"
    );
}

#[test]
fn a_repeat_changes_nothing_and_a_wanted_update_what_the_list_says() {
    let school = School::new();
    let list = TWO.replace("1835", "1935");
    school.import(&list);

    let (repeat, _) = school.import(&list);
    let plan = ImportPlan {
        update: true,
        ..school.plan()
    };
    let changed = list
        .replace("alumni", "professor")
        .replace("1935", "")
        .replace("Analyst", "Poet");
    let (updated, refused) = school.import_as(&plan, &changed).unwrap();
    let (again, _) = school.import_as(&plan, &changed).unwrap();

    assert_eq!((repeat.added, repeat.unchanged), (0, 2));
    assert_eq!(
        (updated.updated, updated.unchanged, refused.len()),
        (1, 1, 0)
    );
    assert_eq!((again.updated, again.unchanged), (0, 2));
    let told = "SELECT concat_ws(' ', users.role, users.graduation_year, role_current, s.role)
                FROM users JOIN user_search s ON s.user_id = id WHERE email = 'ada@example.org'";
    let told = school.world.texts(told);
    assert_eq!(told, [Some("PROFESSOR 1935 Poet PROFESSOR".to_owned())]);
    let noted = "SELECT count(*) FROM audit_log WHERE event = 'ROLE_CHANGED'";
    assert_eq!(school.world.number(noted), 1);
}

#[tokio::test]
async fn an_admin_is_not_changed() {
    let school = School::new();
    let root = school.world.admin("root").await;
    let plan = ImportPlan {
        update: true,
        ..school.plan()
    };

    let list = "name,email,role\nX,root@example.org,STUDENT\n";
    let (summary, refused) = school.import_as(&plan, list).unwrap();

    assert_eq!((summary.updated, refused.len()), (0, 1));
    let account = school.world.accounts.find(root.id).await.unwrap().unwrap();
    assert_eq!((account.role, account.name), (Role::Admin, root.name));
}

#[test]
fn a_dry_run_tells_the_same_and_keeps_nothing() {
    let school = School::new();
    let plan = ImportPlan {
        dry_run: true,
        invitations: Some(school.path("out.csv")),
        ..school.plan()
    };

    let (summary, refused) = school.import_as(&plan, TWO).unwrap();

    // 1835 is no year that anybody graduated in.
    assert_eq!((summary.added, refused.len()), (1, 1));
    assert_eq!(school.users(), 0);
    assert!(!school.path("out.csv").exists());
}

/// The addresses and tokens in a file of invitations.
fn invited(path: PathBuf) -> Vec<(String, String)> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text
        .lines()
        .skip(1)
        .map(|line| line.split_once(',').unwrap());
    lines
        .map(|(email, token)| (email.to_owned(), token.to_owned()))
        .collect()
}

#[test]
fn invitations_are_written_for_their_owner_alone_and_renewed_when_wanted() {
    let school = School::new();
    let list = TWO.replace("1835", "1935");
    let plan = |name: &str, reinvite| ImportPlan {
        invitations: Some(school.path(name)),
        reinvite,
        ..school.plan()
    };

    let (summary, _) = school.import_as(&plan("first.csv", false), &list).unwrap();
    let again = school.import_as(&plan("first.csv", false), &list);
    let (renewed, _) = school.import_as(&plan("second.csv", true), &list).unwrap();

    assert_eq!((summary.invited, renewed.invited), (2, 2));
    assert!(again.unwrap_err().to_string().contains("exists"));
    let (first, second) = (
        invited(school.path("first.csv")),
        invited(school.path("second.csv")),
    );
    assert_eq!(first[0].0, "ada@example.org");
    assert!(first.iter().all(|(_, token)| token.len() == 64));
    assert_ne!(first, second);
    let mode = fs::metadata(school.path("first.csv"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(school.world.number("SELECT count(*) FROM invitations"), 2);
}

#[test]
fn people_of_one_name_get_usernames_of_their_own() {
    let school = School::new();
    let mut list = "name,email,role\n".to_owned();
    for n in 0..2500 {
        writeln!(list, "John Smith,john{n}@example.org,STUDENT").unwrap();
    }

    let (summary, refused) = school.import(&list);

    assert_eq!((summary.added, refused.len()), (2500, 0));
}

#[test]
fn what_goes_out_is_no_formula_and_comes_in_again() {
    let school = School::new();
    let list = "name,email,role,company,skills\n\
        =1+1,ada@example.org,STUDENT,@home,a\\;b;-c\n\
        ''=x,bob@example.org,STUDENT,''@home,''-c\n";
    school.import(list);
    let out = |format| {
        let mut out = Vec::new();
        export::users(school.world.database.url(), format, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };

    let csv = out(ExportFormat::Csv);
    let json = out(ExportFormat::JsonLines);

    // The file had a guard of its own before each.
    assert!(json.contains(r#""name":"'=x""#), "{json}");
    let guarded = csv.lines().nth(2).unwrap();
    assert!(guarded.starts_with("''=x,bob@example.org,"), "{guarded}");
    let row = csv.lines().nth(1).unwrap();
    assert!(row.starts_with("'=1+1,ada@example.org,"), "{row}");
    assert!(
        row.contains(",'@home,") && row.contains(r"a\;b;'-c"),
        "{row}"
    );
    assert!(
        json.contains(r#""name":"=1+1""#) && json.contains(r#"["a;b","-c"]"#),
        "{json}"
    );
    let plan = ImportPlan {
        update: true,
        ..school.plan()
    };
    let (again, refused) = school.import_as(&plan, &csv).unwrap();
    assert_eq!((again.unchanged, refused), (2, Vec::new()));
}
