//! Profiles and searches that were made to hurt.

use alumx_domain::user::{
    DirectoryFilter, DirectoryOrder, ProfileList, ProfilePatch, UserRepository,
};

use super::{found, listed, search};
use crate::support::{World, entries, set};

/// A patch that fills all lists with as many items as fit, made by `item` out of a number and
/// the most characters that an item may have.
fn all_lists(item: impl Fn(usize, usize) -> String) -> ProfilePatch {
    let lists = ProfileList::all().map(|list| {
        let items: Vec<String> = (0..ProfileList::MAX_ITEMS)
            .map(|n| item(n, list.max_length()))
            .collect();
        let items: Vec<&str> = items.iter().map(String::as_str).collect();
        (list, entries(list, &items))
    });
    ProfilePatch {
        lists: lists.collect(),
        ..ProfilePatch::default()
    }
}

/// A symbol of four bytes, another one for every number.
fn symbol(n: usize) -> char {
    char::from_u32(0x1_f300 + u32::try_from(n % 700).unwrap()).unwrap()
}

#[tokio::test]
async fn the_longest_lists_are_stored_and_found() {
    let world = World::new();
    let words = |n: usize, max: usize| -> String {
        // Words of one symbol, of many symbols, and of letters and symbols in turn.
        let text = (0..max).map(|at| match n % 3 {
            0 if at % 2 == 1 => ' ',
            2 if at % 2 == 1 => 'x',
            _ => symbol(n + at * 7),
        });
        let text: String = text.take(max - 4).collect();
        format!("{n:03} {text}")
    };
    let ada = world.person("ada", "Ada", ProfilePatch::default()).await;

    let stored = world.patch(ada.id, all_lists(words)).await;

    assert_eq!(world.users.find(ada.id).await.unwrap(), Some(stored));
    assert_eq!(found(&world, "007").await, ["ada"]);
    assert_eq!(found(&world, "ada").await, ["ada"]);
}

#[tokio::test]
async fn every_skill_of_the_longest_lists_is_found_by_its_filter() {
    let world = World::new();
    let long = |n: usize, max: usize| -> String {
        let text: String = (1..max).map(|at| symbol(at * 3)).collect();
        format!("{text}{}", symbol(n))
    };
    world.person("ada", "Ada", all_lists(long)).await;

    for n in [0, 50, 99] {
        let item = long(n, ProfileList::Skills.max_length());
        for filter in [
            DirectoryFilter {
                skill: Some(item.clone().try_into().unwrap()),
                ..DirectoryFilter::default()
            },
            DirectoryFilter {
                tech: Some(item.try_into().unwrap()),
                ..DirectoryFilter::default()
            },
        ] {
            let found = listed(&world, &filter, DirectoryOrder::Newest).await;
            assert_eq!(found, ["ada"]);
        }
    }
}

#[tokio::test]
async fn texts_that_fold_to_nothing_are_stored_and_find_nobody() {
    let world = World::new();
    let marks = "\u{301}".repeat(100);
    let patch = ProfilePatch {
        current_company: set(&marks),
        current_role: set(&marks),
        location: set(&marks),
        department: set(&marks),
        ..all_lists(|n, _| "\u{302}".repeat(n + 1))
    };

    let ada = world.person("ada", &marks, patch).await;

    let profile = world.users.find(ada.id).await.unwrap().unwrap();
    assert_eq!(&*profile.name, marks);
    for order in [
        DirectoryOrder::Relevance,
        DirectoryOrder::Name,
        DirectoryOrder::Newest,
    ] {
        let found = listed(&world, &search(&marks), order).await;
        assert!(found.is_empty());
    }
    assert_eq!(found(&world, "ada").await, ["ada"]);
}

#[tokio::test]
async fn words_of_any_length_are_stored_and_found_by_their_beginning() {
    let world = World::new();
    let long = "w".repeat(500);
    let patch = all_lists(|n, max| {
        let text = format!("{n}{long}");
        text.chars().take(max).collect()
    });
    world.person("ada", &"n".repeat(100), patch).await;

    assert_eq!(found(&world, &"n".repeat(100)).await, ["ada"]);
    assert_eq!(found(&world, &"n".repeat(70)).await, ["ada"]);
    assert_eq!(
        found(&world, &format!("42{}", "w".repeat(198))).await,
        ["ada"]
    );
}

#[tokio::test]
async fn the_longest_searches_do_not_fail() {
    let world = World::new();
    world.member("ada").await;

    let words: String = (10..76)
        .flat_map(|n| [n.to_string(), " ".to_owned()])
        .collect();
    for typed in [
        words,
        "😀".repeat(200),
        "'".repeat(200),
        "\\".repeat(200),
        "%".repeat(200),
        "a ".repeat(100),
        "\u{fdfa}".repeat(200),
        "İ".repeat(200),
        "& | ! ( ) : * <-> ".repeat(11),
    ] {
        for order in [
            DirectoryOrder::Relevance,
            DirectoryOrder::Name,
            DirectoryOrder::Newest,
        ] {
            let mut filter = search(&typed);
            listed(&world, &filter, order).await;
            filter.skill.clone_from(&filter.search);
            filter.tech.clone_from(&filter.search);
            filter.company.clone_from(&filter.search);
            filter.location.clone_from(&filter.search);
            filter.department.clone_from(&filter.search);
            assert!(listed(&world, &filter, order).await.is_empty());
        }
    }
}
