//! Checks JSON against the schemas of the document, as far as the document uses JSON Schema: a
//! keyword that isn't known here is an error, and so is a property that isn't documented.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

const KNOWN: [&str; 20] = [
    "$ref",
    "allOf",
    "oneOf",
    "type",
    "description",
    "required",
    "properties",
    "items",
    "enum",
    "format",
    "example",
    "examples",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "maxItems",
    "pattern",
    "additionalProperties",
    "default",
];

/// What is wrong with `value`, if anything.
pub fn errors(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut checker = Checker {
        document,
        errors: Vec::new(),
    };
    checker.check(schema, value, "$");
    let mut documented = BTreeSet::new();
    checker.documented(schema, value, "$", &mut documented);
    checker.undocumented(value, "$", &documented);
    checker.errors
}

/// The schema that a component has.
pub fn component<'a>(document: &'a Value, name: &str) -> &'a Value {
    &document["components"]["schemas"][name]
}

struct Checker<'a> {
    document: &'a Value,
    errors: Vec<String>,
}

impl Checker<'_> {
    fn fail(&mut self, at: &str, what: impl std::fmt::Display) {
        self.errors.push(format!("{at}: {what}"));
    }

    fn resolve<'b>(&'b self, schema: &'b Value) -> &'b Value {
        match schema["$ref"].as_str() {
            Some(to) => self
                .document
                .pointer(to.trim_start_matches('#'))
                .unwrap_or(&Value::Null),
            None => schema,
        }
    }

    fn check(&mut self, schema: &Value, value: &Value, at: &str) {
        let schema = self.resolve(schema).clone();
        let Some(keywords) = schema.as_object() else {
            return self.fail(at, "there is no such schema");
        };
        for keyword in keywords.keys() {
            if !KNOWN.contains(&keyword.as_str()) {
                self.fail(at, format!("unknown keyword {keyword}"));
            }
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.check(part, value, at);
        }
        if let Some(choices) = schema["oneOf"].as_array() {
            let fits = |choice: &&Value| errors(self.document, choice, value).is_empty();
            let count = choices.iter().filter(fits).count();
            if count != 1 {
                self.fail(at, format!("fits {count} of oneOf"));
            }
        }
        if let Some(values) = schema["enum"].as_array()
            && !values.contains(value)
        {
            self.fail(at, format!("{value} is none of {values:?}"));
        }
        self.check_type(keywords, value, at);
        self.check_parts(&schema, value, at);
    }

    fn check_type(&mut self, schema: &Map<String, Value>, value: &Value, at: &str) {
        let types = match schema.get("type") {
            Some(Value::Array(types)) => types.clone(),
            Some(one) => vec![one.clone()],
            None => return,
        };
        let of_type = |name: &Value| match name.as_str() {
            Some("string") => value.is_string(),
            Some("integer") => value.is_i64(),
            Some("boolean") => value.is_boolean(),
            Some("array") => value.is_array(),
            Some("object") => value.is_object(),
            Some("null") => value.is_null(),
            _ => false,
        };
        if !types.iter().any(of_type) {
            self.fail(at, format!("{value} is not of {types:?}"));
        }
    }

    fn check_parts(&mut self, schema: &Value, value: &Value, at: &str) {
        let limit = |keyword: &str| schema[keyword].as_i64();
        if let Some(number) = value.as_i64()
            && (limit("minimum").is_some_and(|least| number < least)
                || limit("maximum").is_some_and(|most| number > most))
        {
            self.fail(at, format!("{number} is out of range"));
        }
        if let Some(text) = value.as_str() {
            let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
            if limit("minLength").is_some_and(|least| length < least)
                || limit("maxLength").is_some_and(|most| length > most)
            {
                self.fail(at, format!("{text:?} is too short or long"));
            }
            let fits = match schema["format"].as_str() {
                Some("date-time") => {
                    text.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(text).is_ok()
                }
                Some("email") => text.contains('@'),
                Some("uri") => reqwest::Url::parse(text).is_ok(),
                _ => true,
            };
            if !fits {
                self.fail(at, format!("{text:?} is no {}", schema["format"]));
            }
        }
        if let Some(items) = value.as_array() {
            if limit("maxItems")
                .is_some_and(|most| items.len() > usize::try_from(most).unwrap_or(0))
            {
                self.fail(at, "too many items");
            }
            for (n, item) in items.iter().enumerate() {
                self.check(&schema["items"], item, &format!("{at}[{n}]"));
            }
        }
        if let Some(object) = value.as_object() {
            for name in schema["required"].as_array().into_iter().flatten() {
                if !object.contains_key(name.as_str().unwrap_or_default()) {
                    self.fail(at, format!("{name} is missing"));
                }
            }
            for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
                if let Some(value) = object.get(name) {
                    self.check(schema, value, &format!("{at}.{name}"));
                }
            }
        }
    }

    /// Collects where an object may have which property, over all parts of a schema.
    fn documented(&self, schema: &Value, value: &Value, at: &str, found: &mut BTreeSet<String>) {
        let schema = self.resolve(schema);
        let parts = [&schema["allOf"], &schema["oneOf"]];
        for part in parts.into_iter().filter_map(Value::as_array).flatten() {
            self.documented(part, value, at, found);
        }
        for (n, item) in value.as_array().into_iter().flatten().enumerate() {
            self.documented(&schema["items"], item, &format!("{at}[{n}]"), found);
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let at = format!("{at}.{name}");
            self.documented(property, &value[name], &at, found);
            found.insert(at);
        }
    }

    fn undocumented(&mut self, value: &Value, at: &str, documented: &BTreeSet<String>) {
        for (n, item) in value.as_array().into_iter().flatten().enumerate() {
            self.undocumented(item, &format!("{at}[{n}]"), documented);
        }
        for (name, value) in value.as_object().into_iter().flatten() {
            let at = format!("{at}.{name}");
            if documented.contains(&at) {
                self.undocumented(value, &at, documented);
            } else {
                self.fail(&at, "is not documented");
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_told() {
    use serde_json::json;
    let document = json!({"components": {"schemas": {"Name": {"type": "string", "minLength": 2}}}});
    let schema = json!({
        "type": "object", "required": ["name"],
        "properties": {
            "name": {"$ref": "#/components/schemas/Name"},
            "year": {"type": ["integer", "null"], "minimum": 1900},
            "at": {"type": "string", "format": "date-time"},
        },
    });

    let ok = json!({"name": "Ada", "year": null, "at": "2027-01-15T08:00:00Z"});
    assert_eq!(errors(&document, &schema, &ok), [""; 0]);
    for wrong in [
        json!([]),
        json!({}),
        json!({"name": "A"}),
        json!({"name": null}),
        json!({"name": "Ada", "year": 1}),
        json!({"name": "Ada", "at": "2027-01-15T08:00:00+01:00"}),
        json!({"name": "Ada", "more": 1}),
    ] {
        assert_eq!(errors(&document, &schema, &wrong).len(), 1, "{wrong}");
    }
}
