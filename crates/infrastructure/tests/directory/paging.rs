//! Pages that stay whole while others are added.

use alumx_domain::user::{DirectoryFilter, DirectoryOrder, ProfileList, ProfilePatch};

use super::{listed, paged, search};
use crate::support::{World, list, set};

/// Ten users named `Ada …`, three of whom share a name, and one of another name.
async fn ten() -> World {
    let world = World::new();
    for n in 0..10 {
        let name = format!("Ada {}", if n % 4 == 0 { 0 } else { n });
        world
            .person(&format!("user{n}"), &name, ProfilePatch::default())
            .await;
    }
    world.member("zoe").await;
    world
}

#[tokio::test]
async fn pages_of_every_size_make_the_whole_list() {
    let world = ten().await;
    let everybody = DirectoryFilter::default();
    let cases = [
        (&everybody, DirectoryOrder::Newest),
        (&everybody, DirectoryOrder::Name),
        (&search("ada"), DirectoryOrder::Newest),
        (&search("ada"), DirectoryOrder::Name),
        (&search("ada"), DirectoryOrder::Relevance),
        (&search("adda"), DirectoryOrder::Relevance),
    ];

    for (filter, order) in cases {
        let whole = listed(&world, filter, order).await;
        assert!(whole.len() >= 10);
        for size in [1, 3, 10, 11] {
            let pages = paged(&world, filter, order, size, async |_| {}).await;
            assert_eq!(pages, whole, "{order:?} by {size}");
        }
    }
}

#[tokio::test]
async fn by_name_equal_names_are_in_the_order_of_their_accounts() {
    let world = ten().await;

    let by_name = listed(&world, &DirectoryFilter::default(), DirectoryOrder::Name).await;

    let expected = [
        "user0", "user4", "user8", "user1", "user2", "user3", "user5", "user6", "user7", "user9",
        "zoe",
    ];
    assert_eq!(by_name, expected);
}

#[tokio::test]
async fn nobody_is_listed_twice_or_skipped_while_others_join() {
    for (filter, order) in [
        (DirectoryFilter::default(), DirectoryOrder::Newest),
        (DirectoryFilter::default(), DirectoryOrder::Name),
        (search("ada"), DirectoryOrder::Relevance),
        (search("adda"), DirectoryOrder::Relevance),
    ] {
        let world = ten().await;
        let before = listed(&world, &filter, order).await;

        let pages = paged(&world, &filter, order, 2, async |n| {
            let name = format!("Ada {n}");
            world
                .person(&format!("new{n}"), &name, ProfilePatch::default())
                .await;
        })
        .await;

        let mut distinct = pages.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), pages.len(), "{order:?} twice: {pages:?}");
        let kept: Vec<_> = pages
            .into_iter()
            .filter(|name| !name.starts_with("new"))
            .collect();
        assert_eq!(kept, before, "{order:?}");
    }
}

#[tokio::test]
async fn a_page_of_matches_goes_on_through_all_classes_of_matches() {
    let world = World::new();
    let engine = || ProfilePatch {
        current_company: set("Ada Engines"),
        ..ProfilePatch::default()
    };
    for n in 0..3 {
        world.person(&format!("any{n}"), "Zoe", engine()).await;
        let nothing = ProfilePatch::default();
        world.person(&format!("word{n}"), "Bob Ada", nothing).await;
        let prefix = list(ProfileList::Skills, &["Ada"]);
        world.person(&format!("prefix{n}"), "Ada Bob", prefix).await;
        world.person(&format!("exact{n}"), "Ada", engine()).await;
    }
    let classes = ["exact", "prefix", "word", "any"];
    let expected: Vec<String> = classes
        .iter()
        .flat_map(|class| [2, 1, 0].map(|n| format!("{class}{n}")))
        .collect();

    for size in 1..=12 {
        let order = DirectoryOrder::Relevance;
        let pages = paged(&world, &search("ada"), order, size, async |_| {}).await;
        assert_eq!(pages, expected, "by {size}");
    }
}

#[tokio::test]
async fn a_key_of_another_order_counts_as_none() {
    use alumx_domain::user::UserRepository;
    let world = ten().await;
    let everybody = DirectoryFilter::default();
    let newest = DirectoryOrder::Newest;
    let page = |after| crate::support::page(after, 3);
    let first = world.users.list(&everybody, newest, page(None)).await;
    let foreign = first.unwrap().next;

    let by_name = DirectoryOrder::Name;
    let with = world.users.list(&everybody, by_name, page(foreign)).await;
    let without = world.users.list(&everybody, by_name, page(None)).await;

    assert_eq!(with.unwrap(), without.unwrap());
}
