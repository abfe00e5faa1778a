//! Query strings: every parameter known, given once, and valid.

use alumx_domain::account::{Role, UserId};
use alumx_domain::audit::AuditEvent;
use alumx_domain::clock::Timestamp;
use alumx_domain::conversation::Seq;
use alumx_domain::job_post::{EmploymentType, FeedOrder};
use alumx_domain::page::PageSize;
use alumx_domain::text::InvalidValue;
use alumx_domain::user::{DirectoryOrder, GraduationYear, SearchText};
use chrono::{DateTime, Datelike, TimeDelta, Timelike};

use percent_encoding::percent_decode_str;

use super::FieldError;

/// The parameters of a query, and what was wrong with those taken so far.
pub struct Parameters {
    pairs: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

/// A set of parameters that a route reads.
pub trait FromQuery: Sized {
    /// Takes its parameters; `None` if any of them is wrong.
    fn read(parameters: &mut Parameters) -> Option<Self>;
}

/// What a route reads that has no parameters.
pub struct NoParameters;

impl FromQuery for NoParameters {
    fn read(_: &mut Parameters) -> Option<Self> {
        Some(Self)
    }
}

impl Parameters {
    /// Reads a whole query; what is left over is unknown and so wrong.
    ///
    /// # Errors
    /// All wrong parameters.
    pub fn read_all<T: FromQuery>(query: &str) -> Result<T, Vec<FieldError>> {
        let malformed = || vec![invalid("", "malformed", "the query is not valid UTF-8")];
        // The parser would put a replacement character in place of what is no UTF-8.
        percent_decode_str(query)
            .decode_utf8()
            .map_err(|_| malformed())?;
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_str(query).map_err(|_| malformed())?;
        let mut parameters = Self {
            pairs,
            errors: Vec::new(),
        };
        let read = T::read(&mut parameters);
        let Self { pairs, mut errors } = parameters;
        let unknown = pairs
            .into_iter()
            .map(|(name, _)| name.chars().take(100).collect::<String>());
        errors.extend(unknown.map(|name| {
            invalid(
                &name,
                "unknown_parameter",
                "is not a parameter of this route, or is repeated",
            )
        }));
        match read {
            Some(read) if errors.is_empty() => Ok(read),
            _ => Err(errors),
        }
    }

    /// Takes a parameter: `Some(None)` if it is not there, `None` if it is wrong.
    pub fn take<T: FromParameter>(&mut self, name: &str) -> Option<Option<T>> {
        let Some(at) = self.pairs.iter().position(|(key, _)| key == name) else {
            return Some(None);
        };
        let (_, text) = self.pairs.remove(at);
        match T::from_parameter(text) {
            Ok(value) => Some(Some(value)),
            Err(wrong) => {
                self.errors.push(FieldError::new(name, wrong));
                None
            }
        }
    }

