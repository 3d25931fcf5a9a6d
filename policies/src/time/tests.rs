//! The calendar is checked against the `time` crate, which shares no code with `jiff`.

use proptest::prelude::*;
use time::format_description::well_known::Rfc3339;
use time::{Date, Month, OffsetDateTime};

use super::*;
use crate::samples::at;

/// `months` later by the `time` crate: month arithmetic written out, clamped to the month's end.
fn oracle_months_later(start: OffsetDateTime, months: i32) -> OffsetDateTime {
    let index = start.year() * 12 + i32::from(u8::from(start.month())) - 1 + months;
    let year = index.div_euclid(12);
    let month = Month::try_from(u8::try_from(index.rem_euclid(12) + 1).unwrap()).unwrap();
    let day = start.day().min(month.length(year));
    start.replace_date(Date::from_calendar_date(year, month, day).unwrap())
}

fn oracle(time: Time) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(time.unix()).unwrap()
}

#[test]
fn e5_a_fraction_is_cut_off_once_at_entry() {
    assert_eq!(at("2029-03-10T09:00:00.9Z"), at("2029-03-10T09:00:00Z"));
    assert_eq!(
        at("2029-03-10T09:00:00.999999999Z"),
        at("2029-03-10T09:00:00Z")
    );
    assert_eq!(at("1969-12-31T23:59:58.5Z").unix(), -2);
}

/// UTC as the system gives it: 86,400 seconds a day, and no name for a 61st second (domain E29).
#[test]
fn e29_no_minute_has_a_sixty_first_second() {
    let last = at("2016-12-31T23:59:59Z");
    assert_eq!(
        at("2016-12-31T23:59:60Z"),
        last,
        "written so, it is the 60th"
    );
    assert_eq!(last.plus(Span::seconds(1)), at("2017-01-01T00:00:00Z"));
    let day = at("2017-01-01T00:00:00Z").unix() - at("2016-12-31T00:00:00Z").unix();
    assert_eq!(day, 86_400);
}

#[test]
fn an_offset_is_turned_into_utc() {
    assert_eq!(
        at("2028-05-01T09:59:59+01:00").to_string(),
        "2028-05-01T08:59:59Z"
    );
    assert_eq!(
        at("2028-05-01T00:30:00-05:30").to_string(),
        "2028-05-01T06:00:00Z"
    );
}

#[test]
fn only_rfc_3339_is_read() {
    for wrong in [
        "",
        "2029",
        "2029-01-15",
        "2029-01-15T09:00Z",
        "2029-01-15 09:00:00Z",
        "2029-01-15t09:00:00z",
        "2029-01-15T09:00:00",
        "2029-01-15T09:00:00.Z",
        "2029-01-15T09:00:00.1234567890Z",
        "2029-01-15T09:00:00+1:00",
        "2029-01-15T09:00:00+0100",
        "2029-01-15T09:00:00ZZ",
        "2029-01-15T09:00:00Z ",
        "+02029-01-15T09:00:00Z",
        "2029-01-15T09:00:00Z[Europe/London]",
        "２029-01-15T09:00:00Z",
    ] {
        assert_eq!(wrong.parse::<Time>(), Err(TimeError::Shape), "{wrong}");
    }
    for missing in [
        "2027-02-29T09:00:00Z",
        "2027-13-01T09:00:00Z",
        "2027-01-01T24:00:00Z",
        "2027-01-01T09:60:00Z",
        "2027-01-01T09:00:00+24:00",
    ] {
        assert_eq!(
            missing.parse::<Time>(),
            Err(TimeError::NoSuchInstant),
            "{missing}"
        );
    }
}

#[test]
fn e18_the_29th_of_february_clamps_down_never_to_the_1st_of_march() {
    let later = at("2024-02-29T09:00:00Z").plus_calendar_months(36);
    assert_eq!(later, at("2027-02-28T09:00:00Z"));
}

