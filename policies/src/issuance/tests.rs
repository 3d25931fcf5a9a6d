use super::*;
use crate::access::{ActorRole, Reach};
use crate::samples::{BAD_KEYS, GOOD_KEYS, Step, actor, at, prove_order, subject};

fn application() -> FirstCardFacts {
    FirstCardFacts {
        subject: SubjectFacts {
            card_state: CardState::Requested,
            ..subject()
        },
        identity_verified: true,
        terms_accepted: true,
        other_live_card: false,
        plastic_used_before: false,
        series_ended: false,
        actor: actor(ActorRole::RaAgent),
        keys: GOOD_KEYS,
        issuer_not_after: at("2060-01-01T00:00:00Z"),
    }
}

fn ends(start: &str) -> String {
    validity(at(start), &Policy::default_file())
        .not_after
        .to_string()
}

const I1: &[Step<FirstCardFacts>] = &[
    (RefusalCode::ActorOutOfScope, |facts| {
        facts.actor.in_scope = true;
    }),
    (RefusalCode::ActorIsSubject, |facts| {
        facts.actor.is_subject = false;
    }),
    (RefusalCode::ActorRoleMissing, |facts| {
        facts.actor.roles = vec![ActorRole::RaManager];
    }),
    (RefusalCode::IdentityClosed, |facts| {
        facts.subject.person_open = true;
    }),
    (RefusalCode::CardCancelled, |facts| {
        facts.subject.card_state = CardState::Requested;
    }),
    (RefusalCode::IdentityNotVerified, |facts| {
        facts.identity_verified = true;
    }),
    (RefusalCode::LiveCardExists, |facts| {
        facts.other_live_card = false;
    }),
    (RefusalCode::TermsNotAccepted, |facts| {
        facts.terms_accepted = true;
    }),
    (RefusalCode::CardSerialReused, |facts| {
        facts.plastic_used_before = false;
    }),
    (RefusalCode::SeriesEndOfLife, |facts| {
        facts.series_ended = false;
    }),
    (RefusalCode::IssuerExpiresFirst, |facts| {
        facts.issuer_not_after = at("2029-03-10T08:59:59Z");
    }),
    (RefusalCode::KeyReused, |facts| facts.keys.fresh = true),
    (RefusalCode::ProofOfPossessionFailed, |facts| {
        facts.keys.proven = true;
    }),
    (RefusalCode::KeyNotAcceptable, |facts| {
        facts.keys.acceptable = true;
    }),
];

#[test]
fn i1_the_guards_of_a_first_card_speak_in_their_order() {
    let policy = Policy::default_file();
    let now = at("2026-03-10T09:00:00Z");
    let mut offender = FirstCardFacts {
        identity_verified: false,
        terms_accepted: false,
        other_live_card: true,
        plastic_used_before: true,
        series_ended: true,
        actor: ActorFacts {
            roles: vec![],
            is_subject: true,
            in_scope: false,
        },
        keys: BAD_KEYS,
        issuer_not_after: now,
        ..application()
    };
    offender.subject.person_open = false;
    offender.subject.card_state = CardState::Cancelled;
    let permit = prove_order(offender, |facts| first_card(facts, now, &policy), I1);
    assert_eq!(permit.kind(), IssueKind::First);
    assert_eq!(permit.self_renewals_after(), 0);
    assert_eq!(permit.decided_at(), now);
    assert_eq!(permit.validity().not_before, now);
    assert_eq!(permit.reach(), Reach::Home);
    assert_eq!((permit.person_version(), permit.card_version()), (3, 7));
}

#[test]
fn a1_everyone_but_the_three_ra_roles_is_refused_and_told_who_could() {
    let policy = Policy::default_file();
    for role in ActorRole::ALL {
        let facts = FirstCardFacts {
            actor: actor(*role),
            ..application()
        };
        match first_card(&facts, at("2026-03-10T09:00:00Z"), &policy) {
            Ok(_) => assert!(role.is_ra_staff(), "{role}"),
            Err(refusal) => {
                assert_eq!(refusal.code, RefusalCode::ActorRoleMissing);
                assert_eq!(refusal.helper_roles.len(), 3);
                assert!(!role.is_ra_staff(), "{role}");
            }
        }
    }
}

#[test]
fn c1_thirty_six_calendar_months_less_one_second() {
    assert_eq!(ends("2026-03-10T09:00:01Z"), "2029-03-10T09:00:00Z");
    assert_eq!(ends("2025-03-01T00:00:00Z"), "2028-02-29T23:59:59Z");
}

#[test]
fn c2_clamp_first_then_take_the_second() {
    assert_eq!(ends("2024-02-29T09:00:00Z"), "2027-02-28T08:59:59Z");
    assert_eq!(ends("2024-02-29T00:00:00Z"), "2027-02-27T23:59:59Z");
    assert_eq!(ends("2024-02-28T09:00:00Z"), "2027-02-28T08:59:59Z");
}

#[test]
fn e45_a_certificate_may_end_on_either_side_of_2050() {
    assert_eq!(ends("2047-01-01T00:00:00Z"), "2049-12-31T23:59:59Z");
    assert_eq!(ends("2047-01-01T00:00:01Z"), "2050-01-01T00:00:00Z");
}

#[test]
fn e31_a_new_policy_changes_the_next_certificate_only() {
    let text = include_str!("../../policy.toml");
    let two_years = text.replace("validity_months = 36", "validity_months = 24");
    let policy = Policy::parse(&two_years).unwrap();
    let end = validity(at("2026-03-10T09:00:01Z"), &policy).not_after;
    assert_eq!(end, at("2028-03-10T09:00:00Z"));
}

#[test]
fn e30_the_issuer_may_end_in_the_same_second_and_not_before() {
    let policy = Policy::default_file();
    let now = at("2029-09-16T00:00:00Z");
    let facts = |end: &str| FirstCardFacts {
        issuer_not_after: at(end),
        ..application()
    };
    assert!(first_card(&facts("2032-09-15T23:59:59Z"), now, &policy).is_ok());
    let refusal = first_card(&facts("2032-09-15T23:59:58Z"), now, &policy).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::IssuerExpiresFirst);
    assert_eq!(refusal.not_after, Some(at("2032-09-15T23:59:58Z")));
}
