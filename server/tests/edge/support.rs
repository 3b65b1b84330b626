//! The whole edge over a real database and a real gateway, driven without a socket.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::{
    Router,
    body::Body,
    http::{Method, Request, Response, StatusCode, header},
};
use domain::{Grant, HomeId, StreamId, Timestamp, Token, document::StreamDocument};
use http_body_util::BodyExt as _;
use media::{Gateway, GatewayConfig, Limits};
use service::{
    Actor, Everlight, Keys, Settings,
    accounts::Client,
    cloud::{Accounts, webhooks::WebhookSecrets},
    memorials::MemorialForm,
    privacy::PrivacyForm,
    streams::StreamForm,
};
use store::Store;
use tower::ServiceExt as _;

/// What Chromium 156 sends.
pub const OFFER: &str = include_str!("../../../crates/media/tests/fixtures/chromium-156-publisher.sdp");

pub const MOURNER_STYLE: &str = ".stage>.picture{color:red}";

pub const SECURITY_CONTACT: &str = "mailto:security@example.com";

/// With fewer bytes free nothing new begins.
pub const FLOOR: u64 = 1_000;

pub struct Site {
    router: Router,
    pub everlight: Arc<Everlight>,
    pub store: Store,
    pub actor: Actor,
    pub cookie: String,
    /// Bytes that are free on the disk.
    pub free: Arc<AtomicU64>,
    folder: tempfile::TempDir,
}

impl Site {
    pub async fn open() -> Self {
        Self::with_limits(Limits::default()).await
    }

    pub async fn with_limits(limits: Limits) -> Self {
        Self::with(limits, 10, WebhookSecrets::default(), Accounts::default()).await
    }

    /// So many of one network may watch.
    pub async fn with_viewers_per_network(viewers: usize) -> Self {
        Self::with(Limits::default(), viewers, WebhookSecrets::default(), Accounts::default()).await
    }

    /// A site with these accounts at providers.
    pub async fn with_accounts(accounts: Accounts) -> Self {
        Self::with(Limits::default(), 10, WebhookSecrets::default(), accounts).await
    }

    /// A site that knows its providers' webhooks by these secrets.
    pub async fn with_secrets(secrets: WebhookSecrets) -> Self {
        Self::with(Limits::default(), 10, secrets, Accounts::default()).await
    }

