//! How often somebody may guess at a password and a code (SP 800-63B-4 B3, attack table 36 and 38).
//! A budget belongs to a person, from wherever and under whatever spelling, so that a thousand
//! addresses have no more of it than one; a browser in which she signed in before has one of its
//! own, so that guesses elsewhere do not keep her out. It comes back by itself, one try at a time.
//! Whoever tries one password with a thousand names spends the budget of an address instead.

use crate::refusal::{Refusal, RefusalCode};
use crate::time::{Span, Time};
use crate::values::Policy;

/// The hour of "so many tries an hour".
pub const HOUR: Span = Span::hours(1);

/// How far the clocks of one house may differ. A try from further ahead was counted while the clock
/// was wrong, and keeps nobody out now.
const AHEAD: Span = Span::minutes(5);

/// Judges whether another try is looked at (law G8); `before` are the instants of the tries of
/// this budget that did not succeed, in any order. From the second on each makes the next one wait
/// twice as long.
///
/// # Errors
/// `too_many_tries`, with the first second at which a try is looked at again.
pub fn may_try(before: &[Time], now: Time, policy: &Policy) -> Result<(), Refusal> {
    let mut lately: Vec<Time> = before
        .iter()
        .copied()
        .filter(|at| now < at.plus(HOUR) && *at <= now.plus(AHEAD))
        .collect();
    lately.sort_unstable();
    let limit = usize::try_from(policy.guesses_per_hour()).unwrap_or(usize::MAX);
    let spent = lately.len().checked_sub(limit);
    let back = spent
        .and_then(|over| lately.get(over))
        .map(|at| at.plus(HOUR));
    let slow = lately
        .last()
        .map(|last| last.plus(delay(lately.len(), policy)));
    match back.max(slow) {
        Some(opens_at) if now < opens_at => {
            Err(Refusal::new(RefusalCode::TooManyTries).opens_at(opens_at))
        }
        _ => Ok(()),
    }
}

/// Judges whether another try from an address is looked at (law G30), whosever it is. `filled` is the
/// instant of the oldest of the last [`Policy::guesses_per_address`] tries from there within
/// [`lately`]; `None` where there were fewer.
///
/// # Errors
/// `too_many_tries`, with the first second at which a try from there is looked at again.
pub fn may_try_from_there(filled: Option<Time>, now: Time) -> Result<(), Refusal> {
    match filled.map(|at| at.plus(HOUR)) {
        Some(opens_at) if now < opens_at => {
            Err(Refusal::new(RefusalCode::TooManyTries).opens_at(opens_at))
        }
        _ => Ok(()),
    }
}

/// The instants whose tries count now: after the first and up to the second.
pub fn lately(now: Time) -> (Time, Time) {
    (now.minus(HOUR), now.plus(AHEAD))
}

/// How long the next try waits after so many wrong ones.
fn delay(wrong: usize, policy: &Policy) -> Span {
    match u32::try_from(wrong)
        .ok()
        .and_then(|wrong| wrong.checked_sub(2))
    {
        Some(doublings) => {
            let times = 1_i64.checked_shl(doublings).unwrap_or(i64::MAX);
            let seconds = policy.guess_delay().as_seconds().saturating_mul(times);
            Span::seconds(seconds.min(HOUR.as_seconds()))
        }
        None => Span::seconds(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_unix(1_900_000_000);

    fn opens(before: &[Time], now: Time) -> Option<Time> {
        may_try(before, now, &Policy::default_file())
            .err()
            .map(|refusal| {
                assert_eq!(refusal.code, RefusalCode::TooManyTries);
                refusal.opens_at.unwrap()
            })
    }

    #[test]
    fn g8_a_try_from_a_clock_that_was_wrong_keeps_nobody_out() {
        let ahead = |minutes| vec![NOW.plus(Span::minutes(minutes)); 10];
        assert!(opens(&ahead(5), NOW).is_some());
        assert_eq!(opens(&ahead(6), NOW), None);
    }

    #[test]
    fn g30_an_address_that_is_full_opens_an_hour_after_the_try_that_filled_it_began() {
        assert_eq!(may_try_from_there(None, NOW), Ok(()));
        let refused = may_try_from_there(Some(NOW), NOW.plus(Span::seconds(3_599))).unwrap_err();
        assert_eq!(refused.code, RefusalCode::TooManyTries);
        assert_eq!(refused.opens_at, Some(NOW.plus(HOUR)));
        assert_eq!(may_try_from_there(Some(NOW), NOW.plus(HOUR)), Ok(()));
    }

    #[test]
    fn g8_from_the_second_wrong_try_on_the_next_one_waits_twice_as_long() {
        assert_eq!(opens(&[], NOW), None);
        assert_eq!(opens(&[NOW], NOW), None);
        for (wrong, wait) in [(2, 2), (3, 4), (4, 8), (9, 256)] {
            let before = vec![NOW; wrong];
            assert_eq!(opens(&before, NOW), Some(NOW.plus(Span::seconds(wait))));
            assert_eq!(opens(&before, NOW.plus(Span::seconds(wait))), None);
        }
    }

    #[test]
    fn g8_whoever_never_stops_is_looked_at_ten_times_in_any_hour() {
        let policy = Policy::default_file();
        let mut tried: Vec<Time> = Vec::new();
        for second in 0..6 * 3_600 {
            let now = NOW.plus(Span::seconds(second));
            if may_try(&tried, now, &policy).is_ok() {
                tried.push(now);
            }
        }
        for (number, at) in tried.iter().enumerate() {
            let within = tried.iter().skip(number).filter(|t| **t < at.plus(HOUR));
            assert!(within.count() <= 10, "from {at}");
        }
        assert!(tried.len() > 40, "it comes back by itself: {}", tried.len());
    }

    #[test]
    fn g8_a_budget_that_is_used_up_comes_back_with_the_oldest_try() {
        let before: Vec<Time> = (0..10)
            .map(|minute| NOW.plus(Span::minutes(minute)))
            .collect();
        assert_eq!(
            opens(&before, NOW.plus(Span::minutes(20))),
            Some(NOW.plus(HOUR))
        );
        assert_eq!(opens(&before, NOW.plus(HOUR)), None);
    }
}
