//! What a viewer costs: one publisher (720p30 at 2.5 Mbit/s and Opus) to 50, 100 and 200 viewers over loopback.
//!
//! The viewers live in a process of their own, so that memory and the media thread's CPU time are the gateway's alone.
//! Run it with `--release`; arguments are numbers of viewers.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a tool for people, which stops when anything is wrong")]

#[path = "../tests/common/mod.rs"]
mod common;

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::{Client, ClientConfig, Frames, PUBLISHER, Setup};
use media::Limits;
use str0m::change::SdpAnswer;
use str0m::media::{Direction, MediaKind};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};
use tokio::net::UdpSocket;

const MEASURE: Duration = Duration::from_secs(10);
const SETTLE: Duration = Duration::from_secs(3);
/// The kernel's unit of CPU time (`getconf CLK_TCK`).
const TICKS_PER_SECOND: f64 = 100.0;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [mode, count] = arguments.as_slice()
        && mode == "viewers"
    {
        return viewers(count.parse().unwrap()).await;
    }
    let mut counts: Vec<usize> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    if counts.is_empty() {
        counts = vec![50, 100, 200];
    }
    println!("viewers      pps  Mbit/s  CPU of one core  µs/packet  viewers/core   gaps  KiB/viewer");
    for count in counts {
        measure(count).await;
    }
}

async fn measure(count: usize) {
    let setup = Setup::with(Limits { publishers: 1, viewers: count, viewers_per_stream: count });
    let publisher = Client::new(ClientConfig { frame: 10_300, ..PUBLISHER });
    setup.publish(&publisher, &Frames::default()).await;
    publisher.until("the publisher", |report| report.video_sent.len() > 30).await;
    let memory = resident_kib();

    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["viewers", &count.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = process.stdin.take().unwrap();
    let mut output = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
    for _ in 0..count {
        let offer = output.next().unwrap().replace('|', "\r\n");
        let answer = setup.gateway.view(setup.stream, &offer).await.unwrap();
        writeln!(input, "{}", answer.sdp.replace("\r\n", "|")).unwrap();
    }
    // (connected, packets, bytes, gaps)
    let mut ask = || -> [u64; 4] {
        writeln!(input, "count").unwrap();
        let numbers: Vec<u64> = output.next().unwrap().split(' ').map(|number| number.parse().unwrap()).collect();
        numbers.try_into().unwrap()
    };
    while ask()[0] < count as u64 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(SETTLE).await;

    let (began, before, cpu) = (Instant::now(), ask(), media_thread_seconds());
    tokio::time::sleep(MEASURE).await;
    let (after, cpu, seconds) = (ask(), media_thread_seconds() - cpu, began.elapsed().as_secs_f64());
    let memory = resident_kib().saturating_sub(memory) / count as u64;
    let packets = (after[1] - before[1]) as f64;
    let share = cpu / seconds;
    println!(
        "{count:7} {:8.0} {:7.0} {:14.1} % {:10.1} {:13.0} {:6} {memory:11}",
        packets / seconds,
        (after[2] - before[2]) as f64 * 8e-6 / seconds,
        share * 100.0,
        cpu * 1e6 / packets,
        count as f64 / share,
        after[3] - before[3],
    );
    drop(input);
    process.wait().unwrap();
}

/// CPU seconds, user and system, of the newest thread called `media`.
fn media_thread_seconds() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().map(|task| task.unwrap().path());
    let media =
        tasks.filter(|task| std::fs::read_to_string(task.join("comm")).is_ok_and(|name| name.trim() == "media"));
    let newest = media.max_by_key(|task| task.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok())).unwrap();
    let stat = std::fs::read_to_string(newest.join("stat")).unwrap();
    // proc(5): fields 14 and 15, counted from the state, which is the third.
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_ascii_whitespace().collect();
    let ticks: f64 = fields[11..13].iter().map(|field| field.parse::<f64>().unwrap()).sum();
    ticks / TICKS_PER_SECOND
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

// The other process

#[derive(Debug, Default)]
struct Counts {
    connected: AtomicU64,
    packets: AtomicU64,
    bytes: AtomicU64,
    gaps: AtomicU64,
}

async fn viewers(count: usize) {
    let counts = Arc::new(Counts::default());
    let mut input = std::io::stdin().lines();
    for _ in 0..count {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let mut rtc = RtcConfig::new().set_rtp_mode(true).build(Instant::now());
        rtc.add_local_candidate(Candidate::host(socket.local_addr().unwrap(), "udp").unwrap());
        let mut api = rtc.sdp_api();
        api.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
        api.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
        let (offer, pending) = api.apply().unwrap();
        println!("{}", offer.to_sdp_string().replace("\r\n", "|"));
        let answer = input.next().unwrap().unwrap().replace('|', "\r\n");
        rtc.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(&answer).unwrap()).unwrap();
        tokio::spawn(viewer(rtc, socket, counts.clone()));
    }
    while let Some(Ok(_)) = tokio::task::block_in_place(|| input.next()) {
        let [connected, packets, bytes, gaps] = [&counts.connected, &counts.packets, &counts.bytes, &counts.gaps]
            .map(|count| count.load(Ordering::Relaxed));
        println!("{connected} {packets} {bytes} {gaps}");
    }
}

async fn viewer(mut rtc: Rtc, socket: UdpSocket, counts: Arc<Counts>) {
    let local = socket.local_addr().unwrap();
    let mut buffer = vec![0; 2000];
    let mut last: HashMap<u32, u16> = HashMap::new();
    let mut seen = 0_u64;
    loop {
        let timeout = loop {
            match rtc.poll_output().unwrap() {
                Output::Transmit(transmit) => {
                    let _ = socket.send_to(&transmit.contents, transmit.destination).await;
                }
                Output::Event(Event::Connected) => {
                    counts.connected.fetch_add(1, Ordering::Relaxed);
                }
                Output::Event(_) => {}
                Output::Timeout(at) => break at,
            }
        };
        loop {
            let Ok(received) = tokio::time::timeout_at(timeout.into(), socket.recv_from(&mut buffer)).await else {
                rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
                break;
            };
            let (length, source) = received.unwrap();
            let datagram = &buffer[..length];
            let rtp = (128..192).contains(&datagram[0]) && !(64..96).contains(&(datagram[1] & 0x7f));
            if rtp {
                seen += 1;
                count(datagram, &mut last, &counts);
                // Decrypting what nobody looks at would take the machine's time from the gateway. The first packets
                // tell str0m about the tracks, and the gateway about that.
                if seen > 500 {
                    continue;
                }
            }
            if let Ok(receive) = Receive::new(Protocol::Udp, source, local, datagram) {
                rtc.handle_input(Input::Receive(Instant::now(), receive)).unwrap();
            }
            break;
        }
    }
}

/// The header of an RTP packet is not encrypted (RFC 3711 §3.1).
fn count(datagram: &[u8], last: &mut HashMap<u32, u16>, counts: &Counts) {
    let sequence = u16::from_be_bytes([datagram[2], datagram[3]]);
    let source = u32::from_be_bytes([datagram[8], datagram[9], datagram[10], datagram[11]]);
    if let Some(before) = last.insert(source, sequence) {
        let missing = sequence.wrapping_sub(before).wrapping_sub(1);
        if missing < 0x8000 {
            counts.gaps.fetch_add(u64::from(missing), Ordering::Relaxed);
        }
    }
    counts.packets.fetch_add(1, Ordering::Relaxed);
    counts.bytes.fetch_add(datagram.len() as u64, Ordering::Relaxed);
}
