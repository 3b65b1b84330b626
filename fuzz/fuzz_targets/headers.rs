#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;

// The small ones: Location, Retry-After, Authorization, Content-Type.
fuzz_target!(|input: (&str, &str, u32)| {
    let (base, value, now) = input;
    if let Some(url) = whip::location::resolve(base, value) {
        assert_eq!(whip::location::resolve(base, &url), Some(url));
    }
    let _ = whip::retry_after::wait(value, Duration::from_secs(now.into()));
    let _ = whip::bearer_token(value);
    let _ = whip::is_media_type(Some(value), whip::SDP);
});
