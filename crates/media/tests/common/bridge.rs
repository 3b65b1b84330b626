//! A way to the gateway on which everything goes by TCP: what a client sends by UDP goes on framed (RFC 4571), and back.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::thread;

/// The answer as a client gets it that shall come over the bridge.
pub fn over_tcp(answer: &str, gateway: SocketAddr) -> String {
    let bridge = bridge(gateway);
    let kept: Vec<String> = answer
        .lines()
        .filter_map(|line| {
            if !line.starts_with("a=candidate:") {
                return Some(line.to_owned());
            }
            // `candidate:<foundation> <component> udp <priority> <address> <port> typ host`
            let mut words: Vec<&str> = line.split(' ').collect();
            let port = bridge.port().to_string();
            *words.get_mut(5)? = &port;
            (words.get(2) == Some(&"udp")).then(|| words.join(" "))
        })
        .collect();
    kept.join("\r\n") + "\r\n"
}

/// Its UDP end. It lives for as long as the gateway keeps the connection.
fn bridge(gateway: SocketAddr) -> SocketAddr {
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let ours = udp.local_addr().unwrap();
    thread::spawn(move || {
        let mut packet = [0; 2000];
        let (length, client) = udp.recv_from(&mut packet).unwrap();
        let mut tcp = TcpStream::connect(gateway).unwrap();
        let (mut back, to_client) = (tcp.try_clone().unwrap(), udp.try_clone().unwrap());
        thread::spawn(move || {
            let mut header = [0; 2];
            while back.read_exact(&mut header).is_ok() {
                let mut packet = vec![0; usize::from(u16::from_be_bytes(header))];
                if back.read_exact(&mut packet).is_err() {
                    return;
                }
                to_client.send_to(&packet, client).unwrap();
            }
        });
        let mut length = Some(length);
        while let Some(some) = length {
            let size = u16::try_from(some).unwrap().to_be_bytes();
            if tcp.write_all(&[size.as_slice(), &packet[..some]].concat()).is_err() {
                return;
            }
            length = udp.recv(&mut packet).ok();
        }
    });
    ours
}
