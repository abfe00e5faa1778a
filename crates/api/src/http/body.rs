//! JSON bodies, read field by field so that all wrong fields are told at once.

use alumx_domain::account::{EmailAddress, MemberRole, Password, Role, Username};
use alumx_domain::clock::Timestamp;
use alumx_domain::conversation::{ClientMessageId, Seq};
use alumx_domain::group_chat::GrantableRole;
use alumx_domain::id::Id;
use alumx_domain::job_post::EmploymentType;
use alumx_domain::text::{InvalidValue, Text};
use alumx_domain::user::{GraduationYear, Patch, WebUrl};
use secrecy::SecretString;
use serde_json::{Map, Value};

use super::FieldError;

/// A body that is a JSON object.
pub trait JsonBody: Sized {
    /// Takes its fields; `None` if any of them is wrong.
    fn read(fields: &mut Fields) -> Option<Self>;
}

/// The fields of an object, and what was wrong with those taken so far.
pub struct Fields {
    object: Map<String, Value>,
    now: Timestamp,
    errors: Vec<FieldError>,
}

impl Fields {
    /// Reads a whole body; what is left over is unknown and so wrong.
    ///
    /// # Errors
    /// All wrong fields.
    pub fn read_all<T: JsonBody>(
        object: Map<String, Value>,
        now: Timestamp,
    ) -> Result<T, Vec<FieldError>> {
        let mut fields = Self {
            object,
            now,
            errors: Vec::new(),
        };
        let body = T::read(&mut fields);
        for name in fields.object.into_iter().map(|(name, _)| name) {
            let unknown = InvalidValue::new("unknown_field", "is not a field of this body");
            fields
                .errors
                .push(FieldError::new(shortened(name), unknown));
        }
        match body {
            Some(body) if fields.errors.is_empty() => Ok(body),
            _ => Err(fields.errors),
        }
    }

    /// Takes a field.
    pub fn take<T: FromJson>(&mut self, name: &str) -> Option<T> {
        let value = self.object.remove(name);
        self.checked(name, T::from_json(value))
    }

    /// Takes a field that may be left out, but not be null: `Some(None)` if it is left out.
    pub fn take_if_named<T: FromJson>(&mut self, name: &str) -> Option<Option<T>> {
        match self.object.remove(name) {
            None => Some(None),
            value => self.checked(name, T::from_json(value)).map(Some),
        }
    }

    /// Takes a field as it is, if it is there.
    pub fn take_value(&mut self, name: &str) -> Option<Value> {
        self.object.remove(name)
    }

    /// When the body is read, for rules about time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Notes what is wrong with a field.
    pub fn refuse(&mut self, error: FieldError) {
        self.errors.push(error);
    }

    fn checked<T>(&mut self, name: &str, value: Result<T, InvalidValue>) -> Option<T> {
        value
            .map_err(|invalid| self.errors.push(FieldError::new(name, invalid)))
            .ok()
    }
}

/// An unknown name goes back to the client that sent it, but not at any length.
fn shortened(mut name: String) -> String {
    name.truncate(name.floor_char_boundary(100));
    name
}

/// A value that can be read from JSON. `None` is a field that is missing.
pub trait FromJson: Sized {
    /// Whether it is a text that people write: where it may be left out, blank is none.
    const IS_PROSE: bool = false;

    /// The value, or which rule it breaks.
    ///
    /// # Errors
    /// The rule.
    fn from_json(value: Option<Value>) -> Result<Self, InvalidValue>;
}

fn required<T>() -> Result<T, InvalidValue> {
    Err(InvalidValue::new("required", "is required"))
}

impl FromJson for String {
    const IS_PROSE: bool = true;

    fn from_json(value: Option<Value>) -> Result<Self, InvalidValue> {
        match value {
            Some(Value::String(text)) => Ok(text),
            None | Some(Value::Null) => required(),
            Some(_) => Err(InvalidValue::new("invalid_type", "must be a string")),
        }
    }
}

impl FromJson for i64 {
    fn from_json(value: Option<Value>) -> Result<Self, InvalidValue> {
        match value {
            None | Some(Value::Null) => required(),
            Some(value) => value
                .as_i64()
                .ok_or_else(|| InvalidValue::new("invalid_type", "must be a whole number")),
        }
    }
}

impl FromJson for Timestamp {
    fn from_json(value: Option<Value>) -> Result<Self, InvalidValue> {
        super::query::timestamp(&String::from_json(value)?)
    }
}

impl FromJson for SecretString {
    fn from_json(value: Option<Value>) -> Result<Self, InvalidValue> {
        match String::from_json(value)? {
            text if text.is_empty() => required(),
            text => Ok(text.into()),
        }
    }
}

/// A text that is not blank, and is kept out of logs.
pub struct NonBlank(pub SecretString);

impl FromJson for NonBlank {
    fn from_json(value: Option<Value>) -> Result<Self, InvalidValue> {
        if is_empty::<String>(value.as_ref()) {
            required()
        } else {
            FromJson::from_json(value).map(Self)
        }
    }
}

/// Null, and in texts blank, is none.
impl<T: FromJson> FromJson for Option<T> {
    fn from_json(value: Option<Value>) -> Result<Self, InvalidValue> {
        if is_empty::<T>(value.as_ref()) {
            Ok(None)
        } else {
            T::from_json(value).map(Some)
        }
    }
}

