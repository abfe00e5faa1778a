//! The twelve lists of a profile, written once.

use std::collections::{BTreeMap, HashSet};

use strum::{EnumCount, EnumIter, EnumString, IntoEnumIterator, IntoStaticStr};

use crate::text::{InvalidValue, check_characters, check_length, lower_case, trimmed};

/// One of the twelve lists of a profile. Its `snake_case` name is the key it is stored under.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumCount,
    EnumIter,
    EnumString,
    IntoStaticStr,
)]
#[strum(serialize_all = "snake_case")]
pub enum ProfileList {
    /// What the user is good at.
    Skills,
    /// Schools and degrees.
    Education,
    /// Technologies the user works with.
    TechStack,
    /// Spoken languages.
    Languages,
    /// Frameworks the user works with.
    Frameworks,
    /// Such as presenting or writing.
    CommunicationSkills,
    /// Certificates obtained.
    Certifications,
    /// Projects taken part in.
    Projects,
    /// Such as patience or leadership.
    SoftSkills,
    /// What the user does for fun.
    Hobbies,
    /// Jobs held.
    Experience,
    /// Internships done.
    Internships,
}

impl ProfileList {
    /// The most items that one list may have.
    pub const MAX_ITEMS: usize = 100;

    /// All lists, in the order in which a profile shows them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// The key that the list is stored under, such as `tech_stack`.
    pub fn key(self) -> &'static str {
        self.into()
    }

    /// The most characters that one item of this list may have.
    pub const fn max_length(self) -> usize {
        match self {
            Self::Education | Self::Experience | Self::Projects | Self::Internships => 500,
            _ => 200,
        }
    }

    /// Checks the items of this list: trims them and folds duplicates (letter case ignored) into
    /// the first. All wrong items are told at once, each with its position; a list that is too
    /// long is told without one.
    pub fn parse(
        self,
        items: Vec<String>,
    ) -> Result<ListEntries, Vec<(Option<usize>, InvalidValue)>> {
        if items.len() > Self::MAX_ITEMS {
            let message = format!("must have at most {} items", Self::MAX_ITEMS);
            return Err(vec![(None, InvalidValue::new("too_many_items", message))]);
        }
        let mut wrong = Vec::new();
        let mut seen = HashSet::new();
        let mut entries = Vec::with_capacity(items.len());
        for (position, item) in items.into_iter().enumerate() {
            let item = trimmed(item);
            let checked = check_characters(&item, false)
                .and_then(|()| check_length(&item, 1, self.max_length()));
            match checked {
                Err(invalid) => wrong.push((Some(position), invalid)),
                Ok(()) if seen.insert(lower_case(&item)) => entries.push(item),
                Ok(()) => {}
            }
        }
        if wrong.is_empty() {
            Ok(ListEntries(entries))
        } else {
            Err(wrong)
        }
    }
}

/// The checked items of one list, in the user's order, without duplicates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListEntries(Vec<String>);

impl ListEntries {
    /// Items that a store gives back: checked when they were stored.
    pub fn from_stored(items: Vec<String>) -> Self {
        Self(items)
    }

    /// The items.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The lists of a profile. A list that is not in the map is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileLists(BTreeMap<ProfileList, ListEntries>);

impl ProfileLists {
    /// The items of one list.
    pub fn get(&self, list: ProfileList) -> &[String] {
        self.0.get(&list).map_or(&[], ListEntries::as_slice)
    }

    /// Replaces one list whole.
    pub fn set(&mut self, list: ProfileList, entries: ListEntries) {
        if entries.is_empty() {
            self.0.remove(&list);
        } else {
            self.0.insert(list, entries);
        }
    }

    /// All twelve lists, the empty ones too.
    pub fn iter(&self) -> impl Iterator<Item = (ProfileList, &[String])> {
        ProfileList::all().map(|list| (list, self.get(list)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(items: &[&str]) -> Result<ListEntries, Vec<(Option<usize>, InvalidValue)>> {
        ProfileList::Skills.parse(items.iter().map(|item| (*item).to_owned()).collect())
    }

    #[test]
    fn there_are_twelve_lists() {
        assert_eq!(ProfileList::COUNT, 12);
        assert_eq!(ProfileList::TechStack.key(), "tech_stack");
        assert_eq!("soft_skills".parse(), Ok(ProfileList::SoftSkills));
    }

    #[test]
    fn duplicates_are_folded_into_the_first_whatever_their_letter_case() {
        let entries = parse(&[
            "Rust", " rust ", "SQL", "RUST", "Ärger", "ärger", "ΣΑΣ", "σασ",
        ])
        .unwrap();

        assert_eq!(entries.as_slice(), ["Rust", "SQL", "Ärger", "ΣΑΣ"]);
    }

    #[test]
    fn every_wrong_item_is_told_with_its_position() {
        let long = "x".repeat(201);

        let wrong = parse(&["fine", " ", &long, "a\nb"]).unwrap_err();

        let told: Vec<_> = wrong
            .iter()
            .map(|(at, why)| (at.unwrap(), why.code))
            .collect();
        assert_eq!(
            told,
            [(1, "required"), (2, "too_long"), (3, "invalid_character")]
        );
    }

    #[test]
    fn a_list_has_at_most_100_items_even_if_they_would_fold() {
        assert!(parse(&["x"; 100]).is_ok());
        assert_eq!(parse(&["x"; 101]).unwrap_err()[0].1.code, "too_many_items");
    }

    #[test]
    fn the_lists_of_stations_take_longer_items() {
        let item = "x".repeat(500);

        assert!(ProfileList::Education.parse(vec![item.clone()]).is_ok());
        assert!(
            ProfileList::Education
                .parse(vec![item.clone() + "x"])
                .is_err()
        );
        assert!(ProfileList::Hobbies.parse(vec![item]).is_err());
    }
}
