//! The end of a service, asked for by a phone that hangs up before it has an answer.

use std::{future::poll_fn, pin::pin, task::Poll, time::Duration};

use domain::audit::Deed;

use crate::support::{Site, bearer};

/// Asks for the end, and hangs up when the answer took more than so many steps. Whether there was one.
async fn ask_for_the_end(site: &Site, path: &str, authorization: &str, mut steps: u32) -> bool {
    let headers = [("authorization", authorization)];
    let mut answer = pin!(site.status("POST", path, &headers, ""));
    poll_fn(|context| {
        if steps == 0 {
            return Poll::Ready(false);
        }
        steps -= 1;
        answer.as_mut().poll(context).map(|status| status == 204)
    })
    .await
}

#[tokio::test]
async fn an_end_that_has_begun_is_finished_though_the_phone_hangs_up() {
    let site = Site::open().await;
    let is_written_down = async || {
        let log = site.everlight.audit().page(&site.actor, None).await.unwrap();
        log.iter().take_while(|entry| entry.deed != Deed::StreamCreated).any(|entry| entry.deed == Deed::StreamEnded)
    };
    for steps in 1.. {
        let (stream, token) = site.stream().await;
        let path = format!("/api/go/{}/end", stream.id);
        let answered = ask_for_the_end(&site, &path, &bearer(&token), steps).await;
        // What goes on without the phone, has time to begin.
        tokio::time::sleep(Duration::from_millis(20)).await;
        let ended = site.everlight.streams().get(&site.actor, stream.id).await.unwrap().status.is_over();
        if ended {
            // The last that is done.
            tokio::time::timeout(Duration::from_secs(20), async {
                while !is_written_down().await {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            })
            .await
            .unwrap_or_else(|_| panic!("hung up after {steps} steps, the end was left half done"));
        }
        let again = site.status("POST", &path, &[("authorization", &bearer(&token))], "").await;
        assert_eq!(again, 204, "asked again after {steps} steps");
        if answered {
            break;
        }
    }
}
