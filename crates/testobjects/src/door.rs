//! The way to a server, which can be shut: nobody listens at this address any more, and who was connected is cut off.

use std::{net::SocketAddr, sync::Arc};

use tokio::{
    io::{AsyncRead, AsyncWrite, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivatePkcs8KeyDer},
};

pub struct Door {
    address: SocketAddr,
    to: SocketAddr,
    tls: Option<TlsAcceptor>,
    open: Option<JoinHandle<()>>,
}

impl Door {
    pub async fn open(to: SocketAddr) -> Self {
        Self::opened(to, None).await
    }

    /// One that speaks TLS; with the certificate (PEM) that whoever comes has to believe.
    pub async fn open_with_tls(to: SocketAddr) -> (Self, String) {
        let ours = rcgen::generate_simple_self_signed(vec!["127.0.0.1".into()]).unwrap();
        let key = PrivatePkcs8KeyDer::from(ours.signing_key.serialize_der());
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![ours.cert.der().clone()], key.into())
            .unwrap();
        (Self::opened(to, Some(Arc::new(config).into())).await, ours.cert.pem())
    }

    async fn opened(to: SocketAddr, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let open = tokio::spawn(lead(listener, to, tls.clone()));
        Self { address, to, tls, open: Some(open) }
    }

    /// Scheme, host and port.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    pub const fn to(&self) -> SocketAddr {
        self.to
    }

    pub async fn shut(&mut self) {
        if let Some(open) = self.open.take() {
            open.abort();
            let _ = open.await;
        }
    }

    pub async fn open_again(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.open = Some(tokio::spawn(lead(listener, self.to, self.tls.clone())));
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Some(open) = self.open.take() {
            open.abort();
        }
    }
}

async fn lead(listener: TcpListener, to: SocketAddr, tls: Option<TlsAcceptor>) {
    // Aborted with this task.
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let tls = tls.clone();
        connections.spawn(async move {
            match tls {
                Some(tls) => lead_one(tls.accept(client).await?, to).await,
                None => lead_one(client, to).await,
            }
        });
    }
}

async fn lead_one(mut client: impl AsyncRead + AsyncWrite + Unpin, to: SocketAddr) -> std::io::Result<()> {
    let mut server = TcpStream::connect(to).await?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}
