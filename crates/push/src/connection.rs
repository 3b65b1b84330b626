//! The socket to a provider.

use std::io;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::error::PushError;
use crate::ingest::IngestUrl;
use crate::tls::TlsRoots;

const PATIENCE: Duration = Duration::from_secs(10);
/// In bytes. What lies in the send buffer is lost with the connection: little, but enough for the longest distances.
const SEND_BUFFER: usize = 256 << 10;

pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Connects, with TLS where the address says so.
pub(crate) async fn connect(url: &IngestUrl, roots: &TlsRoots) -> Result<Box<dyn Stream>, PushError> {
    let host = || url.host.clone();
    let no_answer = |_| PushError::NoAnswer { host: host(), seconds: PATIENCE.as_secs() };
    let tcp = timeout(PATIENCE, TcpStream::connect((url.bare_host(), url.port))).await.map_err(no_answer)?;
    let tcp = tcp.map_err(|source| PushError::Connect { host: host(), source })?;
    // Neither is needed for it to work.
    let _ = tcp.set_nodelay(true);
    let _ = socket2::SockRef::from(&tcp).set_send_buffer_size(SEND_BUFFER);
    if !url.tls {
        return Ok(Box::new(tcp));
    }
    let failed = |source| PushError::Tls { host: host(), source };
    let name = ServerName::try_from(url.bare_host().to_owned()).map_err(|error| failed(io::Error::other(error)))?;
    let connector = TlsConnector::from(roots.client.clone());
    let tls = timeout(PATIENCE, connector.connect(name, tcp)).await.map_err(no_answer)?;
    Ok(Box::new(tls.map_err(failed)?))
}
