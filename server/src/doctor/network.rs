//! How people reach this server: its address, its certificate, and the UDP port of picture and sound.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::time::Duration;

use domain::Timestamp;
use media::TcpPort;

use super::report::{Finding, Verdict};
use crate::acme::{self, Kept};
use crate::config::{Config, Tls};

/// A packet of ours that has not come back by then does not come.
const PATIENCE: Duration = Duration::from_secs(1);
const HTTP_PATIENCE: Duration = Duration::from_secs(10);

/// What the settings alone tell.
pub fn address(config: &Config) -> Finding {
    let check = "public address";
    let url = &config.public_url;
    let host = url.split("://").nth(1).unwrap_or_default();
    let here =
        ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| host.split(':').next() == Some(name) || host == *name);
    match (url.starts_with("https://"), &config.tls) {
        (false, _) if !here => Verdict::Bad.of(
            check,
            format!(
                "{url} is no https: phones give camera and microphone to secure pages only. Please put a proxy that \
                     speaks TLS in front, and set EVERLIGHT_PUBLIC_URL."
            ),
        ),
        (_, _) if here => Verdict::Notice.of(check, format!("{url} is for this computer only.")),
        (_, Tls::SelfSigned) => {
            Verdict::Notice.of(check, format!("{url} has a certificate of our own: every browser warns of it once."))
        }
        (_, Tls::Off) if config.trusted_proxies.is_empty() => Verdict::Notice.of(
            check,
            format!(
                "{url} is served by a proxy that EVERLIGHT_TRUSTED_PROXIES does not name: all visitors share one limit."
            ),
        ),
        (_, Tls::Acme(_)) => {
            Verdict::Good.of(check, format!("{url}, with a certificate that this server gets itself."))
        }
        (_, Tls::Off) => Verdict::Good.of(check, format!("{url}, by a proxy that speaks TLS.")),
    }
}

/// How long the certificate is good that the server got itself; none where it gets none.
pub fn certificate(config: &Config, now: Timestamp) -> Option<Finding> {
    let Tls::Acme(authority) = &config.tls else { return None };
    let check = "certificate";
    let kept = match Kept::read(&acme::folder(&config.data_dir, authority)) {
        Ok(Some(kept)) => kept,
        Ok(None) => {
            return Some(Verdict::Bad.of(
                check,
                format!(
                    "None has come yet for {}. The server asks for it when it runs: its log says what is in the way. TCP \
                     port 443 must be open to the world.",
                    authority.host
                ),
            ));
        }
        Err(error) => return Some(Verdict::Bad.of(check, format!("The one that was kept cannot be read: {error}."))),
    };
    let days = kept.not_after.since(now).as_secs() / 86_400;
    Some(if kept.not_after <= now {
        Verdict::Bad.of(check, "It has expired. The server's log says why no new one came.".to_owned())
    } else if kept.renew_at() <= now {
        Verdict::Notice.of(check, format!("Good for {days} days, and should have been renewed: see the server's log."))
    } else {
        Verdict::Good.of(check, format!("Good for {days} days, and renewed before that."))
    })
}

/// Asks the server through its public address, as a phone would.
pub async fn reach(config: &Config) -> Finding {
    let check = "reachable";
    let client = match client(config) {
        Ok(client) => client,
        Err(error) => return Verdict::Bad.of(check, format!("Nothing can be asked: {error:#}.")),
    };
    let url = &config.public_url;
    match client.get(format!("{url}/healthz")).send().await {
        Ok(answer) => {
            let status = answer.status().as_u16();
            reached(url, status, &answer.text().await.unwrap_or_default())
        }
        Err(_) if listens(config.addr).is_none() => {
            Verdict::NotTried.of(check, "The server does not run. Start it, and run this again beside it.")
        }
        Err(error) => {
            Verdict::Bad.of(check, format!("The server runs, and {url} does not lead to it: {}.", innermost(&error)))
        }
    }
}

/// One that believes whom our own programs believe.
fn client(config: &Config) -> anyhow::Result<reqwest::Client> {
    let builder = reqwest::Client::builder()
        .timeout(HTTP_PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .tls_danger_accept_invalid_certs(config.tls == Tls::SelfSigned);
    Ok(config.believing(builder)?.build()?)
}

fn reached(url: &str, status: u16, body: &str) -> Finding {
    match (status, body) {
        (200, "ok") => Verdict::Good.of("reachable", format!("{url} leads to this server.")),
        (200, _) => Verdict::Bad.of("reachable", format!("{url} is answered by something else.")),
        (502..=504, _) => {
            Verdict::Bad.of("reachable", format!("The proxy at {url} does not reach the server ({status})."))
        }
        _ => Verdict::Bad.of("reachable", format!("{url} answers with {status}.")),
    }
}

/// The cause of a failed request: certificates, names and refusals are said there.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// Whether somebody takes connections there.
fn listens(addr: SocketAddr) -> Option<()> {
    let ip = if addr.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { addr.ip() };
    std::net::TcpStream::connect_timeout(&SocketAddr::new(ip, addr.port()), Duration::from_secs(1)).ok().map(drop)
}

/// What came of sending a packet to one of our own addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Probe {
    Arrived,
    Lost,
    /// The system would not even send it.
    Unsendable,
}

