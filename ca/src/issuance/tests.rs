//! Never lost, never twice: every crash point, both kinds of key, sets of one and of two (ca.md
//! 6.4).

mod books;

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use policies::card::KeyRole;
use policies::ids::{IntentId, Serial};

use super::*;
use crate::crash::{self, simulated::stop_at};
use crate::keys::{Algorithm, FileKey, KeyError, SigningKey};
use crate::testing;
use books::{Books, Randomised, Referee, Row, State, Watched};

const BOTH: &[KeyRole] = &[KeyRole::Authentication, KeyRole::Signature];

/// Runs a future that never waits.
fn now<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("books in memory never wait"),
    }
}

fn intent() -> IntentId {
    "intent-1".parse().unwrap()
}

/// An authority whose key has a memory of its own.
fn watched<K: SigningKey + 'static>(key: K) -> (Authority, Referee) {
    let referee = Referee::default();
    let key = Watched {
        key,
        referee: referee.clone(),
    };
    let issuer = testing::issuing_under(&testing::root(), Arc::new(key));
    (testing::authority_of(issuer), referee)
}

/// What must hold after whatever happened, once recovery has run.
fn check(books: &Books<'_>, referee: &Referee) {
    let rows = books.rows.lock().unwrap();
    for row in rows.values() {
        assert_ne!(row.state, State::Reserved, "left unfinished");
    }
    let mut by_serial: BTreeMap<&Serial, Vec<&Vec<u8>>> = BTreeMap::new();
    let signatures = referee.lock().unwrap();
    for (octets, signature) in signatures.iter() {
        let row = rows.values().find(|row| row.reserved.tbs() == octets);
        let row = row.expect("a signature without a row");
        let of_serial = by_serial.entry(row.reserved.serial()).or_default();
        if !of_serial.contains(&signature) {
            of_serial.push(signature);
        }
    }
    assert!(
        by_serial.values().all(|signatures| signatures.len() == 1),
        "a serial twice"
    );
}

/// Crash at `place`, recover, ask again: one set in the end.
fn survives(
    authority: &Authority,
    referee: &Referee,
    roles: &'static [KeyRole],
    place: &'static str,
) {
    let books = Books::new(authority, roles);
    let stopped = stop_at(place, || now(issue(authority, &books, intent())));
    assert!(stopped.is_none(), "{place} is not on the path");
    let recovered = now(recover(authority, &books)).unwrap();
    assert!(
        recovered.failed.is_empty(),
        "{place}: {:?}",
        recovered.failed
    );
    check(&books, referee);
    let answer = now(issue(authority, &books, intent())).unwrap();
    assert_eq!(answer.len(), roles.len(), "{place}");
    assert_eq!(
        now(issue(authority, &books, intent())).unwrap(),
        answer,
        "{place}"
    );
    check(&books, referee);
}

#[test]
fn every_stop_on_the_way_ends_in_one_set() {
    for roles in [&BOTH[..1], BOTH] {
        for place in crash::ISSUANCE {
            let (authority, referee) = watched(FileKey::generate(Algorithm::P256).unwrap());
            referee.lock().unwrap().clear();
            survives(&authority, &referee, roles, place);
            let (authority, referee) = watched(Randomised::generate());
            referee.lock().unwrap().clear();
            survives(&authority, &referee, roles, place);
        }
    }
}

#[test]
fn a_stop_during_recovery_is_recovered_too() {
    let recover_twice = |authority: &Authority, referee: &Referee, place| {
        let books = Books::new(authority, BOTH);
        assert!(
            stop_at("issue.after_sign", || now(issue(
                authority,
                &books,
                intent()
            )))
            .is_none()
        );
        assert!(
            stop_at(place, || now(recover(authority, &books))).is_none(),
            "{place}"
        );
        now(recover(authority, &books)).unwrap();
        check(&books, referee);
        assert_eq!(now(issue(authority, &books, intent())).unwrap().len(), 2);
    };
    for place in crash::RECOVERY {
        let (authority, referee) = if place.ends_with("burn") {
            watched(Randomised::generate())
        } else {
            watched(FileKey::generate(Algorithm::P256).unwrap())
        };
        recover_twice(&authority, &referee, place);
    }
}

