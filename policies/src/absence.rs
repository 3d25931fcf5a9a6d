//! Leave (F88 to F90, X19): up to six calendar months positions pause and come back with one
//! click; a longer absence ends them, and returning means asking again.

use crate::day::Day;
use crate::values::Policy;

/// Whether a return on `return_day` ends an absence that still counts as short, so that paused
/// positions may be reinstated (law P4). Exactly six calendar months are short (E46).
pub fn is_short(last_working_day: Day, return_day: Day, policy: &Policy) -> bool {
    return_day <= last_working_day.plus_calendar_months(policy.longest_absence_months())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(last: &str, back: &str) -> bool {
        is_short(
            last.parse().unwrap(),
            back.parse().unwrap(),
            &Policy::default_file(),
        )
    }

    #[test]
    fn e46_exactly_six_months_is_short_and_clamps_at_the_end_of_the_month() {
        assert!(short("2028-08-31", "2029-02-28"));
        assert!(!short("2028-08-31", "2029-03-01"));
        assert!(short("2027-08-31", "2028-02-29"));
        assert!(short("2028-01-15", "2028-07-15"));
        assert!(!short("2028-01-15", "2028-07-16"));
    }
}
