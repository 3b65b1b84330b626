//! How the gateway is set up.

use std::net::{IpAddr, SocketAddr};

/// What a gateway is started with.
#[derive(Debug, Clone)]
pub struct GatewayConfig {
    /// The one UDP port of all media. A wildcard address listens on every interface.
    pub udp: SocketAddr,
    /// For networks that let no UDP through; `None`: nothing listens.
    pub tcp: Option<SocketAddr>,
    /// Addresses under which these ports are reached from outside, if they are not this machine's own (NAT, containers).
    pub public_ips: Vec<IpAddr>,
    pub limits: Limits,
}

/// How much is taken on. What is beyond is refused with a clear error; nothing that runs is harmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Streams that are published to at the same time.
    pub publishers: usize,
    /// Viewers of all streams together.
    pub viewers: usize,
    pub viewers_per_stream: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { publishers: 16, viewers: 400, viewers_per_stream: 300 }
    }
}
