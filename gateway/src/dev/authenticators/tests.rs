//! What Chromium's virtual authenticators said, recorded at http://localhost:29443.

use std::sync::Arc;

use policies::authenticator::Attestation;
use policies::signin::{Aal, Method};
use policies::time::Time;

use super::*;
use crate::webauthn::models::test_roots;
use crate::webauthn::{Challenge, Newcomer, Registered, RelyingParty};

const NOW: Time = Time::from_unix(1_795_657_200);

struct Recorded {
    registration: Vec<u8>,
    authentication: Vec<u8>,
}

fn recorded(name: &str) -> Recorded {
    let all: Vec<serde_json::Value> = serde_json::from_str(include_str!("recorded.json")).unwrap();
    let one = all.iter().find(|one| one["name"] == name).unwrap();
    let bytes = |part: &str| serde_json::to_vec(&one[part]).unwrap();
    Recorded {
        registration: bytes("registration"),
        authentication: bytes("authentication"),
    }
}

/// Made, and used once.
fn made(name: &str, models: Models) -> Registered {
    let site = RelyingParty::recorded("localhost", "http://localhost:29443", Arc::new(models));
    let challenge = || Challenge::from_bytes([7; 32]);
    let new = Newcomer {
        user_handle: &[1; 16],
        name: "a",
        display_name: "a",
        attachment: None,
        exclude: &[],
    };
    let answers = recorded(name);
    let (_, state) = site.start_registration(&new, challenge());
    let made = site
        .finish_registration(&state, &answers.registration, NOW)
        .unwrap();
    let (_, state) = site.start_authentication(&[(&made.key).into()], challenge());
    let used = site.finish_authentication(&state, &answers.authentication, &made.key);
    match name {
        "U2F" => assert_eq!(used.unwrap_err().code(), "user_not_verified"),
        _ => assert!(!used.unwrap().counter_regressed),
    }
    made
}

#[test]
fn the_browsers_batch_is_known_as_a_test_root_and_dev_allows_it() {
    assert!(test_roots::is_one(&certificate(BATCH.as_bytes())));
    assert_eq!(models().standing(Some(AAGUID)), Standing::Allowed);
    assert_eq!(models().describe(AAGUID), Some(NAME));
}

#[test]
fn in_dev_alone_a_browsers_security_key_is_aal3() {
    let key = made("security key", models());
    assert_eq!(key.evidence.attestation, Attestation::Allowed);
    assert_eq!(key.evidence.method(), Method::Fido2);
    assert_eq!(key.evidence.level(), Aal::Aal3);
    let elsewhere = made("security key", Models::none());
    assert_eq!(elsewhere.evidence.attestation, Attestation::None);
    assert_eq!(elsewhere.evidence.level(), Aal::Aal2);
}

#[test]
fn a_browsers_built_in_and_synced_keys_are_aal2_and_its_u2f_key_is_too_little() {
    let built_in = made("built in", models());
    assert_eq!(built_in.evidence.method(), Method::Passkey);
    assert_eq!(built_in.evidence.level(), Aal::Aal2);
    let synced = made("synced", models());
    assert!(synced.backup_eligible && synced.backed_up);
    assert_eq!(synced.evidence.level(), Aal::Aal2);
    let u2f = made("U2F", models());
    assert!(!u2f.evidence.user_verified);
    assert_eq!(u2f.evidence.level(), Aal::Aal1);
}
