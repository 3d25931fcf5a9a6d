use super::*;
use crate::access::ActorRole;
use crate::samples::{Step, actor, at, prove_order, subject};

const NOW: &str = "2029-01-15T09:00:00Z";

fn nobody() -> ActorFacts {
    ActorFacts {
        roles: vec![],
        is_subject: true,
        in_scope: false,
    }
}

fn offender() -> SubjectFacts {
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

const H1: &[Step<RequestFacts>] = &[
    (RefusalCode::ActorOutOfScope, |facts| {
        facts.actor.in_scope = true;
    }),
    (RefusalCode::ActorIsSubject, |facts| {
        facts.actor.is_subject = false;
    }),
    (RefusalCode::ActorRoleMissing, |facts| {
        facts.actor.roles = vec![ActorRole::RaAgent];
    }),
    (RefusalCode::IdentityClosed, |facts| {
        facts.person_open = true;
    }),
    (RefusalCode::IdentityNotVerified, |facts| {
        facts.identity_verified = true;
    }),
    (RefusalCode::LiveCardExists, |facts| facts.live_card = false),
    (RefusalCode::TermsNotAccepted, |facts| {
        facts.terms_accepted = true;
    }),
    (RefusalCode::CardSerialReused, |facts| {
        facts.plastic_used_before = false;
    }),
];

#[test]
fn h1_the_guards_of_asking_for_a_card_speak_in_their_order() {
    let world = RequestFacts {
        user_id: subject().user_id,
        person_version: 3,
        person_open: false,
        card: subject().card,
        identity_verified: false,
        live_card: true,
        terms_accepted: false,
        plastic_used_before: true,
        actor: nobody(),
    };
    let judge = |facts: &RequestFacts| request(facts, at(NOW), &Policy::default_file());
    let permit = prove_order(world, judge, H1);
    assert_eq!(permit.card(), &subject().card);
    assert_eq!(permit.decided_at(), at(NOW));
}

const H2: &[Step<DispatchFacts>] = &[
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
    (RefusalCode::CardNotActive, |facts| {
        facts.subject.card_state = CardState::Locked;
    }),
    (RefusalCode::CardActive, |facts| {
        facts.subject.card_state = CardState::Produced;
    }),
    (RefusalCode::AddressNotAllowed, |facts| {
        facts.address_known = true;
    }),
];

#[test]
fn h2_the_guards_of_sending_a_card_speak_in_their_order() {
    let world = DispatchFacts {
        subject: offender(),
        to: "DEM01".parse().unwrap(),
        address_known: false,
        actor: nobody(),
    };
    let judge = |facts: &DispatchFacts| dispatch(facts, at(NOW), &Policy::default_file());
    let permit = prove_order(world, judge, H2);
    assert_eq!(permit.to().as_str(), "DEM01");
}

#[test]
fn h3_only_a_card_on_its_way_arrives() {
    let policy = Policy::default_file();
    let desk = actor(ActorRole::RaAgent);
    for state in CardState::ALL {
        let answer = receipt(&in_state(*state), &desk, at(NOW), &policy).map_err(|r| r.code);
        let expected = match state {
            CardState::Produced | CardState::Dispatched => None,
            CardState::Cancelled => Some(RefusalCode::CardCancelled),
            CardState::Requested => Some(RefusalCode::CardNotActive),
            CardState::Active | CardState::Locked => Some(RefusalCode::CardActive),
        };
        assert_eq!(answer.err(), expected, "{state}");
    }
    let closed = SubjectFacts {
        person_open: false,
        ..in_state(CardState::Dispatched)
    };
    let refusal = receipt(&closed, &desk, at(NOW), &policy).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::IdentityClosed);
    let sponsor = actor(ActorRole::Sponsor);
    let refusal = receipt(&in_state(CardState::Produced), &sponsor, at(NOW), &policy).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::ActorRoleMissing);
}

type Plastic = (SubjectFacts, Option<PlasticState>, ActorFacts);

