#![no_main]

use std::str::FromStr;

use domain::{CivilDate, Slug, StreamId, TimeZoneName, Token};
use libfuzzer_sys::fuzz_target;

// What stands in addresses and forms: whatever is read is written back as the same thing.
fuzz_target!(|text: &str| {
    if let Ok(slug) = Slug::from_str(text) {
        assert_eq!(slug.as_str(), text);
    }
    if let Ok(token) = Token::from_str(text) {
        assert_eq!(token.expose(), text);
    }
    if let Ok(id) = StreamId::from_str(text) {
        assert_eq!(StreamId::from_str(&id.to_string()), Ok(id));
    }
    let _ = CivilDate::from_str(text);
    let _ = TimeZoneName::from_str(text);
});
