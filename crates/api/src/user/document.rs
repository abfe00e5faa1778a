//! Profiles as texts: as everybody sees them, and with the email address for those who may.

use actix_web::http::header::{self, ContentType};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use alumx_application::user::{ProfileFormat, Told, UserError, UserService};
use alumx_domain::account::Caller;
use alumx_domain::user::{DocumentFormat, Profile, ProfileDocument, ProfileHead, Whose};
use tracing::Instrument;

use super::bodies::ProfileResponse;
use super::etag::etag;
use crate::http::{Problem, conditional};

/// How profiles are told. Its number is raised with every change of what [`ProfileResponse`] writes:
/// else clients were still sent texts of the old shape.
pub const FORMAT: ProfileFormat = ProfileFormat {
    format: DocumentFormat(1),
    render: |profile| render(profile).map_err(|error| error.to_string()),
};

/// As everybody sees it.
fn render(profile: &Profile) -> serde_json::Result<String> {
    serde_json::to_string(&ProfileResponse::public(profile.clone()))
}

/// A user's profile. What is made anew is kept for the next reader while this one is answered.
pub async fn find(users: Data<UserService>, whose: Whose) -> Result<ProfileDocument, Problem> {
    Ok(match users.document(&whose).await? {
        Told::Kept(document) => document,
        Told::Anew(document) => {
            let kept = document.clone();
            let keeping = async move { users.keep_document(kept).await };
            actix_web::rt::spawn(keeping.in_current_span());
            document
        }
    })
}

/// The profile, or 304 if the client has it.
pub fn conditionally(
    request: &HttpRequest,
    document: &ProfileDocument,
    viewer: &Caller,
) -> Result<HttpResponse, Problem> {
    let etag = etag_of(&document.head, viewer);
    if conditional::client_has(request, &etag) {
        return Ok(HttpResponse::NotModified()
            .insert_header((header::ETAG, etag))
            .finish());
    }
    answer(document, viewer)
}

/// A profile that was just changed.
pub fn whole(profile: &Profile, viewer: &Caller) -> Result<HttpResponse, Problem> {
    let text = (FORMAT.render)(profile).map_err(UserError::Format)?;
    let head = profile.into();
    answer(&ProfileDocument { head, text }, viewer)
}

fn answer(document: &ProfileDocument, viewer: &Caller) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, etag_of(&document.head, viewer)))
        // Each viewer's own, and asked for anew each time.
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header(ContentType::json())
        .body(seen_by(document, viewer)?))
}

fn etag_of(head: &ProfileHead, viewer: &Caller) -> String {
    etag(head.id, head.revision, viewer.is_self_or_admin(head.id))
}

/// The text, with the email address before the rest for the user and admins.
fn seen_by(document: &ProfileDocument, viewer: &Caller) -> Result<String, UserError> {
    let ProfileDocument { head, text } = document;
    if !viewer.is_self_or_admin(head.id) {
        return Ok(text.clone());
    }
    let email = serde_json::to_string(&*head.email);
    let email = email.map_err(|error| UserError::Format(error.to_string()))?;
    let fields = text.strip_prefix('{').unwrap_or(text);
    Ok(format!("{{\"email\":{email},{fields}"))
}

#[cfg(test)]
mod tests {
    use alumx_domain::account::{Account, Role, SessionId, UserId};
    use alumx_domain::clock::Timestamp;
    use serde_json::Value;

    use super::*;

    fn profile() -> Profile {
        let text = |text: &str| text.to_owned();
        Profile::of_new(Account {
            id: UserId::try_from(1).unwrap(),
            username: text("ada").try_into().unwrap(),
            name: text("Ada \"\\ Lovelace").try_into().unwrap(),
            email: text("ada@example.org").try_into().unwrap(),
            role: Role::Alumni,
            suspended_at: None,
            created_at: Timestamp::UNIX_EPOCH,
        })
    }

    /// If this is to be another text, [`FORMAT`] is to have another number.
    #[test]
    fn the_text_of_this_format_is_this() {
        let text = (FORMAT.render)(&profile()).unwrap();

        let expected = r#"{"id":1,"username":"ada","name":"Ada \"\\ Lovelace","role":"ALUMNI","about":null,"currentCompany":null,"currentRole":null,"location":null,"department":null,"graduationYear":null,"linkedinUrl":null,"githubUrl":null,"portfolioUrl":null,"profileCompleted":false,"skills":[],"education":[],"techStack":[],"languages":[],"frameworks":[],"communicationSkills":[],"certifications":[],"projects":[],"softSkills":[],"hobbies":[],"experience":[],"internships":[],"createdAt":"1970-01-01T00:00:00Z","updatedAt":"1970-01-01T00:00:00Z"}"#;
        assert_eq!(
            (FORMAT.format, text.as_str()),
            (DocumentFormat(1), expected)
        );
    }

    #[test]
    fn the_address_is_added_for_the_user_and_admins_and_nothing_else_changes() {
        let profile = profile();
        let document = ProfileDocument {
            head: (&profile).into(),
            text: render(&profile).unwrap(),
        };
        for (user, role) in [(1, Role::Student), (2, Role::Admin), (2, Role::Professor)] {
            let viewer = Caller {
                user: UserId::try_from(user).unwrap(),
                role,
                session: SessionId::try_from(1).unwrap(),
            };
            let seen = seen_by(&document, &viewer).unwrap();
            let expected = ProfileResponse::new(profile.clone(), &viewer);
            let seen: Value = serde_json::from_str(&seen).unwrap();
            assert_eq!(seen, serde_json::to_value(expected).unwrap());
        }
    }
}
