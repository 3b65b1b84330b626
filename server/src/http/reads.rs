//! How often one network may ask for something without changing anything: pages, events, pieces of the picture. The limit is
//! for floods. A hundred people who watch LL-HLS behind one address ask some four hundred times a second.

use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};

use super::{Edge, access, access::Access, reply};

/// So many at once …
const BURST: NonZeroU32 = NonZeroU32::new(6000).expect("6000 is not zero");
/// … and one more each.
const EVERY: Duration = Duration::from_millis(2);
/// Networks that have been quiet are forgotten after this many requests.
const FORGET_AFTER: u32 = 65_536;

const WORDS: &str = "Very much is being asked for over your network just now. Please wait a moment and try again.";

/// Who reads, as far as that can be seen. Each kind has the limit to itself: a crowd that watches keeps nobody of the same
/// network from signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Reader {
    Mourner,
    Stranger,
}

pub struct Reads {
    limiter: DefaultKeyedRateLimiter<(IpAddr, Reader)>,
    asked: AtomicU32,
}

impl Default for Reads {
    fn default() -> Self {
        let quota = Quota::with_period(EVERY).expect("the period is not zero").allow_burst(BURST);
        Self { limiter: RateLimiter::keyed(quota), asked: AtomicU32::new(0) }
    }
}

impl Reads {
    /// Seconds to wait, if this is too much.
    fn refuses(&self, network: IpAddr, reader: Reader) -> Option<u64> {
        // A proxy on this machine that nobody named would be one reader for everybody who comes through it.
        if network.is_loopback() {
            return None;
        }
        if self.asked.fetch_add(1, Ordering::Relaxed) % FORGET_AFTER == FORGET_AFTER - 1 {
            self.limiter.retain_recent();
        }
        let refused = self.limiter.check_key(&(network, reader)).err()?;
        Some(refused.wait_time_from(self.limiter.clock().now()).as_secs() + 1)
    }
}

/// `None`: not counted. Staff are known by their session and whoever films by their token, so that no crowd beside them
/// shuts them out; the page to film with, built files and the question whether anybody is there hold nothing of anybody
/// and cost next to nothing.
fn reader(path: &str, signed_in: bool) -> Option<Reader> {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    match access::access(path) {
        _ if signed_in => None,
        Access::StreamerToken | Access::Webhook => None,
        Access::ViewerLink => Some(Reader::Mourner),
        _ if ["go", "pkg", "healthz"].contains(&first) => None,
        _ => Some(Reader::Stranger),
    }
}

/// A middleware, inside of the one that finds out who asks.
pub async fn limit(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let signed_in = request.extensions().get::<service::Actor>().is_some();
    let wait = reader(request.uri().path(), signed_in)
        // What changes something has limits of its own.
        .filter(|_| request.method().is_safe())
        .and_then(|reader| edge.reads.refuses(edge.limits.asker(&request), reader));
    match wait {
        Some(seconds) => refused(request.headers(), seconds),
        None => next.run(request).await,
    }
}

/// People read it where their page would be, programs where they look for problems.
fn refused(headers: &HeaderMap, seconds: u64) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/html")) {
        return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds.to_string())], WORDS).into_response();
    }
    reply::wait(WORDS, seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_shuts_out_nobody_who_films_or_works_here() {
        let stream = "01a2046e-1b8a-7ac3-a7ba-374324a10b39";
        for path in [
            format!("/go/{stream}"),
            format!("/api/go/{stream}/events"),
            format!("/whip/{stream}/1"),
            format!("/uploads/{stream}/1"),
            "/pkg/everlight.css".into(),
            "/healthz".into(),
        ] {
            assert_eq!(reader(&path, false), None, "{path}");
        }
        for path in ["/admin", "/api/today/events", "/login", "/watch/x", "/recordings/x.mp4"] {
            assert_eq!(reader(path, true), None, "{path}");
            assert!(reader(path, false).is_some(), "{path}");
        }
    }

    #[test]
    fn those_who_watch_and_those_who_sign_in_have_limits_of_their_own() {
        for path in ["/watch/x", "/watch/x/events", "/hls/x/index.m3u8", "/whep/x", "/watch/x/recordings/1.mp4"] {
            assert_eq!(reader(path, false), Some(Reader::Mourner), "{path}");
        }
        for path in ["/", "/login", "/readyz", "/robots.txt", "/admin"] {
            assert_eq!(reader(path, false), Some(Reader::Stranger), "{path}");
        }
    }

    #[test]
    fn a_flood_of_one_network_is_refused_and_the_others_read_on() {
        let (reads, one): (_, IpAddr) = (Reads::default(), [192, 0, 2, 1].into());
        let read = (0..20_000).take_while(|_| reads.refuses(one, Reader::Mourner).is_none()).count();
        assert!((6000..20_000).contains(&read), "{read}");
        assert!(reads.refuses(one, Reader::Stranger).is_none());
        assert!(reads.refuses([192, 0, 2, 2].into(), Reader::Mourner).is_none());
        assert!((0..20_000).all(|_| reads.refuses([127, 0, 0, 1].into(), Reader::Mourner).is_none()));
    }
}
