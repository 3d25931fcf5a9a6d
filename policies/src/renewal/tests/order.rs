//! Each row of domain 5.4, offended against at every guard at once.

use super::*;
use crate::access::ActorFacts;
use crate::samples::{BAD_KEYS, Step, prove_order};

/// Everything that a later set turns on.
struct Case {
    facts: RenewalFacts,
    desk: DeskFacts,
    second: SecondActor,
    reason: Option<RepairReason>,
    now: Time,
}

fn offender() -> Case {
    let mut facts = RenewalFacts {
        self_renewals_in_a_row: 2,
        keys: BAD_KEYS,
        issuer_not_after: at("2029-03-11T00:00:00Z"),
        ..fixture_a()
    };
    facts.subject.person_open = false;
    facts.subject.card_state = CardState::Cancelled;
    facts.current.state = CertificateState::Superseded;
    let now = at("2029-03-10T09:00:01Z");
    facts.pending = Some(PendingFacts {
        kind: IssueKind::SelfRenewal,
        issued_at: now,
    });
    let actor = ActorFacts {
        roles: vec![],
        is_subject: true,
        in_scope: true,
    };
    let desk = DeskFacts {
        actor,
        holder_present: false,
        photo_compared: false,
    };
    Case {
        facts,
        desk,
        second: SecondActor::Missing,
        reason: None,
        now,
    }
}

fn open_person(case: &mut Case) {
    case.facts.subject.person_open = true;
}

fn set_state(case: &mut Case, state: CardState) {
    case.facts.subject.card_state = state;
}

fn let_expiry_come_later(case: &mut Case) {
    case.now = at("2028-12-10T08:59:59Z");
}

fn open_window(case: &mut Case) {
    case.now = at(A_WINDOW_OPENS);
    case.facts.pending = Some(PendingFacts {
        kind: IssueKind::SelfRenewal,
        issued_at: case.now,
    });
}

const R1: &[Step<Case>] = &[
    (RefusalCode::IdentityClosed, open_person),
    (RefusalCode::CardCancelled, |case| {
        set_state(case, CardState::Locked);
    }),
    (RefusalCode::CardLocked, |case| {
        set_state(case, CardState::Produced);
    }),
    (RefusalCode::CardNotActive, |case| {
        set_state(case, CardState::Active);
    }),
    (RefusalCode::PairSuperseded, |case| {
        case.facts.current.state = CertificateState::Revoked;
    }),
    (RefusalCode::CertificateRevoked, |case| {
        case.facts.current.state = CertificateState::Signed;
    }),
    (RefusalCode::CertificateUnknown, |case| {
        case.facts.current.state = CertificateState::Active;
    }),
    (RefusalCode::CertificateExpired, let_expiry_come_later),
    (RefusalCode::RenewalWindowNotOpen, open_window),
    (RefusalCode::SelfRenewalLimitReached, |case| {
        case.facts.self_renewals_in_a_row = 1;
    }),
    (RefusalCode::KeyReused, |case| case.facts.keys.fresh = true),
    (RefusalCode::ProofOfPossessionFailed, |case| {
        case.facts.keys.proven = true;
    }),
    (RefusalCode::KeyNotAcceptable, |case| {
        case.facts.keys.acceptable = true;
    }),
    (RefusalCode::IssuerExpiresFirst, |case| {
        case.facts.issuer_not_after = at("2060-01-01T00:00:00Z");
    }),
    (RefusalCode::RenewalInProgress, |case| {
        case.facts.pending = None;
    }),
];

#[test]
fn r1_self_renewal() {
    let permit = prove_order(
        offender(),
        |case| self_renew(&case.facts, case.now, &policy()),
        R1,
    );
    assert_eq!(permit.self_renewals_after(), 2);
    assert_eq!((permit.person_version(), permit.card_version()), (3, 7));
}

