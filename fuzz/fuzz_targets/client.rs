#![no_main]

use std::time::Duration;

use libfuzzer_sys::{
    arbitrary::{self, Arbitrary},
    fuzz_target,
};
use whip::client::{Action, Client, Input, Request, Response};

#[derive(Debug, Arbitrary)]
struct Step {
    time_ms: u16,
    status: u16,
    location: Option<String>,
    link: Option<String>,
    etag: Option<String>,
    retry_after: Option<String>,
    body: String,
}

const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n\
    a=mid:0\r\na=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n";

// A server that answers anything never brings the client to a stop it cannot leave.
fuzz_target!(|steps: Vec<Step>| {
    let mut client = Client::new("https://everlight.example/whip/s1", Some("secret".to_owned()), 1);
    let mut now = Duration::from_secs(1_800_000_000);
    let mut request: Option<Request> = None;
    let mut inputs = vec![Input::Start];
    for step in steps {
        now += Duration::from_millis(step.time_ms.into());
        if let Some(Request { id, url, .. }) = request.take() {
            let Step { status, location, link, etag, retry_after, body, .. } = step;
            let response = Response { status, url, location, link, etag, retry_after, body };
            inputs.push(Input::Response { id, response });
        }
        inputs.push(Input::Timer);
        while let Some(input) = inputs.pop() {
            for action in client.handle(now, input) {
                match action {
                    Action::OpenPeer | Action::RestartIce => inputs.push(Input::LocalOffer(OFFER.to_owned())),
                    Action::Send(sent) => request = Some(sent),
                    _ => {}
                }
            }
        }
    }
    client.handle(now, Input::Stop);
    assert_eq!(client.deadline(), None);
});
