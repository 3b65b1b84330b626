//! Everything of a memorial as one archive. It is written while it is sent: nothing of it lies on the disk, and only a
//! little in memory.

use std::{
    io::{self, BufWriter, Write},
    sync::Arc,
};

use axum::{
    Extension,
    body::Body,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use domain::MemorialId;
use service::{Actor, Everlight};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::reply;

const PIECE: usize = 256 * 1024;
/// Pieces that wait for somebody's line.
const AHEAD: usize = 2;

/// `GET /admin/memorials/{id}/export.zip`.
pub async fn memorial(
    State(everlight): State<Arc<Everlight>>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Response {
    let Ok(id) = id.parse::<MemorialId>() else { return reply::not_found() };
    let export = match everlight.memorials().export(&actor, id).await {
        Ok(export) => export,
        Err(error) => return reply::service_error(&error),
    };
    let (pieces, sent) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let out = BufWriter::with_capacity(PIECE, Line(pieces.clone()));
        if let Err(error) = export.write(out) {
            tracing::warn!(memorial.id = %id, %error, "an archive was not written to its end");
            // The answer breaks off, so that nobody takes half of it for all of it. There may be nobody any more.
            let _ = pieces.blocking_send(Err(error));
        }
    });
    let mut response = Body::from_stream(ReceiverStream::new(sent)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    let disposition = HeaderValue::from_static("attachment; filename=\"memorial.zip\"");
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    response
}

/// Hands pieces to whoever sends them, and waits while they have enough.
struct Line(mpsc::Sender<io::Result<Bytes>>);

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes))).map_err(gone)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
