#![no_main]

use libfuzzer_sys::fuzz_target;
use whip::offer::{Role, check};

// An offer that passes still passes, and says the same, once it is tidied.
fuzz_target!(|text: &str| {
    for role in [Role::Publisher, Role::Viewer] {
        if let Ok(offer) = check(text, role) {
            assert_eq!(check(&offer.sdp, role), Ok(offer));
        }
    }
});
