#![no_main]

use libfuzzer_sys::fuzz_target;
use whip::etag::{EntityTag, IfMatch};

fuzz_target!(|value: &str| {
    if let Some(tag) = EntityTag::parse(value) {
        assert!(IfMatch::parse(value).is_ok_and(|it| it.matches(&tag)));
    }
    if let Ok(IfMatch::Tags(tags)) = IfMatch::parse(value) {
        for tag in tags {
            assert_eq!(EntityTag::parse(&tag.to_string()), Some(tag));
        }
    }
});
