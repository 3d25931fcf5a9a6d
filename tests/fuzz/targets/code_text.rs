//! `matron_fuzz::code_text`, endlessly.
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: matron_fuzz::plant("code_text"),
    |data: &[u8]| matron_fuzz::code_text(data)
);
