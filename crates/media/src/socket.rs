//! The one UDP socket: datagrams in bunches, in both directions.
//!
//! Outgoing datagrams of one size to one destination leave in one system call (GSO), which is what makes one thread
//! enough for hundreds of viewers. Incoming ones may arrive glued together for the same reason (GRO) and are split.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};

use bytes::BytesMut;
use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::Interest;
use tokio::net::UdpSocket;

/// Kernel buffers: a key frame to every viewer must fit at once.
const KERNEL_BUFFER: usize = 4 * 1024 * 1024;
/// The most that one UDP send can carry.
const MAX_BATCH: usize = 60_000;

pub(crate) struct GatewaySocket {
    socket: UdpSocket,
    state: UdpSocketState,
    local: SocketAddr,
    receive: Vec<BytesMut>,
    batch: Batch,
    /// Datagrams the kernel would not take. Retransmission repairs them.
    pub(crate) dropped: u64,
}

/// Datagrams on their way out: one destination, one size; the last may be shorter.
struct Batch {
    destination: SocketAddr,
    source: IpAddr,
    segment: usize,
    count: usize,
    bytes: Vec<u8>,
}

/// Binds the port. An IPv6 wildcard takes IPv4 too.
pub(crate) fn bind(address: SocketAddr) -> io::Result<std::net::UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    // The kernel may grant less; the default would do for a few viewers.
    let _ = socket.set_send_buffer_size(KERNEL_BUFFER);
    let _ = socket.set_recv_buffer_size(KERNEL_BUFFER);
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

impl GatewaySocket {
    /// Must be called within a tokio runtime.
    pub(crate) fn new(socket: std::net::UdpSocket) -> io::Result<Self> {
        let local = socket.local_addr()?;
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        let room = 2048 * state.gro_segments();
        Ok(Self {
            socket: UdpSocket::from_std(socket)?,
            state,
            local,
            receive: (0..BATCH_SIZE).map(|_| BytesMut::zeroed(room)).collect(),
            batch: Batch { destination: local, source: local.ip(), segment: 0, count: 0, bytes: Vec::new() },
            dropped: 0,
        })
    }

    pub(crate) async fn readable(&self) -> io::Result<()> {
        self.socket.readable().await
    }

    /// Hands over one bunch of waiting datagrams as (source, destination, bytes). `false` when none was waiting.
    pub(crate) fn receive(&mut self, mut take: impl FnMut(SocketAddr, SocketAddr, &[u8])) -> bool {
        let Self { socket, state, receive, local, .. } = self;
        let mut meta = [RecvMeta::default(); BATCH_SIZE];
        let received = {
            let mut slices: Vec<IoSliceMut<'_>> = receive.iter_mut().map(|buffer| IoSliceMut::new(buffer)).collect();
            socket.try_io(Interest::READABLE, || state.recv(UdpSockRef::from(&*socket), &mut slices, &mut meta))
        };
        let Ok(received) = received else { return false };
        for (meta, buffer) in meta.iter().zip(&*receive).take(received) {
            let destination = SocketAddr::new(meta.dst_ip.unwrap_or(local.ip()).to_canonical(), local.port());
            let source = SocketAddr::new(meta.addr.ip().to_canonical(), meta.addr.port());
            for datagram in buffer[..meta.len].chunks(meta.stride.max(1)) {
                take(source, destination, datagram);
            }
        }
        received > 0
    }

    /// Queues one datagram. It leaves with [`flush`](Self::flush), or when the next one cannot share its system call.
    pub(crate) fn send(&mut self, source: IpAddr, destination: SocketAddr, datagram: &[u8]) {
        let batch = &self.batch;
        let joins = batch.count > 0
            && batch.destination == destination
            && batch.source == source
            && datagram.len() <= batch.segment
            // After a shorter one the batch is full.
            && batch.bytes.len() == batch.count * batch.segment
            && batch.count < self.state.max_gso_segments()
            && batch.bytes.len() + datagram.len() <= MAX_BATCH;
        if !joins {
            self.flush();
            self.batch.destination = destination;
            self.batch.source = source;
            self.batch.segment = datagram.len();
        }
        self.batch.count += 1;
        self.batch.bytes.extend_from_slice(datagram);
    }

    pub(crate) fn flush(&mut self) {
        let Self { socket, state, local, batch, dropped, .. } = self;
        if batch.count == 0 {
            return;
        }
        let transmit = Transmit {
            destination: for_socket(*local, batch.destination),
            ecn: None,
            contents: &batch.bytes,
            segment_size: (batch.count > 1).then_some(batch.segment),
            src_ip: Some(for_socket(*local, SocketAddr::new(batch.source, 0)).ip()),
        };
        // Blocking here would stop every stream. What does not fit is lost, as it would be in any full queue on the way.
        if state.try_send(UdpSockRef::from(&*socket), &transmit).is_err() {
            *dropped += batch.count as u64;
        }
        batch.bytes.clear();
        batch.count = 0;
    }
}

/// On an IPv6 socket, IPv4 addresses are written as IPv6 ones (RFC 4291 §2.5.5.2).
fn for_socket(local: SocketAddr, address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) if local.is_ipv6() => SocketAddr::new(v4.ip().to_ipv6_mapped().into(), v4.port()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn batches_arrive_as_they_were_sent() {
        let mut a = GatewaySocket::new(bind("127.0.0.1:0".parse().unwrap()).unwrap()).unwrap();
        let mut b = GatewaySocket::new(bind("127.0.0.1:0".parse().unwrap()).unwrap()).unwrap();
        let sent: Vec<Vec<u8>> =
            [1000, 1000, 1000, 300, 1000, 20, 1000].iter().zip(0..).map(|(n, i)| vec![i; *n]).collect();
        for datagram in &sent {
            a.send("127.0.0.1".parse().unwrap(), b.local, datagram);
        }
        a.flush();
        let mut received = Vec::new();
        while received.len() < sent.len() {
            b.readable().await.unwrap();
            let (from, to) = (a.local, b.local);
            while b.receive(|source, destination, datagram| {
                assert_eq!((source, destination), (from, to));
                received.push(datagram.to_vec());
            }) {}
        }
        assert_eq!(received, sent);
        assert_eq!(a.dropped, 0);
    }
}
