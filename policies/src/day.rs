//! Calendar days as people in England mean them. Rules about certificates never use them
//! (domain 5.1.1, E23); dates of positions and absences do (E46, E47), and so do texts that name
//! a date (E24).

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::time::{Time, TimeError, has_shape};

static LONDON: TimeZone = jiff::tz::get!("Europe/London");

/// A calendar day, without a place or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// The day that a clock on a wall in London shows at this instant.
    pub fn in_london(at: Time) -> Self {
        let timestamp = Timestamp::from_second(at.unix()).unwrap_or(Timestamp::MAX);
        Self(LONDON.to_datetime(timestamp).date())
    }

    /// The day `months` calendar months later; where it does not exist, the last of that month
    /// (E46).
    pub fn plus_calendar_months(self, months: u32) -> Self {
        let later = jiff::Span::new()
            .try_months(months)
            .and_then(|span| self.0.checked_add(span));
        Self(later.unwrap_or(Date::MAX))
    }
}

/// The first instant after that day in London: what ends "on" a day lasts through all of it
/// (law P3, E47). London's clocks change at one in the morning, so its midnights are unambiguous.
pub fn ends_at_of_london_day(day: Day) -> Time {
    let next = day
        .0
        .tomorrow()
        .and_then(|next| next.to_zoned(LONDON.clone()));
    next.map_or(Time::from_unix(i64::MAX), |midnight| {
        Time::from_unix(midnight.timestamp().as_second())
    })
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02}",
            self.0.year(),
            self.0.month(),
            self.0.day()
        )
    }
}

/// RFC 3339 section 5.6, `full-date`.
impl FromStr for Day {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        if !has_shape(text, "dddd-dd-dd") {
            return Err(TimeError::Shape);
        }
        text.parse().map(Self).map_err(|_| TimeError::NoSuchInstant)
    }
}

impl serde::Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <String as serde::Deserialize>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::{Duration, OffsetDateTime};

    use super::*;

    fn ends(day: &str) -> String {
        ends_at_of_london_day(day.parse().unwrap()).to_string()
    }

    #[test]
    fn e47_a_position_lasts_through_its_last_day_in_london() {
        assert_eq!(ends("2028-01-31"), "2028-02-01T00:00:00Z");
        assert_eq!(ends("2028-07-31"), "2028-07-31T23:00:00Z");
    }

    #[test]
    fn e47_the_days_on_which_clocks_change() {
        // 26 March 2028 lasts 23 hours, 29 October 2028 lasts 25.
        assert_eq!(ends("2028-03-25"), "2028-03-26T00:00:00Z");
        assert_eq!(ends("2028-03-26"), "2028-03-26T23:00:00Z");
        assert_eq!(ends("2028-10-28"), "2028-10-28T23:00:00Z");
        assert_eq!(ends("2028-10-29"), "2028-10-30T00:00:00Z");
    }

    #[test]
    fn e24_a_summer_evening_in_utc_is_the_next_day_in_london() {
        let opens = "2028-08-22T23:30:00Z".parse().unwrap();
        assert_eq!(Day::in_london(opens).to_string(), "2028-08-23");
    }

    #[test]
    fn e23_the_window_is_counted_in_seconds_not_in_local_days() {
        let policy = crate::values::Policy::default_file();
        let not_after: Time = "2028-05-01T08:59:59Z".parse().unwrap();
        let opens = crate::renewal::window_opens_at(not_after, &policy);
        assert_eq!(opens.to_string(), "2028-02-01T08:59:59Z");
    }

    #[test]
    fn only_a_real_day_of_the_right_shape_is_read() {
        for wrong in [
            "2027-02-29",
            "2027-13-01",
            "27-01-01",
            "2027-1-1",
            "20270101",
            "2027-01-01 ",
        ] {
            assert!(wrong.parse::<Day>().is_err(), "{wrong}");
        }
    }

    /// The oracle: the rule of the Summer Time Order written out, last Sunday of March and of
    /// October at 01:00 UTC, with the `time` crate's calendar.
    fn is_summer_time(at: OffsetDateTime) -> bool {
        let last_sunday = |month: time::Month| {
            let mut day = time::Date::from_calendar_date(at.year(), month, 31).unwrap();
            while day.weekday() != time::Weekday::Sunday {
                day = day.previous_day().unwrap();
            }
            day.with_hms(1, 0, 0).unwrap().assume_utc()
        };
        last_sunday(time::Month::March) <= at && at < last_sunday(time::Month::October)
    }

    proptest! {
        #[test]
        fn london_days_agree_with_the_written_rule(seconds in 1_000_000_000_i64..4_000_000_000) {
            let utc = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
            let wall = if is_summer_time(utc) { utc + Duration::HOUR } else { utc };
            prop_assert_eq!(Day::in_london(Time::from_unix(seconds)).to_string(), wall.date().to_string());
        }

        #[test]
        fn the_last_second_of_a_day_is_that_day_and_the_next_is_not(seconds in 0_i64..4_000_000_000) {
            let day = Day::in_london(Time::from_unix(seconds));
            let end = ends_at_of_london_day(day);
            prop_assert_eq!(Day::in_london(end.minus(crate::time::Span::seconds(1))), day);
            prop_assert!(Day::in_london(end) > day);
        }
    }
}
