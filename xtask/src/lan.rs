//! This machine's address in the local network.

use std::net::{IpAddr, UdpSocket};

use anyhow::{Context, Result, ensure};

/// The address from which packets for the outside leave. Nothing is sent: connecting a UDP socket only picks a route.
pub fn address() -> Result<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    // 192.0.2.1 is kept for documentation (RFC 5737): no host has it, and every route outwards leads to it.
    let missing = "this machine is in no network that a phone could reach it through";
    socket.connect("192.0.2.1:9").context(missing)?;
    let address = socket.local_addr()?.ip();
    ensure!(!address.is_loopback() && !address.is_unspecified(), missing);
    Ok(address)
}
