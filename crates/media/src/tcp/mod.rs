//! ICE over TCP (RFC 6544), for networks that let no UDP through: the gateway waits, the browser connects. What is lost by
//! it is time, for a packet that has to be sent again holds up those behind it; so browsers prefer UDP where it works.

pub(crate) mod framing;

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use domain::network;
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use self::framing::{Deframer, framed};

/// Whoever connects says something at once, and whole: an ICE check.
const FIRST_PACKET_WITHIN: Duration = Duration::from_secs(10);
/// No ICE check is longer: it has to fit into a datagram anywhere (RFC 8489 §6.1).
const LONGEST_CHECK: usize = 1280;
/// Consent is asked for every five seconds or so (RFC 7675 §5.1): one that is silent for so long is dead.
const SILENT: Duration = Duration::from_secs(30);
/// Connections of one network that have not proved to belong to a session yet. A congregation behind one address connects
/// one after the other, and each proves it with its first packet.
const UNPROVEN_OF_ONE: usize = 32;
/// Packets that wait for a slow connection: a second of 2.5 Mbit/s. What is beyond is lost, as it would be with UDP, and
/// repaired in the same way; waiting longer would only show what is old.
const WAITING: usize = 300;
/// Packets that wait for the media thread. Then the kernel makes senders wait.
const ARRIVING: usize = 1024;
/// The kernel keeps no more than this for one connection, or the picture would be late by as much.
const KERNEL_BUFFER: usize = 128 * 1024;
/// After an accept that failed (no file descriptor is left, say).
const ACCEPT_AGAIN: Duration = Duration::from_millis(200);

/// All connections, by the address of the other end.
pub(crate) struct TcpConnections {
    connections: HashMap<SocketAddr, Connection>,
    news: mpsc::Receiver<News>,
    tell: mpsc::Sender<News>,
    most: usize,
    last_id: u64,
    /// Packets that did not fit.
    pub(crate) dropped: u64,
}

struct Connection {
    /// An address may connect again before the end of its last connection is told.
    id: u64,
    to_write: mpsc::Sender<Bytes>,
    /// Its reader and its writer, which may wait for the other end for ever.
    tasks: [AbortHandle; 2],
    /// Its first packet belonged to a session.
    proven: bool,
}

impl Drop for Connection {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// What the media thread is told.
pub(crate) enum News {
    Connected(TcpStream, SocketAddr),
    Packet { source: SocketAddr, destination: SocketAddr, packet: Bytes },
    Over(SocketAddr, u64),
}

/// Binds the port. An IPv6 wildcard takes IPv4 too.
pub(crate) fn bind(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    // After a restart connections of before may still be closing.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(1024)?;
    Ok(socket.into())
}

impl TcpConnections {
    /// `most`: connections at once. Must be called within a tokio runtime.
    pub(crate) fn new(listener: Option<std::net::TcpListener>, most: usize) -> io::Result<Self> {
        let (tell, news) = mpsc::channel(ARRIVING);
        if let Some(listener) = listener {
            tokio::spawn(accept(TcpListener::from_std(listener)?, tell.clone()));
        }
        Ok(Self { connections: HashMap::new(), news, tell, most, last_id: 0, dropped: 0 })
    }

    /// Waits for news; for ever, where there is no listener.
    pub(crate) async fn next(&mut self) -> Option<News> {
        self.news.recv().await
    }

    /// More news, if it is there already.
    pub(crate) fn next_now(&mut self) -> Option<News> {
        self.news.try_recv().ok()
    }

    /// `take` says whether a packet belonged to a session: a connection whose first one did not is closed.
    pub(crate) fn handle(&mut self, news: News, take: impl FnOnce(SocketAddr, SocketAddr, &[u8]) -> bool) {
        match news {
            News::Connected(stream, source) => self.connected(stream, source),
            News::Packet { source, destination, packet } => {
                let Some(connection) = self.connections.get_mut(&source) else { return };
                let taken = take(source, destination, &packet);
                connection.proven |= taken;
                if !connection.proven {
                    self.connections.remove(&source);
                }
            }
            News::Over(source, id) => {
                if self.connections.get(&source).is_some_and(|connection| connection.id == id) {
                    self.connections.remove(&source);
                }
            }
        }
    }

