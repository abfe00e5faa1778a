//! Links that are safe to show as links.

use std::ops::Deref;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::text::{InvalidValue, check_characters, check_length, trimmed};

/// An absolute http or https URL of at most 2048 characters, kept as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebUrl(String);

impl TryFrom<String> for WebUrl {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        let text = trimmed(text);
        check_characters(&text, false)?;
        check_length(&text, 1, 2048)?;
        // The parser forgives what others read differently (`https:host`, `https:///host`, `https:\\host`, spaces).
        let (scheme, rest) = text.split_once("://").unwrap_or_default();
        let strict = matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https")
            && !rest.starts_with('/')
            && !text.contains(|c: char| c.is_whitespace() || matches!(c, '\\' | '<' | '>' | '"'));
        let has_host = Url::parse(&text).is_ok_and(|url| url.has_host());
        if !strict || !has_host {
            return Err(InvalidValue::new(
                "invalid_url",
                "must be an http or https URL",
            ));
        }
        Ok(Self(text))
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
    fn a_link_has_at_most_2048_characters() {
        let url = format!("https://example.org/{}", "a".repeat(2028));

        assert!(WebUrl::try_from(url.clone()).is_ok());
        assert!(WebUrl::try_from(url + "a").is_err());
    }
}
