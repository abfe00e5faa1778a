//! Other ways to do the same, that an operation has to beat.

use crate::network::Network;

/// The lists of a profile.
const LISTS: [&str; 12] = [
    "skills",
    "education",
    "tech_stack",
    "languages",
    "frameworks",
    "communication_skills",
    "certifications",
    "projects",
    "soft_skills",
    "hobbies",
    "experience",
    "internships",
];

/// What an operation is compared to besides its own statements, and its script.
pub fn of(operation: &str, network: &Network) -> Option<(&'static str, String)> {
    if operation == "profile" {
        return Some(("an array per list", profile(network.all_users)));
    }
    let found = network.feeds.iter().find(|feed| feed.name == operation)?;
    Some(("counts by subqueries", found.counted()))
}

/// One round trip with a subquery per list.
fn profile((low, high): (i64, i64)) -> String {
    let lists = LISTS.map(|list| {
        format!(
            "ARRAY(SELECT value FROM user_{list} WHERE user_id = :v0::bigint ORDER BY position)"
        )
    });
    format!(
        "\\set v0 random({low}, {high})\n\
         SELECT u.id, u.username, u.name, u.email, u.role, u.about, u.current_company,\n\
         u.role_current, u.location, u.department, u.graduation_year, u.linkedin_url,\n\
         u.github_url, u.portfolio_url, u.created_at, u.updated_at,\n{}\n\
         FROM users u WHERE u.id = :v0::bigint AND u.deleted_at IS NULL;\n",
        lists.join(",\n")
    )
}
