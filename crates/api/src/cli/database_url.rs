//! The URL of a database: what libpq would not take is refused here, for libpq quotes it, with its
//! password.

use secrecy::{ExposeSecret, SecretString};

use super::Failure;

/// Refuses what is none; it is called by the setting's key and variable.
pub fn check(key: &str, variable: &str, url: &SecretString) -> Result<(), Failure> {
    if is_sound(url.expose_secret()) {
        return Ok(());
    }
    let expected = "expected postgres://user:password@host/database, with %40 for @ in user or \
                    password, %2F for /, %3F for ? and %25 for %";
    Err(format!("setting `{key}` ({variable}): {expected}").into())
}

fn is_sound(url: &str) -> bool {
    let rest = ["postgres://", "postgresql://"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme));
    match rest {
        Some(rest) => is_url(rest),
        None => !url.contains("://") && is_list(url),
    }
}

/// Whether nothing of user and password can be taken for something else.
fn is_url(rest: &str) -> bool {
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (user, hosts) = match authority.split_once('@') {
        Some((user, hosts)) => (user, hosts),
        None => ("", authority),
    };
    let encoded = |text: &str| {
        text.match_indices('%').all(|(at, _)| {
            let digits = text.as_bytes().get(at + 1..at + 3);
            digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        })
    };
    let settings = path.split_once('?').map_or("", |(_, settings)| settings);
    let pairs = settings
        .split('&')
        .all(|pair| pair.is_empty() || pair.contains('='));
    encoded(user)
        && encoded(path)
        && !hosts.contains('@')
        && !path.contains('@')
        && pairs
        && hosts.split(',').all(is_host)
}

fn is_host(host: &str) -> bool {
    let port = match host.strip_prefix('[') {
        Some(address) => match address.split_once(']') {
            Some((_, "")) => return true,
            Some((_, port)) => port.strip_prefix(':'),
            None => None,
        },
        None => match host.split_once(':') {
            Some((_, port)) => Some(port),
            None => return true,
        },
    };
    port.is_some_and(|port| port.bytes().all(|digit| digit.is_ascii_digit()))
}

/// libpq's other form, `host=… user=…`.
fn is_list(text: &str) -> bool {
    let quoted = text.contains(['\'', '\\']);
    let mut words = text.split_whitespace();
    text.contains('=') && (quoted || words.all(|word| word.contains('=')))
}

#[cfg(test)]
mod tests {
    use super::{Failure, check};

    fn checked(url: &str) -> Result<(), Failure> {
        check("database_url", "DATABASE_URL", &url.into())
    }

    #[test]
    fn what_libpq_takes_is_a_url() {
        for url in [
            "postgres://",
            "postgres://h/d",
            "postgresql://u:p%40ss@h:5432/d?sslmode=verify-full&sslrootcert=system",
            "postgres://u@h1:1,h2:2/d?target_session_attrs=any",
            "postgres://u:p@[::1]:5432/d",
            "postgres://alumx@%2Ftmp%2Fsocket:5432/alumx",
            "host=/tmp user=alumx password=x",
            "host=h password='a b'",
        ] {
            assert!(checked(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn what_it_would_quote_is_none() {
        for url in [
            "",
            "h",
            "postgress://u:hunter2@h/d",
            "postgres://u:hunter2",
            "postgres://u:hun/ter2@h/d",
            "postgres://u:hun?ter2@h/d",
            "postgres://u:hun@ter2@h/d",
            "postgres://u:hunter2%zz@h/d",
            "postgres://u:hunter2@[::1/d",
            "postgres://u:p@h/d?hunter2",
            "host=h password=hun ter2",
        ] {
            let refused = checked(url).unwrap_err().to_string();
            assert!(!refused.contains("hunter2") && !refused.contains("ter2"));
        }
    }
}
