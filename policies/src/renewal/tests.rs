//! Fixture A and the edge cases of domain 5.6. The proofs of order are in `order.rs`, the counter
//! sequences of domain 5.5 in `counter.rs`.

mod counter;
mod order;

use proptest::prelude::*;

use super::*;
use crate::samples::{A_NOT_AFTER, A_THIRTY_DAYS, A_WINDOW_OPENS, at, desk, fixture_a};

const RA: [ActorRole; 3] = [
    ActorRole::RaManager,
    ActorRole::RaAgentAdvanced,
    ActorRole::RaAgent,
];

fn policy() -> Policy {
    Policy::default_file()
}

fn renew_at(now: &str) -> Result<IssuePermit, Refusal> {
    self_renew(&fixture_a(), at(now), &policy())
}

fn assisted_at(role: ActorRole, now: &str, policy: &Policy) -> Result<IssuePermit, RefusalCode> {
    assisted(&fixture_a(), &desk(role), at(now), policy).map_err(|refusal| refusal.code)
}

#[test]
fn fixture_a_opens_where_it_was_measured() {
    let inside = |now: Time| in_window(at(A_NOT_AFTER), now, &policy());
    assert!(inside(at(A_WINDOW_OPENS)) && inside(at(A_NOT_AFTER)));
    assert_eq!(
        window_opens_at(at(A_NOT_AFTER), &policy()),
        at(A_WINDOW_OPENS)
    );
    assert_eq!(at(A_NOT_AFTER).minus(Span::days(30)), at(A_THIRTY_DAYS));
}

#[test]
fn e1_one_second_before_the_window() {
    let refusal = renew_at("2028-12-10T08:59:59Z").unwrap_err();
    assert_eq!(refusal.code, RefusalCode::RenewalWindowNotOpen);
    assert_eq!(refusal.opens_at, Some(at(A_WINDOW_OPENS)));
    assert_eq!(refusal.not_after, Some(at(A_NOT_AFTER)));
}

#[test]
fn e2_exactly_ninety_days() {
    let permit = renew_at(A_WINDOW_OPENS).unwrap();
    assert_eq!(permit.kind(), IssueKind::SelfRenewal);
    assert_eq!(permit.self_renewals_after(), 1);
}

#[test]
fn e3_e5_exactly_at_expiry_fraction_cut_off() {
    assert!(renew_at(A_NOT_AFTER).is_ok());
    assert!(renew_at("2029-03-10T09:00:00.9Z").is_ok());
}

#[test]
fn e4_one_second_after_expiry() {
    let refusal = renew_at("2029-03-10T09:00:01Z").unwrap_err();
    assert_eq!(refusal.code, RefusalCode::CertificateExpired);
    assert_eq!(refusal.not_after, Some(at(A_NOT_AFTER)));
    assert_eq!(refusal.helper_roles, RA);
}

#[test]
fn e6_the_arrival_instant_is_decision_and_first_second() {
    let permit = renew_at(A_NOT_AFTER).unwrap();
    assert_eq!(permit.decided_at(), at(A_NOT_AFTER));
    assert_eq!(permit.validity().not_before, at(A_NOT_AFTER));
}

#[test]
fn e7_a_sponsor_with_thirty_days() {
    let dev = policy().with_sponsor_window_at_most(30);
    let early = assisted_at(ActorRole::Sponsor, "2029-02-08T08:59:59Z", &dev);
    assert_eq!(early, Err(RefusalCode::RenewalWindowNotOpen));
    assert!(assisted_at(ActorRole::Sponsor, A_THIRTY_DAYS, &dev).is_ok());
    assert!(assisted_at(ActorRole::LocalSmartcardAdmin, "2029-02-08T08:59:59Z", &dev).is_ok());
    assert!(assisted_at(ActorRole::Sponsor, "2029-02-08T08:59:59Z", &policy()).is_ok());
    assert!(assisted_at(ActorRole::Sponsor, A_WINDOW_OPENS, &policy()).is_ok());
}

#[test]
fn e7_a_sponsor_who_is_also_an_agent_has_the_agents_window() {
    let dev = policy().with_sponsor_window_at_most(30);
    let mut both = desk(ActorRole::Sponsor);
    both.actor.roles.push(ActorRole::RaAgent);
    assert!(assisted(&fixture_a(), &both, at(A_WINDOW_OPENS), &dev).is_ok());
    // A second role that may not renew opens nothing.
    both.actor.roles = vec![ActorRole::Sponsor, ActorRole::IdChecker];
    let refusal = assisted(&fixture_a(), &both, at(A_WINDOW_OPENS), &dev).unwrap_err();
    assert_eq!(refusal.opens_at, Some(at(A_THIRTY_DAYS)));
}

