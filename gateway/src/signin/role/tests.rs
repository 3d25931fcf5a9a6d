//! When the role is asked for, and what is offered (contract 4.4, domain 2.7).

use policies::signin::{Aal, Method};
use policies::time::Span;

use super::*;
use crate::claims::scope::Scope;

const NOW: Time = Time::from_unix(1_900_000_000);

fn role(number: u8) -> RoleHeld {
    RoleHeld {
        role_id: format!("5550000000{number:02}").parse().unwrap(),
        person_orgid: "666000000001".parse().unwrap(),
        org_code: "A81001".parse().unwrap(),
        org_name: "Willow Lane Surgery".to_owned(),
        job_role: "S8000:G8000:R8000".parse().unwrap(),
        role_name: "General Medical Practitioner".to_owned(),
        activities: Vec::new(),
        areas_of_work: Vec::new(),
        workgroups: Vec::new(),
        starts_at: NOW.minus(Span::days(10)),
        ends_at: None,
        suspended: false,
    }
}

/// What the session says about its role.
#[derive(Clone, Copy)]
enum Chosen {
    NotYet,
    Nothing,
    Role(u8),
}

fn session(chosen: Chosen) -> Session {
    let role_id = match chosen {
        Chosen::Role(number) => Some(role(number).role_id),
        Chosen::NotYet | Chosen::Nothing => None,
    };
    Session {
        sid: "s".parse().unwrap(),
        user_id: "555000000001".parse().unwrap(),
        aal: Aal::Aal3,
        method: Method::Smartcard,
        authenticated_at: NOW,
        last_active_at: NOW,
        role_id,
        role_chosen: !matches!(chosen, Chosen::NotYet),
        card: None,
        serial: None,
        authenticator: None,
        until: None,
        added_at: None,
        place: crate::signin::place::Place::default(),
        version: 1,
    }
}

fn asks(scopes: &[Scope], chosen: Chosen, held: &[RoleHeld]) -> Answer {
    let request = AuthorizationRequest::for_tests("app", "https://app.example/cb", scopes);
    question(&request, &session(chosen), (held, false), NOW)
}

/// The same for a person whose device does not open all of her roles.
fn asks_beside_closed_ones(scopes: &[Scope], chosen: Chosen, open: &[RoleHeld]) -> Answer {
    let request = AuthorizationRequest::for_tests("app", "https://app.example/cb", scopes);
    question(&request, &session(chosen), (open, true), NOW)
}

const SELECTED: &[Scope] = &[Scope::SelectedRole];
const CHANGED: &[Scope] = &[Scope::ChangedRole];

#[test]
fn nobody_is_asked_who_was_not_asked_for_a_role() {
    assert_eq!(asks(&[], Chosen::NotYet, &[role(1), role(2)]), Answer::Keep);
}

#[test]
fn no_role_is_settled_as_none_and_one_is_chosen_silently() {
    assert_eq!(asks(SELECTED, Chosen::NotYet, &[]), Answer::Settle(None));
    assert_eq!(asks(SELECTED, Chosen::Nothing, &[]), Answer::Keep);
    assert_eq!(
        asks(SELECTED, Chosen::NotYet, &[role(1)]),
        Answer::Settle(Some(role(1).role_id))
    );
    assert_eq!(
        asks(CHANGED, Chosen::Role(1), &[role(1)]),
        Answer::Keep,
        "there is no other"
    );
}

#[test]
fn the_only_role_that_a_device_opens_is_not_chosen_silently() {
    let one = [role(1)];
    let asks = asks_beside_closed_ones;
    assert_eq!(asks(SELECTED, Chosen::NotYet, &one), Answer::Ask);
    assert_eq!(asks(SELECTED, Chosen::Role(1), &one), Answer::Keep);
    assert_eq!(asks(CHANGED, Chosen::Role(1), &one), Answer::Ask);
    for chosen in [Chosen::NotYet, Chosen::Nothing] {
        assert_eq!(asks(SELECTED, chosen, &[]), Answer::Settle(None));
    }
    assert_eq!(asks(&[], Chosen::NotYet, &one), Answer::Keep);
}

#[test]
fn selectedrole_asks_once_and_changedrole_always() {
    let two = [role(1), role(2)];
    assert_eq!(asks(SELECTED, Chosen::NotYet, &two), Answer::Ask);
    assert_eq!(asks(SELECTED, Chosen::Role(1), &two), Answer::Keep);
    assert_eq!(asks(CHANGED, Chosen::Role(1), &two), Answer::Ask);
}

#[test]
fn a_role_that_is_gone_is_asked_for_again() {
    assert_eq!(
        asks(SELECTED, Chosen::Role(3), &[role(1), role(2)]),
        Answer::Ask
    );
    assert_eq!(
        asks(SELECTED, Chosen::Role(3), &[role(1)]),
        Answer::Settle(Some(role(1).role_id))
    );
    assert_eq!(asks(SELECTED, Chosen::Role(3), &[]), Answer::Settle(None));
    assert_eq!(
        asks(SELECTED, Chosen::Nothing, &[role(1), role(2)]),
        Answer::Ask,
        "a first role came"
    );
}

#[test]
fn suspended_ended_and_future_roles_are_not_offered() {
    let suspended = RoleHeld {
        suspended: true,
        ..role(2)
    };
    let ended = RoleHeld {
        ends_at: Some(NOW),
        ..role(3)
    };
    let future = RoleHeld {
        starts_at: NOW.plus(Span::seconds(1)),
        ..role(4)
    };
    let held = [role(1), suspended, ended, future];
    assert_eq!(
        asks(SELECTED, Chosen::NotYet, &held),
        Answer::Settle(Some(role(1).role_id))
    );
    let lines = lines(&held, &session(Chosen::NotYet), NOW, &Frame::gateway());
    assert_eq!(lines.len(), 1);
}

#[test]
fn the_list_is_sorted_by_job_and_marks_the_present_role() {
    let nurse = RoleHeld {
        role_name: "Nurse".to_owned(),
        ..role(1)
    };
    let held = [nurse, role(2)];
    let lines = lines(&held, &session(Chosen::Role(1)), NOW, &Frame::gateway());
    let jobs: Vec<_> = lines
        .iter()
        .map(|line| (line.job.as_str(), line.current))
        .collect();
    assert_eq!(
        jobs,
        [("General Medical Practitioner", false), ("Nurse", true)]
    );
}
