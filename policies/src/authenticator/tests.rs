use super::*;
use crate::time::Span;

const NOW: Time = Time::from_unix(1_862_000_000);

fn policy() -> Policy {
    Policy::default_file()
}

const KEY: KeyEvidence = KeyEvidence {
    attestation: Attestation::Allowed,
    tpm: false,
    platform: false,
    backup_eligible: false,
    user_verified: true,
};

type Alter = fn(&mut KeyEvidence);

#[test]
fn g1_the_level_is_what_the_evidence_proves() {
    let (none, known) = (Attestation::None, Attestation::Known);
    // Changes of a security key with everything in order, the kind, the level.
    let rows: [(Alter, Method, Aal); 6] = [
        (|_| (), Method::Fido2, Aal::Aal3),
        (
            |key| key.attestation = Attestation::None,
            Method::Fido2,
            Aal::Aal2,
        ),
        (
            |key| key.attestation = Attestation::Known,
            Method::Fido2,
            Aal::Aal2,
        ),
        (|key| key.user_verified = false, Method::Fido2, Aal::Aal1),
        (|key| key.backup_eligible = true, Method::Passkey, Aal::Aal2),
        (|key| key.platform = true, Method::Passkey, Aal::Aal2),
    ];
    for (change, method, level) in rows {
        let mut evidence = KEY;
        change(&mut evidence);
        assert_eq!(
            (evidence.method(), evidence.level()),
            (method, level),
            "{evidence:?}"
        );
    }
    let hello = KeyEvidence {
        platform: true,
        tpm: true,
        ..KEY
    };
    assert_eq!(
        (hello.method(), hello.level()),
        (Method::WindowsHello, Aal::Aal3)
    );
    for attestation in [none, known] {
        let weaker = KeyEvidence {
            attestation,
            ..hello
        };
        assert_eq!(
            (weaker.method(), weaker.level()),
            (Method::WindowsHello, Aal::Aal2)
        );
    }
    let copied = KeyEvidence {
        backup_eligible: true,
        ..hello
    };
    assert_eq!(
        (copied.method(), copied.level()),
        (Method::Passkey, Aal::Aal2)
    );
}

fn authenticator() -> AuthenticatorFacts {
    AuthenticatorFacts {
        user_id: "021600556514".parse().unwrap(),
        person_open: true,
        state: AuthenticatorState::Active,
        evidence: Aal::Aal3,
        bound_at: Aal::Aal3,
        ends_at: None,
        version: 4,
    }
}

#[test]
fn g2_the_guards_of_a_sign_in_speak_in_their_order() {
    let code = |facts: &AuthenticatorFacts| judge(facts, NOW).map_err(|refusal| refusal.code);
    let mut facts = AuthenticatorFacts {
        person_open: false,
        state: AuthenticatorState::Removed,
        ends_at: Some(NOW.minus(Span::seconds(1))),
        ..authenticator()
    };
    assert_eq!(code(&facts), Err(RefusalCode::IdentityClosed));
    facts.person_open = true;
    for (state, refused) in [
        (
            AuthenticatorState::Removed,
            RefusalCode::AuthenticatorRemoved,
        ),
        (
            AuthenticatorState::Suspended,
            RefusalCode::AuthenticatorSuspended,
        ),
        (AuthenticatorState::Locked, RefusalCode::AuthenticatorLocked),
        (AuthenticatorState::Active, RefusalCode::AuthenticatorEnded),
        (
            AuthenticatorState::Registered,
            RefusalCode::AuthenticatorEnded,
        ),
    ] {
        facts.state = state;
        assert_eq!(code(&facts), Err(refused));
    }
    facts.ends_at = Some(NOW);
    assert!(
        code(&facts).unwrap().is_first_use(),
        "the last second counts"
    );
}

#[test]
fn g2_the_level_is_the_lower_of_evidence_and_binding() {
    for (evidence, bound_at, level) in [
        (Aal::Aal3, Aal::Aal2, Aal::Aal2),
        (Aal::Aal2, Aal::Aal3, Aal::Aal2),
        (Aal::Aal3, Aal::Aal3, Aal::Aal3),
    ] {
        let facts = AuthenticatorFacts {
            evidence,
            bound_at,
            ..authenticator()
        };
        assert_eq!(judge(&facts, NOW).unwrap().level(), level);
    }
}

