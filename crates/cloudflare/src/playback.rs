use crate::Client;
use outbound::{Failure, Method, Url};
use serde::Deserialize;
use serde_json::json;

/// The addresses at which an input (the current broadcast) or a video (one broadcast) is played. `id` may also be a
/// signed token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Playback {
    pub iframe: String,
    pub hls: String,
    pub dash: String,
    pub watch: String,
    pub thumbnail: String,
    pub lifecycle: String,
    pub views: String,
    /// After [`Client::create_download`].
    pub mp4: String,
}

impl Playback {
    /// `origin` is what [`crate::LiveInput::playback_origin`] or [`crate::Video::playback_origin`] says.
    #[must_use]
    pub fn new(origin: &str, id: &str) -> Self {
        let at = |path: &str| format!("{}/{id}/{path}", origin.trim_end_matches('/'));
        Self {
            iframe: at("iframe"),
            hls: at("manifest/video.m3u8"),
            dash: at("manifest/video.mpd"),
            watch: at("watch"),
            thumbnail: at("thumbnails/thumbnail.jpg"),
            lifecycle: at("lifecycle"),
            views: at("views"),
            mp4: at("downloads/default.mp4"),
        }
    }
}

/// Is an input live, and which video is that?
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Lifecycle {
    #[serde(rename = "isInput", default)]
    pub is_input: bool,
    #[serde(rename = "videoUID", default)]
    pub video: Option<String>,
    #[serde(default)]
    pub live: bool,
}

impl Client {
    /// Whether there is a key to sign with.
    #[must_use]
    pub fn signs(&self) -> bool {
        self.signing.is_some()
    }

    /// The address of an input or a video, with a token in the place of its id that opens it until then (Unix seconds).
    /// `None` without a key.
    ///
    /// Signed here: the API makes tokens for few viewers only
    /// ([guide](https://developers.cloudflare.com/stream/viewing-videos/securing-your-stream/)).
    #[must_use]
    pub fn signed(&self, address: &str, until: i64) -> Option<String> {
        let key = self.signing.as_ref()?;
        let mut url = Url::parse(address).ok()?;
        let (id, rest) = url.path().strip_prefix('/')?.split_once('/')?;
        let mut claims = json!({ "sub": id, "kid": key.id(), "exp": until });
        if rest.starts_with("downloads/") {
            claims["downloadable"] = json!(true);
        }
        let token = key.token(&json!({ "alg": "RS256", "kid": key.id() }), &claims)?;
        let path = format!("/{token}/{rest}");
        url.set_path(&path);
        Some(url.into())
    }

    /// Costs nothing of the API's budget.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn lifecycle(&self, origin: &str, id: &str) -> Result<Lifecycle, Failure> {
        let address = Playback::new(origin, id).lifecycle;
        let request = self.media.request_to("ask whether an input is live", Method::GET, &address)?;
        self.media.send(&request).await?.json()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Config, SigningKey};
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    const ORIGIN: &str = "https://customer-x.cloudflarestream.com";

    fn client(signing: Option<SigningKey>) -> Client {
        Client::new(&Config { signing, ..Config::new("a", "t".into()) }).unwrap()
    }

    #[test]
    fn a_token_takes_the_place_of_the_id() {
        let pem = include_str!("../../outbound/tests/fixtures/rfc7515-a2.pem");
        let client = client(Some(SigningKey::parse("key-1", &pem.into()).unwrap()));
        let Playback { hls, mp4, .. } = Playback::new(ORIGIN, "VID");
        let whep = format!("{ORIGIN}/VID/webRTC/play");
        for (address, path, downloadable) in [
            (hls, "manifest/video.m3u8", None),
            (mp4, "downloads/default.mp4", Some(true)),
            (whep, "webRTC/play", None),
        ] {
            let signed = client.signed(&address, 1_800_000_000).unwrap();
            let (token, rest) = signed.strip_prefix(ORIGIN).unwrap()[1..].split_once('/').unwrap();
            assert_eq!(rest, path);
            let parts: Vec<_> = token.split('.').collect();
            let read = |part: &str| -> serde_json::Value {
                serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
            };
            assert_eq!(read(parts[0]), json!({ "alg": "RS256", "kid": "key-1" }));
            let mut claims = json!({ "sub": "VID", "kid": "key-1", "exp": 1_800_000_000 });
            if let Some(downloadable) = downloadable {
                claims["downloadable"] = json!(downloadable);
            }
            assert_eq!(read(parts[1]), claims, "{path}");
        }
        for nothing in ["", "VID", ORIGIN, "https://customer-x.cloudflarestream.com/VID"] {
            assert_eq!(client.signed(nothing, 1), None, "{nothing}");
        }
    }

    #[test]
    fn without_a_key_nothing_is_signed() {
        let client = client(None);
        assert_eq!((client.signs(), client.signed(&Playback::new(ORIGIN, "VID").hls, 1)), (false, None));
    }
}
