//! Pages of the directory: nobody twice, nobody left out, and cursors that can't be forged.

use std::collections::HashSet;

use alumx_tests::{Answer, App, User};
use serde_json::{Value, json};

use super::with_query;

async fn page(user: &User<'_>, query: &[(&str, &str)], cursor: Option<&str>) -> Answer {
    let cursor = cursor.map(|cursor| ("cursor", cursor));
    let query: Vec<_> = query.iter().copied().chain(cursor).collect();
    user.get(&with_query("/users", &query)).await
}

fn usernames(answer: &Answer) -> Vec<String> {
    let items = answer.body["items"].as_array().cloned().unwrap_or_default();
    let name = |item: &Value| item["username"].as_str().unwrap_or_default().to_owned();
    items.iter().map(name).collect()
}

/// All pages of this many, and what is done after each.
async fn walk(
    user: &User<'_>,
    query: &[(&str, &str)],
    size: usize,
    mut after_each: impl AsyncFnMut(usize),
) -> Vec<String> {
    let size_text = size.to_string();
    let mut all_of_it = vec![("limit", size_text.as_str())];
    all_of_it.extend_from_slice(query);
    let (mut seen, mut cursor, mut count) = (Vec::new(), None::<String>, 0);
    loop {
        let answer = page(user, &all_of_it, cursor.as_deref()).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        let names = usernames(&answer);
        assert!(names.len() <= size);
        seen.extend(names);
        count += 1;
        assert!(count < 50, "the pages have no end: {query:?}");
        after_each(count).await;
        match answer.body["nextCursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return seen,
        }
    }
}

const ORDERS: [&[(&str, &str)]; 5] = [
    &[("sort", "newest")],
    &[("sort", "name")],
    &[("q", "grace")],
    &[("q", "grace"), ("sort", "name")],
    &[("q", "gracce"), ("sort", "relevance")],
];

/// Seven users who are all found by `grace`, three of them with the same name.
async fn graces(app: &App) -> User<'_> {
    for (username, name) in [
        ("u1", "Grace"),
        ("u2", "Amazing Grace"),
        ("u3", "grace"),
        ("u4", "Gracely"),
        ("u5", "Grâce"),
        ("u6", "Z Grace"),
    ] {
        let user = app.user(&format!("{username}x"), "ALUMNI").await;
        user.patch(json!({"name": name})).await;
    }
    let last = app.user("u7x", "ALUMNI").await;
    last.patch(json!({"name": "Grace Hopper", "skills": ["Grace"]}))
        .await;
    last
}

#[tokio::test]
async fn every_order_is_paged_without_gaps_or_repeats() {
    let app = App::start();
    let viewer = graces(&app).await;

    for query in ORDERS {
        let whole = walk(&viewer, query, 100, async |_| ()).await;
        assert_eq!(
            whole.iter().collect::<HashSet<_>>().len(),
            7,
            "{query:?} {whole:?}"
        );
        for size in [1, 2, 3, 6, 7, 8] {
            let paged = walk(&viewer, query, size, async |_| ()).await;

            assert_eq!(paged, whole, "{query:?} by {size}");
        }
    }
}

#[tokio::test]
async fn pages_stay_stable_while_users_are_added() {
    let app = App::start();
    let viewer = graces(&app).await;

    for (n, query) in ORDERS.iter().enumerate() {
        let before = walk(&viewer, query, 100, async |_| ()).await;
        let paged = walk(&viewer, query, 2, async |page| {
            if page == 1 {
                let added = app.user(&format!("new{n}"), "ALUMNI").await;
                added.patch(json!({"name": "Grace"})).await;
            }
        })
        .await;

        let kept: Vec<_> = paged.iter().filter(|name| before.contains(name)).collect();
        assert_eq!(kept, before.iter().collect::<Vec<_>>(), "{query:?}");
        assert_eq!(
            paged.iter().collect::<HashSet<_>>().len(),
            paged.len(),
            "{query:?}"
        );
    }
}

