//! A service of four hours.

use std::time::Duration;

use bytes::Bytes;
use recorder::{Frame, Payload, Pushed, Recorder, RecorderConfig, VideoCodec, finalize};

const HOURS: u64 = 4;
const PICTURES: u64 = HOURS * 3600 * 30;

/// A VP8 stream in its headers; the rest is filler, and compresses as badly as a real one.
fn picture(number: u64) -> Frame {
    let key = number.is_multiple_of(60);
    let mut data = vec![u8::try_from(number % 251).unwrap(); 10_400];
    data[..10].copy_from_slice(&[u8::from(!key), 0, 0, 0x9d, 0x01, 0x2a, 0, 5, 0xd0, 2]);
    let payload = Payload::Video { codec: VideoCodec::Vp8, key };
    Frame { time: Duration::from_nanos(number * 1_000_000_000 / 30), payload, data: data.into() }
}

/// The most memory this process had, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// More than 4 GiB, so that every 64-bit size is needed, in memory for its tables alone.
#[test]
#[ignore = "writes 9 GB, three minutes; run by hand: cargo test -p recorder -- --ignored four_hours"]
fn four_hours_fit_a_file_and_not_much_memory() {
    let dir = tempfile::tempdir().unwrap();
    let live = dir.path().join("live");
    let recorder = Recorder::spawn(&RecorderConfig::new(&live, 0)).unwrap();
    let mut packets = 0;
    let push = |frame: Frame, before: u64| {
        // As fast as it is written, and no faster: the queue is for twelve seconds.
        let written = || recorder.status().video_frames + recorder.status().audio_packets;
        while before > written() + 500 {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(recorder.push(frame), Pushed::Accepted);
    };
    for number in 0..PICTURES {
        let picture = picture(number);
        while Duration::from_millis(packets * 20) <= picture.time {
            let time = Duration::from_millis(packets * 20);
            push(Frame { time, payload: Payload::Audio, data: Bytes::from_static(&[0xf8; 120]) }, number + packets);
            packets += 1;
        }
        push(picture, number + packets);
    }
    recorder.finish_blocking().unwrap();
    let before = peak();
    let file = dir.path().join("out.mp4");
    let report = finalize(&live, &file, None).unwrap();
    assert!(report.bytes > 4 << 30, "{}", report.bytes);
    assert_eq!(report.video.unwrap().frames, PICTURES);
    assert_eq!(report.audio.unwrap().packets, packets);
    assert_eq!(report.duration.as_secs(), HOURS * 3600);
    let peak = peak();
    assert!(peak < 256 << 20, "{} MiB, {} MiB before", peak >> 20, before >> 20);
}
