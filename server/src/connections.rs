//! How many connections one network may hold open. A file descriptor each: whoever had thousands would keep everybody else
//! out before a request was read. Requests cannot answer for that, so what is too much is closed.

use std::{
    future::{Ready, ready},
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

use axum::{Extension, middleware::AddExtension};
use axum_server::accept::Accept;
use domain::network;
use service::places::{Place, Places};
use tokio::net::TcpStream;
use tower::Layer as _;

/// A browser holds six; a hundred of them behind one address have room.
const AT_ONCE: usize = 1000;

/// Takes connections in, before TLS.
#[derive(Debug, Clone)]
pub struct Connections {
    open: Places,
    uncounted: Arc<[IpAddr]>,
}

impl Connections {
    pub fn new(proxies: &[IpAddr]) -> Self {
        Self::with(AT_ONCE, proxies)
    }

    /// Proxies hold everybody's connections. On this machine there may be one that nobody named.
    fn with(most: usize, proxies: &[IpAddr]) -> Self {
        let here = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        Self { open: Places::new(most), uncounted: here.iter().chain(proxies).copied().collect() }
    }

    /// `Ok(None)`: it is not counted.
    fn take(&self, stream: &TcpStream) -> io::Result<Option<Place>> {
        let from = stream.peer_addr()?.ip().to_canonical();
        if self.uncounted.contains(&from) {
            return Ok(None);
        }
        match self.open.take(network(from)) {
            Some(place) => Ok(Some(place)),
            None => Err(io::Error::other("this network holds as many connections as it may")),
        }
    }
}

/// What a connection's requests are answered by. It holds the place, until the connection is closed.
type Counted<S> = AddExtension<S, Arc<Option<Place>>>;

impl<S> Accept<TcpStream, S> for Connections {
    type Stream = TcpStream;
    type Service = Counted<S>;
    type Future = Ready<io::Result<(TcpStream, Counted<S>)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        ready(self.take(&stream).map(|place| (stream, Extension(Arc::new(place)).layer(service))))
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::{Router, routing::get};
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpSocket,
    };

    use super::*;

    async fn connect(server: SocketAddr, from: [u8; 4]) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((from, 0))).unwrap();
        socket.connect(server).await.unwrap()
    }

    /// Whether a request over it is answered. It stays open.
    async fn answers(stream: &mut TcpStream) -> bool {
        let mut answer = [0; 12];
        let asked = stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        asked.is_ok() && stream.read_exact(&mut answer).await.is_ok() && &answer == b"HTTP/1.1 200"
    }

    #[tokio::test]
    async fn one_network_holds_so_many_connections_and_those_it_closes_make_room() {
        let proxy = [127, 0, 0, 9];
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        let routes = Router::new().route("/", get(async || "here"));
        let listening = axum_server::from_tcp(listener).unwrap().acceptor(Connections::with(2, &[proxy.into()]));
        tokio::spawn(listening.serve(routes.into_make_service()));

        let one = [127, 0, 0, 2];
        let (mut first, mut second) = (connect(server, one).await, connect(server, one).await);
        assert!(answers(&mut first).await && answers(&mut second).await);
        assert!(!answers(&mut connect(server, one).await).await, "the third is closed");
        assert!(answers(&mut connect(server, [127, 0, 0, 3]).await).await, "others have their own");
        for uncounted in [proxy, [127, 0, 0, 1]] {
            let mut open = Vec::new();
            for _ in 0..5 {
                let mut stream = connect(server, uncounted).await;
                assert!(answers(&mut stream).await, "{uncounted:?}");
                open.push(stream);
            }
        }
        drop(first);
        let mut tries = 0;
        while !answers(&mut connect(server, one).await).await {
            tries += 1;
            assert!(tries < 100, "who closes one may open another");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}
