use super::*;
use crate::role::CodedName;
use crate::samples::at;

fn held(job_role: &str, extra: &[&str]) -> RoleHeld {
    let coded = |code: &&str| CodedName {
        code: (*code).to_owned(),
        name: "as granted".to_owned(),
    };
    RoleHeld {
        role_id: "555254240100".parse().unwrap(),
        person_orgid: "555254239107".parse().unwrap(),
        org_code: "RBA".parse().unwrap(),
        org_name: "DEMO HOSPITAL".to_owned(),
        job_role: job_role.parse().unwrap(),
        role_name: String::new(),
        activities: extra.iter().map(coded).collect(),
        areas_of_work: vec![],
        workgroups: vec![],
        starts_at: at("2028-01-01T00:00:00Z"),
        ends_at: None,
        suspended: false,
    }
}

fn effective(job_role: &str, extra: &[&str]) -> String {
    let activities = effective_activities(&held(job_role, extra), &Rbac::default_file());
    activities
        .iter()
        .map(Activity::as_str)
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn the_demonstration_set_is_sound_and_has_a_version() {
    let rbac = Rbac::default_file();
    assert_eq!(rbac.version(), "demo-2026-11-22");
    assert_eq!(rbac.job_roles().count(), 11);
    let nurse = "S8000:G8000:R8001".parse().unwrap();
    let name = "\"Clinical\":\"Clinical Provision\":\"Nurse Access Role\"";
    assert_eq!(rbac.role_name(&nurse), Some(name));
    assert_eq!(
        rbac.activity_name(&"B0820".parse().unwrap()),
        Some("View Patient Demographics")
    );
}

#[test]
fn p5_baseline_and_extras_and_all_they_include_sorted_once() {
    assert_eq!(effective("S8001:G8002:R8006", &[]), "B0820 B0825");
    // Prescribing includes the formulary, which includes preparation, which includes viewing.
    assert_eq!(
        effective("S8000:G8000:R8000", &[]),
        "B0058 B0278 B0360 B0401 B0420 B0820 B0825"
    );
    assert_eq!(
        effective("S8001:G8002:R8008", &["B0572", "B0820"]),
        "B0401 B0570 B0572 B0820"
    );
}

#[test]
fn p5_what_the_catalogue_does_not_know_stays_and_what_is_no_code_goes() {
    assert_eq!(
        effective("S9999:G9999:R9999", &["B7777", "nonsense"]),
        "B7777"
    );
}

#[test]
fn activities_that_include_each_other_end() {
    let rbac = Rbac::parse(
        "version = \"1\"\nrole = []\n\
         [[activity]]\ncode = \"B0001\"\nname = \"a\"\nincludes = [\"B0002\"]\n\
         [[activity]]\ncode = \"B0002\"\nname = \"b\"\nincludes = [\"B0001\"]\n",
    );
    let all = effective_activities(&held("S8000:G8000:R8000", &["B0001"]), &rbac.unwrap());
    assert_eq!(all.len(), 2);
}

#[test]
fn a2_desk_parts_come_from_job_roles_and_activities() {
    let rbac = Rbac::default_file();
    let parts = |job_role, extra: &[&str]| actor_roles(&held(job_role, extra), &rbac);
    assert_eq!(parts("S0080:G0450:R5080", &[]), [ActorRole::RaManager]);
    assert_eq!(
        parts("S0080:G0450:R5090", &["B9801"]),
        [ActorRole::RaAgentAdvanced, ActorRole::RaAgent]
    );
    assert_eq!(parts("S0080:G0450:R0001", &[]), [ActorRole::PrivacyOfficer]);
    assert_eq!(
        parts("S8001:G8002:R8008", &["B1300", "B0267"]),
        [ActorRole::Sponsor, ActorRole::IdChecker]
    );
    assert_eq!(
        parts("S8001:G8002:R8008", &["B9802"]),
        [ActorRole::LocalSmartcardAdmin]
    );
    assert_eq!(
        parts("S8001:G8002:R8008", &["B9803"]),
        [ActorRole::ServiceDesk]
    );
    assert_eq!(parts("S8000:G8000:R8000", &[]), []);
}

#[test]
fn every_problem_of_a_catalogue_is_told_at_once() {
    let problems = Rbac::parse(
        "version = \" \"\n\
         [[role]]\ncode = \"S8000:G8000:R8000\"\nname = \"n\"\nbaseline = [\"B0009\"]\n\
         [[role]]\ncode = \"S8000:G8000:R8000\"\nname = \"n\"\nbaseline = []\n\
         [[activity]]\ncode = \"B0001\"\nname = \"a\"\nincludes = [\"B0002\"]\n\
         [[activity]]\ncode = \"B0001\"\nname = \"a\"\n",
    )
    .unwrap_err();
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "the version is empty",
            "the activity B0001 stands twice",
            "the baseline of S8000:G8000:R8000 names B0009, which is not in the catalogue",
            "the job role S8000:G8000:R8000 stands twice",
            "B0001 includes B0002, which is not in the catalogue",
        ]
    );
}

#[test]
fn a_catalogue_of_another_form_is_refused() {
    for text in [
        "version = 1",
        "x",
        "version = \"1\"\nrole = []\nactivity = []\nmore = 1",
    ] {
        assert!(matches!(
            Rbac::parse(text).unwrap_err().as_slice(),
            [RbacProblem::Form(_)]
        ));
    }
}

#[test]
fn g26_no_role_and_no_activity_carries_the_part_of_a_deputy_or_a_holder() {
    for part in ["ward_deputy", "holder"] {
        let text = format!(
            "version = \"1\"\nactivity = []\n\
             [[role]]\ncode = \"S0080:G0450:R5080\"\nname = \"a\"\nbaseline = []\ndesk = \"{part}\"\n"
        );
        let told = Rbac::parse(&text).unwrap_err();
        assert_eq!(told.len(), 1);
        assert_eq!(
            told[0].to_string(),
            format!("{part} is not carried by a role")
        );
    }
}
