//! `matron_fuzz::answer`, endlessly.
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: matron_fuzz::plant("answer"),
    |data: &[u8]| matron_fuzz::answer(data)
);
