use super::*;
use crate::access::ActorRole;
use crate::role::CodedName;
use crate::samples::{Step, actor, at, prove_order};
use crate::time::Span;

const NOW: &str = "2029-01-15T09:00:00Z";

fn policy() -> Policy {
    Policy::default_file()
}

fn ward(org_code: &str, workgroup: &str) -> Ward {
    Ward {
        org_code: org_code.parse().unwrap(),
        workgroup: workgroup.parse().unwrap(),
    }
}

fn ward7() -> Ward {
    ward("DEM01", "7001")
}

/// A nurse's role in that ward.
fn nurse(ward: &Ward) -> RoleHeld {
    RoleHeld {
        role_id: "555100000001".parse().unwrap(),
        person_orgid: "555200000001".parse().unwrap(),
        org_code: ward.org_code.clone(),
        org_name: "DEMO Hospital".to_owned(),
        job_role: "S8000:G8000:R8001".parse().unwrap(),
        role_name: String::new(),
        activities: vec![],
        areas_of_work: vec![],
        workgroups: vec![CodedName {
            code: ward.workgroup.to_string(),
            name: "Ward 7".to_owned(),
        }],
        starts_at: at("2028-01-01T00:00:00Z"),
        ends_at: None,
        suspended: false,
    }
}

fn naming(ends_at: &str) -> Naming {
    Naming {
        ward: ward7(),
        ends_at: at(ends_at),
        ended: false,
    }
}

fn facts() -> NameFacts {
    NameFacts {
        user_id: "021600556514".parse().unwrap(),
        person_open: true,
        identity_verified: true,
        ward: Some(ward7()),
        works_in: vec![ward("DEM01", "8001"), ward7()],
        ends_at: None,
        actor: actor(ActorRole::Sponsor),
    }
}

const NAMING: &[Step<NameFacts>] = &[
    (RefusalCode::ActorOutOfScope, |f| f.actor.in_scope = true),
    (RefusalCode::ActorIsSubject, |f| f.actor.is_subject = false),
    (RefusalCode::ActorRoleMissing, |f| {
        f.actor.roles = vec![ActorRole::Sponsor];
    }),
    (RefusalCode::IdentityClosed, |f| f.person_open = true),
    (RefusalCode::IdentityNotVerified, |f| {
        f.identity_verified = true;
    }),
    (RefusalCode::NotInWard, |f| f.works_in.push(ward7())),
    (RefusalCode::PeriodNotAllowed, |f| f.ends_at = None),
];

#[test]
fn g25_the_guards_of_naming_a_deputy_speak_in_their_order() {
    let wrong = NameFacts {
        person_open: false,
        identity_verified: false,
        works_in: vec![ward("DEM01", "8001"), ward("DEM02", "7001")],
        ends_at: Some(at(NOW).plus(Span::days(367))),
        actor: ActorFacts {
            roles: vec![ActorRole::WardDeputy],
            is_subject: true,
            in_scope: false,
        },
        ..facts()
    };
    let permit = prove_order(wrong, |facts| name(facts, at(NOW), &policy()), NAMING);
    assert_eq!((permit.ward(), permit.decided_at()), (&ward7(), at(NOW)));
}

#[test]
fn g25_a_deputy_is_named_for_a_year_at_most_and_for_no_time_that_is_over() {
    let until = |ends_at| {
        let facts = NameFacts {
            ends_at: Some(ends_at),
            ..facts()
        };
        name(&facts, at(NOW), &policy()).map(|permit| permit.ends_at())
    };
    let longest = at(NOW).plus(Span::days(366));
    assert_eq!(
        name(&facts(), at(NOW), &policy()).unwrap().ends_at(),
        longest
    );
    for good in [at(NOW), longest] {
        assert_eq!(until(good), Ok(good));
    }
    let second = Span::seconds(1);
    for wrong in [at(NOW).minus(second), longest.plus(second)] {
        assert_eq!(until(wrong), Err(RefusalCode::PeriodNotAllowed.into()));
    }
}

#[test]
fn g25_the_guards_of_ending_speak_in_their_order() {
    let id: DeputyId = "a".parse().unwrap();
    let nobody = ActorFacts {
        roles: vec![],
        is_subject: true,
        in_scope: false,
    };
    let steps: &[Step<(bool, ActorFacts)>] = &[
        (RefusalCode::ActorOutOfScope, |(_, actor)| {
            actor.in_scope = true;
        }),
        (RefusalCode::ActorIsSubject, |(_, actor)| {
            actor.is_subject = false;
        }),
        (RefusalCode::ActorRoleMissing, |(_, actor)| {
            actor.roles = vec![ActorRole::RaAgent];
        }),
        (RefusalCode::NotFound, |(is_hers, _)| *is_hers = true),
    ];
    let judge =
        |(is_hers, actor): &(bool, ActorFacts)| end(&id, *is_hers, actor, at(NOW), &policy());
    assert_eq!(prove_order((false, nobody), judge, steps).id(), &id);
}

#[test]
fn g25_a_deputy_names_nobody() {
    for role in ActorRole::ALL {
        let facts = NameFacts {
            actor: actor(*role),
            ..facts()
        };
        let may = role.is_ra_staff() || *role == ActorRole::Sponsor;
        assert_eq!(name(&facts, at(NOW), &policy()).is_ok(), may, "{role}");
    }
}

#[test]
fn g26_she_is_deputy_while_the_naming_counts_and_she_acts_in_a_role_of_the_ward() {
    let now = at(NOW);
    let live = [naming(NOW)];
    assert_eq!(acts_for(&nurse(&ward7()), &live, now), [ward7()]);
    let nothing = |role: &RoleHeld, namings: &[Naming], at| {
        assert_eq!(acts_for(role, namings, at), [], "{role:?} {namings:?}");
    };
    nothing(&nurse(&ward7()), &[], now);
    nothing(&nurse(&ward7()), &live, now.plus(Span::seconds(1)));
    let [mut over] = live.clone();
    over.ended = true;
    nothing(&nurse(&ward7()), &[over], now);
    nothing(&nurse(&ward("DEM01", "8001")), &live, now);
    nothing(&nurse(&ward("DEM02", "7001")), &live, now);
    let mut away = nurse(&ward7());
    away.suspended = true;
    nothing(&away, &live, now);
    let mut left = nurse(&ward7());
    left.ends_at = Some(now);
    nothing(&left, &live, now);
}

#[test]
fn g26_she_helps_who_works_in_her_ward_now() {
    let now = at(NOW);
    let hers = [ward7()];
    assert!(is_colleague(&hers, &[nurse(&ward7())], now));
    let mut away = nurse(&ward7());
    away.suspended = true;
    let mut future = nurse(&ward7());
    future.starts_at = now.plus(Span::seconds(1));
    let elsewhere = [
        nurse(&ward("DEM01", "8001")),
        nurse(&ward("DEM02", "7001")),
        away,
        future,
    ];
    assert!(!is_colleague(&hers, &elsewhere, now));
    assert!(!is_colleague(&[], &[nurse(&ward7())], now));
}

#[test]
fn g25_the_wards_of_somebody_are_those_of_the_roles_she_may_use_each_once() {
    let mut odd = nurse(&ward7());
    odd.workgroups.push(CodedName {
        code: "not a code".to_owned(),
        name: "Odd".to_owned(),
    });
    let mut away = nurse(&ward("DEM01", "8001"));
    away.suspended = true;
    let found = wards_of(&[nurse(&ward7()), odd, away], at(NOW));
    assert_eq!(found, [(ward7(), "Ward 7".to_owned())]);
}
