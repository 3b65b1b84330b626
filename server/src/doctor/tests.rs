//! The examination as a whole, with the providers' stand-ins.

use emulator::{Emulator, TokenKind};
use outbound::SigningKey;
use secrecy::ExposeSecret as _;

use super::*;
use crate::config::{CloudflareAccount, MuxAccount};

async fn providers(kind: TokenKind) -> (Emulator, Config, tempfile::TempDir) {
    let mut settings = emulator::Config::default();
    if kind == TokenKind::User {
        settings.cloudflare.token_kind = kind;
        settings.cloudflare.api_token = "a-token-of-somebody".into();
    }
    let emulator = Emulator::start(settings).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::of_a_test(folder.path(), &testdb::url(folder.path()).await);
    config.webrtc_addr = "127.0.0.1:0".parse().unwrap();
    config.ffmpeg = Some("ffmpeg".into());
    // Nobody listens there.
    config.addr = "127.0.0.1:1".parse().unwrap();
    config.public_url = "http://localhost:1".into();
    let account = &emulator.config().cloudflare;
    config.cloud.cloudflare = Some(CloudflareAccount {
        account_id: account.account_id.clone(),
        api_token: account.api_token.clone().into(),
        base_url: Some(format!("{}/client/v4", emulator.base_url())),
        webhook_secret: Some(account.webhook_secret.clone().into()),
        notification_secret: None,
        signing: key(emulator.cloudflare_signing_key().unwrap()),
    });
    let account = &emulator.config().mux;
    config.cloud.mux = Some(MuxAccount {
        token_id: account.token_id.clone(),
        token_secret: account.token_secret.clone().into(),
        base_url: Some(emulator.base_url().to_owned()),
        ingest_url: None,
        playback_url: None,
        webhook_secrets: Vec::new(),
        signing: key(emulator.mux_signing_key().unwrap()),
    });
    (emulator, config, folder)
}

fn key((id, private): (String, String)) -> Option<SigningKey> {
    Some(SigningKey::parse(&id, &private.into()).unwrap())
}

fn finding<'a>(findings: &'a [Finding], check: &str) -> &'a Finding {
    findings.iter().find(|finding| finding.check == check).unwrap_or_else(|| panic!("{check} in {findings:#?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn good_credentials_of_both_kinds_are_good() {
    for kind in [TokenKind::Account, TokenKind::User] {
        let (_emulator, config, _folder) = providers(kind).await;
        let findings = examine(Ok(config)).await;
        let keys = ["Cloudflare signing key", "Mux signing key"];
        let others = ["Cloudflare token", "Cloudflare Stream", "Mux token", "clock", "data directory", "UDP port"];
        for check in keys.into_iter().chain(others) {
            assert_eq!(finding(&findings, check).verdict, Verdict::Good, "{}", finding(&findings, check));
        }
        assert!(all_is_well(&findings), "{}", text(&findings));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_are_named_and_no_secret_is_said() {
    let (_emulator, mut config, _folder) = providers(TokenKind::Account).await;
    let (cloudflare, mux) = (config.cloud.cloudflare.as_mut().unwrap(), config.cloud.mux.as_mut().unwrap());
    cloudflare.api_token = "cfat_hunter2hunter2".into();
    mux.token_secret = "hunter2hunter2".into();
    let secret = cloudflare.webhook_secret.clone().unwrap();
    let findings = examine(Ok(config)).await;
    for (check, setting) in [("Cloudflare token", "CLOUDFLARE_API_TOKEN"), ("Mux token", "MUX_TOKEN_SECRET")] {
        let finding = finding(&findings, check);
        assert!(finding.verdict == Verdict::Bad && finding.words.contains(setting), "{finding}");
    }
    assert!(!all_is_well(&findings));
    let said = format!("{}{}", text(&findings), json(&findings));
    assert!(!said.contains("hunter2") && !said.contains(secret.expose_secret()), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signing_key_of_somebody_else_is_bad_and_none_is_said() {
    let (_emulator, mut config, _folder) = providers(TokenKind::Account).await;
    let (other, _, _folder) = providers(TokenKind::Account).await;
    config.cloud.mux.as_mut().unwrap().signing = key(other.mux_signing_key().unwrap());
    config.cloud.cloudflare.as_mut().unwrap().signing = None;
    let findings = examine(Ok(config)).await;
    assert_eq!(finding(&findings, "Mux signing key").verdict, Verdict::Bad);
    assert_eq!(finding(&findings, "Cloudflare signing key").verdict, Verdict::Notice);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_of_somebody_else_is_bad() {
    let (_emulator, mut config, _folder) = providers(TokenKind::User).await;
    config.cloud.cloudflare.as_mut().unwrap().account_id = "0".repeat(32);
    let findings = examine(Ok(config)).await;
    assert_eq!(finding(&findings, "Cloudflare token").verdict, Verdict::Good);
    let stream = finding(&findings, "Cloudflare Stream");
    assert!(stream.verdict == Verdict::Bad && stream.words.contains("CLOUDFLARE_ACCOUNT_ID"), "{stream}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_away_is_said_to_be() {
    let (_emulator, mut config, _folder) = providers(TokenKind::Account).await;
    // Where nobody listens.
    config.cloud.cloudflare = None;
    config.cloud.mux.as_mut().unwrap().base_url = Some("http://127.0.0.1:1".into());
    let findings = examine(Ok(config)).await;
    assert_eq!(finding(&findings, "Mux token").verdict, Verdict::Bad);
    assert_eq!(finding(&findings, "clock").verdict, Verdict::NotTried);
}

#[tokio::test]
async fn settings_that_cannot_be_are_all_that_is_said() {
    let error = ConfigError::Empty { name: "EVERLIGHT_ADDR" };
    let findings = examine(Err(error)).await;
    assert!(findings.len() == 1 && !all_is_well(&findings) && findings[0].words.contains("EVERLIGHT_ADDR"));
}
