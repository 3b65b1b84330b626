//! ICE credentials (RFC 8445 §5.3) and the addresses we can be reached at.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use rand::Rng as _;
use str0m::net::TcpType;
use str0m::{Candidate, IceCreds};

/// The user name fragment and password of one end of an ICE session.
#[derive(Clone, PartialEq, Eq)]
pub struct IceCredentials {
    /// `a=ice-ufrag`
    pub ufrag: String,
    /// `a=ice-pwd`
    pub pwd: String,
}

impl IceCredentials {
    /// `None` unless both keep to RFC 8839 §5.4: 4 to 256 and 22 to 256 characters out of letters, digits, `+` and `/`.
    pub fn new(ufrag: &str, pwd: &str) -> Option<Self> {
        let valid = |text: &str, least: usize| {
            (least..=256).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
        };
        (valid(ufrag, 4) && valid(pwd, 22)).then(|| Self { ufrag: ufrag.to_owned(), pwd: pwd.to_owned() })
    }

    /// Our own: long enough that nobody guesses them (RFC 8445 §5.3 asks for 24 and 128 bits).
    pub(crate) fn random() -> Self {
        let mut random = rand::rng();
        let mut text = |length: usize| -> String {
            (0..length).map(|_| char::from(random.sample(rand::distr::Alphanumeric))).collect()
        };
        Self { ufrag: text(12), pwd: text(32) }
    }
}

// A password is nothing for a log.
impl fmt::Debug for IceCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IceCredentials").field("ufrag", &self.ufrag).finish_non_exhaustive()
    }
}

impl From<&IceCredentials> for IceCreds {
    fn from(credentials: &IceCredentials) -> Self {
        Self { ufrag: credentials.ufrag.clone(), pass: credentials.pwd.clone() }
    }
}

/// Host candidates for a socket bound to `bound`, with the addresses of this machine in `local`; for each one more where
/// `tcp` listens on the same addresses (RFC 6544 §4.1: passive, the gateway waits).
///
/// All are gathered before any offer is answered: nothing can be signalled later (RFC 9725 §4.3.2). A configured
/// public address comes first, then real addresses, then loopback (a browser on this machine).
pub(crate) fn candidates(bound: SocketAddr, tcp: Option<u16>, local: &[IpAddr], public: &[IpAddr]) -> Vec<Candidate> {
    let reachable = |ip: &IpAddr| match ip {
        // Link-local IPv6 needs a zone, which a candidate cannot carry.
        IpAddr::V6(ip) => bound.is_ipv6() && !ip.is_unicast_link_local(),
        IpAddr::V4(_) => bound.is_ipv4() || bound.ip().is_unspecified(),
    };
    let mut own: Vec<IpAddr> = match bound.ip() {
        ip if ip.is_unspecified() => local.iter().copied().filter(reachable).collect(),
        ip => vec![ip],
    };
    own.sort_by_key(|ip| (ip.is_loopback(), ip.is_ipv6()));
    let mut addresses: Vec<IpAddr> = Vec::new();
    for ip in public.iter().copied().chain(own) {
        if !addresses.contains(&ip) {
            addresses.push(ip);
        }
    }
    let udp = addresses.iter().filter_map(|ip| Candidate::host(SocketAddr::new(*ip, bound.port()), "udp").ok());
    let passive = |port, ip: &IpAddr| {
        Candidate::builder().tcp().host(SocketAddr::new(*ip, port)).tcptype(TcpType::Passive).build().ok()
    };
    let tcp = tcp.into_iter().flat_map(|port| addresses.iter().filter_map(move |ip| passive(port, ip)));
    udp.chain(tcp).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_address_first_and_loopback_last() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let bound = "0.0.0.0:4000".parse().unwrap();
        let found = candidates(
            bound,
            None,
            &[ip("127.0.0.1"), ip("10.0.0.2"), ip("fd00::2")],
            &[ip("203.0.113.9"), ip("10.0.0.2")],
        );
        let found: Vec<String> = found.iter().map(|candidate| candidate.addr().to_string()).collect();
        assert_eq!(found, ["203.0.113.9:4000", "10.0.0.2:4000", "127.0.0.1:4000"]);
    }

    #[test]
    fn a_socket_of_one_address_has_that_candidate() {
        let bound = "127.0.0.1:4000".parse().unwrap();
        let found = candidates(bound, None, &["10.0.0.2".parse().unwrap()], &[]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].addr(), bound);
    }

    #[test]
    fn over_tcp_the_gateway_waits_and_udp_is_preferred() {
        let found = candidates("127.0.0.1:4000".parse().unwrap(), Some(4001), &[], &["203.0.113.9".parse().unwrap()]);
        let found: Vec<String> = found.iter().map(Candidate::to_sdp_string).collect();
        let ends = [
            "udp 2130706175 203.0.113.9 4000 typ host",
            "udp 2130706175 127.0.0.1 4000 typ host",
            "tcp 1526726399 203.0.113.9 4001 typ host tcptype passive",
            "tcp 1526726399 127.0.0.1 4001 typ host tcptype passive",
        ];
        assert_eq!(found.len(), ends.len());
        for (found, end) in found.iter().zip(ends) {
            assert!(found.ends_with(end), "{found}");
        }
    }

    #[test]
    fn credentials_are_checked() {
        assert!(IceCredentials::new("abcd", "0123456789012345678901").is_some());
        assert!(IceCredentials::new("abc", "0123456789012345678901").is_none());
        assert!(IceCredentials::new("abcd", "short").is_none());
        assert!(IceCredentials::new("ab\r\n", "0123456789012345678901").is_none());
        let ours = IceCredentials::random();
        assert!(IceCredentials::new(&ours.ufrag, &ours.pwd).is_some());
    }
}
