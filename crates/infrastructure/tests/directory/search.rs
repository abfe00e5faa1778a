//! What people type, and whom it finds.

use alumx_domain::account::AccountRepository;
use alumx_domain::user::{DirectoryFilter, DirectoryOrder, ProfileList, ProfilePatch};

use super::{found, listed, search};
use crate::support::{World, by, list, set};

const NOBODY: [&str; 0] = [];

#[tokio::test]
async fn every_field_and_list_is_searched() {
    let world = World::new();
    let patch = ProfilePatch {
        current_company: set("Companyword"),
        current_role: set("Roleword"),
        location: set("Locationword"),
        department: set("Departmentword"),
        ..ProfilePatch::default()
    };
    let ada = world.person("ada", "Nameword Surname", patch).await;
    world.member("bob").await;
    for each in ProfileList::all() {
        let item = format!("some {}word", each.key());
        world.patch(ada.id, list(each, &[&item])).await;
    }

    for field in ["name", "company", "role", "location", "department"] {
        assert_eq!(found(&world, &format!("{field}word")).await, ["ada"]);
    }
    for each in ProfileList::all() {
        let typed = format!("{}word", each.key());
        assert_eq!(found(&world, &typed).await, ["ada"], "{typed}");
        let shouted = typed.to_uppercase();
        assert_eq!(found(&world, &shouted).await, ["ada"], "{shouted}");
    }
    assert_eq!(found(&world, "ADA").await, ["ada"]);
    assert_eq!(found(&world, "surname some compan").await, ["ada"]);
    assert_eq!(found(&world, "companyword elsewhere").await, NOBODY);
    assert_eq!(found(&world, "ompanyword").await, NOBODY);
}

#[tokio::test]
async fn an_exact_name_comes_before_a_prefix_a_word_of_the_name_and_any_word() {
    let world = World::new();
    let nothing = ProfilePatch::default;
    world.person("user1", "Ada", nothing()).await;
    world.person("ada", "Countess", nothing()).await;
    world.person("user2", "Adam Smith", nothing()).await;
    world.person("ada.l", "Countess", nothing()).await;
    world.person("user3", "Zoe Adamson", nothing()).await;
    world.person("x-ada", "Countess", nothing()).await;
    let company = ProfilePatch {
        current_company: set("Ada Ltd"),
        ..nothing()
    };
    world.person("user4", "Zoe", company).await;
    world
        .person("user5", "Zoe", list(ProfileList::Hobbies, &["ada"]))
        .await;
    world.person("user6", "Zoe", nothing()).await;

    let ranked = found(&world, "ada").await;

    let expected = [
        "ada", "user1", "ada.l", "user2", "x-ada", "user3", "user5", "user4",
    ];
    assert_eq!(ranked, expected);
    let by_name = listed(&world, &search("ada"), DirectoryOrder::Newest).await;
    assert_eq!(by_name.len(), expected.len());
}

#[tokio::test]
async fn words_of_a_name_are_found_in_any_order() {
    let world = World::new();
    world
        .person("ada", "Ada King Lovelace", ProfilePatch::default())
        .await;

    for typed in ["lovelace ada", "king ada", "love ki"] {
        assert_eq!(found(&world, typed).await, ["ada"], "{typed}");
    }
}

#[tokio::test]
async fn typing_errors_in_names_are_forgiven() {
    let world = World::new();
    for (username, name) in [
        ("countess", "Ada Lovelace"),
        ("jsmith", "John Smith"),
        ("grace.hopper", "Amazing Grace"),
        ("edsger", "Edsger Dijkstra"),
    ] {
        world.person(username, name, ProfilePatch::default()).await;
    }

    for (typed, expected) in [
        ("Lovelase", "countess"),
        ("Ada Lovelase", "countess"),
        ("lovlace", "countess"),
        ("Jonh Smith", "jsmith"),
        ("Smiht", "jsmith"),
        ("amasing", "grace.hopper"),
        ("dijsktra", "edsger"),
        ("Jonh", "jsmith"),
        ("Msith", "jsmith"),
        // Beginnings, and what is in no name at all, beside a word that is misspelt.
        ("jo smiht", "jsmith"),
        ("john q smiht", "jsmith"),
        ("prof. smiht", "jsmith"),
    ] {
        let ranked = found(&world, typed).await;
        assert_eq!(
            ranked.first().map(String::as_str),
            Some(expected),
            "{typed}"
        );
    }
    assert_eq!(found(&world, "Turing").await, NOBODY);
    assert_eq!(found(&world, "qqq").await, NOBODY);
}

