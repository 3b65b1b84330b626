//! The server is held to what it says of itself at `/api/openapi.json`: every address that it names is there, every answer is one
//! that is described, and whatever is sent, none is an error of the server.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Map, Value, json};

use crate::support::{Reply, Site, ada, bearer};
use crate::webhooks;

/// Bodies for each operation. `cargo xtask torture` asks for more.
fn rounds() -> u64 {
    std::env::var("EVERLIGHT_TEST_BODIES").ok().and_then(|number| number.parse().ok()).unwrap_or(60)
}

async fn description(site: &Site) -> Value {
    let reply = site.send("GET", "/api/openapi.json", &[], "").await;
    assert_eq!(reply.status.as_u16(), 200, "everybody may read it");
    serde_json::from_str(&reply.body).unwrap()
}

/// Method, path and description of each.
fn operations(api: &Value) -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for (path, methods) in api["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            all.push((method.to_uppercase(), path.clone(), operation.clone()));
        }
    }
    all
}

/// A value or what its `$ref` leads to.
fn resolved<'a>(api: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => {
            resolved(api, api.pointer(reference.trim_start_matches('#')).expect("the reference leads somewhere"))
        }
        None => schema,
    }
}

/// Something of this schema.
fn example(api: &Value, schema: &Value, random: &mut StdRng) -> Value {
    let schema = resolved(api, schema);
    if let Some(choices) = schema["enum"].as_array().or_else(|| schema["oneOf"].as_array()) {
        let choice = choices.choose(random).unwrap();
        return if schema["enum"].is_array() { choice.clone() } else { example(api, choice, random) };
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or("object");
    match kind {
        "object" => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let fields = schema["properties"].as_object().cloned().unwrap_or_default();
            let wanted = fields.iter().filter(|(name, _)| required.contains(&json!(name)) || random.random());
            let wanted: Vec<_> = wanted.collect();
            wanted
                .into_iter()
                .map(|(name, schema)| (name.clone(), example(api, schema, random)))
                .collect::<Map<_, _>>()
                .into()
        }
        "array" => (0..random.random_range(0..4)).map(|_| example(api, &schema["items"], random)).collect(),
        "integer" => {
            let least = schema["minimum"].as_i64().unwrap_or(0);
            random.random_range(least..=schema["maximum"].as_i64().unwrap_or(2_000_000_000_000)).into()
        }
        "boolean" => random.random::<bool>().into(),
        "null" => Value::Null,
        _ if schema["format"] == "date-time" => "2026-11-24T14:30:00+01:00".into(),
        _ if schema["format"] == "uuid" => "01a2046e-2607-75cd-8770-eef5e0a25fa8".into(),
        _ => "Funeral"[..random.random_range(1..=7)].into(),
    }
}

/// Values that have broken programs before.
fn nasty(random: &mut StdRng) -> Value {
    let values = [
        Value::Null,
        json!(-1),
        json!(0),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e308),
        json!(0.1),
        json!(""),
        json!("\u{0}"),
        json!("\u{202e}\u{2066}🕯️\u{feff}"),
        json!("'; DROP TABLE streams; --"),
        json!("../../etc/passwd"),
        json!("9999-12-31T23:59:60Z"),
        json!("a".repeat(5_000)),
        json!([[[[[[[[]]]]]]]]),
        json!({ "": { "": {} } }),
        json!(true),
    ];
    values.choose(random).unwrap().clone()
}

/// The same body with something wrong in it.
fn spoilt(mut body: Value, random: &mut StdRng) -> String {
    match random.random_range(0..6) {
        0 => {}
        1 => body = nasty(random),
        2 => {
            if let Some(fields) = body.as_object_mut() {
                fields.insert("unheard-of".into(), nasty(random));
            }
        }
        _ => {
            if let Some(fields) = body.as_object_mut()
                && let Some(name) = fields.keys().cloned().collect::<Vec<_>>().choose(random)
            {
                let spoil = random.random_range(0..4);
                if spoil == 0 {
                    fields.remove(name)
                } else {
                    fields.insert(name.clone(), nasty(random))
                };
            }
        }
    }
    let text = body.to_string();
    match random.random_range(0..8) {
        // Broken off, in the middle of a letter too.
        0 => String::from_utf8_lossy(&text.as_bytes()[..random.random_range(0..=text.len())]).into_owned(),
        1 => format!("{text}{text}"),
        2 => "[".repeat(3_000),
        _ => text,
    }
}

