//! One-time codes of an authenticator app (TOTP, RFC 6238, with what every app knows: SHA-1, six digits, thirty seconds).
//! Pure: the secret and the moment come from outside.

use domain::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use subtle::ConstantTimeEq as _;

const DIGITS: usize = 6;
const STEP_MS: i64 = 30_000;
/// Codes of the step before and after are taken, too: clocks are not quite right, and typing takes a while.
const SLACK: u64 = 1;

/// 160 random bits, as RFC 4226 §4 recommends.
pub type Secret = [u8; 20];

/// The step whose code this is, if it may be used now: not a step that was used before, or one before that.
pub fn check(secret: &Secret, typed: &str, now: Timestamp, last_used: u64) -> Option<u64> {
    let typed: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
    let step = step_of(now);
    // All of them are computed, whichever it is.
    let mut found = None;
    for step in step.saturating_sub(SLACK)..=step + SLACK {
        let matches: bool = code(secret, step).as_bytes().ct_eq(typed.as_bytes()).into();
        if matches && step > last_used {
            found = Some(step);
        }
    }
    found
}

fn step_of(now: Timestamp) -> u64 {
    u64::try_from(now.millis().div_euclid(STEP_MS)).unwrap_or(0)
}

/// HOTP (RFC 4226 §5.3) of a step.
fn code(secret: &[u8], step: u64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[digest.len() - 1] & 15);
    let bytes: [u8; 4] =
        digest[offset..offset + 4].try_into().expect("four bytes, of twenty from at most the fifteenth");
    let number = u32::from_be_bytes(bytes) & 0x7fff_ffff;
    format!("{:0DIGITS$}", number % 10_u32.pow(DIGITS as u32))
}

/// What an app scans.
pub fn uri(secret: &Secret, email: &str) -> String {
    let account: String = email.bytes().map(percent).collect();
    format!("otpauth://totp/Everlight:{account}?secret={}&issuer=Everlight", base32(secret))
}

fn percent(byte: u8) -> String {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    }
}

/// RFC 4648 §6, of whole groups of five bytes.
pub fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for group in bytes.chunks(5) {
        let bits = group.iter().fold(0u64, |bits, byte| (bits << 8) | u64::from(*byte)) << (8 * (5 - group.len()));
        for place in 0..(group.len() * 8).div_ceil(5) {
            text.push(char::from(ALPHABET[(bits >> (35 - 5 * place)) as usize & 31]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the last six digits of the eight.
    #[test]
    fn the_codes_of_the_rfc() {
        let secret: Secret = *b"12345678901234567890";
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(&secret, step_of(Timestamp(seconds * 1000))), expected, "{seconds}");
        }
    }

    /// RFC 4226, appendix D.
    #[test]
    fn the_counted_codes_of_the_rfc() {
        let expected =
            ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        for (step, expected) in (0..).zip(expected) {
            assert_eq!(code(b"12345678901234567890", step), expected);
        }
    }

    #[test]
    fn a_code_is_good_around_its_time_and_once() {
        let secret = [7; 20];
        let at = |seconds: i64| Timestamp(1_795_000_000_000 + seconds * 1000);
        let step = step_of(at(0));
        let typed = code(&secret, step);
        for (seconds, good) in [(-60, false), (-29, true), (0, true), (29, true), (80, false)] {
            assert_eq!(check(&secret, &typed, at(seconds), 0).is_some(), good, "{seconds}");
        }
        let spaced = format!(" {} {} ", &typed[..3], &typed[3..]);
        assert_eq!(check(&secret, &spaced, at(0), 0), Some(step));
        assert_eq!(check(&secret, &typed, at(0), step), None, "twice");
        for wrong in ["", "000", "abcdef", &format!("{typed}0")] {
            assert_eq!(check(&secret, wrong, at(0), 0), None, "{wrong}");
        }
    }

    /// RFC 4648, section 10.
    #[test]
    fn base_32_as_apps_read_it() {
        for (bytes, text) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB")]
        {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
        let uri = uri(&[0; 20], "ada+x@example.com");
        assert!(uri.starts_with("otpauth://totp/Everlight:ada%2Bx%40example.com?secret=AAAAAAAA"), "{uri}");
    }
}
