//! What is not an answer at all: bounded, refused, never a panic.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::super::*;
use super::soft::{Soft, challenge, newcomer, site};
use super::vectors::{IN_2023 as NOW, Recorded};

fn all_readers(answer: &[u8]) {
    let site = site(Models::none());
    let soft = Soft::new();
    let key = soft.at(&site);
    let (_, making) = site.start_registration(&newcomer(), challenge(2));
    let (_, signing) = site.start_authentication(&[], challenge(2));
    assert!(site.finish_registration(&making, answer, NOW).is_err());
    assert!(site.finish_authentication(&signing, answer, &key).is_err());
    drop(credential_id_of(answer));
}

#[test]
fn what_is_longer_than_64_kib_is_not_looked_at() {
    let site = site(Models::none());
    let soft = Soft::new();
    let (_, state) = site.start_registration(&newcomer(), challenge(1));
    let mut answer = soft.register(&challenge(1), None);
    answer.resize(LARGEST_ANSWER, b' ');
    assert!(site.finish_registration(&state, &answer, NOW).is_ok());
    answer.push(b' ');
    let refused = site.finish_registration(&state, &answer, NOW).unwrap_err();
    assert!(matches!(refused, CeremonyError::TooLong));
    assert!(matches!(
        credential_id_of(&answer),
        Err(CeremonyError::TooLong)
    ));
}

#[test]
fn nonsense_is_refused_quickly() {
    let deep = "[".repeat(60_000);
    let wide = format!("{{\"a\":[{}0]}}", "0,".repeat(30_000));
    let text = format!("\"{}\"", "\\u0000".repeat(10_000));
    for nonsense in ["", "{}", "[]", "null", "0", "\u{0}", &deep, &wide, &text] {
        let begun = std::time::Instant::now();
        all_readers(nonsense.as_bytes());
        assert!(begun.elapsed().as_secs() < 5, "{}", nonsense.len());
    }
}

/// Real answers where there are any, and one of our own.
fn seeds() -> Vec<(Vec<u8>, Vec<u8>)> {
    let own = Soft::new().register(&challenge(2), None);
    let mut seeds = vec![(own, Vec::new())];
    for name in [
        "tpm-rs1-01",
        "packed-02",
        "apple-01",
        "android-key-01",
        "u2f-01",
        "01-none",
    ] {
        if let Some(recorded) = Recorded::read(name) {
            let answer = serde_json::to_vec(&recorded.answer).unwrap();
            seeds.push((answer, recorded.bytes("attestationObject")));
        }
    }
    seeds
}

/// One alteration: where, what, and how many bytes go.
fn edits() -> impl Strategy<Value = Vec<(Index, Vec<u8>, u8)>> {
    vec((any::<Index>(), vec(any::<u8>(), 0..6), 0_u8..6), 1..6)
}

fn edit(bytes: &[u8], edits: &[(Index, Vec<u8>, u8)]) -> Vec<u8> {
    let mut altered = bytes.to_vec();
    for (at, put, cut) in edits {
        if altered.is_empty() {
            break;
        }
        let at = at.index(altered.len());
        let end = altered.len().min(at + usize::from(*cut));
        altered.splice(at..end, put.iter().copied());
    }
    altered
}

proptest! {
    #[test]
    fn no_altered_answer_makes_a_reader_panic(which in any::<Index>(), edits in edits()) {
        let seeds = seeds();
        let (answer, _) = &seeds[which.index(seeds.len())];
        let altered = edit(answer, &edits);
        let site = site(Models::none());
        let (_, making) = site.start_registration(&newcomer(), challenge(2));
        let (_, signing) = site.start_authentication(&[], challenge(2));
        drop(site.finish_registration(&making, &altered, NOW));
        let key = Soft::new().at(&site);
        prop_assert!(site.finish_authentication(&signing, &altered, &key).is_err());
        drop(credential_id_of(&altered));
    }

    #[test]
    fn no_altered_statement_makes_a_reader_panic(which in any::<Index>(), edits in edits()) {
        let names = ["tpm-rs1-01", "packed-02", "apple-01", "android-key-01", "u2f-01"];
        if let Some(recorded) = Recorded::read(names[which.index(names.len())]) {
            let altered = edit(&recorded.bytes("attestationObject"), &edits);
            drop(recorded.with_bytes("attestationObject", &altered).judge(Models::none(), NOW));
            let altered = edit(&recorded.bytes("clientDataJSON"), &edits);
            drop(recorded.with_bytes("clientDataJSON", &altered).judge(Models::none(), NOW));
        }
    }

    #[test]
    fn no_altered_sign_in_makes_a_reader_panic(edits in edits()) {
        let site = site(Models::none());
        let soft = Soft::new();
        let key = soft.at(&site);
        let (_, state) = site.start_authentication(&[(&key).into()], challenge(2));
        let mut answer: Value =
            serde_json::from_slice(&soft.authenticate(&challenge(2))).unwrap();
        for field in ["authenticatorData", "clientDataJSON", "signature"] {
            let was = answer["response"][field].clone();
            let bytes = stored::decode(was.as_str().unwrap()).unwrap();
            let altered = edit(&bytes, &edits);
            answer["response"][field] = stored::encode(&altered).into();
            let text = serde_json::to_vec(&answer).unwrap();
            let judged = site.finish_authentication(&state, &text, &key);
            prop_assert!(judged.is_err() || altered == bytes);
            answer["response"][field] = was;
        }
    }
}