/// Whoever may ask, with what they show; and the bodies are for what is theirs.
struct Caller {
    path: String,
    headers: Vec<(&'static str, String)>,
}

impl Caller {
    async fn of(site: &Site, path: &str, operation: &Value) -> Self {
        let scheme = operation["security"][0].as_object().and_then(|scheme| scheme.keys().next().cloned());
        let (stream, link) = site.stream().await;
        let token = match scheme.as_deref() {
            Some("apiToken") => Some(site.everlight.accounts().create_api_token("fuzz", None).await.unwrap()),
            Some("streamerLink") => Some(link),
            _ => None,
        };
        let headers = token.iter().map(|token| ("authorization", bearer(token))).collect();
        Self { path: path.replace("{stream}", &stream.id.to_string()), headers }
    }

    async fn send(&self, site: &Site, method: &str, kind: &str, body: &str, turn: u64) -> (u16, String, String) {
        let mut headers = self.headers.clone();
        headers.push(("content-type", kind.to_owned()));
        match self.path.as_str() {
            "/api/webhooks/mux" => headers.push(("mux-signature", webhooks::mux("mux now", webhooks::NOW, body))),
            "/api/webhooks/cloudflare/stream" => {
                let signature = webhooks::signed("cloudflare stream", webhooks::NOW, body);
                headers.push(("webhook-signature", format!("time={},sig1={signature}", webhooks::NOW)));
            }
            "/api/webhooks/cloudflare/live" => headers.push(("cf-webhook-auth", "cloudflare live".into())),
            _ => {}
        }
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        // Each from another address: limits are not what is tested here.
        let [.., third, fourth] = turn.to_be_bytes();
        let reply = Reply::read(site.begin([198, 18, third, fourth], method, &self.path, &headers, body).await).await;
        (reply.status.as_u16(), reply.header("content-type").to_owned(), reply.body)
    }
}

/// The status is described, in the kind of text that is described.
fn is_described(operation: &Value, status: u16, kind: &str) -> bool {
    let answer = &operation["responses"][status.to_string()];
    let kind = kind.split(';').next().unwrap_or_default();
    match answer["content"].as_object() {
        Some(kinds) => kinds.contains_key(kind),
        None => answer.is_object() && kind.is_empty(),
    }
}

#[tokio::test]
async fn every_address_answers_a_good_request_as_described() {
    let site = Site::with_secrets(webhooks::all()).await;
    let api = description(&site).await;
    let mut random = StdRng::seed_from_u64(1);
    let memorial = site.everlight.memorials().create(&site.actor, ada()).await.unwrap();
    for (method, path, operation) in operations(&api) {
        let caller = Caller::of(&site, &path, &operation).await;
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let mut body = if schema.is_null() { Value::Null } else { example(&api, schema, &mut random) };
        if body["memorialId"].is_string() {
            body["memorialId"] = json!(memorial.to_string());
        }
        let body = if schema.is_null() { String::new() } else { body.to_string() };
        let (status, kind, answer) = caller.send(&site, &method, "application/json", &body, 0).await;
        assert!(is_described(&operation, status, &kind), "{method} {path} with {body}: {status} {kind} {answer}");
        // Of webhooks only their envelope is described.
        assert!(status < 300 || path.starts_with("/api/webhooks/"), "{method} {path} with {body}: {status} {answer}");
    }
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the figures are for whoever runs it")]
async fn whatever_is_sent_the_server_has_an_answer_that_is_described() {
    let site = Site::with_secrets(webhooks::all()).await;
    let api = description(&site).await;
    let seed = std::env::var("EVERLIGHT_TEST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7);
    let mut random = StdRng::seed_from_u64(seed);
    let mut sent = 0;
    for (method, path, operation) in operations(&api) {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        if schema.is_null() {
            continue;
        }
        let caller = Caller::of(&site, &path, &operation).await;
        let strangers = Caller { path: caller.path.clone(), headers: Vec::new() };
        for turn in 0..rounds() {
            let body = spoilt(example(&api, schema, &mut random), &mut random);
            let kind =
                *["application/json", "application/json; charset=utf-8", "text/plain", ""].choose(&mut random).unwrap();
            let caller = if turn % 8 == 0 { &strangers } else { &caller };
            let (status, answered, answer) = caller.send(&site, &method, kind, &body, turn).await;
            let said = format!("seed {seed}: {method} {path} as {kind:?} with {body}: {status} {answered} {answer}");
            assert!(status < 500, "{said}");
            assert!(is_described(&operation, status, &answered), "{said}");
            sent += 1;
        }
    }
    println!("{sent} bodies, no error of the server (seed {seed})");
}
