//! `matron_fuzz::attestation`, endlessly.
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: matron_fuzz::plant("attestation"),
    |data: &[u8]| matron_fuzz::attestation(data)
);