    /// Notes what is wrong with a parameter.
    pub fn refuse(&mut self, name: &str, code: &'static str, message: &str) {
        self.errors.push(invalid(name, code, message));
    }
}

fn invalid(name: &str, code: &'static str, message: &str) -> FieldError {
    FieldError::new(name, InvalidValue::new(code, message))
}

/// A value that can be read from the text of a parameter.
pub trait FromParameter: Sized {
    /// The value, or which rule it breaks.
    ///
    /// # Errors
    /// The rule.
    fn from_parameter(text: String) -> Result<Self, InvalidValue>;
}

impl FromParameter for String {
    fn from_parameter(text: String) -> Result<Self, InvalidValue> {
        Ok(text)
    }
}

macro_rules! text_parameters {
    ($($type:ty),+) => {$(
        impl FromParameter for $type {
            fn from_parameter(text: String) -> Result<Self, InvalidValue> {
                text.try_into()
            }
        }
    )+};
}

macro_rules! number_parameters {
    ($($type:ty),+) => {$(
        impl FromParameter for $type {
            fn from_parameter(text: String) -> Result<Self, InvalidValue> {
                number(&text)?.try_into()
            }
        }
    )+};
}

text_parameters!(
    AuditEvent,
    SearchText,
    Role,
    DirectoryOrder,
    EmploymentType,
    FeedOrder
);
number_parameters!(PageSize, GraduationYear, Seq);

impl FromParameter for UserId {
    fn from_parameter(text: String) -> Result<Self, InvalidValue> {
        text.parse()
    }
}

impl FromParameter for bool {
    fn from_parameter(text: String) -> Result<Self, InvalidValue> {
        text.parse()
            .map_err(|_| InvalidValue::new("invalid_boolean", "must be true or false"))
    }
}

impl FromParameter for Timestamp {
    fn from_parameter(text: String) -> Result<Self, InvalidValue> {
        timestamp(&text)
    }
}

/// A time with its offset (RFC 3339), in a year that can be written so in UTC, too.
pub(super) fn timestamp(text: &str) -> Result<Timestamp, InvalidValue> {
    let time = DateTime::parse_from_rfc3339(text.trim()).map_err(|_| {
        let message = "must be a time with its offset, such as 2026-01-31T09:30:00Z";
        InvalidValue::new("invalid_time", message)
    })?;
    let mut time = time.to_utc();
    if time.nanosecond() >= 1_000_000_000 {
        // A leap second: the database has none, and takes it for the next.
        time += TimeDelta::seconds(1);
    }
    if !(1..=9999).contains(&time.year()) {
        let message = "must lie in the years 0001 to 9999";
        return Err(InvalidValue::new("out_of_range", message));
    }
    Ok(time)
}

fn number(text: &str) -> Result<i64, InvalidValue> {
    // `parse` would also take a sign, which a query reads as a space.
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|_| plain)
        .ok_or_else(|| InvalidValue::new("invalid_number", "must be a whole number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Sample(Option<PageSize>, Option<SearchText>);

    impl FromQuery for Sample {
        fn read(parameters: &mut Parameters) -> Option<Self> {
            let (limit, q) = (parameters.take("limit"), parameters.take("q"));
            Some(Self(limit?, q?))
        }
    }

    fn codes(query: &str) -> Vec<&'static str> {
        let wrong = Parameters::read_all::<Sample>(query)
            .err()
            .unwrap_or_default();
        wrong.into_iter().map(|error| error.code).collect()
    }

    #[test]
    fn a_time_lies_in_a_year_of_four_digits() {
        for (text, code) in [
            ("0001-01-01T00:00:00Z", None),
            ("9999-12-31T23:59:59.999999Z", None),
            ("9999-12-31T23:59:59-00:01", Some("out_of_range")),
            ("2016-12-31T23:59:60Z", None),
            ("9999-12-31T23:59:60Z", Some("out_of_range")),
            ("0001-01-01T00:00:00+00:01", Some("out_of_range")),
            ("0000-06-01T00:00:00Z", Some("out_of_range")),
            ("+10000-01-01T00:00:00Z", Some("invalid_time")),
            ("-0001-01-01T00:00:00Z", Some("invalid_time")),
        ] {
            let wrong = timestamp(text).err().map(|wrong| wrong.code);
            assert_eq!(wrong, code, "{text}");
        }
    }

    #[test]
    fn a_leap_second_is_the_next() {
        let next = "2017-01-01T00:00:00.25Z".parse().unwrap();

        assert_eq!(timestamp("2016-12-31T23:59:60.25Z"), Ok(next));
    }

    #[test]
    fn every_parameter_is_known_given_once_and_valid() {
        assert_eq!(codes(""), [""; 0]);
        assert_eq!(codes("limit=5&q=a+b%25"), [""; 0]);
        assert_eq!(
            codes("limit=0&q=+&x=1"),
            ["out_of_range", "required", "unknown_parameter"]
        );
        assert_eq!(codes("limit=5&limit=6"), ["unknown_parameter"]);
        assert_eq!(codes("limit=five"), ["invalid_number"]);
        assert_eq!(codes("limit=%2B5"), ["invalid_number"]);
        assert_eq!(codes("limit="), ["invalid_number"]);
        assert_eq!(codes("q=%00"), ["invalid_character"]);
        assert_eq!(codes("q=%FF"), ["malformed"]);
        assert_eq!(codes("%FF=1"), ["malformed"]);
    }
}
