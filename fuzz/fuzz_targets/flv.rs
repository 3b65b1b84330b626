#![no_main]

use libfuzzer_sys::fuzz_target;

// What a pushed stream is read from.
fuzz_target!(|input: (&[u8], usize)| push::fuzzing::flv(input.0, input.1));