fn own() -> OwnFacts {
    OwnFacts {
        user_id: "021600556514".parse().unwrap(),
        person_open: true,
        standing: Standing {
            aal: Aal::Aal2,
            authenticated_at: NOW.minus(Span::minutes(20)),
            method: Method::Totp,
            temporary: false,
        },
        closed: None,
        count: 9,
    }
}

#[test]
fn g3_what_was_given_for_one_shift_adds_and_takes_away_nothing() {
    let mut own = own();
    own.standing.temporary = true;
    let refusal = add(&own, &new(), NOW, &policy()).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::SessionLevelTooLow);
    let change = |change| change_own(&own, &authenticator(), change, 1, NOW, &policy());
    for lasting in [Change::Remove, Change::Resume] {
        let refusal = change(lasting).unwrap_err();
        assert_eq!(refusal.code, RefusalCode::SessionLevelTooLow);
    }
    assert!(change(Change::Suspend).is_ok());
}

fn new() -> NewAuthenticator {
    NewAuthenticator {
        method: Method::Fido2,
        evidence: Aal::Aal3,
        denied: false,
        attestation_missing: false,
        known: false,
    }
}

#[test]
fn g3_the_guards_of_adding_speak_in_their_order() {
    let mut own = OwnFacts {
        person_open: false,
        standing: Standing {
            aal: Aal::Aal1,
            authenticated_at: NOW.minus(Span::seconds(20 * 60 + 1)),
            method: Method::Federated,
            temporary: false,
        },
        closed: Some(RefusalCode::AttestationMissing),
        count: 10,
        ..own()
    };
    let mut new = NewAuthenticator {
        evidence: Aal::Aal1,
        denied: true,
        attestation_missing: true,
        known: true,
        ..new()
    };
    let expect = |own: &OwnFacts, new: &NewAuthenticator, code: RefusalCode| {
        let refused = add(own, new, NOW, &policy()).unwrap_err();
        assert_eq!(refused.code, code);
    };
    expect(&own, &new, RefusalCode::IdentityClosed);
    own.person_open = true;
    expect(&own, &new, RefusalCode::OwnAuthenticatorNeeded);
    own.standing.method = Method::Totp;
    expect(&own, &new, RefusalCode::SessionLevelTooLow);
    own.standing.aal = Aal::Aal2;
    expect(&own, &new, RefusalCode::ReauthenticationNeeded);
    own.standing.authenticated_at = NOW.minus(Span::minutes(20));
    expect(&own, &new, RefusalCode::AttestationMissing);
    own.closed = None;
    expect(&own, &new, RefusalCode::LimitReached);
    own.count = 9;
    expect(&own, &new, RefusalCode::ModelNotAllowed);
    new.denied = false;
    expect(&own, &new, RefusalCode::ModelNotAllowed);
    new.evidence = Aal::Aal3;
    expect(&own, &new, RefusalCode::AttestationMissing);
    new.attestation_missing = false;
    expect(&own, &new, RefusalCode::AlreadyRegisteredElsewhere);
    new.known = false;
    let permit = add(&own, &new, NOW, &policy()).unwrap();
    assert_eq!(
        (permit.evidence(), permit.bound_at()),
        (Aal::Aal3, Aal::Aal2),
        "bound at AAL2"
    );
}

#[test]
fn g4_what_is_locked_for_a_copy_is_taken_away_and_never_found() {
    let locked = AuthenticatorFacts {
        state: AuthenticatorState::Locked,
        ..authenticator()
    };
    for (change, said) in [
        (Change::Resume, Err(RefusalCode::AuthenticatorLocked)),
        (Change::Suspend, Err(RefusalCode::AuthenticatorLocked)),
        (Change::Remove, Ok(AuthenticatorState::Removed)),
    ] {
        let done = change_own(&own(), &locked, change, 1, NOW, &policy());
        let done = done.map(|permit| permit.to());
        assert_eq!(done.map_err(|refusal| refusal.code), said);
    }
}