#[test]
fn e8_the_third_in_a_row_needs_a_person() {
    let facts = RenewalFacts {
        self_renewals_in_a_row: 2,
        ..fixture_a()
    };
    let now = at(A_THIRTY_DAYS);
    let refusal = self_renew(&facts, now, &policy()).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::SelfRenewalLimitReached);
    assert_eq!((refusal.used, refusal.limit), (Some(2), Some(2)));
    assert!(
        refusal
            .helper_roles
            .contains(&ActorRole::LocalSmartcardAdmin)
    );
    let helper = desk(ActorRole::LocalSmartcardAdmin);
    let permit = assisted(&facts, &helper, now, &policy()).unwrap();
    assert_eq!(
        (permit.kind(), permit.self_renewals_after()),
        (IssueKind::Assisted, 0)
    );
}

#[test]
fn e9_after_expiry_only_the_three_ra_roles_reissue() {
    let now = at("2029-03-10T09:00:01Z");
    for role in ActorRole::ALL {
        let answer = reissue(
            &fixture_a(),
            &desk(*role),
            &SecondActor::NotNeeded,
            now,
            &policy(),
        );
        match answer {
            Ok(permit) => {
                assert!(RA.contains(role), "{role}");
                assert_eq!(
                    (permit.kind(), permit.self_renewals_after()),
                    (IssueKind::Reissue, 0)
                );
            }
            Err(refusal) => {
                assert!(!RA.contains(role), "{role}");
                assert_eq!(refusal.code, RefusalCode::ActorRoleMissing);
                assert_eq!(refusal.because, Some(RefusalCode::CertificateExpired));
                assert_eq!(refusal.helper_roles, RA);
            }
        }
    }
}

#[test]
fn e9_reissue_waits_for_expiry_and_assisted_renewal_ends_with_it() {
    let agent = desk(ActorRole::RaAgent);
    let none = SecondActor::NotNeeded;
    let refusal = reissue(&fixture_a(), &agent, &none, at(A_NOT_AFTER), &policy()).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::CertificateNotExpired);
    assert_eq!(refusal.not_after, Some(at(A_NOT_AFTER)));
    assert!(assisted_at(ActorRole::RaAgent, A_NOT_AFTER, &policy()).is_ok());
    let late = assisted_at(ActorRole::RaAgent, "2029-03-10T09:00:01Z", &policy());
    assert_eq!(late, Err(RefusalCode::CertificateExpired));
}

#[test]
fn e10_the_loser_of_a_race_sees_the_pending_or_the_confirmed_winner() {
    let now = at(A_THIRTY_DAYS);
    let pending = Some(PendingFacts {
        kind: IssueKind::SelfRenewal,
        issued_at: now,
    });
    let beside = RenewalFacts {
        pending,
        self_renewals_in_a_row: 1,
        ..fixture_a()
    };
    let refusal = self_renew(&beside, now, &policy()).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::RenewalInProgress);
    let mut after = fixture_a();
    after.current.state = CertificateState::Superseded;
    let refusal = self_renew(&after, now, &policy()).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::PairSuperseded);
}

#[test]
fn e14_a_desk_that_lost_the_race_sees_the_confirmed_winner() {
    let mut facts = fixture_a();
    facts.current.state = CertificateState::Superseded;
    let refusal = assisted(
        &facts,
        &desk(ActorRole::RaAgent),
        at(A_THIRTY_DAYS),
        &policy(),
    )
    .unwrap_err();
    assert_eq!(refusal.code, RefusalCode::PairSuperseded);
}

#[test]
fn e12_a_pending_set_waits_fourteen_days_the_last_second_included() {
    let pending = PendingFacts {
        kind: IssueKind::SelfRenewal,
        issued_at: at("2029-01-01T09:00:00Z"),
    };
    assert!(pending.waits(at("2029-01-15T09:00:00Z"), &policy()));
    assert!(!pending.waits(at("2029-01-15T09:00:01Z"), &policy()));
    let facts = RenewalFacts {
        pending: Some(pending),
        ..fixture_a()
    };
    assert!(self_renew(&facts, at("2029-01-15T09:00:01Z"), &policy()).is_ok());
}

#[test]
fn e21_e22_windows_across_the_29th_of_february() {
    let opens = |day: &str| window_opens_at(at(&format!("{day}T09:00:00Z")), &policy()).to_string();
    assert_eq!(opens("2028-05-29"), "2028-02-29T09:00:00Z");
    assert_eq!(opens("2028-03-01"), "2027-12-02T09:00:00Z");
    assert_eq!(opens("2027-03-01"), "2026-12-01T09:00:00Z");
}

#[test]
fn e31_e32_the_certificates_own_end_and_the_policy_of_this_instant_decide() {
    let text = include_str!("../../policy.toml").replace("window_days = 90", "window_days = 60");
    let sixty = Policy::parse(&text).unwrap();
    let day_75 = at(A_NOT_AFTER).minus(Span::days(75));
    assert!(self_renew(&fixture_a(), day_75, &policy()).is_ok());
    let refusal = self_renew(&fixture_a(), day_75, &sixty).unwrap_err();
    assert_eq!(refusal.opens_at, Some(at("2029-01-09T09:00:00Z")));
}

