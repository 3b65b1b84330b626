//! The accounts at Cloudflare and Mux: whether their tokens are good and may do what is needed, whether the clocks agree,
//! and whether webhooks find their way.

use std::time::{Duration, SystemTime};

use outbound::Failure;
use secrecy::ExposeSecret as _;

use super::report::{Finding, Verdict};
use crate::{
    accounts,
    config::{CloudflareAccount, Config, MuxAccount},
};

const PATIENCE: Duration = Duration::from_secs(10);
/// Signatures of webhooks are good for five minutes.
const TOO_FAR: Duration = Duration::from_secs(60);
const FAR: Duration = Duration::from_secs(5);
/// A service of two hours has to fit.
const FEW_MINUTES: f64 = 120.0;

pub async fn cloudflare(account: &CloudflareAccount, public_url: &str) -> Vec<Finding> {
    let client = match accounts::cloudflare_client(account) {
        Ok(client) => client,
        Err(error) => return vec![Verdict::Bad.of("Cloudflare token", format!("{error:#}."))],
    };
    let token = match client.verify_token().await {
        Ok(check) if check.is_active() => {
            Verdict::Good.of("Cloudflare token", "Cloudflare knows it, and it is active.")
        }
        Ok(check) => Verdict::Bad.of("Cloudflare token", format!("Cloudflare says that it is {}.", check.status)),
        Err(failure) => unverified("Cloudflare token", "CLOUDFLARE_API_TOKEN", &failure),
    };
    if token.verdict == Verdict::Bad {
        return vec![token];
    }
    let storage = match client.storage().await {
        Ok(storage) => minutes(storage.used_minutes, storage.limit_minutes),
        Err(failure) if failure.is_denied() || failure.is_not_found() => Verdict::Bad.of(
            "Cloudflare Stream",
            "The token may not use Stream of this account: it needs Account → Stream → Edit, and CLOUDFLARE_ACCOUNT_ID must \
             be the account's.",
        ),
        Err(failure) => unverified("Cloudflare Stream", "CLOUDFLARE_ACCOUNT_ID", &failure),
    };
    let key = match &account.signing {
        Some(key) => signing("Cloudflare", Some(&client.knows_signing_key(key.id()).await)),
        None => signing("Cloudflare", None),
    };
    vec![token, storage, key, registered(&client.webhook().await, account, public_url)]
}

/// What the provider said of the key that is set, if one is. That it could be read was seen at the start.
fn signing(provider: &'static str, known: Option<&Result<bool, Failure>>) -> Finding {
    let check = match provider {
        "Mux" => "Mux signing key",
        _ => "Cloudflare signing key",
    };
    match known {
        None => Verdict::Notice.of(
            check,
            format!("None is set: what is at {provider} plays for ever, and is not shown to those who watch a private service."),
        ),
        Some(Ok(true)) => Verdict::Good.of(check, format!("{provider} knows it.")),
        Some(Ok(false)) => Verdict::Bad.of(check, format!("{provider} does not know it: nothing there could be watched.")),
        Some(Err(failure)) if failure.is_denied() => {
            Verdict::NotTried.of(check, format!("It can be signed with; the token may not ask whether {provider} knows it."))
        }
        Some(Err(failure)) => Verdict::NotTried.of(check, format!("Whether {provider} knows it is not known: {failure}.")),
    }
}

/// A refusal is about the credentials; anything else is about the way there.
fn unverified(check: &'static str, setting: &str, failure: &Failure) -> Finding {
    match failure {
        Failure::Refused { status: 400..=403, .. } => {
            Verdict::Bad.of(check, format!("It is refused: please look at {setting}. ({failure})"))
        }
        failure => Verdict::Bad.of(check, format!("It cannot be tried: {failure}.")),
    }
}

fn minutes(used: Option<f64>, limit: Option<f64>) -> Finding {
    let check = "Cloudflare Stream";
    // Nothing at all may be written as “-0”.
    let used = used.map(|used| used.max(0.0).abs());
    match (used, limit) {
        (Some(used), Some(limit)) if limit - used < FEW_MINUTES => Verdict::Bad
            .of(check, format!("{used:.0} of {limit:.0} minutes are used: a service would not be recorded there.")),
        (Some(used), Some(limit)) => Verdict::Good.of(check, format!("{used:.0} of {limit:.0} minutes are used.")),
        _ => Verdict::Good.of(check, "The token may use Stream."),
    }
}

