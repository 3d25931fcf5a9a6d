use super::*;
use crate::access::ActorRole;
use crate::card::RevocationReason;
use crate::samples::{A_NOT_AFTER, Step, actor, at, desk, prove_order, subject};

mod books;

const NOW: &str = "2029-01-15T09:00:00Z";

fn policy() -> Policy {
    Policy::default_file()
}

fn closed_and_cancelled() -> SubjectFacts {
    SubjectFacts {
        person_open: false,
        card_state: CardState::Cancelled,
        ..subject()
    }
}

fn in_state(card_state: CardState) -> SubjectFacts {
    SubjectFacts {
        card_state,
        ..subject()
    }
}

const L1: &[Step<ActivateFacts>] = &[
    (RefusalCode::IdentityClosed, |facts| {
        facts.subject.person_open = true;
    }),
    (RefusalCode::CardCancelled, |facts| {
        facts.subject.card_state = CardState::Active;
    }),
    (RefusalCode::CardActive, |facts| {
        facts.subject.card_state = CardState::Requested;
    }),
    (RefusalCode::CardNotActive, |facts| {
        facts.subject.card_state = CardState::Dispatched;
    }),
    (RefusalCode::ReceiptNotConfirmed, |facts| {
        facts.receipt_confirmed = true;
    }),
    (RefusalCode::TermsNotAccepted, |facts| {
        facts.terms_accepted = true;
    }),
    (RefusalCode::CodeWrong, |facts| {
        facts.code = CodeFacts::Right {
            sent_at: at("2029-01-15T08:44:59Z"),
        };
    }),
    (RefusalCode::CodeExpired, |facts| {
        facts.code = CodeFacts::Right {
            sent_at: at("2029-01-15T08:45:00Z"),
        };
    }),
];

#[test]
fn l1_the_guards_of_activation_speak_in_their_order() {
    let now = at(NOW);
    let offender = ActivateFacts {
        subject: closed_and_cancelled(),
        receipt_confirmed: false,
        terms_accepted: false,
        code: CodeFacts::Wrong,
    };
    let permit = prove_order(offender, |facts| activate(facts, now, &policy()), L1);
    assert_eq!(permit.card_version(), 7);
    assert_eq!(permit.decided_at(), now);
}

#[test]
fn l2_only_a_usable_card_locks() {
    for state in CardState::ALL {
        let code = lock(&in_state(*state), at(NOW)).map_err(|refusal| refusal.code);
        match state {
            CardState::Active | CardState::Locked => assert!(code.is_ok()),
            CardState::Cancelled => assert_eq!(code, Err(RefusalCode::CardCancelled)),
            CardState::Requested | CardState::Produced | CardState::Dispatched => {
                assert_eq!(code, Err(RefusalCode::CardNotActive));
            }
        }
    }
}

const L3: &[Step<UnlockFacts>] = &[
    (RefusalCode::IdentityClosed, |facts| {
        facts.subject.person_open = true;
    }),
    (RefusalCode::CardCancelled, |facts| {
        facts.subject.card_state = CardState::Dispatched;
    }),
    (RefusalCode::CardNotActive, |facts| {
        facts.subject.card_state = CardState::Active;
    }),
    (RefusalCode::NoVerifiedContact, |facts| {
        facts.verified_contact = true;
    }),
    (RefusalCode::CertificateExpired, |facts| {
        facts.not_after = at(NOW);
    }),
    (RefusalCode::TooManyCodes, |facts| facts.codes_this_hour = 5),
    (RefusalCode::CodeWrong, |facts| {
        facts.code = CodeFacts::Right {
            sent_at: at("2029-01-15T08:00:00Z"),
        };
    }),
    (RefusalCode::CodeExpired, |facts| {
        facts.code = CodeFacts::Right { sent_at: at(NOW) }
    }),
];

#[test]
fn l3_the_guards_of_unlocking_speak_in_their_order() {
    let offender = UnlockFacts {
        subject: closed_and_cancelled(),
        not_after: at("2029-01-15T08:59:59Z"),
        verified_contact: false,
        codes_this_hour: 6,
        code: CodeFacts::Wrong,
    };
    let _permit = prove_order(offender, |facts| unlock(facts, at(NOW), &policy()), L3);
}

