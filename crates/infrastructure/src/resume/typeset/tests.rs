//! Whole documents.

use std::collections::BTreeMap;

use alumx_application::ports::{ResumeTypesetter, TypesetterError};
use alumx_application::resume::generated::GeneratedResume;
use alumx_domain::account::{Account, Caller, Role, SessionId, UserId};
use alumx_domain::clock::Timestamp;
use alumx_domain::text::InvalidValue;
use alumx_domain::user::{Patch, Profile, ProfileList, ProfilePatch};

use super::flow::{Flow, MARGIN, Mark, PAGE_WIDTH};
use super::fonts::FontSet;
use super::{KrillaTypesetter, layout, pdf};

fn text<T: TryFrom<String, Error = InvalidValue>>(text: &str) -> T {
    text.to_owned().try_into().unwrap()
}

fn named(name: &str) -> Profile {
    Profile::of_new(Account {
        id: UserId::try_from(1).unwrap(),
        username: text("ada"),
        name: text(name),
        email: text("ada@example.org"),
        role: Role::Alumni,
        suspended_at: None,
        created_at: Timestamp::UNIX_EPOCH,
    })
}

fn with(profile: &Profile, list: ProfileList, items: &[&str]) -> Profile {
    let items = items.iter().map(|item| (*item).to_owned()).collect();
    let patch = ProfilePatch {
        lists: BTreeMap::from([(list, list.parse(items).unwrap())]),
        ..ProfilePatch::default()
    };
    profile.patched(patch, Timestamp::UNIX_EPOCH)
}

/// The lists of [`rich`].
const RICH_LISTS: [(ProfileList, &[&str]); 12] = [
    (
        ProfileList::Experience,
        &[
            "Principal Engineer at Analytical Engines Ltd (2021–today): leads the team that runs the ledger, moved it from nightly batches to events, and cut the time to settle from a day to 40 seconds",
            "Senior Engineer at Difference & Sons (2017–2021): weather models on 1,200 cores; on call for all of it",
            "Engineer at Jacquard Looms (2015–2017)",
        ],
    ),
    (
        ProfileList::Internships,
        &["Summer intern at Babbage Labs, 2014: a parser for punched cards"],
    ),
    (
        ProfileList::Education,
        &[
            "MSc in Mathematics, University of London, 2015",
            "BSc in Mathematics, University of London, 2013",
        ],
    ),
    (
        ProfileList::Projects,
        &[
            "Notes on the Engine: translated and annotated Menabrea’s memoir, with a program for Bernoulli numbers",
            "Loom: an open-source scheduler, 2,300 stars",
        ],
    ),
    (
        ProfileList::Skills,
        &[
            "Distributed systems",
            "API design",
            "SQL tuning",
            "Incident response",
            "Mentoring",
            "Numerical methods",
            "Technical writing",
        ],
    ),
    (
        ProfileList::TechStack,
        &[
            "Rust",
            "PostgreSQL",
            "Kafka",
            "Linux",
            "Kubernetes",
            "Terraform",
            "Prometheus",
            "Python",
        ],
    ),
    (
        ProfileList::Frameworks,
        &["actix-web", "Diesel", "tokio", "React"],
    ),
    (
        ProfileList::Certifications,
        &[
            "Certified Kubernetes Administrator (2022)",
            "AWS Solutions Architect – Professional (2020)",
        ],
    ),
    (
        ProfileList::Languages,
        &["English (native)", "French (fluent)", "Italian (basic)"],
    ),
    (
        ProfileList::CommunicationSkills,
        &["Public speaking", "Writing for non-engineers"],
    ),
    (
        ProfileList::SoftSkills,
        &["Patience", "Curiosity", "Humour under load"],
    ),
    (
        ProfileList::Hobbies,
        &["Horses", "Flying machines", "Chess", "Poetry"],
    ),
];

fn rich() -> Profile {
    let facts = ProfilePatch {
        about: Patch::Set(text(
            "I build services that stay up. Ten years of distributed systems, from payment rails \
             to weather models, the last three as the lead of a team of six.\n\nHappy to talk to \
             students about first jobs, and about leaving them.",
        )),
        current_company: Patch::Set(text("Analytical Engines Ltd")),
        current_role: Patch::Set(text("Principal Engineer")),
        location: Patch::Set(text("London, United Kingdom")),
        department: Patch::Set(text("Department of Mathematics")),
        graduation_year: Patch::Set(2015.try_into().unwrap()),
        linkedin_url: Patch::Set(text("https://www.linkedin.com/in/ada-lovelace/")),
        github_url: Patch::Set(text("https://github.com/adalovelace")),
        portfolio_url: Patch::Set(text("https://ada.example.org/")),
        ..ProfilePatch::default()
    };
    let profile = named("Ada Lovelace").patched(facts, Timestamp::UNIX_EPOCH);
    RICH_LISTS.iter().fold(profile, |profile, (list, items)| {
        with(&profile, *list, items)
    })
}

