//! Reminders before a card ends (domain F62, 3.3), and whether enough people can help (F7, E42).

use crate::time::{Span, Time};

/// How many days before its end a person is reminded of her card (domain 3.3), the earliest first.
pub const DAYS_BEFORE: [u32; 6] = [90, 60, 30, 14, 7, 1];

/// Certificates of a desk that end within this time of each other end together: on the day they do,
/// nobody is left to renew the last one.
pub const TOGETHER: Span = Span::days(28);

/// How many people a desk needs who can help, so that each can be helped by another (I11).
pub const ENOUGH: usize = 2;

/// The instant from which the reminder `days` before the end is due (law N1): seconds, not days of a
/// calendar.
pub fn due_at(not_after: Time, days: u32) -> Time {
    not_after.minus(Span::days(i64::from(days)))
}

/// Whether the reminder still says something at `now`: the card has not ended, and no later reminder
/// is due (law N2). A machine that slept sends the latest one, not all.
pub fn is_worth_sending(not_after: Time, days: u32, now: Time) -> bool {
    let later = DAYS_BEFORE.iter().filter(|other| **other < days);
    let overtaken = later
        .into_iter()
        .any(|other| due_at(not_after, *other) <= now);
    now <= not_after && !overtaken
}

/// Why a desk may soon help nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortage {
    /// Fewer than two people have a card that works.
    TooFew,
    /// All their cards end within four weeks of each other.
    EndTogether,
}

/// Judges the last seconds of the usable cards of a desk's people (law N3).
pub fn shortage(ends: &[Time]) -> Option<Shortage> {
    let (Some(first), Some(last)) = (ends.iter().min(), ends.iter().max()) else {
        return Some(Shortage::TooFew);
    };
    if ends.len() < ENOUGH {
        return Some(Shortage::TooFew);
    }
    (last.since(*first) <= TOGETHER).then_some(Shortage::EndTogether)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    #[test]
    fn n1_ninety_days_are_ninety_times_86400_seconds_over_a_change_of_clocks() {
        let end = at("2028-11-20T23:30:00Z");
        assert_eq!(due_at(end, 90), at("2028-08-22T23:30:00Z"));
    }

    #[test]
    fn n2_only_the_latest_reminder_is_worth_sending_and_none_after_the_end() {
        let end = at("2029-03-10T09:00:00Z");
        assert!(is_worth_sending(end, 90, at("2028-12-10T09:00:00Z")));
        assert!(is_worth_sending(end, 90, at("2029-01-09T08:59:59Z")));
        assert!(!is_worth_sending(end, 90, at("2029-01-09T09:00:00Z")));
        assert!(is_worth_sending(end, 1, end));
        assert!(!is_worth_sending(end, 1, end.plus(Span::seconds(1))));
    }

    #[test]
    fn n3_a_desk_needs_two_whose_cards_do_not_end_together() {
        let one = at("2029-03-10T09:00:00Z");
        assert_eq!(shortage(&[]), Some(Shortage::TooFew));
        assert_eq!(shortage(&[one]), Some(Shortage::TooFew));
        let near = one.plus(Span::days(28));
        assert_eq!(shortage(&[near, one]), Some(Shortage::EndTogether));
        assert_eq!(shortage(&[near.plus(Span::seconds(1)), one]), None);
    }
}
