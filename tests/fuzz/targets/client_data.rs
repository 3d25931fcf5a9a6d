//! `matron_fuzz::client_data`, endlessly.
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: matron_fuzz::plant("client_data"),
    |data: &[u8]| matron_fuzz::client_data(data)
);
