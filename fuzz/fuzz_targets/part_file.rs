#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;

// A part that a crash or a failing disk left: it is closed once and stays as it is; reading it as a finished file, or
// making one of it, is an error at worst.
fuzz_target!(|data: &[u8]| {
    let dir = tempfile::tempdir_in("/dev/shm").expect("a place in memory");
    let parts = dir.path().join("parts");
    fs::create_dir(&parts).expect("a folder");
    fs::write(parts.join("origin"), "1800000000000").expect("a file");
    fs::write(parts.join("part-0001.mp4"), data).expect("a file");
    let _ = recorder::probe(&parts.join("part-0001.mp4"));
    let first = recorder::recover(&parts).expect("a readable file");
    let again = recorder::recover(&parts).expect("a readable file");
    assert_eq!((again.parts, again.cut), (first.parts, 0));
    let file = dir.path().join("finished.mp4");
    if recorder::finalize(&parts, &file, None).is_ok() {
        recorder::probe(&file).expect("what was just made can be read");
    }
});
