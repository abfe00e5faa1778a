//! The load: connections that each ask again as soon as they are answered.

use std::net::SocketAddr;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use alumx_api::cli::Failure;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::dice::Dice;
use crate::http::head;

/// Writes a request, another one each time.
pub type Make<'a> = dyn Fn(&mut Dice, &mut Vec<u8>) + Send + Sync + 'a;

/// What a phase of load has shown.
#[derive(Debug, Default)]
pub struct Phase {
    /// How long it took.
    pub elapsed: Duration,
    /// Microseconds of each request that was answered with success, sorted.
    pub latencies: Vec<u32>,
    /// Requests answered with anything else.
    pub failures: usize,
    /// The status of one of these.
    pub failure: Option<u16>,
}

impl Phase {
    /// Requests a second.
    pub fn rate(&self) -> f64 {
        count(self.latencies.len()) / self.elapsed.as_secs_f64()
    }

    /// The latency that so many in a hundred do not exceed, in milliseconds.
    pub fn percentile(&self, percent: usize) -> f64 {
        percentile(&self.latencies, percent) / 1000.0
    }

    fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.failures += other.failures;
        self.failure = self.failure.or(other.failure);
    }
}

/// A count, to calculate with.
#[expect(
    clippy::cast_precision_loss,
    reason = "what is counted here is far fewer"
)]
pub fn count(number: usize) -> f64 {
    number as f64
}

/// The smallest of these sorted numbers that is as large as so many in a hundred of them.
pub fn percentile(sorted: &[u32], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().map_or(f64::NAN, f64::from)
}

/// Asks over so many connections for so long.
pub fn run(
    address: SocketAddr,
    make: &Make<'_>,
    connections: u16,
    time: Duration,
    seed: u64,
) -> Result<Phase, Failure> {
    let cores = available_parallelism().map_or(1, usize::from);
    let threads = cores.min(usize::from(connections));
    let started = Instant::now();
    let until = started + time;
    let shares: Vec<Result<Phase, Failure>> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|thread| {
                let mine = (thread..usize::from(connections)).step_by(threads);
                scope.spawn(move || share(address, make, mine, until, seed))
            })
            .collect();
        running
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|_| Err("a thread panicked".into()))
            })
            .collect()
    });
    let mut phase = Phase::default();
    for share in shares {
        phase.add(share?);
    }
    phase.elapsed = started.elapsed();
    phase.latencies.sort_unstable();
    Ok(phase)
}

fn share(
    address: SocketAddr,
    make: &Make<'_>,
    connections: impl Iterator<Item = usize>,
    until: Instant,
    seed: u64,
) -> Result<Phase, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let all = connections.map(|n| {
            let dice = Dice::new(seed.wrapping_mul(4099).wrapping_add(n as u64));
            connection(address, make, until, dice)
        });
        let mut phase = Phase::default();
        for one in futures_util::future::join_all(all).await {
            phase.add(one?);
        }
        Ok(phase)
    })
}

async fn connection(
    address: SocketAddr,
    make: &Make<'_>,
    until: Instant,
    mut dice: Dice,
) -> Result<Phase, Failure> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut phase, mut request, mut answer) = (Phase::default(), Vec::new(), Vec::new());
    loop {
        request.clear();
        make(&mut dice, &mut request);
        let asked = Instant::now();
        if asked >= until {
            return Ok(phase);
        }
        stream.write_all(&request).await?;
        answer.clear();
        let status = loop {
            if stream.read_buf(&mut answer).await? == 0 {
                return Err("the service closed a connection under load".into());
            }
            if let Some(head) = head(&answer).filter(|head| answer.len() >= head.whole()) {
                break head.status;
            }
        };
        if (200..300).contains(&status) {
            let took = asked.elapsed().as_micros();
            phase
                .latencies
                .push(u32::try_from(took).unwrap_or(u32::MAX));
        } else {
            phase.failures += 1;
            phase.failure = Some(status);
        }
    }
}

/// Does something for all of these, so many at a time, and stops at the first failure.
pub async fn each<T, F>(
    items: impl IntoIterator<Item = F>,
    at_a_time: usize,
) -> Result<Vec<T>, Failure>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Failure>> + Send + 'static,
{
    let (mut running, mut done) = (JoinSet::new(), Vec::new());
    for item in items {
        if running.len() >= at_a_time
            && let Some(one) = running.join_next().await
        {
            done.push(one??);
        }
        running.spawn(item);
    }
    while let Some(one) = running.join_next().await {
        done.push(one??);
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn a_percentile_is_one_of_the_numbers() {
        let numbers: Vec<u32> = (1..=200).collect();

        assert!((percentile(&numbers, 50) - 100.0).abs() < f64::EPSILON);
        assert!((percentile(&numbers, 99) - 198.0).abs() < f64::EPSILON);
        assert!((percentile(&[7], 99) - 7.0).abs() < f64::EPSILON);
        assert!((percentile(&[7, 9], 50) - 7.0).abs() < f64::EPSILON);
        assert!(percentile(&[], 50).is_nan());
    }
}
