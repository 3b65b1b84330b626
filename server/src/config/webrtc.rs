//! Where media come by TCP, for networks that let no UDP through.

use std::net::SocketAddr;

use super::{ConfigError, parse};

/// Where nothing is said, the port of that number beside the UDP one; `None`: nothing listens.
pub(super) fn tcp_address(written: &str, udp: SocketAddr) -> Result<Option<SocketAddr>, ConfigError> {
    match written.trim() {
        "" => Ok(Some(udp)),
        "off" => Ok(None),
        address => {
            let expected = "an address and port such as 0.0.0.0:4000, or “off”";
            parse("EVERLIGHT_WEBRTC_TCP_ADDR", address, expected).map(Some)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_beside_the_udp_port_elsewhere_or_nowhere() {
        let udp: SocketAddr = "0.0.0.0:4000".parse().unwrap();
        assert_eq!(tcp_address("", udp).unwrap(), Some(udp));
        assert_eq!(tcp_address(" off ", udp).unwrap(), None);
        assert_eq!(tcp_address("0.0.0.0:443", udp).unwrap().map(|it| it.port()), Some(443));
        assert!(tcp_address("on", udp).unwrap_err().to_string().contains("EVERLIGHT_WEBRTC_TCP_ADDR"));
    }
}
