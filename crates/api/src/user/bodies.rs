//! JSON of profiles.

use alumx_domain::account::{Caller, EmailAddress, PersonName, Role, UserId, Username};
use alumx_domain::text::InvalidValue;
use alumx_domain::user::{
    About, GraduationYear, ListEntries, Profile, ProfileList, ProfileLists, ProfilePatch, Revision,
    ShortText, UserSummary, WebUrl,
};
use chrono::{DateTime, Utc};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type,
};
use utoipa::{PartialSchema, ToSchema};

use super::lists::json_name;
use crate::account::RoleName;
use crate::http::{FieldError, Fields, FromJson, JsonBody};

/// A user's profile, as one viewer sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Profile, example = json!({
    "id": 1,
    "username": "ada.lovelace",
    "name": "Ada Lovelace",
    "role": "ALUMNI",
    "email": "ada@example.org",
    "about": "I write programs for engines.",
    "currentCompany": "Analytical Engines Ltd",
    "currentRole": "Programmer",
    "location": "London",
    "department": "Mathematics",
    "graduationYear": 2015,
    "linkedinUrl": "https://www.linkedin.com/in/ada",
    "githubUrl": "https://github.com/ada",
    "portfolioUrl": null,
    "profileCompleted": true,
    "skills": ["Mathematics", "Programming"],
    "education": ["BSc Mathematics, University of London"],
    "techStack": ["Punched cards"],
    "languages": ["English", "French"],
    "frameworks": [],
    "communicationSkills": ["Letters"],
    "certifications": [],
    "projects": ["Notes on the Analytical Engine"],
    "softSkills": ["Patience"],
    "hobbies": ["Flying machines"],
    "experience": ["Programmer, Analytical Engines Ltd"],
    "internships": [],
    "createdAt": "2026-01-31T09:30:00.123456Z",
    "updatedAt": "2026-02-01T18:05:12.5Z"
}))]
pub struct ProfileResponse {
    #[schema(value_type = i64, minimum = 1)]
    id: UserId,
    #[schema(value_type = String)]
    username: Username,
    #[schema(value_type = String)]
    name: PersonName,
    #[schema(value_type = RoleName)]
    role: Role,
    /// Only there for the user and for admins.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, format = Email)]
    email: Option<EmailAddress>,
    #[schema(value_type = Option<String>, required = true)]
    about: Option<About>,
    #[schema(value_type = Option<String>, required = true)]
    current_company: Option<ShortText>,
    #[schema(value_type = Option<String>, required = true)]
    current_role: Option<ShortText>,
    #[schema(value_type = Option<String>, required = true)]
    location: Option<ShortText>,
    #[schema(value_type = Option<String>, required = true)]
    department: Option<ShortText>,
    #[schema(value_type = Option<i64>, required = true, minimum = 1900, maximum = 2100)]
    graduation_year: Option<GraduationYear>,
    #[schema(value_type = Option<String>, required = true, format = "uri")]
    linkedin_url: Option<WebUrl>,
    #[schema(value_type = Option<String>, required = true, format = "uri")]
    github_url: Option<WebUrl>,
    #[schema(value_type = Option<String>, required = true, format = "uri")]
    portfolio_url: Option<WebUrl>,
    /// Whether there is something about the person, a department or company, a skill, and a
    /// station of education or experience.
    profile_completed: bool,
    #[serde(flatten)]
    lists: Lists,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl ProfileResponse {
    /// What `viewer` sees of it.
    pub fn new(profile: Profile, viewer: &Caller) -> Self {
        let email = profile
            .shows_email_to(viewer)
            .then(|| profile.email.clone());
        Self {
            email,
            profile_completed: profile.is_completed(),
            id: profile.id,
            username: profile.username,
            name: profile.name,
            role: profile.role,
            about: profile.about,
            current_company: profile.current_company,
            current_role: profile.current_role,
            location: profile.location,
            department: profile.department,
            graduation_year: profile.graduation_year,
            linkedin_url: profile.linkedin_url,
            github_url: profile.github_url,
            portfolio_url: profile.portfolio_url,
            lists: Lists(profile.lists),
            created_at: profile.created_at,
            updated_at: profile.updated_at,
        }
    }
}

/// The entity tag of a profile as `viewer` sees it: with the email address it is another text.
pub fn etag(profile: &Profile, viewer: &Caller) -> String {
    tag(profile.id, profile.revision, profile.shows_email_to(viewer))
}

// With the id, for a name may pass from one user to another.
fn tag(id: UserId, Revision(revision): Revision, with_email: bool) -> String {
    format!(
        "\"{id}.{revision}{}\"",
        if with_email { "-own" } else { "" }
    )
}

/// The revisions of this user's profile that these entity tags name. Only who sees the email
/// address may change a profile, so tags of the other view name none.
pub fn revisions(id: UserId, tags: &[String]) -> Vec<Revision> {
    let own = format!("\"{id}.");
    let numbers = tags
        .iter()
        .filter_map(|tag| tag.strip_prefix(own.as_str())?.strip_suffix("-own\""));
    numbers
        .filter_map(|number| number.parse().ok().map(Revision))
        .collect()
}

/// The twelve lists as twelve fields.
pub struct Lists(ProfileLists);

impl Serialize for Lists {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (list, items) in self.0.iter() {
            map.serialize_entry(json_name(list), items)?;
        }
        map.end()
    }
}