#[test]
fn e36_locked_and_expired_is_sent_to_those_who_reissue() {
    let facts = UnlockFacts {
        subject: in_state(CardState::Locked),
        not_after: at(A_NOT_AFTER),
        verified_contact: true,
        codes_this_hour: 1,
        code: CodeFacts::Right {
            sent_at: at("2029-03-10T09:00:01Z"),
        },
    };
    let refusal = unlock(&facts, at("2029-03-10T09:00:01Z"), &policy()).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::CertificateExpired);
    assert_eq!(
        refusal.helper_roles,
        [
            ActorRole::RaManager,
            ActorRole::RaAgentAdvanced,
            ActorRole::RaAgent
        ]
    );
}

const L4: &[Step<(SubjectFacts, DeskFacts)>] = &[
    (RefusalCode::ActorIsSubject, |(_, desk)| {
        desk.actor.is_subject = false;
    }),
    (RefusalCode::ActorRoleMissing, |(_, desk)| {
        desk.actor = actor(ActorRole::Sponsor);
    }),
    (RefusalCode::IdentityClosed, |(subject, _)| {
        subject.person_open = true;
    }),
    (RefusalCode::CardCancelled, |(subject, _)| {
        subject.card_state = CardState::Dispatched;
    }),
    (RefusalCode::CardNotActive, |(subject, _)| {
        subject.card_state = CardState::Active;
    }),
    (RefusalCode::HolderNotPresent, |(_, desk)| {
        desk.holder_present = true;
    }),
    (RefusalCode::HolderNotPresent, |(_, desk)| {
        desk.photo_compared = true;
    }),
];

#[test]
fn l4_the_guards_of_assisted_unlocking_speak_in_their_order() {
    let mut nobody = desk(ActorRole::IdChecker);
    nobody.actor.is_subject = true;
    nobody.holder_present = false;
    nobody.photo_compared = false;
    let _permit = prove_order(
        (closed_and_cancelled(), nobody),
        |(subject, desk)| unlock_assisted(subject, desk, at(NOW), &policy()),
        L4,
    );
}

const L5: &[Step<ConfirmFacts>] = &[
    (RefusalCode::IdentityClosed, |facts| {
        facts.subject.person_open = true;
    }),
    (RefusalCode::CardCancelled, |facts| {
        facts.subject.card_state = CardState::Produced;
    }),
    (RefusalCode::CardNotActive, |facts| {
        facts.subject.card_state = CardState::Locked;
    }),
    (RefusalCode::NothingPending, |facts| {
        let issued_at = at("2028-01-01T00:00:00Z");
        facts.pending = Some(PendingFacts {
            kind: IssueKind::SelfRenewal,
            issued_at,
        });
    }),
    (RefusalCode::SerialMismatch, |facts| {
        facts.serials_match = true;
    }),
];

#[test]
fn l5_the_guards_of_confirmation_speak_in_their_order() {
    let offender = ConfirmFacts {
        subject: closed_and_cancelled(),
        pending: None,
        serials_match: false,
    };
    let _permit = prove_order(offender, |facts| confirm(facts, at(NOW)), L5);
}

fn pending(kind: IssueKind) -> AbandonFacts {
    AbandonFacts {
        subject: subject(),
        pending: Some(PendingFacts {
            kind,
            issued_at: at("2029-01-01T09:00:00Z"),
        }),
        self_renewals_in_a_row: 2,
        ground: AbandonGround::Age,
    }
}

#[test]
fn l6_a_pending_set_has_fourteen_days_the_last_second_included() {
    let facts = pending(IssueKind::SelfRenewal);
    let refusal = abandon(&facts, at(NOW), &policy()).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::RenewalInProgress);
    assert!(abandon(&facts, at("2029-01-15T09:00:01Z"), &policy()).is_ok());
    let given_up = AbandonFacts {
        ground: AbandonGround::GivenUp,
        ..facts.clone()
    };
    assert!(abandon(&given_up, at("2029-01-01T09:00:00Z"), &policy()).is_ok());
    let nothing = AbandonFacts {
        pending: None,
        ..facts
    };
    let refusal = abandon(&nothing, at(NOW), &policy()).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::NothingPending);
}

#[test]
fn l6_only_an_unused_self_renewal_gives_its_count_back_never_below_nothing() {
    let later = at("2029-02-01T00:00:00Z");
    let after = |facts| {
        abandon(&facts, later, &policy())
            .unwrap()
            .self_renewals_after()
    };
    assert_eq!(after(pending(IssueKind::SelfRenewal)), 1);
    assert_eq!(after(pending(IssueKind::Assisted)), 2);
    let none = AbandonFacts {
        self_renewals_in_a_row: 0,
        ..pending(IssueKind::SelfRenewal)
    };
    assert_eq!(after(none), 0);
}

