//! What was refused is in the log: by whom it was asked is not, only whether it was the same network. Whoever is refused can
//! be anybody, so the lines are few: nobody fills a disk, or hides what matters among thousands of lines.

use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::Response,
};
use sha2::{Digest as _, Sha256};

use super::{
    Edge,
    guesses::{Allowance, Guesses},
};

/// Lines about one network: so many at once, and one more each.
const OF_NETWORK: Allowance = Allowance { at_once: 20, every: Duration::from_secs(30) };
/// Lines about all of them.
const OF_ALL: Allowance = Allowance { at_once: 200, every: Duration::from_secs(1) };

/// Why something was refused, where the status does not say it.
#[derive(Debug, Clone, Copy)]
struct Reason(&'static str);

/// Says on an answer why it refuses, for the log.
pub fn because(reason: &'static str, mut response: Response) -> Response {
    response.extensions_mut().insert(Reason(reason));
    response
}

struct Lines {
    of_network: Guesses<IpAddr>,
    of_all: Guesses<()>,
    left_out: u64,
}

pub struct Refusals {
    lines: Mutex<Lines>,
    /// Names of networks mean nothing beyond this process: addresses are few enough to be found out by trying.
    salt: [u8; 32],
}

impl Default for Refusals {
    fn default() -> Self {
        let lines = Lines { of_network: Guesses::new(OF_NETWORK), of_all: Guesses::new(OF_ALL), left_out: 0 };
        Self { lines: Mutex::new(lines), salt: rand::random() }
    }
}

impl Refusals {
    /// Whether a line may be written that this network can cause: then how many were not, since the last one.
    pub fn may_say(&self, network: IpAddr) -> Option<u64> {
        // Consistent between any two statements: a panic elsewhere leaves it usable.
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if lines.of_network.begin(network, now) && lines.of_all.begin((), now) {
            return Some(std::mem::take(&mut lines.left_out));
        }
        lines.left_out += 1;
        None
    }

    /// A name for a network: the same one until the next start.
    pub fn name(&self, network: IpAddr) -> String {
        let hash = Sha256::new().chain_update(self.salt).chain_update(network.to_string()).finalize();
        hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A middleware, in the span of the request, which names its route.
pub async fn log(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let network = edge.limits.asker(&request);
    let response = next.run(request).await;
    if let Some(reason) = reason(&response)
        && let Some(left_out) = edge.refusals.may_say(network)
    {
        let (status, network) = (response.status().as_u16(), edge.refusals.name(network));
        tracing::warn!(status, reason, network, left_out, "refused");
    }
    response
}

fn reason(response: &Response) -> Option<&'static str> {
    let said = response.extensions().get::<Reason>().map(|Reason(reason)| *reason);
    said.or(match response.status() {
        StatusCode::UNAUTHORIZED => Some("not signed in, or no good token"),
        StatusCode::FORBIDDEN => Some("not theirs to do"),
        StatusCode::TOO_MANY_REQUESTS => Some("too often"),
        status if status.is_server_error() => Some("it could not be done"),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_run_out_for_one_network_and_are_counted() {
        let (refusals, one): (_, IpAddr) = (Refusals::default(), [192, 0, 2, 1].into());
        let said = (0..1000).filter(|_| refusals.may_say(one).is_some()).count();
        assert_eq!(said, 20);
        assert_eq!(refusals.may_say([192, 0, 2, 2].into()), Some(980), "the next line says how many are missing");
    }

    #[test]
    fn lines_run_out_for_all_networks_together() {
        let refusals = Refusals::default();
        let networks = (0..100).map(|last| IpAddr::from([192, 0, 2, last]));
        let said = networks.flat_map(|network| [network; 20]).filter(|it| refusals.may_say(*it).is_some()).count();
        assert!((200..300).contains(&said), "{said}");
    }

    #[test]
    fn a_network_has_a_name_and_its_address_is_not_in_it() {
        let (refusals, one) = (Refusals::default(), [192, 0, 2, 1].into());
        assert_eq!(refusals.name(one), refusals.name(one));
        assert_ne!(refusals.name(one), refusals.name([192, 0, 2, 2].into()));
        assert_ne!(refusals.name(one), Refusals::default().name(one), "another after each start");
    }
}