/// Whether the port can be had, and whether a packet to each address that phones are told arrives at it.
pub fn udp(config: &Config) -> Vec<Finding> {
    let check = "UDP port";
    let addr = config.webrtc_addr;
    let socket = match UdpSocket::bind(addr) {
        Ok(socket) => socket,
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && listens(config.addr).is_some() => {
            return vec![
                Verdict::NotTried
                    .of(check, format!("{addr} is held by the server that runs. Stop it to have the port tried.")),
            ];
        }
        Err(error) => {
            return vec![Verdict::Bad.of(check, format!("{addr} cannot be used: {error}. See EVERLIGHT_WEBRTC_ADDR."))];
        }
    };
    let mut findings = vec![Verdict::Good.of(check, format!("{addr} is free."))];
    findings.extend(config.webrtc_public_ips.iter().map(|ip| arrived(*ip, addr.port(), probe(&socket, *ip))));
    if config.webrtc_public_ips.is_empty() {
        let ours = own_address();
        findings.push(told(ours, config.public_url.starts_with("https://")));
    }
    findings
}

/// Whether the port for networks without UDP can be had.
pub fn tcp(config: &Config) -> Finding {
    let check = "Media by TCP";
    let (addr, wanted) = match config.webrtc_tcp_addr {
        TcpPort::Off => {
            return Verdict::Notice.of(
                check,
                "Off: from a network that lets no UDP through nobody can film. See EVERLIGHT_WEBRTC_TCP_ADDR.",
            );
        }
        TcpPort::IfFree(addr) => (addr, Verdict::Notice),
        TcpPort::At(addr) => (addr, Verdict::Bad),
    };
    match TcpListener::bind(addr) {
        Ok(_) => Verdict::Good.of(check, format!("{addr} is free. Open it in the firewall, too.")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && listens(config.addr).is_some() => {
            Verdict::NotTried
                .of(check, format!("{addr} is held by the server that runs. Stop it to have the port tried."))
        }
        Err(error) => wanted.of(
            check,
            format!("{addr} cannot be used: {error}. See EVERLIGHT_WEBRTC_TCP_ADDR, which may also be “off”."),
        ),
    }
}

fn probe(socket: &UdpSocket, ip: IpAddr) -> Probe {
    let word: [u8; 16] = rand::random();
    let any: IpAddr = if ip.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { std::net::Ipv6Addr::UNSPECIFIED.into() };
    let sent = (|| {
        let port = socket.local_addr()?.port();
        UdpSocket::bind((any, 0))?.send_to(&word, (ip, port))
    })();
    if sent.is_err() || socket.set_read_timeout(Some(PATIENCE)).is_err() {
        return Probe::Unsendable;
    }
    let mut packet = [0; 32];
    // Whoever else sends to the port must not be taken for us, nor keep us here.
    for _ in 0..16 {
        match socket.recv(&mut packet) {
            Ok(length) if packet[..length] == word => return Probe::Arrived,
            Ok(_) => {}
            Err(_) => return Probe::Lost,
        }
    }
    Probe::Lost
}

fn arrived(ip: IpAddr, port: u16, probe: Probe) -> Finding {
    let check = "UDP reachable";
    match probe {
        Probe::Arrived => Verdict::Good.of(check, format!("A packet to {ip}, port {port}, arrived.")),
        Probe::Lost => Verdict::Notice.of(
            check,
            format!("A packet from here to {ip}, port {port}, did not arrive. Many routers do not lead packets of one's own \
                     back: open the port (UDP) in the firewall and try a rehearsal with a phone that is not in this network."),
        ),
        Probe::Unsendable => {
            Verdict::Bad.of(check, format!("Nothing can be sent to {ip}: see EVERLIGHT_WEBRTC_PUBLIC_IP."))
        }
    }
}

/// The address that this computer has towards the world. Nothing is sent to find it out.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// `public`: people from everywhere are expected.
fn told(ours: Option<IpAddr>, public: bool) -> Finding {
    let check = "UDP reachable";
    let private = |ip: &IpAddr| match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local() || is_shared(*ip),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    };
    match ours {
        None => Verdict::Notice.of(check, "This computer has no network: only browsers on it can connect."),
        Some(ip) if private(&ip) && public => Verdict::Bad.of(
            check,
            format!("Phones are told {ip}, which is an address of this network only. Please set EVERLIGHT_WEBRTC_PUBLIC_IP to \
                     the address that people reach."),
        ),
        Some(ip) if private(&ip) => Verdict::Notice.of(check, format!("Phones are told {ip}: in this network only.")),
        Some(ip) => Verdict::Good.of(check, format!("Phones are told {ip}.")),
    }
}

