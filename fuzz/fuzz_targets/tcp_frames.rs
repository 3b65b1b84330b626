#![no_main]

use libfuzzer_sys::fuzz_target;

// Media by TCP, from whoever connects.
fuzz_target!(|input: (&[u8], usize)| media::fuzzing::frames(input.0, input.1));
