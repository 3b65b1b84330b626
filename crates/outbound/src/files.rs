//! Fetching what a provider holds.

use std::time::Duration;

use crate::url::named_by_answer;

/// A provider's files may lie a step or two from where it says.
const MOST_REDIRECTS: usize = 5;

/// A client for a provider's files. It follows redirects, but never into this machine or its network, and gives up when
/// nothing arrives for `idle`.
///
/// # Errors
/// When TLS cannot be set up, in words for a log.
pub fn file_client(idle: Duration) -> Result<reqwest::Client, String> {
    let redirects = reqwest::redirect::Policy::custom(|attempt| {
        if attempt.previous().len() > MOST_REDIRECTS {
            return attempt.error("the provider sends us round in circles");
        }
        let outside = attempt.previous().last().and_then(|from| named_by_answer(from, attempt.url().as_str()));
        match outside {
            Some(_) => attempt.follow(),
            None => attempt.error("the provider's redirect leads into our own network"),
        }
    });
    let client = reqwest::Client::builder().read_timeout(idle).redirect(redirects).build();
    client.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    /// Answers one request on this machine with a redirect.
    fn redirecting_to(target: String) -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]).unwrap();
            write!(stream, "HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n").unwrap();
        });
        format!("http://{address}/file.mp4")
    }

    #[tokio::test]
    async fn a_redirect_into_our_own_network_is_not_followed() {
        let inside = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        inside.set_nonblocking(true).unwrap();
        let start = redirecting_to(format!("http://{}/", inside.local_addr().unwrap()));
        let error = file_client(Duration::from_secs(5)).unwrap().get(start).send().await.unwrap_err();
        assert!(error.is_redirect(), "{error}");
        assert!(inside.accept().is_err(), "nobody came");
    }
}
