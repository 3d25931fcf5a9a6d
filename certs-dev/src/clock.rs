//! The clock of dev: `DIR/clock`, read at each request (contract 3).
//!
//! The file holds an RFC 3339 instant, at which the clock then stands still, or an offset from the machine's clock
//! (`+90d`, `-1h`, `+3y`). Without a file the machine's clock counts. A file caught half-written, or one that makes
//! no sense, keeps the last reading, so that an editor's save cannot throw the house into another year.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use policies::time::{Clock, Span, Time};

use crate::calendar;

/// Longest offset either way, in years: keeps every instant inside what certificates can write.
const FARTHEST_YEARS: i64 = 200;

/// A clock that people can move by writing a file.
pub struct FileClock {
    file: PathBuf,
    machine: Arc<dyn Clock>,
    last: Mutex<Reading>,
}

impl FileClock {
    /// A clock led by `file`, on top of the machine's own.
    pub fn new(file: PathBuf, machine: Arc<dyn Clock>) -> Self {
        Self {
            file,
            machine,
            last: Mutex::new(Reading::Machine),
        }
    }

    fn reading(&self) -> Reading {
        let fresh = match fs::read_to_string(&self.file) {
            Ok(text) => text.parse().ok(),
            Err(error) if error.kind() == ErrorKind::NotFound => Some(Reading::Machine),
            Err(_) => None,
        };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match fresh {
            Some(reading) => *last = reading,
            None => {
                tracing::warn!(file = %self.file.display(), "the clock file makes no sense; keeping the last reading");
            }
        }
        *last
    }
}

impl Clock for FileClock {
    fn now(&self) -> Time {
        match self.reading() {
            Reading::Machine => self.machine.now(),
            Reading::Stands(instant) => instant,
            Reading::Seconds(seconds) => self.machine.now().plus(Span::seconds(seconds)),
            Reading::Months(months) => moved_by_months(self.machine.now(), months),
        }
    }
}

fn moved_by_months(now: Time, months: i64) -> Time {
    match u32::try_from(months) {
        Ok(ahead) => now.plus_calendar_months(ahead),
        Err(_) => calendar::minus_months(now, -months).unwrap_or(now),
    }
}

/// What the file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    Machine,
    Stands(Time),
    Seconds(i64),
    Months(i64),
}

/// Text that is neither an instant nor an offset.
#[derive(Debug, PartialEq, Eq)]
struct Unreadable;

impl FromStr for Reading {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let text = text.trim();
        if !text.starts_with(['+', '-']) {
            return text.parse().map(Self::Stands).map_err(|_| Unreadable);
        }
        let unit = text
            .chars()
            .next_back()
            .filter(char::is_ascii_lowercase)
            .ok_or(Unreadable)?;
        let amount: i64 = text
            .strip_suffix(unit)
            .and_then(|amount| amount.parse().ok())
            .ok_or(Unreadable)?;
        let (in_a_year, reading): (i64, fn(i64) -> Self) = match unit {
            's' => (31_557_600, Self::Seconds),
            'm' => (525_960, |minutes| Self::Seconds(minutes * 60)),
            'h' => (8_766, |hours| Self::Seconds(hours * 3_600)),
            'd' => (365, |days| Self::Seconds(days * 86_400)),
            'w' => (52, |weeks| Self::Seconds(weeks * 604_800)),
            'y' => (1, |years| Self::Months(years * 12)),
            _ => return Err(Unreadable),
        };
        if amount.unsigned_abs() > (FARTHEST_YEARS * in_a_year).unsigned_abs() {
            return Err(Unreadable);
        }
        Ok(reading(amount))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Machine;

    impl Clock for Machine {
        fn now(&self) -> Time {
            "2026-02-28T12:00:00Z".parse().unwrap()
        }
    }

    fn shown(text: Option<&str>) -> String {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("clock");
        if let Some(text) = text {
            fs::write(&file, text).unwrap();
        }
        FileClock::new(file, Arc::new(Machine)).now().to_string()
    }

    #[test]
    fn without_a_file_the_machine_counts() {
        assert_eq!(shown(None), "2026-02-28T12:00:00Z");
    }

    #[test]
    fn an_instant_stands_still() {
        assert_eq!(
            shown(Some("2029-01-15T09:00:00Z\n")),
            "2029-01-15T09:00:00Z"
        );
    }

    #[test]
    fn offsets_move_both_ways_and_by_calendar_years() {
        assert_eq!(shown(Some("+90d")), "2026-05-29T12:00:00Z");
        assert_eq!(shown(Some("-1h\n")), "2026-02-28T11:00:00Z");
        assert_eq!(shown(Some("+30m")), "2026-02-28T12:30:00Z");
        assert_eq!(shown(Some("+2y")), "2028-02-28T12:00:00Z");
        assert_eq!(shown(Some("-3y")), "2023-02-28T12:00:00Z");
    }

    #[test]
    fn nonsense_is_not_a_time() {
        for text in [
            "",
            "soon",
            "+",
            "+d",
            "+90",
            "+90x",
            "+9dd",
            "+ 9d",
            "+300y",
            "+99999999999999999999d",
            "9d",
        ] {
            assert_eq!(text.parse::<Reading>(), Err(Unreadable), "{text:?}");
        }
    }

    #[test]
    fn a_half_written_file_keeps_the_last_reading() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("clock");
        let clock = FileClock::new(file.clone(), Arc::new(Machine));
        fs::write(&file, "2029-01-15T09:00:00Z").unwrap();
        let before = clock.now();
        fs::write(&file, "").unwrap();
        assert_eq!(clock.now(), before);
        fs::remove_file(&file).unwrap();
        assert_eq!(clock.now(), Machine.now());
    }
}
