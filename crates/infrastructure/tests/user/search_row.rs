//! The search row that follows a profile.

use std::collections::BTreeMap;

use alumx_domain::account::{AccountRepository, NewAccount, Role};
use alumx_domain::user::{Patch, ProfileList, ProfilePatch, UserRepository};

use crate::support::{World, by, entries, new_account, set, value};

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // Knuth's MMIX generator; its high bits are the good ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.roll(choices.len())]
    }

    fn text<T: TryFrom<String, Error: std::fmt::Debug>>(&mut self) -> Patch<T> {
        match self.roll(3) {
            0 => Patch::Keep,
            1 => Patch::Clear,
            _ => set(self.one_of(TEXTS)),
        }
    }

    fn patch(&mut self) -> ProfilePatch {
        let mut lists = BTreeMap::new();
        for list in ProfileList::all() {
            if self.roll(4) == 0 {
                let items: Vec<_> = (0..self.roll(4)).map(|_| self.one_of(TEXTS)).collect();
                lists.insert(list, entries(list, &items));
            }
        }
        let rename = self.roll(3) == 0;
        ProfilePatch {
            username: rename.then(|| value(self.one_of(&["ada", "Ada.L", "a-da"]))),
            name: rename.then(|| value(self.one_of(TEXTS))),
            current_company: self.text(),
            current_role: self.text(),
            location: self.text(),
            department: self.text(),
            graduation_year: match self.roll(3) {
                0 => Patch::Clear,
                n => Patch::Set((2000 + i64::try_from(n).unwrap()).try_into().unwrap()),
            },
            lists,
            ..ProfilePatch::default()
        }
    }
}

const TEXTS: &[&str] = &[
    "Zoë Müller",
    "C++",
    "node.js & co",
    "I'm\\%_",
    "\u{301}",
    "Łódź 東京",
];

const SEARCH_ROW: &str = "SELECT unnest(ARRAY[role, graduation_year::text, name, username, company,
    location, department, name_terms::text, terms::text]) FROM user_search";

#[tokio::test]
async fn the_search_row_is_that_of_a_new_account_with_the_same_profile() {
    let (world, mirror) = (World::new(), World::new());
    let ada = world.member("ada").await;
    let mut dice = Dice(42);

    for step in 0..40 {
        if dice.roll(3) == 0 {
            let role = dice.one_of(&[Role::Student, Role::Alumni, Role::Professor]);
            world.accounts.set_role(ada.id, role, &by(3)).await.unwrap();
        } else {
            world.patch(ada.id, dice.patch()).await;
        }
        let profile = world.users.find(ada.id).await.unwrap().unwrap();
        let fresh = NewAccount {
            name: profile.name.clone(),
            role: profile.role,
            ..new_account(&profile.username)
        };
        let fresh = mirror.accounts.insert(&fresh).await.unwrap();
        let lists = ProfileList::all().map(|list| {
            let items = profile.lists.get(list).to_vec();
            (list, list.parse(items).unwrap())
        });
        let same = ProfilePatch {
            current_company: profile.current_company.map_or(Patch::Clear, Patch::Set),
            current_role: profile.current_role.map_or(Patch::Clear, Patch::Set),
            location: profile.location.map_or(Patch::Clear, Patch::Set),
            department: profile.department.map_or(Patch::Clear, Patch::Set),
            graduation_year: profile.graduation_year.map_or(Patch::Clear, Patch::Set),
            lists: lists.collect(),
            ..ProfilePatch::default()
        };
        mirror.patch(fresh.id, same).await;

        assert_eq!(world.texts(SEARCH_ROW), mirror.texts(SEARCH_ROW), "{step}");
        mirror.accounts.delete(fresh.id, &by(3)).await.unwrap();
    }
}
