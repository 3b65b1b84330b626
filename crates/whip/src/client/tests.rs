//! Each test drives the machine through a piece of a session. The rule numbers are those of RFC 9725's requirements on
//! clients, in the order of the text.

use proptest::prelude::*;

use super::*;

const ENDPOINT: &str = "https://everlight.example/whip/s1";
const SESSION: &str = "https://everlight.example/whip/s1/42";
const HOST: &str = "candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw";

fn offer(ufrag: &str) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\na=ice-options:trickle\r\n\
         m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:{ufrag}\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n\
         m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=ice-ufrag:{ufrag}\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
    )
}

const ANSWER: &str = "v=0\r\no=- 2 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-lite\r\na=group:BUNDLE 0 1\r\n\
    m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:srv0\r\na=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa\r\n\
    a=candidate:1 1 udp 1 203.0.113.1 3478 typ host\r\na=end-of-candidates\r\na=rtpmap:111 opus/48000/2\r\n\
    m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=ice-ufrag:srv0\r\na=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa\r\na=rtpmap:96 VP8/90000\r\n";

const RESTARTED: &str = "a=ice-lite\r\na=ice-ufrag:srv1\r\na=ice-pwd:bbbbbbbbbbbbbbbbbbbbbbbb\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n\
    a=mid:0\r\na=candidate:1 1 udp 2 203.0.113.2 3478 typ host\r\na=candidate:2 1 udp 1 203.0.113.3 3478 typ host\r\n\
    a=end-of-candidates\r\n";

fn created() -> Response {
    Response {
        status: 201,
        url: ENDPOINT.into(),
        location: Some("/whip/s1/42".into()),
        etag: Some("\"one\"".into()),
        body: ANSWER.into(),
        ..Response::default()
    }
}

fn only(status: u16) -> Response {
    Response { status, url: ENDPOINT.into(), ..Response::default() }
}

/// A client, its clock, and what it said last.
struct Driver {
    client: Client,
    now: Duration,
    actions: Vec<Action>,
}

impl Driver {
    fn new() -> Self {
        Self::with_token(Some("secret"))
    }

    fn with_token(token: Option<&str>) -> Self {
        let client = Client::new(ENDPOINT, token.map(str::to_owned), 1);
        Self { client, now: Duration::from_secs(1_800_000_000), actions: Vec::new() }
    }

    fn give(&mut self, input: Input) -> &mut Self {
        self.actions = self.client.handle(self.now, input);
        self
    }

    fn posted() -> Self {
        let mut driver = Self::new();
        driver.give(Input::Start).give(Input::LocalOffer(offer("EsAw")));
        driver
    }

    fn answered() -> Self {
        let mut driver = Self::posted();
        driver.answer(created());
        driver
    }

    /// Connected, and for long enough to count as a success.
    fn live() -> Self {
        let mut driver = Self::answered();
        driver.give(Input::Connection(Connection::Connected));
        driver.wait(STABLE_AFTER);
        driver
    }

    /// Answers the last request that was sent.
    fn answer(&mut self, response: Response) -> &mut Self {
        let id = self.sent().id;
        self.give(Input::Response { id, response })
    }

    /// Lets time pass, with a timer at the end of it.
    fn wait(&mut self, time: Duration) -> &mut Self {
        self.now += time;
        self.give(Input::Timer)
    }

    /// Lets time pass up to the next deadline.
    fn wait_for_deadline(&mut self) -> &mut Self {
        self.now = self.client.deadline().expect("there is a deadline").max(self.now);
        self.give(Input::Timer)
    }

    fn candidate(&mut self, text: &str) -> &mut Self {
        self.give(Input::LocalCandidate { candidate: text.into(), mid: Some("0".into()) })
    }

    fn requests(&self) -> Vec<&Request> {
        self.actions.iter().filter_map(|it| if let Action::Send(request) = it { Some(request) } else { None }).collect()
    }

    fn sent(&self) -> Request {
        (*self.requests().last().unwrap_or_else(|| panic!("nothing was sent: {:?}", self.actions))).clone()
    }

    fn sent_nothing(&self) -> bool {
        self.requests().is_empty()
    }

    /// The `POST` that waits for its answer.
    fn client_posts(&self) -> RequestId {
        match self.client.phase {
            Phase::Posting { id, .. } => id,
            ref phase => panic!("nothing is asked: {phase:?}"),
        }
    }

