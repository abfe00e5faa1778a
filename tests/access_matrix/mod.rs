//! Who may do what: every documented route, and everybody who may come.

mod people;
mod table;
mod world;

use std::collections::BTreeSet;

use alumx_tests::App;

use self::people::People;
use self::table::TABLE;
use self::world::{ACTORS, World, ask};

/// A line of the table: method, path, and the status of each actor.
struct Row {
    method: &'static str,
    path: &'static str,
    statuses: Vec<u16>,
}

fn rows() -> Vec<Row> {
    let mut lines = TABLE.lines().filter(|line| !line.is_empty());
    let header: Vec<_> = lines
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    assert_eq!(header[1..], ACTORS);
    let row = |line: &'static str| {
        let mut words = line.split_whitespace();
        Row {
            method: words.next().unwrap_or_default(),
            path: words.next().unwrap_or_default(),
            statuses: words.map(|word| word.parse().unwrap_or_default()).collect(),
        }
    };
    lines.map(row).collect()
}

#[test]
fn the_table_has_every_documented_route_and_no_other() {
    let document = serde_json::to_value(alumx_api::openapi::document()).unwrap_or_default();
    let paths = document["paths"].as_object().into_iter().flatten();
    let documented = paths.flat_map(|(path, item)| {
        let path = match path.strip_prefix("/api/v1") {
            Some(path) => path.to_owned(),
            None => format!("/{path}"),
        };
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, _)| format!("{} {path}", method.to_uppercase()))
    });
    let rows = rows();
    let listed: BTreeSet<_> = rows
        .iter()
        .map(|row| format!("{} {}", row.method, row.path))
        .collect();

    assert_eq!(listed, documented.collect());
    assert_eq!(listed.len(), rows.len(), "a route stands there twice");
    assert!(rows.iter().all(|row| row.statuses.len() == ACTORS.len()));
}

#[tokio::test]
async fn everybody_gets_what_the_table_says() {
    let app = App::start();
    let people = People::of(&app).await;
    let mut wrong = Vec::new();

    for Row {
        method,
        path,
        statuses,
    } in rows()
    {
        let mut world = None;
        for (actor, status) in ACTORS.into_iter().zip(statuses) {
            let here = match world.take() {
                Some(world) => world,
                None => World::of(&people, method, path).await,
            };
            let answer = ask(&here, actor, method, path).await;
            if answer.status.as_u16() != status {
                let told = &answer.body["code"];
                wrong.push(format!(
                    "{method} {path} as {actor}: {} {told}, not {status}",
                    answer.status
                ));
            }
            // What was done is done: the next one finds it undone.
            let changed = method != "GET" && answer.status.is_success();
            world = Some(here).filter(|_| !changed);
        }
    }

    assert!(wrong.is_empty(), "{wrong:#?}");
}