#[test]
fn e18_a_start_that_clamps_occurs_51_times_between_1990_and_2199() {
    let clamped = days_of(1990..=2199)
        .filter(|start| oracle(*start).day() != oracle(start.plus_calendar_months(36)).day());
    assert_eq!(clamped.count(), 51);
}

#[test]
fn e19_three_years_are_1096_days_for_three_starts_of_four() {
    let spans: Vec<i64> = days_of(2024..=2031)
        .map(|start| start.plus_calendar_months(36).since(start).as_seconds() / 86_400)
        .collect();
    assert_eq!(spans.len(), 2_922);
    assert_eq!(spans.iter().filter(|days| **days == 1_096).count(), 2_190);
    assert_eq!(spans.iter().filter(|days| **days == 1_095).count(), 732);
}

#[test]
fn e20_the_28th_and_the_29th_of_february_end_together() {
    let start = at("2024-02-28T09:00:00Z");
    let end = start.plus_calendar_months(36);
    assert_eq!(end, at("2024-02-29T09:00:00Z").plus_calendar_months(36));
    assert_eq!(end.since(start), Span::days(1_096));
}

/// Nine in the morning of every day of these years.
fn days_of(years: std::ops::RangeInclusive<i32>) -> impl Iterator<Item = Time> {
    let first = Date::from_calendar_date(*years.start(), Month::January, 1).unwrap();
    let days = std::iter::successors(Some(first), |day| day.next_day());
    days.take_while(move |day| day.year() <= *years.end())
        .map(|day| Time::from_unix(day.with_hms(9, 0, 0).unwrap().assume_utc().unix_timestamp()))
}

#[test]
fn time_stops_at_the_ends_that_rfc_3339_can_write() {
    assert_eq!(
        Time::from_unix(i64::MAX).to_string(),
        "9999-12-31T23:59:59Z"
    );
    assert_eq!(
        Time::from_unix(i64::MIN).to_string(),
        "0000-01-01T00:00:00Z"
    );
    let last = at("9999-12-31T23:59:59Z");
    assert_eq!(last.plus(Span::seconds(1)), last);
    assert_eq!(last.plus(Span::days(i64::MAX)), last);
    assert_eq!(last.plus_calendar_months(1), last);
    assert_eq!(last.plus_calendar_months(u32::MAX), last);
}

#[test]
fn an_instant_travels_through_json_as_text() {
    let json = serde_json::to_string(&at("2029-01-15T09:00:00Z")).unwrap();
    assert_eq!(json, "\"2029-01-15T09:00:00Z\"");
    assert_eq!(
        serde_json::from_str::<Time>(&json).unwrap(),
        at("2029-01-15T09:00:00Z")
    );
    assert!(serde_json::from_str::<Time>("1900000000").is_err());
}

proptest! {
    #[test]
    fn calendar_months_agree_with_the_oracle(
        seconds in -2_000_000_000_i64..8_000_000_000,
        months in 0_u32..600,
    ) {
        let start = Time::from_unix(seconds);
        let expected = oracle_months_later(oracle(start), i32::try_from(months).unwrap());
        prop_assert_eq!(start.plus_calendar_months(months).unix(), expected.unix_timestamp());
    }

    #[test]
    fn text_agrees_with_the_oracle_and_reads_back(seconds in FIRST..=LAST) {
        let time = Time::from_unix(seconds);
        prop_assert_eq!(time.to_string(), oracle(time).format(&Rfc3339).unwrap());
        prop_assert_eq!(time.to_string().parse::<Time>(), Ok(time));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,40}") {
        let _ = text.parse::<Time>();
    }

    #[test]
    fn steps_undo_each_other(seconds in -1_000_000_i64..4_000_000_000, span in -1_000_000_i64..1_000_000) {
        let time = Time::from_unix(seconds);
        let span = Span::seconds(span);
        prop_assert_eq!(time.plus(span).minus(span), time);
        prop_assert_eq!(time.plus(span).since(time), span);
    }
}