#[test]
fn g4_the_guards_of_a_change_speak_in_their_order() {
    let code = |own: &OwnFacts, facts: &AuthenticatorFacts, change, left| {
        change_own(own, facts, change, left, NOW, &policy())
            .map(|permit| permit.to())
            .map_err(|refusal| refusal.code)
    };
    let stale = OwnFacts {
        standing: Standing {
            aal: Aal::Aal3,
            authenticated_at: NOW.minus(Span::hours(2)),
            method: Method::Smartcard,
            temporary: false,
        },
        ..own()
    };
    let closed = OwnFacts {
        person_open: false,
        ..own()
    };
    let others = AuthenticatorFacts {
        user_id: "021600556522".parse().unwrap(),
        ..authenticator()
    };
    let gone = AuthenticatorFacts {
        state: AuthenticatorState::Removed,
        ..authenticator()
    };
    let hers = authenticator();
    assert_eq!(
        code(&closed, &others, Change::Remove, 0),
        Err(RefusalCode::IdentityClosed)
    );
    assert_eq!(
        code(&stale, &others, Change::Remove, 0),
        Err(RefusalCode::NotFound)
    );
    assert_eq!(
        code(&stale, &gone, Change::Remove, 0),
        Err(RefusalCode::AuthenticatorRemoved)
    );
    assert_eq!(
        code(&stale, &hers, Change::Remove, 0),
        Err(RefusalCode::ReauthenticationNeeded)
    );
    assert_eq!(
        code(&stale, &hers, Change::Resume, 0),
        Err(RefusalCode::ReauthenticationNeeded)
    );
    assert_eq!(
        code(&stale, &hers, Change::Suspend, 0),
        Ok(AuthenticatorState::Suspended)
    );
    assert_eq!(
        code(&own(), &hers, Change::Remove, 0),
        Err(RefusalCode::LastAuthenticator)
    );
    assert_eq!(
        code(&own(), &hers, Change::Remove, 1),
        Ok(AuthenticatorState::Removed)
    );
}

#[test]
fn g4_what_was_never_lost_is_not_found() {
    use AuthenticatorState::{Active, Registered, Suspended};
    let to = |state, change| {
        let facts = AuthenticatorFacts {
            state,
            ..authenticator()
        };
        let permit = change_own(&own(), &facts, change, 1, NOW, &policy()).unwrap();
        permit.to()
    };
    assert_eq!(to(Registered, Change::Resume), Registered);
    assert_eq!(to(Registered, Change::Suspend), Suspended);
    assert_eq!(to(Suspended, Change::Resume), Active);
    assert_eq!(to(Active, Change::Resume), Active);
}

#[test]
fn g20_a_session_by_another_organisations_account_changes_no_authenticators() {
    let federated = OwnFacts {
        standing: Standing {
            aal: Aal::Aal3,
            authenticated_at: NOW,
            method: Method::Federated,
            temporary: false,
        },
        closed: None,
        count: 0,
        ..own()
    };
    let needed = RefusalCode::OwnAuthenticatorNeeded;
    let refused = may_add(&federated, NOW, &policy()).unwrap_err();
    assert_eq!(refused.code, needed);
    let refused = add(&federated, &new(), NOW, &policy()).unwrap_err();
    assert_eq!(refused.code, needed);
    for change in [Change::Remove, Change::Resume] {
        let done = change_own(&federated, &authenticator(), change, 3, NOW, &policy());
        assert_eq!(done.unwrap_err().code, needed);
    }
    let lost = change_own(
        &federated,
        &authenticator(),
        Change::Suspend,
        3,
        NOW,
        &policy(),
    );
    assert!(lost.is_ok(), "waiting helps the finder");
    for method in Method::ALL {
        let mut own = federated.clone();
        own.standing.method = *method;
        let added = may_add(&own, NOW, &policy());
        assert_eq!(added.is_err(), *method == Method::Federated, "{method}");
    }
}

#[test]
fn g24_a_new_authenticator_opens_no_desk_for_a_day() {
    let policy = Policy::default_file();
    let may = |added_at| may_serve_desk(added_at, NOW, &policy);
    assert_eq!(may(None), Ok(()), "a card is not asked");
    assert_eq!(may(Some(NOW.minus(Span::hours(24)))), Ok(()));
    let refusal = may(Some(NOW.minus(Span::seconds(24 * 3_600 - 1)))).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::AuthenticatorTooNew);
    assert_eq!(refusal.opens_at, Some(NOW.plus(Span::seconds(1))));
}
