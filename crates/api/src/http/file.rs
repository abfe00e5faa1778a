//! Files on their way to clients: which part of them, and under which name.

use std::ops::Range;

use actix_web::HttpRequest;
use actix_web::http::header::{IF_RANGE, RANGE};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What of a file is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// All of it.
    Whole,
    /// These bytes, which lie inside it.
    Part(Range<u64>),
    /// Bytes that it doesn't have.
    Nothing,
}

/// What `Range` asks for of a file of `size` bytes. What can't be read, more than one part, and
/// parts of another file than `If-Range` names, are answered with all of it (RFC 9110, section 14).
pub fn wanted(request: &HttpRequest, etag: &str, size: u64) -> Wanted {
    let mut ranges = request.headers().get_all(RANGE);
    let (Some(range), None) = (ranges.next(), ranges.next()) else {
        return Wanted::Whole;
    };
    let same = request
        .headers()
        .get(IF_RANGE)
        .is_none_or(|tag| tag.as_bytes() == etag.as_bytes());
    match range.to_str() {
        Ok(range) if same => parse(range, size).unwrap_or(Wanted::Whole),
        _ => Wanted::Whole,
    }
}

fn parse(range: &str, size: u64) -> Option<Wanted> {
    let (unit, spec) = range.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = spec.trim().split_once('-')?;
    let part = match (first, last) {
        ("", "") => return None,
        ("", length) => size.saturating_sub(number(length)?)..size,
        (first, "") => number(first)?..size,
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if first > last {
                return None;
            }
            first..size.min(last.saturating_add(1))
        }
    };
    Some(if part.is_empty() {
        Wanted::Nothing
    } else {
        Wanted::Part(part)
    })
}

/// A number; one that is larger than any file is as good as the largest.
fn number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

/// What may stand in an extended value as it is (RFC 8187, `attr-char`).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// A `Content-Disposition` that has the client save the file under this name (RFC 6266).
pub fn attachment(name: &str) -> String {
    // Old clients read `%41` and `\"` in different ways.
    let plain = |c: char| match c {
        '"' | '\\' | '%' => '_',
        ' '..='~' => c,
        _ => '_',
    };
    let fallback: String = name.chars().map(plain).collect();
    if fallback == name {
        return format!("attachment; filename=\"{name}\"");
    }
    let extended = utf8_percent_encode(name, ESCAPED);
    format!("attachment; filename=\"{fallback}\"; filename*=UTF-8''{extended}")
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn of_ten(range: &str) -> Wanted {
        parse(range, 10).unwrap_or(Wanted::Whole)
    }

    #[test]
    fn one_range_is_a_part() {
        for (range, part) in [
            ("bytes=0-0", 0..1),
            ("bytes=2-5", 2..6),
            ("BYTES=5-", 5..10),
            ("bytes=-3", 7..10),
            ("bytes=-99", 0..10),
            ("bytes=9-99999999999999999999999", 9..10),
        ] {
            assert_eq!(of_ten(range), Wanted::Part(part), "{range}");
        }
    }

    #[test]
    fn what_is_not_there_is_nothing_and_what_is_no_range_is_everything() {
        for range in [
            "bytes=10-",
            "bytes=10-11",
            "bytes=-0",
            "bytes=99999999999999999999-",
        ] {
            assert_eq!(of_ten(range), Wanted::Nothing, "{range}");
        }
        for range in [
            "bytes=5-2",
            "bytes=-",
            "bytes=a-b",
            "bytes=0-1,3-4",
            "lines=0-1",
            "bytes",
            "",
            "bytes=+1-2",
        ] {
            assert_eq!(of_ten(range), Wanted::Whole, "{range}");
        }
    }

    #[test]
    fn a_part_of_another_file_is_not_a_part_of_this_one() {
        let asked = |tag: &str| {
            let request = TestRequest::get()
                .insert_header((RANGE, "bytes=0-0"))
                .insert_header((IF_RANGE, tag))
                .to_http_request();
            wanted(&request, "\"a\"", 10)
        };

        assert_eq!(asked("\"a\""), Wanted::Part(0..1));
        for other in ["\"b\"", "W/\"a\"", "Tue, 24 Nov 2026 08:00:00 GMT"] {
            assert_eq!(asked(other), Wanted::Whole, "{other}");
        }
    }

    #[test]
    fn names_are_told_to_old_and_new_clients() {
        assert_eq!(
            attachment("my cv.pdf"),
            "attachment; filename=\"my cv.pdf\""
        );
        assert_eq!(
            attachment("a\"\\%;ü.pdf"),
            "attachment; filename=\"a___;_.pdf\"; filename*=UTF-8''a%22%5C%25%3B%C3%BC.pdf"
        );
    }
}
