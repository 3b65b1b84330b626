use std::net::IpAddr;

use tokio::io::duplex;
use tokio::time::Instant;

use super::*;

const SOURCE: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 1);

/// What the media thread is told of a connection: its packets, and after how many seconds it was over.
async fn told(says: impl AsyncFnOnce(tokio::io::DuplexStream)) -> (Vec<Bytes>, u64) {
    let (ours, theirs) = duplex(100_000);
    let (tell, mut news) = mpsc::channel(ARRIVING);
    let began = Instant::now();
    let gateway = async {
        read(ours, SOURCE, SOURCE, 1, tell).await;
        began.elapsed().as_secs()
    };
    let ((), seconds) = tokio::join!(says(theirs), gateway);
    let mut packets = Vec::new();
    while let Some(one) = news.recv().await {
        if let News::Packet { packet, .. } = one {
            packets.push(packet);
        }
    }
    (packets, seconds)
}

#[tokio::test(start_paused = true)]
async fn the_first_packet_is_whole_within_ten_seconds_however_slowly_it_comes() {
    let drip = async |mut to: tokio::io::DuplexStream| {
        for byte in [&[0, 20], [0_u8; 20].as_slice()].concat() {
            let _ = to.write_all(&[byte]).await;
            sleep(Duration::from_secs(9)).await;
        }
    };
    assert_eq!(told(drip).await, (Vec::new(), 10));
    // Packets that mean nothing are no packets.
    let nothing = async |mut to: tokio::io::DuplexStream| {
        for _ in 0..20 {
            let _ = to.write_all(&[0, 0]).await;
            sleep(Duration::from_secs(1)).await;
        }
    };
    assert_eq!(told(nothing).await, (Vec::new(), 10));
}

#[tokio::test(start_paused = true)]
async fn after_the_first_packet_it_may_be_silent_for_longer() {
    let check = async |mut to: tokio::io::DuplexStream| {
        to.write_all(&[0, 1, 7]).await.unwrap();
        sleep(Duration::from_secs(29)).await;
        // No ICE check any more, so it may be longer than one.
        to.write_all(&framed(&[8; 2000]).unwrap()).await.unwrap();
        sleep(Duration::from_secs(100)).await;
    };
    let (packets, seconds) = told(check).await;
    assert_eq!(packets, [Bytes::from_static(&[7]), Bytes::from(vec![8; 2000])]);
    assert_eq!(seconds, 59);
}

#[tokio::test(start_paused = true)]
async fn a_first_packet_that_is_longer_than_a_check_is_not_waited_for() {
    for (length, ends) in [(LONGEST_CHECK + 1, 0), (65_535, 0), (LONGEST_CHECK, 10)] {
        let announces = async |mut to: tokio::io::DuplexStream| {
            to.write_all(&u16::try_from(length).unwrap().to_be_bytes()).await.unwrap();
            sleep(Duration::from_secs(20)).await;
        };
        assert_eq!(told(announces).await, (Vec::new(), ends), "{length}");
    }
}

/// Connections that say that they come from these addresses.
struct Crowd {
    listener: TcpListener,
    connections: TcpConnections,
    /// Their other ends.
    open: Vec<TcpStream>,
}

impl Crowd {
    async fn new(most: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { listener, connections: TcpConnections::new(None, most).unwrap(), open: Vec::new() }
    }

    async fn comes(&mut self, ip: &str) -> SocketAddr {
        let (theirs, ours) =
            tokio::join!(TcpStream::connect(self.listener.local_addr().unwrap()), self.listener.accept());
        let source = SocketAddr::new(ip.parse().unwrap(), theirs.as_ref().unwrap().local_addr().unwrap().port());
        self.open.push(theirs.unwrap());
        self.connections.handle(News::Connected(ours.unwrap().0, source), |_, _, _| false);
        source
    }

    fn proves(&mut self, source: SocketAddr) {
        self.connections.handle(News::Packet { source, destination: SOURCE, packet: Bytes::new() }, |_, _, _| true);
    }

    fn has(&self, source: SocketAddr) -> bool {
        self.connections.connections.contains_key(&source)
    }
}

#[tokio::test]
async fn of_one_network_the_oldest_that_said_nothing_gives_way() {
    let mut crowd = Crowd::new(1000).await;
    let proven = crowd.comes("2001:db8:1:2::1").await;
    crowd.proves(proven);
    let elsewhere = crowd.comes("2001:db8:1:3::1").await;
    let mut silent = Vec::new();
    for n in 0..UNPROVEN_OF_ONE {
        silent.push(crowd.comes(&format!("2001:db8:1:2::{n:x}:1")).await);
    }
    let newcomer = crowd.comes("2001:db8:1:2:ffff::1").await;
    assert!(crowd.has(newcomer));
    assert!(!crowd.has(silent[0]), "addresses of one /64 are one network");
    assert!(silent[1..].iter().all(|source| crowd.has(*source)));
    assert!(crowd.has(proven) && crowd.has(elsewhere));
}

#[tokio::test]
async fn where_there_is_no_room_the_oldest_that_said_nothing_gives_way_and_nobody_who_belongs_here() {
    let mut crowd = Crowd::new(3).await;
    let first = crowd.comes("192.0.2.1").await;
    crowd.proves(first);
    let second = crowd.comes("192.0.2.2").await;
    let third = crowd.comes("192.0.2.3").await;
    let fourth = crowd.comes("192.0.2.4").await;
    assert!(crowd.has(first) && !crowd.has(second) && crowd.has(third) && crowd.has(fourth));
    crowd.proves(third);
    crowd.proves(fourth);
    let fifth = crowd.comes("192.0.2.5").await;
    assert!(!crowd.has(fifth) && crowd.has(first) && crowd.has(third) && crowd.has(fourth));
}
