//! How much longer reading takes in a larger network, and for somebody in many conversations.

use std::time::Duration;

use alumx_api::cli::Failure;
use serde_json::json;

use crate::http::Asker;
use crate::load;
use crate::median::median;
use crate::network::{Network, sign_in};
use crate::operation::{of_caller, reads};
use crate::options::Plan;
use crate::place::Place;
use crate::service::Service;

/// Who asks, in each network.
const USERS: usize = 32;
/// Chats of somebody who has few, and of somebody who has many.
const CHATS: [i64; 2] = [10, 10_000];
/// How long a phase takes.
const PHASE: Duration = Duration::from_secs(1);

/// Means of milliseconds, of one request at a time.
#[derive(Debug, Clone)]
pub struct Growth {
    /// Users of each network.
    pub sizes: Vec<u32>,
    /// Operation, milliseconds in each network, and how much longer the largest takes than the
    /// smallest.
    pub rows: Vec<(&'static str, Vec<f64>, f64)>,
    /// Milliseconds of an inbox of few chats and of one of many, and how much longer that takes.
    pub inbox: Option<([f64; 2], f64)>,
}

/// Runs a service of each size side by side, and asks them in turn.
pub fn measure(plan: &Plan) -> Result<Growth, Failure> {
    let (mut services, mut networks) = (Vec::new(), Vec::new());
    for size in &plan.sizes {
        let folder = plan.folder(*size);
        Service::fill(&folder, *size)?;
        let service = Service::start(&folder)?;
        let mut place = service.place()?;
        networks.push(Network::look(&service, &mut place, USERS)?);
        services.push((service, place));
    }
    let operations: Vec<_> = networks.iter().map(reads).collect();
    let mut rows = Vec::new();
    for (n, operation) in operations[0].iter().enumerate() {
        if !operation.reads || !plan.asks(operation.name) {
            continue;
        }
        eprintln!("Growth: {} …", operation.name);
        let asked: Vec<_> = services
            .iter()
            .zip(&operations)
            .map(|((service, _), operations)| (service, &operations[n]))
            .collect();
        let (means, factor) = side_by_side(plan.rounds, asked.len(), |at, round| {
            let (service, operation) = asked[at];
            mean(service, operation, round)
        })?;
        rows.push((operation.name, means, factor));
    }
    let inbox = match services.last_mut() {
        Some((service, place)) if plan.asks("inbox") => Some(inbox(plan, service, place)?),
        _ => None,
    };
    Ok(Growth {
        sizes: plan.sizes.clone(),
        rows,
        inbox,
    })
}

/// Medians of all, and the median of the last one's share of the first one's. A round before the
/// first fills caches.
fn side_by_side(
    rounds: u16,
    count: usize,
    mut measure: impl FnMut(usize, u16) -> Result<f64, Failure>,
) -> Result<(Vec<f64>, f64), Failure> {
    let mut found = vec![Vec::new(); count];
    for round in 0..=rounds {
        for (at, found) in found.iter_mut().enumerate() {
            let mean = measure(at, round)?;
            if round > 0 {
                found.push(mean);
            }
        }
    }
    let (first, last) = (&found[0], &found[count - 1]);
    let factors: Vec<f64> = first.iter().zip(last).map(|(a, b)| b / a).collect();
    let medians = found.iter().map(|means| median(means)).collect();
    Ok((medians, median(&factors)))
}

fn mean(
    service: &Service,
    operation: &crate::operation::Operation<'_>,
    round: u16,
) -> Result<f64, Failure> {
    let phase = load::run(service.address, &*operation.make, 1, PHASE, round.into())?;
    Ok(1000.0 / phase.rate())
}

fn inbox(plan: &Plan, service: &Service, place: &mut Place) -> Result<([f64; 2], f64), Failure> {
    eprintln!("Growth: an inbox of many chats …");
    let names = place
        .texts("SELECT username FROM users WHERE deleted_at IS NULL ORDER BY id DESC LIMIT 2")?;
    let mut networks = Vec::new();
    for (user, chats) in sign_in(service, &names)?.into_iter().zip(CHATS) {
        befriend(service, place, &user.token, user.id, chats)?;
        networks.push(Network {
            users: vec![user],
            ..Network::default()
        });
    }
    let (means, factor) = side_by_side(plan.rounds, 2, |at, round| {
        mean(service, &of_caller(&networks[at], "inbox", "/chats"), round)
    })?;
    Ok(([means[0], means[1]], factor))
}

/// Opens chats until there are so many.
fn befriend(
    service: &Service,
    place: &mut Place,
    token: &str,
    user: i64,
    wanted: i64,
) -> Result<(), Failure> {
    let has = place.number(&format!(
        "SELECT count(*) FROM chats WHERE {user} IN (user1_id, user2_id)"
    ))?;
    let strangers = place.numbers(&format!(
        "SELECT id FROM users u WHERE id <> {user} AND deleted_at IS NULL AND NOT EXISTS
             (SELECT FROM chats WHERE user1_id = least(u.id, {user})
                  AND user2_id = greatest(u.id, {user}))
         ORDER BY id LIMIT {}",
        (wanted - has).max(0)
    ))?;
    let mut asker = Asker::new(service.address)?;
    for stranger in strangers {
        let body = json!({ "userId": stranger }).to_string();
        asker.ask("POST", "/chats", token, &body)?;
    }
    Ok(())
}
