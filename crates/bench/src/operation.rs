//! The operations that are measured: how each is asked for, and what its statements vary in.

use std::fmt::Write as _;

use alumx_infrastructure::demo::DEMO_PASSWORD;
use serde_json::json;
use uuid::Uuid;

use crate::dice::Dice;
use crate::feed::Feed;
use crate::http::request;
use crate::load::Make;
use crate::network::{Network, SignedIn};
use crate::script::{Place, Varied};

/// A text of usual length.
const TEXT: &str = "Shall we meet at the reunion on Saturday, and bring the old photographs?";

/// Something that clients ask for.
pub struct Operation<'a> {
    /// What it is called.
    pub name: &'static str,
    /// Writes a request.
    pub make: Box<Make<'a>>,
    /// Requests whose statements are the ceiling.
    pub samples: Vec<Sample>,
    /// So many clients make the ceiling, not the best number.
    pub clients: Option<u16>,
    /// Whether it only reads.
    pub reads: bool,
}

/// A request whose statements are caught.
pub struct Sample {
    /// Another one before, after which the service's caches know what they will know.
    pub before: Vec<u8>,
    /// The request.
    pub request: Vec<u8>,
    /// What varies in its statements.
    pub varied: Vec<Varied>,
}

/// All of them.
pub fn all(network: &Network) -> Vec<Operation<'_>> {
    let mut all = reads(network);
    all.extend(writes(network));
    all.push(operation("token only (GET /me)", true, move |dice, out| {
        get(out, "/me", dice.of(&network.users));
    }));
    all.push(operation("alive (GET /healthz)", true, |_, out| {
        request(out, "GET", "/healthz", "", "");
    }));
    all
}

/// Those that only read the database.
pub fn reads(network: &Network) -> Vec<Operation<'_>> {
    let users = &network.users;
    let mut all = vec![
        of_range(network, "profile", network.all_users, |id| {
            format!("/users/{id}")
        }),
        search(network),
    ];
    all.extend(network.feeds.iter().map(|one| feed(network, one)));
    all.push(of_range(network, "post", network.all_posts, |id| {
        format!("/job-posts/{id}")
    }));
    all.push(of_caller(network, "inbox", "/chats"));
    let mut page = operation("message page", true, move |dice, out| {
        let (at, chat) = dice.of(&network.chats);
        get(out, &format!("/chats/{chat}/messages"), &users[*at]);
    });
    let (at, chat) = network.chats[0];
    page.samples = vec![sample(
        |out| get(out, &format!("/chats/{chat}/messages"), &users[at]),
        pairs(users, &network.chats),
    )];
    all.push(page);
    all.push(of_caller(network, "unread totals", "/me/unread"));
    all
}

fn writes(network: &Network) -> Vec<Operation<'_>> {
    let users = &network.users;
    let like = |out: &mut Vec<u8>, post: i64, user: &SignedIn| {
        let path = format!("/job-posts/{post}/like");
        request(out, "PUT", &path, &user.token, "");
    };
    let (low, high) = network.all_posts;
    let posts = |id: i64| (id.to_string(), Place::Range(low, high));
    let mut liking = operation("like", false, move |dice, out| {
        like(out, dice.between(low, high), dice.of(users));
    });
    let mut varied = callers(users);
    varied.push(posts(high - 7));
    liking.samples = vec![Sample {
        // So that the request finds none.
        before: bytes(|out| {
            let path = format!("/job-posts/{}/like", high - 7);
            request(out, "DELETE", &path, &users[0].token, "");
        }),
        ..sample(|out| like(out, high - 7, &users[0]), varied)
    }];

    let comment = |out: &mut Vec<u8>, post: i64, user: &SignedIn| {
        let body = json!({ "content": TEXT }).to_string();
        let path = format!("/job-posts/{post}/comments");
        request(out, "POST", &path, &user.token, &body);
    };
    let mut commenting = operation("comment", false, move |dice, out| {
        comment(out, dice.between(low, high), dice.of(users));
    });
    let mut varied = callers(users);
    varied.push(posts(high - 7));
    commenting.samples = vec![sample(|out| comment(out, high - 7, &users[0]), varied)];

    let mut login = operation("login", false, move |dice, out| {
        let name = &dice.of(users).username;
        let body = json!({"identifier": name, "password": DEMO_PASSWORD}).to_string();
        request(out, "POST", "/auth/login", "", &body);
    });
    // Nearly all of it is the password, which PostgreSQL knows nothing of.
    login.samples.clear();
    vec![
        liking,
        commenting,
        sending(users, "send, direct", "chats", &network.chats),
        sending(users, "send, group of 50", "group-chats", &network.groups),
        login,
    ]
}

