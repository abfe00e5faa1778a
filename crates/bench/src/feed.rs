//! Feeds of posts, of which half of those who ask see the first page, and the others have gone on
//! to any of the next.

use alumx_api::cli::Failure;

use crate::http::Asker;
use crate::place::Place;
use crate::script::{self, variables};
use crate::service::Service;

/// Pages that are asked for, after the first.
const PAGES: usize = 20;

/// Posts in an order.
pub struct Feed {
    /// What asking for it is called.
    pub name: &'static str,
    /// The column by which it is ranked.
    rank: &'static str,
    /// The paths of its pages.
    pub pages: Vec<String>,
    /// Rank and id after which each of them begins.
    starts: Vec<(i64, i64)>,
}

/// All of them, as somebody sees them.
pub fn feeds(service: &Service, place: &mut Place, token: &str) -> Result<Vec<Feed>, Failure> {
    [
        ("feed, newest", "post_id", "/job-posts?limit=20"),
        ("feed, top", "hotness", "/job-posts?limit=20&sort=top"),
    ]
    .into_iter()
    .map(|(name, rank, first)| {
        Ok(Feed {
            name,
            rank,
            pages: pages(service, token, first)?,
            starts: starts(place, rank)?,
        })
    })
    .collect()
}

fn pages(service: &Service, token: &str, first: &str) -> Result<Vec<String>, Failure> {
    let mut asker = Asker::new(service.address)?;
    let mut pages = vec![first.to_owned()];
    for n in 0..PAGES {
        let page = asker.ask("GET", &pages[n], token, "")?;
        let cursor = page["nextCursor"].as_str().ok_or("the feed is short")?;
        pages.push(format!("{first}&cursor={cursor}"));
    }
    Ok(pages)
}

/// Where the pages of a feed in the order of this column begin, the first before all.
fn starts(place: &mut Place, rank: &str) -> Result<Vec<(i64, i64)>, Failure> {
    let ends = place.pairs(&format!(
        "SELECT rank, post_id FROM (
             SELECT {rank} AS rank, post_id,
                    row_number() OVER (ORDER BY {rank} DESC, post_id DESC) AS n
             FROM job_posts WHERE expires_at IS NULL OR expires_at > now()
             ORDER BY n LIMIT {}) p
         WHERE n % 20 = 0 ORDER BY n",
        PAGES * 20
    ))?;
    Ok([(i64::MAX, i64::MAX)].into_iter().chain(ends).collect())
}

impl Feed {
    /// Its posts by index, and their likes and comments counted as they are.
    pub fn counted(&self) -> String {
        let next = &self.starts[1..];
        let starts = next.iter().flat_map(|next| [self.starts[0], *next]);
        let (ranks, ids) = starts.unzip();
        let rank = self.rank;
        let starts = [ranks, ids].map(|ids| (String::new(), script::Place::OneOf(ids)));
        let variables = variables(&starts, &[true, true]);
        format!(
            "{variables}WITH choice AS (SELECT p.post_id, p.{rank} AS rank FROM job_posts p\n\
         WHERE (p.{rank}, p.post_id) < (:v0::bigint, :v1::bigint)\n\
         AND (p.expires_at IS NULL OR p.expires_at > now())\n\
         ORDER BY p.{rank} DESC, p.post_id DESC LIMIT 21)\n\
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
}
