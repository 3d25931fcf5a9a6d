//! Instants and lengths of time. Whole UTC seconds, no leap seconds (domain 5.1.1, law T1):
//! the clock is read once, at the door, and travels from there as a value (house decision 1).

use std::fmt;
use std::str::FromStr;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use thiserror::Error;

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
/// 0000-01-01T00:00:00Z, the first instant that RFC 3339 can write.
const FIRST: i64 = -62_167_219_200;
/// 9999-12-31T23:59:59Z, the last instant that RFC 3339 and X.509 can write.
const LAST: i64 = 253_402_300_799;

/// An instant, in whole UTC seconds.
///
/// Always between the years 0000 and 9999; arithmetic stops at those ends instead of failing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

/// A length of time in whole seconds; may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(i64);

/// Where the one reading of the clock per request comes from. Only the gateway's door asks it.
pub trait Clock: Send + Sync {
    /// The present instant, its fraction of a second cut off.
    fn now(&self) -> Time;
}

/// A text that is not an RFC 3339 instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TimeError {
    /// Not of the shape `2029-01-15T09:00:00Z`, `…:00.9Z` or `…:00+01:00`.
    #[error("not an RFC 3339 instant such as 2029-01-15T09:00:00Z")]
    Shape,
    /// The right shape, but no such day or hour exists.
    #[error("no such day or hour exists")]
    NoSuchInstant,
}

impl Time {
    /// The instant `seconds` after 1970-01-01T00:00:00Z, held within the years 0000 to 9999.
    pub const fn from_unix(seconds: i64) -> Self {
        if seconds < FIRST {
            Self(FIRST)
        } else if seconds > LAST {
            Self(LAST)
        } else {
            Self(seconds)
        }
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// The instant `span` later.
    pub const fn plus(self, span: Span) -> Self {
        Self::from_unix(self.0.saturating_add(span.0))
    }

    /// The instant `span` earlier.
    pub const fn minus(self, span: Span) -> Self {
        Self::from_unix(self.0.saturating_sub(span.0))
    }

    /// How much time has passed since `earlier`; negative when `earlier` is in fact later.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// The same time of day `months` calendar months later, in UTC. Where that day does not exist
    /// (29 February, 31 April) the last day of the month is taken, never the first of the next
    /// (law C2; domain E18 to E20).
    pub fn plus_calendar_months(self, months: u32) -> Self {
        let later = jiff::Span::new()
            .try_months(months)
            .and_then(|span| self.civil().checked_add(span));
        later.map_or(Self(LAST), Self::from_civil)
    }

    /// The same time of day `months` calendar months earlier, in UTC; the last day of the month where
    /// that day does not exist.
    pub fn minus_calendar_months(self, months: u32) -> Self {
        let earlier = jiff::Span::new()
            .try_months(months)
            .and_then(|span| self.civil().checked_sub(span));
        earlier.map_or(Self::from_unix(i64::MIN), Self::from_civil)
    }

    /// The civil date and time in UTC.
    pub(crate) fn civil(self) -> DateTime {
        // Every `Time` lies within the years 0000 to 9999, which `DateTime` covers.
        EPOCH.saturating_add(SignedDuration::from_secs(self.0))
    }

    /// The instant at which clocks in UTC show `civil`; its fraction is cut off, towards the past.
    pub(crate) fn from_civil(civil: DateTime) -> Self {
        let whole = civil.with().subsec_nanosecond(0).build().unwrap_or(civil);
        Self::from_unix(whole.duration_since(EPOCH).as_secs())
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// `n` seconds.
    pub const fn seconds(n: i64) -> Self {
        Self(n)
    }

    /// `n` minutes of 60 seconds.
    pub const fn minutes(n: i64) -> Self {
        Self(n.saturating_mul(60))
    }

    /// `n` hours of 3 600 seconds.
    pub const fn hours(n: i64) -> Self {
        Self(n.saturating_mul(3_600))
    }

    /// `n` days of exactly 86 400 seconds; not calendar days (law C3).
    pub const fn days(n: i64) -> Self {
        Self(n.saturating_mul(86_400))
    }

    /// The length in seconds.
    pub const fn as_seconds(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let civil = self.civil();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            civil.year(),
            civil.month(),
            civil.day(),
            civil.hour(),
            civil.minute(),
            civil.second()
        )
    }
}

/// RFC 3339 section 5.6, upper-case `T` and `Z`. A fraction of a second is cut off (domain E5).
impl FromStr for Time {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let (wall, rest) = text.split_at_checked(19).ok_or(TimeError::Shape)?;
        if !has_shape(wall, "dddd-dd-ddTdd:dd:dd") {
            return Err(TimeError::Shape);
        }
        let behind = offset_seconds(without_fraction(rest)?)?;
        let civil: DateTime = wall.parse().map_err(|_| TimeError::NoSuchInstant)?;
        Ok(Self::from_civil(civil).minus(Span(behind)))
    }
}

/// Whether `text` follows `shape` byte by byte, where `d` stands for a decimal digit.
pub(crate) fn has_shape(text: &str, shape: &str) -> bool {
    let fits = |(found, wanted): (u8, u8)| match wanted {
        b'd' => found.is_ascii_digit(),
        literal => found == literal,
    };
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}

/// What follows the seconds, less a fraction of 1 to 9 digits.
fn without_fraction(rest: &str) -> Result<&str, TimeError> {
    let Some(fraction) = rest.strip_prefix('.') else {
        return Ok(rest);
    };
    let offset = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = fraction.len() - offset.len();
    if (1..=9).contains(&digits) {
        Ok(offset)
    } else {
        Err(TimeError::Shape)
    }
}

/// How many seconds the writer's wall clock was ahead of UTC.
fn offset_seconds(offset: &str) -> Result<i64, TimeError> {
    if offset == "Z" {
        return Ok(0);
    }
    let (sign, ahead) = match offset.split_at_checked(1) {
        Some(("+", ahead)) => (1, ahead),
        Some(("-", behind)) => (-1, behind),
        _ => return Err(TimeError::Shape),
    };
    let (hours, minutes) = ahead.split_once(':').ok_or(TimeError::Shape)?;
    if !has_shape(ahead, "dd:dd") {
        return Err(TimeError::Shape);
    }
    let hours: i64 = hours.parse().map_err(|_| TimeError::Shape)?;
    let minutes: i64 = minutes.parse().map_err(|_| TimeError::Shape)?;
    if hours > 23 || minutes > 59 {
        return Err(TimeError::NoSuchInstant);
    }
    Ok(sign * (hours * 3_600 + minutes * 60))
}

impl serde::Serialize for Time {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Time {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <String as serde::Deserialize>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
