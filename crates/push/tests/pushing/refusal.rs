//! What does not work says so.

use std::sync::Arc;
use std::time::Duration;

use push::{Push, PushConfig, PushState, TlsRoots};
use recorder::VideoCodec;
use tokio::net::TcpListener;

use crate::common::{config, live};
use crate::media::{audio, mix, record, video};
use crate::receiver::{KEY, Receiver};

struct Refused {
    _dir: tempfile::TempDir,
    push: Push,
    receiver: Receiver,
}

/// Starts a push of two seconds, of which something is wrong.
async fn start(receiver: Receiver, wrong: impl FnOnce(PushConfig) -> PushConfig) -> Refused {
    let dir = tempfile::tempdir().unwrap();
    record(&live(&dir), &[mix(&[&video(VideoCodec::H264, "320x180", 2), &audio(2)])]);
    let push = Push::start(wrong(config(&receiver, &live(&dir))));
    Refused { _dir: dir, push, receiver }
}

impl Refused {
    /// The reason of the second attempt, so that there was a second one.
    async fn reason(&self) -> String {
        let mut status = self.push.status();
        let again = |status: &push::PushStatus| matches!(status.state, PushState::Retrying { attempt: 2.., .. });
        let status = status.wait_for(again).await.unwrap().clone();
        assert!(self.receiver.published().is_empty());
        match status.state {
            PushState::Retrying { reason, .. } => reason,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key() {
    let receiver = Receiver::rtmps().await;
    let ingest = receiver.ingest_with("canary-wrong-key");
    let refused = start(receiver, |config| PushConfig { ingest, ..config }).await;
    let reason = refused.reason().await;
    assert_eq!(reason, "the provider refused the stream: stream … is not known (NetStream.Publish.BadName)");
    refused.push.finish(Duration::ZERO);
    let ended = refused.push.ended().await;
    assert_eq!(ended.state, PushState::GaveUp { reason: format!("not all could be sent in time: {reason}") });
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_listens() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let ingest = Arc::new(move || -> futures::future::BoxFuture<'static, _> {
        let url = format!("rtmp://127.0.0.1:{free}/live").parse().unwrap();
        Box::pin(async move { Ok(push::Ingest { url, key: KEY.into() }) })
    });
    let refused = start(Receiver::rtmp().await, |config| PushConfig { ingest, ..config }).await;
    let reason = refused.reason().await;
    assert!(reason.starts_with("127.0.0.1 cannot be reached: Connection refused"), "{reason}");
    refused.push.stop();
    assert!(matches!(refused.push.ended().await.state, PushState::GaveUp { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_nobody_vouches_for() {
    let receiver = Receiver::rtmps().await;
    let refused = start(receiver, |config| PushConfig { roots: TlsRoots::public().unwrap(), ..config }).await;
    let reason = refused.reason().await;
    assert!(reason.starts_with("no secure connection to localhost could be made: "), "{reason}");
    assert!(reason.contains("UnknownIssuer") || reason.contains("CaUsedAsEndEntity"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_to_be_had() {
    let ingest = Arc::new(|| -> futures::future::BoxFuture<'static, _> {
        Box::pin(async { Err("the account is locked".to_owned()) })
    });
    let refused = start(Receiver::rtmp().await, |config| PushConfig { ingest, ..config }).await;
    assert_eq!(refused.reason().await, "the provider's address and key could not be had: the account is locked");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_ffmpeg() {
    let refused =
        start(Receiver::rtmp().await, |config| PushConfig { ffmpeg: "/nowhere/ffmpeg".into(), ..config }).await;
    assert_eq!(refused.reason().await, "ffmpeg was not found at /nowhere/ffmpeg");
}
