//! Typed ids: a `SessionId` can't be passed where a `UserId` is wanted.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::text::InvalidValue;

/// The id of a `T`: a positive number that the database gave.
#[derive(Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Id<T>(i64, PhantomData<fn() -> T>);

impl<T> Id<T> {
    /// The number itself, from 1 to `i64::MAX`.
    pub const fn raw(self) -> i64 {
        self.0
    }
}

impl<T> TryFrom<i64> for Id<T> {
    type Error = InvalidValue;

    fn try_from(raw: i64) -> Result<Self, InvalidValue> {
        if raw < 1 {
            return Err(InvalidValue::new(
                "invalid_id",
                "must be a positive whole number",
            ));
        }
        Ok(Self(raw, PhantomData))
    }
}

impl<T> From<Id<T>> for i64 {
    fn from(id: Id<T>) -> Self {
        id.0
    }
}

impl<T> FromStr for Id<T> {
    type Err = InvalidValue;

    /// Reads decimal digits only: no sign, no leading zero, so that one id has one spelling.
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let canonical = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
        text.parse::<i64>()
            .ok()
            .filter(|_| canonical)
            .ok_or_else(|| {
                InvalidValue::new("invalid_id", "must be a whole number from 1 to 2^63 - 1")
            })
            .and_then(Self::try_from)
    }
}

// By hand: derives would ask the same of `T`.
impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Id<T> {}

impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Eq for Id<T> {}

impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

impl<T> std::hash::Hash for Id<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Thing;

    #[test]
    fn only_positive_canonical_numbers_are_ids() {
        for text in [
            "0",
            "-1",
            "+1",
            "01",
            "",
            " 1",
            "1.0",
            "x",
            "9223372036854775808",
        ] {
            assert!(text.parse::<Id<Thing>>().is_err(), "{text:?}");
        }
        for text in ["1", "42", "9223372036854775807"] {
            assert_eq!(text.parse::<Id<Thing>>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn an_id_is_a_json_number() {
        let id: Id<Thing> = serde_json::from_str("7").unwrap();

        assert_eq!(serde_json::to_string(&id).unwrap(), "7");
        assert!(serde_json::from_str::<Id<Thing>>("0").is_err());
        assert!(serde_json::from_str::<Id<Thing>>("\"7\"").is_err());
    }
}
