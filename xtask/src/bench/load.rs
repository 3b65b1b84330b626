//! A small load generator for HTTP/1.1: a few connections that are kept, each asking again as soon as it has its
//! answer. Only for this very machine, and bounded in time and number.

use std::io::{BufRead, BufReader, Read, Write, copy, sink};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

const CONNECTIONS: usize = 4;
/// Not counted: caches fill, connections open.
const WARM_UP: Duration = Duration::from_secs(1);
const MEASURE: Duration = Duration::from_secs(4);
/// More is not needed to know.
const MOST_REQUESTS: u64 = 200_000;
/// An answer that takes longer is a fault.
const PATIENCE: Duration = Duration::from_secs(10);

/// Answers with what was measured, as JSON.
pub fn run(url: &str) -> Result<serde_json::Value> {
    let target = Target::parse(url)?;
    ask(&target, WARM_UP)?;
    let (requests, seconds) = ask(&target, MEASURE)?;
    Ok(serde_json::json!({ "requests": requests, "seconds": seconds }))
}

struct Target {
    address: SocketAddr,
    /// All of the request: it is the same each time.
    request: String,
}

impl Target {
    fn parse(url: &str) -> Result<Self> {
        let rest = url.strip_prefix("http://").context("only http:// is asked")?;
        let (host, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
        let with_port = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
        let addresses = with_port.to_socket_addrs().with_context(|| format!("{host} is not an address"))?;
        let here: Vec<SocketAddr> = addresses.filter(|address| address.ip().is_loopback()).collect();
        ensure!(!here.is_empty(), "{host} is not this machine: only the loopback is asked");
        // `localhost` has two addresses, of which the server may listen on one.
        let address = here.into_iter().find(|address| TcpStream::connect(address).is_ok());
        let address = address.with_context(|| format!("nobody listens at {host}"))?;
        Ok(Self { address, request: format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\n\r\n") })
    }
}

/// All connections at once; answers with the number of requests and the seconds that they took.
fn ask(target: &Target, time: Duration) -> Result<(u64, f64)> {
    let began = Instant::now();
    let requests = thread::scope(|scope| {
        let connections: Vec<_> =
            (0..CONNECTIONS).map(|_| scope.spawn(|| one_connection(target, began + time))).collect();
        connections
            .into_iter()
            .map(|connection| connection.join().unwrap_or_else(|_| bail!("a connection panicked")))
            .sum::<Result<u64>>()
    })?;
    Ok((requests, began.elapsed().as_secs_f64()))
}

fn one_connection(target: &Target, until: Instant) -> Result<u64> {
    let mut stream = TcpStream::connect(target.address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut requests = 0;
    while Instant::now() < until && requests < MOST_REQUESTS / CONNECTIONS as u64 {
        stream.write_all(target.request.as_bytes())?;
        read_answer(&mut reader)?;
        requests += 1;
    }
    Ok(requests)
}

/// Reads one answer to its end (RFC 9112 §6.3). Anything but 200 is an error: it would cost less than what is measured.
fn read_answer(reader: &mut impl BufRead) -> Result<()> {
    let status = line(reader)?;
    ensure!(status.starts_with("HTTP/1.1 200"), "the answer was: {status}");
    let (mut length, mut chunked) = (0, false);
    loop {
        let header = line(reader)?.to_ascii_lowercase();
        match header.split_once(':') {
            None => break,
            Some(("content-length", value)) => length = value.trim().parse()?,
            Some(("transfer-encoding", value)) => chunked = value.trim() == "chunked",
            Some(_) => {}
        }
    }
    if !chunked {
        return skip(reader, length);
    }
    loop {
        let size = line(reader)?;
        let size = u64::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16)?;
        skip(reader, size)?;
        // The end of the chunk; after the last one, of the answer: we ask for no trailers.
        line(reader)?;
        if size == 0 {
            return Ok(());
        }
    }
}

fn line(reader: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    ensure!(reader.read_line(&mut line)? > 0, "the server closed the connection");
    Ok(line.trim_end().to_owned())
}

fn skip(reader: &mut impl Read, bytes: u64) -> Result<()> {
    let skipped = copy(&mut reader.take(bytes), &mut sink())?;
    ensure!(skipped == bytes, "the answer ended early");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_to_their_end() {
        let two = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\
                   HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n1;x=y\r\nd\r\n0\r\n\r\n";
        let mut reader = two.as_bytes();
        read_answer(&mut reader).unwrap();
        read_answer(&mut reader).unwrap();
        assert!(reader.is_empty());
    }

    #[test]
    fn what_is_no_whole_answer_is_an_error() {
        for answer in ["", "HTTP/1.1 404 Not Found\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort"] {
            assert!(read_answer(&mut answer.as_bytes()).is_err(), "{answer}");
        }
    }

    #[test]
    fn other_machines_are_not_asked() {
        assert!(Target::parse("http://192.0.2.1/").is_err_and(|error| error.to_string().contains("loopback")));
        assert!(Target::parse("https://127.0.0.1/").is_err());
    }
}