/// Every list full of items that are as long as may be, of this text.
fn huge(of: &str) -> Profile {
    let long = |length: usize| of.chars().cycle().take(length).collect::<String>();
    let facts = ProfilePatch {
        about: Patch::Set(text(&long(1000))),
        current_company: Patch::Set(text(&long(150))),
        current_role: Patch::Set(text(&long(150))),
        location: Patch::Set(text(&long(150))),
        department: Patch::Set(text(&long(150))),
        portfolio_url: Patch::Set(text(&format!("https://example.org/{}", "W".repeat(2000)))),
        linkedin_url: Patch::Set(text(&format!("https://example.org/{}", "x".repeat(2000)))),
        ..ProfilePatch::default()
    };
    let profile = named(&long(100)).patched(facts, Timestamp::UNIX_EPOCH);
    ProfileList::all().fold(profile, |profile, list| {
        let items: Vec<_> = (0..100)
            .map(|n| format!("{n} {}", long(list.max_length() - 3)))
            .collect();
        with(
            &profile,
            list,
            &items.iter().map(String::as_str).collect::<Vec<_>>(),
        )
    })
}

/// Every list full of short items.
fn many() -> Profile {
    let items: Vec<_> = (0..100)
        .map(|n| format!("{n} {}", "skill ".repeat(9)))
        .collect();
    let items: Vec<_> = items.iter().map(String::as_str).collect();
    ProfileList::all().fold(named("Ada"), |profile, list| with(&profile, list, &items))
}

fn seen_by_a_stranger(profile: Profile) -> GeneratedResume {
    let viewer = Caller {
        user: UserId::try_from(2).unwrap(),
        role: Role::Alumni,
        session: SessionId::try_from(1).unwrap(),
    };
    GeneratedResume::new(profile, &viewer)
}

fn seen_by_the_user(profile: Profile) -> GeneratedResume {
    let viewer = Caller {
        user: profile.id,
        role: Role::Alumni,
        session: SessionId::try_from(1).unwrap(),
    };
    GeneratedResume::new(profile, &viewer)
}

fn lay_out(profile: Profile) -> Flow {
    layout::lay_out(&seen_by_a_stranger(profile), &FontSet::new().unwrap())
}

fn texts(flow: &Flow) -> Vec<&str> {
    let marks = flow.pages().iter().flatten();
    marks
        .filter_map(|mark| match mark {
            Mark::Text { line, .. } => Some(line.text.as_str()),
            Mark::Rule { .. } | Mark::Link(_) => None,
        })
        .collect()
}

fn links(flow: &Flow) -> Vec<&str> {
    let marks = flow.pages().iter().flatten();
    marks
        .filter_map(|mark| match mark {
            Mark::Link(link) => Some(link.uri.as_str()),
            Mark::Rule { .. } | Mark::Text { .. } => None,
        })
        .collect()
}

#[test]
fn a_rich_profile_is_set_whole_with_its_links() {
    let flow = lay_out(rich());

    let set = texts(&flow).join(" ");
    for part in [
        "Ada Lovelace",
        "Principal Engineer · Analytical Engines Ltd",
        "Class of 2015",
        "Experience",
        "Interests",
        "Poetry",
        "github.com/adalovelace",
    ] {
        assert!(set.contains(part), "{part}");
    }
    assert!(!set.contains("more") && !set.contains('…'), "{set}");
    assert_eq!(
        links(&flow),
        [
            "https://ada.example.org/",
            "https://www.linkedin.com/in/ada-lovelace/",
            "https://github.com/adalovelace"
        ]
    );
}

#[test]
fn the_email_address_is_set_for_those_who_may_see_it() {
    let fonts = FontSet::new().unwrap();

    let own = layout::lay_out(&seen_by_the_user(named("Ada")), &fonts);

    assert_eq!(links(&own), ["mailto:ada@example.org"]);
    assert!(texts(&own).contains(&"ada@example.org"));
    assert_eq!(texts(&lay_out(named("Ada"))), ["Ada"]);
}

