use proptest::prelude::*;

use super::*;
use crate::samples::{A_NOT_AFTER, Step, at, prove_order};

fn card() -> CardFacts {
    CardFacts {
        person_open: true,
        card_state: CardState::Active,
        key_role: KeyRole::Authentication,
        certificate_state: CertificateState::Active,
        not_before: at("2026-03-10T09:00:01Z"),
        not_after: at(A_NOT_AFTER),
    }
}

const S3: &[Step<(CardFacts, Time)>] = &[
    (RefusalCode::CertificateWrongPurpose, |(facts, _)| {
        facts.key_role = KeyRole::Authentication;
    }),
    (RefusalCode::CertificateUnknown, |(facts, _)| {
        facts.certificate_state = CertificateState::Signed;
    }),
    (RefusalCode::CertificateUnknown, |(facts, _)| {
        facts.certificate_state = CertificateState::Burned;
    }),
    (RefusalCode::CertificateUnknown, |(facts, _)| {
        facts.certificate_state = CertificateState::Revoked;
    }),
    (RefusalCode::IdentityClosed, |(facts, _)| {
        facts.person_open = true;
    }),
    (RefusalCode::CardCancelled, |(facts, _)| {
        facts.card_state = CardState::Locked;
    }),
    (RefusalCode::CardLocked, |(facts, _)| {
        facts.card_state = CardState::Requested;
    }),
    (RefusalCode::CardNotActive, |(facts, _)| {
        facts.card_state = CardState::Produced;
    }),
    (RefusalCode::CardNotActive, |(facts, _)| {
        facts.card_state = CardState::Dispatched;
    }),
    (RefusalCode::CardNotActive, |(facts, _)| {
        facts.card_state = CardState::Active;
    }),
    (RefusalCode::CertificateRevoked, |(facts, _)| {
        facts.certificate_state = CertificateState::Superseded;
    }),
    (RefusalCode::CertificateSuperseded, |(facts, _)| {
        facts.certificate_state = CertificateState::Active;
    }),
    (RefusalCode::CertificateNotYetValid, |(facts, _)| {
        facts.not_before = at(A_NOT_AFTER);
    }),
    (RefusalCode::CertificateExpired, |(_, now)| {
        *now = at(A_NOT_AFTER);
    }),
];

#[test]
fn s3_the_guards_of_a_card_speak_in_the_precedence_of_the_contract() {
    let offender = CardFacts {
        person_open: false,
        card_state: CardState::Cancelled,
        key_role: KeyRole::Signature,
        certificate_state: CertificateState::Reserved,
        not_before: at("2030-01-01T00:00:00Z"),
        not_after: at(A_NOT_AFTER),
    };
    let login = prove_order(
        (offender, at("2029-12-31T00:00:00Z")),
        |(facts, now)| judge_card(facts, *now),
        S3,
    );
    assert!(!login.confirms_pending());
    assert!(login.ends_within_a_day());
}

#[test]
fn c3_both_seconds_at_the_ends_are_valid() {
    assert!(judge_card(&card(), at("2026-03-10T09:00:01Z")).is_ok());
    assert!(judge_card(&card(), at(A_NOT_AFTER)).is_ok());
    let early = judge_card(&card(), at("2026-03-10T09:00:00Z")).unwrap_err();
    assert_eq!(early.code, RefusalCode::CertificateNotYetValid);
    assert_eq!(early.opens_at, Some(at("2026-03-10T09:00:01Z")));
    let late = judge_card(&card(), at("2029-03-10T09:00:01Z")).unwrap_err();
    assert_eq!(late.code, RefusalCode::CertificateExpired);
    assert_eq!(late.not_after, Some(at(A_NOT_AFTER)));
}

#[test]
fn e17_a_superseded_certificate_is_refused_by_our_own_record() {
    let facts = CardFacts {
        certificate_state: CertificateState::Superseded,
        ..card()
    };
    let refusal = judge_card(&facts, at("2029-01-01T00:00:00Z")).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::CertificateSuperseded);
}

#[test]
fn e34_signing_in_with_the_pending_set_confirms_it() {
    let facts = CardFacts {
        certificate_state: CertificateState::Delivered,
        ..card()
    };
    assert!(
        judge_card(&facts, at("2029-01-01T00:00:00Z"))
            .unwrap()
            .confirms_pending()
    );
}

#[test]
fn s4_a_warning_within_the_last_24_hours() {
    let warned = |now: &str| judge_card(&card(), at(now)).unwrap().ends_within_a_day();
    assert!(!warned("2029-03-09T08:59:59Z"));
    assert!(warned("2029-03-09T09:00:00Z"));
}

fn demand(text: &str) -> Demand {
    Demand::from_acr_values(text)
}

/// Which methods can meet a demand at their best, as letters in the order of `Method::ALL`.
fn able(text: &str) -> String {
    let demand = demand(text);
    Method::ALL
        .iter()
        .map(|method| {
            if demand.can_be_met_by(*method) {
                'x'
            } else {
                '-'
            }
        })
        .collect()
}

