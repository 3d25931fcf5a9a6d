//! When not to believe the clock (house decision 1, E25, E26): a clock that fell back could bring
//! an expired card back to life; one that ran ahead could give certificates dates nobody can
//! take back. Certificates, CRL numbers and approvals then stop; signing in never does.

use crate::refusal::{Refusal, RefusalCode, require};
use crate::time::Time;
use crate::values::Policy;

/// What the house remembers about time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockFacts {
    /// The highest instant seen, persisted.
    pub high_water: Option<Time>,
    /// The instant of the newest audit line before this request.
    pub newest_audit: Option<Time>,
}

/// Whether `now` may go into a certificate (law T2): at most 60 s behind the highest instant
/// seen (E25), at most a day ahead of the newest audit line (E26). A house without memory
/// believes its clock.
///
/// # Errors
/// `clock_untrusted`.
pub fn judge(facts: &ClockFacts, now: Time, policy: &Policy) -> Result<(), Refusal> {
    let fell_back = facts
        .high_water
        .is_some_and(|mark| now < mark.minus(policy.tolerated_step_back()));
    let ran_ahead = facts
        .newest_audit
        .is_some_and(|line| now > line.plus(policy.tolerated_step_ahead()));
    require(!fell_back && !ran_ahead, RefusalCode::ClockUntrusted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    const MARK: Time = Time::from_unix(1_900_000_000);

    fn judged(facts: ClockFacts, now: Time) -> bool {
        judge(&facts, now, &Policy::default_file()).is_ok()
    }

    #[test]
    fn e25_a_clock_may_be_sixty_seconds_behind_and_no_more() {
        let facts = ClockFacts {
            high_water: Some(MARK),
            newest_audit: None,
        };
        assert!(judged(facts, MARK.minus(Span::seconds(60))));
        assert!(!judged(facts, MARK.minus(Span::seconds(61))));
        assert!(!judged(facts, MARK.minus(Span::minutes(10))));
    }

    #[test]
    fn e26_a_clock_more_than_a_day_ahead_of_the_trail_signs_nothing() {
        let facts = ClockFacts {
            high_water: Some(MARK),
            newest_audit: Some(MARK),
        };
        assert!(judged(facts, MARK.plus(Span::days(1))));
        assert!(!judged(
            facts,
            MARK.plus(Span::days(1)).plus(Span::seconds(1))
        ));
    }

    #[test]
    fn a_new_house_believes_its_clock() {
        assert!(judged(
            ClockFacts {
                high_water: None,
                newest_audit: None
            },
            MARK
        ));
    }
}
