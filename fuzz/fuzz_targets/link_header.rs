#![no_main]

use libfuzzer_sys::fuzz_target;
use whip::link::ice_servers;

// Every server that is read can be written as a link that says the same.
fuzz_target!(|value: &str| {
    for server in ice_servers(value) {
        assert_eq!(ice_servers(&server.to_link()), [server]);
    }
});