#[test]
fn l7_a_card_is_cancelled_once_from_any_state_with_a_reason() {
    let now = at(NOW);
    let lost = Some(CancelReason::Lost);
    for state in CardState::ALL {
        let subject = in_state(*state);
        let answer = cancel(&subject, &Canceller::Holder, lost, now, &policy());
        match state {
            CardState::Cancelled => {
                assert_eq!(answer.unwrap_err().code, RefusalCode::AlreadyCancelled);
            }
            _ => assert_eq!(answer.unwrap().reason(), CancelReason::Lost),
        }
    }
    let refusal = cancel(&subject(), &Canceller::Holder, None, now, &policy()).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::ReasonMissing);
}

#[test]
fn l7_a_desk_needs_scope_and_role_and_nobody_needs_either_for_her_own_card() {
    let judge = |actor: ActorFacts| {
        let desk = Canceller::Desk(actor);
        let reason = Some(CancelReason::Stolen);
        cancel(&subject(), &desk, reason, at(NOW), &policy()).map_err(|refusal| refusal.code)
    };
    assert!(judge(actor(ActorRole::ServiceDesk)).is_ok());
    let stranger = ActorFacts {
        in_scope: false,
        ..actor(ActorRole::RaManager)
    };
    assert_eq!(judge(stranger).unwrap_err(), RefusalCode::ActorOutOfScope);
    assert_eq!(
        judge(actor(ActorRole::Sponsor)).unwrap_err(),
        RefusalCode::ActorRoleMissing
    );
    let own = ActorFacts {
        is_subject: true,
        in_scope: false,
        roles: vec![],
    };
    assert!(judge(own).is_ok());
}

#[test]
fn l7_a_closed_persons_card_can_still_be_cancelled() {
    let subject = SubjectFacts {
        person_open: false,
        ..subject()
    };
    let reason = Some(CancelReason::IdentityClosed);
    let closing = closing(&subject.user_id);
    let by = Canceller::Closure(&closing);
    let permit = cancel(&subject, &by, reason, at(NOW), &policy()).unwrap();
    assert_eq!(
        permit.reason().revocation_reason(),
        RevocationReason::CessationOfOperation
    );
}

#[test]
fn l7_the_closing_of_one_person_cancels_nobody_elses_card() {
    let closing = closing(&"999999999999".parse().unwrap());
    let by = Canceller::Closure(&closing);
    let reason = Some(CancelReason::IdentityClosed);
    let refusal = cancel(&subject(), &by, reason, at(NOW), &policy()).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::NotFound);
}

fn closing(user_id: &UserId) -> ClosePermit {
    let facts = PersonFacts {
        user_id: user_id.clone(),
        version: 1,
        open: true,
    };
    close_person(&facts, &actor(ActorRole::RaAgent), at(NOW), &policy()).unwrap()
}

const L8: &[Step<(PersonFacts, ActorFacts)>] = &[
    (RefusalCode::ActorOutOfScope, |(_, actor)| {
        actor.in_scope = true;
    }),
    (RefusalCode::ActorIsSubject, |(_, actor)| {
        actor.is_subject = false;
    }),
    (RefusalCode::ActorRoleMissing, |(_, actor)| {
        actor.roles = vec![ActorRole::RaAgent];
    }),
    (RefusalCode::IdentityClosed, |(person, _)| {
        person.open = true;
    }),
];

#[test]
fn l8_the_guards_of_closing_speak_in_their_order() {
    let person = PersonFacts {
        user_id: subject().user_id,
        version: 4,
        open: false,
    };
    let nobody = ActorFacts {
        roles: vec![],
        is_subject: true,
        in_scope: false,
    };
    let permit = prove_order(
        (person, nobody),
        |(person, actor)| close_person(person, actor, at(NOW), &policy()),
        L8,
    );
    assert_eq!(permit.person_version(), 4);
}

#[test]
fn a_key_that_others_may_hold_is_revoked_as_compromised() {
    let compromised: Vec<&str> = CancelReason::ALL
        .iter()
        .filter(|reason| reason.revocation_reason() == RevocationReason::KeyCompromise)
        .map(|reason| reason.as_str())
        .collect();
    assert_eq!(compromised, ["lost", "stolen", "misused", "never_arrived"]);
    let codes: Vec<u8> = RevocationReason::ALL
        .iter()
        .map(|reason| reason.crl_reason())
        .collect();
    assert_eq!(codes, [0, 1, 3, 4, 5]);
}
