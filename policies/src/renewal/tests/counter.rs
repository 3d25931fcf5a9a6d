//! The counter sequences of domain 5.5, and all others.

use super::*;
use crate::lifecycle::{AbandonFacts, AbandonGround, abandon};

/// What can happen to the count of a card.
#[derive(Debug, Clone, Copy)]
enum Act {
    SelfRenew,
    SelfRenewAbandoned,
    Assisted,
    Reissue,
    Repair,
    Restart,
}

/// The count after `act`, or the refusal of the law.
fn after(count: u32, act: Act) -> Result<u32, RefusalCode> {
    let policy = policy();
    let facts = RenewalFacts {
        self_renewals_in_a_row: count,
        ..fixture_a()
    };
    let now = at(A_THIRTY_DAYS);
    let pending = PendingFacts {
        kind: IssueKind::SelfRenewal,
        issued_at: now,
    };
    let agent = desk(ActorRole::RaAgent);
    let permit = match act {
        Act::SelfRenew | Act::SelfRenewAbandoned => self_renew(&facts, now, &policy),
        Act::Assisted => assisted(&facts, &agent, now, &policy),
        Act::Reissue => {
            let late = at("2029-03-11T00:00:00Z");
            reissue(&facts, &agent, &SecondActor::NotNeeded, late, &policy)
        }
        Act::Repair => repair(
            &facts,
            &agent,
            Some(RepairReason::CannotSignIn),
            now,
            &policy,
        ),
        Act::Restart => {
            let renewal = RenewalFacts {
                pending: Some(pending),
                ..facts.clone()
            };
            restart(
                &RestartFacts {
                    renewal,
                    desk: None,
                },
                now,
                &policy,
            )
        }
    };
    let issued = permit
        .map_err(|refusal| refusal.code)?
        .self_renewals_after();
    if !matches!(act, Act::SelfRenewAbandoned) {
        return Ok(issued);
    }
    let given_up = AbandonFacts {
        subject: facts.subject,
        pending: Some(pending),
        self_renewals_in_a_row: issued,
        ground: AbandonGround::GivenUp,
    };
    let permit = abandon(&given_up, now, &policy).map_err(|refusal| refusal.code)?;
    Ok(permit.self_renewals_after())
}

/// The count after all of `acts`; a refused act changes nothing.
fn count(acts: &[Act]) -> u32 {
    acts.iter()
        .fold(0, |count, act| after(count, *act).unwrap_or(count))
}

fn next_self_renewal_is_refused(count: u32) -> bool {
    after(count, Act::SelfRenew) == Err(RefusalCode::SelfRenewalLimitReached)
}

#[test]
fn r2_the_sequences_of_the_dossier() {
    use Act::{Assisted, Reissue, Repair, Restart, SelfRenew, SelfRenewAbandoned};
    for (acts, expected) in [
        (&[][..], 0),
        (&[SelfRenew], 1),
        (&[SelfRenew, SelfRenew], 2),
        (&[SelfRenew, SelfRenew, Assisted], 0),
        (&[SelfRenew, Assisted, SelfRenew, SelfRenew], 2),
        (&[SelfRenew, SelfRenew, Reissue], 0),
        (&[SelfRenew, SelfRenew, Repair], 0),
        (&[SelfRenewAbandoned, SelfRenew, SelfRenew], 2),
        (&[SelfRenew, SelfRenew, SelfRenew], 2),
        (&[SelfRenew, Restart, SelfRenew], 2),
    ] {
        assert_eq!(count(acts), expected, "{acts:?}");
        assert_eq!(next_self_renewal_is_refused(expected), expected == 2);
    }
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        Just(Act::SelfRenew),
        Just(Act::SelfRenewAbandoned),
        Just(Act::Assisted),
        Just(Act::Reissue),
        Just(Act::Repair),
        Just(Act::Restart),
    ]
}

proptest! {
    #[test]
    fn r2_never_three_certificates_in_a_row_without_a_person(
        acts in prop::collection::vec(any_act(), 0..40),
    ) {
        let mut stored = 0;
        // The model: self-renewals that came to life since a person last looked.
        let mut unseen = 0;
        for act in acts {
            let answer = after(stored, act);
            match act {
                Act::SelfRenew if answer.is_ok() => unseen += 1,
                Act::Assisted | Act::Reissue | Act::Repair => unseen = 0,
                Act::SelfRenew | Act::SelfRenewAbandoned | Act::Restart => {}
            }
            let refused = answer == Err(RefusalCode::SelfRenewalLimitReached);
            let renews = matches!(act, Act::SelfRenew | Act::SelfRenewAbandoned);
            prop_assert_eq!(refused, renews && stored == 2);
            stored = answer.unwrap_or(stored);
            prop_assert!(unseen <= 2);
            prop_assert_eq!(stored, unseen);
        }
    }
}
