//! Filters alone and together.

use alumx_domain::account::{AccountRepository, Role};
use alumx_domain::user::{
    DirectoryFilter, DirectoryOrder, GraduationYear, Patch, ProfileList, ProfilePatch,
};

use super::{listed, only, search};
use crate::support::{World, by, entries, list, set, value};

fn year(year: i64) -> GraduationYear {
    year.try_into().unwrap()
}

/// Ada, Bob and Cyd, who have something in common in pairs.
async fn three() -> World {
    let world = World::new();
    let patch = |company, location, department, graduated, skill| ProfilePatch {
        current_company: set(company),
        location: set(location),
        department: set(department),
        graduation_year: Patch::Set(year(graduated)),
        lists: [
            (ProfileList::Skills, entries(ProfileList::Skills, &[skill])),
            (
                ProfileList::TechStack,
                entries(ProfileList::TechStack, &[skill, "Linux"]),
            ),
        ]
        .into(),
        ..ProfilePatch::default()
    };
    let ada = patch("Analytical Engines", "London", "Mathematics", 2001, "Rust");
    let bob = patch("Difference Engines", "New London", "Physics", 2002, "Go");
    let cyd = patch("Café Müller", "Paris", "Applied Mathematics", 2003, "Rust");
    world.person_as(Role::Alumni, "ada", ada).await;
    world.person_as(Role::Student, "bob", bob).await;
    world.person_as(Role::Alumni, "cyd", cyd).await;
    world.member("dan").await;
    world
}

#[tokio::test]
async fn without_a_filter_everybody_is_listed() {
    let world = three().await;

    let newest = listed(&world, &DirectoryFilter::default(), DirectoryOrder::Newest).await;
    let by_name = listed(&world, &DirectoryFilter::default(), DirectoryOrder::Name).await;

    assert_eq!(newest, ["dan", "cyd", "bob", "ada"]);
    assert_eq!(by_name, ["ada", "bob", "cyd", "dan"]);
}

/// A filter by its name, and whom it lets through.
type Case<'a> = (&'a str, DirectoryFilter, &'a [&'a str]);

