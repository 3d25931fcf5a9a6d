//! Chains as a client may show them.

use proptest::prelude::*;

use super::*;
use crate::authority::Authority;
use crate::issuer::Issuer;
use crate::testing;

fn trust_in(issuer: &Issuer) -> Trust {
    Trust::new([issuer.der()]).unwrap()
}

fn fixture() -> (Authority, Trust) {
    let authority = testing::authority();
    let trust = trust_in(&authority.issuers()[0]);
    (authority, trust)
}

fn foreign(chain: &[&[u8]], trust: &Trust) -> ForeignReason {
    match judge(chain, trust) {
        Presented::Foreign(reason) => reason,
        other => panic!("not foreign: {other:?}"),
    }
}

#[test]
fn our_authentication_certificate_is_ours_with_or_without_its_issuer() {
    let (authority, trust) = fixture();
    let card = testing::certificate(&authority, KeyRole::Authentication);
    let issuer = &authority.issuers()[0];
    for chain in [vec![card.as_slice()], vec![card.as_slice(), issuer.der()]] {
        let Presented::Ours(verified) = judge(&chain, &trust) else {
            panic!("not ours")
        };
        assert_eq!(verified.issuer(), issuer.id());
        assert_eq!(verified.not_before(), testing::card_validity().not_before);
        assert_eq!(verified.not_after(), testing::card_validity().not_after);
        assert_eq!(verified.serial().to_bytes().len(), 19);
        assert_eq!(verified.der(), card);
    }
}

#[test]
fn a_card_that_came_before_is_judged_as_the_first_time() {
    let (authority, trust) = fixture();
    let card = testing::certificate(&authority, KeyRole::Authentication);
    let first = judge(&[&card], &trust);
    assert!(matches!(first, Presented::Ours(_)));
    assert_eq!(judge(&[&card], &trust), first);
}

#[test]
fn a_card_that_came_before_vouches_for_no_other_octets_and_for_no_other_house() {
    let (authority, trust) = fixture();
    let card = testing::certificate(&authority, KeyRole::Authentication);
    assert!(matches!(judge(&[&card], &trust), Presented::Ours(_)));
    // The last octet is the signature's: names, key, serial and dates are the same.
    let mut forged = card.clone();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(foreign(&[&forged], &trust), ForeignReason::NotIssuedHere);
    let elsewhere = trust_in(&testing::authority().issuers()[0]);
    assert_eq!(foreign(&[&card], &elsewhere), ForeignReason::NotIssuedHere);
}

#[test]
fn what_was_foreign_is_judged_again() {
    let known = Known::default();
    let asked = std::cell::Cell::new(0);
    let refuse = || {
        asked.set(asked.get() + 1);
        Err(ForeignReason::NotIssuedHere)
    };
    for times in 1..=2 {
        assert!(known.or_judge(b"anybody's", refuse).is_err());
        assert_eq!(asked.get(), times);
    }
}

#[test]
fn nothing_is_no_certificate() {
    let (_authority, trust) = fixture();
    assert_eq!(judge(&[], &trust), Presented::NoCertificate);
}

#[test]
fn the_signature_certificate_is_for_another_purpose() {
    let (authority, trust) = fixture();
    let card = testing::certificate(&authority, KeyRole::Signature);
    let reason = foreign(&[&card], &trust);
    let issuer = authority.issuers()[0].id();
    assert!(matches!(reason, ForeignReason::WrongPurpose { issuer: id, .. } if id == *issuer));
}

#[test]
fn a_signature_certificate_of_others_is_not_even_of_the_wrong_purpose() {
    let (_authority, trust) = fixture();
    let card = testing::certificate(&testing::authority(), KeyRole::Signature);
    assert_eq!(foreign(&[&card], &trust), ForeignReason::NotIssuedHere);
}

#[test]
fn the_same_names_with_another_key_are_foreign() {
    let (authority, trust) = fixture();
    let twin = testing::authority();
    let names = |authority: &Authority| authority.issuers()[0].facts().name.clone();
    assert_eq!(names(&authority), names(&twin));
    let card = testing::certificate(&twin, KeyRole::Authentication);
    assert_eq!(foreign(&[&card], &trust), ForeignReason::NotIssuedHere);
    let with_issuer = [card.as_slice(), twin.issuers()[0].der()];
    assert_eq!(foreign(&with_issuer, &trust), ForeignReason::NotIssuedHere);
}

#[test]
fn an_authority_is_nobodys_card() {
    let (authority, trust) = fixture();
    let issuing = authority.issuers()[0].der();
    assert!(matches!(judge(&[issuing], &trust), Presented::Foreign(_)));
}

#[test]
fn long_chains_and_large_certificates_are_not_parsed() {
    let (authority, trust) = fixture();
    let card = testing::certificate(&authority, KeyRole::Authentication);
    assert_eq!(
        foreign(&[card.as_slice(); 5], &trust),
        ForeignReason::TooMany
    );
    assert_eq!(
        foreign(&[card.as_slice(); 100], &trust),
        ForeignReason::TooMany
    );
    let large = vec![0x30; LARGEST_CERTIFICATE + 1];
    assert_eq!(foreign(&[&card, &large], &trust), ForeignReason::TooLarge);
    assert_eq!(foreign(&[b"nothing"], &trust), ForeignReason::Malformed);
}

proptest! {
    /// One octet changed anywhere: never ours.
    #[test]
    fn a_changed_octet_is_never_ours(at in any::<prop::sample::Index>(), flip in 1_u8..) {
        let (card, trust) = &*CARD;
        let mut changed = card.clone();
        let at = at.index(changed.len());
        changed[at] ^= flip;
        prop_assert!(matches!(judge(&[&changed], trust), Presented::Foreign(_)));
    }

    #[test]
    fn any_octets_are_judged(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(matches!(judge(&[&octets], &CARD.1), Presented::Foreign(_)));
    }
}

/// A card that its house knows, as every other is held against it.
static CARD: std::sync::LazyLock<(Vec<u8>, Trust)> = std::sync::LazyLock::new(|| {
    let (authority, trust) = fixture();
    let card = testing::certificate(&authority, KeyRole::Authentication);
    assert!(matches!(judge(&[&card], &trust), Presented::Ours(_)));
    (card, trust)
});