    fn connected(&mut self, stream: TcpStream, source: SocketAddr) {
        if !self.make_room(source) {
            return;
        }
        let Ok(destination) = stream.local_addr().map(canonical) else { return };
        let _ = stream.set_nodelay(true);
        let _ = SockRef::from(&stream).set_send_buffer_size(KERNEL_BUFFER);
        self.last_id += 1;
        let id = self.last_id;
        let (reading, writing) = stream.into_split();
        let (to_write, written) = mpsc::channel(WAITING);
        let writer = tokio::spawn(write(writing, written)).abort_handle();
        let reader = tokio::spawn(read(reading, source, destination, id, self.tell.clone())).abort_handle();
        self.connections.insert(source, Connection { id, to_write, tasks: [reader, writer], proven: false });
    }

    /// For whoever has just come, the longest silent has to go: nobody can keep others out by being there first. `false`:
    /// all places are taken by those who belong here.
    fn make_room(&mut self, source: SocketAddr) -> bool {
        let unproven = || self.connections.iter().filter(|(_, connection)| !connection.proven);
        let neighbours = || unproven().filter(|(other, _)| network(other.ip()) == network(source.ip()));
        let oldest = if neighbours().count() >= UNPROVEN_OF_ONE {
            neighbours().min_by_key(|(_, connection)| connection.id)
        } else if self.connections.len() >= self.most {
            unproven().min_by_key(|(_, connection)| connection.id)
        } else {
            return true;
        };
        let Some(oldest) = oldest.map(|(address, _)| *address) else { return false };
        self.connections.remove(&oldest);
        true
    }

    pub(crate) fn send(&mut self, destination: SocketAddr, packet: &[u8]) {
        let Some(connection) = self.connections.get(&destination) else { return };
        // One that is too long, or for which there is no room.
        let sent = framed(packet).is_some_and(|framed| connection.to_write.try_send(framed).is_ok());
        self.dropped += u64::from(!sent);
    }
}

/// As datagrams name it (RFC 4291 §2.5.5.2).
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

async fn accept(listener: TcpListener, tell: mpsc::Sender<News>) {
    loop {
        match listener.accept().await {
            Ok((stream, source)) => {
                if tell.send(News::Connected(stream, canonical(source))).await.is_err() {
                    return;
                }
            }
            Err(_) => sleep(ACCEPT_AGAIN).await,
        }
    }
}

/// Until the other end closes, breaks, or is silent for too long.
async fn read(
    mut from: impl AsyncRead + Unpin,
    source: SocketAddr,
    destination: SocketAddr,
    id: u64,
    tell: mpsc::Sender<News>,
) {
    let mut deframer = Deframer::default();
    let mut next = timeout(FIRST_PACKET_WITHIN, whole_packet(&mut from, &mut deframer, LONGEST_CHECK)).await;
    while let Ok(Some(packet)) = next {
        if tell.send(News::Packet { source, destination, packet }).await.is_err() {
            return;
        }
        next = timeout(SILENT, whole_packet(&mut from, &mut deframer, usize::MAX)).await;
    }
    // The media thread may have stopped.
    let _ = tell.send(News::Over(source, id)).await;
}

/// The next one, whole. `None`: the other end has closed, or announces one that is longer than it may be.
async fn whole_packet(from: &mut (impl AsyncRead + Unpin), deframer: &mut Deframer, longest: usize) -> Option<Bytes> {
    loop {
        if let Some(packet) = deframer.next() {
            return (packet.len() <= longest).then_some(packet);
        }
        if deframer.announced().is_some_and(|length| length > longest) {
            return None;
        }
        if from.read_buf(deframer.buffer()).await.ok()? == 0 {
            return None;
        }
    }
}

/// Until the connection is forgotten: then it is closed.
async fn write(mut to: OwnedWriteHalf, mut packets: mpsc::Receiver<Bytes>) {
    while let Some(packet) = packets.recv().await {
        if to.write_all(&packet).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