#[test]
fn however_long_a_profile_is_it_is_set_on_two_pages_that_say_what_is_left_out() {
    for of in ["W", "i", "Word and word, ", "Щ", "李", "字 ", "Ada 🚀 "] {
        let flow = lay_out(huge(of));

        assert!(!flow.is_overfull(), "{of}");
        assert_eq!(flow.pages().len(), 2, "{of}");
        let set = texts(&flow);
        for heading in ["About", "Experience", "Skills", "Interests"] {
            assert!(set.contains(&heading), "{of}: {heading}");
        }
        let more = set.iter().filter(|text| text.starts_with("and 9"));
        assert_eq!(more.count(), 12, "{of}");
        assert!(
            set.iter()
                .any(|text| text.starts_with("The profile says more")),
            "{of}"
        );
    }
}

#[test]
fn nothing_is_set_beyond_the_margins() {
    for profile in [rich(), huge("W"), huge("Word and word, ")] {
        for mark in lay_out(profile).pages().iter().flatten() {
            if let Mark::Text { x, line, .. } = mark {
                let right = x + line.width;
                assert!(right <= PAGE_WIDTH - MARGIN + 0.1, "{}", line.text);
            }
        }
    }
}

#[test]
fn short_items_that_are_many_are_cut_between_items() {
    let flow = lay_out(many());

    let set = texts(&flow).join(" ");
    assert_eq!(flow.pages().len(), 2);
    assert!(set.contains("skill\u{A0}· and "), "{set}");
}

#[test]
fn what_can_not_be_set_is_said_at_the_end() {
    let flow = lay_out(with(
        &named("Ada 李"),
        ProfileList::Hobbies,
        &["שלום", "Сон"],
    ));

    let set = texts(&flow);
    let end = set[set.len() - 2..].join(" ");
    assert_eq!(set[0], "Ada \u{FFFD}");
    assert!(set.contains(&"\u{FFFD}\u{A0}· Сон"), "{set:?}");
    assert!(end.ends_with("Hebrew (4), Han (1)."), "{end}");
}

#[test]
fn the_same_resume_makes_the_same_document() {
    let resume = seen_by_the_user(rich());

    let (one, other) = (pdf(&resume).unwrap(), pdf(&resume).unwrap());

    assert!(one.starts_with(b"%PDF-"));
    assert!(one == other);
}

#[tokio::test]
async fn a_flood_is_refused_early() {
    let typesetter = KrillaTypesetter::new(1);
    let all = u32::try_from(1 + KrillaTypesetter::QUEUE).unwrap();
    let _all = typesetter
        .admitted
        .clone()
        .try_acquire_many_owned(all)
        .unwrap();

    let refused = typesetter.typeset(seen_by_a_stranger(named("Ada"))).await;

    assert!(matches!(refused, Err(TypesetterError::Busy)));
}

/// Writes documents to look at into the folder that `ALUMX_LOOK` names.
#[test]
#[ignore = "for people who want to look"]
fn documents_to_look_at() {
    let folder = std::path::PathBuf::from(std::env::var_os("ALUMX_LOOK").unwrap());
    let mut mixed = rich();
    mixed.name = text("Αλεξάνδρα Юрьевна Παπαδοπούλου");
    mixed.current_role = Some(text("Ведущий инженер"));
    mixed.current_company = Some(text("Αναλυτικές Μηχανές Α.Ε. 東京"));
    let mixed = with(
        &mixed,
        ProfileList::Languages,
        &[
            "Ελληνικά",
            "Русский",
            "日本語 (learning)",
            "العربية",
            "Tiếng Việt",
        ],
    );
    let mixed = with(
        &mixed,
        ProfileList::Hobbies,
        &["🚀 rockets", "Шахматы", "Łódź walks", "C → Rust"],
    );
    let documents = [
        ("rich", rich()),
        ("sparse", named("Ada Lovelace")),
        ("mixed", mixed),
        (
            "huge",
            huge("Lorem ipsum dolor sit amet, consectetur adipiscing elit. "),
        ),
        ("wide", huge("W")),
        ("many", many()),
    ];
    for (name, profile) in documents {
        let began = std::time::Instant::now();
        let document = pdf(&seen_by_the_user(profile)).unwrap();
        println!("{name}: {} bytes, {:?}", document.len(), began.elapsed());
        std::fs::write(folder.join(format!("{name}.pdf")), document).unwrap();
    }
}
