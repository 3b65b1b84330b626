//! The second step at sign-in, over the edge: a password alone opens nothing, and a code opens it once.

use axum::http::StatusCode;
use domain::audit::Deed;
use service::{Error, accounts::Client, second_factor::Standing};

use crate::support::Site;

const PASSWORD: &str = "correct horse battery";

/// Turns it on for the site's administrator; answers with the codes to write down.
async fn turn_on(site: &Site) -> Vec<String> {
    let factor = site.everlight.second_factor();
    factor.begin(&site.actor).await.unwrap();
    let Standing::Pending { uri, recovery, .. } = factor.standing(&site.actor).await.unwrap() else {
        panic!("it was begun");
    };
    assert!(matches!(factor.confirm(&site.actor, "000000x").await, Err(Error::Invalid(_))));
    factor.confirm(&site.actor, &code(&uri)).await.unwrap();
    assert!(matches!(factor.standing(&site.actor).await.unwrap(), Standing::On));
    recovery
}

/// What an app shows that scanned this, at the time of the tests' clock.
fn code(uri: &str) -> String {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let secret = uri.split("secret=").nth(1).unwrap().split('&').next().unwrap();
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: Vec<u8> = secret
        .bytes()
        .map(|letter| alphabet.iter().position(|it| *it == letter).unwrap())
        .flat_map(|value| (0..5).rev().map(move |bit| u8::from(value >> bit & 1 == 1)))
        .collect();
    let key: Vec<u8> = bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | bit)).collect();
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(&key).unwrap();
    mac.update(&(1_795_000_000_u64 / 30).to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 15);
    let number = u32::from_be_bytes(digest[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

#[tokio::test]
async fn a_password_alone_opens_nothing() {
    let site = Site::open().await;
    let recovery = turn_on(&site).await;
    let accounts = site.everlight.accounts();
    let half = accounts.sign_in("ada@example.com", PASSWORD, &Client::default()).await.unwrap();
    assert!(half.waiting);
    assert_eq!(accounts.authenticate(&half.token).await.unwrap(), None);
    let cookie = format!("everlight={}", half.token.expose());
    let page = site.send("GET", "/admin", &[("cookie", &cookie)], "").await;
    assert_eq!((page.status, page.header("location")), (StatusCode::SEE_OTHER, "/login"));

    let factor = site.everlight.second_factor();
    assert!(matches!(factor.enter(&half.token, "000000x", &Client::default()).await, Err(Error::Invalid(_))));
    let whole = factor.enter(&half.token, &recovery[0].to_lowercase(), &Client::default()).await.unwrap();
    assert_ne!(whole.token, half.token);
    assert!(accounts.authenticate(&whole.token).await.unwrap().is_some());
    // The half-open session is gone, and what was written down works once.
    assert!(matches!(factor.enter(&half.token, &recovery[1], &Client::default()).await, Err(Error::SignedOut)));
    let again = accounts.sign_in("ada@example.com", PASSWORD, &Client::default()).await.unwrap();
    assert!(matches!(factor.enter(&again.token, &recovery[0], &Client::default()).await, Err(Error::Invalid(_))));
    // A session that is open is not one that waits.
    assert!(matches!(factor.enter(&whole.token, &recovery[1], &Client::default()).await, Err(Error::SignedOut)));

    let log = site.everlight.audit().page(&site.actor, None).await.unwrap();
    let text = format!("{log:?}");
    assert!(recovery.iter().all(|code| !text.contains(code)));
    assert!(log.iter().any(|entry| entry.deed == Deed::SecondStepFailed));
}

#[tokio::test]
async fn a_code_that_was_used_is_used_up() {
    let site = Site::open().await;
    let factor = site.everlight.second_factor();
    factor.begin(&site.actor).await.unwrap();
    let Standing::Pending { uri, .. } = factor.standing(&site.actor).await.unwrap() else { panic!("it was begun") };
    factor.confirm(&site.actor, &code(&uri)).await.unwrap();
    // The code that confirmed it is still shown by the app.
    let half = site.everlight.accounts().sign_in("ada@example.com", PASSWORD, &Client::default()).await.unwrap();
    assert!(matches!(factor.enter(&half.token, &code(&uri), &Client::default()).await, Err(Error::Invalid(_))));
}

#[tokio::test]
async fn guessing_codes_takes_longer_and_longer() {
    let site = Site::open().await;
    turn_on(&site).await;
    let half = site.everlight.accounts().sign_in("ada@example.com", PASSWORD, &Client::default()).await.unwrap();
    let mut waits = 0;
    for number in 0..12 {
        let elsewhere = Client { network: [192, 0, 2, number].into(), ..Client::default() };
        if let Err(Error::Wait(_)) = site.everlight.second_factor().enter(&half.token, "123x", &elsewhere).await {
            waits += 1;
        }
    }
    assert_eq!(waits, 7, "also from many addresses");
}

#[tokio::test]
async fn turning_it_off_takes_the_password() {
    let site = Site::open().await;
    turn_on(&site).await;
    let factor = site.everlight.second_factor();
    assert!(factor.turn_off(&site.actor, "a wrong password", &Client::default()).await.is_err());
    assert!(factor.begin(&site.actor).await.is_err(), "nobody puts another in its place");
    factor.turn_off(&site.actor, PASSWORD, &Client::default()).await.unwrap();
    let session = site.everlight.accounts().sign_in("ada@example.com", PASSWORD, &Client::default()).await.unwrap();
    assert!(!session.waiting);
}
