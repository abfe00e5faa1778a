//! Finding messages by what they say.

use alumx_tests::{App, User};
use reqwest::Url;

use super::{both, contents, delete, items, messages, send};

/// What is found, newest first.
async fn found(user: &User<'_>, path: &str, q: &str, more: &str) -> Vec<String> {
    let url = Url::parse_with_params("http://x", [("q", q)]);
    let query = url.ok().and_then(|url| url.query().map(str::to_owned));
    let query = format!("{}{more}", query.unwrap_or_default());
    let found = messages(user, path, &query).await;
    contents(&found).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_search_finds_what_is_contained_in_any_letter_case() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    for path in both(&ada, &bob).await {
        for text in [
            "Grüße aus KÖLN",
            "100% sure_thing \\o/",
            "ΑΘΗΝΑ",
            "Привет, Мир",
            "a",
            "日本語のメッセージ",
            "He said \"it's 😀\"",
            "1000 surexthing",
        ] {
            send(&ada, &path, text).await;
        }

        for (q, texts) in [
            ("grüsse", vec![]),
            ("GRÜSSE AUS", vec![]),
            ("GRÜ", vec!["Grüße aus KÖLN"]),
            ("köln", vec!["Grüße aus KÖLN"]),
            ("0%", vec!["100% sure_thing \\o/"]),
            ("%", vec!["100% sure_thing \\o/"]),
            ("_", vec!["100% sure_thing \\o/"]),
            ("sure_t", vec!["100% sure_thing \\o/"]),
            ("\\", vec!["100% sure_thing \\o/"]),
            ("αθηνα", vec!["ΑΘΗΝΑ"]),
            ("привет", vec!["Привет, Мир"]),
            ("本語", vec!["日本語のメッセージ"]),
            ("語", vec!["日本語のメッセージ"]),
            ("\"IT'S", vec!["He said \"it's 😀\""]),
            ("😀", vec!["He said \"it's 😀\""]),
            (" sure", vec!["1000 surexthing", "100% sure_thing \\o/"]),
            ("zebra", vec![]),
        ] {
            for reader in [&ada, &bob] {
                assert_eq!(found(reader, &path, q, "").await, texts, "{q:?} in {path}");
            }
        }
    }
}

#[tokio::test]
async fn a_search_is_paged_newest_first_and_goes_with_numbers() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    for path in both(&ada, &bob).await {
        for n in 1..=7 {
            let text = if n % 2 == 1 { "odd" } else { "even" };
            send(&ada, &path, &format!("{text} {n}")).await;
        }

        let first = bob
            .get(&format!("{path}/messages?q=ODD&limit=3"))
            .await
            .body;
        let cursor = first["nextCursor"].as_str().unwrap_or_default();
        let more = format!("&limit=3&cursor={cursor}");

        assert_eq!(contents(&items(&first)), ["odd 7", "odd 5", "odd 3"]);
        assert_eq!(found(&bob, &path, "odd", &more).await, ["odd 1"]);
        let before = found(&bob, &path, "odd", "&beforeSeq=5").await;
        assert_eq!(before, ["odd 3", "odd 1"]);
        let after = found(&bob, &path, "odd", "&afterSeq=3&limit=1").await;
        assert_eq!(after, ["odd 5"]);
    }
}

#[tokio::test]
async fn what_was_deleted_or_said_elsewhere_is_not_found() {
    let app = App::start();
    let (ada, bob, eve) = (
        app.someone().await,
        app.someone().await,
        app.someone().await,
    );
    let elsewhere = both(&ada, &eve).await;
    for (path, other) in both(&ada, &bob).await.iter().zip(elsewhere) {
        let gone = send(&ada, path, "secret one").await;
        send(&ada, path, "secret two").await;
        send(&ada, &other, "secret three").await;

        delete(&ada, path, &gone).await;

        assert_eq!(found(&bob, path, "secret", "").await, ["secret two"]);
        assert_eq!(found(&eve, &other, "secret", "").await, ["secret three"]);
        let foreign = eve.get(&format!("{path}/messages?q=secret")).await;
        foreign.assert_problem(404, "not_found");
    }
}
