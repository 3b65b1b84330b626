//! The way to a server, which can be shut: nobody listens at this address any more, and who was connected is cut off.

use std::net::SocketAddr;

use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

pub struct Door {
    address: SocketAddr,
    to: SocketAddr,
    open: Option<JoinHandle<()>>,
}

impl Door {
    pub async fn open(to: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        Self { address, to, open: Some(tokio::spawn(lead(listener, to))) }
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    pub async fn shut(&mut self) {
        if let Some(open) = self.open.take() {
            open.abort();
            let _ = open.await;
        }
    }

    pub async fn open_again(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.open = Some(tokio::spawn(lead(listener, self.to)));
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Some(open) = self.open.take() {
            open.abort();
        }
    }
}

async fn lead(listener: TcpListener, to: SocketAddr) {
    // Aborted with this task.
    let mut connections = JoinSet::new();
    while let Ok((mut client, _)) = listener.accept().await {
        connections.spawn(async move {
            let mut server = TcpStream::connect(to).await?;
            tokio::io::copy_bidirectional(&mut client, &mut server).await
        });
    }
}
