//! Calendar steps backwards, in UTC.
//!
//! The rules only ever count forwards (`policies::Time::plus_calendar_months`). The demo histories are written from
//! their end ("this card ends in 61 days"), so they need the way back: the request instant whose certificate would
//! end at a given second (contract 7: 36 calendar months, clamped, minus one second).

use anyhow::{Context as _, Result};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use policies::time::{Span, Time};

/// The instant `months` calendar months before `time`; a day that does not exist there becomes the last of its month.
pub fn minus_months(time: Time, months: i64) -> Result<Time> {
    let here =
        Timestamp::from_second(time.unix()).context("this instant is outside the calendar")?;
    let civil = here.to_zoned(TimeZone::UTC).datetime();
    let earlier = civil
        .checked_sub(months.months())
        .and_then(|then| then.to_zoned(TimeZone::UTC))
        .with_context(|| format!("{months} months before {time} is outside the calendar"))?;
    Ok(Time::from_unix(earlier.timestamp().as_second()))
}

/// The request instant for which a certificate of `validity_months` ends at `not_after`.
///
/// Where no request ends exactly there (29 February has no twin three years earlier), the nearest earlier one.
pub fn request_instant_for(not_after: Time, validity_months: u32) -> Result<Time> {
    minus_months(not_after.plus(Span::seconds(1)), i64::from(validity_months))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Time {
        text.parse().unwrap()
    }

    #[test]
    fn the_way_back_meets_the_way_forward() {
        let day = Span::days(1).as_seconds();
        for start in (0..3000).map(|days| 1_700_000_000 + days * day) {
            let not_after = Time::from_unix(start);
            let request = request_instant_for(not_after, 36).unwrap();
            let forward = request.plus_calendar_months(36).minus(Span::seconds(1));
            let missed = not_after.since(forward).as_seconds();
            assert!(
                missed == 0 || missed == day,
                "{not_after} was met as {forward}"
            );
        }
    }

    #[test]
    fn a_leap_day_has_no_twin_and_takes_the_day_before() {
        let request = request_instant_for(time("2028-02-29T08:59:59Z"), 36).unwrap();
        assert_eq!(request, time("2025-02-28T09:00:00Z"));
    }

    #[test]
    fn months_back_clamp_to_the_end_of_the_month() {
        assert_eq!(
            minus_months(time("2027-03-31T10:00:00Z"), 1).unwrap(),
            time("2027-02-28T10:00:00Z")
        );
    }
}
