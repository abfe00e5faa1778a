//! Entity tags of profiles.

use alumx_domain::account::UserId;
use alumx_domain::user::{DocumentFormat, Revision};

use super::document::FORMAT;

/// The entity tag of a profile: with the email address it is another text.
// With the id, for a name may pass from one user to another; and with the shape of the text.
pub fn etag(id: UserId, Revision(revision): Revision, with_email: bool) -> String {
    let DocumentFormat(format) = FORMAT.format;
    format!(
        "\"{id}.{revision}.{format}{}\"",
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
    let revisions = numbers.filter_map(|numbers| {
        let (revision, format) = numbers.split_once('.')?;
        format.parse::<i32>().ok()?;
        Some(Revision(revision.parse().ok()?))
    });
    revisions.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_names_its_revision_and_nothing_else_does() {
        let [ada, bob] = [1, 2].map(|id| UserId::try_from(id).unwrap());

        assert_eq!(
            revisions(ada, &[etag(ada, Revision(7), true)]),
            [Revision(7)]
        );
        for other in [
            etag(ada, Revision(7), false),
            etag(bob, Revision(7), true),
            "W/\"1.7.1-own\"".to_owned(),
            "\"1.x.1-own\"".to_owned(),
            "\"1.7.x-own\"".to_owned(),
            "\"1.7-own\"".to_owned(),
        ] {
            assert_eq!(revisions(ada, &[other]), []);
        }
    }
}
