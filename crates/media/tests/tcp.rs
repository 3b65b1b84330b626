//! A network that lets no UDP through.

mod common;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use common::bridge::over_tcp;
use common::{Client, Frames, PUBLISHER, Setup, VIEWER, eventually};
use media::{GatewayConfig, Limits, MediaEvent, Publisher, StartError, TcpPort};

#[tokio::test]
async fn a_phone_films_and_a_mourner_watches_by_tcp() {
    let mut setup = Setup::new();
    let gateway = setup.gateway.tcp_addr().unwrap();
    let (client, frames) = (Client::new(PUBLISHER), Frames::default());
    let recording = frames.recording(std::time::Instant::now());
    let answer = setup.gateway.publish(setup.stream, Publisher::Browser, recording, &client.offer).await.unwrap();
    client.answer(&over_tcp(&answer.sdp, gateway));
    frames.until(60).await;
    assert_eq!(frames.numbers(), client.report().video_sent[..frames.numbers().len()]);
    setup.event(|event| matches!(event, MediaEvent::Flowing { over_tcp: true, .. })).await;

    let viewer = Client::new(VIEWER);
    let answer = setup.gateway.view(setup.stream, &viewer.offer).await.unwrap();
    viewer.answer(&over_tcp(&answer.sdp, gateway));
    let report = viewer.until("pictures and sound", |seen| seen.video.len() > 200 && seen.audio.len() > 50).await;
    assert_eq!(report.missing(), 0);
}

#[tokio::test]
async fn whoever_films_by_udp_is_not_said_to_film_by_tcp() {
    let mut setup = Setup::new();
    let (client, frames) = (Client::new(PUBLISHER), Frames::default());
    setup.publish(&client, &frames).await;
    let flowing = setup.event(|event| matches!(event, MediaEvent::Flowing { .. })).await;
    assert!(matches!(flowing, MediaEvent::Flowing { over_tcp: false, .. }));
}

/// Nothing is kept for it, and nobody else has to wait.
#[tokio::test]
async fn a_connection_that_belongs_to_no_session_is_closed_at_its_first_packet() {
    let setup = Setup::new();
    for said in [b"\0\x0cGET / HTTP/1".as_slice(), &[0, 4, 0, 1, 0, 0], &[0xff; 70_000]] {
        let mut stranger = TcpStream::connect(setup.gateway.tcp_addr().unwrap()).unwrap();
        // It may be closed while more is said.
        let _ = stranger.write_all(said);
        // The end, or a reset where something was left unread.
        assert!(matches!(stranger.read(&mut [0; 8]), Ok(0) | Err(_)));
    }
    let (client, frames) = (Client::new(PUBLISHER), Frames::default());
    setup.publish(&client, &frames).await;
    frames.until(10).await;
}

/// They keep nobody out, also not of that address: the oldest go.
#[tokio::test]
async fn one_address_has_some_connections_that_say_nothing_and_no_more() {
    let setup = Setup::new();
    let gateway = setup.gateway.tcp_addr().unwrap();
    let silent: Vec<TcpStream> = (0..40).map(|_| TcpStream::connect(gateway).unwrap()).collect();
    let closed = |stream: &TcpStream| {
        stream.set_nonblocking(true).unwrap();
        match (&*stream).read(&mut [0; 8]) {
            Ok(0) => true,
            Ok(_) => panic!("nothing was asked"),
            Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
        }
    };
    eventually("those beyond are closed", || {
        (silent.iter().filter(|stream| closed(stream)).count() == 8).then_some(())
    })
    .await;
    assert!(silent[..8].iter().all(closed));
}

fn with_tcp(tcp: TcpPort) -> GatewayConfig {
    let udp = (std::net::Ipv4Addr::LOCALHOST, 0).into();
    GatewayConfig { udp, tcp, public_ips: Vec::new(), limits: Limits::default() }
}

#[test]
fn a_port_that_is_taken_is_done_without_where_nobody_asked_for_it() {
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = holder.local_addr().unwrap();
    let (gateway, _events) = media::Gateway::start(&with_tcp(TcpPort::IfFree(taken))).unwrap();
    assert_eq!(gateway.tcp_addr(), None);
    drop(holder);
    let (gateway, _events) = media::Gateway::start(&with_tcp(TcpPort::IfFree(taken))).unwrap();
    assert_eq!(gateway.tcp_addr(), Some(taken));
}

#[test]
fn a_port_that_is_taken_stops_the_start_with_a_sentence() {
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let error = media::Gateway::start(&with_tcp(TcpPort::At(holder.local_addr().unwrap()))).unwrap_err();
    assert!(matches!(error, StartError::TcpPortTaken(_)), "{error}");
    assert!(error.to_string().contains("EVERLIGHT_WEBRTC_TCP_ADDR"));
}
