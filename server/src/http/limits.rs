//! How often one address may ask (RFC 9725 §5 for `POST`, `PATCH` and `DELETE`; ASVS 5.0 §6.3.1 for sign-in).
//!
//! A whole congregation can stand behind one address, so the limit for everything is generous; that for guessing
//! passwords is not.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    num::NonZeroU32,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::HeaderMap,
    middleware::Next,
    response::Response,
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};

use app::Network;
use domain::{Slug, network};
use service::instances::Voucher;

use super::{
    Edge, access,
    guesses::{Allowance, Guesses},
    reply,
};

/// Unsafe requests of one address: as many at once …
const BURST: NonZeroU32 = NonZeroU32::new(300).expect("300 is not zero");
/// … and one more each.
const EVERY: Duration = Duration::from_millis(50);
/// Attempts to sign in or to set up, of one address: as many at once …
const SIGN_IN_BURST: NonZeroU32 = NonZeroU32::new(20).expect("20 is not zero");
/// … and one more each.
const SIGN_IN_EVERY: Duration = Duration::from_secs(3);
/// The server functions that take a password or a one-time link.
const GUESSABLE: [&str; 7] = [
    "sign_in",
    "set_up",
    "enter_code",
    "read_invitation",
    "accept_invitation",
    "change_password",
    "turn_off_second_step",
];
/// Addresses that have been quiet are forgotten after this many requests.
const FORGET_AFTER: u32 = 4096;

/// Wrong passcodes of one network for one service: so many at once, and one more each.
const GUESSES: Allowance = Allowance { at_once: 20, every: Duration::from_secs(10) };
/// Of all networks together for one service: six digits are not found by many hands either. Those who were let in before
/// are not asked again, so a crowd of strangers keeps out newcomers only, and only while it goes on.
const GUESSES_OF_ALL: Allowance = Allowance { at_once: 300, every: Duration::from_secs(2) };

struct Passcodes {
    of_network: Guesses<(IpAddr, Slug)>,
    of_service: Guesses<Slug>,
}

pub struct Limits {
    all: DefaultKeyedRateLimiter<IpAddr>,
    sign_in: DefaultKeyedRateLimiter<IpAddr>,
    passcodes: Mutex<Passcodes>,
    trusted_proxies: Vec<IpAddr>,
    asked: AtomicU32,
}

impl Limits {
    pub fn new(trusted_proxies: Vec<IpAddr>) -> Self {
        let quota = |every, burst| Quota::with_period(every).expect("the period is not zero").allow_burst(burst);
        Self {
            all: RateLimiter::keyed(quota(EVERY, BURST)),
            sign_in: RateLimiter::keyed(quota(SIGN_IN_EVERY, SIGN_IN_BURST)),
            passcodes: Mutex::new(Passcodes {
                of_network: Guesses::new(GUESSES),
                of_service: Guesses::new(GUESSES_OF_ALL),
            }),
            trusted_proxies,
            asked: AtomicU32::new(0),
        }
    }

    /// Whose request it is, as far as limits go.
    pub fn asker(&self, request: &Request) -> IpAddr {
        // Another instance has found it out, and passes the request on.
        if let Some(Voucher { asker }) = request.extensions().get() {
            return network(*asker);
        }
        // A connection without an address cannot be told apart from any other: all such share one limit.
        let connection = request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip());
        network(asker(connection, request.headers(), &self.trusted_proxies))
    }

    /// Whether this address may say a passcode for this service. Counts the attempt.
    pub fn may_guess(&self, address: IpAddr, slug: &Slug) -> bool {
        let (now, mut passcodes) = (Instant::now(), self.passcodes());
        passcodes.of_network.begin((address, slug.clone()), now) && passcodes.of_service.begin(slug.clone(), now)
    }

    /// It was right: the attempt counts for nothing. A whole congregation can stand behind one address.
    pub fn guessed_right(&self, address: IpAddr, slug: &Slug) {
        let mut passcodes = self.passcodes();
        passcodes.of_network.forgive(&(address, slug.clone()));
        passcodes.of_service.forgive(slug);
    }

    fn passcodes(&self) -> std::sync::MutexGuard<'_, Passcodes> {
        // Consistent between any two statements: a panic elsewhere leaves it usable.
        self.passcodes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Seconds to wait, if this is too much.
    fn refuses(&self, key: IpAddr, sign_in: bool) -> Option<u64> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % FORGET_AFTER == FORGET_AFTER - 1 {
            self.all.retain_recent();
            self.sign_in.retain_recent();
        }
        let limiter = if sign_in { &self.sign_in } else { &self.all };
        let refused = limiter.check_key(&key).err()?;
        Some(refused.wait_time_from(limiter.clock().now()).as_secs() + 1)
    }
}

