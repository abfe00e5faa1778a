//! Usernames made of names.

use unicode_normalization::UnicodeNormalization;

/// The most characters that the name takes of a username: with the number it stays within 30.
const NAME_CHARS: usize = 20;

/// `ada.lovelace17` for Ada Lovelace, the 17th. No two numbers make the same username, for what
/// stands before the number never ends with a digit.
pub(super) fn username(first: &str, last: &str, number: u64) -> String {
    let name = format!("{}.{}", latin(first), latin(last));
    let name: String = name.chars().take(NAME_CHARS).collect();
    format!("{}{number}", name.trim_end_matches('.'))
}

/// The letters of a name, written with a–z.
pub(crate) fn latin(name: &str) -> String {
    let mut plain = String::new();
    for c in name.nfd().flat_map(char::to_lowercase) {
        match c {
            'a'..='z' => plain.push(c),
            _ => plain.push_str(spelt(c)),
        }
    }
    plain
}

fn spelt(letter: char) -> &'static str {
    match letter {
        'ß' => "ss",
        'σ' | 'ς' | 'с' => "s",
        'æ' => "ae",
        'ø' | 'ο' | 'ω' | 'о' => "o",
        'þ' | 'θ' => "th",
        'ð' | 'đ' | 'δ' | 'д' => "d",
        'ł' | 'λ' | 'л' => "l",
        'ı' | 'ι' | 'η' | 'и' | 'і' => "i",
        'α' | 'а' => "a",
        'β' | 'в' => "v",
        'γ' | 'г' => "g",
        'ε' | 'е' | 'э' => "e",
        'ζ' | 'з' => "z",
        'κ' | 'к' => "k",
        'μ' | 'м' => "m",
        'ν' | 'н' => "n",
        'ξ' => "x",
        'π' | 'п' => "p",
        'ρ' | 'р' => "r",
        'τ' | 'т' => "t",
        'υ' | 'ы' => "y",
        'φ' | 'ф' => "f",
        'χ' | 'х' | 'ч' => "ch",
        'ψ' => "ps",
        'б' => "b",
        'ж' => "zh",
        'у' => "u",
        'ц' => "ts",
        'ш' => "sh",
        'щ' => "shch",
        'ю' => "yu",
        'я' => "ya",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_becomes_letters() {
        for (first, last, expected) in [
            ("Ada", "Lovelace", "ada.lovelace7"),
            ("Seán", "O'Brien", "sean.obrien7"),
            ("Đức", "Nguyễn", "duc.nguyen7"),
            ("Łukasz", "Großmann", "lukasz.grossmann7"),
            ("Γιώργος", "Βλάχος", "giorgos.vlachos7"),
            ("Андрей", "Шевченко", "andrei.shevchenko7"),
            ("Małgorzata", "Brzęczyszczykiewicz", "malgorzata.brzeczysz7"),
        ] {
            assert_eq!(username(first, last, 7), expected);
        }
    }
}