fn registered(
    found: &Result<Option<cloudflare::VodSubscription>, Failure>,
    account: &CloudflareAccount,
    public_url: &str,
) -> Finding {
    let check = "Cloudflare webhook";
    let ours = format!("{public_url}/api/webhooks/cloudflare/stream");
    match found {
        Ok(None) => {
            Verdict::Notice.of(check, format!("None is registered; ours would be {ours}. Copies show up later."))
        }
        Ok(Some(there)) if there.notification_url.trim_end_matches('/') != ours => Verdict::Notice.of(
            check,
            format!("{} is registered, ours would be {ours}. An account has one only.", there.notification_url),
        ),
        Ok(Some(there)) => {
            let secret = |secret: &Option<secrecy::SecretString>| secret.as_ref().map(|s| s.expose_secret().to_owned());
            match (secret(&there.secret), secret(&account.webhook_secret)) {
                (_, None) => Verdict::Notice
                    .of(check, "It is registered, and CLOUDFLARE_WEBHOOK_SECRET is not set: none is taken."),
                (Some(theirs), Some(ours)) if theirs != ours => {
                    Verdict::Bad.of(check, "CLOUDFLARE_WEBHOOK_SECRET is not the one that Cloudflare signs with.")
                }
                _ => Verdict::Good.of(check, "It is registered, and its secret is ours."),
            }
        }
        Err(failure) => Verdict::Notice.of(check, format!("Whether it is registered is not known: {failure}.")),
    }
}

pub async fn mux(account: &MuxAccount) -> Vec<Finding> {
    let check = "Mux token";
    let client = match accounts::mux_client(account) {
        Ok(client) => client,
        Err(error) => return vec![Verdict::Bad.of(check, format!("{error:#}."))],
    };
    let token = match client.verify().await {
        Ok(()) => Verdict::Good.of(check, "Mux takes it for Video."),
        Err(failure) => return vec![unverified(check, "MUX_TOKEN_ID and MUX_TOKEN_SECRET", &failure)],
    };
    let key = match &account.signing {
        Some(key) => signing("Mux", Some(&client.knows_signing_key(key.id()).await)),
        None => signing("Mux", None),
    };
    vec![token, key]
}

/// Sends each address something unsigned, through the public address as a provider would. A server that has the secret
/// refuses it, and nothing is stored.
pub async fn webhooks(config: &Config) -> Vec<Finding> {
    let mut addresses = Vec::new();
    if let Some(account) = &config.cloud.cloudflare {
        addresses.push(("cloudflare/stream", "CLOUDFLARE_WEBHOOK_SECRET", account.webhook_secret.is_some()));
        addresses.push(("cloudflare/live", "CLOUDFLARE_NOTIFICATION_SECRET", account.notification_secret.is_some()));
    }
    if let Some(account) = &config.cloud.mux {
        addresses.push(("mux", "MUX_WEBHOOK_SECRET", !account.webhook_secrets.is_empty()));
    }
    let mut findings = Vec::new();
    for (address, setting, set) in addresses {
        let path = format!("/api/webhooks/{address}");
        findings.push(if set {
            let status = post(&format!("{}{path}", config.public_url)).await;
            round_trip(&path, setting, status)
        } else {
            Verdict::Notice
                .of("webhook", format!("{setting} is not set: {path} answers 503, and copies show up later."))
        });
    }
    findings
}

async fn post(url: &str) -> Option<u16> {
    let client = reqwest::Client::builder().timeout(PATIENCE).build().ok()?;
    Some(client.post(url).body("{}").send().await.ok()?.status().as_u16())
}

fn round_trip(path: &str, setting: &str, status: Option<u16>) -> Finding {
    let check = "webhook";
    match status {
        Some(401) => Verdict::Good.of(check, format!("{path} is reached, and refuses what is not signed.")),
        Some(503) => {
            Verdict::Bad.of(check, format!("{path}: the server that runs does not have {setting}. Please restart it."))
        }
        Some(status @ 200..=299) => {
            Verdict::Bad.of(check, format!("{path} is answered by something that takes anything ({status})."))
        }
        Some(status) => Verdict::Bad.of(check, format!("{path} answers with {status}: does a proxy keep it back?")),
        None => Verdict::NotTried.of(check, format!("{path} cannot be reached: is the server running?")),
    }
}