impl<T: FromJson> FromJson for Patch<T> {
    fn from_json(value: Option<Value>) -> Result<Self, InvalidValue> {
        match value {
            None => Ok(Self::Keep),
            value if is_empty::<T>(value.as_ref()) => Ok(Self::Clear),
            value => T::from_json(value).map(Self::Set),
        }
    }
}

fn is_empty<T: FromJson>(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => T::IS_PROSE && text.trim().is_empty(),
        Some(_) => false,
    }
}

/// The value types that JSON writes as something simpler.
macro_rules! read_through {
    ($simple:ty, prose $prose:literal: $($type:ty),+ $(,)?) => {$(
        impl FromJson for $type {
            const IS_PROSE: bool = $prose;

            fn from_json(value: Option<Value>) -> Result<Self, InvalidValue> {
                <$simple>::from_json(value)?.try_into()
            }
        }
    )+};
}

read_through!(String, prose true: Username, EmailAddress, Password, WebUrl);
read_through!(String, prose false: ClientMessageId, EmploymentType, GrantableRole, MemberRole, Role);
read_through!(i64, prose false: GraduationYear, Seq);

impl<T> FromJson for Id<T> {
    fn from_json(value: Option<Value>) -> Result<Self, InvalidValue> {
        i64::from_json(value)?.try_into()
    }
}

impl<const MIN: usize, const MAX: usize, const LINES: bool> FromJson for Text<MIN, MAX, LINES> {
    const IS_PROSE: bool = true;

    fn from_json(value: Option<Value>) -> Result<Self, InvalidValue> {
        String::from_json(value)?.try_into()
    }
}

/// A body written once: the struct, its schema, and how it is read. The JSON name of a field
/// stands behind its name.
macro_rules! json_body {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[$field_meta:meta])* $field:ident as $key:literal: $type:ty,)+
        }
    ) => {
        #[derive(utoipa::ToSchema)]
        $(#[$meta])*
        pub struct $name {
            $($(#[$field_meta])* #[schema(rename = $key)] pub $field: $type,)+
        }

        impl $crate::http::JsonBody for $name {
            fn read(fields: &mut $crate::http::Fields) -> Option<Self> {
                $(let $field = fields.take($key);)+
                Some(Self { $($field: $field?,)+ })
            }
        }
    };
}

pub(crate) use json_body;

#[cfg(test)]
mod tests {
    use alumx_domain::account::PersonName;
    use alumx_domain::user::About;
    use serde_json::json;

    use super::*;

    #[derive(Debug)]
    struct Sample {
        name: PersonName,
        about: Patch<About>,
        year: Option<GraduationYear>,
    }

    impl JsonBody for Sample {
        fn read(fields: &mut Fields) -> Option<Self> {
            let name = fields.take("name");
            let about = fields.take("about");
            let year = fields.take("year");
            Some(Self {
                name: name?,
                about: about?,
                year: year?,
            })
        }
    }

    fn read(body: Value) -> Result<Sample, Vec<(String, &'static str)>> {
        let Value::Object(object) = body else {
            unreachable!()
        };
        Fields::read_all(object, Timestamp::UNIX_EPOCH)
            .map_err(|errors| errors.into_iter().map(|e| (e.field, e.code)).collect())
    }

    #[test]
    fn all_wrong_and_unknown_fields_are_told_at_once() {
        let wrong = read(json!({"about": 1, "year": 1500, "a": 1, "b": 2})).unwrap_err();

        let expected = [
            ("name", "required"),
            ("about", "invalid_type"),
            ("year", "out_of_range"),
            ("a", "unknown_field"),
            ("b", "unknown_field"),
        ];
        assert_eq!(
            wrong,
            expected.map(|(field, code)| (field.to_owned(), code))
        );
    }

    #[test]
    fn blank_and_null_clear_and_absence_keeps() {
        let about = |body| read(body).unwrap().about;

        assert_eq!(about(json!({"name": "A"})), Patch::Keep);
        assert_eq!(about(json!({"name": "A", "about": null})), Patch::Clear);
        assert_eq!(about(json!({"name": "A", "about": " \n"})), Patch::Clear);
        assert!(matches!(
            about(json!({"name": "A", "about": "x"})),
            Patch::Set(_)
        ));
    }

    #[test]
    fn only_a_text_may_be_blank() {
        assert!(Option::<Timestamp>::from_json(Some(json!(""))).is_err());
        assert!(Option::<ClientMessageId>::from_json(Some(json!(" "))).is_err());
        assert_eq!(Option::<WebUrl>::from_json(Some(json!(" "))), Ok(None));
        assert_eq!(Option::<Timestamp>::from_json(Some(Value::Null)), Ok(None));
    }

    #[test]
    fn numbers_must_be_whole() {
        for year in [
            json!(2000.5),
            json!("2000"),
            json!(""),
            json!([2000]),
            json!(u64::MAX),
        ] {
            assert!(read(json!({"name": "A", "year": year})).is_err());
        }
        let sample = read(json!({"name": "A", "year": 2000})).unwrap();
        assert_eq!((sample.year.unwrap().get(), &*sample.name), (2000, "A"));
    }
}
