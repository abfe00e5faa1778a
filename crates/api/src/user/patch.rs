//! JSON of changes of a profile.

use alumx_domain::text::InvalidValue;
use alumx_domain::user::{ListEntries, ProfileList, ProfilePatch};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use super::bodies::list_schema;
use super::lists::json_name;
use crate::http::{FieldError, Fields, FromJson, JsonBody};

/// A change of a profile: what is named is changed.
pub struct ProfilePatchBody(pub ProfilePatch);

impl JsonBody for ProfilePatchBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        let username = fields.take_if_named("username");
        let name = fields.take_if_named("name");
        let about = fields.take("about");
        let current_company = fields.take("currentCompany");
        let current_role = fields.take("currentRole");
        let location = fields.take("location");
        let department = fields.take("department");
        let graduation_year = fields.take("graduationYear");
        let linkedin_url = fields.take("linkedinUrl");
        let github_url = fields.take("githubUrl");
        let portfolio_url = fields.take("portfolioUrl");
        let named = ProfileList::all()
            .filter_map(|list| Some((list, fields.take_value(json_name(list))?)))
            .collect::<Vec<_>>();
        let lists =
            named.into_iter().map(
                |(list, value)| match read_list(list, json_name(list), value) {
                    Ok(entries) => Some((list, entries)),
                    Err(wrong) => {
                        for error in wrong {
                            fields.refuse(error);
                        }
                        None
                    }
                },
            );
        let lists: Vec<_> = lists.collect();
        Some(Self(ProfilePatch {
            username: username?,
            name: name?,
            about: about?,
            current_company: current_company?,
            current_role: current_role?,
            location: location?,
            department: department?,
            graduation_year: graduation_year?,
            linkedin_url: linkedin_url?,
            github_url: github_url?,
            portfolio_url: portfolio_url?,
            lists: lists.into_iter().collect::<Option<_>>()?,
        }))
    }
}

/// Reads a list out of JSON; `field` is what the client calls it.
///
/// # Errors
/// All wrong items, each by its position.
pub fn read_list(
    list: ProfileList,
    field: &str,
    value: Value,
) -> Result<ListEntries, Vec<FieldError>> {
    let Value::Array(items) = value else {
        let wrong = InvalidValue::new("invalid_type", "must be an array of strings");
        return Err(vec![FieldError::new(field, wrong)]);
    };
    let mut wrong = Vec::new();
    let mut texts = Vec::with_capacity(items.len());
    for (position, item) in items.into_iter().enumerate() {
        match String::from_json(Some(item)) {
            Ok(text) => texts.push(text),
            Err(error) => wrong.push(FieldError::new(format!("{field}[{position}]"), error)),
        }
    }
    if !wrong.is_empty() {
        wrong.truncate(ProfileList::MAX_ITEMS);
        return Err(wrong);
    }
    list.parse(texts).map_err(|wrong| {
        let told = wrong.into_iter().map(|(position, error)| match position {
            Some(position) => FieldError::new(format!("{field}[{position}]"), error),
            None => FieldError::new(field, error),
        });
        told.collect()
    })
}

impl PartialSchema for ProfilePatchBody {
    fn schema() -> RefOr<Schema> {
        let text = |max: usize| {
            ObjectBuilder::new()
                .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
                .max_length(Some(max))
        };
        let name = |min, max| {
            let schema = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String));
            schema.min_length(Some(min)).max_length(Some(max))
        };
        let year = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::Integer, Type::Null]))
            .minimum(Some(1900))
            .maximum(Some(2100));
        let username = name(3, 30).pattern(Some("^[A-Za-z0-9][A-Za-z0-9_.-]*$"));
        let fixed = ObjectBuilder::new()
            .property("username", username)
            .property("name", name(1, 100))
            .property("about", text(1000))
            .property("currentCompany", text(150))
            .property("currentRole", text(150))
            .property("location", text(150))
            .property("department", text(150))
            .property("graduationYear", year)
            .property("linkedinUrl", text(2048))
            .property("githubUrl", text(2048))
            .property("portfolioUrl", text(2048));
        let object = ProfileList::all()
            .fold(fixed, |object, list| {
                object.property(json_name(list), list_schema(list))
            })
            .description(Some(
                "What to change: null clears a field, a list is replaced whole.",
            ))
            .additional_properties(Some(AdditionalProperties::FreeForm(false)))
            .examples([serde_json::json!({
                "about": "I write programs for engines.",
                "location": null,
                "skills": ["Mathematics", "Programming"]
            })]);
        RefOr::T(Schema::Object(object.build()))
    }
}

impl ToSchema for ProfilePatchBody {
    fn name() -> std::borrow::Cow<'static, str> {
        "ProfilePatch".into()
    }
}
