//! Nothing from the network stops the gateway.

mod common;

use std::net::UdpSocket;
use std::time::Instant;

use common::{Client, Frames, PUBLISHER, Setup, VIEWER};
use media::Publisher;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// A datagram of noise that begins like one of the protocols on the port.
fn datagram() -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![0_u8..4, 20_u8..64, 128_u8..192, any::<u8>()];
    let stun = proptest::collection::vec(any::<u8>(), 0..80).prop_map(|rest| {
        let mut message = vec![0, 1, 0, rest.len() as u8 & !3, 0x21, 0x12, 0xa4, 0x42];
        message.extend(rest);
        message
    });
    let noise = (first, proptest::collection::vec(any::<u8>(), 0..200)).prop_map(|(first, rest)| {
        let mut message = vec![first];
        message.extend(rest);
        message
    });
    prop_oneof![stun, noise]
}

/// An honest offer with some bytes changed, cut or doubled.
fn mangle(offer: &str, cuts: &[(usize, usize, u8)]) -> String {
    let mut lines: Vec<String> = offer.lines().map(str::to_owned).collect();
    for (line, place, action) in cuts {
        let line = line % lines.len();
        match action % 5 {
            0 => {
                lines.remove(line);
                if lines.is_empty() {
                    return String::new();
                }
            }
            1 => lines.insert(line, lines[place % lines.len()].clone()),
            2 => {
                let other = place % lines.len();
                lines.swap(line, other);
            }
            3 => {
                let place = place % (lines[line].len() + 1);
                lines[line].truncate(place);
            }
            _ => {
                let place = place % (lines[line].len() + 1);
                lines[line].insert(place, char::from(b'0' + action % 10));
            }
        }
    }
    lines.join("\r\n") + "\r\n"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn noise_on_the_port_and_in_offers() {
    let setup = Setup::new();
    let (publisher, frames) = (Client::new(PUBLISHER), Frames::default());
    setup.publish(&publisher, &frames).await;
    frames.until(5).await;

    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = setup.gateway.local_addr();
    let mut runner = TestRunner::new(Config { cases: 500, failure_persistence: None, ..Config::default() });
    runner
        .run(&datagram(), |datagram| {
            socket.send_to(&datagram, port).unwrap();
            Ok(())
        })
        .unwrap();

    let handle = tokio::runtime::Handle::current();
    let cuts = proptest::collection::vec((any::<usize>(), any::<usize>(), any::<u8>()), 1..6);
    let (publishes, views) = (Client::new(PUBLISHER).offer, Client::new(VIEWER).offer);
    let mut runner = TestRunner::new(Config { cases: 300, failure_persistence: None, ..Config::default() });
    tokio::task::block_in_place(|| {
        runner.run(&cuts, |cuts| {
            handle.block_on(async {
                let recording = frames.recording(Instant::now());
                let _ = setup
                    .gateway
                    .publish(common::stream(9), Publisher::Browser, recording, &mangle(&publishes, &cuts))
                    .await;
                let _ = setup.gateway.view(setup.stream, &mangle(&views, &cuts)).await;
            });
            Ok(())
        })
    })
    .unwrap();

    let so_far = frames.video().len();
    frames.until(so_far + 20).await;
}