    fn did(&self, action: &Action) -> bool {
        self.actions.contains(action)
    }

    fn reported(&self, status: Status) -> bool {
        self.did(&Action::Report(status))
    }

    fn waits(&self) -> Option<(Trouble, Duration)> {
        self.actions.iter().find_map(|it| match it {
            Action::Report(Status::Waiting { trouble, wait }) => Some((*trouble, *wait)),
            _ => None,
        })
    }

    /// Loses the connection and brings the restart's `PATCH` on its way.
    fn restarting() -> Self {
        let mut driver = Self::live();
        driver.give(Input::Connection(Connection::Failed));
        assert!(driver.did(&Action::RestartIce));
        driver.give(Input::LocalOffer(offer("EsAx")));
        driver
    }
}

#[test]
fn what_was_prepared_is_sent_with_the_tap() {
    let mut driver = Driver::new();
    driver.give(Input::Prepare);
    assert_eq!(driver.actions, [Action::OpenPeer]);
    driver.give(Input::LocalOffer(offer("EsAw")));
    assert_eq!(driver.actions, [], "nothing leaves the device before the tap");
    assert_eq!(driver.client.deadline(), None);
    driver.give(Input::Start);
    assert!(driver.reported(Status::Connecting));
    assert!(!driver.did(&Action::OpenPeer));
    assert_eq!(driver.sent().body, Some(offer("EsAw")));
    driver.answer(created()).give(Input::Connection(Connection::Connected));
    assert!(driver.reported(Status::Connected));
}

#[test]
fn a_tap_before_all_is_prepared_waits_for_the_offer() {
    let mut driver = Driver::new();
    driver.give(Input::Prepare).give(Input::Start);
    assert!(driver.reported(Status::Connecting) && driver.sent_nothing() && !driver.did(&Action::OpenPeer));
    driver.give(Input::LocalOffer(offer("EsAw")));
    assert_eq!(driver.sent().method, Method::Post);
}

#[test]
fn a_preparation_that_fails_is_told_to_nobody_and_the_tap_begins_anew() {
    let mut driver = Driver::new();
    driver.give(Input::Prepare).give(Input::PeerError);
    assert_eq!(driver.actions, [Action::ClosePeer]);
    driver.give(Input::Start);
    assert!(driver.did(&Action::OpenPeer));
}

#[test]
fn c1_the_offer_goes_by_post() {
    let driver = Driver::posted();
    let request = driver.sent();
    assert_eq!((request.method, request.url.as_str()), (Method::Post, ENDPOINT));
    assert_eq!(request.header("content-type"), Some("application/sdp"));
    assert_eq!(request.body, Some(offer("EsAw")));
}

#[test]
fn c3_codes_are_handled_by_their_class() {
    for status in [400, 401, 403, 404, 406, 410, 415, 422, 451, 499] {
        let mut driver = Driver::posted();
        driver.answer(only(status));
        assert!(driver.reported(Status::Refused(status)) && driver.did(&Action::ClosePeer), "{status}");
        assert_eq!(driver.client.deadline(), None);
    }
    for status in [500, 501, 502, 503, 504, 599, 300, 302, 408, 409, 425, 429] {
        let mut driver = Driver::posted();
        driver.answer(only(status));
        assert_eq!(driver.waits().unwrap().0, Trouble::Server(status));
    }
    for status in [200, 201, 202, 299] {
        let mut driver = Driver::posted();
        driver.answer(Response { status, ..created() });
        assert!(driver.did(&Action::SetRemoteDescription(ANSWER.into())), "{status}");
    }
}

#[test]
fn c3_a_success_without_a_session_is_none() {
    let mut driver = Driver::posted();
    driver.answer(Response { location: None, ..created() });
    assert!(driver.waits().is_some());
    let mut driver = Driver::posted();
    driver.answer(Response { body: "<html>".into(), ..created() });
    assert!(driver.waits().is_some());
    assert_eq!(driver.sent().method, Method::Delete);
}

