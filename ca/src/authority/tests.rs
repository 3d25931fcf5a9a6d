//! What a set must be before it is recorded, and what no record can do.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::testing;

static AUTHORITY: LazyLock<Authority> = LazyLock::new(testing::authority);

#[test]
fn a_set_needs_keys_of_different_roles_and_of_their_own() {
    let key = testing::subject_key;
    assert!(matches!(check_set(&[]), Err(CaError::EmptySet)));
    let role = KeyRole::Signature;
    let twice = [(role, key()), (role, key())];
    assert!(matches!(
        check_set(&twice),
        Err(CaError::RoleTwice(KeyRole::Signature))
    ));
    let shared = key();
    let same = [(KeyRole::Authentication, shared.clone()), (role, shared)];
    assert!(matches!(check_set(&same), Err(CaError::KeyTwice)));
}

#[test]
fn a_certificate_never_outlives_its_issuer() {
    let issuer = testing::issuing();
    let own = issuer.validity();
    let last = Validity {
        not_before: testing::NOW,
        not_after: own.not_after,
    };
    assert!(issuer.admits(last).is_ok());
    let second = policies::time::Span::seconds(1);
    let late = Validity {
        not_after: own.not_after.plus(second),
        ..last
    };
    let refused = issuer.admits(late);
    assert!(
        matches!(refused, Err(CaError::IssuerExpiresFirst { not_after }) if not_after == own.not_after)
    );
    let early = Validity {
        not_before: own.not_before.minus(second),
        ..last
    };
    assert!(matches!(
        issuer.admits(early),
        Err(CaError::IssuerBeginsLater { .. })
    ));
}

#[test]
fn a_set_shares_dates_and_differs_in_serials() {
    let authority = testing::authority();
    let roles = [KeyRole::Authentication, KeyRole::Signature];
    let set = testing::prepared(&authority, &roles);
    let [first, second] = set.as_slice() else {
        panic!("a set of two")
    };
    assert_ne!(first.serial(), second.serial());
    assert_eq!(first.validity(), second.validity());
    assert_eq!(first.key_role(), KeyRole::Authentication);
    assert_eq!(first.shard(), Publishing::shard_of(first.serial()));
}

proptest! {
    /// Whatever is in the books, `sign` answers and does not panic.
    #[test]
    fn no_record_makes_it_panic(tbs in proptest::collection::vec(any::<u8>(), 0..200)) {
        let issuer = AUTHORITY.issuers()[0].id().clone();
        let record = Reserved::new(testing::serial("40"), issuer, tbs);
        prop_assert!(AUTHORITY.sign(&record).is_err());
    }
}