async fn assert_found(cases: &[Case<'_>]) {
    let world = three().await;
    for (name, filter, expected) in cases {
        let found = listed(&world, filter, DirectoryOrder::Name).await;
        assert_eq!(found, *expected, "{name}");
    }
}

#[tokio::test]
async fn a_role_a_skill_a_technology_and_a_year_are_found_as_a_whole() {
    let text = |text: &str| Some(value(text));
    let cases: [Case<'_>; 8] = [
        (
            "role",
            only(|f| f.role = Some(Role::Alumni)),
            &["ada", "cyd", "dan"],
        ),
        ("skill", only(|f| f.skill = text("rUST")), &["ada", "cyd"]),
        ("part of a skill", only(|f| f.skill = text("rus")), &[]),
        ("tech is no skill", only(|f| f.skill = text("linux")), &[]),
        (
            "tech",
            only(|f| f.tech = text("LINUX")),
            &["ada", "bob", "cyd"],
        ),
        (
            "year",
            only(|f| f.graduation_year = Some(year(2002))),
            &["bob"],
        ),
        (
            "from",
            only(|f| f.graduation_year_from = Some(year(2002))),
            &["bob", "cyd"],
        ),
        (
            "to",
            only(|f| f.graduation_year_to = Some(year(2002))),
            &["ada", "bob"],
        ),
    ];

    assert_found(&cases).await;
}

#[tokio::test]
async fn a_company_a_location_and_a_department_are_found_by_a_part() {
    let text = |text: &str| Some(value(text));
    let cases: [Case<'_>; 5] = [
        (
            "company",
            only(|f| f.company = text("ENGINE")),
            &["ada", "bob"],
        ),
        ("accents", only(|f| f.company = text("cafe mu")), &["cyd"]),
        (
            "location",
            only(|f| f.location = text("ondon")),
            &["ada", "bob"],
        ),
        ("short", only(|f| f.location = text("w")), &["bob"]),
        (
            "department",
            only(|f| f.department = text("math")),
            &["ada", "cyd"],
        ),
    ];

    assert_found(&cases).await;
}

#[tokio::test]
async fn of_filters_together_all_must_hold_in_every_order() {
    let world = three().await;
    let everything = DirectoryFilter {
        role: Some(Role::Alumni),
        skill: Some(value("rust")),
        tech: Some(value("linux")),
        company: Some(value("engines")),
        location: Some(value("london")),
        department: Some(value("mathematics")),
        graduation_year: Some(year(2001)),
        graduation_year_from: Some(year(2000)),
        graduation_year_to: Some(year(2001)),
        ..search("analytical")
    };
    let or_another = |change: fn(&mut DirectoryFilter)| {
        let mut filter = everything.clone();
        change(&mut filter);
        filter
    };

    for order in [
        DirectoryOrder::Relevance,
        DirectoryOrder::Name,
        DirectoryOrder::Newest,
    ] {
        assert_eq!(listed(&world, &everything, order).await, ["ada"]);
        for wrong in [
            or_another(|filter| filter.role = Some(Role::Student)),
            or_another(|filter| filter.skill = Some(value("go"))),
            or_another(|filter| filter.tech = Some(value("go"))),
            or_another(|filter| filter.company = Some(value("difference"))),
            or_another(|filter| filter.location = Some(value("new"))),
            or_another(|filter| filter.department = Some(value("physics"))),
            or_another(|filter| filter.graduation_year = Some(year(2002))),
            or_another(|filter| filter.graduation_year_from = Some(year(2002))),
            or_another(|filter| filter.graduation_year_to = Some(year(2000))),
            or_another(|filter| filter.search = Some(value("cyd"))),
        ] {
            let found = listed(&world, &wrong, order).await;
            assert_eq!(found, Vec::<String>::new(), "{wrong:?}");
        }
    }
}

#[tokio::test]
async fn wild_cards_of_patterns_are_letters_in_filters() {
    let world = World::new();
    let company = |name| ProfilePatch {
        current_company: set(name),
        location: set(name),
        department: set(name),
        ..ProfilePatch::default()
    };
    world.person("plain", "Plain", company("Plain")).await;
    world.person("percent", "Percent", company("100%")).await;
    world.person("under", "Under", company("a_b")).await;
    world.person("slash", "Slash", company(r"a\b")).await;
    world
        .person("quote", "Quote", company("O'Hara \"Inc\""))
        .await;

    for (text, expected) in [
        ("%", "percent"),
        ("_", "under"),
        ("\\", "slash"),
        ("'", "quote"),
        ("\"", "quote"),
    ] {
        let part = Some(value(text));
        for filter in [
            only(|filter| filter.company = part.clone()),
            only(|filter| filter.location = part.clone()),
            only(|filter| filter.department = part),
        ] {
            let found = listed(&world, &filter, DirectoryOrder::Newest).await;
            assert_eq!(found, [expected], "{text}");
        }
    }
}

#[tokio::test]
async fn a_skill_is_found_whatever_symbols_it_is_made_of() {
    let world = World::new();
    let skills = [
        "C++",
        "C",
        "it's",
        r"back\slash",
        "%",
        "a & b | !c:*",
        "<->",
    ];
    for (n, skill) in skills.iter().enumerate() {
        let username = format!("user{n}");
        world
            .person(&username, "User", list(ProfileList::Skills, &[skill]))
            .await;
    }

    for (n, skill) in skills.iter().enumerate() {
        let filter = only(|filter| filter.skill = Some(value(skill)));
        let found = listed(&world, &filter, DirectoryOrder::Newest).await;
        assert_eq!(found, [format!("user{n}")], "{skill}");
    }
}

#[tokio::test]
async fn a_list_shows_the_first_ten_skills_in_order() {
    use alumx_domain::user::UserRepository;
    let world = World::new();
    let skills: Vec<String> = (0..12).rev().map(|n| format!("skill {n}")).collect();
    let skills: Vec<&str> = skills.iter().map(String::as_str).collect();
    world
        .person("ada", "Ada", list(ProfileList::Skills, &skills))
        .await;

    let page = crate::support::page(None, 1);
    let listed = world
        .users
        .list(&DirectoryFilter::default(), DirectoryOrder::Newest, page)
        .await;

    assert_eq!(listed.unwrap().items[0].skills, skills[..10]);
}

#[tokio::test]
async fn a_deleted_user_is_not_listed_and_a_changed_one_is_found_anew() {
    let world = three().await;
    let company = |text: &str| only(|filter| filter.company = Some(value(text)));
    let gone = world.number("SELECT id FROM users WHERE username = 'ada'");
    let moved = world.number("SELECT id FROM users WHERE username = 'bob'");
    let moved = moved.try_into().unwrap();

    world
        .accounts
        .delete(gone.try_into().unwrap(), &by(3))
        .await
        .unwrap();
    let to = ProfilePatch {
        current_company: set("Elsewhere"),
        ..ProfilePatch::default()
    };
    world.patch(moved, to).await;
    world
        .accounts
        .set_role(moved, Role::Professor, &by(3))
        .await
        .unwrap();

    let order = DirectoryOrder::Newest;
    assert!(listed(&world, &company("engines"), order).await.is_empty());
    assert_eq!(listed(&world, &company("elsewhere"), order).await, ["bob"]);
    let professors = only(|filter| filter.role = Some(Role::Professor));
    assert_eq!(listed(&world, &professors, order).await, ["bob"]);
}