    /// A site with one administrator, who is signed in.
    async fn with(
        limits: Limits,
        viewers_per_network: usize,
        webhook_secrets: WebhookSecrets,
        accounts: Accounts,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&testdb::url(folder.path()).await).await.unwrap();
        let udp = (std::net::Ipv4Addr::LOCALHOST, 0).into();
        let (gateway, events) =
            Gateway::start(&GatewayConfig { udp, tcp: None, public_ips: Vec::new(), limits }).unwrap();
        let free = Arc::new(AtomicU64::new(u64::MAX));
        let disk = Arc::clone(&free);
        let settings = Settings {
            public_url: "http://localhost:3000".into(),
            space: service::Space::new(FLOOR, Arc::new(move || Some(disk.load(Ordering::Relaxed)))),
            recordings_dir: folder.path().join("recordings"),
            ffmpeg: None,
            delete_after: None,
            viewers_per_network,
            webhook_secrets,
        };
        let setup = Token::from_bytes([5; 32]);
        let clock = Arc::new(|| Timestamp(1_795_000_000_000));
        let everlight = Arc::new(Everlight::new(
            store.clone(),
            gateway,
            settings,
            Keys::new([6; 32]),
            clock,
            accounts,
            Some(&setup),
        ));
        tokio::spawn(service::follow_gateway(Arc::clone(&everlight), events));
        let session = everlight
            .accounts()
            .set_up(setup.expose(), "ada@example.com", "correct horse battery".into(), &Client::default())
            .await
            .unwrap();
        let actor = everlight.accounts().authenticate(&session.token).await.unwrap().unwrap();
        let router = server::http::router(Arc::clone(&everlight), serving(folder.path(), false));
        Self { router, everlight, store, actor, cookie: format!("everlight={}", session.token.expose()), free, folder }
    }

    /// The same site where browsers come by HTTPS.
    pub fn over_https(&self) -> Router {
        server::http::router(Arc::clone(&self.everlight), serving(self.folder.path(), true))
    }

    /// A stream of a new memorial, and the token of its link.
    pub async fn stream(&self) -> (StreamDocument, Token) {
        self.stream_in(ada()).await
    }

    /// An empty one is none.
    pub async fn set_passcode(&self, stream: &StreamDocument, passcode: &str) {
        let form = StreamForm {
            title: "Funeral".into(),
            time_zone: "Europe/London".into(),
            method: "phone-browser".into(),
            privacy: PrivacyForm { passcode: passcode.into(), ..PrivacyForm::default() },
            ..StreamForm::default()
        };
        self.everlight.streams().edit(&self.actor, stream.id, form).await.unwrap();
    }

    async fn stream_in(&self, form: MemorialForm<'_>) -> (StreamDocument, Token) {
        let memorial = self.everlight.memorials().create(&self.actor, form).await.unwrap();
        let form = StreamForm {
            title: "Funeral".into(),
            time_zone: "Europe/London".into(),
            method: "phone-browser".into(),
            ..StreamForm::default()
        };
        let stream = self.everlight.streams().create(&self.actor, memorial, form).await.unwrap();
        let access = self.everlight.streams().access(&self.actor, stream.id).await.unwrap();
        (stream, access.token)
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        Reply::read(self.begin([127, 0, 0, 1], method, path, headers, body).await).await
    }

    /// What is no text.
    pub async fn send_bytes(&self, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Reply {
        Reply::read(self.ask([127, 0, 0, 1], "POST", path, headers, Body::from(body)).await).await
    }

    /// Of an answer that may never end.
    pub async fn status(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> StatusCode {
        self.begin([127, 0, 0, 1], method, path, headers, body).await.status()
    }

    /// The answer's beginning only: a stream of events has no end.
    pub async fn begin(
        &self,
        from: [u8; 4],
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response<Body> {
        self.ask(from, method, path, headers, Body::from(body.to_owned())).await
    }

    async fn ask(
        &self,
        from: [u8; 4],
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Response<Body> {
        let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(axum::extract::ConnectInfo(std::net::SocketAddr::from((from, 9))));
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Somebody who came by an invitation that an administrator made; with them their session's cookie.
    pub async fn invited(&self, grant: Grant, email: &str) -> (Actor, String) {
        let invitations = self.everlight.invitations();
        let id = invitations.create(&self.actor, grant, email).await.unwrap();
        let (_, link) = invitations.link(&self.actor, id).await.unwrap();
        let token = link.split_once('#').unwrap().1;
        let session =
            invitations.accept(token, email, "correct horse battery".into(), &Client::default()).await.unwrap();
        let actor = self.everlight.accounts().authenticate(&session.token).await.unwrap().unwrap();
        (actor, format!("everlight={}", session.token.expose()))
    }

    /// A service of a funeral home's memorial.
    pub async fn stream_of(&self, home: HomeId) -> (StreamDocument, Token) {
        let home = home.to_string();
        self.stream_in(MemorialForm { home: Some(&home), ..ada() }).await
    }

    pub async fn publish(&self, stream: StreamId, token: &Token, offer: &str) -> Reply {
        let bearer = bearer(token);
        let headers = [("content-type", "application/sdp"), ("authorization", bearer.as_str())];
        self.send("POST", &format!("/whip/{stream}"), &headers, offer).await
    }
}

fn serving(site: &std::path::Path, keep_to_https: bool) -> server::http::Serving {
    let names = |extension| format!("/pkg/test.{extension}");
    let assets = app::Assets {
        js: names("js"),
        wasm: names("wasm"),
        streamer_js: names("streamer.js"),
        streamer_wasm: names("streamer.wasm"),
        css: names("css"),
        mourner_style: Some(MOURNER_STYLE.into()),
        player: names("player.js"),
        hls: names("hls.js"),
        captions: names("captions.js"),
    };
    server::http::Serving {
        site: site.to_owned(),
        assets,
        trusted_proxies: Vec::new(),
        media_sources: app::MediaSources::default(),
        security_contact: Some(SECURITY_CONTACT.into()),
        keep_to_https,
    }
}

pub fn ada() -> MemorialForm<'static> {
    MemorialForm { name: "Ada Lovelace".into(), time_zone: "Europe/London", ..MemorialForm::default() }
}

pub fn bearer(token: &Token) -> String {
    format!("Bearer {}", token.expose())
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub body: String,
}

impl Reply {
    pub async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Self { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    pub fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}
