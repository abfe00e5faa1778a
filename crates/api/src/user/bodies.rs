//! JSON of profiles.

use alumx_domain::account::{Caller, EmailAddress, PersonName, Role, UserId, Username};
use alumx_domain::user::{
    About, GraduationYear, Profile, ProfileList, ProfileLists, ShortText, UserSummary, WebUrl,
};
use chrono::{DateTime, Utc};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use super::lists::json_name;
use crate::account::RoleName;
use crate::http::time::rfc3339;

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
    #[serde(serialize_with = "rfc3339")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "rfc3339")]
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
            ..Self::public(profile)
        }
    }

    /// What everybody sees of it.
    pub fn public(profile: Profile) -> Self {
        Self {
            email: None,
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

/// The schema of one list.
pub fn list_schema(list: ProfileList) -> ArrayBuilder {
    let item = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .min_length(Some(1))
        .max_length(Some(list.max_length()));
    ArrayBuilder::new()
        .items(item)
        .max_items(Some(ProfileList::MAX_ITEMS))
        .examples([serde_json::json!(["An item"])])
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
