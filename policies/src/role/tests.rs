use super::*;
use crate::samples::at;

pub(crate) fn role(role_id: &str) -> RoleHeld {
    RoleHeld {
        role_id: role_id.parse().unwrap(),
        person_orgid: "555254239107".parse().unwrap(),
        org_code: "RBA".parse().unwrap(),
        org_name: "DEMO HOSPITAL".to_owned(),
        job_role: "S8000:G8000:R8001".parse().unwrap(),
        role_name: "\"Clinical\":\"Clinical Provision\":\"Nurse Access Role\"".to_owned(),
        activities: vec![],
        areas_of_work: vec![],
        workgroups: vec![],
        starts_at: at("2028-01-01T00:00:00Z"),
        ends_at: Some(at("2028-07-31T23:00:00Z")),
        suspended: false,
    }
}

const FIRST: &str = "000000000001";
const SECOND: &str = "000000000002";

#[test]
fn p1_future_ended_and_suspended_roles_are_not_offered() {
    let held = role(FIRST);
    assert!(!held.is_offered(at("2027-12-31T23:59:59Z")));
    assert!(held.is_offered(at("2028-01-01T00:00:00Z")));
    assert!(held.is_offered(at("2028-07-31T22:59:59Z")));
    assert!(!held.is_offered(at("2028-07-31T23:00:00Z")));
    let now = at("2028-03-01T00:00:00Z");
    assert!(
        !RoleHeld {
            suspended: true,
            ..held.clone()
        }
        .is_offered(now)
    );
    assert!(
        RoleHeld {
            ends_at: None,
            ..held
        }
        .is_offered(now)
    );
}

#[test]
fn p2_only_an_offered_role_can_be_chosen() {
    let now = at("2028-03-01T00:00:00Z");
    let roles = [
        role(FIRST),
        RoleHeld {
            suspended: true,
            ..role(SECOND)
        },
    ];
    let chosen = choose(&roles, &FIRST.parse().unwrap(), now).unwrap();
    assert_eq!(chosen.held(), &roles[0]);
    assert_eq!(chosen.chosen_at(), now);
    for wanted in [SECOND, "000000000003"] {
        let refusal = choose(&roles, &wanted.parse().unwrap(), now).unwrap_err();
        assert_eq!(refusal.code, RefusalCode::RoleNotHeld);
    }
}

#[test]
fn one_offered_role_needs_no_choosing() {
    let now = at("2028-03-01T00:00:00Z");
    let paused = RoleHeld {
        suspended: true,
        ..role(SECOND)
    };
    assert_eq!(
        only_choice(&[paused.clone(), role(FIRST)], now)
            .unwrap()
            .held(),
        &role(FIRST)
    );
    assert!(only_choice(&[role(FIRST), role(SECOND)], now).is_none());
    assert!(only_choice(&[paused], now).is_none());
    assert!(only_choice(&[], now).is_none());
}

#[test]
fn a_job_role_is_three_codes() {
    let text = "S0080:G0450:R5080";
    let job_role: JobRole = text.parse().unwrap();
    assert_eq!(job_role.to_string(), text);
    assert_eq!(
        (job_role.staff_group(), job_role.subgroup()),
        ("S0080", "G0450")
    );
    assert_eq!(job_role.role(), "R5080");
    for wrong in [
        "",
        "R5080",
        "S0080:G0450",
        "S0080:G0450:R5080:X",
        "G0450:S0080:R5080",
        "S80:G0450:R5080",
        "S0080:G0450:B5080",
        "s0080:G0450:R5080",
    ] {
        assert_eq!(wrong.parse::<JobRole>(), Err(CodeError::JobRole), "{wrong}");
    }
    assert_eq!("R0820".parse::<Activity>(), Err(CodeError::Activity));
}

#[test]
fn a_role_held_travels_through_json() {
    let json = serde_json::to_string(&role(FIRST)).unwrap();
    assert_eq!(
        serde_json::from_str::<RoleHeld>(&json).unwrap(),
        role(FIRST)
    );
}