/// Compares our clock with that of the first provider there is.
pub async fn clock(config: &Config) -> Finding {
    let cloud = &config.cloud;
    let cloudflare = cloud
        .cloudflare
        .as_ref()
        .map(|account| account.base_url.clone().unwrap_or_else(|| cloudflare::Config::BASE_URL.into()));
    let mux =
        cloud.mux.as_ref().map(|account| account.base_url.clone().unwrap_or_else(|| mux::Config::BASE_URL.into()));
    let Some(url) = cloudflare.or(mux) else {
        return Verdict::NotTried.of("clock", "There is no provider whose clock ours could be compared with.");
    };
    match their_time(&url).await {
        Some(theirs) => skew(now(), theirs),
        None => Verdict::NotTried.of("clock", "The provider does not say what time it is."),
    }
}

async fn their_time(url: &str) -> Option<SystemTime> {
    let client = reqwest::Client::builder().timeout(PATIENCE).build().ok()?;
    // Whatever it answers, it says when.
    let answer = client.head(url).send().await.ok()?;
    httpdate::parse_http_date(answer.headers().get("date")?.to_str().ok()?).ok()
}

fn skew(ours: SystemTime, theirs: SystemTime) -> Finding {
    let (apart, way) = match ours.duration_since(theirs) {
        Ok(ahead) => (ahead, "ahead"),
        Err(error) => (error.duration(), "behind"),
    };
    let said = format!("Ours is {} s {way}", apart.as_secs());
    match apart {
        _ if apart > TOO_FAR => {
            Verdict::Bad.of("clock", format!("{said}: signatures will be refused, and times will be wrong. Is NTP on?"))
        }
        _ if apart > FAR => Verdict::Notice.of("clock", format!("{said}. Is NTP on?")),
        _ => Verdict::Good.of("clock", "It agrees with the provider's to within 5 s."),
    }
}

#[expect(clippy::disallowed_methods, reason = "it is the system's clock that is looked at")]
fn now() -> SystemTime {
    SystemTime::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_are_apart_are_said() {
        let (now, apart) = (SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000), Duration::from_secs);
        assert_eq!(skew(now, now + apart(2)).verdict, Verdict::Good);
        assert_eq!(skew(now, now - apart(30)).verdict, Verdict::Notice);
        let behind = skew(now, now + apart(3600));
        assert!(behind.verdict == Verdict::Bad && behind.words.contains("3600 s behind"), "{}", behind.words);
    }

    #[test]
    fn a_full_account_is_bad() {
        assert_eq!(minutes(Some(900.0), Some(1000.0)).verdict, Verdict::Bad);
        assert_eq!(minutes(Some(100.0), Some(1000.0)).verdict, Verdict::Good);
        assert_eq!(minutes(None, None).verdict, Verdict::Good);
        assert_eq!(minutes(Some(-0.0), Some(1000.0)).words, "0 of 1000 minutes are used.");
    }

    #[test]
    fn a_signing_key_that_the_provider_does_not_know_is_bad() {
        let refused = |status| {
            let call = outbound::Call { provider: "Mux", what: "look for the signing key" };
            Err(Failure::Refused { call, status, code: None, message: "no".into() })
        };
        for (known, verdict) in [
            (None, Verdict::Notice),
            (Some(Ok(true)), Verdict::Good),
            (Some(Ok(false)), Verdict::Bad),
            (Some(refused(403)), Verdict::NotTried),
            (Some(refused(500)), Verdict::NotTried),
        ] {
            assert_eq!(signing("Mux", known.as_ref()).verdict, verdict, "{known:?}");
        }
    }

    #[test]
    fn an_address_that_takes_anything_is_not_ours() {
        for (status, verdict) in [
            (Some(401), Verdict::Good),
            (Some(503), Verdict::Bad),
            (Some(204), Verdict::Bad),
            (Some(404), Verdict::Bad),
            (None, Verdict::NotTried),
        ] {
            assert_eq!(round_trip("/api/webhooks/mux", "MUX_WEBHOOK_SECRET", status).verdict, verdict, "{status:?}");
        }
    }
}
