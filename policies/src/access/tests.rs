use super::*;
use crate::samples::actor;

/// Domain 2.14 with contract 5, written a second time, by hand: one row per task, one column per
/// role in the order manager, advanced agent, agent, sponsor, ID checker, smartcard
/// administrator, service desk, privacy officer, ward deputy, holder.
const TABLE: [(&str, &str); 21] = [
    ("issue_card", "xxx-------"),
    ("unlock_card", "xxxx-x----"),
    ("repair_card", "xxx-------"),
    ("clear_card", "xxx-------"),
    ("renew_card", "xxxx-x----"),
    ("reissue_card", "xxx-------"),
    ("cancel_card", "xxx---x---"),
    ("find_people", "xxxxxxx---"),
    ("create_profile", "xxx-x-----"),
    ("check_identity", "xxx-x-----"),
    ("change_details", "xxx-x-----"),
    ("close_profile", "xxx-------"),
    ("reopen_profile", "xxx-------"),
    ("manage_authenticators", "xx--------"),
    ("suspend_authenticators", "xxx---x---"),
    ("give_temporary_access", "xxxx-x--x-"),
    ("name_deputy", "xxxx------"),
    ("assign_position", "xxx-------"),
    ("assign_assignable_position", "xxxx------"),
    ("edit_position", "xxxx------"),
    ("read_audit", "-------x--"),
];

#[test]
fn a1_the_default_policy_is_the_table() {
    let policy = Policy::default_file();
    assert_eq!(Task::all().count(), TABLE.len());
    for (word, row) in TABLE {
        let task: Task = word.parse().unwrap();
        let found: String = ActorRole::ALL
            .iter()
            .map(|role| {
                if may(&policy, &[*role], task) {
                    'x'
                } else {
                    '-'
                }
            })
            .collect();
        assert_eq!(found, row, "{word}");
        assert_eq!(task.as_str(), word);
    }
}

#[test]
fn one_role_of_several_is_enough_and_none_is_not() {
    let policy = Policy::default_file();
    let roles = [ActorRole::PrivacyOfficer, ActorRole::Sponsor];
    assert!(may(&policy, &roles, CardAction::Renew));
    assert!(!may(&policy, &roles, CardAction::Reissue));
    assert!(!may(&policy, &[], PersonAction::Find));
}

#[test]
fn g26_a_policy_may_do_without_deputies() {
    let text = include_str!("../../policy.toml").replace(", \"ward_deputy\"]", "]");
    assert!(has_deputies(&Policy::default_file()));
    assert!(!has_deputies(&Policy::parse(&text).unwrap()));
}

#[test]
fn x7_nobody_acts_for_herself_whatever_her_role() {
    let policy = Policy::default_file();
    for task in Task::all() {
        for role in ActorRole::ALL {
            let myself = ActorFacts {
                is_subject: true,
                ..actor(*role)
            };
            let refusal = ask(&policy, &myself, task).unwrap_err();
            assert_eq!(refusal.code, RefusalCode::ActorIsSubject);
        }
    }
}

#[test]
fn e41_another_areas_desk_reaches_only_what_the_policy_opens() {
    let policy = Policy::default_file();
    let stranger = ActorFacts {
        in_scope: false,
        ..actor(ActorRole::RaManager)
    };
    for task in Task::all().filter(|task| may(&policy, &stranger.roles, *task)) {
        let open = matches!(
            task,
            Task::Card(CardAction::Unlock | CardAction::Renew | CardAction::Reissue)
        );
        match ask(&policy, &stranger, task) {
            Ok(reach) => assert!(open && reach == Reach::OutOfArea, "{}", task.as_str()),
            Err(refusal) => {
                assert!(!open, "{}", task.as_str());
                assert_eq!(refusal.code, RefusalCode::ActorOutOfScope);
            }
        }
    }
}

#[test]
fn e41_a_policy_may_close_the_areas() {
    let text = include_str!("../../policy.toml");
    let closed = text.replace(
        "any_area = [\"unlock_card\", \"renew_card\", \"reissue_card\"]",
        "any_area = []",
    );
    let policy = Policy::parse(&closed).unwrap();
    let stranger = ActorFacts {
        in_scope: false,
        ..actor(ActorRole::RaManager)
    };
    let refusal = ask(&policy, &stranger, CardAction::Unlock).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::ActorOutOfScope);
}

#[test]
fn a_word_that_is_no_task_says_so() {
    let unknown = "approve_card".parse::<Task>().unwrap_err();
    assert_eq!(unknown.to_string(), "\"approve_card\" is not a Task");
}