#[test]
fn c4_stopping_deletes_the_session_without_an_entity_tag() {
    let mut driver = Driver::live();
    driver.give(Input::Stop);
    let request = driver.sent();
    assert_eq!((request.method, request.url.as_str()), (Method::Delete, SESSION));
    assert_eq!(request.header("if-match"), None);
    assert!(request.outlives_page());
    assert!(driver.did(&Action::ClosePeer) && driver.reported(Status::Stopped));
    assert_eq!(driver.client.deadline(), None);
    driver.give(Input::Stop);
    assert!(driver.sent_nothing(), "a session is deleted once");
}

#[test]
fn c4_a_session_that_is_created_after_stopping_is_deleted() {
    let mut driver = Driver::posted();
    let id = driver.sent().id;
    driver.give(Input::Stop);
    assert!(driver.sent_nothing());
    driver.give(Input::Response { id, response: created() });
    assert_eq!((driver.sent().method, driver.sent().url.as_str()), (Method::Delete, SESSION));
    assert!(!driver.did(&Action::SetRemoteDescription(ANSWER.into())));
}

#[test]
fn c5_a_loss_that_ice_sees_is_mended() {
    let mut driver = Driver::live();
    driver.give(Input::Connection(Connection::Disconnected));
    assert!(driver.actions.is_empty(), "it may heal by itself");
    driver.wait(Duration::from_millis(2499));
    assert!(driver.actions.is_empty());
    driver.wait(Duration::from_millis(1));
    assert!(driver.reported(Status::Reconnecting) && driver.did(&Action::RestartIce));

    let mut driver = Driver::live();
    driver.give(Input::Connection(Connection::Disconnected)).give(Input::Connection(Connection::Connected));
    assert!(driver.reported(Status::Connected));
    driver.wait(Duration::from_secs(60));
    assert!(driver.actions.is_empty(), "it healed");

    let mut driver = Driver::live();
    driver.give(Input::Connection(Connection::Failed));
    assert!(driver.did(&Action::RestartIce), "failed is not waited out");
}

#[test]
fn c9_without_a_strong_tag_a_loss_is_mended_by_a_new_session() {
    for etag in [None, Some("*"), Some("3141592653"), Some("W/\"one\"")] {
        let mut driver = Driver::posted();
        driver.answer(Response { etag: etag.map(str::to_owned), ..created() });
        driver.give(Input::Connection(Connection::Connected)).wait(STABLE_AFTER);
        driver.give(Input::Connection(Connection::Failed));
        assert!(driver.did(&Action::OpenPeer) && !driver.did(&Action::RestartIce), "{etag:?}");
        assert_eq!(driver.sent().method, Method::Delete);
        assert!(driver.reported(Status::Reconnecting), "at once, for the connection had held");
    }
}

#[test]
fn c10_the_offer_is_sent_before_any_candidate() {
    let mut driver = Driver::new();
    driver.give(Input::Start);
    assert_eq!(driver.actions.last(), Some(&Action::OpenPeer));
    driver.give(Input::LocalOffer(offer("EsAw")));
    assert!(!driver.sent().body.unwrap().contains("a=candidate"));
}

#[test]
fn c11_candidates_wait_for_the_201_and_go_together() {
    let mut driver = Driver::posted();
    let id = driver.sent().id;
    driver.candidate(HOST).candidate(&HOST.replace("192.0.2.1", "192.0.2.2"));
    driver.wait(Duration::from_secs(1));
    assert!(driver.sent_nothing());
    driver.give(Input::Response { id, response: created() });
    let patch = driver.sent();
    assert_eq!((patch.method, patch.url.as_str()), (Method::Patch, SESSION));
    assert_eq!(patch.body.unwrap().matches("a=candidate").count(), 2);
}

#[test]
fn c11_a_burst_of_candidates_goes_in_one_request() {
    let mut driver = Driver::answered();
    driver.candidate(HOST);
    assert!(driver.sent_nothing());
    driver.wait(Duration::from_millis(50)).candidate(HOST).candidate("");
    let body = driver.sent().body.unwrap();
    assert_eq!(body.matches("a=candidate").count(), 2);
    assert!(body.contains("a=end-of-candidates"));
}

#[test]
fn c11_one_request_at_a_time() {
    let mut driver = Driver::answered();
    driver.candidate(HOST).wait_for_deadline();
    let id = driver.sent().id;
    driver.candidate(HOST).wait(Duration::from_secs(1));
    assert!(driver.sent_nothing());
    driver.give(Input::Response { id, response: only(204) });
    assert_eq!(driver.sent().method, Method::Patch);
}