#[test]
fn a_deterministic_key_makes_the_same_certificates_again() {
    let authority = testing::authority();
    let books = Books::new(&authority, BOTH);
    let intended = now(books.intend(intent())).unwrap();
    let Intended::ToSign { reserved, .. } = intended else {
        panic!("nothing was recorded before")
    };
    let first: Vec<_> = reserved
        .iter()
        .map(|one| authority.sign(one).unwrap())
        .collect();
    let recovered = now(recover(&authority, &books)).unwrap();
    assert_eq!(recovered.rolled_forward, [intent()]);
    let mut released = now(issue(&authority, &books, intent())).unwrap();
    let mut expected: Vec<_> = first.iter().map(|one| one.der().to_vec()).collect();
    released.sort();
    expected.sort();
    assert_eq!(released, expected);
}

#[test]
fn a_missing_key_burns_nothing_and_stops_nobody_else() {
    let (lost, present) = (testing::authority(), testing::authority());
    let books = Books::new(&present, BOTH);
    let other: IntentId = "intent-2".parse().unwrap();
    now(books.intend(other.clone())).unwrap();
    for one in testing::reserved(&lost, BOTH) {
        let row = Row {
            intent: intent(),
            reserved: one.clone(),
            state: State::Reserved,
            der: None,
        };
        books.rows.lock().unwrap().insert(one.serial().clone(), row);
    }
    let recovered = now(recover(&present, &books)).unwrap();
    assert_eq!(recovered.rolled_forward, [other]);
    assert!(
        matches!(recovered.failed.as_slice(), [(id, CaError::UnknownIssuer(_))] if *id == intent())
    );
    assert_eq!(books.in_state(&intent(), State::Reserved).len(), 2);
}

#[test]
fn a_record_that_was_tampered_with_is_never_signed() {
    let (authority, referee) = watched(FileKey::generate(Algorithm::P256).unwrap());
    let good = testing::reserved(&authority, &BOTH[..1]).remove(0);
    let signed_before = referee.lock().unwrap().len();
    let refused = |serial: &Serial, tbs: &[u8]| {
        let record = Reserved::new(serial.clone(), good.issuer().clone(), tbs.to_vec());
        authority.sign(&record).unwrap_err()
    };
    let another = testing::serial("40");
    assert!(matches!(
        refused(&another, good.tbs()),
        CaError::RecordChanged(_)
    ));
    // Another user id in the recorded octets: common name, number and principal differ now.
    let mut octets = good.tbs().to_vec();
    let at = octets
        .windows(12)
        .position(|part| part == testing::USER_ID.as_bytes())
        .unwrap();
    octets[at] = b'6';
    assert!(matches!(refused(good.serial(), &octets), CaError::Lint(_)));
    assert!(matches!(
        refused(good.serial(), b"nothing"),
        CaError::RecordChanged(_)
    ));
    assert_eq!(referee.lock().unwrap().len(), signed_before);
}

#[test]
fn a_record_that_would_not_be_signed_any_more_is_given_up() {
    let authority = testing::authority();
    let books = Books::new(&authority, BOTH);
    now(books.intend(intent())).unwrap();
    for row in books.rows.lock().unwrap().values_mut() {
        let (serial, issuer) = (row.reserved.serial().clone(), row.reserved.issuer().clone());
        row.reserved = Reserved::new(serial, issuer, b"nothing".to_vec());
    }
    let recovered = now(recover(&authority, &books)).unwrap();
    assert_eq!(recovered.burned, [intent()]);
    assert!(books.in_state(&intent(), State::Reserved).is_empty());
    assert_eq!(now(issue(&authority, &books, intent())).unwrap().len(), 2);
}

/// A key that answers with a signature by another key, as a wrong slot of a module would.
struct WrongSlot {
    named: FileKey,
    used: FileKey,
}

impl SigningKey for WrongSlot {
    fn spki_der(&self) -> &[u8] {
        self.named.spki_der()
    }
    fn algorithm(&self) -> Algorithm {
        self.named.algorithm()
    }
    fn repeats(&self) -> Repeats {
        Repeats::Deterministic
    }
    fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.used.sign(octets)
    }
}

#[test]
fn a_signature_by_the_wrong_key_is_never_released() {
    let key = || FileKey::generate(Algorithm::P256).unwrap();
    let wrong = WrongSlot {
        named: key(),
        used: key(),
    };
    let issuer = testing::issuing_under(&testing::root(), Arc::new(wrong));
    let authority = testing::authority_of(issuer);
    let books = Books::new(&authority, BOTH);
    let outcome = now(issue(&authority, &books, intent()));
    assert!(matches!(outcome, Err(CaError::SignatureDoesNotVerify)));
    assert!(books.finished(&intent()).is_empty());
}