const R4: &[Step<Case>] = &[
    (RefusalCode::ActorIsSubject, |case| {
        case.desk.actor.is_subject = false;
    }),
    (RefusalCode::ActorRoleMissing, |case| {
        case.desk.actor.roles = vec![ActorRole::LocalSmartcardAdmin];
    }),
    (RefusalCode::IdentityClosed, open_person),
    (RefusalCode::CardCancelled, |case| {
        set_state(case, CardState::Locked);
    }),
    (RefusalCode::CardLocked, |case| {
        set_state(case, CardState::Dispatched);
    }),
    (RefusalCode::CardNotActive, |case| {
        set_state(case, CardState::Active);
    }),
    (RefusalCode::PairSuperseded, |case| {
        case.facts.current.state = CertificateState::Active;
    }),
    (RefusalCode::CertificateExpired, let_expiry_come_later),
    (RefusalCode::RenewalWindowNotOpen, open_window),
    (RefusalCode::HolderNotPresent, |case| {
        case.desk.photo_compared = true;
    }),
    (RefusalCode::HolderNotPresent, |case| {
        case.desk.holder_present = true;
    }),
    (RefusalCode::KeyReused, |case| case.facts.keys.fresh = true),
    (RefusalCode::ProofOfPossessionFailed, |case| {
        case.facts.keys.proven = true;
    }),
    (RefusalCode::KeyNotAcceptable, |case| {
        case.facts.keys.acceptable = true;
    }),
    (RefusalCode::IssuerExpiresFirst, |case| {
        case.facts.issuer_not_after = at("2060-01-01T00:00:00Z");
    }),
    (RefusalCode::RenewalInProgress, |case| {
        case.facts.pending = None;
    }),
];

#[test]
fn r4_assisted_renewal() {
    let _permit = prove_order(
        offender(),
        |case| assisted(&case.facts, &case.desk, case.now, &policy()),
        R4,
    );
}

const R5: &[Step<Case>] = &[
    (RefusalCode::ActorIsSubject, |case| {
        case.desk.actor.is_subject = false;
    }),
    (RefusalCode::ActorRoleMissing, |case| {
        case.desk.actor.roles = vec![ActorRole::RaAgentAdvanced];
    }),
    (RefusalCode::IdentityClosed, open_person),
    (RefusalCode::CardCancelled, |case| {
        set_state(case, CardState::Requested);
    }),
    (RefusalCode::CardNotActive, |case| {
        set_state(case, CardState::Locked);
    }),
    (RefusalCode::CertificateNotExpired, |case| {
        case.now = at("2029-03-10T09:00:01Z");
    }),
    (RefusalCode::HolderNotPresent, |case| {
        case.desk.photo_compared = true;
        case.desk.holder_present = true;
    }),
    (RefusalCode::SecondActorNeeded, |case| {
        case.second = SecondActor::Confirmed;
    }),
    (RefusalCode::KeyReused, |case| case.facts.keys.fresh = true),
    (RefusalCode::ProofOfPossessionFailed, |case| {
        case.facts.keys.proven = true;
    }),
    (RefusalCode::KeyNotAcceptable, |case| {
        case.facts.keys.acceptable = true;
    }),
    (RefusalCode::IssuerExpiresFirst, |case| {
        case.facts.issuer_not_after = at("2060-01-01T00:00:00Z");
    }),
    (RefusalCode::RenewalInProgress, |case| {
        case.facts.pending = None;
    }),
];

#[test]
fn r5_reissue() {
    let mut offender = offender();
    offender.now = at(A_NOT_AFTER);
    let _permit = prove_order(
        offender,
        |case| reissue(&case.facts, &case.desk, &case.second, case.now, &policy()),
        R5,
    );
}

const R6: &[Step<Case>] = &[
    (RefusalCode::ActorIsSubject, |case| {
        case.desk.actor.is_subject = false;
    }),
    (RefusalCode::ActorRoleMissing, |case| {
        case.desk.actor.roles = vec![ActorRole::RaManager];
    }),
    (RefusalCode::IdentityClosed, open_person),
    (RefusalCode::CardCancelled, |case| {
        set_state(case, CardState::Produced);
    }),
    (RefusalCode::CardNotActive, |case| {
        set_state(case, CardState::Active);
    }),
    (RefusalCode::ReasonMissing, |case| {
        case.reason = Some(RepairReason::IssuingFault);
    }),
    (RefusalCode::HolderNotPresent, |case| {
        case.desk.photo_compared = true;
        case.desk.holder_present = true;
    }),
    (RefusalCode::KeyReused, |case| case.facts.keys.fresh = true),
    (RefusalCode::ProofOfPossessionFailed, |case| {
        case.facts.keys.proven = true;
    }),
    (RefusalCode::KeyNotAcceptable, |case| {
        case.facts.keys.acceptable = true;
    }),
    (RefusalCode::IssuerExpiresFirst, |case| {
        case.facts.issuer_not_after = at("2060-01-01T00:00:00Z");
    }),
];