#[test]
fn e33_an_early_renewal_runs_from_now_and_adds_nothing() {
    let validity = renew_at(A_WINDOW_OPENS).unwrap().validity();
    assert_eq!(validity.not_after, at("2031-12-10T08:59:59Z"));
}

#[test]
fn e34_a_pending_set_outlives_the_old_one_and_needs_a_desk_to_restart() {
    let now = at("2029-03-11T09:00:00Z");
    let issued_at = at("2029-03-10T08:00:00Z");
    let pending = Some(PendingFacts {
        kind: IssueKind::SelfRenewal,
        issued_at,
    });
    let renewal = RenewalFacts {
        pending,
        self_renewals_in_a_row: 1,
        ..fixture_a()
    };
    let alone = RestartFacts {
        renewal: renewal.clone(),
        desk: None,
    };
    let refusal = restart(&alone, now, &policy()).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::CertificateExpired);
    let helped = RestartFacts {
        desk: Some(desk(ActorRole::LocalSmartcardAdmin)),
        ..alone
    };
    let permit = restart(&helped, now, &policy()).unwrap();
    assert_eq!(
        (permit.kind(), permit.self_renewals_after()),
        (IssueKind::Restart, 1)
    );
    let late = at("2029-03-24T08:00:01Z");
    let refusal = restart(&helped, late, &policy()).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::NothingPending);
    let agent = desk(ActorRole::RaAgent);
    assert!(reissue(&renewal, &agent, &SecondActor::NotNeeded, late, &policy()).is_ok());
}

#[test]
fn e35_e36_locked_comes_before_expired_and_reissue_takes_both() {
    let mut facts = fixture_a();
    facts.subject.card_state = CardState::Locked;
    let refusal = self_renew(&facts, at(A_THIRTY_DAYS), &policy()).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::CardLocked);
    let late = at("2029-03-11T00:00:00Z");
    let agent = desk(ActorRole::RaAgent);
    assert!(reissue(&facts, &agent, &SecondActor::NotNeeded, late, &policy()).is_ok());
}

#[test]
fn e16_a_cancelled_card_can_do_nothing_ever() {
    let mut facts = fixture_a();
    facts.subject.card_state = CardState::Cancelled;
    let agent = desk(ActorRole::RaAgent);
    let in_window = at(A_THIRTY_DAYS);
    let late = at("2029-03-11T00:00:00Z");
    let broken = Some(RepairReason::CorruptCertificates);
    for refusal in [
        self_renew(&facts, in_window, &policy()),
        assisted(&facts, &agent, in_window, &policy()),
        reissue(&facts, &agent, &SecondActor::NotNeeded, late, &policy()),
        repair(&facts, &agent, broken, late, &policy()),
        restart(
            &RestartFacts {
                renewal: facts.clone(),
                desk: None,
            },
            in_window,
            &policy(),
        ),
    ] {
        assert_eq!(refusal.unwrap_err().code, RefusalCode::CardCancelled);
    }
}

#[test]
fn e41_a_stranger_with_the_holder_before_her_may_help_and_is_flagged() {
    let mut stranger = desk(ActorRole::RaAgent);
    stranger.actor.in_scope = false;
    let permit = assisted(&fixture_a(), &stranger, at(A_THIRTY_DAYS), &policy()).unwrap();
    assert_eq!(permit.reach(), Reach::OutOfArea);
    let broken = Some(RepairReason::CannotSignIn);
    let refusal = repair(
        &fixture_a(),
        &stranger,
        broken,
        at(A_THIRTY_DAYS),
        &policy(),
    )
    .unwrap_err();
    assert_eq!(refusal.code, RefusalCode::ActorOutOfScope);
}

proptest! {
    #[test]
    fn c3_allowed_exactly_between_the_two_ends(offset in -10_000_000_i64..10_000_000) {
        let now = at(A_NOT_AFTER).minus(Span::seconds(offset));
        let allowed = (0..=7_776_000).contains(&offset);
        prop_assert_eq!(self_renew(&fixture_a(), now, &policy()).is_ok(), allowed);
        prop_assert_eq!(in_window(at(A_NOT_AFTER), now, &policy()), allowed);
    }

    #[test]
    fn c3_the_window_opens_a_fixed_number_of_seconds_early_everywhere(end in 0_i64..8_000_000_000) {
        let not_after = Time::from_unix(end);
        let oracle = time::OffsetDateTime::from_unix_timestamp(end).unwrap() - time::Duration::days(90);
        prop_assert_eq!(window_opens_at(not_after, &policy()).unix(), oracle.unix_timestamp());
    }
}