#[tokio::test]
async fn names_spelt_nearly_so_are_shown_only_if_nothing_else_is_found() {
    let world = World::new();
    let nothing = ProfilePatch::default;
    world.person("user1", "Ada Lovelace", nothing()).await;
    assert_eq!(found(&world, "lovelase").await, ["user1"]);

    let hobby = list(ProfileList::Hobbies, &["Lovelase"]);
    world.person("user2", "Zoe", hobby).await;

    assert_eq!(found(&world, "lovelase").await, ["user2"]);
    let by_name = listed(&world, &search("lovelaze"), DirectoryOrder::Name).await;
    assert_eq!(by_name, NOBODY, "forgiven only where matches are ranked");
}

#[tokio::test]
async fn the_nearest_name_comes_first_and_filters_hold_for_it() {
    let world = World::new();
    let nothing = ProfilePatch::default;
    world.person("user1", "Lovelace", nothing()).await;
    world.person("user2", "Loveland", nothing()).await;
    let london = ProfilePatch {
        location: set("London"),
        ..nothing()
    };
    world.person("user3", "Loveland", london).await;

    let ranked = found(&world, "lovelaca").await;
    let in_london = DirectoryFilter {
        location: Some(crate::support::value("london")),
        ..search("lovelaca")
    };
    let filtered = listed(&world, &in_london, DirectoryOrder::Relevance).await;

    assert_eq!(ranked, ["user1", "user3", "user2"]);
    assert_eq!(filtered, ["user3"]);
}

#[tokio::test]
async fn case_and_accents_make_no_difference() {
    let world = World::new();
    world
        .person("zoe", "Zoë MÜLLER", ProfilePatch::default())
        .await;
    world
        .person("odos", "Οδός ЙОД", ProfilePatch::default())
        .await;

    for typed in ["zoe muller", "ZOË", "Zoe\u{308} mu\u{308}ller", "müll"] {
        assert_eq!(found(&world, typed).await, ["zoe"], "{typed}");
    }
    for typed in ["ΟΔΟΣ", "οδος", "йод"] {
        assert_eq!(found(&world, typed).await, ["odos"], "{typed}");
    }
}

/// What a skill of each user is named, who are user0 and so on.
const SYMBOLS: &[&str] = &[
    "plain",
    "100%",
    "a_b",
    "it's",
    "\"quoted\"",
    r"back\slash",
    "r&d",
    "a|b",
    "!not",
    "f(x)",
    "a:*",
    "a<->b",
    "c++",
    "node.js",
];

async fn symbols() -> World {
    let world = World::new();
    for (n, skill) in SYMBOLS.iter().enumerate() {
        let skills = list(ProfileList::Skills, &[skill]);
        world.person(&format!("user{n}"), "Zed", skills).await;
    }
    world
}

#[tokio::test]
async fn symbols_are_letters() {
    let world = symbols().await;

    for (typed, expected) in [
        ("100%", "user1"),
        ("%", "user1"),
        ("a_b", "user2"),
        ("_", "user2"),
        ("it's", "user3"),
        ("'", "user3"),
        ("\"quoted\"", "user4"),
        ("quoted", "user4"),
        (r"back\slash", "user5"),
        ("\\", "user5"),
        ("r&d", "user6"),
        ("&", "user6"),
        ("a|b", "user7"),
        ("!not", "user8"),
        ("not", "user8"),
        ("f(x)", "user9"),
        ("(", "user9"),
        ("a:*", "user10"),
        ("a<->b", "user11"),
        ("<->", "user11"),
        ("c++", "user12"),
        ("js", "user13"),
    ] {
        assert_eq!(found(&world, typed).await, [expected], "{typed}");
    }
}

#[tokio::test]
async fn symbols_are_never_wild_cards_or_operators() {
    let world = symbols().await;

    for typed in [
        "%%",
        "__",
        "''",
        "\\\\",
        "pl%",
        "p_ain",
        "*",
        "$1",
        "--",
        "plain & !x",
        ":*",
    ] {
        let found = found(&world, typed).await;
        assert!(
            found.iter().all(|name| name != "user0"),
            "{typed}: {found:?}"
        );
    }
}

#[tokio::test]
async fn a_deleted_user_is_found_by_nothing() {
    let world = World::new();
    let patch = list(ProfileList::Skills, &["maths"]);
    let ada = world.person("countess", "Ada Lovelace", patch).await;
    world.accounts.delete(ada.id, &by(3)).await.unwrap();

    for typed in ["countess", "ada", "lovelase", "maths"] {
        assert_eq!(found(&world, typed).await, NOBODY, "{typed}");
    }
}
