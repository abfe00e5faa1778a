//! The header `Forwarded` (RFC 7239), read strictly: of a line that a client began and a proxy
//! went on with, a lenient reader might take the client's part for the proxy's.

use super::client_address::{Hop, address, is_host, scheme};

/// What proxies say in one line of the header, the nearest first; `None` if it can't be read.
pub(super) fn hops(line: &str) -> Option<Vec<Hop>> {
    let mut hops = vec![Hop::default()];
    let mut rest = line.trim_matches([' ', '\t']);
    loop {
        let hop = hops.last_mut()?;
        // An empty pair is allowed, as is an empty entry of a list.
        if !rest.starts_with([';', ',']) && !rest.is_empty() {
            let (name, value, after) = pair(rest)?;
            note(hop, name, &value);
            rest = after.trim_start_matches([' ', '\t']);
        }
        let Some(separator) = rest.chars().next() else {
            break;
        };
        match separator {
            ';' => {}
            ',' => hops.push(Hop::default()),
            _ => return None,
        }
        rest = rest[1..].trim_start_matches([' ', '\t']);
    }
    hops.reverse();
    Some(hops)
}

/// A name, its value, and what follows.
fn pair(text: &str) -> Option<(&str, String, &str)> {
    let (name, rest) = text.split_once('=')?;
    if name.is_empty() || !name.bytes().all(is_token) {
        return None;
    }
    if let Some(quoted) = rest.strip_prefix('"') {
        let mut value = String::new();
        let mut characters = quoted.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => return Some((name, value, &quoted[at + 1..])),
                '\\' => value.push(characters.next()?.1),
                other => value.push(other),
            }
        }
        return None;
    }
    // Not only tokens: many write an address and its port without the quotes.
    let end = rest
        .find([';', ',', '"', ' ', '\t', '\\'])
        .unwrap_or(rest.len());
    let (value, after) = rest.split_at(end);
    (!value.is_empty()).then(|| (name, value.to_owned(), after))
}

fn note(hop: &mut Hop, name: &str, value: &str) {
    match name.to_ascii_lowercase().as_str() {
        "for" => hop.address = address(value),
        "proto" => hop.scheme = scheme(value),
        "host" => hop.host = Some(value.to_owned()).filter(|host| is_host(host)),
        _ => {}
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
