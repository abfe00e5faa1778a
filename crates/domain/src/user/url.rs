//! Links that are safe to show as links.

use std::ops::Deref;

use serde::{Deserialize, Serialize};
use url::{Position, Url};

use crate::text::{InvalidValue, check_characters, check_length, trimmed};

/// An absolute http or https URL of at most 2048 characters, kept as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct WebUrl(String);

impl TryFrom<String> for WebUrl {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        let url = Self::stored(trimmed(text))?;
        if !Url::parse(&url).is_ok_and(|url| url.has_host()) {
            return Err(no_web_url());
        }
        Ok(url)
    }
}

fn no_web_url() -> InvalidValue {
    InvalidValue::new("invalid_url", "must be an http or https URL")
}

impl WebUrl {
    /// A link that was checked when it was stored: what strangers give goes through `try_from`.
    /// What makes a link harmless is looked at again, but not parsed: that takes as long as all else
    /// of a post that is read.
    ///
    /// # Errors
    /// It is none of http or https, names no host, is too long, or has characters that no link has.
    pub fn stored(text: String) -> Result<Self, InvalidValue> {
        check_characters(&text, false)?;
        check_length(&text, 1, 2048)?;
        // A parser forgives what others read differently (`https:host`, `https:///host`, `https:\\host`, spaces).
        let (scheme, rest) = text.split_once("://").unwrap_or_default();
        let web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
        let odd = |c: char| c.is_whitespace() || matches!(c, '\\' | '<' | '>' | '"');
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        if !web || host.is_empty() || host.starts_with(':') || text.contains(odd) {
            return Err(no_web_url());
        }
        Ok(Self(text))
    }

    /// The same as a URI of RFC 3986: a host of other letters in Punycode, all else that is no
    /// ASCII or not allowed there in percent-encoding.
    pub fn to_uri(&self) -> String {
        let Ok(url) = Url::parse(&self.0) else {
            return self.0.clone(); // It was parsed when it was made.
        };
        let host_end = url[..Position::BeforePath].len();
        let (url, bytes) = (url.as_str(), url.as_str().as_bytes());
        let fragment = url.find('#').unwrap_or(url.len());
        let mut uri = String::with_capacity(url.len());
        for (at, &byte) in bytes.iter().enumerate() {
            let allowed = match byte {
                b'%' => {
                    let digits = bytes.get(at + 1..at + 3);
                    digits.is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
                }
                b'[' | b']' => at < host_end,
                b'#' => at == fragment,
                b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => false,
                _ => byte.is_ascii_graphic(),
            };
            if allowed {
                uri.push(char::from(byte));
            } else {
                uri.push('%');
                uri.extend(
                    [byte >> 4, byte & 15]
                        .map(|half| char::from(b"0123456789ABCDEF"[usize::from(half)])),
                );
            }
        }
        uri
    }
}

impl From<WebUrl> for String {
    fn from(url: WebUrl) -> Self {
        url.0
    }
}

impl Deref for WebUrl {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_links_are_links() {
        for good in [
            "https://example.org",
            "HTTP://example.org/a?b#c",
            "https://bücher.example/ü",
        ] {
            assert_eq!(&*WebUrl::try_from(good.to_owned()).unwrap(), good);
        }
        for bad in [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "data:text/html,x",
            "ftp://example.org",
            "//example.org",
            "https:example.org",
            "https://",
            "https:///path",
            "https://exa mple.org",
            "https://example.org/\"><script>",
            "https:\\\\example.org",
            "java\nscript://example.org",
            "example.org",
            "",
        ] {
            assert!(WebUrl::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_stored_link_is_harmless_even_if_somebody_changed_it() {
        for bad in [
            "javascript:alert(1)//://",
            "https://a\"><script>",
            "ftp://a",
            "https://",
            "https:///a",
            "http://?a",
            "https://a@",
            "https://:80/",
            "",
        ] {
            assert!(WebUrl::stored(bad.to_owned()).is_err(), "{bad:?}");
        }
        let url = WebUrl::try_from("https://example.org".to_owned()).unwrap();
        assert_eq!(WebUrl::stored(url.to_string()), Ok(url));
    }

    #[test]
    fn a_link_has_at_most_2048_characters() {
        let url = format!("https://example.org/{}", "a".repeat(2028));

        assert!(WebUrl::try_from(url.clone()).is_ok());
        assert!(WebUrl::try_from(url + "a").is_err());
    }

    #[test]
    fn a_uri_has_allowed_characters_alone() {
        for (link, uri) in [
            ("https://example.org", "https://example.org/"),
            (
                "HTTP://bücher.example/ü",
                "http://xn--bcher-kva.example/%C3%BC",
            ),
            (
                "http://[::1]/[a]?{b}|^`#c#d",
                "http://[::1]/%5Ba%5D?%7Bb%7D%7C%5E%60#c%23d",
            ),
            (
                "http://example.org/%zz%41%",
                "http://example.org/%25zz%41%25",
            ),
        ] {
            let link = WebUrl::try_from(link.to_owned()).unwrap();

            assert_eq!(link.to_uri(), uri);
        }
    }
}