#[test]
fn r6_repair_at_any_time_even_beside_a_pending_set() {
    let permit = prove_order(
        offender(),
        |case| repair(&case.facts, &case.desk, case.reason, case.now, &policy()),
        R6,
    );
    assert_eq!(
        (permit.kind(), permit.self_renewals_after()),
        (IssueKind::Repair, 0)
    );
}

const R7_HOLDER: &[Step<Case>] = &[
    (RefusalCode::IdentityClosed, open_person),
    (RefusalCode::CardCancelled, |case| {
        set_state(case, CardState::Locked);
    }),
    (RefusalCode::NothingPending, |case| {
        let issued_at = at(A_NOT_AFTER);
        case.facts.pending = Some(PendingFacts {
            kind: IssueKind::Assisted,
            issued_at,
        });
    }),
    (RefusalCode::ActorRoleMissing, |case| {
        let issued_at = at(A_NOT_AFTER);
        case.facts.pending = Some(PendingFacts {
            kind: IssueKind::SelfRenewal,
            issued_at,
        });
    }),
    (RefusalCode::CardLocked, |case| {
        set_state(case, CardState::Active);
    }),
    (RefusalCode::PairSuperseded, |case| {
        case.facts.current.state = CertificateState::Active;
    }),
    (RefusalCode::CertificateExpired, |case| {
        case.now = at(A_NOT_AFTER);
    }),
    (RefusalCode::KeyReused, |case| case.facts.keys.fresh = true),
    (RefusalCode::ProofOfPossessionFailed, |case| {
        case.facts.keys.proven = true;
    }),
    (RefusalCode::KeyNotAcceptable, |case| {
        case.facts.keys.acceptable = true;
    }),
    (RefusalCode::IssuerExpiresFirst, |case| {
        case.facts.issuer_not_after = at("2060-01-01T00:00:00Z");
    }),
];

#[test]
fn r7_restart_by_the_holder() {
    let mut case = offender();
    case.facts.pending = None;
    let _permit = prove_order(
        case,
        |case| {
            let facts = RestartFacts {
                renewal: case.facts.clone(),
                desk: None,
            };
            restart(&facts, case.now, &policy())
        },
        R7_HOLDER,
    );
}

const R7_DESK: &[Step<Case>] = &[
    (RefusalCode::ActorRoleMissing, |case| {
        case.desk.actor.roles = vec![ActorRole::RaAgent];
    }),
    (RefusalCode::IdentityClosed, open_person),
    (RefusalCode::CardCancelled, |case| {
        set_state(case, CardState::Active);
    }),
    (RefusalCode::HolderNotPresent, |case| {
        case.desk.photo_compared = true;
        case.desk.holder_present = true;
    }),
];

#[test]
fn r7_restart_by_a_desk_needs_the_role_of_what_was_begun() {
    let mut case = offender();
    case.desk.actor = crate::samples::actor(ActorRole::LocalSmartcardAdmin);
    let issued_at = at(A_NOT_AFTER);
    case.facts.pending = Some(PendingFacts {
        kind: IssueKind::Reissue,
        issued_at,
    });
    case.facts.issuer_not_after = at("2060-01-01T00:00:00Z");
    case.facts.keys = crate::samples::GOOD_KEYS;
    let _permit = prove_order(
        case,
        |case| {
            let facts = RestartFacts {
                renewal: case.facts.clone(),
                desk: Some(case.desk.clone()),
            };
            restart(&facts, case.now, &policy())
        },
        R7_DESK,
    );
}
