use super::{Rejected, TOLERANCE};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq as _};

pub(super) fn verify(secrets: &[SecretString], header: &str, body: &[u8], now: i64) -> Result<(), Rejected> {
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
    Ok(())
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
    /// `t` once (Mux's SDK takes the last of several), `v1` at least once, other schemes are ignored.
    fn parse(text: &'a str) -> Option<Self> {
        let (mut time, mut signatures) = (None, Vec::new());
        for part in text.split(',') {
            match part.split_once('=')? {
                ("t", _) if time.is_some() => return None,
                ("t", digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
                    time = Some(digits);
                }
                ("t", _) => return None,
                ("v1", hex) => signatures.push(unhex(hex)?),
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

    const BODY: &[u8] = b"{\"test\":\"body\"}";
    const NOW: i64 = 1_700_000_000;

    fn header(secret: &str, time: i64) -> String {
        let digits = signature(secret.as_bytes(), &time.to_string(), BODY);
        let hex: String = digits.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("t={time},v1={hex}")
    }

    fn check(secrets: &[&str], header: &str) -> Result<(), Rejected> {
        let secrets: Vec<SecretString> = secrets.iter().map(|secret| SecretString::from(*secret)).collect();
        verify(&secrets, header, BODY, NOW)
    }

    #[test]
    fn the_current_and_the_former_secret_are_good() {
        assert_eq!(check(&["new", "old"], &header("old", NOW)), Ok(()));
        assert_eq!(check(&["new", "old"], &header("new", NOW)), Ok(()));
        assert_eq!(check(&["new"], &header("old", NOW)), Err(Rejected::BadSignature));
    }

    #[test]
    fn without_a_secret_nothing_is_let_in() {
        for secrets in [&[][..], &[""], &["good", ""]] {
            assert_eq!(check(secrets, &header(secrets.first().unwrap_or(&""), NOW)), Err(Rejected::NoSecret));
        }
    }

    #[test]
    fn five_minutes_either_way() {
        for (time, good) in [(-301, false), (-300, true), (300, true), (301, false)] {
            let expected = if good { Ok(()) } else { Err(Rejected::Stale) };
            assert_eq!(check(&["s"], &header("s", NOW + time)), expected, "{time}");
        }
        assert!(check(&["s"], &header("s", i64::MAX)).is_err());
    }

    #[test]
    fn any_matching_signature_counts_and_a_second_time_does_not() {
        let good = header("s", NOW);
        let v1 = good.split_once(',').unwrap().1;
        let zeros = "0".repeat(64);
        assert_eq!(check(&["s"], &format!("{good},v1={zeros},v0=x")), Ok(()));
        assert_eq!(check(&["s"], &format!("t={NOW},v1={zeros},{v1}")), Ok(()));
        for bad in [
            String::new(),
            format!("{good},t={NOW}"),
            format!("t={NOW}"),
            format!("t={NOW},v1="),
            format!("t=,v1={zeros}"),
            format!("t=+{NOW},v1={zeros}"),
            format!("v1={zeros}"),
            format!("{good}00"),
            format!("t={NOW},v1={}", zeros.replace('0', "A")),
            format!("t=99999999999999999999,v1={zeros}"),
        ] {
            assert_eq!(check(&["s"], &bad), Err(Rejected::Malformed), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic_or_lets_it_in(header in "(\\PC{0,60}|t=[0-9]{0,30}(,v1=[0-9a-f]{0,70}){0,3})") {
            prop_assert!(check(&["s"], &header).is_err());
        }
    }
}
