use proptest::prelude::*;

use super::*;
use crate::access::CardAction;

fn changed(from: &str, to: &str) -> Vec<String> {
    assert!(DEFAULT_FILE.contains(from), "{from}");
    let problems = Policy::parse(&DEFAULT_FILE.replace(from, to)).unwrap_err();
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn the_default_file_is_the_pinned_law() {
    let policy = Policy::default_file();
    assert_eq!(policy.version(), "2026-11-27");
    assert_eq!(policy.validity_months(), 36);
    assert_eq!(policy.window(), Span::days(90));
    assert_eq!(policy.sponsor_window(), Span::days(90));
    assert_eq!(policy.self_renewals(), 2);
    assert_eq!(policy.pending_life(), Span::days(14));
    let passcode = policy.passcode();
    assert_eq!(
        (passcode.shortest, passcode.longest, passcode.wrong_attempts),
        (6, 8, 3)
    );
    assert_eq!(policy.code_life(), Span::minutes(15));
    assert_eq!((policy.codes_per_hour(), policy.code_tries()), (5, 5));
    assert_eq!(policy.contact_hold(), Span::hours(72));
    assert_eq!(policy.contact_fresh(), Span::minutes(20));
    assert_eq!(policy.invitation_life(), Span::minutes(15));
    assert_eq!(policy.unused_months(), 12);
    assert_eq!(policy.deputy_longest(), Span::days(366));
}

#[test]
fn x13_a_local_policy_narrows_the_sponsors_window_and_never_widens_it() {
    let dev = Policy::default_file().with_sponsor_window_at_most(30);
    assert_eq!(dev.sponsor_window(), Span::days(30));
    assert_eq!(dev.window(), Span::days(90));
    assert_eq!(
        dev.with_sponsor_window_at_most(60).sponsor_window(),
        Span::days(30)
    );
}

#[test]
fn e43_the_window_must_be_less_than_half_the_validity() {
    let problems = changed("validity_months = 36", "validity_months = 2");
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].starts_with("renewal.window_days is 90, which is not less than half of the 56")
    );
    // Six months are never shorter than 168 days by this reckoning: 83 days fit, 84 do not.
    let six_months = DEFAULT_FILE.replace("validity_months = 36", "validity_months = 6");
    let with = |days: u32| {
        let text = six_months.replace("window_days = 90", &format!("window_days = {days}"));
        Policy::parse(&text)
    };
    assert!(with(83).is_ok());
    assert!(with(84).is_err());
}

#[test]
fn v2_every_problem_is_told_at_once() {
    let text = DEFAULT_FILE
        .replace("version = \"2026-11-27\"", "version = \"\"")
        .replace("validity_months = 36", "validity_months = \"36\"")
        .replace("\nwindow_days = 90", "\nwindow_days = -1")
        .replace("self_renewals_in_a_row = 2", "self_renewals = 2")
        .replace(
            "clear_card = [\"ra_manager\"",
            "clear_card = [\"boss\", \"holder\", \"ra_manager\", \"ra_manager\"",
        )
        .replace("[reach]", "[gold]\nx = 1\n[reach]\ny = 2");
    let problems = Policy::parse(&text).unwrap_err();
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "version must be text",
            "certificate.validity_months must be a whole number",
            "renewal.window_days must lie between 1 and 1800",
            "renewal.self_renewals_in_a_row is missing",
            "access.clear_card: \"boss\" is not a known word",
            "access.clear_card: \"ra_manager\" stands twice",
            "access.clear_card: holder cannot be granted this",
            "gold is unknown",
            "reach.y is unknown",
            "renewal.self_renewals is unknown",
        ]
    );
}

#[test]
fn contradictions_are_refused() {
    let fixed_length = DEFAULT_FILE.replace("shortest = 6", "shortest = 8");
    assert!(Policy::parse(&fixed_length).is_ok());
    assert_eq!(
        changed("sponsor_window_days = 90", "sponsor_window_days = 91"),
        ["renewal.sponsor_window_days is longer than renewal.window_days"]
    );
    assert_eq!(
        changed("shortest = 6", "shortest = 9"),
        ["passcode.shortest is greater than passcode.longest"]
    );
    assert_eq!(
        changed("aal3_idle_minutes = 15", "aal3_idle_minutes = 720"),
        ["a session's idle and offer times must be shorter than its longest time"]
    );
}

#[test]
fn i4_no_policy_allows_more_self_renewals_than_the_register_has_slots() {
    assert_eq!(
        changed("self_renewals_in_a_row = 2", "self_renewals_in_a_row = 3"),
        ["renewal.self_renewals_in_a_row must lie between 0 and 2"]
    );
}

#[test]
fn e41_only_what_needs_the_holder_present_is_open_to_any_area() {
    let with = |task: &str| {
        let text = DEFAULT_FILE.replace(
            "[\"unlock_card\", \"renew",
            &format!("[\"{task}\", \"renew"),
        );
        Policy::parse(&text)
    };
    assert!(with("repair_card").is_ok());
    for task in [
        "issue_card",
        "cancel_card",
        "close_profile",
        "assign_position",
        "read_audit",
    ] {
        let problems = with(task).unwrap_err();
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [format!(
                "reach.any_area: {task} is not done in the holder's presence"
            )]
        );
    }
}

#[test]
fn a_row_may_be_empty_and_may_not_be_left_out() {
    let row = "read_audit = [\"privacy_officer\"]";
    let nobody = Policy::parse(&DEFAULT_FILE.replace(row, "read_audit = []")).unwrap();
    assert!(
        nobody
            .roles_for(crate::access::PersonAction::ReadAudit.into())
            .is_empty()
    );
    assert_eq!(changed(row, ""), ["access.read_audit is missing"]);
}

#[test]
fn a_file_that_is_no_toml_has_one_problem() {
    let problems = Policy::parse("version = ").unwrap_err();
    assert!(matches!(problems.as_slice(), [PolicyProblem::Syntax(_)]));
}

#[test]
fn x14_x15_the_desk_and_the_ward_can_be_granted_more_by_policy() {
    let text = DEFAULT_FILE.replace(
        "repair_card = [\"ra_manager\"",
        "repair_card = [\"local_smartcard_admin\", \"ra_manager\"",
    );
    let policy = Policy::parse(&text).unwrap();
    assert!(
        policy
            .roles_for(CardAction::Repair.into())
            .contains(&ActorRole::LocalSmartcardAdmin)
    );
}

#[test]
fn v1_the_deputy_of_a_ward_can_be_granted_one_thing() {
    for task in Task::all().map(Task::as_str) {
        let row = format!("\n{task} = [");
        let text = DEFAULT_FILE
            .replace(", \"ward_deputy\"]", "]")
            .replace(&row, &format!("{row}\"ward_deputy\", "));
        let refused = Policy::parse(&text).err().unwrap_or_default();
        let told: Vec<String> = refused.iter().map(ToString::to_string).collect();
        if task == "give_temporary_access" {
            assert!(told.is_empty(), "{told:?}");
        } else {
            let wanted = format!("access.{task}: ward_deputy cannot be granted this");
            assert_eq!(told, [wanted]);
        }
    }
}

proptest! {
    #[test]
    fn no_file_makes_the_reader_panic(text in "[ -~\n]{0,200}") {
        let _ = Policy::parse(&text);
    }

    #[test]
    fn months_are_never_shorter_than_reckoned(months in 1_u32..=120, seconds in 0_i64..8_000_000_000) {
        let start = crate::time::Time::from_unix(seconds);
        let real = start.plus_calendar_months(months).since(start).as_seconds();
        prop_assert!(real >= shortest_days(months) * 86_400);
    }
}
