//! Who is in the network, and what there is to ask for.

use alumx_api::cli::Failure;
use alumx_infrastructure::demo::DEMO_PASSWORD;
use serde_json::{Value, json};

use crate::feed::{Feed, feeds};
use crate::http::Asker;
use crate::place::Place;
use crate::service::Service;

/// Who asks.
const USERS: usize = 100;
/// Users of each group that is written to.
pub const GROUP: usize = 50;
/// Groups that are written to.
const GROUPS: usize = 16;
/// What they are called.
pub const GROUPS_NAME: &str = "Benchmark";
/// Ids below are left alone where statements are caught: they could be mistaken for a limit.
const TELLING: i64 = 300;

/// A network, as far as it is asked for.
#[derive(Default)]
pub struct Network {
    /// Users who are signed in.
    pub users: Vec<SignedIn>,
    /// The first user and the last.
    pub all_users: (i64, i64),
    /// The first post and the last.
    pub all_posts: (i64, i64),
    /// Users in `users`, by position, and chats that they are in.
    pub chats: Vec<(usize, i64)>,
    /// Users in `users`, by position, and groups of `GROUP` users that they are in.
    pub groups: Vec<(usize, i64)>,
    /// The feeds in their orders.
    pub feeds: Vec<Feed>,
    /// What is searched for, by kind.
    pub searches: Vec<(&'static str, Vec<String>)>,
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who it is.
    pub id: i64,
    /// To sign in with.
    pub username: String,
    /// To be let in with.
    pub token: String,
}

impl Network {
    /// Looks around, signs in, and makes groups.
    pub fn explore(service: &Service, place: &mut Place) -> Result<Self, Failure> {
        let mut network = Self::look(service, place, USERS)?;
        // Of runs before: everybody would be in more of them each time.
        place.run(&format!(
            "DELETE FROM group_chats WHERE group_name = '{GROUPS_NAME}'"
        ))?;
        for table in ["group_chats", "group_chat_participants", "group_messages"] {
            place.run(&format!("VACUUM (ANALYZE) {table}"))?;
        }
        network.groups = groups(service, &network.users)?;
        Ok(network)
    }

    /// Looks around and signs in: changes nothing but sessions.
    pub fn look(service: &Service, place: &mut Place, users: usize) -> Result<Self, Failure> {
        let mut ends = |table: &str, id: &str| -> Result<(i64, i64), Failure> {
            let both = place.pairs(&format!("SELECT min({id}), max({id}) FROM {table}"))?;
            Ok(*both.first().ok_or("there is nobody")?)
        };
        let (all_users, all_posts) = (ends("users", "id")?, ends("job_posts", "post_id")?);
        // Always the same, anywhere in the network.
        let names = place.texts(&format!(
            "SELECT username FROM users u WHERE id > {TELLING} AND deleted_at IS NULL
                 AND email LIKE '%@%' AND EXISTS (SELECT FROM chats
                     WHERE u.id IN (user1_id, user2_id) AND chat_id > {TELLING})
             ORDER BY md5(id::text) LIMIT {users}"
        ))?;
        let users = sign_in(service, &names)?;
        let mut chats = Vec::new();
        for (at, user) in users.iter().enumerate() {
            let id = user.id;
            let of_user = place.numbers(&format!(
                "SELECT chat_id FROM chats
                 WHERE {id} IN (user1_id, user2_id) AND chat_id > {TELLING}
                 ORDER BY chat_id LIMIT 8"
            ))?;
            chats.extend(of_user.into_iter().map(|chat| (at, chat)));
        }
        let feeds = feeds(service, place, &users[0].token)?;
        Ok(Self {
            users,
            all_users,
            all_posts,
            chats,
            groups: Vec::new(),
            feeds,
            searches: searches(place)?,
        })
    }
}

/// Signs these users of the network in.
pub fn sign_in(service: &Service, names: &[String]) -> Result<Vec<SignedIn>, Failure> {
    let mut asker = Asker::new(service.address)?;
    let each = names.iter().map(|username| {
        let body = json!({"identifier": username, "password": DEMO_PASSWORD}).to_string();
        let session = asker.ask("POST", "/auth/login", "", &body)?;
        let told = |value: &Value| value.as_str().map(str::to_owned);
        Ok(SignedIn {
            id: session["user"]["id"].as_i64().ok_or("no id was told")?,
            username: username.clone(),
            token: told(&session["accessToken"]).ok_or("no token was told")?,
        })
    });
    each.collect()
}

fn groups(service: &Service, users: &[SignedIn]) -> Result<Vec<(usize, i64)>, Failure> {
    let mut asker = Asker::new(service.address)?;
    let mut groups = Vec::new();
    for n in 0..GROUPS {
        let members: Vec<usize> = (0..GROUP).map(|at| (n * 4 + at) % users.len()).collect();
        let others: Vec<i64> = members[1..].iter().map(|at| users[*at].id).collect();
        let body = json!({"name": GROUPS_NAME, "participantIds": others}).to_string();
        let token = &users[members[0]].token;
        let group = asker.ask("POST", "/group-chats", token, &body)?;
        let id = group["id"].as_i64().ok_or("no id was told")?;
        // Some of them write.
        groups.extend(members.iter().step_by(8).map(|at| (*at, id)));
    }
    Ok(groups)
}

/// What is searched for, of every kind that is served in a way of its own.
fn searches(place: &mut Place) -> Result<Vec<(&'static str, Vec<String>)>, Failure> {
    let mut texts = |sql: &str| place.texts(sql);
    let names = texts("SELECT name FROM users WHERE name IS NOT NULL ORDER BY md5(name) LIMIT 6")?;
    let surnames = texts(
        "SELECT lower(substring(name FROM '[^ ]+$')) FROM users WHERE name IS NOT NULL
         GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 6",
    )?;
    let companies = texts(
        "SELECT current_company FROM users WHERE current_company IS NOT NULL
         GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 6",
    )?;
    let skills = texts(
        "SELECT value FROM user_skills GROUP BY 1 ORDER BY count(*) DESC, 1 OFFSET 10 LIMIT 6",
    )?;
    let letters = surnames.iter().map(|name| name.chars().take(3).collect());
    let nowhere = [
        "xqzvwk",
        "qqqjjj zzz",
        "wxyzzyxw",
        "zzqqx",
        "vvkkjx xx",
        "jjxxqz",
    ];
    Ok(vec![
        ("whole name", names),
        ("common surname", surnames.clone()),
        ("company", companies),
        ("skill", skills),
        ("three letters", letters.collect()),
        ("no hit", nowhere.map(str::to_owned).to_vec()),
    ])
}