fn sending<'a>(
    users: &'a [SignedIn],
    name: &'static str,
    family: &'static str,
    places: &'a [(usize, i64)],
) -> Operation<'a> {
    let send = move |out: &mut Vec<u8>, (at, id): (usize, i64), uuid: &str| {
        let body = json!({"content": TEXT, "clientMessageId": uuid}).to_string();
        let path = format!("/{family}/{id}/messages");
        request(out, "POST", &path, &users[at].token, &body);
    };
    let mut sending = operation(name, false, move |dice, out| {
        send(out, *dice.of(places), &new_uuid());
    });
    let (first, second) = (new_uuid(), new_uuid());
    let mut varied = pairs(users, places);
    varied.push((second.clone(), Place::Uuid));
    sending.samples = vec![Sample {
        before: bytes(|out| send(out, places[0], &first)),
        ..sample(|out| send(out, places[0], &second), varied)
    }];
    sending.clients = Some(8);
    sending
}

/// One that no run before had: a message that was sent before is not stored.
fn new_uuid() -> String {
    Uuid::new_v4().to_string()
}

/// The directory, searched for something of any kind.
fn search(network: &Network) -> Operation<'_> {
    let users = &network.users;
    let mut searching = operation("directory search", true, move |dice, out| {
        let (_, texts) = dice.of(&network.searches);
        get(out, &search_path(dice.of::<String>(texts)), dice.of(users));
    });
    let texts = network.searches.iter().map(|(_, texts)| texts);
    searching.samples = texts.flat_map(|texts| searched(texts, network)).collect();
    searching
}

/// Searches for these texts.
pub fn searched(texts: &[String], network: &Network) -> Vec<Sample> {
    let users = &network.users;
    let search = |text: &String| {
        let path = search_path(text);
        sample(|out| get(out, &path, &users[0]), callers(users))
    };
    texts.iter().map(search).collect()
}

fn search_path(text: &str) -> String {
    let mut path = String::from("/users?q=");
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            path.push(char::from(byte));
        } else {
            let _ = write!(path, "%{byte:02X}");
        }
    }
    path
}

/// A page of a feed.
fn feed<'a>(network: &'a Network, feed: &'a Feed) -> Operation<'a> {
    let (users, first, next) = (&network.users, &feed.pages[0], &feed.pages[1..]);
    let mut asking = operation(feed.name, true, move |dice, out| {
        let goes_on = dice.between(0, 1) == 1;
        let path = if goes_on { dice.of(next) } else { first };
        get(out, path, dice.of(users));
    });
    let page = |path| sample(|out| get(out, path, &users[0]), callers(users));
    let samples = next.iter().flat_map(|next| [page(first), page(next)]);
    asking.samples = samples.collect();
    asking
}

/// Anything in a range of ids.
fn of_range<'a>(
    network: &'a Network,
    name: &'static str,
    (low, high): (i64, i64),
    path: fn(i64) -> String,
) -> Operation<'a> {
    let users = &network.users;
    let mut asking = operation(name, true, move |dice, out| {
        get(out, &path(dice.between(low, high)), dice.of(users));
    });
    // The last is not somebody who asks, or else it varies as one.
    let caught = (high - 9..high)
        .find(|id| users.iter().all(|user| user.id != *id))
        .unwrap_or(high);
    let mut varied = callers(users);
    varied.push((caught.to_string(), Place::Range(low, high)));
    asking.samples = vec![sample(|out| get(out, &path(caught), &users[0]), varied)];
    asking
}

/// What depends on who asks.
pub fn of_caller<'a>(
    network: &'a Network,
    name: &'static str,
    path: &'static str,
) -> Operation<'a> {
    let users = &network.users;
    let mut asking = operation(name, true, move |dice, out| {
        get(out, path, dice.of(users));
    });
    asking.samples = vec![sample(|out| get(out, path, &users[0]), callers(users))];
    asking
}

fn operation<'a>(
    name: &'static str,
    reads: bool,
    make: impl Fn(&mut Dice, &mut Vec<u8>) + Send + Sync + 'a,
) -> Operation<'a> {
    Operation {
        name,
        make: Box::new(make),
        samples: Vec::new(),
        clients: None,
        reads,
    }
}

fn get(out: &mut Vec<u8>, path: &str, user: &SignedIn) {
    request(out, "GET", path, &user.token, "");
}

fn bytes(write: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes);
    bytes
}

fn sample(write: impl Fn(&mut Vec<u8>), varied: Vec<Varied>) -> Sample {
    Sample {
        before: bytes(&write),
        request: bytes(&write),
        varied,
    }
}

/// The first of them asks, and any of them might.
fn callers(users: &[SignedIn]) -> Vec<Varied> {
    let ids: Vec<i64> = users.iter().map(|user| user.id).collect();
    vec![(ids[0].to_string(), Place::OneOf(ids))]
}

/// The first pair asks, and any of them might.
fn pairs(users: &[SignedIn], pairs: &[(usize, i64)]) -> Vec<Varied> {
    let asking: Vec<i64> = pairs.iter().map(|(at, _)| users[*at].id).collect();
    let places: Vec<i64> = pairs.iter().map(|(_, place)| *place).collect();
    vec![
        (asking[0].to_string(), Place::OneOf(asking)),
        (places[0].to_string(), Place::OneOf(places)),
    ]
}

#[cfg(test)]
mod tests {
    use super::search_path;

    #[test]
    fn what_is_searched_for_is_escaped() {
        assert_eq!(search_path("Ada é&"), "/users?q=Ada%20%C3%A9%26");
    }
}
