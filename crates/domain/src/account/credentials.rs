//! Names, addresses and passwords that can only be built valid.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::text::{InvalidValue, Line, check_characters, check_length, lower_case, trimmed};

/// A person's name: 1–100 characters.
pub type PersonName = Line<1, 100>;

/// 3–30 of `A–Z a–z 0–9 _ . -`, starting with a letter or digit. Keeps its letter case, but
/// two usernames that differ only in it can't both exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Username(String);

impl TryFrom<String> for Username {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        let text = trimmed(text);
        check_length(&text, 3, 30)?;
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
        if !text.bytes().all(allowed) || !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Err(InvalidValue::new(
                "invalid_username",
                "must consist of letters A-Z, digits, '_', '.' and '-', and start with a letter or digit",
            ));
        }
        Ok(Self(text))
    }
}

/// An email address with a dot in its domain, at most 254 characters (RFC 5321, 4.5.3.1.3),
/// in lower case.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct EmailAddress(String);

impl TryFrom<String> for EmailAddress {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        let text = lower_case(text.trim());
        check_characters(&text, false)?;
        check_length(&text, 1, 254)?;
        let options = email_address::Options::default()
            .with_required_tld()
            .without_display_text()
            .without_domain_literal();
        email_address::EmailAddress::parse_with_options(&text, options)
            .map_err(|_| InvalidValue::new("invalid_email", "must be an email address"))?;
        Ok(Self(text))
    }
}

// An address is private: it must not reach a log by way of a derived `Debug`.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(***)")
    }
}

/// What a user types to sign in: a username or an email address, in any letter case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identifier {
    /// A username.
    Username(Username),
    /// An email address.
    Email(EmailAddress),
}

impl FromStr for Identifier {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        if text.contains('@') {
            EmailAddress::try_from(text.to_owned()).map(Self::Email)
        } else {
            Username::try_from(text.to_owned()).map(Self::Username)
        }
    }
}

/// A password in the clear, as its user typed it: never trimmed, never shown, wiped from
/// memory when dropped.
#[derive(Clone)]
pub struct Password(SecretString);

impl Password {
    /// The fewest characters of a new password.
    pub const MIN: usize = 8;
    /// The most characters of a password.
    pub const MAX: usize = 128;

    /// A password that somebody claims to know, to be compared: it needs no rules, for one that
    /// breaks them is just wrong.
    pub fn claimed(text: String) -> Self {
        Self(text.into())
    }

    /// The password, to be hashed or compared.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl TryFrom<String> for Password {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        check_characters(&text, false)?;
        check_length(&text, Self::MIN, Self::MAX)?;
        Ok(Self(text.into()))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(***)")
    }
}

/// A password hash in PHC string format, with its algorithm, parameters and salt.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A hash that a hasher made; not checked here.
    pub fn from_phc(phc: String) -> Self {
        Self(phc)
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(***)")
    }
}

/// What the string-like values of this module share.
macro_rules! reads_as_str {
    ($($type:ty),*) => {$(
        impl Deref for $type {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.0
            }
        }
    )*};
}

reads_as_str!(Username, EmailAddress, PasswordHash);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn username(text: &str) -> Result<Username, InvalidValue> {
        Username::try_from(text.to_owned())
    }

    fn email(text: &str) -> Result<EmailAddress, InvalidValue> {
        EmailAddress::try_from(text.to_owned())
    }

    #[test]
    fn usernames_have_3_to_30_plain_characters() {
        for good in ["ada", "Ada_L.9-x", "9lives", &"a".repeat(30)] {
            assert_eq!(&*username(good).unwrap(), good);
        }
        for bad in [
            "ab",
            "",
            "_ada",
            ".ada",
            "-ada",
            "a da",
            "ádá",
            "ada\0",
            &"a".repeat(31),
        ] {
            assert!(username(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn addresses_are_lowercased_and_need_a_dot_in_the_domain() {
        assert_eq!(&*email(" Ada@Example.ORG ").unwrap(), "ada@example.org");
        let long = format!("{}@{}.org", "a".repeat(60), "b".repeat(60));
        assert!(email(&long).is_ok());
        for bad in [
            "ada",
            "ada@localhost",
            "@example.org",
            "ada@",
            "a b@example.org",
            "Ada <ada@example.org>",
            "ada@[127.0.0.1]",
            "ada@example..org",
            "ada@example.org\n.x",
            "",
        ] {
            assert!(email(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_address_has_at_most_254_characters() {
        let domain = [
            "b".repeat(63),
            "c".repeat(63),
            "d".repeat(57),
            "org".to_owned(),
        ]
        .join(".");
        let longest = format!("{}@{domain}", "a".repeat(64));
        assert_eq!(longest.len(), 254);

        assert!(email(&longest).is_ok());
        assert_eq!(email(&format!("{longest}x")).unwrap_err().code, "too_long");
    }

    #[test]
    fn passwords_are_counted_in_characters_and_never_trimmed_or_shown() {
        let spaces = Password::try_from("  secret".to_owned()).unwrap();

        assert_eq!(spaces.expose(), "  secret");
        assert!(!format!("{spaces:?}").contains("secret"));
        assert!(Password::try_from("🔑".repeat(128)).is_ok());
        assert!(Password::try_from("🔑".repeat(129)).is_err());
        assert!(Password::try_from("1234567".to_owned()).is_err());
        assert!(Password::try_from("12345678\0".to_owned()).is_err());
    }

    #[test]
    fn an_identifier_with_an_at_sign_is_an_address() {
        assert!(matches!("Ada".parse(), Ok(Identifier::Username(_))));
        assert!(matches!(
            "Ada@example.org".parse(),
            Ok(Identifier::Email(_))
        ));
        assert!("a d a".parse::<Identifier>().is_err());
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_parsers(text in ".{0,300}") {
            let _ = username(&text);
            let _ = email(&text);
            let _ = text.parse::<Identifier>();
        }
    }
}
