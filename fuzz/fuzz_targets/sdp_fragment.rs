#![no_main]

use libfuzzer_sys::fuzz_target;
use whip::fragment::Fragment;

// What is read survives being written and read again.
fuzz_target!(|text: &str| {
    if let Ok(fragment) = Fragment::parse(text) {
        assert_eq!(Fragment::parse(&fragment.to_string()), Ok(fragment));
    }
});
