//! The machine's clock, the only place that reads it. Everything else is told the time
//! (decision 1). Dev brings its own clock, which follows a file (decision 17).

use std::time::{SystemTime, UNIX_EPOCH};

use policies::time::{Clock, Time};

/// The machine's clock in whole UTC seconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct MachineClock;

impl Clock for MachineClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the machine's time is read"
    )]
    fn now(&self) -> Time {
        let now = SystemTime::now();
        let seconds = match now.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_secs()).map_or(i64::MIN, |s| -s),
        };
        Time::from_unix(seconds)
    }
}
