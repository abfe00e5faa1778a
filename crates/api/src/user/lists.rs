//! The twelve lists as routes of their own.

use std::sync::LazyLock;

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, get, put};
use alumx_application::user::UserService;
use alumx_domain::account::UserId;
use alumx_domain::user::{ProfileList, ProfilePatch};

use super::etag::revisions;
use super::patch::read_list;
use crate::http::extract::{FromPath, JsonValue};
use crate::http::{CurrentUser, Path, Problem, ProblemCode, conditional};
use crate::openapi::Collection;

/// How clients write the names of the lists.
struct Names {
    list: ProfileList,
    json: String,
    path: String,
}

static NAMES: LazyLock<Vec<Names>> = LazyLock::new(|| {
    let names = ProfileList::all().map(|list| Names {
        list,
        json: camel_case(list.key()),
        path: list.key().replace('_', "-"),
    });
    names.collect()
});

fn camel_case(snake: &str) -> String {
    let mut upper = false;
    let letters = snake.chars().filter_map(|c| {
        let letter = (c != '_').then(|| if upper { c.to_ascii_uppercase() } else { c });
        upper = c == '_';
        letter
    });
    letters.collect()
}

/// The name of a list in JSON, such as `techStack`.
pub fn json_name(list: ProfileList) -> &'static str {
    NAMES
        .iter()
        .find(|names| names.list == list)
        .map_or("", |names| &names.json)
}

/// The name of a list in a path, such as `tech-stack`.
pub fn path_name(list: ProfileList) -> &'static str {
    NAMES
        .iter()
        .find(|names| names.list == list)
        .map_or("", |names| &names.path)
}

impl FromPath for ProfileList {
    /// The name in a path, such as `tech-stack`. Another name is another, unknown path.
    fn from_path(values: &[(&str, &str)]) -> Result<Self, Problem> {
        let (_, text) = values.first().copied().unwrap_or_default();
        let named = NAMES.iter().find(|names| names.path == text);
        named
            .map(|names| names.list)
            .ok_or_else(|| Problem::new(ProblemCode::NotFound))
    }
}

/// One list of a profile
#[utoipa::path(
    operation_id = "getProfileList",
    tag = "users",
    params(("id" = i64, Path, minimum = 1), ("collection" = inline(Collection), Path)),
    responses(
        (status = 200, description = "The items in the user's order", body = Vec<String>, example = json!(["Mathematics", "Programming"])),
        (status = 404, description = "There is no such user or list"),
    )
)]
#[get("/users/{id}/{collection}")]
pub async fn find(
    _caller: CurrentUser,
    Path((id, list)): Path<(UserId, ProfileList)>,
    users: Data<UserService>,
) -> Result<Json<Vec<String>>, Problem> {
    Ok(Json(users.profile(id).await?.lists.get(list).to_vec()))
}

/// Replace one list of a profile
///
/// Duplicates (letter case ignored) are folded into the first. `If-Match` takes the profile's tag.
#[utoipa::path(
    operation_id = "replaceProfileList",
    tag = "users",
    params(
        ("id" = i64, Path, minimum = 1),
        ("collection" = inline(Collection), Path),
        ("If-Match" = Option<String>, Header, description = "Entity tags, one of which must be the profile's"),
    ),
    request_body(
        content = Vec<String>,
        description = "At most 100 items of 1–200 characters; 500 in education, experience, projects and internships",
        example = json!(["Mathematics", "Programming"])
    ),
    responses(
        (status = 200, description = "The items as they are stored", body = Vec<String>, example = json!(["Mathematics", "Programming"])),
        (status = 403, description = "Neither the user nor an admin"),
        (status = 404, description = "There is no such user or list"),
        (status = 412, description = "The profile has changed"),
    )
)]
#[put("/users/{id}/{collection}")]
pub async fn replace(
    request: HttpRequest,
    CurrentUser(caller): CurrentUser,
    Path((id, list)): Path<(UserId, ProfileList)>,
    JsonValue(value): JsonValue,
    users: Data<UserService>,
) -> Result<Json<Vec<String>>, Problem> {
    let entries = read_list(list, json_name(list), value)
        .map_err(|wrong| Problem::new(ProblemCode::InvalidFields).fields(wrong))?;
    let expected = conditional::wanted(&request).map(|tags| revisions(id, &tags));
    let patch = ProfilePatch {
        lists: [(list, entries)].into(),
        ..ProfilePatch::default()
    };
    let profile = users.update_profile(caller, id, patch, expected).await?;
    Ok(Json(profile.lists.get(list).to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_a_name_in_json_and_one_in_paths() {
        assert_eq!(
            json_name(ProfileList::CommunicationSkills),
            "communicationSkills"
        );
        assert_eq!(json_name(ProfileList::Skills), "skills");
        let list = |text| ProfileList::from_path(&[("collection", text)]).ok();
        assert_eq!(list("tech-stack"), Some(ProfileList::TechStack));
        assert_eq!(list("tech_stack"), None);
        assert_eq!(list("Skills"), None);
    }
}