#[test]
fn c11_after_a_restart_candidates_wait_for_the_new_tag() {
    let mut driver = Driver::restarting();
    let id = driver.sent().id;
    driver.candidate(&HOST.replace("EsAw", "EsAx")).wait(Duration::from_secs(1));
    assert!(driver.sent_nothing());
    let response = Response { etag: Some("\"two\"".into()), body: RESTARTED.into(), ..only(200) };
    driver.give(Input::Response { id, response });
    assert_eq!(driver.sent().header("if-match"), Some("\"two\""));
    assert!(driver.sent().body.unwrap().contains("ufrag EsAx"));
}

#[test]
fn c12_a_trickle_speaks_of_the_tagged_line_and_names_the_ice_session() {
    let mut driver = Driver::answered();
    driver.give(Input::LocalCandidate { candidate: HOST.replace("192.0.2.1", "192.0.2.9"), mid: Some("1".into()) });
    driver.candidate(HOST).wait_for_deadline();
    let patch = driver.sent();
    assert_eq!(patch.header("content-type"), Some("application/trickle-ice-sdpfrag"));
    assert_eq!(patch.header("if-match"), Some("\"one\""));
    let fragment = Fragment::parse(&patch.body.unwrap()).unwrap();
    assert_eq!(fragment.sections.len(), 1);
    assert_eq!(fragment.sections[0].mid, "0");
    assert_eq!(fragment.credentials.as_ref().unwrap().ufrag(), "EsAw");
    assert_eq!(fragment.candidates().map(|it| it.address.as_str()).collect::<Vec<_>>(), ["192.0.2.1"]);
}

#[test]
fn c12_without_a_usable_tag_a_trickle_uses_the_star() {
    let mut driver = Driver::posted();
    driver.answer(Response { etag: Some("*".into()), ..created() });
    driver.candidate(HOST).wait_for_deadline();
    assert_eq!(driver.sent().header("if-match"), Some("*"));
}

#[test]
fn c12_a_patch_that_fails_never_fails_the_session() {
    for status in [400, 404, 405, 412, 422, 501] {
        let mut driver = Driver::live();
        driver.candidate(HOST).wait_for_deadline();
        driver.answer(only(status));
        assert!(driver.actions.is_empty(), "{status}");
    }
    let mut driver = Driver::live();
    driver.candidate(HOST);
    let mut attempts = 0;
    while driver.client.deadline().is_some() {
        driver.wait_for_deadline();
        attempts += driver.requests().len();
        assert!(driver.actions.iter().all(|it| matches!(it, Action::Send(_))), "a PATCH that is never answered");
    }
    assert_eq!(attempts, 3);
}

#[test]
fn c13_a_restart_is_a_patch_with_new_credentials_and_a_star() {
    let driver = Driver::restarting();
    let patch = driver.sent();
    assert_eq!((patch.method, patch.url.as_str()), (Method::Patch, SESSION));
    assert_eq!(patch.header("if-match"), Some("*"));
    let fragment = Fragment::parse(&patch.body.unwrap()).unwrap();
    assert_eq!(fragment.credentials.unwrap().ufrag(), "EsAx");
    let set_local = driver.actions.iter().position(|it| *it == Action::SetLocalDescription(offer("EsAx")));
    assert!(set_local.is_some());
}

