//! One person, with a career that fits.

use alumx_domain::account::{Account, Role, UserId};
use alumx_domain::clock::Timestamp;
use alumx_domain::text::InvalidValue;
use alumx_domain::user::{Profile, ProfileList};
use chrono::Datelike;

use super::career::{Career, Cast};
use super::dice::{Dice, Topic};
use super::handle;

/// What makes one person of the network differ from the others.
#[derive(Clone, Copy)]
pub(super) struct Seat {
    pub id: UserId,
    pub seed: u64,
    /// Which person of the network it is. No two have the same.
    pub number: u64,
    pub joined: Timestamp,
    pub now: Timestamp,
}

/// How much people tell of themselves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effort {
    /// Nothing but their name.
    None,
    /// The one or other thing.
    Some,
    /// Nearly everything.
    Much,
}

impl Cast {
    /// The person in this seat. The same seat always has the same person.
    pub(super) fn person(&self, seat: Seat) -> Result<Profile, InvalidValue> {
        let mut dice = Dice::new(seat.seed, Topic::Person, seat.number);
        let (first, last) = self.name(&mut dice);
        let username = handle::username(first, &last, seat.number);
        let domain = if dice.chance(50) { "org" } else { "com" };
        let role = *dice.share(
            &[
                (Role::Student, 36),
                (Role::Alumni, 55),
                (Role::Professor, 9),
            ],
            |(_, share)| *share,
        );
        let effort = dice.share(
            &[(Effort::None, 8), (Effort::Some, 14), (Effort::Much, 78)],
            |(_, share)| *share,
        );
        let mut person = Profile::of_new(Account {
            id: seat.id,
            email: format!("{username}@example.{domain}").try_into()?,
            username: username.try_into()?,
            name: format!("{first} {last}").try_into()?,
            role: role.0,
            suspended_at: None,
            created_at: seat.joined,
        });
        if effort.0 != Effort::None {
            let career = self.career(&mut dice, person.role, seat.now.year());
            self.tell(&mut dice, &mut person, &career, effort.0)?;
        }
        Ok(person)
    }

    /// First name and surname; some have two surnames.
    fn name(&self, dice: &mut Dice) -> (&'static str, String) {
        let culture = dice.share(&self.cultures, |culture| culture.share);
        let first = culture.first.one(dice);
        let last = culture.last.one(dice);
        let second = culture.last.one(dice);
        if dice.chance(4) && second != last {
            (first, format!("{last}-{second}"))
        } else {
            (first, last.to_owned())
        }
    }

    /// Fills in the profile.
    fn tell(
        &self,
        dice: &mut Dice,
        person: &mut Profile,
        career: &Career,
        effort: Effort,
    ) -> Result<(), InvalidValue> {
        let mut tells = |percent: u32| match effort {
            Effort::Much => dice.chance(percent),
            _ => dice.chance(percent / 3),
        };
        let url = |path: &str| format!("https://example.org/{path}/{}", &*person.username);
        if tells(90) {
            person.about = Some(career.about.clone().try_into()?);
        }
        if tells(95) {
            person.department = Some(career.field.department.to_owned().try_into()?);
            person.graduation_year = Some(i64::from(career.graduation).try_into()?);
        }
        if tells(85) {
            person.location = Some(career.location.to_owned().try_into()?);
        }
        if tells(90) {
            person.current_company = career.company.clone().map(TryInto::try_into).transpose()?;
            person.current_role = career.title.clone().map(TryInto::try_into).transpose()?;
        }
        if tells(60) {
            person.linkedin_url = Some(url("in").try_into()?);
        }
        if tells(35) {
            person.github_url = Some(url("code").try_into()?);
        }
        if tells(20) {
            person.portfolio_url = Some(url("works").try_into()?);
        }
        for list in ProfileList::all() {
            let count = match effort {
                Effort::Much => dice.between(2, 7),
                _ => dice.below(3),
            };
            let items = self.items(dice, career, list, count);
            let entries = list.parse(items).map_err(first_of)?;
            person.lists.set(list, entries);
        }
        Ok(())
    }
}

fn first_of(wrong: Vec<(Option<usize>, InvalidValue)>) -> InvalidValue {
    let first = wrong.into_iter().next().map(|(_, invalid)| invalid);
    first.unwrap_or_else(|| InvalidValue::new("invalid_list", "must be a list"))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use alumx_domain::user::ProfileLists;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn people(seed: u64, count: u64) -> Vec<Profile> {
        let cast = Cast::new();
        let now = Timestamp::from_timestamp(NOW, 0).unwrap();
        (1..=count)
            .map(|number| {
                let id = i64::try_from(number).unwrap().try_into().unwrap();
                cast.person(Seat {
                    id,
                    seed,
                    number,
                    joined: now,
                    now,
                })
                .unwrap()
            })
            .collect()
    }

    #[test]
    fn the_same_seed_makes_the_same_people() {
        assert_eq!(people(1, 50), people(1, 50));
        assert_eq!(people(1, 50), people(1, 80)[..50]);
        assert_ne!(people(1, 50), people(2, 50));
    }

    #[test]
    fn people_are_valid_and_nobody_is_an_admin() {
        let people = people(3, 3000);

        let usernames: HashSet<_> = people.iter().map(|person| &*person.username).collect();
        assert_eq!(usernames.len(), people.len());
        for person in &people {
            assert_ne!(person.role, Role::Admin);
            assert!(
                person.email.ends_with("@example.org") || person.email.ends_with("@example.com")
            );
        }
    }

    #[test]
    fn the_mix_is_that_of_a_school() {
        let people = people(4, 4000);
        let share = |is: &dyn Fn(&Profile) -> bool| {
            people.iter().filter(|person| is(person)).count() * 100 / people.len()
        };

        assert!((33..=39).contains(&share(&|person| person.role == Role::Student)));
        assert!((52..=58).contains(&share(&|person| person.role == Role::Alumni)));
        assert!((7..=11).contains(&share(&|person| person.role == Role::Professor)));
        assert!((55..=85).contains(&share(&Profile::is_completed)));
        let bare = share(&|person| person.lists == ProfileLists::default());
        assert!((5..=15).contains(&bare), "{bare}");
        let items: usize = people
            .iter()
            .flat_map(|person| person.lists.iter().map(|(_, items)| items.len()))
            .sum();
        let per_list = items * 100 / people.len() / 12;
        assert!((250..=350).contains(&per_list), "{per_list}");
    }

    #[test]
    fn nobody_has_left_before_they_came() {
        let year = i64::from(Timestamp::from_timestamp(NOW, 0).unwrap().year());

        for person in people(5, 1000) {
            let Some(graduation) = person.graduation_year.map(i64::from) else {
                continue;
            };
            match person.role {
                Role::Student => assert!((year..=year + 5).contains(&graduation)),
                _ => assert!((year - 60..=year).contains(&graduation)),
            }
        }
    }
}