const H4: &[Step<Plastic>] = &[
    (RefusalCode::ActorOutOfScope, |(_, _, actor)| {
        actor.in_scope = true;
    }),
    (RefusalCode::ActorIsSubject, |(_, _, actor)| {
        actor.is_subject = false;
    }),
    (RefusalCode::ActorRoleMissing, |(_, _, actor)| {
        actor.roles = vec![ActorRole::RaAgentAdvanced];
    }),
    (RefusalCode::CardNotReturned, |(_, known, _)| {
        *known = Some(PlasticState::Destroyed);
    }),
    (RefusalCode::CardNotReturned, |(_, known, _)| {
        *known = Some(PlasticState::Returned);
    }),
    (RefusalCode::CardActive, |(subject, _, _)| {
        subject.card_state = CardState::Cancelled;
    }),
];

#[test]
fn h4_the_guards_of_clearing_plastic_speak_in_their_order() {
    let world = (in_state(CardState::Locked), None, nobody());
    let judge = |(subject, known, actor): &Plastic| {
        let wish = (*known, PlasticState::Cleared);
        record_plastic(subject, wish, actor, at(NOW), &Policy::default_file())
    };
    let permit = prove_order(world, judge, H4);
    assert_eq!(permit.becomes(), PlasticState::Cleared);
}

#[test]
fn h4_plastic_comes_back_at_any_time_and_is_given_up_only_of_a_cancelled_card() {
    let judge = |state, becomes| {
        let desk = actor(ActorRole::RaAgent);
        let wish = (None, becomes);
        record_plastic(
            &in_state(state),
            wish,
            &desk,
            at(NOW),
            &Policy::default_file(),
        )
        .map_err(|refusal| refusal.code)
        .map(drop)
    };
    for state in CardState::ALL {
        assert_eq!(judge(*state, PlasticState::Returned), Ok(()), "{state}");
        let gone = match state {
            CardState::Cancelled => Ok(()),
            _ => Err(RefusalCode::CardActive),
        };
        assert_eq!(judge(*state, PlasticState::Destroyed), gone, "{state}");
        assert_eq!(judge(*state, PlasticState::Unaccounted), gone, "{state}");
    }
}

fn closed(at_instant: &str) -> ReopenFacts {
    ReopenFacts {
        user_id: subject().user_id,
        version: 4,
        closed_at: Some(at(at_instant)),
    }
}

const H5: &[Step<(ReopenFacts, ActorFacts)>] = &[
    (RefusalCode::ActorOutOfScope, |(_, actor)| {
        actor.in_scope = true;
    }),
    (RefusalCode::ActorIsSubject, |(_, actor)| {
        actor.is_subject = false;
    }),
    (RefusalCode::ActorRoleMissing, |(_, actor)| {
        actor.roles = vec![ActorRole::RaAgent];
    }),
    (RefusalCode::IdentityRecheckNeeded, |(facts, _)| {
        facts.closed_at = Some(at(NOW));
    }),
];

#[test]
fn h5_the_guards_of_reopening_speak_in_their_order() {
    let judge = |(facts, actor): &(ReopenFacts, ActorFacts)| {
        reopen_person(facts, actor, at(NOW), &Policy::default_file())
    };
    let world = (closed("2020-01-15T09:00:00Z"), nobody());
    let permit = prove_order(world, judge, H5);
    assert_eq!(permit.person_version(), 4);
}

#[test]
fn h5_two_years_after_closing_the_identity_is_verified_again() {
    let facts = closed("2027-01-15T09:00:00Z");
    let judge = |now: &str| {
        let desk = actor(ActorRole::RaManager);
        reopen_person(&facts, &desk, at(now), &Policy::default_file()).map_err(|r| r.code)
    };
    assert!(judge("2029-01-15T09:00:00Z").is_ok());
    assert_eq!(
        judge("2029-01-15T09:00:01Z").unwrap_err(),
        RefusalCode::IdentityRecheckNeeded
    );
}