#[test]
fn c14_a_restart_replaces_credentials_and_candidates_and_nothing_else() {
    let mut driver = Driver::restarting();
    driver.answer(Response { etag: Some("\"two\"".into()), body: RESTARTED.into(), ..only(200) });
    let Some(Action::SetRemoteDescription(sdp)) = driver.actions.first() else { panic!("{:?}", driver.actions) };
    assert_eq!(sdp.matches("srv1").count(), 2);
    assert!(!sdp.contains("srv0") && !sdp.contains("aaaaaaaa"));
    assert!(!sdp.contains("203.0.113.1 ") && sdp.contains("203.0.113.2 ") && sdp.contains("203.0.113.3 "));
    let strip = |sdp: &str| {
        let ice = ["a=ice-ufrag", "a=ice-pwd", "a=candidate", "a=end-of-candidates"];
        sdp.lines().filter(|line| !ice.iter().any(|it| line.starts_with(it))).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(strip(sdp), strip(ANSWER));
    let (audio, video) = sdp.split_once("m=video").unwrap();
    assert!(audio.contains("a=candidate") && !video.contains("a=candidate"), "candidates belong to the tagged line");
    driver.give(Input::Connection(Connection::Connected));
    assert!(driver.reported(Status::Connected));
}

#[test]
fn c14_a_fragment_repeats_the_ice_attributes_of_the_offer() {
    let driver = Driver::restarting();
    assert!(driver.sent().body.unwrap().contains("a=ice-options:trickle\r\n"));
}

#[test]
fn c14_responses_to_older_patches_are_ignored() {
    let mut driver = Driver::live();
    driver.candidate(HOST).wait_for_deadline();
    let old = driver.sent().id;
    driver.give(Input::Connection(Connection::Failed)).give(Input::LocalOffer(offer("EsAx")));
    let response = Response { etag: Some("\"zero\"".into()), body: RESTARTED.into(), ..only(200) };
    driver.give(Input::Response { id: old, response });
    assert!(driver.actions.is_empty());
    driver.give(Input::Response { id: old, response: only(412) });
    assert!(driver.actions.is_empty());
}

#[test]
fn c14_a_mismatch_is_mended_by_a_restart_then_by_a_new_session() {
    let mut driver = Driver::answered();
    driver.candidate(HOST).wait_for_deadline();
    driver.answer(only(412));
    assert!(driver.did(&Action::RestartIce));
    driver.give(Input::LocalOffer(offer("EsAx")));
    driver.answer(Response { etag: Some("\"two\"".into()), body: RESTARTED.into(), ..only(200) });
    driver.candidate(HOST.replace("EsAw", "EsAx").as_str()).wait_for_deadline();
    driver.answer(only(412));
    assert!(driver.waits().is_some());
}

#[test]
fn c14_candidates_of_the_old_session_are_not_sent_after_a_restart() {
    let mut driver = Driver::restarting();
    driver.candidate(HOST);
    driver.give(Input::LocalCandidate { candidate: HOST.replace("EsAw", "EsAx"), mid: None });
    driver.wait(Duration::ZERO);
    assert!(driver.sent_nothing());
}

#[test]
fn c13_a_restart_that_fails_is_followed_by_a_new_session() {
    for response in [only(422), only(412), only(500), only(204), Response { body: "hello".into(), ..only(200) }] {
        let mut driver = Driver::restarting();
        driver.answer(response);
        assert!(driver.did(&Action::OpenPeer), "{:?}", driver.actions);
    }
    let mut driver = Driver::restarting();
    driver.wait(RESTART_TIMEOUT);
    assert!(driver.did(&Action::OpenPeer), "a PATCH that is not answered in time");
}

#[test]
fn c13_a_session_that_the_server_has_forgotten_is_not_deleted() {
    for status in [404, 410] {
        let mut driver = Driver::restarting();
        driver.answer(only(status));
        assert!(driver.did(&Action::OpenPeer) && driver.sent_nothing());
    }
}

#[test]
fn c13_a_path_that_comes_back_during_a_restart_is_kept() {
    let mut driver = Driver::restarting();
    let id = driver.sent().id;
    driver.give(Input::Connection(Connection::Connected));
    driver.give(Input::Response { id, response: Response { body: RESTARTED.into(), ..only(200) } });
    assert!(driver.reported(Status::Connected));
    driver.wait(Duration::from_secs(60));
    assert!(driver.actions.is_empty());
}

#[test]
fn c15_redirects_are_followed_with_the_method_and_the_body() {
    for status in [307, 308] {
        let mut driver = Driver::posted();
        driver.answer(Response { location: Some("https://edge.example/whip/s1".into()), ..only(status) });
        let request = driver.sent();
        assert_eq!((request.method, request.url.as_str()), (Method::Post, "https://edge.example/whip/s1"));
        assert_eq!(request.body, Some(offer("EsAw")));
        assert_eq!(request.header("authorization"), Some("Bearer secret"));
    }
}

#[test]
fn c15_redirects_end() {
    let mut driver = Driver::posted();
    for _ in 0..MAX_REDIRECTS {
        driver.answer(Response { location: Some("/whip/s1".into()), ..only(307) });
    }
    driver.answer(Response { location: Some("/whip/s1".into()), ..only(307) });
    assert!(driver.waits().is_some());
}

#[test]
fn c15_the_session_is_relative_to_the_final_address() {
    let mut driver = Driver::posted();
    driver.answer(Response { url: "https://edge.example/a/b".into(), location: Some("r/7".into()), ..created() });
    driver.give(Input::Stop);
    assert_eq!(driver.sent().url, "https://edge.example/a/r/7");
}

#[test]
fn c16_retry_after_is_waited_for() {
    let mut driver = Driver::posted();
    driver.answer(Response { retry_after: Some("30".into()), ..only(503) });
    assert_eq!(driver.waits(), Some((Trouble::Server(503), Duration::from_secs(30))));
    driver.wait(Duration::from_secs(29));
    assert!(driver.actions.is_empty());
    driver.wait(Duration::from_secs(1));
    assert!(driver.did(&Action::OpenPeer));
}

#[test]
fn c16_an_absurd_wait_is_shortened_and_a_short_one_is_not_hammered() {
    let mut driver = Driver::posted();
    driver.answer(Response { retry_after: Some("86400".into()), ..only(503) });
    assert_eq!(driver.waits().unwrap().1, LONGEST_WAIT);
    let mut driver = Driver::posted();
    driver.answer(Response { retry_after: Some("0".into()), ..only(503) });
    assert!(driver.waits().unwrap().1 >= Duration::from_millis(800));
}

#[test]
fn c16_any_code_with_retry_after_is_tried_again() {
    let mut driver = Driver::posted();
    driver.answer(Response { retry_after: Some("5".into()), ..only(403) });
    assert_eq!(driver.waits().unwrap().1, Duration::from_secs(5));
}

#[test]
fn c17_ice_servers_are_set_before_the_local_description() {
    let mut driver = Driver::posted();
    driver.answer(Response { link: Some("<stun:stun.example>; rel=\"ice-server\"".into()), ..created() });
    let kinds: Vec<_> = driver.actions.iter().take(3).collect();
    assert!(matches!(
        kinds[..],
        [Action::SetIceServers(_), Action::SetLocalDescription(_), Action::SetRemoteDescription(_)]
    ));
}

#[test]
fn c18_every_request_carries_the_token() {
    let mut driver = Driver::posted();
    assert_eq!(driver.sent().header("authorization"), Some("Bearer secret"));
    driver.answer(created()).candidate(HOST).wait_for_deadline();
    assert_eq!(driver.sent().header("authorization"), Some("Bearer secret"));
    driver.give(Input::Stop);
    assert_eq!(driver.sent().header("authorization"), Some("Bearer secret"));
}

#[test]
fn c18_no_token_no_header() {
    let mut driver = Driver::with_token(None);
    driver.give(Input::Start).give(Input::LocalOffer(offer("EsAw")));
    assert_eq!(driver.sent().header("authorization"), None);
}

#[test]
fn c18_the_token_is_not_printed() {
    let driver = Driver::live();
    assert!(!format!("{:?} {:?}", driver.client, Driver::posted().sent()).contains("secret"));
}

#[test]
fn c20_unknown_links_are_ignored() {
    let mut driver = Driver::posted();
    driver
        .answer(Response { link: Some("<https://x.example>; rel=\"urn:ietf:params:whip:ext:y\"".into()), ..created() });
    assert!(!driver.actions.iter().any(|it| matches!(it, Action::SetIceServers(_))));
    assert!(driver.did(&Action::SetRemoteDescription(ANSWER.into())));
}

#[test]
fn c21_a_session_outside_https_is_refused() {
    let mut driver = Driver::posted();
    driver.answer(Response { location: Some("http://everlight.example/whip/s1/42".into()), ..created() });
    assert!(driver.waits().is_some());
}

#[test]
fn attempts_go_on_until_the_person_stops() {
    let mut driver = Driver::new();
    driver.give(Input::Start);
    for _ in 0..50 {
        driver.give(Input::LocalOffer(offer("EsAw")));
        let id = driver.sent().id;
        driver.give(Input::NoResponse { id });
        let (trouble, wait) = driver.waits().unwrap();
        assert_eq!(trouble, Trouble::Network);
        assert!(wait <= Duration::from_secs(12));
        driver.wait(wait);
        assert!(driver.did(&Action::OpenPeer));
    }
    driver.give(Input::Stop);
    assert!(driver.reported(Status::Stopped));
    driver.wait(Duration::from_secs(600));
    assert!(driver.actions.is_empty());
}

#[test]
fn a_post_that_is_not_answered_in_time_is_given_up_and_its_session_deleted() {
    let mut driver = Driver::posted();
    let id = driver.sent().id;
    driver.wait(POST_TIMEOUT);
    assert_eq!(driver.waits().unwrap().0, Trouble::Network);
    driver.give(Input::Response { id, response: created() });
    assert_eq!((driver.sent().method, driver.sent().url.as_str()), (Method::Delete, SESSION));
}

#[test]
fn a_connection_that_does_not_come_about_is_tried_again() {
    for trouble in [true, false] {
        let mut driver = Driver::answered();
        if trouble {
            driver.give(Input::Connection(Connection::Failed));
        } else {
            driver.wait(CONNECT_TIMEOUT);
        }
        assert_eq!(driver.waits().unwrap().0, Trouble::Media);
        assert_eq!(driver.sent().method, Method::Delete);
    }
}

#[test]
fn a_network_that_comes_back_ends_the_wait() {
    let mut driver = Driver::posted();
    let id = driver.sent().id;
    driver.give(Input::NoResponse { id }).give(Input::Online);
    assert!(driver.did(&Action::OpenPeer));
    let mut driver = Driver::live();
    driver.give(Input::Connection(Connection::Disconnected)).give(Input::Online);
    assert!(driver.did(&Action::RestartIce));
}

#[test]
fn another_network_is_not_waited_for() {
    let mut driver = Driver::live();
    driver.give(Input::NetworkChanged);
    assert!(driver.did(&Action::RestartIce), "though the connection does not know yet");
    let mut driver = Driver::posted();
    driver.give(Input::NetworkChanged);
    assert!(driver.actions.is_empty(), "what is under way is let go on");
    let id = driver.give(Input::NoResponse { id: RequestId(0) }).requests().len();
    driver.give(Input::NetworkChanged);
    assert!(id == 0 && driver.did(&Action::OpenPeer));
}

#[test]
fn what_was_asked_during_a_silence_is_asked_again() {
    let mut driver = Driver::live();
    driver.give(Input::Connection(Connection::Failed)).give(Input::LocalOffer(offer("EsAx")));
    let restart = driver.sent();
    assert_eq!(restart.method, Method::Patch);
    driver.give(Input::ServerBack);
    assert!(driver.sent_nothing(), "the restart, or the former path, may still come through");
    driver.wait(BACK_GRACE);
    assert!(driver.did(&Action::OpenPeer), "but is not waited for");
    driver.give(Input::LocalOffer(offer("EsAw")));
    let lost = driver.sent();
    driver.give(Input::ServerBack);
    assert!(driver.did(&Action::OpenPeer));
    // Should that one have arrived after all, its session is not left behind.
    driver.give(Input::Response { id: lost.id, response: created() });
    assert_eq!(driver.sent().method, Method::Delete);
}

#[test]
fn a_network_that_was_away_for_long_is_not_held_against_it() {
    let mut driver = Driver::posted();
    for _ in 0..6 {
        let id = driver.client_posts();
        driver.give(Input::NoResponse { id }).wait_for_deadline().give(Input::LocalOffer(offer("EsAw")));
    }
    let id = driver.client_posts();
    driver.give(Input::NoResponse { id }).give(Input::ServerBack);
    assert!(driver.did(&Action::OpenPeer));
    driver.give(Input::LocalOffer(offer("EsAw")));
    let id = driver.client_posts();
    driver.give(Input::NoResponse { id });
    assert!(driver.waits().unwrap().1 < Duration::from_secs(2), "the next wait is a short one");
}

#[test]
fn after_a_refusal_the_person_can_try_again() {
    let mut driver = Driver::posted();
    driver.answer(only(401)).give(Input::Start);
    assert!(driver.did(&Action::OpenPeer));
}

#[test]
fn what_comes_late_from_a_closed_peer_is_ignored() {
    let mut driver = Driver::live();
    driver.give(Input::Stop);
    for input in [Input::LocalOffer(offer("EsAw")), Input::PeerError, Input::Connection(Connection::Connected)] {
        driver.give(input);
        assert!(driver.actions.is_empty(), "{:?}", driver.actions);
    }
}

/// Anything that can happen, in any order.
fn any_input() -> impl Strategy<Value = Input> {
    let connection = prop::sample::select(vec![
        Connection::Pending,
        Connection::Connected,
        Connection::Disconnected,
        Connection::Failed,
        Connection::Closed,
    ]);
    let response = (
        prop::sample::select(vec![200, 201, 204, 307, 400, 404, 409, 412, 503]),
        prop::sample::select(vec![ANSWER, RESTARTED, "", "hello"]),
        prop::option::of(prop::sample::select(vec!["/whip/s1/42", "http://x/", "//"])),
        prop::option::of(prop::sample::select(vec!["\"one\"", "*"])),
    )
        .prop_map(|(status, body, location, etag)| Response {
            location: location.map(str::to_owned),
            etag: etag.map(str::to_owned),
            body: body.into(),
            ..only(status)
        });
    prop_oneof![
        2 => Just(Input::Start),
        1 => Just(Input::Prepare),
        6 => Just(Input::LocalOffer(offer("EsAw"))),
        1 => Just(Input::LocalOffer("nonsense".into())),
        3 => prop::sample::select(vec![HOST, "", "nonsense"])
            .prop_map(|it| Input::LocalCandidate { candidate: it.into(), mid: None }),
        8 => (0..12u32, response).prop_map(|(id, response)| Input::Response { id: RequestId(id), response }),
        2 => (0..12u32).prop_map(|id| Input::NoResponse { id: RequestId(id) }),
        6 => connection.prop_map(Input::Connection),
        1 => Just(Input::PeerError),
        1 => Just(Input::Online),
        1 => Just(Input::NetworkChanged),
        1 => Just(Input::ServerBack),
        6 => Just(Input::Timer),
    ]
}

proptest! {
    /// Whatever happens: stopping ends it, with every session deleted that the client knows of, and no timer left.
    #[test]
    fn stopping_always_ends_it(inputs in prop::collection::vec((any_input(), 0..6000u64), 0..60)) {
        let mut driver = Driver::new();
        let mut open = Vec::new();
        for (input, time) in inputs.into_iter().chain([(Input::Stop, 0)]) {
            driver.now += Duration::from_millis(time);
            driver.give(input);
            for action in driver.actions.clone() {
                match action {
                    Action::SetRemoteDescription(_) => open = vec![driver.client.session.as_ref().map(|it| it.url.clone())],
                    Action::Send(request) if request.method == Method::Delete => open.retain(|it| *it != Some(request.url.clone())),
                    _ => {}
                }
            }
        }
        prop_assert!(driver.reported(Status::Stopped));
        prop_assert_eq!(open, Vec::<Option<String>>::new());
        prop_assert_eq!(driver.client.deadline(), None);
    }

    /// Once started, the machine is never without a way on: it has a deadline, is connected, was refused or stopped.
    #[test]
    fn it_never_stands_still(inputs in prop::collection::vec((any_input(), 0..6000u64), 1..60)) {
        let mut driver = Driver::new();
        driver.give(Input::Start);
        for (input, time) in inputs {
            driver.now += Duration::from_millis(time);
            driver.give(input);
            let at_rest = matches!(
                driver.client.phase,
                Phase::Idle | Phase::Preparing | Phase::Prepared(_) | Phase::Connected
            );
            prop_assert!(at_rest || driver.client.deadline().is_some(), "{:?}", driver.client);
        }
    }

    /// A timer at the deadline always moves the deadline on: the owner's loop cannot spin.
    #[test]
    fn timers_do_not_spin(inputs in prop::collection::vec((any_input(), 0..6000u64), 1..60)) {
        let mut driver = Driver::new();
        driver.give(Input::Start);
        for (input, time) in inputs {
            driver.now += Duration::from_millis(time);
            driver.give(input);
            let mut rounds = 0;
            while driver.client.deadline().is_some_and(|it| it <= driver.now) {
                driver.give(Input::Timer);
                rounds += 1;
                prop_assert!(rounds < 4, "{:?}", driver.client);
            }
        }
    }
}
