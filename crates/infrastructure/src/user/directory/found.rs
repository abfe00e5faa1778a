//! The part of a directory query that finds the users of a page.

/// The condition that excludes nobody.
pub(super) const EVERYBODY: &str = "true";

/// Users of whom a page shows those of one class before those of the next.
pub(super) struct Tier {
    pub number: i16,
    pub condition: String,
    /// Whether who come one after the other in order may have it in common, or lack it, such as the
    /// school's newest class.
    pub clustered: bool,
    /// Where the page begins.
    pub after: String,
}

/// How many users, the first in order, are looked at to guess how many the search finds.
const SAMPLE: i64 = 400;

/// How many users are gone through in order at most, as many times the sample: only where the hits
/// in that, so many times, fill a page. Among 100,000 users, to go through those of whom one in 150
/// has what a page of 20 is searched for costs about as much as to collect all who have it.
const TIMES: i64 = 10;
const WALK: i64 = TIMES * SAMPLE;

/// How many users, spread over all ids, are looked at where the first have too few hits, but may be
/// much alike.
const SPREAD: i64 = 40;

/// Whether so many of all users meet this condition that going through them would fill five pages:
/// so few who are looked at tell no more than that.
fn spread(condition: &str) -> String {
    format!(
        "(SELECT count(*) FROM
              (SELECT min(user_id) AS first, max(user_id) AS last FROM user_search) ids,
              generate_series(first, last, greatest((last - first) / {SPREAD}, 1)) AS probe,
              LATERAL (SELECT * FROM user_search WHERE user_id >= probe ORDER BY user_id LIMIT 1) s
          WHERE {condition}) * {WALK} / {SPREAD} >= 5 * $1"
    )
}

/// Tables `found_n` with the first `$1` users of each tier in this order.
///
/// PostgreSQL can't foresee how many users have a word, least of all the beginning of one; and
/// what finds a page of a rare word fast (collect all who have it, sort them) is slow for a
/// common one, as is the other way round (go through all in order, until a page is full). So a
/// sample is looked at first: what is common there is gone through, for a bounded while; else, or
/// if that was not enough, all hits are collected; where the page begins is asked of them
/// afterwards, for half of all users come after it, which no index is worth being read for. A tier
/// is asked only if the better ones don't fill the page.
///
/// `wanted` is how many, at most `$1`; 0 if nobody is to be looked for.
pub(super) fn found(tiers: &[Tier], wanted: &str, asked: &str, order: &str) -> String {
    if let [all] = tiers
        && all.condition == EVERYBODY
        && asked == EVERYBODY
    {
        let Tier { number, after, .. } = all;
        return format!(
            "found_{number} AS (
                 SELECT {number}::smallint AS tier, s.name, s.user_id FROM user_search s
                 WHERE {after} ORDER BY {order} LIMIT $1)"
        );
    }
    let counts: Vec<_> = tiers
        .iter()
        .map(
            |Tier {
                 number, condition, ..
             }| {
                format!("count(*) FILTER (WHERE {condition} AND {asked}) AS hits_{number}")
            },
        )
        .collect();
    let sample = format!("sample_{}", tiers.first().map_or(0, |tier| tier.number));
    // Of several, only the first begins in the middle.
    let after = if let [only] = tiers {
        &only.after
    } else {
        EVERYBODY
    };
    let mut tables = vec![format!(
        "{sample} AS MATERIALIZED (
             SELECT {}
             FROM (SELECT * FROM user_search s WHERE {after} ORDER BY {order} LIMIT {SAMPLE}) s
             WHERE {wanted} > 0)",
        counts.join(", ")
    )];
    let mut wanted = wanted.to_owned();
    for Tier {
        number,
        condition,
        clustered,
        after,
    } in tiers
    {
        let mut common = format!("(SELECT hits_{number} FROM {sample}) * {TIMES} >= $1");
        if *clustered {
            common = format!(
                "({common} OR {})",
                spread(&format!("{condition} AND {asked}"))
            );
        }
        let columns = format!("{number}::smallint AS tier, s.name, s.user_id");
        tables.push(format!(
            "walk_{number} AS MATERIALIZED (
                 SELECT {columns}
                 FROM (SELECT * FROM user_search s WHERE {after} ORDER BY {order}
                       LIMIT CASE WHEN {wanted} > 0 AND {common}
                                  THEN {WALK} ELSE 0 END) s
                 WHERE {condition} AND {asked} LIMIT $1),
             found_{number} AS MATERIALIZED (
                 SELECT * FROM walk_{number} WHERE (SELECT count(*) FROM walk_{number}) = $1
                 UNION ALL
                 (SELECT * FROM (SELECT {columns} FROM user_search s
                                 WHERE {wanted} > 0 AND (SELECT count(*) FROM walk_{number}) < $1
                                   AND {condition} AND {asked} OFFSET 0) s
                  WHERE {after} ORDER BY {order} LIMIT $1))"
        ));
        wanted = format!("{wanted} - (SELECT count(*) FROM found_{number})");
    }
    tables.join(", ")
}
