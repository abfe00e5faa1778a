//! Checks JSON against the schema of JSON Resume v1.0.0, as far as that schema uses JSON Schema: a
//! keyword that isn't known here is an error, and so is a property that the schema doesn't name
//! (it lets others pass nearly everywhere, but a misspelt one would pass as well).

use std::sync::LazyLock;

use serde_json::Value;

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("json-resume-1.0.0.schema.json")).unwrap_or_default()
});

const KNOWN: [&str; 11] = [
    "$schema",
    "$ref",
    "additionalItems",
    "additionalProperties",
    "definitions",
    "description",
    "format",
    "items",
    "pattern",
    "properties",
    "title",
];

/// A year, perhaps with a month, perhaps with a day.
const DATE: &str = "^([1-2][0-9]{3}-[0-1][0-9]-[0-3][0-9]|[1-2][0-9]{3}-[0-1][0-9]|[1-2][0-9]{3})$";

/// What is wrong with `resume`, if anything.
pub fn errors(resume: &Value) -> Vec<String> {
    let mut errors = Vec::new();
    check(&SCHEMA, resume, "$", &mut errors);
    errors
}

fn check(schema: &Value, value: &Value, at: &str, errors: &mut Vec<String>) {
    let schema = match schema["$ref"].as_str() {
        Some(to) => SCHEMA.pointer(to.trim_start_matches('#')),
        None => Some(schema),
    };
    let Some(keywords) = schema.and_then(Value::as_object) else {
        return errors.push(format!("{at}: there is no such schema"));
    };
    for (keyword, rule) in keywords {
        let fits = match (keyword.as_str(), value) {
            ("type", value) => is_of_type(value, rule),
            ("pattern", Value::String(text)) => *rule == DATE && is_date(text),
            ("format", Value::String(text)) => has_format(text, rule),
            ("items", Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    check(rule, item, &format!("{at}[{index}]"), errors);
                }
                true
            }
            ("properties", Value::Object(fields)) => {
                for (name, field) in fields {
                    match rule.get(name) {
                        Some(rule) => check(rule, field, &format!("{at}.{name}"), errors),
                        None => errors.push(format!("{at}: unknown property {name}")),
                    }
                }
                true
            }
            (other, _) => KNOWN.contains(&other),
        };
        if !fits {
            errors.push(format!("{at}: {value} breaks {keyword} {rule}"));
        }
    }
}

fn is_of_type(value: &Value, name: &Value) -> bool {
    match name.as_str() {
        Some("string") => value.is_string(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => false,
    }
}

fn is_date(text: &str) -> bool {
    let shape: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '9' } else { c })
        .collect();
    let year = text.starts_with(['1', '2']);
    year && ["9999", "9999-99", "9999-99-99"].contains(&shape.as_str())
}

fn has_format(text: &str, format: &Value) -> bool {
    match format.as_str() {
        Some("email") => text.contains('@'),
        Some("date") => is_date(text) && text.len() == 10,
        Some("uri") => {
            let allowed = |c: char| c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c);
            text.chars().all(allowed) && reqwest::Url::parse(text).is_ok()
        }
        _ => false,
    }
}

#[test]
fn what_breaks_the_schema_is_found() {
    let wrong = serde_json::json!({
        "basics": {"name": 1, "url": "no url", "naem": "x"},
        "work": {"name": "x"},
        "education": [{"endDate": "soon"}],
        "extra": true,
    });

    let found = errors(&wrong);

    for at in [
        "$.basics.name: 1 breaks type",
        "$.basics.url: \"no url\" breaks format",
        "$.basics: unknown property naem",
        "$.work: {\"name\":\"x\"} breaks type",
        "$.education[0].endDate: \"soon\" breaks pattern",
        "$: unknown property extra",
    ] {
        assert!(found.iter().any(|e| e.starts_with(at)), "{at} {found:?}");
    }
    assert_eq!(found.len(), 6, "{found:?}");
}
