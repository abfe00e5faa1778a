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
    match operation {
        "profile" => Some(("an array per list", profile(network.all_users))),
        "feed, newest" => Some(("counts by subqueries", feed("p.post_id"))),
        "feed, top" => Some(("counts by subqueries", feed("p.hotness"))),
        _ => None,
    }
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

/// The posts of a page by index, and likes and comments counted as they are.
fn feed(rank: &str) -> String {
    format!(
        "WITH choice AS (SELECT p.post_id, {rank} AS rank FROM job_posts p\n\
         WHERE p.expires_at IS NULL OR p.expires_at > now()\n\
         ORDER BY {rank} DESC, p.post_id DESC LIMIT 21)\n\
         SELECT p.post_id, u.id, u.username, u.name, u.role, p.title, p.company, p.location,\n\
         p.employment_type, p.description, p.apply_url, p.expires_at, p.created_at, p.updated_at,\n\
         ARRAY(SELECT image_url FROM job_post_images i WHERE i.post_id = p.post_id\n\
             ORDER BY i.position),\n\
         (SELECT count(*) FROM job_post_likes l WHERE l.post_id = p.post_id),\n\
         (SELECT count(*) FROM job_post_comments c WHERE c.post_id = p.post_id)\n\
         FROM choice JOIN job_posts p ON p.post_id = choice.post_id\n\
         JOIN users u ON u.id = p.author_id ORDER BY choice.rank DESC, choice.post_id DESC;\n"
    )
}
