//! What the machine runs out of.

use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::Place;

fn open_files(pid: u32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count()
}

/// Whoever opens connections until there is no descriptor left is told of in the log; what is open goes on, and once some are
/// closed everybody is served again.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_recovers_when_there_were_no_file_descriptors_left() {
    let place = Place::new(&[]).await;
    let (token, memorial) = place.token_and_memorial().await;
    let running = place.start().await;
    running.create(&token, &memorial, "before").await.unwrap();
    let limit = open_files(running.id()) + 8;
    let limited = Command::new("prlimit")
        .args(["--pid", &running.id().to_string(), &format!("--nofile={limit}:{limit}")])
        .status()
        .unwrap_or_else(|error| panic!("this test needs prlimit on PATH (util-linux): {error}"));
    assert!(limited.success());

    let address = running.url.trim_start_matches("http://").to_owned();
    let crowd: Vec<TcpStream> = (0..40).map(|_| TcpStream::connect(&address).unwrap()).collect();
    let log = running.log_with("no connection can be taken").await;
    assert!(log.contains("os error 24"), "in the system's words: {log}");

    drop(crowd);
    let began = Instant::now();
    while running.create(&token, &memorial, "after").await.is_none() {
        assert!(began.elapsed() < Duration::from_secs(60), "it did not recover:\n{}", running.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
