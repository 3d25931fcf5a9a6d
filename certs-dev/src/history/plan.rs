//! What happened when: worked out backwards from the end of each card, sorted forwards.

use anyhow::Result;
use policies::time::{Span, Time};
use policies::values::Policy;

use crate::calendar;
use crate::organisations::{self, Organisation};
use crate::people::{CardStory, DemoPerson, LastEvent, PEOPLE, Profile};

/// Years before the first start when the organisations, the registration authority first, entered the register.
const FOUNDED_YEARS_AGO: i64 = 11;

/// One thing that happened.
#[derive(Clone, Copy)]
pub(super) enum Deed {
    /// An organisation enters the register.
    Found(&'static Organisation),
    /// A person enters the register.
    Register(&'static DemoPerson),
    /// She is given all her roles.
    GrantRoles(&'static DemoPerson),
    /// Her first card is made.
    IssueFirstCard(&'static DemoPerson),
    /// She has it and puts it to use.
    Activate(&'static DemoPerson),
    /// She renews by herself.
    Renew(&'static DemoPerson),
    /// The card confirms its new certificates by using them.
    Confirm(&'static DemoPerson),
    /// Three wrong passcodes.
    Lock(&'static DemoPerson),
    /// She reports it lost, it is cancelled.
    CancelAsLost(&'static DemoPerson),
    /// She is named the deputy of the ward that she works in.
    NameDeputy(&'static DemoPerson),
    /// Her roles are suspended.
    SuspendRoles(&'static DemoPerson),
    /// Her profile is closed.
    Close(&'static DemoPerson),
}

/// Every deed up to `first_start`, in the order of time; at the same instant in the order of the cast.
pub(super) fn deeds(policy: &Policy, first_start: Time) -> Result<Vec<(Time, Deed)>> {
    let founded = calendar::minus_months(first_start, FOUNDED_YEARS_AGO * 12)?;
    let mut deeds: Vec<_> = organisations::organisations()
        .map(|one| (founded, Deed::Found(one)))
        .collect();
    for person in PEOPLE {
        deeds.extend(life(person, policy, founded, first_start)?);
    }
    deeds.sort_by_key(|(at, _)| *at);
    Ok(deeds)
}

fn life(
    person: &'static DemoPerson,
    policy: &Policy,
    founded: Time,
    first_start: Time,
) -> Result<Vec<(Time, Deed)>> {
    let days_ago = |days| first_start.minus(Span::days(days));
    let issued = person
        .card
        .map(|story| issued(person, &story, policy, first_start))
        .transpose()?
        .unwrap_or_default();
    let registered = match (issued.first(), person.profile) {
        _ if person.alias == super::REGISTRAR => founded.plus(Span::days(1)),
        (Some(first), _) => first.minus(Span::days(14)),
        (None, Profile::Applied) => days_ago(2),
        (None, _) => days_ago(400),
    };
    let mut life = vec![(registered, Deed::Register(person))];
    if !person.roles.is_empty() {
        life.push((registered.plus(Span::days(7)), Deed::GrantRoles(person)));
    }
    for (nth, at) in issued.iter().enumerate() {
        let (made, taken) = if nth == 0 {
            (
                (*at, Deed::IssueFirstCard(person)),
                (at.plus(Span::days(2)), Deed::Activate(person)),
            )
        } else {
            (
                (*at, Deed::Renew(person)),
                (at.plus(Span::minutes(5)), Deed::Confirm(person)),
            )
        };
        life.extend([made, taken]);
    }
    match person.card.map(|story| story.last) {
        Some(LastEvent::RenewalUnconfirmed) => {
            life.push((first_start.minus(Span::hours(1)), Deed::Renew(person)));
        }
        Some(LastEvent::Locked) => {
            life.push((first_start.minus(Span::hours(2)), Deed::Lock(person)));
        }
        Some(LastEvent::CancelledAsLost) => life.push((days_ago(1), Deed::CancelAsLost(person))),
        Some(LastEvent::InUse) | None => {}
    }
    if person.alias == super::DEPUTY {
        life.push((days_ago(30), Deed::NameDeputy(person)));
    }
    match person.profile {
        Profile::OnLeave => life.push((days_ago(20), Deed::SuspendRoles(person))),
        Profile::ClosedYesterday => life.push((days_ago(1), Deed::Close(person))),
        Profile::Open | Profile::Applied => {}
    }
    Ok(life)
}

/// When each set of the card was issued, the first one first. The last ends on the day of the story; each earlier one
/// ended some days after its holder renewed it, inside its window.
fn issued(
    person: &DemoPerson,
    story: &CardStory,
    policy: &Policy,
    first_start: Time,
) -> Result<Vec<Time>> {
    let mut not_after = first_start.plus(Span::days(story.ends_in_days));
    let mut issued = Vec::new();
    for renewal in 0..=story.self_renewals {
        let request = calendar::request_instant_for(not_after, policy.validity_months())?;
        issued.push(request);
        let days_left = 20 + i64::from(person.number * 7 + u16::from(renewal) * 13) % 60;
        not_after = request.plus(Span::days(days_left));
    }
    issued.reverse();
    Ok(issued)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Time {
        text.parse().unwrap()
    }

    fn planned(first_start: Time) -> Vec<(Time, Deed)> {
        deeds(&Policy::default_file(), first_start).unwrap()
    }

    #[test]
    fn nothing_happens_after_the_first_start_or_before_the_authority() {
        for start in [
            "2026-11-22T10:00:00Z",
            "2028-02-29T23:59:59Z",
            "2031-03-01T00:00:00Z",
        ] {
            let start = time(start);
            let authority = calendar::minus_months(start, 12 * 12).unwrap();
            assert!(
                planned(start)
                    .iter()
                    .all(|(at, _)| *at > authority && *at < start)
            );
        }
    }

    #[test]
    fn the_registrar_is_registered_before_anybody_else() {
        let deeds = planned(time("2026-11-22T10:00:00Z"));
        let first = deeds.iter().find_map(|(_, deed)| match deed {
            Deed::Register(person) => Some(person.alias),
            _ => None,
        });
        assert_eq!(first, Some(super::super::REGISTRAR));
    }

    #[test]
    fn cards_end_on_the_day_of_their_story() {
        let policy = Policy::default_file();
        let start = time("2026-11-22T10:00:00Z");
        for person in PEOPLE {
            let Some(story) = person.card else { continue };
            let issued = issued(person, &story, &policy, start).unwrap();
            let last = issued.last().unwrap();
            let not_after = policies::issuance::validity(*last, &policy).not_after;
            assert_eq!(
                not_after.since(start),
                Span::days(story.ends_in_days),
                "{}",
                person.alias
            );
            assert_eq!(issued.len(), usize::from(story.self_renewals) + 1);
        }
    }

    #[test]
    fn every_renewal_falls_into_the_window_of_the_set_before() {
        let policy = Policy::default_file();
        for person in PEOPLE {
            let Some(story) = person.card else { continue };
            let issued = issued(person, &story, &policy, time("2027-03-01T08:30:00Z")).unwrap();
            for pair in issued.windows(2) {
                let not_after = policies::issuance::validity(pair[0], &policy).not_after;
                let left = not_after.since(pair[1]);
                assert!(
                    left >= Span::days(1) && left <= Span::days(90),
                    "{}: {left:?}",
                    person.alias
                );
            }
        }
    }
}