#[test]
fn s6_what_each_known_value_accepts() {
    for (value, methods) in [
        ("", "xxxxxxx"),
        ("AAL3_ANY", "xxx-x--"),
        ("AAL2_ANY", "xxxxxxx"),
        ("AAL2_OR_AAL3_ANY", "xxxxxxx"),
        ("AAL1_USERPASS", "-------"),
        ("AAL3_IOS", "----x--"),
        ("AAL3_FIDO2", "-x-----"),
        ("AAL3_N3_SMARTCARD", "x------"),
        ("AAL3_CIS2_SMARTCARD", "x------"),
        ("AAL3_SMARTCARD", "x------"),
        ("AAL2_TOTP", "-----x-"),
        ("AAL2_NHSMAIL", "------x"),
    ] {
        assert_eq!(able(value), methods, "{value}");
    }
}

#[test]
fn s6_unknown_values_are_ignored_and_any_known_one_is_enough() {
    assert_eq!(demand("GOLD urn:example:x aal3_any  "), Demand::default());
    assert_eq!(able("GOLD"), "xxxxxxx");
    assert_eq!(able("AAL3_FIDO2 GOLD AAL2_TOTP"), "-x---x-");
    assert_eq!(demand("AAL3_ANY AAL3_ANY"), demand("AAL3_ANY"));
}

#[test]
fn s6_a_known_value_that_cannot_be_met_is_impossible() {
    let offered = [Method::Smartcard];
    assert!(demand("AAL1_USERPASS").is_impossible_with(&offered));
    assert!(demand("AAL3_FIDO2").is_impossible_with(&offered));
    assert!(demand("GOLD AAL2_TOTP").is_impossible_with(&offered));
    assert!(!demand("AAL1_USERPASS AAL3_ANY").is_impossible_with(&offered));
    assert!(!demand("GOLD").is_impossible_with(&offered));
    assert!(demand("").is_impossible_with(&[]));
}

#[test]
fn s11_an_application_asks_for_what_it_may_and_gets_no_less() {
    for (asked, allowed, gets) in [
        ("", "", Some("")),
        ("AAL3_ANY", "", Some("AAL3_ANY")),
        ("", "AAL3_ANY AAL2_TOTP", Some("AAL3_ANY AAL2_TOTP")),
        ("GOLD", "AAL3_ANY", Some("AAL3_ANY")),
        ("AAL3_ANY", "AAL3_ANY AAL2_TOTP", Some("AAL3_ANY")),
        ("AAL2_ANY", "AAL3_ANY", None),
        ("AAL3_ANY AAL2_ANY", "AAL3_ANY", None),
        ("AAL3_SMARTCARD", "AAL3_ANY", None),
    ] {
        let within = demand(asked).within(&demand(allowed));
        assert_eq!(within.map(|left| left.to_string()).as_deref(), gets);
    }
}

#[test]
fn s5_the_level_that_was_reached_decides_not_the_method() {
    assert!(!demand("AAL3_ANY").satisfied_by(Aal::Aal2, Method::Fido2));
    assert!(!demand("AAL3_FIDO2").satisfied_by(Aal::Aal2, Method::Fido2));
    assert!(demand("AAL2_ANY").satisfied_by(Aal::Aal3, Method::Smartcard));
    assert!(!demand("").satisfied_by(Aal::Aal1, Method::Totp));
}

#[test]
fn the_words_that_applications_read() {
    let amr: Vec<&str> = Method::ALL.iter().map(|method| method.amr()).collect();
    let expected = [
        "N3_SMARTCARD",
        "FIDO2",
        "WINDOWS_HELLO",
        "PASSKEY",
        "IOS",
        "TOTP",
        "FEDERATED",
    ];
    assert_eq!(amr, expected);
    assert_eq!((Aal::Aal3.acr(), Aal::Aal3.level()), ("AAL3_ANY", 3));
    assert_eq!((Aal::Aal2.acr(), Aal::Aal2.level()), ("AAL2_ANY", 2));
}

#[test]
fn a_demand_travels_through_json() {
    let json = serde_json::to_string(&demand("AAL2_TOTP AAL3_ANY")).unwrap();
    assert_eq!(json, "[\"AAL2_TOTP\",\"AAL3_ANY\"]");
    assert_eq!(
        serde_json::from_str::<Demand>(&json).unwrap(),
        demand("AAL2_TOTP AAL3_ANY")
    );
}

proptest! {
    #[test]
    fn a_stronger_proof_never_satisfies_less(text in "[A-Z0-9_ ]{0,60}") {
        for method in Method::ALL {
            if demand(&text).satisfied_by(Aal::Aal2, *method) {
                prop_assert!(demand(&text).satisfied_by(Aal::Aal3, *method));
            }
        }
    }
}