impl PartialSchema for Lists {
    fn schema() -> RefOr<Schema> {
        let fields = ProfileList::all().fold(ObjectBuilder::new(), |object, list| {
            object
                .property(json_name(list), list_schema(list))
                .required(json_name(list))
        });
        let example: serde_json::Map<String, Value> = ProfileList::all()
            .map(|list| (json_name(list).to_owned(), serde_json::json!(["An item"])))
            .collect();
        let fields = fields
            .description(Some("The twelve lists of a profile."))
            .examples([Value::Object(example)]);
        RefOr::T(Schema::Object(fields.build()))
    }
}

impl ToSchema for Lists {
    fn name() -> std::borrow::Cow<'static, str> {
        "ProfileLists".into()
    }
}

fn list_schema(list: ProfileList) -> ArrayBuilder {
    let item = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .min_length(Some(1))
        .max_length(Some(list.max_length()));
    ArrayBuilder::new()
        .items(item)
        .max_items(Some(ProfileList::MAX_ITEMS))
        .examples([serde_json::json!(["An item"])])
}

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

/// A user in the directory.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UserSummary, example = json!({
    "id": 1,
    "username": "ada.lovelace",
    "name": "Ada Lovelace",
    "role": "ALUMNI",
    "currentCompany": "Analytical Engines Ltd",
    "currentRole": "Programmer",
    "location": "London",
    "department": "Mathematics",
    "graduationYear": 2015,
    "skills": ["Mathematics", "Programming"],
    "profileCompleted": true
}))]
pub struct UserSummaryResponse {
    #[schema(value_type = i64, minimum = 1)]
    id: UserId,
    #[schema(value_type = String)]
    username: Username,
    #[schema(value_type = String)]
    name: PersonName,
    #[schema(value_type = RoleName)]
    role: Role,
    #[schema(value_type = Option<String>, required = true)]
    current_company: Option<ShortText>,
    #[schema(value_type = Option<String>, required = true)]
    current_role: Option<ShortText>,
    #[schema(value_type = Option<String>, required = true)]
    location: Option<ShortText>,
    #[schema(value_type = Option<String>, required = true)]
    department: Option<ShortText>,
    #[schema(value_type = Option<i64>, required = true, minimum = 1900, maximum = 2100)]
    graduation_year: Option<GraduationYear>,
    /// The first ten.
    #[schema(max_items = 10)]
    skills: Vec<String>,
    profile_completed: bool,
}

impl From<UserSummary> for UserSummaryResponse {
    fn from(user: UserSummary) -> Self {
        Self {
            id: user.id,
            username: user.username,
            name: user.name,
            role: user.role,
            current_company: user.current_company,
            current_role: user.current_role,
            location: user.location,
            department: user.department,
            graduation_year: user.graduation_year,
            skills: user.skills,
            profile_completed: user.profile_completed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_names_its_revision_and_nothing_else_does() {
        let [ada, bob] = [1, 2].map(|id| UserId::try_from(id).unwrap());

        assert_eq!(
            revisions(ada, &[tag(ada, Revision(7), true)]),
            [Revision(7)]
        );
        for other in [
            tag(ada, Revision(7), false),
            tag(bob, Revision(7), true),
            "W/\"1.7-own\"".to_owned(),
            "\"1.x-own\"".to_owned(),
        ] {
            assert_eq!(revisions(ada, &[other]), []);
        }
    }
}