#[tokio::test]
async fn a_page_has_20_items_unless_asked_otherwise() {
    let app = App::start();
    let viewer = app.someone().await;
    let rows = "INSERT INTO users
            (username, name, email, password_hash, role, created_at, updated_at)
        SELECT 'user' || n, 'User ' || n, 'user' || n || '@example.org', 'x', 'ALUMNI', now(), now()
        FROM generate_series(1, 100) n";
    let search = "INSERT INTO user_search
            (user_id, role, name, username, name_terms, terms)
        SELECT id, role, lower(name), username, '', '' FROM users
        ON CONFLICT DO NOTHING";
    for sql in [rows, search] {
        use diesel::prelude::*;
        diesel::sql_query(sql)
            .execute(&mut app.database.connect())
            .unwrap();
    }

    let default = page(&viewer, &[], None).await;
    let largest = page(&viewer, &[("limit", "100")], None).await;
    let cursor = largest.body["nextCursor"].as_str();
    let last = page(&viewer, &[("limit", "100")], cursor).await;

    assert_eq!(usernames(&default).len(), 20);
    assert!(default.body["nextCursor"].is_string());
    assert_eq!(usernames(&largest).len(), 100);
    assert_eq!(
        (usernames(&last).len(), &last.body["nextCursor"]),
        (1, &Value::Null)
    );
}

#[tokio::test]
async fn a_full_last_page_has_no_next_one() {
    let app = App::start();
    let viewer = graces(&app).await;

    let answer = page(&viewer, &[("limit", "7")], None).await;

    assert_eq!(
        (usernames(&answer).len(), &answer.body["nextCursor"]),
        (7, &Value::Null)
    );
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let app = App::start();
    let viewer = graces(&app).await;
    app.login(&viewer.username).await;
    let mut cursors = Vec::new();
    for path in [
        "/users?limit=1&sort=newest",
        "/users?limit=1&sort=name",
        "/users?limit=1&q=grace",
        "/me/sessions?limit=1",
    ] {
        let cursor = viewer.get(path).await.body["nextCursor"].clone();
        cursors.push(cursor.as_str().unwrap().to_owned());
    }
    let queries: [&[(&str, &str)]; 3] = [&[], &[("sort", "name")], &[("q", "grace")]];

    for (n, query) in queries.iter().enumerate() {
        for (m, cursor) in cursors.iter().enumerate() {
            let answer = page(&viewer, query, Some(cursor)).await;

            if n == m {
                assert_eq!(answer.status, 200);
            } else {
                answer.assert_problem(400, "invalid_parameter");
                assert_eq!(answer.field_errors(), ["cursor:invalid_cursor"]);
            }
        }
    }
}

#[tokio::test]
async fn a_forged_cursor_is_refused_or_harmless() {
    let app = App::start();
    let viewer = graces(&app).await;
    let cursor = page(&viewer, &[("limit", "1")], None).await.body["nextCursor"].clone();
    let cursor = cursor.as_str().unwrap();
    // {"n":{"id":-1}}, {"n":{"id":"x"}}, {"a":{"name":"' OR 1=1 --"}}, null, [], "x"
    let forged = [
        "eyJuIjp7ImlkIjotMX19",
        "eyJuIjp7ImlkIjoieCJ9fQ",
        "eyJhIjp7Im5hbWUiOiInIE9SIDE9MSAtLSJ9fQ",
        "bnVsbA",
        "W10",
        "Ing",
        "eyJ",
        "...",
        "/etc/passwd",
        &cursor[1..],
        &format!("{cursor}="),
        &format!("{cursor}A"),
    ];

    for cursor in forged {
        let answer = page(&viewer, &[], Some(cursor)).await;

        answer.assert_problem(400, "invalid_parameter");
        assert_eq!(answer.field_errors(), ["cursor:invalid_cursor"], "{cursor}");
    }
}

#[tokio::test]
async fn a_cursor_can_not_smuggle_in_what_the_database_refuses() {
    let app = App::start();
    let viewer = graces(&app).await;
    // {"a":{"name":"a\u0000b","id":1}}
    let cursor = "eyJhIjp7Im5hbWUiOiJhXHUwMDAwYiIsImlkIjoxfX0";

    let answer = page(&viewer, &[("sort", "name")], Some(cursor)).await;

    answer.assert_problem(400, "invalid_parameter");
    assert_eq!(answer.field_errors(), ["cursor:invalid_cursor"]);
}