/// Who asks: the connection's address, or behind a proxy that we trust the last address that it did not add itself.
fn asker(connection: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    if !trusted.contains(&connection) {
        return connection;
    }
    let hops = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = hops.flat_map(|value| value.split(',')).collect();
    // From the right, where our own proxies wrote; what lies beyond a word that is no address may be anybody's.
    let addresses = hops.into_iter().rev().map_while(hop_address);
    addresses.into_iter().find(|hop| !trusted.contains(hop)).unwrap_or(connection)
}

/// `192.0.2.1`, or with a port as some proxies write it.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    hop.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

pub async fn enforce(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    // A provider tells of all its services from a few addresses; what it says is signed.
    if request.method().is_safe() || access::access(request.uri().path()) == access::Access::Webhook {
        return next.run(request).await;
    }
    let key = edge.limits.asker(&request);
    // Who guesses passwords is also told apart by where they are.
    request.extensions_mut().insert(Network(key));
    let path = request.uri().path();
    let sign_in = GUESSABLE.iter().any(|name| path.strip_prefix("/api/").is_some_and(|path| path.starts_with(name)));
    match edge.limits.refuses(key, sign_in) {
        Some(wait) => reply::too_many(wait),
        None => next.run(request).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forwarded(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", value.parse().unwrap());
        headers
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_a_trusted_proxy_may_say_who_asks() {
        let proxy = ip("10.0.0.1");
        let headers = forwarded("198.51.100.7, 203.0.113.9");
        assert_eq!(asker(proxy, &headers, &[]), proxy);
        assert_eq!(asker(proxy, &headers, &[proxy]), ip("203.0.113.9"));
        assert_eq!(asker(proxy, &forwarded("198.51.100.7, 10.0.0.1"), &[proxy]), ip("198.51.100.7"));
        assert_eq!(asker(proxy, &forwarded("nonsense"), &[proxy]), proxy);
    }

    #[test]
    fn what_a_visitor_wrote_himself_does_not_count() {
        let proxy = ip("10.0.0.1");
        assert_eq!(asker(proxy, &forwarded("198.51.100.7, 203.0.113.9:4711"), &[proxy]), ip("203.0.113.9"));
        assert_eq!(asker(proxy, &forwarded("198.51.100.7, [2001:db8::1]:4711"), &[proxy]), ip("2001:db8::1"));
        assert_eq!(asker(proxy, &forwarded("198.51.100.7, unknown"), &[proxy]), proxy);
    }

    #[test]
    fn many_networks_together_guess_no_faster() {
        let (limits, slug) = (Limits::new(Vec::new()), Slug::from_random([7; 16]));
        let networks = (0..100).map(|n| ip(&format!("2001:db8:{n}::")));
        let guesses = networks.flat_map(|network| (0..20).map(move |_| network));
        let looked_at = guesses.filter(|network| limits.may_guess(*network, &slug)).count();
        assert_eq!(looked_at, 300);
        assert!(limits.may_guess(ip("192.0.2.1"), &Slug::from_random([8; 16])), "another service is not held up");
    }

    #[test]
    fn one_address_that_asks_too_often_waits_and_the_others_do_not() {
        let limits = Limits::new(Vec::new());
        let refused = (0..25).filter(|_| limits.refuses(ip("192.0.2.1"), true).is_some()).count();
        assert!((4..=5).contains(&refused), "{refused}");
        assert!(limits.refuses(ip("192.0.2.2"), true).is_none());
        assert!(limits.refuses(ip("192.0.2.1"), false).is_none());
    }
}