/// Behind a provider's own NAT (RFC 6598).
const fn is_shared(ip: Ipv4Addr) -> bool {
    let [a, b, ..] = ip.octets();
    a == 100 && b >= 64 && b < 128
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(url: &str) -> Config {
        let mut config = Config::of_a_test(std::path::Path::new("data"), "sqlite::memory:");
        config.public_url = url.into();
        config.webrtc_addr = "127.0.0.1:0".parse().unwrap();
        config
    }

    #[test]
    fn a_public_address_without_tls_is_bad() {
        let verdict = |url| address(&config(url)).verdict;
        assert_eq!(verdict("http://live.example.com"), Verdict::Bad);
        assert_eq!(verdict("http://localhost:3000"), Verdict::Notice);
        assert_eq!(verdict("https://live.example.com"), Verdict::Notice, "no proxy is named");
        let proxied =
            Config { trusted_proxies: vec!["127.0.0.1".parse().unwrap()], ..config("https://live.example.com") };
        assert_eq!(address(&proxied).verdict, Verdict::Good);
        assert_eq!(verdict("http://localhost.example.com"), Verdict::Bad);
    }

    #[test]
    fn what_answers_must_be_this_server() {
        assert_eq!(reached("https://x", 200, "ok").verdict, Verdict::Good);
        assert_eq!(reached("https://x", 200, "<html>").verdict, Verdict::Bad);
        assert_eq!(reached("https://x", 502, "").verdict, Verdict::Bad);
        assert_eq!(reached("https://x", 404, "ok").verdict, Verdict::Bad);
    }

    #[tokio::test]
    async fn a_certificate_of_ones_own_authority_is_believed_if_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let mut config = config(&format!("https://localhost:{}", listener.local_addr().unwrap().port()));
        config.addr = listener.local_addr().unwrap();
        let tls = crate::lan::tls(folder.path(), &config.public_url).await.unwrap();
        let routes = axum::Router::new().route("/healthz", axum::routing::get(async || "ok"));
        let server = axum_server::from_tcp_rustls(listener, tls).unwrap();
        tokio::spawn(server.serve(routes.into_make_service()));

        let unnamed = reach(&config).await;
        assert!(unnamed.verdict == Verdict::Bad && unnamed.words.contains("certificate"), "{}", unnamed.words);
        config.extra_ca_file = Some(folder.path().join("lan-certificate.pem"));
        let named = reach(&config).await;
        assert_eq!(named.verdict, Verdict::Good, "{}", named.words);
        config.extra_ca_file = Some(folder.path().join("none.pem"));
        let missing = reach(&config).await;
        assert!(
            missing.verdict == Verdict::Bad && missing.words.contains("EVERLIGHT_EXTRA_CA_FILE"),
            "{}",
            missing.words
        );
    }

    #[test]
    fn a_packet_to_ourselves_arrives_and_to_nobody_does_not() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        assert_eq!(probe(&socket, "127.0.0.1".parse().unwrap()), Probe::Arrived);
        // Another loopback address, where nobody listens.
        assert_eq!(probe(&socket, "127.0.0.2".parse().unwrap()), Probe::Lost);
    }

    #[test]
    fn a_taken_port_is_bad() {
        let holder = UdpSocket::bind("127.0.0.1:0").unwrap();
        let mut config = config("http://localhost:3000");
        config.webrtc_addr = holder.local_addr().unwrap();
        // Nobody serves HTTP there: it is not our server that holds it.
        config.addr = "127.0.0.1:1".parse().unwrap();
        assert_eq!(udp(&config)[0].verdict, Verdict::Bad);
        drop(holder);
        config.webrtc_public_ips = vec!["127.0.0.1".parse().unwrap()];
        let verdicts: Vec<_> = udp(&config).into_iter().map(|finding| finding.verdict).collect();
        assert_eq!(verdicts, [Verdict::Good, Verdict::Good]);
    }

    #[test]
    fn the_port_for_networks_without_udp_is_free_taken_or_off() {
        let holder = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut config = config("http://localhost:3000");
        config.addr = "127.0.0.1:1".parse().unwrap();
        config.webrtc_tcp_addr = TcpPort::IfFree(holder.local_addr().unwrap());
        assert_eq!(tcp(&config).verdict, Verdict::Notice);
        config.webrtc_tcp_addr = TcpPort::At(holder.local_addr().unwrap());
        assert_eq!(tcp(&config).verdict, Verdict::Bad);
        drop(holder);
        assert_eq!(tcp(&config).verdict, Verdict::Good);
        config.webrtc_tcp_addr = TcpPort::Off;
        assert_eq!(tcp(&config).verdict, Verdict::Notice);
    }

    #[test]
    fn a_private_address_is_bad_for_a_public_server() {
        let ip = |text: &str| Some(text.parse().unwrap());
        assert_eq!(told(ip("10.0.0.5"), true).verdict, Verdict::Bad);
        assert_eq!(told(ip("100.72.0.1"), true).verdict, Verdict::Bad);
        assert_eq!(told(ip("10.0.0.5"), false).verdict, Verdict::Notice);
        assert_eq!(told(ip("203.0.113.9"), true).verdict, Verdict::Good);
        assert_eq!(told(None, true).verdict, Verdict::Notice);
    }
}
