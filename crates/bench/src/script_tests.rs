//! What is read in logs, and what is written for `pgbench`.

use super::*;

const LOG: &str = "2026-01-02 03:04:05.678 UTC [12] LOG:  statement: BEGIN
2026-01-02 03:04:05.678 UTC [12] LOG:  execute __diesel_stmt_0: /* $1 $2 */ SELECT
\t'a $1' FROM \"b$2\" WHERE id = $1
\t AND name = $2
2026-01-02 03:04:05.678 UTC [12] DETAIL:  parameters: $1 = '4711', $2 = 'it''s, $9 = 1:
\tand more'
2026-01-02 03:04:05.679 UTC [13] LOG:  checkpoint starting: time
2026-01-02 03:04:05.679 UTC [12] LOG:  statement: COMMIT
";

#[test]
fn statements_are_read_with_what_they_were_given() {
    let found = executed(LOG);

    let texts: Vec<&str> = found.iter().map(|one| &*one.text).collect();
    let asked = "SELECT\n'a $1' FROM \"b$2\" WHERE id = $1\n AND name = $2";
    assert_eq!(texts, ["BEGIN", asked, "COMMIT"]);
    let given = ["4711", "it's, $9 = 1:\nand more"].map(|value| Some(value.to_owned()));
    assert_eq!(found[1].values, given);
    assert_eq!(found[1].pid, 12);
}

#[test]
fn null_is_no_text() {
    let found = values("$1 = NULL, $2 = 'NULL', $3 = ''");

    let expected = [None, Some("NULL".to_owned()), Some(String::new())];
    assert_eq!(found, expected);
}

#[test]
fn a_comment_that_says_something_stays() {
    assert_eq!(without_comment("/* why */ SELECT 1"), "/* why */ SELECT 1");
    assert_eq!(without_comment("/* $1 $12 */ SELECT 1"), "SELECT 1");
}

#[test]
fn a_script_varies_what_is_said_to_vary_and_nothing_else() {
    let varied = [
        ("unused".to_owned(), Place::OneOf(vec![1, 2])),
        ("4711".to_owned(), Place::Range(1, 9)),
    ];

    let script = script("given3", &executed(LOG), &varied);

    let asked = "SELECT\n'a $1' FROM \"b$2\" WHERE id = :v1::bigint\n AND name = :given3_0::text;";
    assert_eq!(
        script.text,
        format!("\\set v1 random(1, 9)\nBEGIN;\n{asked}\nCOMMIT;\n")
    );
    let name = "it's, $9 = 1:\nand more".to_owned();
    assert_eq!(script.given, [("given3_0".to_owned(), name)]);
}

#[test]
fn what_belongs_together_is_chosen_together() {
    let of = |text: &str, values: &[&str]| Executed {
        pid: 1,
        text: text.to_owned(),
        values: values
            .iter()
            .map(|value| Some((*value).to_owned()))
            .collect(),
    };
    let varied = [
        ("10".to_owned(), Place::OneOf(vec![10, 20, 30])),
        ("11".to_owned(), Place::OneOf(vec![11, 21, 31])),
        ("x".to_owned(), Place::Uuid),
    ];

    let asked = of("f($1, $2, $3, $4)", &["11", "10", "x", "{5,10}"]);
    let script = script("given", &[asked], &varied);

    let expected = "\\set i random(0, 2)\n\
        \\set v0 case when :i < 1 then 10 else case when :i < 2 then 20 else 30 end end\n\
        \\set v1 case when :i < 1 then 11 else case when :i < 2 then 21 else 31 end end\n\
        \\set v2 random(1, 9223372036854775807)\n\
        f(:v1::bigint, :v0::bigint, lpad(to_hex(:v2::bigint), 32, '0')::uuid, \
        ARRAY[(5)::bigint, :v0::bigint]);\n";
    assert_eq!(script.text, expected);
}

#[test]
fn values_have_the_type_that_they_look_like() {
    for (value, expected) in [
        ("-5", "bigint"),
        ("0.36", "real"),
        ("{1,2}", "bigint[]"),
        ("2026-01-02 03:04:05.6+00", "timestamptz"),
        ("262142-12-31 23:59:59+00", "timestamptz"),
        ("1-2-3 go", "text"),
        ("{a}", "text"),
        ("{}", "text"),
        ("", "text"),
    ] {
        assert_eq!(sql_type(value), expected);
    }
}
