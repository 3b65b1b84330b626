use super::{Rejected, TOLERANCE};
use crate::Video;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq as _};

/// A recording or an upload has been processed, well or not.
#[derive(Debug, Clone, PartialEq)]
pub struct VodEvent {
    pub video: Video,
}

impl VodEvent {
    /// There is no id: the same video in the same state, changed at the same time, is the same event.
    #[must_use]
    pub fn dedupe_key(&self) -> String {
        let Video { uid, state, modified, .. } = &self.video;
        format!("{uid}|{state:?}|{}", modified.as_deref().unwrap_or_default())
    }
}

/// Verifies `Webhook-Signature: time=…,sig1=…` over the body as it came
/// ([documentation](https://developers.cloudflare.com/stream/manage-video-library/using-webhooks/)). Any of `secrets` (the
/// current one and the one before it) may have signed. `now` in seconds since 1970.
///
/// # Errors
/// [`Rejected`]
pub fn verify_vod(secrets: &[SecretString], header: &str, body: &[u8], now: i64) -> Result<VodEvent, Rejected> {
    if secrets.is_empty() || secrets.iter().any(|secret| secret.expose_secret().is_empty()) {
        return Err(Rejected::NoSecret);
    }
    let header = Header::parse(header).ok_or(Rejected::Malformed)?;
    let time: i64 = header.time.parse().map_err(|_| Rejected::Malformed)?;
    let mut good = Choice::from(0);
    for secret in secrets {
        let expected = signature(secret.expose_secret().as_bytes(), header.time, body);
        for given in &header.signatures {
            good |= expected.as_slice().ct_eq(given);
        }
    }
    if !bool::from(good) {
        return Err(Rejected::BadSignature);
    }
    if now.abs_diff(time) > TOLERANCE {
        return Err(Rejected::Stale);
    }
    let video = serde_json::from_slice(body).map_err(|_| Rejected::NotAsDocumented)?;
    Ok(VodEvent { video })
}

fn signature(secret: &[u8], time: &str, body: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.finalize().into_bytes().into()
}

struct Header<'a> {
    time: &'a str,
    signatures: Vec<[u8; 32]>,
}

impl<'a> Header<'a> {
    /// `time` once, `sig1` at least once, anything else is for later versions of the scheme.
    fn parse(text: &'a str) -> Option<Self> {
        let (mut time, mut signatures) = (None, Vec::new());
        for part in text.split(',') {
            match part.trim().split_once('=')? {
                ("time", _) if time.is_some() => return None,
                ("time", digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
                    time = Some(digits);
                }
                ("time", _) => return None,
                ("sig1", hex) => signatures.push(unhex(hex)?),
                _ => {}
            }
        }
        (!signatures.is_empty()).then_some(Self { time: time?, signatures })
    }
}

/// 64 lower-case hexadecimal digits.
fn unhex(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    let bytes: Vec<u8> =
        pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect::<Option<_>>()?;
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BODY: &[u8] = br#"{"uid":"v","status":{"state":"ready"},"modified":"m"}"#;
    const NOW: i64 = 1_700_000_000;

    fn header(secret: &str, time: i64) -> String {
        let digits = signature(secret.as_bytes(), &time.to_string(), BODY);
        let hex: String = digits.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("time={time},sig1={hex}")
    }

    fn verify(secrets: &[&str], header: &str) -> Result<VodEvent, Rejected> {
        let secrets: Vec<SecretString> = secrets.iter().map(|secret| SecretString::from(*secret)).collect();
        verify_vod(&secrets, header, BODY, NOW)
    }

    #[test]
    fn the_current_and_the_former_secret_are_good() {
        let event = verify(&["new", "old"], &header("old", NOW)).unwrap();
        assert_eq!(event.dedupe_key(), "v|Ready|m");
        assert!(verify(&["new", "old"], &header("new", NOW)).is_ok());
        assert_eq!(verify(&["new"], &header("old", NOW)), Err(Rejected::BadSignature));
    }

    #[test]
    fn without_a_secret_nothing_is_let_in() {
        for secrets in [&[][..], &[""], &["good", ""]] {
            assert_eq!(verify(secrets, &header(secrets.first().unwrap_or(&""), NOW)), Err(Rejected::NoSecret));
        }
    }

    #[test]
    fn five_minutes_either_way() {
        for (time, good) in [(-301, false), (-300, true), (300, true), (301, false)] {
            let expected = if good { None } else { Some(Rejected::Stale) };
            assert_eq!(verify(&["s"], &header("s", NOW + time)).err(), expected, "{time}");
        }
        assert!(verify(&["s"], &header("s", i64::MAX)).is_err());
    }

    #[test]
    fn any_matching_signature_counts_and_a_second_time_does_not() {
        let good = header("s", NOW);
        let zeros = "0".repeat(64);
        assert!(verify(&["s"], &format!("{good},sig1={zeros},sig2=later")).is_ok());
        for bad in [
            String::new(),
            format!("{good},time={NOW}"),
            format!("time={NOW}"),
            format!("time={NOW},sig1="),
            format!("time=,sig1={zeros}"),
            format!("time=+{NOW},sig1={zeros}"),
            format!("sig1={zeros}"),
            good.to_uppercase(),
            format!("{good}00"),
            format!("time=99999999999999999999,sig1={zeros}"),
        ] {
            assert_eq!(verify(&["s"], &bad), Err(Rejected::Malformed), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic_or_lets_it_in(header in "(\\PC{0,60}|time=[0-9]{0,30}(,sig1=[0-9a-f]{0,70}){0,3})") {
            prop_assert!(verify(&["s"], &header).is_err());
        }
    }
}
