#![no_main]

use libfuzzer_sys::fuzz_target;

// What a publisher's encoder sends, as the recorder reads it.
fuzz_target!(|data: &[u8]| {
    recorder::fuzzing::h264(data);
    recorder::fuzzing::vpx_and_opus(data);
});
